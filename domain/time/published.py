"""The registers of deadline policies and business calendars (A-4): which versions take which one's place."""

from collections.abc import Iterator
from datetime import datetime

from domain import published
from domain.published import Kind
from domain.time import events as e
from domain.time.deadlines import DeadlinePolicy, faults


def _calendar_faults(document: e.BusinessCalendar) -> Iterator[tuple[str, str]]:
    if document.calendar.valid_from is None:
        yield "valid_from", "say from which day on policies may count on it"
    if not document.calendar.opens:
        yield "week", "a calendar without any opening hours: nothing would ever fall due"


def _begun(policy: DeadlinePolicy, at: datetime) -> bool:
    """Neither here nor where its calendar is: cases received there would be judged by another policy than before."""
    return published.begun(policy, at) or policy.begun(at)


def _same_name(one: DeadlinePolicy, other: DeadlinePolicy) -> bool:
    return one.name == other.name


DEADLINE_POLICIES = Kind(
    name="deadline policy",
    proposed=e.PolicyProposed,
    published=e.PolicyPublished,
    withdrawn=e.PolicyWithdrawn,
    faults=faults,
    rivals=_same_name,
    begun=_begun,
)
DEADLINE_POLICY_REGISTER = DEADLINE_POLICIES.decider
CALENDARS = Kind(
    name="calendar",
    proposed=e.CalendarProposed,
    published=e.CalendarPublished,
    withdrawn=e.CalendarWithdrawn,
    faults=_calendar_faults,
    rivals=lambda _one, _other: False,  # policies name the one they mean
)
CALENDAR_REGISTER = CALENDARS.decider
