"""A page to print and sign: one section for each agent, in one language, that needs nothing beside itself (A4)."""

from collections.abc import Iterator
from typing import BinaryIO

from adapters.payroll_export.lines import ExportLine, MonthExport, by_agent, yuan
from adapters.payroll_export.text import as_text
from adapters.printing import Language, Words, templates_of, words_in

_WORDS: Words = {
    "html_lang": ("zh-CN", "en"),
    "title": ("奖金与扣罚明细", "Bonuses and penalties"),
    "draft": ("草稿:当月未结,不得据以发放", "Draft: the month is not closed; nothing may be paid by it"),
    "agent": ("工号", "Agent"),
    "day": ("发生日", "Day"),
    "code": ("代码", "Code"),
    "explanation": ("说明", "What for"),
    "tariff": ("标准", "Tariff"),
    "amount": ("金额(元)", "Amount (CNY)"),
    "pending": ("待确认,未计入", "proposed, not counted"),
    "no_lines": ("本月无明细", "No lines this month"),
    "sums": ("合计(元)", "Sums (CNY)"),
    "opening_fen": ("上月结转", "Carried in from the month before"),
    "bonus_fen": ("奖金", "Bonuses"),
    "penalty_fen": ("扣罚", "Penalties"),
    "deducted_fen": ("改从工资扣除", "Taken from the wage instead"),
    "carried_fen": ("结转下月", "Carried forward to the next month"),
    "waived_fen": ("免除", "Waived"),
    "net_fen": ("实发奖金", "Net, to be paid"),
    "uncovered_fen": ("奖金不足抵扣的部分", "Not covered by bonuses"),
    "mode": ("方式", "Mode"),
    "basis": ("依据", "Basis"),
    "policy": ("政策版本", "Policy"),
    "bonus_offset": ("扣罚只抵减奖金,不动工资", "penalties reduce the bonus, never the wage"),
    "points_only": ("扣罚只记分,不涉及金额", "penalties are points and take no money"),
    "wage_deduction": (
        "扣罚可在法定限度内从工资扣除",
        "penalties may be deducted from the wage, within the law's limits",
    ),
    "blocked": ("不得扣罚", "penalties are not allowed"),
    "sign_agent": ("本人签字", "Agent"),
    "sign_supervisor": ("主管签字", "Supervisor"),
    "sign_payroll": ("薪资签字", "Payroll"),
    "date": ("日期", "Date"),
    "cut": ("日志截止位置", "Cut position of the log"),
    "head": ("日志检查点", "Checkpoint of the log"),
}
_ADDENDS = ("opening_fen", "bonus_fen", "penalty_fen", "deducted_fen", "carried_fen", "waived_fen")
"""What comes to the net; those that are nothing are left out, bonuses and penalties always shown."""

_ENVIRONMENT = templates_of("adapters.payroll_export")
_ENVIRONMENT.filters["yuan"] = yuan


def write(language: Language, month: MonthExport, lines: Iterator[ExportLine], file: BinaryIO) -> None:
    """The page in one language."""
    parts = _ENVIRONMENT.get_template("print_page.html").generate(
        month=month,
        language=language.value,
        words=words_in(language, _WORDS),
        people=by_agent(month, lines),
        addends=_ADDENDS,
    )
    with as_text(file) as text:
        text.writelines(parts)
