"""The request bodies and answers of the ledgers and of payroll."""

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, Field

from adapters.http.fields import Body, Fen, Text
from domain.ledger.events import Verdict
from domain.ledger.lines import Code, Kind
from domain.ledger.voucher import AppealState, Status
from domain.payroll.months import Stage
from domain.payroll.settlement import Mode

EntryId = Annotated[str, Field(min_length=1, max_length=60, examples=["0e0f7b8a-5f4e-5c3a-9d2b-2f1f6a7b8c9d.1"])]


class EmptyBody(Body):
    """`{}`."""


class EntriesBody(Body):
    """Which lines, at most 500: all of them or none."""

    entries: list[EntryId] = Field(min_length=1, max_length=500, description="entry_id of each line")


class DismissalBody(EntriesBody):
    """Which lines go, and why."""

    reason: Text = Field(description="sealed to the agent of each line")


class AppealBody(Body):
    """Why the line is contested."""

    reason: Text


class RulingBody(Body):
    """How an appeal is decided (L-0)."""

    decision: Verdict
    reduced_to_fen: Fen | None = Field(None, description="for partly: what stays of the penalty, whole fen, positive")
    reason: Text


class EntriesAnswered(BaseModel):
    """What was decided together."""

    entries: list[str]
    position: int


class AppealAnswered(BaseModel):
    """An appeal as it stands."""

    id: str = Field(description="its id, for /appeals/{id}")
    entry_id: str
    appeal: AppealState
    status: Status
    position: int


class CauseShown(BaseModel):
    """An event that caused a line (L-1)."""

    position: int
    type: str


class ExplanationShown(BaseModel):
    """A sentence in each language."""

    zh: str
    en: str


class StatementLine(BaseModel):
    """A line as it stands in a statement (L-1)."""

    entry_id: str
    agent: str
    code: Code
    kind: Kind
    amount_fen: int = Field(description="bonuses positive, penalties negative")
    occurred_on: date
    month: str = Field(description="of the day it happened; never changes", examples=["2026-03"])
    posted_month: str | None = Field(description="whose statement has it; null while proposed")
    tariff: str
    explanation: ExplanationShown
    status: Status
    reverses: str | None = Field(description="the line it takes back")
    causes: list[CauseShown]


class LineShown(StatementLine):
    """A line with what became of it since."""

    ref: str | None
    grave: bool = Field(description="opens a dismissal review (P-MEDIA)")
    confirmed_by: str | None
    confirmed_on: date | None
    reversed_by: str | None
    in_place_of: str | None = Field(description="the line it replaces at a lower amount")
    appeal: AppealState | None
    appeal_id: str | None = Field(description="the last appeal of it")


class LineList(BaseModel):
    """A page of lines."""

    items: list[LineShown]
    next: str | None


class MonthAnswered(BaseModel):
    """A month after a decision."""

    id: str = Field(examples=["2026-03"])
    version: int
    status: Stage
    position: int


class MonthShown(BaseModel):
    """A payroll month; version: how many decisions it has had."""

    month: str
    version: int
    status: Stage
    frozen_by: str | None
    closed_by: str | None
    cut_position: int | None = Field(description="where the log was cut when it was frozen")
    digest: str | None = Field(description="SHA-256 of the month's lines and statements as JSON Lines, once closed")


class MonthList(BaseModel):
    """A page of months, newest first."""

    items: list[MonthShown]
    next: str | None


class StatementShown(BaseModel):
    """An agent's month (L-5): requested = applied + carried + waived."""

    agent: str
    month: str
    opening_fen: int = Field(description="carried in, zero or negative")
    bonus_fen: int
    penalty_fen: int
    net_fen: int = Field(description="what is paid out")
    uncovered_fen: int = Field(description="what no bonus covers, zero or negative")
    requested_fen: int
    applied_fen: int
    carried_fen: int
    waived_fen: int
    deducted_fen: int = Field(description="the part of applied_fen that comes out of the wage")
    wage_cap_fen: int
    mode: Mode
    basis: str
    policy: str


class StatementWithLines(StatementShown):
    """A statement and its lines; of a month that is not frozen as it stands now."""

    status: Stage
    lines: list[StatementLine]


class TotalShown(BaseModel):
    """A control total."""

    kind: Kind
    lines: int
    amount_fen: int


class MonthWithStatements(MonthShown):
    """A month with what it comes to."""

    net_fen: int
    totals: list[TotalShown]
    statements: list[StatementShown]


class ManifestShown(BaseModel):
    """What goes with an exported file."""

    format: str
    file: str
    month: str
    sha256: str
    rows: int
    totals: dict[str, Any]
    cut_position: int
    tariffs: list[str]
    head: str | None
