"""A business calendar written as a document again: what `application.calendars.parse` reads back as the same one."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from application.calendars import WEEKDAYS
from domain.time.calendar import Calendar, Hours, SpecialDay


def written(calendar: Calendar) -> dict[str, Any]:
    """The document, in plain JSON types; every day that differs stands by its date."""
    found: dict[str, Any] = {"version": calendar.version, "time_zone": calendar.time_zone}
    if calendar.valid_from:
        found["valid_from"] = calendar.valid_from.isoformat()
    found["week"] = {name: hours for name, its in zip(WEEKDAYS, calendar.week, strict=True) if (hours := _hours(its))}
    parts = {
        "holidays": list(_holidays(calendar.special)),
        "working_days": list(_working_days(calendar.special)),
        "special_hours": dict(_special_hours(calendar.special)),
    }
    return found | {name: part for name, part in parts.items() if part}


def _holidays(special: Mapping[date, SpecialDay]) -> Iterator[dict[str, Any]]:
    for day, its in special.items():
        if its.public_holiday:
            yield _named(day, its)


def _working_days(special: Mapping[date, SpecialDay]) -> Iterator[dict[str, Any]]:
    for day, its in special.items():
        if its.hours and its.name and not its.public_holiday:
            yield {**_named(day, its), "hours": _hours(its.hours)}


def _special_hours(special: Mapping[date, SpecialDay]) -> Iterator[tuple[str, str]]:
    for day, its in special.items():
        if bool(its.hours) if its.public_holiday else not (its.hours and its.name):
            yield day.isoformat(), _hours(its.hours) or "closed"


def _named(day: date, its: SpecialDay) -> dict[str, Any]:
    return {"day": day.isoformat()} | ({"name": its.name} if its.name else {})


def _hours(hours: Hours) -> str:
    return ", ".join(f"{_time(opening.opens)}-{_time(opening.closes)}" for opening in hours)


def _time(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
