"""Business calendars as YAML documents: the shipped ones, and those of users.

A calendar says the hours of its week, and the days that differ from it:

    version: office-1
    time_zone: Europe/London
    week:
      monday-thursday: 09:00-12:30, 13:30-17:30
      friday: 09:00-16:00                          # a day that is not named is closed
    holidays:
      - {country: GB, subdivision: ENG, years: 2026-2027}
      - {day: 2026-12-29, to: 2026-12-31, name: closed over New Year}
    working_days:                                  # make-up days, with their own hours or those of a weekday
      - {day: 2026-09-19, like: friday}
    special_hours:                                 # single days; these overrule all others
      2026-12-24: 09:00-12:00

Public holidays of a country come from the package `holidays`, with the weekend days that are worked instead. A calendar
that must stay as it is whatever that package learns names its days, as the shipped ones do.
"""

import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays
import msgspec
from msgspec import Meta

from application.documents import Document, read, read_file
from domain.time.calendar import FIRST_YEAR, LAST_YEAR, BadHours, Calendar, Hours, SpecialDay, hours

SHIPPED = files("application.calendars")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SETS = {"daily": range(7), "weekdays": range(5), "weekend": range(5, 7)}
_YEARS = re.compile(r"(\d{4})(?:\s*[-–—]\s*(\d{4}))?")
_DAYS = re.compile(r"(\d{4}-\d\d-\d\d)(?:/(\d{4}-\d\d-\d\d))?")
_COUNTRY = re.compile("[A-Z]{2}")
_SHORTEST_WEEKDAY = 3
_LONGEST_HOLIDAY = timedelta(days=366)

Written = Annotated[
    str | tuple[str, ...], Meta(description="hours as `09:00-12:00, 13:00-17:00`, a list of such, or `closed`")
]
"""Hours as they are written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayForm:
    """Holidays: a day, or the days from one to another, with a name; or the public holidays of a country."""

    day: date | None = None
    to: date | None = None
    name: str | None = None
    country: str | None = None
    subdivision: str | None = None
    years: str | tuple[str, ...] | None = None
    make_up_days: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingDayForm:
    """A make-up working day: its own hours, or those of the weekday named, or of the first that is worked."""

    day: date
    name: str | None = None
    hours: Written | None = None
    like: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarForm:
    """A calendar as it is written."""

    version: Annotated[str, Meta(min_length=1, description="a published version is never edited; another replaces it")]
    time_zone: Annotated[str, Meta(description="an IANA name, as Asia/Shanghai")]
    week: Annotated[
        Mapping[str, Written],
        Meta(description="monday, mon-fri, weekdays, weekend, daily: their hours; a day not named is closed"),
    ]
    valid_from: Annotated[date | None, Meta(description="the first local day on which it is used")] = None
    holidays: Annotated[
        HolidayForm | tuple[str | HolidayForm, ...],
        Meta(description="closed days: 2026-05-01, 2026-10-01/2026-10-07, or more about them; or those of a country"),
    ] = ()
    working_days: Annotated[
        tuple[str | WorkingDayForm, ...],
        Meta(description="make-up working days, worked though their weekday or a holiday says otherwise"),
    ] = ()
    special_hours: Annotated[
        Mapping[date, Written], Meta(description="single days with hours of their own, as half days; they overrule all")
    ] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Reading:
    """A document while a calendar is made of it: its form, and the hours of its week."""

    document: Document
    form: CalendarForm
    week: tuple[Hours, ...]


Place = tuple[str | int, ...]
"""Where in the document something stands."""
Days = dict[date, SpecialDay]


def parse(document: Document) -> Calendar:
    """A calendar from its document. Raises BadDocument with line, path and reason."""
    form = document.convert(CalendarForm)
    _check_zone(document, form.time_zone)
    reading = _Reading(document, form, _week(document, form.week))
    holidays_read = list(_holiday_forms(reading))
    of_countries = _merged(_country_days(reading, path, form) for path, form in holidays_read if form.country)
    named = _merged(_named_days(reading, path, form) for path, form in holidays_read if not form.country)
    special = of_countries | named | _working_days(reading, named)
    special |= _special_hours(reading, special)
    monday, tuesday, wednesday, thursday, friday, saturday, sunday = reading.week
    calendar = Calendar(
        version=form.version,
        time_zone=form.time_zone,
        week=(monday, tuesday, wednesday, thursday, friday, saturday, sunday),
        special=dict(sorted(special.items())),
        valid_from=form.valid_from,
    )
    if not calendar.opens:
        raise document.fault(("week",), "a calendar that never opens: name a day with hours, as monday: 09:00-17:00")
    return calendar


def calendar_file(path: Path) -> Calendar:
    """A calendar from a file. Raises BadDocument."""
    return parse(read_file(path))


def shipped_versions() -> list[str]:
    """The versions that ship with the project."""
    return sorted(file.name.removesuffix(".yaml") for file in SHIPPED.iterdir() if file.name.endswith(".yaml"))


def shipped_text(version: str = "default-1") -> str:
    """A shipped calendar as it is written."""
    return SHIPPED.joinpath(f"{version}.yaml").read_text("utf-8")


def shipped(version: str = "default-1") -> Calendar:
    """A shipped calendar."""
    return parse(read(f"{version}.yaml", shipped_text(version)))


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a calendar."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | msgspec.json.schema(CalendarForm)


# ---- hours ----------------------------------------------------------------------------------------------------------
def _check_zone(document: Document, name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise document.fault(("time_zone",), f"{name!r} is no time zone; there is, for one, Asia/Shanghai") from error


def _week(document: Document, written: Mapping[str, Written]) -> tuple[Hours, ...]:
    week: dict[int, Hours] = {}
    for name, texts in written.items():
        found = _hours(document, ("week", name), texts)
        for weekday in _weekdays(document, ("week", name), name):
            if weekday in week:
                raise document.fault(("week", name), f"{WEEKDAYS[weekday]} is named twice")
            week[weekday] = found
    return tuple(week.get(weekday, ()) for weekday in range(7))


def _weekdays(document: Document, place: Place, name: str) -> list[int]:
    """The weekdays meant by `monday`, `mon-fri`, `weekdays` …."""
    text = name.strip().lower()
    if text in _SETS:
        return list(_SETS[text])
    first, _, last = (part.strip() for part in text.partition("-"))
    begin, end = _weekday(document, place, first), _weekday(document, place, last or first)
    return [(begin + step) % 7 for step in range((end - begin) % 7 + 1)]


def _weekday(document: Document, place: Place, name: str) -> int:
    found = [at for at, weekday in enumerate(WEEKDAYS) if weekday.startswith(name.lower())]
    if len(name) < _SHORTEST_WEEKDAY or not found:
        raise document.fault(place, f"{name!r} is no weekday; there are {', '.join((*WEEKDAYS, *_SETS))}")
    return found[0]


def _hours(document: Document, place: Place, written: Written) -> Hours:
    texts = written.split(",") if isinstance(written, str) else list(written)
    if [text.strip().lower() for text in texts] in ([], [""], ["closed"]):
        return ()
    try:
        return hours(texts)
    except BadHours as error:
        raise document.fault(place, str(error)) from error


# ---- days that differ -----------------------------------------------------------------------------------------------
def _merged(parts: Iterator[Days]) -> Days:
    return {day: special for part in parts for day, special in part.items()}


def _holiday_forms(reading: _Reading) -> Iterator[tuple[Place, HolidayForm]]:
    written = reading.form.holidays
    if isinstance(written, HolidayForm):
        yield ("holidays",), written
        return
    for at, item in enumerate(written):
        place = ("holidays", at)
        yield place, _days_form(reading.document, place, item) if isinstance(item, str) else item


def _days_form(document: Document, place: Place, text: str) -> HolidayForm:
    """`2026-10-01`, or `2026-10-01/2026-10-07`."""
    days = _DAYS.fullmatch(text.strip())
    if not days:
        raise document.fault(place, f"{text!r} is neither a day as 2026-10-01 nor days as 2026-10-01/2026-10-07")
    first, last = (_day(document, place, day) if day else None for day in days.groups())
    return HolidayForm(day=first, to=last)


def _day(document: Document, place: Place, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise document.fault(place, f"{text!r} is no day; write it as 2026-10-01") from error


def _named_days(reading: _Reading, place: Place, form: HolidayForm) -> Days:
    if form.day is None:
        raise reading.document.fault(place, "name a day, or a country with its years")
    if form.subdivision or form.years:
        raise reading.document.fault(place, "subdivision and years belong to a country")
    length = (form.to or form.day) - form.day
    if not timedelta() <= length < _LONGEST_HOLIDAY:
        raise reading.document.fault((*place, "to"), f"{form.to} is not within a year after {form.day}")
    holiday = SpecialDay(hours=(), name=form.name, public_holiday=True)
    return {form.day + timedelta(days=number): holiday for number in range(length.days + 1)}


def _country_days(reading: _Reading, place: Place, form: HolidayForm) -> Days:
    """The public holidays of a country, and the weekend days that are worked instead."""
    if form.day or form.to or form.name:
        raise reading.document.fault(place, "name either a day or a country, and the other on a line of its own")
    years = _years(reading.document, place, form)
    public = _public_holidays(reading.document, place, form, years)
    closed = {day: SpecialDay(hours=(), name=name, public_holiday=True) for day, name in public.items()}
    worked = {day for day in public.weekend_workdays if form.make_up_days and day.year in years}
    return closed | {day: SpecialDay(hours=_first_hours(reading)) for day in worked}


def _public_holidays(document: Document, place: Place, form: HolidayForm, years: set[int]) -> holidays.HolidayBase:
    """What the package knows, named in the language of the country, whoever asks."""
    country = str(form.country).upper()
    if not _COUNTRY.fullmatch(country):
        raise document.fault((*place, "country"), f"{form.country!r} is no country code of two letters, as CN")
    try:
        with warnings.catch_warnings(action="error", category=UserWarning):  # it warns of years it knows in part
            language = holidays.country_holidays(country, subdiv=form.subdivision).default_language
            return holidays.country_holidays(country, subdiv=form.subdivision, years=years, language=language)
    except (NotImplementedError, UserWarning) as error:
        raise document.fault((*place, "country"), f"no holidays are known: {error}") from error


def _years(document: Document, place: Place, form: HolidayForm) -> set[int]:
    texts = [form.years] if isinstance(form.years, str) else list(form.years or ())
    matches = [_YEARS.fullmatch(text.strip()) for text in ",".join(texts).split(",")]
    bounds = [(int(match[1]), int(match[2] or match[1])) for match in matches if match]
    if len(bounds) < len(matches) or not all(FIRST_YEAR <= first <= last <= LAST_YEAR for first, last in bounds):
        raise document.fault((*place, "years"), f"name years from {FIRST_YEAR} to {LAST_YEAR}, as 2024-2027")
    return {year for first, last in bounds for year in range(first, last + 1)}


def _working_days(reading: _Reading, closed: Days) -> Days:
    worked: Days = {}
    for at, item in enumerate(reading.form.working_days):
        place = ("working_days", at)
        form = _working_day(reading.document, place, item) if isinstance(item, str) else item
        if form.day in closed or form.day in worked:
            raise reading.document.fault(place, f"{form.day} is named twice")
        worked[form.day] = SpecialDay(hours=_make_up_hours(reading, place, form), name=form.name)
    return worked


def _working_day(document: Document, place: Place, text: str) -> WorkingDayForm:
    return WorkingDayForm(day=_day(document, place, text.strip()))


def _make_up_hours(reading: _Reading, place: Place, form: WorkingDayForm) -> Hours:
    if form.hours is not None and form.like is not None:
        raise reading.document.fault(place, "give it hours of its own, or those of a weekday, not both")
    if form.like is not None:
        found = reading.week[_weekday(reading.document, (*place, "like"), form.like)]
    else:
        found = _first_hours(reading) if form.hours is None else _hours(reading.document, (*place, "hours"), form.hours)
    if not found:
        raise reading.document.fault(place, "a working day without hours: give it hours, as 09:00-12:00")
    return found


def _first_hours(reading: _Reading) -> Hours:
    """The hours of the first weekday that is worked."""
    return next((found for found in reading.week if found), ())


def _special_hours(reading: _Reading, special: Days) -> Days:
    """Single days with hours of their own; a public holiday on which is worked stays one."""
    known, document = SpecialDay(hours=()), reading.document
    return {
        day: replace(special.get(day, known), hours=_hours(document, ("special_hours", str(day)), written))
        for day, written in reading.form.special_hours.items()
    }
