"""The columns of the tables: the same in CSV and XLSX, by names for programs and words for people."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from typing import Generic, TypeVar

from adapters.payroll_export.lines import ExportLine, ExportStatement

R = TypeVar("R", ExportLine, ExportStatement)
Cell = str | int | date | None


class Shape(Enum):
    """What a column holds. YUAN: whole fen, shown as yuan with two decimals."""

    TEXT = auto()
    INTEGER = auto()
    YUAN = auto()
    DAY = auto()


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """One column: its name, its heading in both languages, and where its value comes from."""

    name: str
    zh: str
    en: str
    shape: Shape
    value: Callable[[R], Cell]


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _causes(line: ExportLine) -> str:
    return "; ".join(f"{cause.position}:{cause.type}" for cause in line.causes)


_LINES: tuple[Column[ExportLine], ...] = (
    Column("entry_id", "分录号", "Entry", Shape.TEXT, lambda line: line.entry_id),
    Column("agent", "工号", "Agent", Shape.TEXT, lambda line: line.agent),
    Column("code", "代码", "Code", Shape.TEXT, lambda line: line.code),
    Column("kind", "类别", "Kind", Shape.TEXT, lambda line: line.kind),
    Column("amount_fen", "金额(分)", "Amount (fen)", Shape.INTEGER, lambda line: line.amount_fen),
    Column("amount_yuan", "金额(元)", "Amount (CNY)", Shape.YUAN, lambda line: line.amount_fen),
    Column("occurred_on", "发生日", "Day", Shape.DAY, lambda line: line.occurred_on),
    Column("month", "发生月", "Month", Shape.TEXT, lambda line: str(line.month)),
    Column("posted_month", "入账月", "Posted month", Shape.TEXT, lambda line: _text(line.posted_month)),
    Column("tariff", "标准版本", "Tariff", Shape.TEXT, lambda line: line.tariff),
    Column("explanation_zh", "说明(中文)", "Explanation (zh)", Shape.TEXT, lambda line: line.explanation.zh),
    Column("explanation_en", "说明(英文)", "Explanation (en)", Shape.TEXT, lambda line: line.explanation.en),
    Column("status", "状态", "Status", Shape.TEXT, lambda line: line.status),
    Column("reverses", "冲销分录", "Reverses", Shape.TEXT, lambda line: line.reverses),
    Column("causes", "依据事件", "Causes", Shape.TEXT, _causes),
)
_STATEMENTS: tuple[Column[ExportStatement], ...] = (
    Column("agent", "工号", "Agent", Shape.TEXT, lambda one: one.agent),
    Column("opening_fen", "上月结转(分)", "Opening (fen)", Shape.INTEGER, lambda one: one.opening_fen),
    Column("bonus_fen", "奖金(分)", "Bonuses (fen)", Shape.INTEGER, lambda one: one.bonus_fen),
    Column("penalty_fen", "扣罚(分)", "Penalties (fen)", Shape.INTEGER, lambda one: one.penalty_fen),
    Column("net_fen", "实发(分)", "Net (fen)", Shape.INTEGER, lambda one: one.net_fen),
    Column("net_yuan", "实发(元)", "Net (CNY)", Shape.YUAN, lambda one: one.net_fen),
    Column("uncovered_fen", "未抵部分(分)", "Uncovered (fen)", Shape.INTEGER, lambda one: one.uncovered_fen),
    Column("requested_fen", "应扣(分)", "Requested (fen)", Shape.INTEGER, lambda one: one.requested_fen),
    Column("applied_fen", "已扣(分)", "Applied (fen)", Shape.INTEGER, lambda one: one.applied_fen),
    Column(
        "deducted_fen", "其中扣自工资(分)", "Of it from the wage (fen)", Shape.INTEGER, lambda one: one.deducted_fen
    ),
    Column("carried_fen", "结转下月(分)", "Carried forward (fen)", Shape.INTEGER, lambda one: one.carried_fen),
    Column("waived_fen", "免除(分)", "Waived (fen)", Shape.INTEGER, lambda one: one.waived_fen),
    Column("mode", "方式", "Mode", Shape.TEXT, lambda one: one.mode),
    Column("basis", "依据", "Basis", Shape.TEXT, lambda one: one.basis),
    Column("policy", "政策版本", "Policy", Shape.TEXT, lambda one: one.policy),
)
DRAFT = "DRAFT"


def line_columns(*, draft: bool) -> Sequence[Column[ExportLine]]:
    """The columns of ledger lines; those of a draft are shifted, so that no program takes it for the real one."""
    mark: Column[ExportLine] = Column("draft", "草稿", "Draft", Shape.TEXT, lambda _: DRAFT)
    return (mark, *_LINES) if draft else _LINES


def statement_columns(*, draft: bool) -> Sequence[Column[ExportStatement]]:
    """The columns of statements; the same is done to those of a draft."""
    mark: Column[ExportStatement] = Column("draft", "草稿", "Draft", Shape.TEXT, lambda _: DRAFT)
    return (mark, *_STATEMENTS) if draft else _STATEMENTS
