"""The fixed words about shifts and their handovers."""

from enum import StrEnum

from domain.work.words import PhoneTestShift


class ShiftKind(StrEnum):
    """The shifts of a day (S-1)."""

    EARLY = "early"
    MIDDLE = "middle"
    LATE = "late"

    @property
    def phone_tests(self) -> tuple[PhoneTestShift, ...]:
        """W-4: the tests of the line that the day owes by the end of this shift."""
        return (PhoneTestShift.EARLY,) if self is ShiftKind.EARLY else tuple(PhoneTestShift)


class StepKind(StrEnum):
    """What happened to a case that a handover tells of (S-3); the last two: a case passes from team to team."""

    RECEIVED = "received"
    CLARIFIED = "clarified"
    RESOLVED = "resolved"
    CALLED_BACK = "called_back"
    ESCALATED = "escalated"
    REOPENED = "reopened"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"
    UNMERGED = "unmerged"
    TAKEN_OVER = "taken_over"
    PASSED_ON = "passed_on"


class NoticeKind(StrEnum):
    """What is new about a merchant (S-3)."""

    NEW = "new"
    SIGNED = "signed"
    NO_LONGER_SIGNED = "no_longer_signed"
    RECOMMENDED = "recommended"
    NO_LONGER_RECOMMENDED = "no_longer_recommended"
