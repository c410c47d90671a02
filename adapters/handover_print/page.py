"""A handover to print and sign: one page in one language that needs nothing beside itself (A4, S-3)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from adapters.printing import Language, Words, templates_of, words_in
from application.handover_reads import HandoverShown
from domain.shift.handover import CaseLine
from domain.shift.shift import roster_of
from domain.values import DEFAULT_ZONE, AgentId

Names = Mapping[str, str | None]
_WORDS: Words = {
    "html_lang": ("zh-CN", "en"),
    "title": ("交接班摘要", "Shift handover"),
    "live": ("未交接:内容仍在变化", "Not handed over yet: this still changes"),
    "all_teams": ("全部团队", "All teams"),
    "team": ("团队", "Team"),
    "from": ("交班", "From"),
    "to": ("接班", "To"),
    "supervisor": ("主管", "Supervisor"),
    "released": ("主管放行", "Released by"),
    "received": ("受理", "Received"),
    "clarified": ("澄清", "Clarified"),
    "resolved": ("处理", "Resolved"),
    "called_back": ("回访", "Called back"),
    "escalated": ("升级", "Escalated"),
    "reopened": ("重开", "Reopened"),
    "closed": ("已结", "Closed"),
    "withdrawn": ("撤回", "Withdrawn"),
    "merged": ("并案", "Merged"),
    "unmerged": ("拆分", "Unmerged"),
    "taken_over": ("转入", "Taken over"),
    "passed_on": ("转出", "Passed on"),
    "open_at_start": ("班初未结", "Open at start"),
    "open_at_end": ("班末未结", "Open at end"),
    "due": ("须在 {} 前完成", "Due before {}"),
    "others": ("其余未结个案", "Other open cases"),
    "callbacks": ("待回访", "Callbacks due"),
    "granted": ("已承诺给予、尚未兑现", "Granted and not carried out"),
    "escalations": ("升级未答复", "Escalations without an answer"),
    "messages": ("在线留言未回复", "Messages not called back"),
    "telephone": ("电话线路", "Telephone"),
    "conduct": ("违纪报告", "Conduct reports"),
    "notices": ("商家通知", "Notices"),
    "steps": ("本班经过", "What happened in the shift"),
    "notes": ("备注", "Notes"),
    "questions": ("接班质疑", "Questioned by the next shift"),
    "case": ("个案", "Case"),
    "step": ("步骤", "Step"),
    "next": ("下一步", "Next"),
    "handler": ("承办人", "Handler"),
    "deadline": ("时限", "Deadline"),
    "promise": ("承诺", "Promise"),
    "none": ("无", "None"),
    "on_site": ("在席", "at the table"),
    "paused": ("等待中", "waiting"),
    "missed_call": ("漏接电话", "Missed call"),
    "phone_fault": ("线路故障", "Fault"),
    "in_time": ("及时发现", "found in time"),
    "test_early": ("早班试机", "Test, early shift"),
    "test_middle": ("中班试机", "Test, middle shift"),
    "missing": ("缺", "missing"),
    "fine": ("正常", "in order"),
    "faulty": ("故障", "faulty"),
    "demand": ("诉求", "demand"),
    "sign_from": ("交班人签字", "Handed over by"),
    "sign_to": ("接班人签字", "Taken over by"),
    "sign_supervisor": ("主管签字", "Supervisor"),
    "date": ("日期", "Date"),
    "positions": ("日志位置", "Positions of the log"),
    "tree": ("封存树首", "Head of the sealed log"),
    "status_received": ("受理", "received"),
    "status_clarified": ("澄清", "clarified"),
    "status_investigated": ("调查", "investigated"),
    "status_analysed": ("分析", "analysed"),
    "status_proposed": ("已提方案", "proposed"),
    "status_resolved": ("处理", "resolved"),
    "status_called_back": ("回访", "called back"),
    "status_summarised": ("总结", "summarised"),
    "status_closed": ("已结", "closed"),
    "status_withdrawn": ("撤回", "withdrawn"),
    "status_merged": ("并案", "merged"),
    "do_acknowledgement": ("确认受理", "acknowledge"),
    "do_clarification": ("澄清", "clarify"),
    "do_investigation": ("调查", "investigate"),
    "do_analysis": ("分析", "analyse"),
    "do_escalations": ("升级", "escalate"),
    "do_escalation-answers": ("等升级答复", "answer the escalation"),
    "do_proposals": ("提方案", "propose"),
    "do_answer-reviews": ("复核答复", "review the answer"),
    "do_resolution": ("处理", "resolve"),
    "do_callbacks": ("回访", "call back"),
    "do_summary": ("总结", "sum up"),
    "do_closing": ("结案", "close"),
    "do_resumption": ("恢复办理", "resume"),
    "kind_early": ("早班", "Early shift"),
    "kind_middle": ("中班", "Middle shift"),
    "kind_late": ("晚班", "Late shift"),
    "conduct_P-IDLE": ("上班时间办私事", "idle"),
    "conduct_P-MINOR": ("轻微违纪", "minor"),
    "conduct_P-ATTITUDE": ("服务态度", "attitude"),
    "conduct_hung_up": ("挂断客户电话", "hung up on a customer"),
    "conduct_left_post": ("擅自离岗", "left the post"),
    "conduct_late": ("迟到", "late"),
    "notice_new": ("新商家", "new merchant"),
    "notice_signed": ("签约", "signed"),
    "notice_no_longer_signed": ("不再签约", "no longer signed"),
    "notice_recommended": ("重点推荐", "key recommended"),
    "notice_no_longer_recommended": ("不再重点推荐", "no longer recommended"),
}
_MAIN = ("received", "closed", "open_at_start", "open_at_end")
_ENVIRONMENT = templates_of("adapters.handover_print")


def _local(at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(DEFAULT_ZONE))


def _clock(at: datetime | None) -> str:
    return f"{_local(at):%m-%d %H:%M}" if at else "—"


_ENVIRONMENT.filters["clock"] = _clock
_ENVIRONMENT.filters["local"] = _local


def promised(line: CaseLine) -> datetime | None:
    """The earliest promise of a case that is open."""
    return min((term.due_at for term in line.terms if term.clock == "promise"), default=None)


def page(language: Language, shown: HandoverShown, names: Names, head: str | None) -> str:
    """The whole page in one language. head: a signed head of the log (a note), whose tree goes into the footer."""
    handover = shown.handover
    due = frozenset(line.number for line in handover.due)
    return _ENVIRONMENT.get_template("page.html").render(
        shown=shown,
        shift=shown.shift,
        roster=roster_of(shown.shift),
        handover=handover,
        figures=_figures(shown),
        due=[line for line in handover.cases if line.number in due],
        others=[line for line in handover.cases if line.open and line.number not in due],
        words=words_in(language, _WORDS),
        who=_who(names),
        promised=promised,
        tree=head.splitlines()[1:3] if head else None,
    )


def _figures(shown: HandoverShown) -> list[tuple[str, int]]:
    """The steps that were taken, and the sums; those that were not taken are left out but for the main ones."""
    handover = shown.handover
    counts: dict[str, int] = {kind.value: count for kind, count in handover.counts.items()}
    sums = {"open_at_start": handover.open_at_start, "open_at_end": handover.open_at_end}
    told: dict[str, int] = {"open_at_start": sums["open_at_start"], **counts, "open_at_end": sums["open_at_end"]}
    return [(name, count) for name, count in told.items() if count or name in _MAIN]


def _who(names: Names) -> Any:
    def who(agent: AgentId | None) -> str:
        return (names.get(agent) or agent) if agent else "—"

    return who
