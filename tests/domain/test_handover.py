"""What a handover is made of: sums, sections, the order of urgency (S-3)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.case.words import Status
from domain.shift.handover import CaseLine, Grant, urgency
from domain.shift.words import ShiftKind, StepKind
from domain.work.words import PhoneTestShift
from tests.support.cases import HOUR
from tests.support.shifts import END, ENDED_WITH_GRANT, HANDOVER, ITEMS, URGENT

UNTIL = HANDOVER.until
QUIET = replace(URGENT, number="3", due_at=None, terms=(), grants=(), escalations=(), message_at=None)


def test_what_is_open_at_the_start_and_at_the_end_adds_up_s_3() -> None:
    assert (HANDOVER.open_at_start, HANDOVER.open_at_end) == (1, 1)
    assert sum(step.opens for step in HANDOVER.steps) == HANDOVER.open_at_end - HANDOVER.open_at_start


def test_steps_are_counted_those_that_were_not_taken_too_s_3() -> None:
    assert {kind: count for kind, count in HANDOVER.counts.items() if count} == {
        StepKind.RECEIVED: 1,
        StepKind.CLOSED: 1,
        StepKind.RESOLVED: 1,
    }
    assert set(HANDOVER.counts) == set(StepKind)


def test_the_sections_name_the_lines_they_are_about_s_3() -> None:
    shown = replace(HANDOVER, cases=(URGENT, QUIET, ENDED_WITH_GRANT))
    assert shown.due == (URGENT,)
    assert shown.callbacks == (URGENT, QUIET)
    assert shown.granted == (URGENT, ENDED_WITH_GRANT)
    assert shown.escalated == (URGENT,)
    assert shown.messages == (URGENT,)
    assert [line.open for line in shown.cases] == [True, True, False]


@pytest.mark.parametrize(
    ("line", "due"),
    [
        (QUIET, False),
        (replace(QUIET, due_at=UNTIL - HOUR), True),
        (replace(QUIET, due_at=UNTIL), False),
        (replace(QUIET, terms=(replace(URGENT.terms[0], due_at=END - HOUR),)), True),
        (replace(QUIET, grants=(Grant(demand=1, due=None),)), False),
        (replace(QUIET, grants=(Grant(demand=1, due=UNTIL.date()),)), False),
        (replace(QUIET, grants=(Grant(demand=1, due=UNTIL.date() - timedelta(days=1)),)), True),
    ],
)
def test_what_falls_due_before_the_coming_shift_ends_s_3(line: CaseLine, due: bool) -> None:  # noqa: FBT001
    assert line.due_before(UNTIL) is due


def test_a_grant_is_due_at_the_end_of_its_local_day_c_7() -> None:
    assert URGENT.grants[0].due_at == datetime(2024, 5, 7, 16, tzinfo=UTC)
    assert ENDED_WITH_GRANT.grants[0].due_at is None


def test_every_item_can_be_ticked_s_3() -> None:
    assert HANDOVER.items == ITEMS


@pytest.mark.parametrize(("position", "items"), [(20, set()), (14, {ITEMS[0], ITEMS[6]}), (11, {*ITEMS[:2], ITEMS[6]})])
def test_what_has_changed_since_a_position_s_3(position: int, items: set[str]) -> None:
    assert HANDOVER.changed_since(position) == items


def test_the_most_urgent_comes_first_c_17() -> None:
    on_site = replace(QUIET, number="9", on_site=True)
    sooner, later = replace(QUIET, number="8", due_at=END), replace(QUIET, number="1", due_at=END + HOUR)
    undated = [replace(QUIET, number=number, status=Status.RECEIVED) for number in ("4", "5")]
    wanted = [on_site, sooner, later, *undated]
    assert sorted([*undated, later, on_site, sooner], key=urgency) == wanted


def test_the_day_owes_the_tests_of_the_shifts_so_far_w_4() -> None:
    assert ShiftKind.EARLY.phone_tests == (PhoneTestShift.EARLY,)
    assert ShiftKind.MIDDLE.phone_tests == ShiftKind.LATE.phone_tests == (PhoneTestShift.EARLY, PhoneTestShift.MIDDLE)
