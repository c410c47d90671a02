"""The request bodies and answers of the ledgers and of payroll."""

from datetime import date
from typing import Annotated

from pydantic import Field

from adapters.http.answers import Answer
from adapters.http.fields import Body, Fen, Text
from domain.ledger.events import Verdict
from domain.ledger.lines import Code, Kind
from domain.ledger.voucher import AppealState, Status
from domain.payroll.months import Stage
from domain.payroll.settlement import Mode

EntryId = Annotated[str, Field(min_length=1, max_length=60, examples=["0e0f7b8a-5f4e-5c3a-9d2b-2f1f6a7b8c9d.1"])]


class EntriesBody(Body):
    """Which lines, at most 500: all of them or none."""

    entries: list[EntryId] = Field(min_length=1, max_length=500, description="entry_id of each line")


class DismissalBody(EntriesBody):
    """Which lines go, and why."""

    reason: Text = Field(description="why; sealed to the agent of each line")


class AppealBody(Body):
    """Why the line is contested."""

    reason: Text = Field(description="why")


class RulingBody(Body):
    """How an appeal is decided (L-0)."""

    decision: Verdict = Field(description="upheld and partly take the line back, rejected leaves it")
    reduced_to_fen: Fen | None = Field(None, description="for partly: what stays of the penalty, whole fen, positive")
    reason: Text = Field(description="why")


class Shown(Answer, extra="forbid"):
    """What is answered: nothing beside the fields that are declared."""


class EntriesAnswered(Shown):
    """What was decided together."""

    entries: list[str] = Field(description="entry_id of each line that was decided on")
    position: int = Field(description="position of the log that holds this, for `min_position`")


class AppealAnswered(Shown):
    """An appeal as it stands."""

    id: str = Field(description="its id, for /appeals/{id}")
    entry_id: str = Field(description="the line it is about")
    appeal: AppealState = Field(description="how it stands")
    status: Status = Field(description="how the line stands")
    position: int = Field(description="position of the log that holds this, for `min_position`")


class CauseShown(Shown):
    """An event that caused a line (L-1)."""

    position: int = Field(description="its position in the log")
    type: str = Field(description="its topic", examples=["missed_call.logged"])


class ExplanationShown(Shown):
    """A sentence in each language."""

    zh: str = Field(description="in Chinese")
    en: str = Field(description="in English")


class StatementLine(Shown):
    """A line as it stands in a statement (L-1)."""

    entry_id: str = Field(description="its id, for /ledgers/entries/{entry_id}")
    agent: str = Field(description="employee number")
    code: Code = Field(description="code of its rule (rulebook part 5)")
    kind: Kind = Field(description="bonus or penalty")
    amount_fen: int = Field(description="whole fen; bonuses positive, penalties negative")
    occurred_on: date = Field(description="local day it happened")
    month: str = Field(description="of the day it happened; never changes", examples=["2026-03"])
    posted_month: str | None = Field(description="whose statement has it; null while proposed")
    tariff: str = Field(description="version of the tariff it was judged by")
    explanation: ExplanationShown = Field(description="why, in a sentence")
    status: Status = Field(description="how it stands; in a statement: as it was posted")
    reverses: str | None = Field(description="the line it takes back")
    causes: list[CauseShown] = Field(description="the events that caused it")


class LineShown(StatementLine):
    """A line with what became of it since."""

    ref: str | None = Field(description="what tells it from others of its kind and cause, such as a media exposure")
    grave: bool = Field(description="opens a dismissal review (P-MEDIA)")
    confirmed_by: str | None = Field(description="who confirmed it")
    confirmed_on: date | None = Field(description="local day it was confirmed")
    reversed_by: str | None = Field(description="the line that takes it back")
    in_place_of: str | None = Field(description="the line it replaces at a lower amount")
    appeal: AppealState | None = Field(description="how its last appeal stands")
    appeal_id: str | None = Field(description="the last appeal of it")
    appeal_until: date | None = Field(description="the last local day on which a confirmed penalty can be contested")


class LineList(Shown):
    """A page of lines."""

    items: list[LineShown] = Field(description="by month, agent, day and code")
    next: str | None = Field(description="`after` of the next page; null on the last")


class MonthAnswered(Shown):
    """A month after a decision."""

    id: str = Field(description="the month", examples=["2026-03"])
    version: int = Field(description="how many decisions it has had, as in the ETag")
    status: Stage = Field(description="how far it has come (L-4)")
    position: int = Field(description="position of the log that holds this, for `min_position`")


class MonthShown(Shown):
    """A payroll month."""

    month: str = Field(description="the month", examples=["2026-03"])
    version: int = Field(description="how many decisions it has had, as in the ETag")
    status: Stage = Field(description="how far it has come (L-4)")
    frozen_by: str | None = Field(description="who froze it")
    closed_by: str | None = Field(description="who closed it: somebody else")
    cut_position: int | None = Field(description="where the log was cut when it was frozen")
    digest: str | None = Field(description="SHA-256 of the month's lines and statements as JSON Lines, once closed")


class MonthList(Shown):
    """A page of months, newest first."""

    items: list[MonthShown] = Field(description="newest first")
    next: str | None = Field(description="`after` of the next page; null on the last")


class StatementShown(Shown):
    """An agent's month (L-5): requested = applied + carried + waived."""

    agent: str = Field(description="employee number")
    month: str = Field(description="the month", examples=["2026-03"])
    opening_fen: int = Field(description="carried in, zero or negative")
    bonus_fen: int = Field(description="sum of the bonuses posted into it")
    penalty_fen: int = Field(description="sum of the penalties posted into it, zero or negative")
    late_fen: int = Field(description="the part of penalty_fen that came late for months before; given back: positive")
    net_fen: int = Field(description="what is paid out")
    uncovered_fen: int = Field(description="what no bonus covers, zero or negative")
    requested_fen: int = Field(description="what was to be taken")
    applied_fen: int = Field(description="what is taken")
    carried_fen: int = Field(description="what goes on to the next month")
    waived_fen: int = Field(description="what nobody takes")
    deducted_fen: int = Field(description="the part of applied_fen that comes out of the wage")
    mode: Mode = Field(description="mode of the legal entity")
    basis: str = Field(description="on what grounds the mode holds")
    policy: str = Field(description="version of the payroll policy")


class StatementWithLines(StatementShown):
    """A statement and its lines; of a month that is not frozen as it stands now."""

    status: Stage = Field(description="how far the month has come (L-4)")
    lines: list[StatementLine] = Field(description="what is posted into it")


class TotalShown(Shown):
    """A control total."""

    kind: Kind = Field(description="bonuses or penalties")
    lines: int = Field(description="how many")
    amount_fen: int = Field(description="what they add up to, whole fen")


class MonthWithStatements(MonthShown):
    """A month with what it comes to."""

    net_fen: int = Field(description="what is paid out, over the statements shown")
    totals: list[TotalShown] = Field(description="control totals; none for who does not see everybody's")
    statements: list[StatementShown] = Field(description="by agent: those that the caller sees")


class ManifestTotals(Shown):
    """What the statements add up to, whole fen."""

    bonus_fen: int = Field(description="bonuses")
    penalty_fen: int = Field(description="penalties, zero or negative")
    net_fen: int = Field(description="what is paid out")


class ManifestShown(Shown):
    """What goes with an exported file."""

    format: str = Field(description="what form", examples=["csv"])
    file: str = Field(description="name of the file")
    month: str = Field(description="the month", examples=["2026-03"])
    sha256: str = Field(description="of the file's bytes, in hexadecimal")
    rows: int = Field(description="how many lines it has, or statements")
    totals: ManifestTotals = Field(description="over all statements of the month")
    cut_position: int = Field(description="up to where the log was read")
    tariffs: list[str] = Field(description="versions of the tariffs by which its lines were judged")
    head: str | None = Field(description="a signed head of the log, where there is one")
