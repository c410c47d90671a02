"""A scripted day: two teams, three shifts, forty cases, handovers accepted, questioned and released (S-1 … S-5).

Every id follows from the day, so a second run adds nothing and two runs on empty databases are the same.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from adapters.bootstrap import OPERATOR, Services
from application.envelope import Meta
from application.event_log import Command
from application.shifts import ShiftId
from application.streams import daily_report_stream
from domain.shift.course import Marks
from domain.shift.words import ShiftKind
from domain.values import DEFAULT_ZONE, Actor, AgentId, CaseId, Role
from projections.runner import Runner

_NAMESPACE = UUID("5b8f0f5e-4f3f-4c52-9c66-2a9f0f7f3d11")
ZONE = ZoneInfo(DEFAULT_ZONE)
TEAMS = {"day-a": "前台一组", "day-b": "前台二组"}
HOURS = {ShiftKind.EARLY: (8, 14), ShiftKind.MIDDLE: (14, 20), ShiftKind.LATE: (20, 24)}
CASES = {ShiftKind.EARLY: 8, ShiftKind.MIDDLE: 8, ShiftKind.LATE: 4}
"""Per team and shift."""
_TALES = ("账单未打折", "预订的桌位被占", "会员积分未到账", "服务员态度生硬", "网站菜单价格不符")
_TEXTS = dict.fromkeys(("what", "when", "where", "who", "why", "how"), "已向客户复述")
_CLARIFIED = {**_TEXTS, "type": "service", "dimension": "reliability", "confirmed_by_customer": True}
_ANALYSED = {"attribution": "merchant", "severity": "ordinary", "risks": [], "basis": "与商家核实", "faults": []}
_OPTION = {"text": "退还差价", "cost_fen": 3000, "concession": "principled", "policy_ref": "PR-7"}
_ANSWERS = [{"demand": 1, "decision": "granted"}]
_RESOLVED = {"option": 1, "solution": "三日内退回差价", "cost_fen": 3000, "policy_ref": "PR-7", "answers": _ANSWERS}
_SUMMED_UP = dict.fromkeys(("cause", "learned", "prevention", "improvement"), "已归档")
Step = tuple[str, Mapping[str, Any]]
_WAY: tuple[Step, ...] = (
    ("acknowledgement", {}),
    ("clarification", _CLARIFIED),
    ("investigation", {"findings": "已查账单", "evidence": []}),
    ("analysis", _ANALYSED),
    ("proposals", {"options": [_OPTION]}),
    ("resolution", _RESOLVED),
    ("callbacks", {"reached": True, "satisfied": True, "score": 5}),
    ("summary", _SUMMED_UP),
    ("closing", {}),
)
_FAR = (0, 1, 2, 4, 5, 6, 9, 7)
"""How many steps of the way the cases of a shift go, one after the other."""


@dataclass
class _Script:
    """What the script writes with; commands are numbered, so that each has an id of its own."""

    services: Services
    day: date
    number: int = 0
    shifts: dict[tuple[str, ShiftKind], ShiftId] = field(default_factory=dict)
    cases: dict[str, list[CaseId]] = field(default_factory=lambda: {team: [] for team in TEAMS})

    def at(self, hour: int, minute: int = 0) -> datetime:
        """A moment of the day; 24 is the midnight at its end."""
        return datetime.combine(self.day, time(), ZONE) + timedelta(hours=hour, minutes=minute)

    def command(self, who: Actor, at: datetime) -> Command:
        """The circumstances of the next command."""
        self.number += 1
        command_id = self.id(f"command {self.number}")
        return Command(Meta(who.id, at.astimezone(ZoneInfo("UTC")), command_id, command_id, command_id), b"script")

    def id(self, name: str) -> UUID:
        """An id that follows from the day."""
        return uuid5(_NAMESPACE, f"{self.day} {name}")


def agent(team: str, kind: ShiftKind) -> Actor:
    """Who works a shift of a team."""
    number = 1 + [*TEAMS].index(team) * 3 + [*ShiftKind].index(kind)
    return Actor(AgentId(f"d110{number}"), Role.AGENT, team)


def supervisor(team: str) -> Actor:
    """Who supervises a team."""
    return Actor(AgentId(f"d210{1 + [*TEAMS].index(team)}"), Role.SUPERVISOR, team)


async def play_day(services: Services, day: date) -> Mapping[tuple[str, ShiftKind], ShiftId]:
    """Play the day where it has not been played yet; the shifts by team and kind."""
    script = _Script(services, day)
    for team in TEAMS:
        for kind in ShiftKind:
            script.shifts[team, kind] = ShiftId(str(script.id(f"{team} {kind}")))
    stream = daily_report_stream(day)
    if (await services.log.states([stream])).version(stream) == 0:
        async with projecting(services):
            await _people(script)
            await _rosters(script)
            for kind in ShiftKind:
                await _shift(script, kind)
            await _swaps(script)
    return script.shifts


@asynccontextmanager
async def projecting(services: Services) -> AsyncIterator[None]:
    """Handovers are read from views: they are kept up to date meanwhile."""
    stop = asyncio.Event()
    running = asyncio.create_task(Runner(services.dsn, services.keyring).run(stop))
    try:
        yield
    finally:
        stop.set()
        await running


# ---- who works when -------------------------------------------------------------------------------------------------
async def _people(script: _Script) -> None:
    masters, begin = script.services.masters, script.at(0)
    for team, name in TEAMS.items():
        if await masters.known("teams", team):
            continue
        await masters.register_team(team, name, OPERATOR, script.command(OPERATOR, begin))
        people = [(agent(team, kind), f"{name}{kind}") for kind in ShiftKind] + [(supervisor(team), f"{name}主管")]
        for person, called in people:
            facts = {"name": called, "role": person.role, "team": team, "joined_on": date(2024, 1, 1)}
            await masters.register_agent(person.id, facts, OPERATOR, script.command(OPERATOR, begin))


async def _rosters(script: _Script) -> None:
    for (team, kind), shift in script.shifts.items():
        begin, end = (script.at(hour) for hour in HOURS[kind])
        await _plan(script, shift, kind, team, (begin, end))


async def _plan(script: _Script, shift: ShiftId, kind: ShiftKind, team: str, span: tuple[datetime, datetime]) -> None:
    facts = {"date": span[0].date(), "kind": kind, "team": team, "start": span[0], "end": span[1]}
    who = {"agents": (agent(team, kind).id,), "supervisor": supervisor(team).id if kind is ShiftKind.EARLY else None}
    await script.services.shifts.plan(shift, {**facts, **who}, OPERATOR, script.command(OPERATOR, script.at(0)))


# ---- what happens ---------------------------------------------------------------------------------------------------
async def _shift(script: _Script, kind: ShiftKind) -> None:
    """Both teams start, work and hand over, each in its own way."""
    hour = HOURS[kind][0]
    for team in TEAMS:
        who = agent(team, kind)
        await script.services.shift_work.handovers.start(
            script.shifts[team, kind], (), who, script.command(who, script.at(hour))
        )
        for number in range(CASES[kind]):
            await _case(script, team, kind, number)
    await _telephone(script, kind)
    for team in TEAMS:
        await _hand_over(script, team, kind)
    if kind is ShiftKind.LATE:
        await _report(script)


async def _case(script: _Script, team: str, kind: ShiftKind, number: int) -> None:
    who, at = agent(team, kind), script.at(HOURS[kind][0], 10 + 15 * number)
    case = CaseId(str(script.id(f"{team} {kind} {number}")))
    script.cases[team].append(case)
    customer = {"name": f"客户{team}{kind}{number}", "phone": f"1380000{len(script.cases[team]):04}"}
    receipt = {"channel": "hotline", "customer": customer, "narrative": _TALES[number % len(_TALES)]}
    facts = {**receipt, "demands": ["退还差价"], "on_site": (team, kind, number) == ("day-a", ShiftKind.LATE, 0)}
    await script.services.cases.receive(case, facts, who, script.command(who, at))
    for name, body in [*_WAY[: _FAR[number]], *_beside(kind, number, at)]:
        await _give(script, name, case, body, who, at)


def _beside(kind: ShiftKind, number: int, at: datetime) -> list[Step]:
    """Promises, an escalation, a message, a withdrawal."""
    promise = {"text": "明日上午答复", "due_at": at + timedelta(hours=16)}
    asked = {"to": "marketing", "reason": "超出权限", "hear_back_by": at + timedelta(hours=5)}
    escalated = {**asked, "scenarios": [{"case": "不接受", "answer": "再谈"}], "options": ["退差价", "送券"]}
    steps: dict[int, list[Step]] = {
        1: [("promises", promise)],
        2: [("contacts", {"direction": "in", "channel": "web", "words": "请回电"})],
        3: [("escalations", {**escalated, "bottom_line": "不超过一百元"})],
        7: [("withdrawal", {"reason": "客户撤回"})] if kind is ShiftKind.MIDDLE else [],
    }
    return steps.get(number, [])


async def _give(script: _Script, name: str, case: CaseId, body: Mapping[str, Any], who: Actor, at: datetime) -> None:
    cases, command = script.services.cases, script.command(who, at)
    if name == "analysis":
        await cases.analyse(case, body, who, command)
    else:
        await cases.give(name, case, body, who, command)


async def _telephone(script: _Script, kind: ShiftKind) -> None:
    """The early test is made, the middle one forgotten; a missed call, a fault, a new merchant, somebody late."""
    facts, by = script.services.facts, agent("day-a", kind)
    head = supervisor("day-a")
    match kind:
        case ShiftKind.EARLY:
            tested = {"shift": "early", "at": script.at(8, 5), "ok": True}
            await facts.record("phone-tests", {**tested, "agent": by.id}, by, script.command(by, script.at(8, 5)))
            if not await script.services.masters.known("merchants", "day-m1"):
                command = script.command(OPERATOR, script.at(9))
                await script.services.masters.register_merchant("day-m1", "江南小馆", OPERATOR, command)
        case ShiftKind.MIDDLE:
            missed, fault = {"at": script.at(15, 10)}, {"at": script.at(16, 30), "found_in_time": False}
            await facts.record("missed-calls", missed, by, script.command(by, script.at(15, 12)))
            await facts.record("phone-faults", fault, by, script.command(by, script.at(16, 40)))
            late = {"agent": agent("day-b", kind).id, "at": script.at(14, 20), "code": "late"}
            await facts.report_conduct(late, head, script.command(head, script.at(14, 30)))
        case ShiftKind.LATE:
            await _orders(script, by)


async def _orders(script: _Script, by: Actor) -> None:
    member = {"card_no": "C-1", "member_name": "王小明", "phone": "13812345678", "merchant": "day-m1"}
    for number, seated in enumerate((True, True, False)):
        at = script.at(20, 5 + number)
        order = {**member, "agent": by.id, "at": at, "dining_time": at, "tables": 1 + number, "seated": seated}
        await script.services.facts.enter_order(
            {**order, "new_member": number == 0}, by, script.command(by, script.at(20, 10 + number))
        )


async def _hand_over(script: _Script, team: str, kind: ShiftKind) -> None:
    """Accepted; of the second team questioned in the morning, and released by a supervisor in the evening."""
    handovers, shift, who = script.services.shift_work.handovers, script.shifts[team, kind], agent(team, kind)
    end = script.at(HOURS[kind][1])
    soon = end - timedelta(minutes=10)
    notes = f"{TEAMS[team]}{kind}:请先看到期的个案"
    await handovers.prepare(shift, notes, who, script.command(who, soon))
    if (team, kind) == ("day-b", ShiftKind.MIDDLE):
        head = supervisor("day-a")
        await handovers.release(shift, "接班人堵在路上", head, script.command(head, end))
    elif kind is not ShiftKind.LATE:
        following = agent(team, ShiftKind.MIDDLE if kind is ShiftKind.EARLY else ShiftKind.LATE)
        await handovers.accept(shift, Marks(), _questions(team, kind), following, script.command(following, end))
    await handovers.end(shift, who, script.command(who, end))


def _questions(team: str, kind: ShiftKind) -> list[tuple[str, str]]:
    return [("phone-test:early", "记录在哪里?")] if (team, kind) == ("day-b", ShiftKind.EARLY) else []


async def _report(script: _Script) -> None:
    by, at = agent("day-a", ShiftKind.LATE), script.at(23, 50)
    await script.services.shift_work.reports.make(script.day, ["打印机缺纸"], by, script.command(by, at))


async def _swaps(script: _Script) -> None:
    """One swap is granted, one refused; both of shifts eight days on."""
    swaps, by, head = script.services.shift_work.swaps, agent("day-a", ShiftKind.EARLY), supervisor("day-b")
    to = agent("day-b", ShiftKind.EARLY)
    for number, granted in enumerate((True, False)):
        shift = ShiftId(str(script.id(f"later {number}")))
        begin = script.at(24 * (8 + number) + 8)
        await _plan(script, shift, ShiftKind.EARLY, "day-a", (begin, begin + timedelta(hours=6)))
        swap, at = str(script.id(f"swap {number}")), script.at(24)
        await swaps.request(swap, {"shift": shift, "to": to.id}, by, script.command(by, at))
        if granted:
            await swaps.grant(swap, head, script.command(head, at))
        else:
            await swaps.refuse(swap, "当日人手不足", head, script.command(head, at))
