"""What aggregates come to as facts that the rules judge."""

from datetime import date, timedelta

from domain.case.case import Case
from domain.values import Month
from domain.work.facts import CaseFault

WEEK = timedelta(days=7)


def faults_of(case: Case) -> list[CaseFault]:
    """C-5: the faults of a valid complaint; each happened when the matter did, else when it was received."""
    if not (case.received and case.analysis and case.valid):
        return []
    at = case.received.happened_at or case.received.received_at
    return [
        CaseFault(at=at, agents=(fault.agent,), fault=fault.fault, ref=fault.ref, grave=fault.grave)
        for fault in case.analysis.faults
    ]


def employed_weeks(month: Month, joined_on: date | None, last_day: date | None) -> int | None:
    """P-CALLBACK: the full weeks somebody worked in a month they joined or left in; None for all other months."""
    joined_within = joined_on is not None and month.first_day < joined_on <= month.last_day
    left_within = last_day is not None and month.first_day <= last_day < month.last_day
    if not (joined_within or left_within):
        return None
    first = joined_on if joined_on and joined_within else month.first_day
    last = last_day if last_day and left_within else month.last_day
    return max(0, (last - first + timedelta(days=1)) // WEEK)
