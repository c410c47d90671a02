"""Mappings of facts, shifts and wages: what they may say, and what a row becomes."""

from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from msgspec.json import decode

from adapters.http.fact_bodies import CallBody, OrderBody
from adapters.http.wages import WageBody
from adapters.intake.fact_kinds import KINDS
from adapters.intake.fact_mapping import SCHEMA, SHIPPED, FactReader, load, parse, schema, shipped, slots
from adapters.intake.mapping_file import MappingError, RowRefused

HEAD = "source: s\ntime_zone: Asia/Shanghai\n"
WHEN = "at: {column: at, format: '%Y-%m-%d %H:%M'}"
WHO = "agent: {column: who}"
ROW = {"at": "2026-03-02 09:30", "who": " a1001 ", "x": "", "y": ""}


def order(more: str = "", **cells: str) -> dict[str, Any]:
    """What an order's row states."""
    mapping = parse(HEAD + f"fields: {{{WHEN}, {WHO}{more}}}", OrderBody)
    return FactReader(mapping, OrderBody).read({**ROW, **cells}).model_dump(mode="json", exclude_unset=True)


# ---- what does not hold ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (f"{WHEN}", "fields.agent is missing"),
        (f"{WHEN}, {WHO}, tabels: {{column: x}}", "fields.tabels is not known: possible are at, agent, follow_up"),
        (f"{WHEN}, agent: {{colum: x}}", "fields.agent.colum is not known: possible are column, constant"),
        (f"{WHO}, at: {{column: at}}", "fields.at.format: is missing"),
        (f"{WHEN}, {WHO}, amount_fen: {{column: x}}", "fields.amount_fen.format: how is the amount written, yuan or"),
        (f"{WHEN}, {WHO}, amount_fen: {{column: x, format: usd}}", "yuan or fen"),
        (f"{WHEN}, {WHO}, tables: {{column: x, format: '%Y'}}", "fields.tables.format: is for dates and amounts alone"),
        (f"{WHEN}, {WHO}, tables: {{column: x, separator: ;}}", "fields.tables.separator: is for fields that take"),
        (f"{WHEN}, {WHO}, missing: {{column: x, separator: ''}}", "fields.missing.separator"),
        (f"{WHEN}, {WHO}, seated: {{column: x, values: {{是: yes}}}}", "fields.seated: 'yes' is not possible"),
        (f"{WHEN}, {WHO}, wrong: {{column: x, values: {{卡: card}}}}", "fields.wrong: 'card' is not possible, but"),
        (f"{WHEN}, {WHO}, channel: {{constant: fax}}", "fields.channel: 'fax' is not possible, but hotline"),
    ],
)
def test_what_does_not_hold_is_named_with_its_place(fields: str, said: str) -> None:
    with pytest.raises(MappingError) as error:
        parse(HEAD + f"fields: {{{fields}}}", OrderBody)
    assert said in str(error.value)


def test_what_the_api_fills_in_from_the_sender_a_mapping_must_name() -> None:
    kind = KINDS["phone-tests"]
    text = HEAD + f"fields: {{{WHEN}, shift: {{constant: early}}, ok: {{constant: 'true'}}}}"
    assert parse(text, kind.body).fields.keys() == {"at", "shift", "ok"}
    with pytest.raises(MappingError, match=r"fields\.agent is missing"):
        parse(text, kind.body, kind.needed)


def test_a_time_zone_nobody_knows_is_refused() -> None:
    with pytest.raises(MappingError, match="Asia/Atlantis"):
        parse(f"source: s\ntime_zone: Asia/Atlantis\nfields: {{{WHEN}, {WHO}}}", OrderBody)


# ---- what ships -----------------------------------------------------------------------------------------------------
def test_the_published_schema_is_current() -> None:
    assert SCHEMA.read_bytes() == schema(), "write it anew: adapters.intake.fact_mapping.schema()"


def test_a_mapping_ships_for_every_kind() -> None:
    assert shipped() == sorted(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_what_ships_holds_and_fits_the_schema(kind: str) -> None:
    document = yaml.load(SHIPPED.joinpath(f"{kind}.yaml").read_text("utf-8"), yaml.BaseLoader)  # noqa: S506  texts alone
    assert [error.message for error in Draft202012Validator(decode(schema())).iter_errors(document)] == []
    assert load(kind, KINDS[kind].body, KINDS[kind].needed).source == "excel"


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_every_body_can_be_fed(kind: str) -> None:
    found = slots(KINDS[kind].body)
    assert {name.partition(".")[0] for name in found} == {*KINDS[kind].body.model_fields}


# ---- rows -----------------------------------------------------------------------------------------------------------
def test_only_what_the_row_says_is_stated() -> None:
    assert order() == {"at": "2026-03-02T01:30:00Z", "agent": "a1001"}


def test_each_field_is_read_by_its_type() -> None:
    more = ", tables: {column: x}, seated: {column: y, values: {是: 'true', 否: 'false'}}"
    assert order(more, x=" 3 ", y="否") == {**order(), "tables": 3, "seated": False}
    month = "month: {column: m, format: '%Y年%m月'}"
    text = HEAD + f"fields: {{agent: {{column: a}}, {month}, gross_fen: {{column: g, format: fen}}}}"
    wage = FactReader(parse(text, WageBody), WageBody).read({"a": "a1", "m": "2026年03月", "g": "500000"})
    assert (wage.month, wage.gross_fen) == ("2026-03", 500_000)


@pytest.mark.parametrize(
    ("text", "fen"),
    [("268", 26_800), ("268.5", 26_850), ("268.05", 26_805), ("1,268.50", 126_850), ("¥1,000,268", 100_026_800)],
)
def test_amounts_in_yuan_become_whole_fen(text: str, fen: int) -> None:
    assert order(", amount_fen: {column: x, format: yuan}", x=text)["amount_fen"] == fen


def test_a_cell_may_hold_several() -> None:
    items = ", wrong: {column: x, separator: 、, values: {卡号: card_no, 电话: phone, 无: ''}}"
    assert order(items, x="卡号、 电话")["wrong"] == ["card_no", "phone"]
    assert "wrong" not in order(items, x="无")
    assert "wrong" not in order(items, x="")


CALL = HEAD + (
    "fields: {began_at: {column: b, format: '%H:%M:%S %Y'}, ended_at: {column: b, format: '%H:%M:%S %Y'},"
    " rings: {constant: '2'}, kind: {constant: booking},"
    " holds.began_at: {column: f, format: '%H:%M:%S %Y', separator: ;},"
    " holds.ended_at: {column: t, format: '%H:%M:%S %Y', separator: ;}}"
)


def call(**cells: str) -> CallBody:
    """What a call's row states."""
    return FactReader(parse(CALL, CallBody), CallBody).read({"b": "09:00:00 2026", **cells})


def test_inner_things_are_paired() -> None:
    holds = call(f="09:00:01 2026;09:00:05 2026", t="09:00:02 2026;09:00:09 2026").holds
    assert [(one.began_at.second, one.ended_at.second) for one in holds] == [(1, 2), (5, 9)]
    assert call(f="", t="").holds == []
    with pytest.raises(RowRefused, match="began_at and ended_at are not equally many") as refused:
        call(f="09:00:01 2026;09:00:05 2026", t="09:00:02 2026")
    assert refused.value.field == "holds"


def test_a_far_date_is_refused_in_every_time_zone() -> None:
    head = HEAD.replace("Asia/Shanghai", "America/New_York")
    mapping = parse(head + f"fields: {{{WHEN}, {WHO}}}", OrderBody)
    for year in (9001, 9999):
        with pytest.raises(RowRefused, match="outside the years 1900 to 9000") as refused:
            FactReader(mapping, OrderBody).read({**ROW, "at": f"{year}-12-31 23:59"})
        assert refused.value.field == "at"


@pytest.mark.parametrize(
    ("more", "cells", "field", "said"),
    [
        ("", {"who": ""}, "agent", "is absent"),
        ("", {"who": "A 1"}, "agent", "pattern"),
        ("", {"at": "2.3.2026"}, "at", "no date of the form"),
        ("", {"at": "0001-01-01 00:00"}, "at", "outside the years 1900 to 9000"),
        ("", {"at": "9999-12-31 23:59"}, "at", "outside the years 1900 to 9000"),
        (", tables: {column: x}", {"x": "两"}, "tables", "'两' is no whole number"),
        (", tables: {column: x}", {"x": "0"}, "tables", "greater than or equal to 1"),
        (", amount_fen: {column: x, format: yuan}", {"x": "12,34"}, "amount_fen", "no amount in yuan"),
        (", amount_fen: {column: x, format: yuan}", {"x": "-5"}, "amount_fen", "no amount in yuan"),
        (", amount_fen: {column: x, format: yuan}", {"x": "1.005"}, "amount_fen", "no amount in yuan"),
        (", amount_fen: {column: x, format: fen}", {"x": "12.5"}, "amount_fen", "no whole number"),
        (", wrong: {column: x, separator: 、, values: {卡: card_no}}", {"x": "卡、座"}, "wrong", "knows 卡: add it"),
        (", channel: {column: x}", {"x": "传真"}, "channel", "map it with values"),
        (", remarks: {column: x}", {"x": "=1+1"}, "remarks", "spreadsheet formula"),
    ],
)
def test_a_row_that_cannot_be_taken_names_field_and_reason(
    more: str, cells: dict[str, str], field: str, said: str
) -> None:
    with pytest.raises(RowRefused) as refused:
        order(more, **cells)
    assert refused.value.field == field
    assert said in str(refused.value)
