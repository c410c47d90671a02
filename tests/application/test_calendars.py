"""Calendars as documents: what may be written, what is told of a bad one, and what the shipped ones hold."""

from datetime import date

import jsonschema
import pytest
import yaml

from application import calendars
from application.documents import BadDocument, read
from domain.time.calendar import Calendar, SpecialDay, hours

HEAD = "version: c-1\ntime_zone: Europe/London\n"
WEEK = HEAD + "week: {weekdays: 09:00-17:00, saturday: 10:00-12:00}\n"
NINE, SATURDAY = hours(["09:00-17:00"]), hours(["10:00-12:00"])


def parsed(text: str) -> Calendar:
    return calendars.parse(read("c.yaml", text))


def special(text: str) -> dict[date, SpecialDay]:
    return dict(parsed(WEEK + text).special)


@pytest.mark.parametrize(
    ("week", "worked"),
    [
        ("monday: 9-17", "M______"),
        ("{monday-friday: 09:00-17:00}", "MTWTF__"),
        ("{Mon-Wed: 09:00-17:00, FRI: [09:00-17:00], sat: closed, sun: []}", "MTW_F__"),
        ("{weekdays: '09:00-17:00', weekend: 09:00 – 17:00}", "MTWTFSS"),
        ("{daily: 09:00-12:00, }", "MTWTFSS"),
        ("{saturday - monday: 09:00-17:00, tue: ''}", "M____SS"),
    ],
)
def test_a_week_may_be_written_in_many_ways(week: str, worked: str) -> None:
    found = parsed(HEAD + "week:\n  " + week).week
    assert "".join(day if openings else "_" for day, openings in zip("MTWTFSS", found, strict=True)) == worked


def test_several_openings_a_day_as_text_or_list() -> None:
    assert (
        parsed(HEAD + "week: {monday: '09:00-12:00, 13:00-18:00'}").week[0]
        == (parsed(HEAD + "week: {monday: [13:00-18:00, 09:00-12:00]}").week[0])
    )


def test_holidays_are_days_and_stretches_of_days_with_names() -> None:
    found = special("holidays: [2026-05-04, 2026-12-29/2026-12-30, {day: 2026-08-31, to: 2026-09-01, name: Late}]")
    assert {str(day): holiday.name for day, holiday in found.items()} == {
        "2026-05-04": None,
        "2026-08-31": "Late",
        "2026-09-01": "Late",
        "2026-12-29": None,
        "2026-12-30": None,
    }
    assert all(holiday.public_holiday and not holiday.hours for holiday in found.values())


def test_make_up_days_have_their_own_hours_or_those_of_a_weekday() -> None:
    found = special(
        "working_days: [2026-09-20, {day: 2026-09-27, like: sat}, {day: 2026-10-04, hours: 08:00-09:00, name: stock}]"
    )
    assert found == {
        date(2026, 9, 20): SpecialDay(hours=NINE),
        date(2026, 9, 27): SpecialDay(hours=SATURDAY),
        date(2026, 10, 4): SpecialDay(hours=hours(["08:00-09:00"]), name="stock"),
    }


def test_special_hours_overrule_all_and_a_public_holiday_stays_one() -> None:
    found = special("holidays: [{day: 2026-12-25, name: Xmas}]\nspecial_hours: {2026-12-24: 9-12, 2026-12-25: 10-11}")
    assert found == {
        date(2026, 12, 24): SpecialDay(hours=hours(["9-12"])),
        date(2026, 12, 25): SpecialDay(hours=hours(["10-11"]), name="Xmas", public_holiday=True),
    }


@pytest.mark.parametrize(
    ("country", "days"),
    [
        ("{country: GB, subdivision: ENG, years: 2026}", ["2026-04-06", "2026-12-28"]),
        ("{country: us, years: [2026]}", ["2026-07-03", "2026-11-26"]),
        ("{country: AU, subdivision: NSW, years: 2026-2027}", ["2026-01-26", "2027-01-26"]),
        ("{country: IN, years: '2025, 2026'}", ["2025-08-15", "2026-01-26"]),
        ("[{country: CN, years: 2026}]", ["2026-02-16", "2026-10-07"]),
    ],
)
def test_public_holidays_of_countries(country: str, days: list[str]) -> None:
    found = special(f"holidays: {country}")
    assert all(found[date.fromisoformat(day)].public_holiday for day in days)


def test_the_weekend_days_that_china_works_instead_are_worked() -> None:
    found = special("holidays: {country: CN, years: 2026}")
    assert found[date(2026, 10, 10)] == SpecialDay(hours=NINE)
    assert found[date(2026, 10, 1)].name == "国庆节"
    assert {day.year for day in found} == {2026}
    assert date(2026, 10, 10) not in special("holidays: {country: CN, years: 2026, make_up_days: false}")


def test_a_day_that_is_named_overrules_the_country() -> None:
    found = special("holidays: [2026-10-10, {country: CN, years: 2026}]\nworking_days: [2026-10-07]")
    assert not found[date(2026, 10, 10)].hours
    assert found[date(2026, 10, 7)].hours == NINE


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the document is empty"),
        ("7", "Expected `object`"),
        (HEAD, "missing required field `week`"),
        (HEAD + "week: {}", "line 3: week: a calendar that never opens"),
        (HEAD + "week: {monday: closed}", "a calendar that never opens"),
        (HEAD + "week: {moonday: 9-17}", "line 3: week/moonday: 'moonday' is no weekday"),
        (HEAD + "week: {mo: 9-17}", "'mo' is no weekday"),
        (HEAD + "week: {mon-moon: 9-17}", "'moon' is no weekday"),
        (HEAD + "week: {weekdays: 9-17, friday: 9-12}", "week/friday: friday is named twice"),
        (HEAD + "week:\n  monday: 9-17\n  tuesday: 22:00-06:00", "line 5: week/tuesday: '22:00-06:00' ends before"),
        (HEAD + "week: {monday: [9-12, 11-13]}", "11-13 overlaps"),
        (HEAD + "week: {monday: 9-25}", "no time of day"),
        (HEAD + "week: {monday: [9-12, closed]}", "'closed' is not like"),
        (WEEK.replace("Europe/London", "Europe/Londn"), "line 2: time_zone: 'Europe/Londn' is no time zone"),
        (WEEK.replace("Europe/London", "../etc/passwd"), "is no time zone"),
        (WEEK.replace("Europe/London", "Europe"), "is no time zone"),
        (WEEK + "holiday: []", "line 4: holiday: unknown; there are holidays"),
        (WEEK + "holidays: [{dya: 2026-01-01}]", "holidays/0/dya: unknown"),
        (WEEK + "holidays: [tomorrow]", "holidays/0: 'tomorrow' is neither a day as"),
        (WEEK + "holidays: [2026-02-30]", "holidays/0: '2026-02-30' is no day"),
        (WEEK + "holidays: [2026-02-03/2026-02-01]", "holidays/0"),
        (WEEK + "holidays: [{day: 2026-02-03, to: 2926-02-03}]", "holidays/0/to: 2926-02-03 is not within a year"),
        (WEEK + "holidays: [{name: nothing}]", "holidays/0: name a day, or a country"),
        (WEEK + "holidays: [{day: 2026-01-01, years: 2026}]", "belong to a country"),
        (WEEK + "holidays: {country: CN}", "line 4: holidays/years: name years"),
        (WEEK + "holidays: {country: CN, years: soon}", "name years"),
        (WEEK + "holidays: {country: CN, years: 2027-2026}", "name years"),
        (WEEK + "holidays: {country: CN, years: 0001-9999}", "name years"),
        (WEEK + "holidays: {country: CN, years: 2026, day: 2026-01-01}", "name either a day or a country"),
        (WEEK + "holidays: {country: Utopia, years: 2026}", "is no country code"),
        (WEEK + "holidays: {country: XX, years: 2026}", "line 4: holidays/country: no holidays are known: Country XX"),
        (WEEK + "holidays: {country: IN, years: 2035-2036}", "available only from 2001 to 2035"),
        (WEEK + "holidays: {country: GB, subdivision: Mars, years: 2026}", "does not have subdivision"),
        (WEEK + "working_days: [2026-09-99]", "working_days/0: '2026-09-99' is no day"),
        (WEEK + "working_days: [{day: 2026-09-20, hours: closed}]", "a working day without hours"),
        (WEEK + "working_days: [{day: 2026-09-20, like: sunday}]", "a working day without hours"),
        (WEEK + "working_days: [{day: 2026-09-20, like: someday}]", "working_days/0/like: 'someday' is no weekday"),
        (WEEK + "working_days: [{day: 2026-09-20, like: monday, hours: 9-10}]", "not both"),
        (WEEK + "working_days: [2026-09-20, 2026-09-20]", "working_days/1: 2026-09-20 is named twice"),
        (WEEK + "holidays: [2026-09-20]\nworking_days: [2026-09-20]", "line 5: working_days/0: 2026-09-20 is named"),
        (WEEK + "special_hours: {2026-12-99: 9-12}", "special_hours: Invalid RFC3339 encoded date"),
        (WEEK + "special_hours: {2026-12-24: noon}", "line 4: special_hours/2026-12-24: 'noon' is not like"),
    ],
)
def test_a_bad_calendar_is_told_with_its_place_and_reason(text: str, said: str) -> None:
    with pytest.raises(BadDocument) as told:
        parsed(text)
    assert said in str(told.value)


def test_the_shipped_calendars_can_be_used_and_keep_to_the_schema() -> None:
    assert calendars.shipped_versions() == ["default-1", "england-1", "round-the-clock"]
    for version in calendars.shipped_versions():
        assert calendars.shipped(version).version == version
        plain = yaml.load(calendars.shipped_text(version), Loader=yaml.BaseLoader)  # noqa: S506  nothing but texts
        jsonschema.validate(plain, calendars.schema())


def test_the_schema_refuses_what_it_should() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"version": "c-1", "week": {}}, calendars.schema())


def test_the_working_days_of_england_are_those_that_the_package_knows() -> None:
    england = calendars.shipped("england-1")
    known = parsed(
        "version: k\ntime_zone: Europe/London\nweek: {weekdays: '09:00-17:00'}\n"
        "holidays: {country: GB, subdivision: ENG, years: 2024-2028}"
    )
    every = [date.fromordinal(day) for day in range(date(2024, 1, 1).toordinal(), date(2029, 1, 1).toordinal())]
    assert [str(day) for day in every if england.hours(day) != known.hours(day)] == []


def test_the_default_calendar_works_the_days_that_the_package_knows() -> None:
    default, years = calendars.shipped(), "2024-2027"
    known = parsed(
        "version: k\ntime_zone: Asia/Shanghai\nweek: {weekdays: '09:00-12:00, 13:00-18:00'}\n"
        f"holidays: {{country: CN, years: {years}}}"
    )
    every = [date.fromordinal(day) for day in range(date(2024, 1, 1).toordinal(), date(2028, 1, 1).toordinal())]
    assert [str(day) for day in every if default.hours(day) != known.hours(day)] == []
