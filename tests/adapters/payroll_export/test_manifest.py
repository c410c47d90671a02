"""The manifest of an export, and what is not exported because it does not add up (L-1, L-4, L-5)."""

import threading
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from hashlib import sha256
from io import BytesIO

import pytest
from hypothesis import given, settings

from adapters.payroll_export.export import FORMS, Format, export, write
from adapters.payroll_export.lines import ExportLine
from adapters.payroll_export.manifest import Totals
from adapters.payroll_export.tally import DoesNotAddUp
from domain.ledger.lines import Code
from domain.ledger.voucher import Status
from domain.values import Month
from tests.adapters.payroll_export.months import DRAFT, EXPECTED, SMALL, Given, line, months, statement


@pytest.mark.parametrize("form", Format)
def test_a_manifest_says_by_what_to_tell_that_the_file_is_whole(form: Format) -> None:
    file = BytesIO()
    manifest = write(SMALL.month, SMALL.lines, form, file)
    assert manifest is not None
    assert manifest.sha256 == sha256(file.getvalue()).hexdigest()
    assert (manifest.format, manifest.month, manifest.cut_position) == (form, "2007-03", 1234)
    assert manifest.rows == (3 if FORMS[form].statements else 7)
    assert manifest.totals == Totals(bonus_fen=5025, penalty_fen=-2000, net_fen=4040)
    assert manifest.tariffs == ["default-1", "default-2"]


def test_a_manifest_is_json() -> None:
    headed = replace(SMALL.month, head="redress\n7\nroot\n")
    manifest = write(headed, SMALL.lines, Format.CSV, BytesIO())
    assert manifest is not None
    assert manifest.text() == (EXPECTED / "manifest.json").read_bytes()


@pytest.mark.parametrize("form", Format)
def test_a_draft_has_no_manifest(form: Format) -> None:
    assert write(DRAFT.month, DRAFT.lines, form, BytesIO()) is None


@settings(max_examples=30, deadline=None)
@given(month=months())
def test_totals_are_the_sums_of_the_lines(month: Given) -> None:
    manifest = write(month.month, month.lines, Format.CSV, BytesIO())
    assert manifest is not None
    assert manifest.rows == len(month.lines)
    totals = manifest.totals
    assert totals.bonus_fen + totals.penalty_fen == sum(one.amount_fen for one in month.lines)


# ---- what does not add up -------------------------------------------------------------------------------------------
def refused(month: Given, said: str) -> None:
    for form in Format:
        with pytest.raises(DoesNotAddUp, match=said):
            month.written(form)


def with_lines(lines: Sequence[ExportLine]) -> Given:
    return replace(SMALL, lines=lines)


def test_lines_that_do_not_come_to_the_statement_are_refused() -> None:
    short = replace(SMALL.lines[0], amount_fen=24)
    refused(with_lines([short, *SMALL.lines[1:]]), "a1001: lines of bonus come to 5039 fen, the statement says 5040")
    refused(with_lines([*SMALL.lines[:3], *SMALL.lines[4:]]), "a1001: lines of penalty come to 0 fen")
    refused(with_lines([]), "a1001: lines of bonus come to 0 fen")


def test_lines_out_of_order_or_twice_are_refused() -> None:
    first, second, *rest = SMALL.lines
    refused(with_lines([second, first, *rest]), "entry e1 is out of order, or there twice")
    refused(with_lines([first, first, second, *rest]), "entry e1 is out of order, or there twice")


def test_a_line_of_somebody_without_statement_is_refused() -> None:
    refused(with_lines([*SMALL.lines, line("z1", "z", Code.ORDER, 20)]), "entry z1 belongs to z, who has no statement")


def test_only_a_draft_has_lines_that_are_not_posted_to_the_month() -> None:
    open_line = line("c1", "c3", Code.IDLE, -2000, posted_month=None, status=Status.PROPOSED)
    later = replace(open_line, posted_month=Month(2007, 4))
    for one in (open_line, later):
        refused(with_lines([*SMALL.lines, one]), "entry c1 is not posted to 2007-03")
        assert with_lines([*SMALL.lines, one]).changed(draft=True).written(Format.CSV)


def test_statements_out_of_order_or_twice_are_refused() -> None:
    first, second, third = SMALL.month.statements
    for statements in ((second, first, third), (first, second, third, third)):
        refused(SMALL.changed(statements=statements), "statements are out of order, or there twice")


@pytest.mark.parametrize("field", ["opening_fen", "net_fen", "deducted_fen", "carried_fen", "waived_fen"])
def test_a_statement_that_does_not_come_to_its_net_is_refused(field: str) -> None:
    first, *rest = SMALL.month.statements
    wrong = replace(first, **{field: getattr(first, field) - 1})
    refused(SMALL.changed(statements=(wrong, *rest)), "a1001: the statement does not come to its net")


@pytest.mark.parametrize("field", ["requested_fen", "applied_fen"])
def test_what_is_requested_is_applied_carried_or_waived(field: str) -> None:
    first, *rest = SMALL.month.statements
    wrong = replace(first, **{field: getattr(first, field) + 1})
    refused(SMALL.changed(statements=(wrong, *rest)), "a1001: what is applied, carried and waived")


# ---- beside the event loop ------------------------------------------------------------------------------------------
async def fetched(lines: Sequence[ExportLine], threads: set[int]) -> AsyncIterator[ExportLine]:
    for one in lines:
        threads.add(threading.get_ident())
        yield one


@pytest.mark.anyio
async def test_lines_of_the_event_loop_are_written_as_any_others() -> None:
    many = [line(f"e{number:04d}", "a", Code.ORDER, 20) for number in range(2_001)]
    month = Given(replace(SMALL.month, statements=(statement("a", many),)), many)
    file, threads = BytesIO(), set[int]()
    manifest = await export(month.month, fetched(many, threads), Format.CSV, file)
    assert file.getvalue() == month.written(Format.CSV)
    assert manifest == write(month.month, many, Format.CSV, BytesIO())
    assert threads == {threading.get_ident()}


@pytest.mark.anyio
async def test_what_fails_while_lines_are_fetched_or_written_is_raised() -> None:
    with pytest.raises(DoesNotAddUp, match="a1001"):
        await export(SMALL.month, fetched(SMALL.lines[:1], set()), Format.XLSX, BytesIO())

    async def broken() -> AsyncIterator[ExportLine]:
        yield SMALL.lines[0]
        raise ConnectionError("the database is gone")

    with pytest.raises(ConnectionError, match="the database is gone"):
        await export(SMALL.month, broken(), Format.PRINT_EN, BytesIO())
