"""W-6: conduct reports; W-8: quality reviews."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from domain.kernel import Event
from domain.values import Actor, AgentId, Role
from domain.work import conduct as c
from domain.work import events as e
from domain.work import facts
from domain.work import review as q
from domain.work.facts import ConductCode
from domain.work.words import ConductKind
from tests.support.cases import COLLEAGUE, DAY, NOW, OTHER_SUPERVISOR, OWNER, SUPERVISOR, THIS, sealed
from tests.support.spec import Given, given_of

# ---- W-6 ------------------------------------------------------------------------------------------------------------
REPORTED = e.ConductReported(agent=OWNER.id, at=NOW, code=ConductKind.ATTITUDE, case=THIS, words=sealed("shouted"))
CONFIRMED = e.ConductConfirmed(by=SUPERVISOR.id)
REASON = sealed("it was a misunderstanding")
DISMISSED = e.ConductDismissed(reason=REASON)
SELF = Actor(OWNER.id, Role.SUPERVISOR)


def given(*history: Event) -> Given[c.ConductReport]:
    return given_of(c.CONDUCT, *history)


def test_conduct_is_reported_once_and_not_ahead_of_its_time() -> None:
    given().when(c.report, REPORTED, NOW).then(REPORTED)
    given(REPORTED).when(c.report, REPORTED, NOW).then_refused("already_recorded", "W-6", "on record")
    ahead = replace(REPORTED, at=NOW + DAY)
    given().when(c.report, ahead, NOW).then_refused("invalid", "W-6", "in the future", "/at")


def test_a_report_is_confirmed_or_dismissed() -> None:
    given(REPORTED).when(c.confirm, SUPERVISOR).then(CONFIRMED)
    given(REPORTED, CONFIRMED).when(c.confirm, SUPERVISOR).then()
    given(REPORTED).when(c.dismiss, REASON, SUPERVISOR).then(DISMISSED)
    given(REPORTED, DISMISSED).when(c.dismiss, REASON, SUPERVISOR).then()


def test_a_confirmed_report_may_be_dismissed_later_and_not_the_other_way_round() -> None:
    given(REPORTED, CONFIRMED).when(c.dismiss, REASON, OTHER_SUPERVISOR).then(DISMISSED)
    outcome = given(REPORTED, DISMISSED).when(c.confirm, SUPERVISOR)
    outcome.then_refused("report_dismissed", "W-6", "report it again")


def test_a_dismissal_has_a_reason() -> None:
    given(REPORTED).when(c.dismiss, None, SUPERVISOR).then_refused("invalid", "W-6", "with a reason", "/reason")


def test_nobody_decides_on_a_report_about_themselves_l_0() -> None:
    given(REPORTED).when(c.confirm, SELF).then_refused("about_you", "W-6", "somebody else")
    given(REPORTED).when(c.dismiss, REASON, SELF).then_refused("about_you", "W-6", "somebody else")


def test_what_was_not_reported_is_not_decided() -> None:
    given().when(c.confirm, SUPERVISOR).then_refused("not_found", None, "no such conduct report")


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (ConductKind.IDLE, ConductCode.IDLE),
        (ConductKind.MINOR, ConductCode.MINOR),
        (ConductKind.ATTITUDE, ConductCode.ATTITUDE),
        (ConductKind.HUNG_UP, None),
        (ConductKind.LEFT_POST, None),
        (ConductKind.LATE, None),
    ],
)
def test_the_ledgers_see_kinds_with_an_amount_until_dismissed(kind: ConductKind, code: ConductCode | None) -> None:
    reported = replace(REPORTED, code=kind)
    fact = facts.Conduct(at=NOW, agent=OWNER.id, code=code) if code else None
    assert given(reported).state.fact() == fact
    assert given(reported, CONFIRMED).state.fact() == (replace(fact, confirmed_by=SUPERVISOR.id) if fact else None)
    assert given(reported, CONFIRMED, DISMISSED).state.fact() is None


def test_who_confirmed_a_report_was_not_always_noted() -> None:
    assert e.ConductConfirmed.upcast({}, 1) == {"by": None}


def test_a_report_is_of_the_agent_it_is_about() -> None:
    assert given().state.fact() is None
    assert given().state.agents == frozenset()
    assert given(REPORTED).state.agents == {OWNER.id}
    assert given(REPORTED, e.ReviewDisputed(reason=REASON)).state == given(REPORTED).state


# ---- W-8 ------------------------------------------------------------------------------------------------------------
WORDS = q.Wording(zh="项", en="item")
FORM = q.Form(
    version="form-1",
    items=(
        q.FormItem(name="greeting", weight=33, words=WORDS),
        q.FormItem(name="answering", weight=67, words=WORDS),
    ),
    fatal=(q.FatalItem(name="taboos", words=WORDS),),
)


def scores(**given: str) -> tuple[e.Score, ...]:
    return tuple(e.Score(item=item, score=Decimal(score)) for item, score in given.items())


SCORED = e.ReviewScored(
    agent=OWNER.id,
    at=NOW,
    form="form-1",
    scores=scores(greeting="90.5", answering="80.1"),
    total=Decimal("83.532"),
)
DISPUTED = e.ReviewDisputed(reason=sealed("I did greet"))
ANSWERED = e.ReviewAnswered(
    words=sealed("so you did"), scores=scores(greeting="100", answering="80.1"), total=Decimal("86.667")
)


def reviewed(*history: Event) -> Given[q.QualityReview]:
    return given_of(q.REVIEW, *history)


def test_the_total_is_weighted_and_exact() -> None:
    draft = replace(SCORED, total=Decimal(0), form="?")
    reviewed().when(q.score, draft, FORM, SUPERVISOR, NOW).then(SCORED)
    assert FORM.total(scores(greeting="100", answering="100"), ()) == Decimal(100)


def test_a_fatal_item_makes_the_total_nothing() -> None:
    fatal = replace(SCORED, failed=("taboos",))
    reviewed().when(q.score, fatal, FORM, SUPERVISOR, NOW).then(replace(fatal, total=Decimal(0)))


@pytest.mark.parametrize(
    ("change", "saying", "pointer"),
    [
        ({"scores": scores(greeting="1")}, "each of greeting, answering once", "/scores"),
        ({"scores": SCORED.scores + SCORED.scores}, "once", "/scores"),
        ({"scores": scores(greeting="1", smiling="1")}, "once", "/scores"),
        ({"scores": scores(answering="1", greeting="100.1")}, "greeting is scored from 0", "/scores/1/score"),
        ({"scores": scores(answering="-1", greeting="1")}, "answering is scored from 0", "/scores/0/score"),
        ({"failed": ("smiling",)}, "the fatal items are taboos", "/failed"),
        ({"at": NOW + DAY}, "in the future", "/at"),
    ],
)
def test_a_review_that_does_not_fit_the_form_is_refused(change: dict[str, Any], saying: str, pointer: str) -> None:
    outcome = reviewed().when(q.score, replace(SCORED, **change), FORM, SUPERVISOR, NOW)
    outcome.then_refused("invalid", "W-8", saying, pointer)


def test_nobody_reviews_or_answers_about_their_own_work() -> None:
    reviewed().when(q.score, SCORED, FORM, SELF, NOW).then_refused("about_you", "W-8", "somebody else")
    outcome = reviewed(SCORED, DISPUTED).when(q.answer, ANSWERED, FORM, SELF)
    outcome.then_refused("about_you", "W-8", "somebody else")


def test_a_review_is_recorded_once() -> None:
    reviewed(SCORED).when(q.score, SCORED, FORM, SUPERVISOR, NOW).then_refused("already_recorded", "W-8", "on record")


def test_the_agent_disputes_once() -> None:
    reviewed(SCORED).when(q.dispute, DISPUTED, OWNER).then(DISPUTED)
    outcome = reviewed(SCORED, DISPUTED).when(q.dispute, DISPUTED, OWNER)
    outcome.then_refused("already_disputed", "W-8", "final")
    for other in (COLLEAGUE, SUPERVISOR):
        outcome = reviewed(SCORED).when(q.dispute, DISPUTED, other)
        outcome.then_refused("not_your_review", "W-8", "whose work")


def test_a_dispute_is_answered_once_with_the_scores_that_hold() -> None:
    draft = replace(ANSWERED, total=Decimal(0))
    reviewed(SCORED, DISPUTED).when(q.answer, draft, FORM, SUPERVISOR).then(ANSWERED)
    assert reviewed(SCORED, DISPUTED, ANSWERED).state.total == ANSWERED.total
    for history in ((SCORED,), (SCORED, DISPUTED, ANSWERED)):
        outcome = reviewed(*history).when(q.answer, draft, FORM, SUPERVISOR)
        outcome.then_refused("not_disputed", "W-8", "no dispute")


def test_what_was_not_reviewed_is_neither_disputed_nor_answered() -> None:
    reviewed().when(q.dispute, DISPUTED, OWNER).then_refused("not_found", None, "no such review")
    reviewed().when(q.answer, ANSWERED, FORM, SUPERVISOR).then_refused("not_found", None, "no such review")


def test_a_review_is_of_the_agent_whose_work_it_is() -> None:
    assert reviewed().state.agents == frozenset()
    assert reviewed(SCORED).state.agents == {AgentId(OWNER.id)}
    assert reviewed(SCORED, REPORTED).state == reviewed(SCORED).state
