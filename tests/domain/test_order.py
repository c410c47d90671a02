"""W-1: the course of a service order, its end, corrections, and what the ledgers see of it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.kernel import Event
from domain.values import CLOCK_SKEW, Actor, AgentId, Role, SubjectId
from domain.work import events as e
from domain.work import facts
from domain.work import order as o
from domain.work.facts import OrderField as Item
from domain.work.words import Side
from tests.support.cases import COLLEAGUE, DAY, HOUR, NOW, OWNER, SUBJECT, SUPERVISOR, sealed
from tests.support.spec import Given, given_of

ENTERED = e.OrderEntered(
    subject=SUBJECT,
    agent=OWNER.id,
    at=NOW - HOUR,
    merchant="m1",
    signed=True,
    recommended=False,
    dining_time=NOW + HOUR,
    card_no=sealed("C-1"),
    member_name=sealed("name"),
    phone=sealed("138"),
)
CALLED = e.MerchantCalled(at=NOW, discount=sealed("12 % off"), minimum_spend_fen=50_000)
TOLD = e.GuestTold(at=NOW, table=sealed("7"))
MERCHANT_ASKED = e.Asked(at=NOW, side=Side.MERCHANT, seated=True)
GUEST_ASKED = e.Asked(at=NOW, side=Side.GUEST)
SEATED = e.Seated(at=NOW)
CANCELLED = e.Cancelled(at=NOW, reason=sealed("ill"))
LATE = e.CameLate(at=NOW, expected_at=NOW + HOUR)
COLLECTED = e.AmountCollected(at=NOW, amount_fen=88_000)
REPORTED = e.ReportedBack(at=NOW)
DONE = e.OrderDone(seated=True, judged=True)
WITHDRAWN = e.OrderWithdrawn(reason=sealed("a test call"))
CORRECTED = e.OrderCorrected(subject=SUBJECT, reason=sealed("typed wrongly"))
FACT = facts.Order(at=NOW - HOUR, agent=OWNER.id, merchant="m1", signed=True, recommended=False)
ADMIN = Actor(AgentId("d1"), Role.ADMIN)


def given(*history: Event) -> Given[o.ServiceOrder]:
    return given_of(o.ORDER, *history)


# ---- entry ----------------------------------------------------------------------------------------------------------
def test_an_order_is_entered_once() -> None:
    given().when(o.enter, ENTERED, NOW).then(ENTERED)
    given(ENTERED).when(o.enter, ENTERED, NOW).then_refused("already_recorded", "W-1", "correct it")


def test_an_order_is_not_entered_ahead_of_its_time() -> None:
    ahead = replace(ENTERED, at=NOW + DAY)
    given().when(o.enter, ahead, NOW).then_refused("invalid", "W-1", "at lies in the future", "/at")
    before = replace(ENTERED, at=datetime(1999, 12, 31, 15, tzinfo=UTC))
    given().when(o.enter, before, NOW).then_refused("invalid", "W-1", "at lies before 2000-01-01", "/at")
    skewed = replace(ENTERED, at=NOW + CLOCK_SKEW)
    given().when(o.enter, skewed, NOW).then(skewed)


def test_an_order_finished_elsewhere_is_entered_and_ended_in_one_as_stated() -> None:
    stated = e.OrderDone(missing=(Item.PHONE, Item.MERCHANT, Item.PHONE), wrong=(), seated=False, judged=False)
    outcome = given().when(o.enter_finished, replace(ENTERED, phone=None), stated, NOW)
    outcome.then(replace(ENTERED, phone=None), replace(stated, missing=(Item.MERCHANT, Item.PHONE)))


def test_of_an_order_finished_elsewhere_with_its_items_the_missing_ones_are_worked_out_p_order_field() -> None:
    entered = replace(ENTERED, phone=None, special=True, remarks=None)
    done = e.OrderDone(missing=(Item.PHONE, Item.REMARKS), wrong=(Item.CARD_NO,), seated=False, judged=True)
    ended = o.ended(entered, (Item.CARD_NO, Item.CARD_NO), seated=False)
    given().when(o.enter_finished, entered, ended, NOW).then(entered, done)
    again = given(ENTERED).when(o.enter_finished, ENTERED, o.ended(ENTERED, (), seated=True), NOW)
    again.then_refused("already_recorded", "W-1", "")


# ---- the course -----------------------------------------------------------------------------------------------------
def test_the_whole_course() -> None:
    history: list[Event] = [ENTERED]
    for decide, event in (
        (o.call_merchant, CALLED),
        (o.tell_guest, TOLD),
        (o.ask, MERCHANT_ASKED),
        (o.ask, GUEST_ASKED),
        (o.come_late, LATE),
        (o.seat, SEATED),
        (o.collect_amount, COLLECTED),
        (o.report_back, REPORTED),
    ):
        given(*history).when(decide, event, NOW).then(event)
        history.append(event)
    given(*history).when(o.end, ()).then(DONE)
    assert given(*history, DONE).state.fact() == FACT


def test_the_guest_is_told_what_the_merchant_has_confirmed() -> None:
    outcome = given(ENTERED).when(o.tell_guest, TOLD, NOW)
    outcome.then_refused("out_of_order", "W-1", "call the merchant first")
    assert given(ENTERED, CALLED, TOLD).state.guest_told


def test_the_merchant_is_asked_before_the_guest() -> None:
    outcome = given(ENTERED).when(o.ask, GUEST_ASKED, NOW)
    outcome.then_refused("out_of_order", "W-1", "the merchant first", "/side")


@pytest.mark.parametrize(("decide", "event"), [(o.call_merchant, CALLED), (o.ask, MERCHANT_ASKED), (o.come_late, LATE)])
def test_who_is_seated_or_has_cancelled_is_not_expected(decide: object, event: Event) -> None:
    given(ENTERED, SEATED).when(decide, event, NOW).then_refused("out_of_order", "W-1", "seated")  # type: ignore[arg-type]
    given(ENTERED, CANCELLED).when(decide, event, NOW).then_refused("out_of_order", "W-1", "cancelled")  # type: ignore[arg-type]


def test_seated_and_cancelled_exclude_each_other_and_repeats_are_nothing() -> None:
    given(ENTERED, SEATED).when(o.seat, SEATED, NOW).then()
    given(ENTERED, CANCELLED).when(o.cancel, CANCELLED, NOW).then()
    given(ENTERED).when(o.cancel, CANCELLED, NOW).then(CANCELLED)
    given(ENTERED, SEATED).when(o.cancel, CANCELLED, NOW).then_refused("out_of_order", "W-1", "was seated")
    given(ENTERED, CANCELLED).when(o.seat, SEATED, NOW).then_refused("out_of_order", "W-1", "was cancelled")


def test_the_last_amount_collected_holds() -> None:
    more = replace(COLLECTED, amount_fen=1)
    given(ENTERED, COLLECTED).when(o.collect_amount, COLLECTED, NOW).then()
    given(ENTERED, COLLECTED).when(o.collect_amount, more, NOW).then(more)
    given(ENTERED, CANCELLED).when(o.collect_amount, COLLECTED, NOW).then_refused("out_of_order", "W-1", "cancelled")


def test_the_guest_is_reported_back_to_also_after_the_end_and_once() -> None:
    given(ENTERED, SEATED, DONE).when(o.report_back, REPORTED, NOW).then(REPORTED)
    given(ENTERED, REPORTED).when(o.report_back, REPORTED, NOW).then()


STEPS = [
    (o.call_merchant, CALLED),
    (o.tell_guest, TOLD),
    (o.ask, MERCHANT_ASKED),
    (o.seat, SEATED),
    (o.cancel, CANCELLED),
    (o.come_late, LATE),
    (o.collect_amount, COLLECTED),
    (o.report_back, REPORTED),
]


@pytest.mark.parametrize(("decide", "event"), STEPS)
def test_no_step_lies_ahead_or_belongs_to_no_order(decide: object, event: Event) -> None:
    ahead = replace(event, at=NOW + DAY)  # type: ignore[type-var]
    given(ENTERED).when(decide, ahead, NOW).then_refused("invalid", "W-1", "in the future", "/at")  # type: ignore[arg-type]
    given().when(decide, event, NOW).then_refused("not_found", None, "no such order")  # type: ignore[arg-type]
    given(ENTERED, WITHDRAWN).when(decide, event, NOW).then_refused("fact_withdrawn", "W-1", "enter a new one")  # type: ignore[arg-type]


@pytest.mark.parametrize(("decide", "event"), STEPS[:-1])
def test_the_course_has_one_end(decide: object, event: Event) -> None:
    given(ENTERED, SEATED, DONE).when(decide, event, NOW).then_refused("order_done", "W-1", "correct it")  # type: ignore[arg-type]


# ---- its end --------------------------------------------------------------------------------------------------------
BARE = e.OrderEntered(subject=SUBJECT, agent=OWNER.id, at=NOW, signed=False, recommended=False)


def test_missing_items_follow_from_the_order() -> None:
    always = (Item.MERCHANT, Item.CARD_NO, Item.MEMBER_NAME, Item.PHONE, Item.DINING_TIME)
    given(BARE, SEATED).when(o.end, ()).then(replace(DONE, missing=always))
    needy = replace(BARE, gold_card=True, special=True)
    given(needy, SEATED).when(o.end, ()).then(replace(DONE, missing=tuple(Item)))
    given(needy, CANCELLED).when(o.end, ()).then(replace(DONE, missing=(*always, Item.REMARKS), seated=False))
    met = replace(needy, remarks=sealed("a cake"))
    given(met, SEATED, COLLECTED).when(o.end, ()).then(replace(DONE, missing=always))


def test_wrong_items_are_stated_and_count_once() -> None:
    wrong = (Item.PHONE, Item.CARD_NO, Item.PHONE)
    given(ENTERED, SEATED).when(o.end, wrong).then(replace(DONE, wrong=(Item.CARD_NO, Item.PHONE)))


@pytest.mark.parametrize(
    ("history", "seated"),
    [
        ((SEATED,), True),
        ((CANCELLED,), False),
        ((MERCHANT_ASKED,), True),
        ((MERCHANT_ASKED, replace(GUEST_ASKED, seated=False)), False),
        ((MERCHANT_ASKED, GUEST_ASKED), True),
        ((MERCHANT_ASKED, CANCELLED), False),
    ],
)
def test_what_was_established_holds_else_the_last_answer(history: tuple[Event, ...], seated: bool) -> None:  # noqa: FBT001
    given(ENTERED, *history).when(o.end, ()).then(replace(DONE, seated=seated))


def test_an_order_does_not_end_while_nobody_knows_whether_the_guest_was_seated() -> None:
    outcome = given(ENTERED, replace(MERCHANT_ASKED, seated=None)).when(o.end, ())
    outcome.then_refused("outcome_unknown", "W-1", "say first")


def test_the_ledgers_see_an_order_once_its_course_has_ended() -> None:
    assert given().state.fact() is None
    assert given(ENTERED, SEATED).state.fact() is None
    assert given(ENTERED, SEATED, DONE, WITHDRAWN).state.fact() is None
    ended = replace(DONE, seated=False, missing=(Item.MERCHANT,), wrong=(Item.PHONE,))
    fact = given(replace(ENTERED, merchant=None, steered=True), ended).state.fact()
    faulty = replace(FACT, missing=frozenset({Item.MERCHANT}), wrong=frozenset({Item.PHONE}))
    assert fact == replace(faulty, merchant=None, steered=True, seated=False)


def test_an_order_is_whose_who_entered_it_and_who_follows_it_up() -> None:
    assert given().state.agents == frozenset()
    assert given(ENTERED).state.agents == {OWNER.id}
    assert given(replace(ENTERED, follow_up=COLLEAGUE.id)).state.agents == {OWNER.id, COLLEAGUE.id}


# ---- corrections ----------------------------------------------------------------------------------------------------
def test_an_open_order_is_corrected_by_its_agent() -> None:
    corrected = replace(CORRECTED, merchant="m2", signed=False, card_no=sealed("C-2"))
    given(ENTERED).when(o.correct, corrected, OWNER, NOW).then(corrected)
    entered = given(ENTERED, corrected).state.entered
    assert entered == replace(ENTERED, merchant="m2", signed=False, card_no=sealed("C-2"))


def test_a_correction_names_what_was_wrong_and_no_time_to_come() -> None:
    given(ENTERED).when(o.correct, CORRECTED, OWNER, NOW).then_refused("invalid", "W-1", "at least one", "/reason")
    ahead = replace(CORRECTED, at=NOW + DAY)
    given(ENTERED).when(o.correct, ahead, OWNER, NOW).then_refused("invalid", "W-1", "in the future", "/at")


def test_items_are_judged_at_the_end_not_before() -> None:
    for stated in (replace(CORRECTED, missing=()), replace(CORRECTED, wrong=(Item.PHONE,))):
        given(ENTERED).when(o.correct, stated, OWNER, NOW).then_refused("order_open", "W-1", "complete it first")


def test_an_ended_order_is_corrected_by_a_supervisor_and_nobodys_own() -> None:
    corrected = replace(CORRECTED, tables=2)
    ended = given(ENTERED, SEATED, DONE)
    ended.when(o.correct, corrected, OWNER, NOW).then_refused("corrected_by_supervisor", "W-1", "ask a supervisor")
    ended.when(o.correct, corrected, replace(SUPERVISOR, id=OWNER.id), NOW).then_refused("about_you", "W-1", "else")
    for actor in (SUPERVISOR, ADMIN):
        ended.when(o.correct, corrected, actor, NOW).then(replace(corrected, missing=(), wrong=()))


def judged(missing: tuple[Item, ...] = (), wrong: tuple[Item, ...] = (), *, here: bool = True) -> e.OrderDone:
    return replace(DONE, missing=missing, wrong=wrong, judged=here)


@pytest.mark.parametrize(
    ("entered", "done", "correction", "missing", "wrong"),
    [
        # given anew: neither missing nor wrong any more
        ({"phone": None}, judged((Item.PHONE,), (Item.CARD_NO,)), {"phone": sealed("1")}, (), (Item.CARD_NO,)),
        ({}, judged((), (Item.CARD_NO, Item.PHONE)), {"card_no": sealed("C-9")}, (), (Item.PHONE,)),
        # what is needed has changed
        ({}, judged(), {"gold_card": True}, (Item.GOLD_AMOUNT,), ()),
        ({"special": True}, judged((Item.REMARKS,)), {"special": False}, (), ()),
        # who was not seated has spent nothing
        ({"gold_card": True}, judged((Item.GOLD_AMOUNT,)), {"seated": False}, (), ()),
        ({"gold_card": True}, replace(judged(), seated=False), {"seated": True}, (Item.GOLD_AMOUNT,), ()),
        # what is stated holds
        ({"phone": None}, judged((Item.PHONE,)), {"missing": ()}, (), ()),
        ({}, judged(), {"wrong": (Item.PHONE, Item.PHONE)}, (), (Item.PHONE,)),
        # finished elsewhere: nothing is worked out
        ({"phone": None}, judged(here=False), {"gold_card": True}, (), ()),
        ({"phone": None}, judged((Item.PHONE,), here=False), {"phone": sealed("1")}, (), ()),
    ],
)
def test_items_after_a_correction(
    entered: dict[str, object],
    done: e.OrderDone,
    correction: dict[str, object],
    missing: tuple[Item, ...],
    wrong: tuple[Item, ...],
) -> None:
    """L-3: the lines follow what the correction records."""
    corrected = replace(CORRECTED, **correction)  # type: ignore[arg-type]
    history = (replace(ENTERED, **entered), done)  # type: ignore[arg-type]
    expected = replace(corrected, missing=missing, wrong=wrong)
    given(*history).when(o.correct, corrected, SUPERVISOR, NOW).then(expected)
    fact = given(*history, expected).state.fact()
    assert fact is not None
    assert (fact.missing, fact.wrong) == (frozenset(missing), frozenset(wrong))


def test_items_stated_once_are_not_worked_out_again() -> None:
    bare = replace(ENTERED, phone=None)
    stated = replace(CORRECTED, missing=(), wrong=())
    again = replace(CORRECTED, tables=3)
    given(bare, judged((Item.PHONE,)), stated).when(o.correct, again, SUPERVISOR, NOW).then(
        replace(again, missing=(), wrong=())
    )


def test_a_correction_may_say_that_the_guest_was_seated_after_all() -> None:
    history = (ENTERED, CANCELLED, replace(DONE, seated=False), replace(CORRECTED, seated=True, missing=(), wrong=()))
    assert given(*history).state.fact() == FACT
    assert not given(*history).state.cancelled
    other = SubjectId("somebody else")
    assert given(ENTERED, replace(CORRECTED, subject=other)).state.entered == replace(ENTERED, subject=other)


# ---- withdrawal -----------------------------------------------------------------------------------------------------
def test_an_order_is_withdrawn_once_by_another_than_its_agent() -> None:
    given(ENTERED).when(o.withdraw, WITHDRAWN, SUPERVISOR).then(WITHDRAWN)
    given(ENTERED, WITHDRAWN).when(o.withdraw, WITHDRAWN, SUPERVISOR).then()
    given(ENTERED).when(o.withdraw, WITHDRAWN, OWNER).then_refused("about_you", "W-1", "your own")
    given().when(o.withdraw, WITHDRAWN, SUPERVISOR).then_refused("not_found", None, "no such order")
    given(ENTERED, WITHDRAWN).when(o.end, ()).then_refused("fact_withdrawn", "W-1", "withdrawn")
    given(ENTERED, WITHDRAWN).when(o.correct, replace(CORRECTED, tables=1), SUPERVISOR, NOW).then_refused(
        "fact_withdrawn", "W-1", "withdrawn"
    )


def test_events_of_no_order_change_nothing() -> None:
    for event in (COLLECTED, CORRECTED, LATE):
        assert given(event).state == given().state
