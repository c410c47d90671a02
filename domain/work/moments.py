"""When a fact of the work happened: not in the future, by the rule of the fact."""

from datetime import datetime

from domain.kernel import Malformed
from domain.values import CLOCK_SKEW, Month, local_day


def happened(at: datetime | None, now: datetime, rule: str, pointer: str = "/at") -> None:
    """Refuse the time of a fact that lies more than 5 minutes ahead. Raises Malformed by the rule of the fact."""
    if at is not None and at > now + CLOCK_SKEW:
        detail = f"{pointer[1:]} lies in the future: give the time at which it happened"
        raise Malformed(detail, rule=rule, pointer=pointer)


def begun(month: Month, now: datetime, rule: str, pointer: str = "/month") -> None:
    """Refuse a month that has not begun where local days count. Raises Malformed by the rule of the fact."""
    if month > month_of(now):
        detail = f"{pointer[1:]} {month} has not begun: give the month in which it happened"
        raise Malformed(detail, rule=rule, pointer=pointer)


def month_of(at: datetime) -> Month:
    """The local month of a moment."""
    return Month.of(local_day(at))
