"""Tariff scenarios: established facts in a YAML file, and the lines a tariff makes of them (contract part 5)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from adapters.intake.tariffs import with_default
from application.documents import Document
from domain.case.words import FaultKind
from domain.ledger.lines import Line, statements
from domain.ledger.rules import Judged, judge
from domain.tariff.tariff import Tariff
from domain.values import FIRST_YEAR, LAST_YEAR, AgentId, Month
from domain.work import facts as f


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    kind: str
    at: datetime
    agent: AgentId
    merchant: str | None = None
    signed: bool
    recommended: bool
    seated: bool
    missing: tuple[f.OrderField, ...] = ()
    wrong: tuple[f.OrderField, ...] = ()
    steered: bool = False

    def fact(self) -> f.Order:
        missing, wrong = frozenset(self.missing), frozenset(self.wrong)
        return f.Order(
            at=self.at,
            agent=self.agent,
            merchant=self.merchant,
            signed=self.signed,
            recommended=self.recommended,
            missing=missing,
            wrong=wrong,
            seated=self.seated,
            steered=self.steered,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Callbacks:
    kind: str
    month: str
    agent: AgentId
    count: int
    full_weeks: int | None = None

    def fact(self) -> f.MemberCallbacks:
        _between(self.count, 0, 1_000_000, "count")
        return f.MemberCallbacks(
            month=_month(self.month), agent=self.agent, count=self.count, full_weeks=self.full_weeks
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Exam:
    kind: str
    month: str
    agent: AgentId
    typing: Decimal
    knowledge: Decimal
    service: Decimal

    def fact(self) -> f.Exam:
        for name in ("typing", "knowledge", "service"):
            _between(getattr(self, name), 0, 100, name)
        return f.Exam(
            month=_month(self.month),
            agent=self.agent,
            typing=self.typing,
            knowledge=self.knowledge,
            service=self.service,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _CaseFault:
    kind: str
    at: datetime
    agents: tuple[AgentId, ...]
    fault: FaultKind

    def fact(self) -> f.CaseFault:
        return f.CaseFault(at=self.at, agents=self.agents, fault=self.fault)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Conduct:
    kind: str
    at: datetime
    agent: AgentId
    code: f.ConductCode

    def fact(self) -> f.Conduct:
        return f.Conduct(at=self.at, agent=self.agent, code=self.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class _MissedCall:
    kind: str
    at: datetime

    def fact(self) -> f.MissedCall:
        return f.MissedCall(at=self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class _PhoneFault:
    kind: str
    at: datetime

    def fact(self) -> f.PhoneFault:
        return f.PhoneFault(at=self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Points:
    kind: str
    at: datetime
    order_agent: AgentId
    duty_agent: AgentId
    points: int

    def fact(self) -> f.PointsShortage:
        _between(self.points, 1, 10**9, "points")
        return f.PointsShortage(
            at=self.at, order_agent=self.order_agent, duty_agent=self.duty_agent, points=self.points
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shift:
    date: date
    kind: str
    start: datetime
    end: datetime
    agents: tuple[AgentId, ...]
    supervisor: AgentId | None = None

    def fact(self) -> f.Duty:
        if self.end <= self.start:
            raise _Unfit("end", "the shift ends before it begins")
        return f.Duty(start=self.start, end=self.end, agents=self.agents, supervisor=self.supervisor)


_KINDS: Mapping[str, type[Any]] = {
    "order": _Order,
    "member_callbacks": _Callbacks,
    "exam": _Exam,
    "case_fault": _CaseFault,
    "conduct": _Conduct,
    "missed_call": _MissedCall,
    "phone_fault": _PhoneFault,
    "points_shortage": _Points,
}
_KEYS = ("timezone", "facts", "shifts", "expect", "net")


class _Unfit(ValueError):
    """A value that a field cannot have."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


def scenario(document: Document, tariff: Tariff) -> Judged:
    """The facts of a scenario, to be judged by a tariff, and by the default one where that begins before it.

    Raises BadDocument with line, path and reason.
    """
    plain = document.plain
    if not isinstance(plain, dict):
        raise document.fault((), f"a scenario is a mapping of {', '.join(_KEYS)}")
    for key in plain:
        if key not in _KEYS:
            raise document.fault((key,), f"unknown; there are {', '.join(_KEYS)}")
    return Judged(
        facts=_each(document, "facts", lambda item: _KINDS.get(str(item.get("kind")))),
        shifts=_each(document, "shifts", lambda _: _Shift),
        tariffs=with_default(tariff),
        time_zone=_zone(document, plain.get("timezone") or tariff.time_zone),
    )


def _zone(document: Document, name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ValueError, OSError, LookupError):
        raise document.fault(("timezone",), f"there is no time zone {name}") from None


def _each(document: Document, key: str, kind_of: Callable[[Mapping[str, Any]], type[Any] | None]) -> list[Any]:
    items = document.plain.get(key) or []
    if not isinstance(items, list):
        raise document.fault((key,), "this is a list")
    return [_one(document, (key, at), item, kind_of) for at, item in enumerate(items)]


def _one(
    document: Document, path: tuple[str | int, ...], item: Any, kind_of: Callable[[Mapping[str, Any]], type[Any] | None]
) -> Any:
    kind = kind_of(item) if isinstance(item, dict) else None
    if kind is None:
        raise document.fault((*path, "kind"), f"unknown; there are {', '.join(_KINDS)}")
    value = document.at(path).convert(kind)
    try:
        return _dated(value).fact()
    except _Unfit as unfit:
        raise document.fault((*path, unfit.field), str(unfit)) from unfit


def _dated(value: Any) -> Any:
    for name in ("at", "start", "end"):
        moment = getattr(value, name, None)
        if isinstance(moment, datetime) and moment.tzinfo is None:
            raise _Unfit(name, "write the time with its offset, such as 2026-03-01T09:30:00+08:00")
        if isinstance(moment, datetime):
            _between(moment.year, FIRST_YEAR, LAST_YEAR, name)
    return value


def _month(text: str) -> Month:
    """A month written as `2026-03`, or as any day of it."""
    try:
        day = date.fromisoformat(text if text.count("-") > 1 else f"{text}-01")
    except ValueError:
        raise _Unfit("month", f"{text} is no month: write it as 2026-03") from None
    _between(day.year, FIRST_YEAR, LAST_YEAR, "month")
    return Month.of(day)


def _between(value: Decimal | int, least: int, most: int, field: str) -> None:
    if not least <= value <= most:
        raise _Unfit(field, f"{value} does not lie between {least} and {most}")


def tried(judged: Judged) -> dict[str, Any]:
    """What `tariff try --json` prints. Raises NoTariff."""
    lines = judge(judged)
    return {
        "lines": [shown(line) for line in lines],
        "statements": [
            {
                "agent": statement.agent,
                "month": str(statement.month),
                "bonus_fen": statement.bonus_fen,
                "penalty_fen": statement.penalty_fen,
                "net_fen": statement.net_fen,
                "uncovered_fen": statement.uncovered_fen,
            }
            for statement in statements(lines)
        ],
    }


def shown(line: Line) -> dict[str, Any]:
    """A line in plain JSON types (contract part 5)."""
    return {
        "agent": line.agent,
        "code": line.code,
        "kind": line.code.kind,
        "amount_fen": line.amount_fen,
        "occurred_on": line.occurred_on.isoformat(),
        "month": str(line.month),
        "tariff": line.tariff,
        "explanation": {"zh": line.explanation.zh, "en": line.explanation.en},
    }
