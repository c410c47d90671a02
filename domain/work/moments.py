"""When a fact of the work happened: not in the future, and not before tariffs hold, by the rule of the fact."""

from datetime import datetime

from domain.kernel import Malformed
from domain.values import CLOCK_SKEW, FIRST_TARIFF_DAY, Month, before_tariffs, local_day

_IN_TIME = "give the day on which it happened; what is older is recorded nowhere here"


def happened(at: datetime | None, now: datetime, rule: str, pointer: str = "/at") -> None:
    """Refuse the time of a fact that lies more than 5 minutes ahead, or before any tariff.

    Raises Malformed by the rule of the fact.
    """
    if at is None:
        return
    if at > now + CLOCK_SKEW:
        detail = f"{pointer[1:]} lies in the future: give the time at which it happened"
        raise Malformed(detail, rule=rule, pointer=pointer)
    if local_day(at) < FIRST_TARIFF_DAY:
        raise before_tariffs(pointer, rule, _IN_TIME)


def begun(month: Month, now: datetime, rule: str, pointer: str = "/month") -> None:
    """Refuse a month that has not begun where local days count, or that lies before any tariff.

    Raises Malformed by the rule of the fact.
    """
    if month > month_of(now):
        detail = f"{pointer[1:]} {month} has not begun: give the month in which it happened"
        raise Malformed(detail, rule=rule, pointer=pointer)
    if month < Month.of(FIRST_TARIFF_DAY):
        raise before_tariffs(pointer, rule, _IN_TIME)


def month_of(at: datetime) -> Month:
    """The local month of a moment."""
    return Month.of(local_day(at))
