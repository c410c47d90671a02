"""How many due times a second: working time and working days, a few weeks ahead, with and without a pause.

The yardstick is what nobody can do without: adding a duration and showing the sum in a time zone. Rounds of both are
interleaved; the median of the paired ratios counts, since absolute figures prove little on a shared machine. A walk day
by day, as calendars are often written, stands beside them.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from statistics import median
from zoneinfo import ZoneInfo

from application.calendars import shipped
from domain.time.calendar import Calendar, Period, Work, WorkingDays, due, elapsed, working_intervals
from tests.support.campaigns import report

TARGET_A_SECOND = 20_000
FIRST = datetime(2026, 1, 5, tzinfo=UTC)
MINUTES_OF_YEAR = 350 * 24 * 60


def starts(count: int, seed: int) -> list[datetime]:
    """Moments spread over a year."""
    chance = random.Random(seed)  # noqa: S311  a repeatable seed is the point
    return [FIRST + timedelta(minutes=chance.randrange(MINUTES_OF_YEAR)) for _ in range(count)]


def walked(calendar: Calendar, start: datetime, work: timedelta) -> datetime:
    """A due time found by walking day by day, for zones that never change their clocks."""
    zone = ZoneInfo(calendar.time_zone)
    day = start.astimezone(zone).date()
    while True:
        midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
        for opening in calendar.hours(day):
            opens = max(start, midnight + timedelta(minutes=opening.opens))
            closes = midnight + timedelta(minutes=opening.closes)
            if opens < closes and work <= closes - opens:
                return opens + work
            work -= max(closes - opens, timedelta())
        day += timedelta(days=1)


def kinds(calendar: Calendar, weeks: int) -> dict[str, Callable[[datetime], object]]:
    """What is measured, by name; each takes a start."""
    hours = timedelta(hours=40 * weeks)
    days: Work = WorkingDays(Decimal(5 * weeks))
    half: Work = WorkingDays(Decimal(5 * weeks) + Decimal("0.5"))
    ahead = timedelta(weeks=weeks)
    return {
        "working time": lambda start: due(calendar, start, hours),
        "working time, one pause": lambda start: due(
            calendar, start, hours, [Period(start + timedelta(hours=3), start + timedelta(hours=60))]
        ),
        "working days": lambda start: due(calendar, start, days),
        "working days and a half": lambda start: due(calendar, start, half),
        "elapsed": lambda start: elapsed(calendar, start, start + ahead),
        "the sum, interval by interval": lambda start: working_intervals(calendar, start, start + ahead),
        "walking day by day": lambda start: walked(calendar, start, hours),
    }


def seconds(measured: Callable[[datetime], object], moments: Sequence[datetime]) -> float:
    """How long the measured takes for all moments."""
    begun = time.perf_counter()
    for moment in moments:
        measured(moment)
    return time.perf_counter() - begun


def main(argv: Sequence[str]) -> int:
    """Measure; 0 when every kind of due time reaches the target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=5_000, help="computations in a round")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--weeks", type=int, default=3, help="how far ahead")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(argv)
    calendar, moments = shipped(), starts(options.count, options.seed)
    zone, ahead = ZoneInfo(calendar.time_zone), timedelta(weeks=options.weeks)
    agreed = all(due(calendar, at, ahead / 7) == walked(calendar, at, ahead / 7) for at in moments)
    report(f"{options.count} x {options.rounds}, {options.weeks} weeks ahead; agrees with walking: {agreed}")
    reached = agreed
    for name, measured in kinds(calendar, options.weeks).items():
        rounds = [
            (seconds(measured, moments), seconds(lambda at: (at + ahead).astimezone(zone), moments))
            for _ in range(options.rounds)
        ]
        a_second = options.count / median(ours for ours, _ in rounds)
        ratio = median(yardstick / ours for ours, yardstick in rounds)
        report(f"{name:30} {a_second:10,.0f} a second, {ratio:.3f} of the yardstick")
        reached = reached and (not name.startswith("working") or a_second >= TARGET_A_SECOND)
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
