"""What the rules record on a voucher: judged once, and again when something late changes the facts (L-1 … L-3, L-6)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.case.events import Noted
from domain.ledger import events as e
from domain.ledger.lines import Code, Line
from domain.ledger.settling import settle
from domain.ledger.voucher import VOUCHER, AppealState, Status, Voucher, posted_by
from domain.payroll.months import Payroll
from tests.support.cases import sealed
from tests.support.ledgers import (
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
    S1,
    S2,
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

MARCH_CLOSED = paid(MARCH)
MORE, LESS = replace(BONUS, amount_fen=25), replace(BONUS, amount_fen=15)
NEXT_DAY = replace(BONUS, occurred_on=DAY + timedelta(days=1))
IN_APRIL = replace(BONUS, occurred_on=date(2026, 4, 1))


def given(*history: object) -> Given[Voucher]:
    return given_of(VOUCHER, *history)  # type: ignore[arg-type]


def deferred(number: int, line: Line) -> e.Deferred:
    return e.Deferred(
        number=number,
        amount_fen=line.amount_fen,
        occurred_on=line.occurred_on,
        tariff=line.tariff,
        explanation=line.explanation,
    )


# ---- judged once ----------------------------------------------------------------------------------------------------
def test_a_bonus_is_earned_and_a_penalty_is_proposed_l_0() -> None:
    grave = replace(PENALTY, code=Code.MEDIA, grave=True)
    given().when(settle, [BONUS, PENALTY, grave], CAUSES, ALL_OPEN).then(
        earned(1), proposed(2), proposed(3, line=grave)
    )


def test_judged_twice_is_recorded_once_l_6() -> None:
    for posting in (ALL_OPEN, MARCH_CLOSED):
        given(earned(), proposed(2)).when(settle, [BONUS, PENALTY], LATER, posting).then()


def test_nothing_wanted_and_nothing_there_is_nothing() -> None:
    given().when(settle, [], CAUSES, ALL_OPEN).then()


def test_of_several_lines_with_one_key_the_first_counts() -> None:
    given().when(settle, [BONUS, MORE, NEXT_DAY], CAUSES, ALL_OPEN).then(earned())


def test_lines_of_one_agent_and_code_are_told_apart_by_ref_c_5() -> None:
    other = replace(PENALTY, ref="order 8")
    given(proposed()).when(settle, [other, PENALTY], LATER, ALL_OPEN).then(proposed(2, line=other, causes=LATER))


@pytest.mark.parametrize(
    ("posting", "month"),
    [(ALL_OPEN, MARCH), (MARCH_CLOSED, APRIL), (paid(frozen=MARCH), APRIL), (paid(MARCH, APRIL), MAY)],
)
def test_a_bonus_posts_into_the_first_month_that_is_open_l_4(posting: Payroll, month: object) -> None:
    given().when(settle, [BONUS], CAUSES, posting).then(earned(posted=month))  # type: ignore[arg-type]


# ---- judged again: lost ---------------------------------------------------------------------------------------------
def test_a_lost_proposal_is_dismissed_by_itself_l_3() -> None:
    given(proposed()).when(settle, [], LATER, ALL_OPEN).then(dismissed())


def test_a_lost_penalty_that_was_confirmed_is_reversed_by_itself_l_3() -> None:
    history = (proposed(), confirmed())
    given(*history).when(settle, [], LATER, ALL_OPEN).then(taken_back(line=PENALTY))
    given(*history).when(settle, [], LATER, MARCH_CLOSED).then(taken_back(line=PENALTY, posted=APRIL))


def test_a_lost_bonus_of_an_open_month_is_reversed_by_itself_l_3() -> None:
    given(earned()).when(settle, [], LATER, ALL_OPEN).then(taken_back())


@pytest.mark.parametrize("posting", [MARCH_CLOSED, paid(frozen=MARCH)])
def test_what_would_lower_a_month_no_longer_open_is_only_proposed_l_3(posting: Payroll) -> None:
    given(earned()).when(settle, [], LATER, posting).then(taken_back(posted=None))


def test_a_late_bonus_is_taken_back_where_it_was_posted_l_4() -> None:
    late = earned(posted=APRIL)
    given(late).when(settle, [], LATER, MARCH_CLOSED).then(taken_back(posted=APRIL))
    given(late).when(settle, [], LATER, paid(MARCH, APRIL)).then(taken_back(posted=None))


def test_lost_twice_is_taken_back_once_l_6() -> None:
    for history in (
        (proposed(), dismissed()),
        (proposed(), confirmed(), taken_back(line=PENALTY)),
        (earned(), taken_back()),
        (earned(), taken_back(posted=None)),
    ):
        given(*history).when(settle, [], LATER, MARCH_CLOSED).then()


def test_only_what_is_lost_goes_and_kept_lines_stay_as_they_are_c_5() -> None:
    other = replace(PENALTY, ref="order 8")
    worded = replace(other, explanation=BONUS.explanation, tariff="later")
    given(proposed(), proposed(2, line=other)).when(settle, [worded], LATER, ALL_OPEN).then(dismissed(1))


# ---- judged again: grave, or no longer ------------------------------------------------------------------------------
EXPOSURE = replace(PENALTY, code=Code.MEDIA, ref="evening paper")
GRAVE = replace(EXPOSURE, grave=True)


def marked(number: int = 1, *, grave: bool = True) -> e.GraveChanged:
    return e.GraveChanged(number=number, grave=grave, causes=LATER)


@pytest.mark.parametrize(("before", "after"), [(EXPOSURE, GRAVE), (GRAVE, EXPOSURE)])
def test_a_kept_line_stays_and_what_it_opens_follows_c_5_p_media(before: Line, after: Line) -> None:
    """The agent, fault and ref are the same: no confirmation is undone, no appeal cut off, no closed month changed."""
    contested = (proposed(line=before), confirmed(), appealed())
    for history in (contested[:1], contested[:2], contested):
        for posting in (ALL_OPEN, MARCH_CLOSED):
            given(*history).when(settle, [after], LATER, posting).then(marked(grave=after.grave))
            given(*history, marked(grave=after.grave)).when(settle, [after], LATER, posting).then()


def test_grave_and_no_longer_is_as_it_was_c_5() -> None:
    history = (proposed(line=EXPOSURE), marked(), marked(grave=False))
    given(*history).when(settle, [EXPOSURE], LATER, ALL_OPEN).then()
    assert given(*history).state == given(proposed(line=EXPOSURE)).state


def test_a_line_that_does_not_count_opens_nothing_l_3() -> None:
    upheld = (proposed(line=EXPOSURE), confirmed(), appealed(), decided(), upheld_reversal())
    for history in ((proposed(line=EXPOSURE), dismissed(by=S1)), upheld):
        given(*history).when(settle, [GRAVE], LATER, ALL_OPEN).then()


def test_of_what_an_appeal_has_left_it_is_the_lower_line_that_opens_it_c_5() -> None:
    left = proposed(3, line=replace(EXPOSURE, amount_fen=-300), causes=(), in_place_of=1)
    partly = decided(verdict=e.Verdict.PARTLY, reduced_to_fen=300)
    history = (proposed(line=EXPOSURE), confirmed(), appealed(), partly, upheld_reversal(), left, confirmed(3, by=S2))
    given(*history).when(settle, [GRAVE], LATER, ALL_OPEN).then(marked(3))


def test_another_amount_of_what_is_grave_now_is_a_new_line_that_says_so_l_2() -> None:
    more = replace(GRAVE, amount_fen=-2000)
    given(proposed(line=EXPOSURE)).when(settle, [more], LATER, ALL_OPEN).then(
        dismissed(), proposed(2, line=more, causes=LATER)
    )


UPHELD = (proposed(), confirmed(), appealed(), decided(), upheld_reversal())


# ---- judged again: found again --------------------------------------------------------------------------------------
def test_what_was_lost_and_is_found_again_is_a_new_line_l_2() -> None:
    given(proposed(), dismissed()).when(settle, [PENALTY], LATER, ALL_OPEN).then(proposed(2, causes=LATER))
    given(earned(), taken_back()).when(settle, [BONUS], LATER, ALL_OPEN).then(earned(3, causes=LATER))


def test_found_again_while_its_reversal_waits_the_reversal_is_dismissed_by_itself() -> None:
    given(earned(), taken_back(posted=None)).when(settle, [BONUS], LATER, MARCH_CLOSED).then(dismissed(2))


def test_what_a_person_has_dismissed_is_not_proposed_again_l_3() -> None:
    history = (proposed(), dismissed(by=S1))
    given(*history).when(settle, [PENALTY], LATER, ALL_OPEN).then()
    other = replace(PENALTY, amount_fen=-2000)
    given(*history).when(settle, [other], LATER, ALL_OPEN).then(proposed(2, line=other, causes=LATER))


def test_what_an_appeal_has_taken_back_is_not_proposed_again_l_3() -> None:
    given(*UPHELD).when(settle, [PENALTY], LATER, ALL_OPEN).then()


@pytest.mark.parametrize("history", [(proposed(), dismissed(by=S1)), UPHELD])
def test_what_a_person_has_let_go_lapses_when_it_is_lost_and_begins_anew_when_it_is_found_c_5(
    history: tuple[object, ...],
) -> None:
    lapsed = e.Lapsed(number=1, causes=LATER)
    given(*history).when(settle, [], LATER, ALL_OPEN).then(lapsed)
    given(*history, lapsed).when(settle, [], LATER, ALL_OPEN).then()
    begun = proposed(len(given(*history).state.entries) + 1, causes=LATER)
    given(*history, lapsed).when(settle, [PENALTY], LATER, ALL_OPEN).then(begun)


def test_what_an_appeal_has_left_is_taken_back_when_the_whole_is_lost_l_3() -> None:
    left = proposed(3, line=replace(PENALTY, amount_fen=-300), causes=(), in_place_of=1)
    partly = decided(verdict=e.Verdict.PARTLY, reduced_to_fen=300)
    history = (proposed(), confirmed(), appealed(), partly, upheld_reversal(), left, confirmed(3, by=S2))
    given(*history).when(settle, [PENALTY], LATER, ALL_OPEN).then()
    given(*history).when(settle, [], LATER, ALL_OPEN).then(taken_back(4, 3, line=PENALTY))


def test_a_bonus_that_a_person_has_kept_stays_while_the_rules_say_what_they_said_then_l_3() -> None:
    history = (earned(), taken_back(posted=None), dismissed(2, by=S1))
    for wanted in ([], [BONUS]):
        given(*history).when(settle, wanted, LATER, MARCH_CLOSED).then()
    less = (earned(), taken_back(posted=None, instead=LESS), deferred(2, LESS), dismissed(2, by=S1))
    for wanted in ([LESS], [BONUS]):
        given(*less).when(settle, wanted, LATER, MARCH_CLOSED).then()
    given(*less).when(settle, [], LATER, MARCH_CLOSED).then(taken_back(3, posted=None))


def test_a_bonus_that_a_person_has_kept_rises_when_the_rules_say_more_l_4() -> None:
    history = (earned(), taken_back(posted=None), dismissed(2, by=S1))
    given(*history).when(settle, [MORE], LATER, MARCH_CLOSED).then(
        taken_back(3, posted=APRIL, instead=MORE), earned(4, line=MORE, posted=APRIL, causes=LATER)
    )


# ---- judged again: otherwise ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("changed", [MORE, LESS, NEXT_DAY, IN_APRIL])
def test_another_amount_or_day_is_a_reversal_and_a_new_line_l_2(changed: Line) -> None:
    posted = APRIL if changed is IN_APRIL else MARCH
    given(earned()).when(settle, [changed], LATER, ALL_OPEN).then(
        taken_back(instead=changed), earned(3, line=changed, posted=posted, causes=LATER)
    )


def test_another_amount_of_a_proposal_is_a_dismissal_and_a_new_proposal() -> None:
    more = replace(PENALTY, amount_fen=-2000)
    given(proposed()).when(settle, [more], LATER, ALL_OPEN).then(dismissed(), proposed(2, line=more, causes=LATER))


def test_another_agent_is_another_line() -> None:
    other = replace(BONUS, agent=A2)
    given(earned()).when(settle, [other], LATER, ALL_OPEN).then(taken_back(), earned(3, line=other, causes=LATER))
    given(earned()).when(settle, [other], LATER, MARCH_CLOSED).then(
        taken_back(posted=None), earned(3, line=other, posted=APRIL, causes=LATER)
    )


@pytest.mark.parametrize("changed", [MORE, NEXT_DAY])
def test_what_does_not_lower_a_closed_month_needs_nobody_l_3(changed: Line) -> None:
    given(earned()).when(settle, [changed], LATER, MARCH_CLOSED).then(
        taken_back(posted=APRIL, instead=changed), earned(3, line=changed, posted=APRIL, causes=LATER)
    )


@pytest.mark.parametrize("changed", [LESS, IN_APRIL])
def test_what_lowers_a_closed_month_waits_and_the_new_line_with_it_l_3(changed: Line) -> None:
    """Never do both lines count: the agent keeps the old bonus until a supervisor has confirmed the change."""
    history = (earned(), taken_back(posted=None, instead=changed), deferred(2, changed))
    given(history[0]).when(settle, [changed], LATER, MARCH_CLOSED).then(*history[1:])
    given(*history).when(settle, [changed], LATER, MARCH_CLOSED).then()


def test_what_waits_follows_the_rules_l_3() -> None:
    history = (earned(), taken_back(posted=None, instead=LESS), deferred(2, LESS))
    least = replace(BONUS, amount_fen=10)
    given(*history).when(settle, [BONUS], LATER, MARCH_CLOSED).then(dismissed(2))
    given(*history).when(settle, [], LATER, MARCH_CLOSED).then(dismissed(2), taken_back(3, posted=None))
    given(*history).when(settle, [least], LATER, MARCH_CLOSED).then(
        dismissed(2), taken_back(3, posted=None, instead=least), deferred(3, least)
    )
    given(*history).when(settle, [MORE], LATER, MARCH_CLOSED).then(
        dismissed(2), taken_back(3, posted=APRIL, instead=MORE), earned(4, line=MORE, posted=APRIL, causes=LATER)
    )
    given(earned(), taken_back(posted=None)).when(settle, [LESS], LATER, MARCH_CLOSED).then(
        dismissed(2), taken_back(3, posted=None, instead=LESS), deferred(3, LESS)
    )


# ---- the state ------------------------------------------------------------------------------------------------------
def test_a_line_knows_its_months_l_1_l_4() -> None:
    """The month it happened in, which never changes, and the month whose statement has it."""
    voucher = given(proposed(), confirmed(posted=APRIL), taken_back(posted=MAY, line=PENALTY)).state
    line, reversal = voucher.entries[1], voucher.entries[2]
    assert (line.month, line.posted_month, line.late) == (MARCH, APRIL, True)
    assert (reversal.month, reversal.posted_month, reversal.late) == (MARCH, MAY, True)
    assert (reversal.amount_fen, reversal.status, reversal.reverses) == (1000, Status.CONFIRMED, 1)
    assert (line.counts, reversal.counts, line.reversed_by) == (False, False, 2)


def test_a_proposed_reversal_takes_its_line_back_once_it_is_confirmed_l_3() -> None:
    waiting = given(earned(), taken_back(posted=None)).state
    assert (waiting.entries[1].counts, waiting.counting(BONUS.key)) == (True, [])
    assert waiting.waiting(BONUS.key) == waiting.entries[2]
    assert (waiting.entries[2].status, waiting.entries[2].posted_month) == (Status.PROPOSED, None)
    done = given(earned(), taken_back(posted=None), confirmed(2, posted=APRIL, reverses=1)).state
    assert (done.entries[1].counts, done.entries[1].reversed_by, done.waiting(BONUS.key)) == (False, 2, None)
    assert (done.entries[2].posted_month, done.entries[2].late) == (APRIL, True)
    given(earned(), taken_back(posted=None), confirmed(2, posted=APRIL, reverses=1)).when(
        settle, [BONUS], LATER, MARCH_CLOSED
    ).then(earned(3, posted=APRIL, causes=LATER))


def test_a_line_in_its_own_month_is_not_late_nor_one_that_is_only_proposed() -> None:
    assert not given(earned()).state.entries[1].late
    assert not given(proposed()).state.entries[1].late


def test_what_stands_in_place_of_a_line_names_it_l_0() -> None:
    left = proposed(3, line=replace(PENALTY, amount_fen=-300), causes=(), in_place_of=1)
    partly = decided(verdict=e.Verdict.PARTLY, reduced_to_fen=300)
    reversal = upheld_reversal(posted=MAY)
    voucher = given(
        proposed(), confirmed(posted=APRIL), appealed(), partly, reversal, left, confirmed(3, posted=MAY, by=S2)
    ).state
    assert voucher.entries[3].in_place_of == 1
    assert voucher.entries[1].appeals == (AppealState.PARTLY,)


def test_the_lines_that_events_post_are_told_in_their_order() -> None:
    voucher = given(proposed(), confirmed()).state
    events = [taken_back(line=PENALTY), proposed(3), earned(4), taken_back(5, 4, posted=None), appealed(3)]
    assert [entry.number for entry in posted_by(voucher, events)] == [2, 4]
    assert [entry.number for entry in posted_by(given(proposed()).state, [confirmed()])] == [1]


def test_an_open_appeal_contests_a_line_until_it_is_withdrawn_or_decided() -> None:
    history = (proposed(), confirmed(), appealed())
    assert given(*history).state.entries[1].contested
    withdrawn = given(*history, e.AppealWithdrawn(number=1, appeal=1)).state.entries[1]
    assert (withdrawn.contested, withdrawn.appeals) == (False, (AppealState.WITHDRAWN,))
    assert not given(*history, decided(by=S2, verdict=e.Verdict.REJECTED)).state.entries[1].contested


def test_events_of_others_change_nothing() -> None:
    assert given(earned(), Noted(text=sealed("note"))).state == given(earned()).state
