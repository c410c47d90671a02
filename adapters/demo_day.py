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
FIRST, SECOND = "hotline-1", "hotline-2"
TEAMS = {FIRST: "热线一组", SECOND: "热线二组"}
WORKERS = {
    (FIRST, ShiftKind.EARLY): ("a1001", "李雷"),
    (FIRST, ShiftKind.MIDDLE): ("a1002", "韩梅梅"),
    (FIRST, ShiftKind.LATE): ("a1003", "周晓彤"),
    (SECOND, ShiftKind.EARLY): ("a1004", "陈嘉禾"),
    (SECOND, ShiftKind.MIDDLE): ("a1005", "Mia Turner"),
    (SECOND, ShiftKind.LATE): ("a1006", "吴磊"),
}
"""Employee number and name of who works a shift of a team."""
SUPERVISORS = {FIRST: ("s2001", "王芳"), SECOND: ("s2003", "林岚")}
CALLED = {ShiftKind.EARLY: "早班", ShiftKind.MIDDLE: "中班", ShiftKind.LATE: "晚班"}
HOURS = {ShiftKind.EARLY: (8, 14), ShiftKind.MIDDLE: (14, 20), ShiftKind.LATE: (20, 24)}
CASES = {ShiftKind.EARLY: 8, ShiftKind.MIDDLE: 8, ShiftKind.LATE: 4}
"""Per team and shift."""
_TALES = (
    ("在江南小馆结账时出示会员卡，收银员说当天不打折，多付了 86 元。", "退还差价"),
    ("订好的靠窗桌位到店后已经坐了别人，我们八个人等了四十分钟。", "道歉并赠送一份甜品"),
    ("Dinner on Saturday was booked and paid with the card, but the points never arrived.", "Credit the points"),
    ("服务员把菜单扔在桌上，问一句就不耐烦，同桌的老人很不高兴。", "请店长当面道歉"),
    ("网站上清蒸鲈鱼标价 68 元，结账时按 98 元收，店员说网站没更新。", "退还差价"),
    ("客服答应十分钟内回电确认包间，等到晚上也没有人打来。", "说明原因并重新预订"),
    ("We were promised a quiet private room and got a table beside the kitchen door.", "Refund the room charge"),
    ("生日蛋糕提前三天订好，到店才说忘了做，孩子哭了一晚上。", "退还订金并道歉"),
    ("上个月充值送的两张代金券一直没有到账，打了三次电话都说再等等。", "补发代金券"),
    ("The hotline kept me waiting for twenty minutes and then hung up on me.", "An apology"),
    ("蜀香阁的水煮鱼里吃出一小段钢丝，店员只说换一份。", "免单并书面说明"),
    ("会员日说好八五折，酒水和海鲜却都不打折，订位时没有人讲过。", "退还差价"),
    ("预订改到周日已经确认，周六店里还打电话来催，说要扣订金。", "不扣订金"),
    (
        "Our guest is allergic to nuts. The note was on the booking and the dish came with nuts all the same.",
        "A refund",
    ),
    ("发票抬头开错了，寄回去半个月还没有收到新的。", "三日内重开发票"),
    ("商家说我们没有到店，其实坐了两个小时，积分也被扣了。", "恢复积分"),
    ("包间最低消费订位时说八百，结账时变成一千二。", "退还差价"),
    ("代驾说好九点到，十点才来，客服说不归你们管。", "说明责任并道歉"),
    ("The website showed a terrace table as free; the restaurant closed its terrace weeks ago.", "Correct the website"),
    ("会员卡升级以后旧卡的余额少了 120 元。", "核对并补回余额"),
)
"""What customers tell, and what they ask for; each team hears all of it, in an order of its own."""
CALLERS = {
    FIRST: (
        *("王小明", "刘婷", "Grace Miller", "张建国", "黄丽华", "孙悦", "Tom Becker", "何静", "罗志强", "梁雨欣"),
        *("马俊", "Anna Rossi", "谢文静", "冯涛", "邓佳", "曹阳", "Leo Martin", "许雯", "彭浩", "曾琳"),
    ),
    SECOND: (
        *("赵敏", "杨帆", "Julia Stone", "郭子涵", "唐悦", "高峰", "David Wong", "宋佳", "董洁", "袁野"),
        *("蒋欣", "Emma Clark", "沈丽", "韦明", "汪洋", "姚瑶", "Peter Novak", "钟楚", "范宇", "金晶"),
    ),
}
"""Who calls a team that day, in this order."""
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
    return Actor(AgentId(WORKERS[team, kind][0]), Role.AGENT, team)


def supervisor(team: str) -> Actor:
    """Who supervises a team."""
    return Actor(AgentId(SUPERVISORS[team][0]), Role.SUPERVISOR, team)


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
        if not await masters.known("teams", team):
            await masters.register_team(team, name, OPERATOR, script.command(OPERATOR, begin))
        workers = [(agent(team, kind), WORKERS[team, kind][1]) for kind in ShiftKind]
        for person, called in [*workers, (supervisor(team), SUPERVISORS[team][1])]:
            if await masters.known("agents", person.id):
                continue
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
    narrative, demand = _tale(team, len(script.cases[team]))
    facts = {
        "channel": "hotline",
        "customer": _caller(team, len(script.cases[team])),
        "narrative": narrative,
        "demands": [demand],
        "on_site": (team, kind, number) == (FIRST, ShiftKind.LATE, 0),
    }
    await script.services.cases.receive(case, facts, who, script.command(who, at))
    for name, body in [*_WAY[: _FAR[number]], *_beside(kind, number, at)]:
        await _give(script, name, case, body, who, at)


def _tale(team: str, number: int) -> tuple[str, str]:
    """What the number-th who calls a team tells and asks for."""
    return _TALES[(number - 1 + 7 * [*TEAMS].index(team)) % len(_TALES)]


def _caller(team: str, number: int) -> Mapping[str, str]:
    """Who calls a team as the number-th, counted from 1."""
    named = CALLERS[team][number - 1]
    return {"name": named, "phone": f"138{[*TEAMS].index(team)}0002{number:03}"}


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
    facts, by = script.services.facts, agent(FIRST, kind)
    head = supervisor(FIRST)
    match kind:
        case ShiftKind.EARLY:
            tested = {"shift": "early", "at": script.at(8, 5), "ok": True}
            await facts.record("phone-tests", {**tested, "agent": by.id}, by, script.command(by, script.at(8, 5)))
            if not await script.services.masters.known("merchants", "m-jiangnan"):
                command = script.command(OPERATOR, script.at(9))
                await script.services.masters.register_merchant("m-jiangnan", "江南小馆", OPERATOR, command)
        case ShiftKind.MIDDLE:
            missed, fault = {"at": script.at(15, 10)}, {"at": script.at(16, 30), "found_in_time": False}
            await facts.record("missed-calls", missed, by, script.command(by, script.at(15, 12)))
            await facts.record("phone-faults", fault, by, script.command(by, script.at(16, 40)))
            late = {"agent": agent(SECOND, kind).id, "at": script.at(14, 20), "code": "late"}
            await facts.report_conduct(late, head, script.command(head, script.at(14, 30)))
        case ShiftKind.LATE:
            await _orders(script, by)


async def _orders(script: _Script, by: Actor) -> None:
    member = {"card_no": "C-1", "member_name": "王小明", "phone": "13812345678", "merchant": "m-jiangnan"}
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
    notes = f"{TEAMS[team]}{CALLED[kind]}：请先看到期的个案。"
    await handovers.prepare(shift, notes, who, script.command(who, soon))
    if (team, kind) == (SECOND, ShiftKind.MIDDLE):
        head = supervisor(FIRST)
        await handovers.release(shift, "接班人堵在路上", head, script.command(head, end))
    elif kind is not ShiftKind.LATE:
        following = agent(team, ShiftKind.MIDDLE if kind is ShiftKind.EARLY else ShiftKind.LATE)
        await handovers.accept(shift, Marks(), _questions(team, kind), following, script.command(following, end))
    await handovers.end(shift, who, script.command(who, end))


def _questions(team: str, kind: ShiftKind) -> list[tuple[str, str]]:
    return [("phone-test:early", "记录在哪里?")] if (team, kind) == (SECOND, ShiftKind.EARLY) else []


async def _report(script: _Script) -> None:
    by, at = agent(FIRST, ShiftKind.LATE), script.at(23, 50)
    await script.services.shift_work.reports.make(script.day, ["打印机缺纸"], by, script.command(by, at))


async def _swaps(script: _Script) -> None:
    """One swap is granted, one refused; both of shifts eight days on."""
    swaps, by, head = script.services.shift_work.swaps, agent(FIRST, ShiftKind.EARLY), supervisor(SECOND)
    to = agent(SECOND, ShiftKind.EARLY)
    for number, granted in enumerate((True, False)):
        shift = ShiftId(str(script.id(f"later {number}")))
        begin = script.at(24 * (8 + number) + 8)
        await _plan(script, shift, ShiftKind.EARLY, FIRST, (begin, begin + timedelta(hours=6)))
        swap, at = str(script.id(f"swap {number}")), script.at(24)
        await swaps.request(swap, {"shift": shift, "to": to.id}, by, script.command(by, at))
        if granted:
            await swaps.grant(swap, head, script.command(head, at))
        else:
            await swaps.refuse(swap, "当日人手不足", head, script.command(head, at))
