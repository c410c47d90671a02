"""Laws of the facts of the work, under whatever commands: nothing but refusals, and outcomes that add up."""

from datetime import timedelta
from typing import Any, get_type_hints

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.kernel import EVENTS, Event, Refusal
from domain.values import Actor, AgentId, Role
from domain.work import conduct, order, recorded, review
from domain.work import events as e
from domain.work.facts import OrderField
from tests.support.cases import NOW
from tests.support.strategies import values_of

PEOPLE = [Actor(AgentId("a1"), Role.AGENT), Actor(AgentId("s1"), Role.SUPERVISOR), Actor(AgentId("s2"), Role.ADMIN)]
ORDER_STEPS = [
    *(order.enter, order.call_merchant, order.tell_guest, order.ask, order.seat, order.cancel, order.come_late),
    *(order.collect_amount, order.report_back, order.correct, order.end, order.withdraw, order.enter_finished),
]
FACT_STEPS = [
    *(recorded.make_callback, recorded.tally_callbacks, recorded.hand_in_summary, recorded.take_exam),
    *(recorded.record_phone_test, recorded.report_fault, recorded.log_missed_call, recorded.find_shortage),
    *(recorded.record_call, recorded.withdraw),
]
CONDUCT_STEPS = [conduct.report, conduct.confirm, conduct.dismiss]
REVIEW_STEPS = [review.score, review.dispute, review.answer]
FORM = review.Form(
    version="f", items=(review.FormItem(name="a", weight=100, words=review.Wording(zh="一", en="a")),), fatal=()
)
SURROUNDINGS: dict[Any, st.SearchStrategy[Any]] = {
    Actor: st.sampled_from(PEOPLE),
    type(NOW): st.just(NOW) | st.just(NOW + timedelta(days=60_000)),
    review.Form: st.just(FORM),
}
walks = settings(max_examples=60, deadline=None, derandomize=True)


def inputs(data: st.DataObject, decide: Any) -> list[Any]:
    """Inputs of the right types, drawn one by one; the first parameter is the state."""
    hints = list(get_type_hints(decide).items())[1:-1]
    return [data.draw(SURROUNDINGS[hint] if hint in SURROUNDINGS else values_of(hint)) for _, hint in hints]


def walk(data: st.DataObject, decider: Any, steps: list[Any]) -> list[Any]:
    """The states of an aggregate under whatever commands; anything but a Refusal is an error."""
    states = [decider.initial]
    for _ in range(data.draw(st.integers(1, 25))):
        decide = data.draw(st.sampled_from(steps))
        try:
            events: list[Event] = decide(states[-1], *inputs(data, decide))
        except Refusal:
            continue
        for event in events:
            states.append(decider.evolve(states[-1], event))
    return states


@walks
@given(data=st.data())
def test_an_order_under_whatever_commands_w_1(data: st.DataObject) -> None:
    ended = False
    for state in walk(data, order.ORDER, ORDER_STEPS):
        assert not ended or state.done
        ended = state.done
        assert not (state.cancelled and state.seated)
        assert state.missing == tuple(item for item in OrderField if item in state.missing)
        fact = state.fact()
        assert (fact is None) == (not state.done or state.withdrawn)
        assert fact is None or fact.valid == (state.seated and not state.missing and not state.wrong)


@walks
@given(data=st.data())
def test_a_fact_under_whatever_commands(data: st.DataObject) -> None:
    for state in walk(data, recorded.WORK_FACT, FACT_STEPS):
        assert state.fact() is None or not state.withdrawn
        if isinstance(state.recorded, e.ExamTaken):
            exam = state.recorded
            assert min(exam.typing, exam.knowledge, exam.service) >= 0
            assert max(exam.typing, exam.knowledge, exam.service) <= 100


@walks
@given(data=st.data())
def test_a_conduct_report_is_never_confirmed_after_it_was_dismissed_w_6(data: st.DataObject) -> None:
    states = walk(data, conduct.CONDUCT, CONDUCT_STEPS)
    statuses = [state.status for state in states]
    order_of = [None, *conduct.ConductStatus]
    assert [order_of.index(status) for status in statuses] == sorted(order_of.index(status) for status in statuses)


@walks
@given(data=st.data())
def test_a_review_is_answered_after_it_was_disputed_w_8(data: st.DataObject) -> None:
    for state in walk(data, review.REVIEW, REVIEW_STEPS):
        assert not state.answered or state.disputed
        assert not state.disputed or state.scored
        assert state.total is None or 0 <= state.total <= 100


@walks
@given(data=st.data())
def test_folding_never_refuses(data: st.DataObject) -> None:
    """What has happened cannot be rejected, in whatever order it is told."""
    kinds: dict[str, Any] = {topic: kind for topic, kind in EVENTS.items() if kind.__module__ == e.__name__}
    topics = data.draw(st.lists(st.sampled_from(sorted(kinds)), max_size=10))
    events = [data.draw(values_of(kinds[topic])) for topic in topics]
    assert isinstance(order.ORDER.fold(events), order.ServiceOrder)
    assert isinstance(recorded.WORK_FACT.fold(events), recorded.WorkFact)
    assert isinstance(conduct.CONDUCT.fold(events), conduct.ConductReport)
    assert isinstance(review.REVIEW.fold(events), review.QualityReview)
