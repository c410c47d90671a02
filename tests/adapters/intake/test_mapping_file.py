"""The mapping file: what it may say, and what is said when it does not hold."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from msgspec.json import decode

from adapters.intake.mapping import (
    SCHEMA,
    SHIPPED,
    CaseMapping,
    Outcome,
    RowReader,
    SourceCase,
    load,
    parse,
    schema,
    shipped,
)
from adapters.intake.mapping_file import MappingError, RowRefused

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HEAD = "source: s\ntime_zone: Asia/Shanghai\nkey: id\n"
FIELDS = "received_at: {column: at, format: '%Y-%m-%d %H:%M'}, channel: {column: via, values: {电话: hotline, 网: web}}"
PLAIN = HEAD + "fields: {" + FIELDS + "}"
ROW = {"id": " 7 ", "at": "2026-02-01 09:30", "via": "电话"}


def mapping(more: str = "", *, at: str = FIELDS) -> CaseMapping:
    return parse(HEAD + "fields: {" + at + more + "}")


def read(text: str, **cells: str) -> SourceCase:
    return RowReader(parse(text)).read({**ROW, **cells}, NOW)


def fed(more: str, **cells: str) -> SourceCase:
    return read(HEAD + "fields: {" + FIELDS + ", " + more + "}", **cells)


# ---- what does not hold ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "Expected `object`"),
        ("a: [", "does not hold"),
        ("key: a\nkey: b", "key stands twice (line 2)"),
        (PLAIN + "\ndelimeter: ';'", "delimeter is not known: possible are source, time_zone"),
        (PLAIN.replace("channel:", "chanel:"), "fields.chanel is not known: possible are received_at, channel"),
        (
            PLAIN.replace("column: via", "colum: via"),
            "fields.channel.colum is not known: possible are column, constant",
        ),
        (HEAD + "fields: {" + FIELDS + ", demands: [{colum: x}]}", "fields.demands[0].colum is not known"),
        (PLAIN.replace("Shanghai", "Atlantis"), "time_zone 'Asia/Atlantis' is not known"),
        (PLAIN.replace("source: s", "source: 'a:b'"), "$.source"),
        (PLAIN.replace("hotline", "fax"), "fields.channel: 'fax' is not possible, but hotline, web"),
        (PLAIN.replace("column: via, values", "values"), "fields.channel: give either column or constant"),
        (
            PLAIN.replace("column: via,", "column: via, constant: web,"),
            "fields.channel: give either column or constant",
        ),
        (PLAIN.replace(", format: '%Y-%m-%d %H:%M'", ""), "fields.received_at.format: is missing"),
        (
            PLAIN.replace("column: via,", "column: via, format: '%Y',"),
            "fields.channel.format: is for dates and amounts",
        ),
        (HEAD + "fields: {" + FIELDS + ", place: {column: p, otherwise: x}}", "fields.place.otherwise"),
        (HEAD + "fields: {" + FIELDS + ", place: {constant: p, absent: [x]}}", "a constant needs no values"),
        (PLAIN + "\nresolution: {column: r, values: {a: done}}", "done"),
        (PLAIN + "\nresolution: {column: r, values: {}, closed_at: {column: c}}", "resolution.closed_at.format"),
    ],
)
def test_what_does_not_hold_is_named_with_its_place(text: str, said: str) -> None:
    with pytest.raises(MappingError) as error:
        parse(text)
    assert said in str(error.value)


def test_a_file_that_is_not_there_names_the_shipped_mappings(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="shipped mapping: cfpb"):
        load(str(tmp_path / "none.yaml"))


# ---- what ships -----------------------------------------------------------------------------------------------------
def test_the_published_schema_is_current() -> None:
    assert SCHEMA.read_bytes() == schema(), "write it anew: adapters.intake.mapping.schema()"


@pytest.mark.parametrize("name", shipped())
def test_what_ships_holds_and_fits_the_schema(name: str) -> None:
    document = yaml.load(SHIPPED.joinpath(f"{name}.yaml").read_text("utf-8"), yaml.BaseLoader)  # noqa: S506  texts alone
    assert [error.message for error in Draft202012Validator(decode(schema())).iter_errors(document)] == []
    assert load(name).source == name


def test_a_file_is_read_by_its_path(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("\ufeff" + PLAIN, "utf-8")
    assert load(str(file)) == parse(PLAIN)


# ---- rows -----------------------------------------------------------------------------------------------------------
def test_only_what_the_row_says_becomes_a_fact() -> None:
    case = read(PLAIN)
    assert (case.source, case.external_ref, case.outcome) == ("s", "7", Outcome.OPEN)
    assert case.received == {
        "received_at": datetime(2026, 2, 1, 1, 30, tzinfo=UTC),
        "day_only": False,
        "channel": "hotline",
        "demands": [],
        "customer": {},
    }


def test_a_day_begins_in_the_time_zone_and_is_marked() -> None:
    case = read(PLAIN.replace(" %H:%M", ""), at="2026-02-01")
    assert case.received["received_at"] == datetime(2026, 1, 31, 16, tzinfo=UTC)
    assert case.received["day_only"]


def test_a_date_with_offset_needs_no_time_zone() -> None:
    case = read(PLAIN.replace("%H:%M", "%H:%M%z"), at="2026-02-01 09:30-05:00")
    assert case.received["received_at"] == datetime(2026, 2, 1, 14, 30, tzinfo=UTC)


def test_every_field_has_its_place() -> None:
    more = "customer.name: {column: n}, on_site: {column: o, values: {是: 'true'}, otherwise: 'false'}"
    more += ", demands: [{column: d1}, {column: d2}, {constant: 道歉}]"
    more += ", merchant: {column: m, values: {甲: m-1}, otherwise: ''}"
    facts = fed(more, n="王小明", o="是", d1="退款", d2="", m="甲").received
    assert (facts["customer"]["name"], facts["on_site"], facts["merchant"]) == ("王小明", True, "m-1")
    assert facts["demands"] == ["退款", "道歉"]
    assert "merchant" not in fed(more, n="", o="", d1="", d2="", m="乙").received


def test_texts_that_mean_absent_leave_nothing() -> None:
    facts = fed("place: {column: p, absent: [N/A, 无]}", p=" N/A ").received
    assert "place" not in facts


def test_the_outcome_and_its_dates() -> None:
    text = PLAIN + (
        "\nresolution: {column: r, values: {done: closed, wait: open}, solution: {column: s},"
        " resolved_at: {column: d, format: '%Y-%m-%d'}, closed_at: {column: d, format: '%Y-%m-%d'}}"
    )
    day = datetime(2026, 2, 1, 16, tzinfo=UTC)
    case = read(text, r="done", s="退款", d="2026-02-02")
    assert (case.outcome, case.resolved, case.closed) == (
        Outcome.CLOSED,
        {"solution": "退款", "resolved_at": day},
        {"closed_at": day},
    )
    lacking = read(text, r="wait", s="", d="")
    assert (lacking.outcome, lacking.resolved["solution"], lacking.closed["closed_at"]) == (Outcome.OPEN, None, None)
    with pytest.raises(RowRefused, match="r is 'lost', the mapping knows done, wait"):
        read(text, r="lost", s="", d="")


ENDS = PLAIN + (
    "\nresolution: {column: r, values: {done: closed, half: resolved, wait: open},"
    " resolved_at: {column: s, format: FORM, absent: [-]}, closed_at: {column: c, format: FORM, absent: [-]}}"
)


@pytest.mark.parametrize(
    ("cells", "form", "field", "said"),
    [
        ({"r": "half", "s": "2026-02-01 09:29"}, "%Y-%m-%d %H:%M", "resolved_at", "before received_at"),
        ({"r": "half", "s": "2026-01-31"}, "%Y-%m-%d", "resolved_at", "before received_at"),
        ({"r": "done", "s": "2026-01-31 12:00"}, "%Y-%m-%d %H:%M", "resolved_at", "before received_at"),
        (
            {"r": "done", "s": "2026-02-03 10:00", "c": "2026-02-03 09:59"},
            "%Y-%m-%d %H:%M",
            "closed_at",
            "lies before resolved_at, 2026-02-03 10:00:00+08:00: correct one of the two, or leave closed_at empty",
        ),
        ({"r": "done", "s": "2026-02-03", "c": "2026-02-02"}, "%Y-%m-%d", "closed_at", "before resolved_at"),
        ({"r": "done", "c": "2026-01-31"}, "%Y-%m-%d", "closed_at", "before received_at"),
    ],
)
def test_what_ended_before_it_began_is_refused_c_7(cells: dict[str, str], form: str, field: str, said: str) -> None:
    with pytest.raises(RowRefused) as refused:
        read(ENDS.replace("FORM", f"'{form}'"), **{"s": "-", "c": "-", **cells})
    assert refused.value.field == field
    assert said in str(refused.value)


def test_a_day_without_a_time_is_not_earlier_than_what_came_before_on_it_c_7() -> None:
    case = read(ENDS.replace("FORM", "'%Y-%m-%d'"), r="done", s="2026-02-01", c="2026-02-01")
    received = case.received["received_at"]
    assert (case.resolved["resolved_at"], case.closed["closed_at"]) == (received, received)
    later = read(ENDS.replace("FORM", "'%Y-%m-%d'"), r="done", s="2026-02-02", c="2026-02-02")
    assert later.resolved["resolved_at"] == later.closed["closed_at"] == datetime(2026, 2, 1, 16, tzinfo=UTC)


def test_dates_of_what_the_source_has_not_done_are_not_compared() -> None:
    text = ENDS.replace("FORM", "'%Y-%m-%d'")
    assert read(text, r="wait", s="2026-01-01", c="2026-01-01").outcome is Outcome.OPEN
    assert read(text, r="half", s="2026-02-02", c="2026-01-01").outcome is Outcome.RESOLVED


@pytest.mark.parametrize(
    ("more", "cells", "field", "said"),
    [
        ("", {"id": " "}, "id", "the key is missing"),
        ("", {"id": "a,b"}, "id", "pattern"),
        ("", {"at": ""}, "received_at", "is absent"),
        ("", {"at": "1.2.2026"}, "received_at", "no date of the form %Y-%m-%d %H:%M"),
        ("", {"at": "0001-01-01 00:00"}, "received_at", "outside the years 1900 to 9000"),
        ("", {"at": "9999-12-31 23:59"}, "received_at", "outside the years 1900 to 9000"),
        ("", {"at": "2026-03-01 08:06"}, "received_at", "lies in the future"),
        ("", {"via": "传真"}, "channel", "via is '传真', the mapping knows 电话, 网"),
        (", narrative: {column: t}", {"t": "长" * 20_001}, "narrative", "at most 20000 characters"),
        (", narrative: {column: t}", {"t": "=cmd|' /C calc'!A0"}, "narrative", "spreadsheet formula"),
        (", order_ref: {column: t}", {"t": "a;b"}, "order_ref", "pattern"),
        (", customer.customer_class: {column: t}", {"t": "VIP"}, "customer.customer_class", "map it with values"),
    ],
)
def test_a_row_that_cannot_be_taken_names_field_and_reason(
    more: str, cells: dict[str, str], field: str, said: str
) -> None:
    with pytest.raises(RowRefused) as refused:
        RowReader(mapping(more)).read({**ROW, **cells}, NOW)
    assert refused.value.field == field
    assert said in str(refused.value)


def test_a_long_cell_is_shown_by_its_beginning() -> None:
    with pytest.raises(RowRefused) as refused:
        read(PLAIN, via="x" * 5_000)
    assert len(str(refused.value)) < 200
