"""The events of deadline policies and business calendars. Stored for ever, whole: no later reading changes them."""

from dataclasses import dataclass
from datetime import date

from domain.kernel import event
from domain.published import DocumentProposed, DocumentPublished, DocumentWithdrawn
from domain.time.calendar import Calendar
from domain.time.deadlines import DeadlinePolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessCalendar:
    """A calendar that two people put in force; one without a first day may be used from ever on."""

    calendar: Calendar

    @property
    def version(self) -> str:
        """The calendar's own."""
        return self.calendar.version

    @property
    def valid_from(self) -> date:
        """The first local day on which policies may count on it."""
        return self.calendar.valid_from or date.min


@event("deadline_policy.proposed")
class PolicyProposed(DocumentProposed[DeadlinePolicy]):
    """A-4: somebody lays a deadline policy, with the calendar it counts on, before a second person."""

    document: DeadlinePolicy


@event("deadline_policy.published")
class PolicyPublished(DocumentPublished):
    """A-4: another person has put the policy in force for the cases received from its first day on."""


@event("deadline_policy.withdrawn")
class PolicyWithdrawn(DocumentWithdrawn):
    """A-4: the proposed policy is taken back."""


@event("calendar.proposed")
class CalendarProposed(DocumentProposed[BusinessCalendar]):
    """A-4: somebody lays a business calendar before a second person."""

    document: BusinessCalendar


@event("calendar.published")
class CalendarPublished(DocumentPublished):
    """A-4: another person has made the calendar one that policies may name."""


@event("calendar.withdrawn")
class CalendarWithdrawn(DocumentWithdrawn):
    """A-4: the proposed calendar is taken back."""
