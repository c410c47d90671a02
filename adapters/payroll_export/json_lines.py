"""JSON Lines: one line or statement in a row, with the names the API uses; two files, as in CSV."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from adapters.payroll_export.lines import ExportLine, ExportStatement, MonthExport
from adapters.payroll_export.text import as_text


def write_lines(month: MonthExport, lines: Iterator[ExportLine], file: BinaryIO) -> None:
    """The ledger lines."""
    _write(month, map(line_object, lines), file)


def write_statements(month: MonthExport, _: Iterator[ExportLine], file: BinaryIO) -> None:
    """The statements: what is to be paid."""
    _write(month, (statement_object(month, one) for one in month.statements), file)


def line_object(line: ExportLine) -> dict[str, Any]:
    """A line as the API shows it."""
    return {
        "entry_id": line.entry_id,
        "agent": line.agent,
        "code": line.code,
        "kind": line.kind,
        "amount_fen": line.amount_fen,
        "occurred_on": line.occurred_on.isoformat(),
        "month": str(line.month),
        "posted_month": None if line.posted_month is None else str(line.posted_month),
        "tariff": line.tariff,
        "explanation": {"zh": line.explanation.zh, "en": line.explanation.en},
        "status": line.status,
        "reverses": line.reverses,
        "causes": [{"position": cause.position, "type": cause.type} for cause in line.causes],
    }


def statement_object(month: MonthExport, statement: ExportStatement) -> dict[str, Any]:
    """A statement as the API shows it."""
    return {
        "agent": statement.agent,
        "month": str(month.month),
        "opening_fen": statement.opening_fen,
        "bonus_fen": statement.bonus_fen,
        "penalty_fen": statement.penalty_fen,
        "net_fen": statement.net_fen,
        "uncovered_fen": statement.uncovered_fen,
        "requested_fen": statement.requested_fen,
        "applied_fen": statement.applied_fen,
        "deducted_fen": statement.deducted_fen,
        "carried_fen": statement.carried_fen,
        "waived_fen": statement.waived_fen,
        "mode": statement.mode,
        "basis": statement.basis,
        "policy": statement.policy,
    }


def _write(month: MonthExport, objects: Iterable[dict[str, Any]], file: BinaryIO) -> None:
    mark = {"draft": True} if month.draft else {}
    with as_text(file) as text:
        for one in objects:
            text.write(json.dumps(mark | one, ensure_ascii=False, separators=(",", ":")) + "\n")
