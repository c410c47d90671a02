"""When a fact of the work happened: not in the future, and not before tariffs hold, by the rule of the fact."""

from datetime import datetime

from domain.kernel import Malformed
from domain.values import CLOCK_SKEW, FIRST_TARIFF_DAY, Month, local_day


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
        raise _before_tariffs(rule, pointer)


def begun(month: Month, now: datetime, rule: str, pointer: str = "/month") -> None:
    """Refuse a month that has not begun where local days count, or that lies before any tariff.

    Raises Malformed by the rule of the fact.
    """
    if month > month_of(now):
        detail = f"{pointer[1:]} {month} has not begun: give the month in which it happened"
        raise Malformed(detail, rule=rule, pointer=pointer)
    if month < Month.of(FIRST_TARIFF_DAY):
        raise _before_tariffs(rule, pointer)


def _before_tariffs(rule: str, pointer: str) -> Malformed:
    """What refuses a day of which no tariff speaks: what happened then would never be judged, and nobody would know."""
    detail = (
        f"{pointer[1:]} lies before {FIRST_TARIFF_DAY}, the first day of all tariffs: "
        "give the day on which it happened; what is older is recorded nowhere here"
    )
    return Malformed(detail, rule=rule, pointer=pointer)


def month_of(at: datetime) -> Month:
    """The local month of a moment."""
    return Month.of(local_day(at))
