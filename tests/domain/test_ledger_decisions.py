"""What persons decide on lines: confirm, dismiss, appeal, withdraw, decide an appeal (L-0)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.kernel import Event
from domain.ledger import events as e
from domain.ledger.decisions import (
    Ruling,
    appeal,
    confirm,
    confirm_reported,
    decide_appeal,
    dismiss,
    unconfirm_reported,
    withdraw_appeal,
)
from domain.ledger.lines import Explanation
from domain.ledger.settling import settle
from domain.ledger.voucher import VOUCHER, Voucher
from domain.values import Month
from tests.support.ledgers import (
    A1,
    A2,
    ALL_OPEN,
    APRIL,
    BONUS,
    CAUSES,
    DAY,
    LATER,
    MARCH,
    MAY,
    PENALTY,
    REASON,
    S1,
    S2,
    S3,
    appealed,
    confirmed,
    decided,
    dismissed,
    earned,
    paid,
    proposed,
    taken_back,
    upheld_reversal,
)
from tests.support.spec import Given, given_of

LAST_DAY = DAY + timedelta(days=14)
CONFIRMED = (proposed(), confirmed())
CONTESTED = (*CONFIRMED, appealed())
WITHDRAWN = e.AppealWithdrawn(number=1, appeal=1)


def given(*history: Event) -> Given[Voucher]:
    return given_of(VOUCHER, *history)


def rejected(appeal: int) -> tuple[Event, Event]:
    return appealed(appeal=appeal), decided(appeal=appeal, verdict=e.Verdict.REJECTED)


# ---- confirm --------------------------------------------------------------------------------------------------------
def test_a_supervisor_confirms_a_proposed_line_l_0() -> None:
    given(proposed()).when(confirm, 1, S1, DAY, ALL_OPEN).then(confirmed())


def test_a_line_of_a_report_that_was_confirmed_before_is_confirmed_as_it_begins_w_6() -> None:
    sure, other = replace(PENALTY, confirmed_by=S1), replace(PENALTY, agent=A2)
    begun = (proposed(), proposed(2, other))
    given().when(confirm_reported, begun, [sure, other], DAY, ALL_OPEN).then(confirmed())
    given().when(confirm_reported, begun, [PENALTY, other], DAY, ALL_OPEN).then()
    given(earned()).when(confirm_reported, [], [sure], DAY, ALL_OPEN).then()


@pytest.mark.parametrize(
    ("contested", "confirms"),
    [
        ((), True),
        (rejected(1), True),
        ((appealed(), WITHDRAWN), True),
        ((appealed(),), False),
        ((appealed(), decided(), upheld_reversal()), False),
        ((appealed(), decided(verdict=e.Verdict.PARTLY, reduced_to_fen=1), upheld_reversal()), False),
    ],
)
def test_a_line_like_one_that_an_appeal_lifted_waits_for_a_person_l_0(
    contested: tuple[Event, ...], *, confirms: bool
) -> None:
    """No machine alone takes money: an old report's confirmation is not used once more."""
    earlier = replace(PENALTY, occurred_on=PENALTY.occurred_on - timedelta(days=1), confirmed_by=S1)
    history = given(*CONFIRMED, *contested)
    number = history.state.next
    begun = history.when(confirm_reported, (proposed(number, earlier),), [earlier], DAY, ALL_OPEN)
    begun.then(*[confirmed(number)] * confirms)


def test_the_line_of_a_report_that_is_dismissed_is_taken_back_and_may_be_put_anew_w_6() -> None:
    """By the rules, not by the person: what else puts the same is proposed, and waits for a supervisor."""
    back = replace(
        taken_back(line=PENALTY),
        causes=CAUSES,
        explanation=Explanation(
            zh=f"冲回第1行({PENALTY.code},{DAY}):违纪报告已驳回",
            en=f"takes back line 1 ({PENALTY.code} of {DAY}): the conduct report was dismissed",
        ),
    )
    given(*CONFIRMED).when(unconfirm_reported, 1, ALL_OPEN).then(back)
    given(*CONFIRMED).when(unconfirm_reported, 1, paid(MARCH)).then(replace(back, posted_month=APRIL))
    given(*CONFIRMED, back).when(settle, [PENALTY], LATER, ALL_OPEN).then(proposed(3, causes=LATER))
    given(*CONFIRMED, back).when(settle, [], LATER, ALL_OPEN).then()


def test_what_is_confirmed_late_posts_into_the_first_open_month_l_4() -> None:
    given(proposed()).when(confirm, 1, S1, DAY, paid(MARCH)).then(confirmed(posted=APRIL))
    given(proposed()).when(confirm, 1, S1, DAY, paid(MARCH, frozen=APRIL)).then(confirmed(posted=MAY))


def test_a_proposed_reversal_is_confirmed_where_its_line_stands_l_3() -> None:
    history = (earned(posted=APRIL), taken_back(posted=None))
    given(*history).when(confirm, 2, S1, DAY, paid(MARCH)).then(confirmed(2, posted=APRIL, reverses=1))
    given(*history).when(confirm, 2, S1, DAY, paid(MARCH, APRIL)).then(confirmed(2, posted=MAY, reverses=1))


def test_what_waits_with_a_reversal_is_earned_with_its_confirmation_l_3() -> None:
    less = replace(BONUS, amount_fen=15, ref="x")
    deferred = e.Deferred(number=2, amount_fen=15, occurred_on=DAY, tariff=less.tariff, explanation=less.explanation)
    history = (earned(line=replace(BONUS, ref="x")), taken_back(posted=None), deferred)
    outcome = given(*history).when(confirm, 2, S1, DAY, paid(MARCH))
    outcome.then(confirmed(2, posted=APRIL, reverses=1), earned(3, line=less, posted=APRIL, causes=LATER))
    given(*history).when(dismiss, 2, S1, REASON).then(dismissed(2, by=S1))


@pytest.mark.parametrize(
    ("history", "number", "said"),
    [
        (CONFIRMED, 1, "the line is confirmed"),
        ((proposed(), dismissed(by=S1)), 1, "the line is dismissed"),
        ((earned(),), 1, "the line is earned"),
        ((earned(), taken_back()), 2, "the line is earned"),
    ],
)
@pytest.mark.parametrize("decide", [confirm, dismiss])
def test_only_what_is_proposed_is_decided_l_0(decide: Any, history: tuple[Event, ...], number: int, said: str) -> None:
    rest = (DAY, ALL_OPEN) if decide is confirm else (REASON,)
    given(*history).when(decide, number, S2, *rest).then_refused("not_proposed", "L-0", said)


@pytest.mark.parametrize("decide", [confirm, dismiss])
def test_nobody_decides_on_an_own_line_l_0(decide: Any) -> None:
    rest = (DAY, ALL_OPEN) if decide is confirm else (REASON,)
    given(proposed()).when(decide, 1, A1, *rest).then_refused("own_line", "L-0", "an admin names")
    given(earned(), taken_back(posted=None)).when(decide, 2, A1, *rest).then_refused("own_line", "L-0", "your own")


@pytest.mark.parametrize("number", [0, 2])
def test_a_line_that_is_not_there_is_not_decided(number: int) -> None:
    for decide, rest in (
        (confirm, (S1, DAY, ALL_OPEN)),
        (dismiss, (S1, REASON)),
        (appeal, (A1, REASON, DAY)),
        (withdraw_appeal, (1, A1)),
        (decide_appeal, (1, ruling(), DAY, ALL_OPEN)),
    ):
        given(proposed()).when(decide, number, *rest).then_refused("not_found", None, "no such line")


def test_a_supervisor_dismisses_a_proposed_line_with_a_reason_l_0() -> None:
    given(proposed()).when(dismiss, 1, S1, REASON).then(dismissed(by=S1))


# ---- appeal ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("day", [DAY, LAST_DAY])
def test_the_agent_appeals_until_the_end_of_the_fourteenth_local_day_l_0(day: object) -> None:
    given(*CONFIRMED).when(appeal, 1, A1, REASON, day).then(appealed())


def test_after_the_fourteenth_local_day_it_is_too_late_l_0() -> None:
    outcome = given(*CONFIRMED).when(appeal, 1, A1, REASON, LAST_DAY + timedelta(days=1))
    outcome.then_refused("cannot_appeal", "L-0", f"ended with {LAST_DAY}")


def test_only_the_agent_whose_line_it_is_appeals_l_0() -> None:
    given(*CONFIRMED).when(appeal, 1, A2, REASON, DAY).then_refused("not_your_line", "L-0", "only the agent")


@pytest.mark.parametrize(
    ("history", "number"),
    [
        ((proposed(),), 1),
        ((proposed(), dismissed(by=S1)), 1),
        ((earned(),), 1),
        ((*CONFIRMED, taken_back(line=PENALTY)), 1),
        ((*CONFIRMED, taken_back(line=PENALTY)), 2),
    ],
)
def test_only_a_confirmed_penalty_that_still_counts_is_contested_l_0(history: tuple[Event, ...], number: int) -> None:
    given(*history).when(appeal, number, A1, REASON, DAY).then_refused("cannot_appeal", "L-0", "still counts")


def test_one_appeal_at_a_time_l_0() -> None:
    given(*CONTESTED).when(appeal, 1, A1, REASON, DAY).then_refused("cannot_appeal", "L-0", "waits for its decision")


def test_at_most_three_appeals_and_withdrawn_ones_do_not_count_l_0() -> None:
    two = (*CONTESTED, WITHDRAWN, *rejected(2), *rejected(3))
    given(*two).when(appeal, 1, A1, REASON, DAY).then(appealed(appeal=4))
    three = (*two, *rejected(4))
    given(*three).when(appeal, 1, A1, REASON, DAY).then_refused("cannot_appeal", "L-0", "contested 3 times")


def test_what_an_appeal_has_left_shares_the_three_appeals_of_its_line_l_0() -> None:
    left = proposed(3, line=replace(PENALTY, amount_fen=-300), causes=(), in_place_of=1)
    partly = decided(appeal=3, verdict=e.Verdict.PARTLY, reduced_to_fen=300)
    after_two = (*CONFIRMED, *rejected(1), *rejected(2))
    third = (*after_two, appealed(appeal=3), partly, upheld_reversal(), left, confirmed(3, by=S2))
    given(*third).when(appeal, 3, A1, REASON, DAY).then_refused("cannot_appeal", "L-0", "contested 3 times")
    second = (*CONFIRMED, *rejected(1), appealed(appeal=2), replace(partly, appeal=2), upheld_reversal(), left)
    given(*second, confirmed(3, by=S2)).when(appeal, 3, A1, REASON, DAY).then(appealed(3))


# ---- withdraw -------------------------------------------------------------------------------------------------------
def test_the_agent_withdraws_an_appeal_l_0() -> None:
    given(*CONTESTED).when(withdraw_appeal, 1, 1, A1).then(WITHDRAWN)


def test_an_appeal_is_withdrawn_by_who_made_it_while_it_is_open_l_0() -> None:
    given(*CONTESTED).when(withdraw_appeal, 1, 1, A2).then_refused("not_your_line", "L-0", "who made the appeal")
    for ended, said in ((WITHDRAWN, "withdrawn"), (decided(verdict=e.Verdict.REJECTED), "rejected")):
        given(*CONTESTED, ended).when(withdraw_appeal, 1, 1, A1).then_refused("appeal_not_open", "L-0", said)


@pytest.mark.parametrize("number", [-1, 0, 2])
def test_an_appeal_that_is_not_there_is_neither_withdrawn_nor_decided(number: int) -> None:
    given(*CONTESTED).when(withdraw_appeal, 1, number, A1).then_refused("not_found", None, "no such appeal")
    outcome = given(*CONTESTED).when(decide_appeal, 1, number, ruling(), DAY, ALL_OPEN)
    outcome.then_refused("not_found", None, "no such appeal")


# ---- decide ---------------------------------------------------------------------------------------------------------
def ruling(verdict: e.Verdict = e.Verdict.UPHELD, reduced_to_fen: int | None = None, by: Any = S2) -> Ruling:
    return Ruling(by=by, verdict=verdict, reduced_to_fen=reduced_to_fen, reason=REASON)


def test_rejected_the_line_stays_l_0() -> None:
    outcome = given(*CONTESTED).when(decide_appeal, 1, 1, ruling(e.Verdict.REJECTED), DAY, ALL_OPEN)
    outcome.then(decided(verdict=e.Verdict.REJECTED))


def test_upheld_the_line_is_reversed_l_3() -> None:
    given(*CONTESTED).when(decide_appeal, 1, 1, ruling(), DAY, ALL_OPEN).then(decided(), upheld_reversal())
    given(*CONTESTED).when(decide_appeal, 1, 1, ruling(), DAY, paid(MARCH)).then(
        decided(), upheld_reversal(posted=APRIL)
    )


def reduced(number: int = 2, posted: Month = MARCH) -> e.Reversed:
    """The reversal by an appeal that was decided partly."""
    zh = f"冲回第1行({PENALTY.code},{DAY}):申诉部分成立"
    en = f"takes back line 1 ({PENALTY.code} of {DAY}): the appeal was upheld in part"
    return replace(upheld_reversal(number, posted=posted), explanation=Explanation(zh=zh, en=en))


def left(amount_fen: int, yuan: str) -> e.Proposed:
    said = Explanation(zh=f"第1行经申诉减为{yuan}元", en=f"line 1, reduced to {yuan} CNY on appeal")
    return proposed(3, line=replace(PENALTY, amount_fen=amount_fen, explanation=said), causes=(), in_place_of=1)


@pytest.mark.parametrize(("stays", "yuan"), [(1, "0.01"), (305, "3.05"), (999, "9.99")])
def test_partly_the_line_is_reversed_and_a_lower_one_confirmed_in_its_place_l_0(stays: int, yuan: str) -> None:
    """It counts from this day on, by who has decided: so the time for appeals begins anew, and another one decides."""
    partly = decided(verdict=e.Verdict.PARTLY, reduced_to_fen=stays)
    given(*CONTESTED).when(decide_appeal, 1, 1, ruling(e.Verdict.PARTLY, stays), LAST_DAY, paid(MARCH)).then(
        partly,
        reduced(posted=APRIL),
        left(-stays, yuan),
        confirmed(3, posted=APRIL, by=S2, day=LAST_DAY),
    )


def test_what_is_grave_stays_so_at_a_lower_amount_p_media() -> None:
    grave = replace(PENALTY, grave=True)
    history = (proposed(line=grave), *CONTESTED[1:])
    partly = decided(verdict=e.Verdict.PARTLY, reduced_to_fen=305)
    given(*history).when(decide_appeal, 1, 1, ruling(e.Verdict.PARTLY, 305), DAY, ALL_OPEN).then(
        partly, reduced(), replace(left(-305, "3.05"), grave=True), confirmed(3, by=S2)
    )


def test_what_an_appeal_has_left_is_decided_by_another_than_who_left_it_l_0() -> None:
    partly = decided(verdict=e.Verdict.PARTLY, reduced_to_fen=305)
    history = (*CONTESTED, partly, upheld_reversal(), left(-305, "3.05"), confirmed(3, by=S2), appealed(3))
    refused = given(*history).when(decide_appeal, 3, 1, ruling(), DAY, ALL_OPEN)
    refused.then_refused("own_confirmation", "L-0", "you confirmed this line")
    outcome = given(*history).when(decide_appeal, 3, 1, ruling(by=S3), DAY, ALL_OPEN)
    outcome.then(decided(3, by=S3), replace(upheld_reversal(4, 3, by=S3)))


def test_decided_after_the_line_was_taken_back_nothing_more_follows() -> None:
    history = (*CONTESTED, taken_back(line=PENALTY))
    for verdict in (e.Verdict.UPHELD, e.Verdict.REJECTED):
        given(*history).when(decide_appeal, 1, 1, ruling(verdict), DAY, ALL_OPEN).then(decided(verdict=verdict))


def test_nothing_is_left_of_a_line_that_was_taken_back_l_0() -> None:
    history = (*CONTESTED, taken_back(line=PENALTY))
    outcome = given(*history).when(decide_appeal, 1, 1, ruling(e.Verdict.PARTLY, 305), DAY, ALL_OPEN)
    outcome.then_refused("not_reduced", "L-0", "uphold or reject", "/decision")


def test_who_confirmed_or_whose_line_it_is_does_not_decide_l_0() -> None:
    own = given(*CONTESTED).when(decide_appeal, 1, 1, ruling(by=A1), DAY, ALL_OPEN)
    own.then_refused("own_line", "L-0", "your own")
    confirmer = given(*CONTESTED).when(decide_appeal, 1, 1, ruling(by=S1), DAY, ALL_OPEN)
    confirmer.then_refused("own_confirmation", "L-0", "somebody else decides")


@pytest.mark.parametrize("verdict", [e.Verdict.UPHELD, e.Verdict.REJECTED])
def test_an_amount_is_left_by_partly_alone(verdict: e.Verdict) -> None:
    outcome = given(*CONTESTED).when(decide_appeal, 1, 1, ruling(verdict, 300), DAY, ALL_OPEN)
    outcome.then_refused("invalid", "L-0", "only an appeal decided partly", "/reduced_to_fen")


@pytest.mark.parametrize(
    ("stays", "code"),
    [(None, "invalid"), (-1, "invalid"), (0, "invalid"), (1000, "not_reduced"), (1001, "not_reduced")],
)
def test_partly_leaves_more_than_nothing_and_less_than_all(stays: int | None, code: str) -> None:
    outcome = given(*CONTESTED).when(decide_appeal, 1, 1, ruling(e.Verdict.PARTLY, stays), DAY, ALL_OPEN)
    outcome.then_refused(code, "L-0", "of the 1000 fen", "/reduced_to_fen")


@pytest.mark.parametrize("ended", [WITHDRAWN, decided(verdict=e.Verdict.REJECTED)])
def test_an_appeal_is_decided_once_l_0(ended: Event) -> None:
    outcome = given(*CONTESTED, ended).when(decide_appeal, 1, 1, ruling(), DAY, ALL_OPEN)
    outcome.then_refused("appeal_not_open", "L-0", "already")
