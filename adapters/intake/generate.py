"""Fills a database with believable cases: decided by the domain, sealed, and stored through the same append.

The complaints of one seed are always the same ones, with the same ids; a second run adds only what is not there yet.
Times of recording lie in the past and rise with the position, as if people had worked all the while.
"""

import asyncio
import heapq
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from math import ceil
from random import Random
from time import perf_counter
from typing import Any
from uuid import UUID, uuid5

import msgspec

from adapters.ciphers import SubjectSealer
from adapters.intake.believable import (
    Language,
    People,
    Step,
    Tale,
    arrivals,
    at_work,
    course,
    languages,
    receipt,
    tale,
)
from adapters.intake.generate_orders import OrderPlan, generate_orders
from adapters.keyring import PostgresKeyring
from adapters.postgres.event_log import PostgresLog
from application import wire
from application.cases import COMMANDS, CaseAnswer, Numbers
from application.envelope import Meta
from application.event_log import Command, Conflict, Done, Row, Write
from application.masters import Masters
from application.sealing import seal
from application.streams import agent_stream, case_stream, department_stream, merchant_stream, team_stream
from domain.agent.agent import Agent
from domain.agent.words import Presence
from domain.case import beside, way
from domain.case import events as e
from domain.case.policy import CasePolicy, Setting
from domain.case.words import Status
from domain.kernel import Event
from domain.values import Actor, AgentId, CaseId, Role

BLOCK = 250
"""Cases begun together: one query tells which are there, one statement makes their persons."""
CHUNK = 1_000
"""Commands stored in one transaction."""
DAYS = 180
"""How far back the first complaint lies."""
AGENTS_MOST = 7_999
"""Employee numbers of generated agents end where those of supervisors begin."""
A_TEAM = 12
"""Agents in a team."""

GENERATOR = Actor(AgentId("generate"), Role.ADMIN)
_NAMESPACE = UUID("0f6a3c52-7d0e-4a55-9d43-51c1b6a0e7f1")
_SURNAMES = ("赵", "钱", "孙", "李", "周", "吴", "郑", "王", "冯", "陈", "褚", "卫", "蒋", "沈", "韩", "杨")
_FORENAMES = ("敏", "志强", "雨欣", "静", "浩然", "晓彤", "磊", "佳怡", "建国", "思远", "丽", "文博", "娜")
_MERCHANTS = ("江南小馆", "蜀香阁", "海天渔港", "老城涮坊", "云上素食", "Casa Lago", "The Copper Pan", "Sakura 17")
DEPARTMENTS = {
    "marketing": ("市场部", ("merchant_data", "discounts")),
    "area_manager": ("区域经理", ("merchant_data", "discounts")),
    "technical": ("技术部", ("system", "cards", "points", "web_orders")),
    "editorial": ("编辑部", ("website_errors",)),
    "line_manager": ("线路主管", ("phone_line",)),
}
"""Names and matters of the departments of a generated house, by id."""
_OPEN = frozenset(Status) - {Status.CLOSED, Status.WITHDRAWN, Status.MERGED}


@dataclass(frozen=True, slots=True)
class Plan:
    """What to generate; everything lies in the DAYS before `end` (UTC)."""

    cases: int
    agents: int
    seed: int
    end: datetime
    orders: int = 0

    @property
    def begin(self) -> datetime:
        """When the masters were registered; the first complaint comes later."""
        return self.end - timedelta(days=DAYS)


@dataclass(frozen=True, slots=True)
class GeneratorParts:
    """What the generator works with; `policy` is that of default cases."""

    log: PostgresLog
    keyring: PostgresKeyring
    numbers: Numbers
    masters: Masters
    policy: CasePolicy


@dataclass(slots=True)
class Generated:
    """The outcome of a run: new cases and orders and their events, cases that were there, and the whole duration."""

    seed: int
    cases: int = 0
    orders: int = 0
    already_there: int = 0
    events: int = 0
    seconds: float = 0.0

    @property
    def events_a_second(self) -> int:
        """How fast it went."""
        return round(self.events / self.seconds) if self.seconds else 0


Progress = Callable[[int], None]
"""Hears how many cases have begun, and orders been stored."""


async def generate(plan: Plan, parts: GeneratorParts, progress: Progress = lambda _: None) -> Generated:
    """Generate what the plan says and is not there yet.

    Raises Conflict when somebody else works on the same cases, Busy and Unavailable; a second run adds what is missing.
    """
    began = perf_counter()
    known = await people(plan, parts)
    run = _Run(parts, known, plan)
    await run.all(progress)
    orders = OrderPlan(plan.orders, plan.seed, plan.begin, plan.end)
    async for new in generate_orders(orders, known, parts.log, parts.keyring):
        run.outcome.orders = new
        progress(plan.cases + new)
    run.outcome.events += 2 * run.outcome.orders
    run.outcome.seconds = perf_counter() - began
    return run.outcome


# ---- people ---------------------------------------------------------------------------------------------------------
async def people(plan: Plan, parts: GeneratorParts) -> People:
    """The people, merchants and departments of a plan, registered where they are not known yet."""
    teams = [f"g-t{at + 1}" for at in range(max(2, ceil(plan.agents / A_TEAM)))]
    agents = [(AgentId(f"g{1001 + at}"), Role.AGENT, teams[at % len(teams)]) for at in range(plan.agents)]
    supervisors = [(AgentId(f"g{9001 + at}"), Role.SUPERVISOR, team) for at, team in enumerate(teams)]
    merchants = {f"g-m{at + 1}": name for at, name in enumerate(_MERCHANTS)}
    register = _Register(parts, plan.begin)
    for team in teams:
        await register.team(team)
    for department in DEPARTMENTS:
        await register.department(department)
    for merchant, name in merchants.items():
        await register.merchant(merchant, name)
    return People(
        agents=[await register.agent(*agent) for agent in agents],
        supervisors=[await register.agent(*supervisor) for supervisor in supervisors],
        merchants=merchants,
        departments=list(DEPARTMENTS),
    )


class _Register:
    """Registers masters that are not known yet."""

    def __init__(self, parts: GeneratorParts, at: datetime) -> None:
        self._log, self._masters, self._at = parts.log, parts.masters, at

    def _command(self, stream: UUID) -> Command:
        command_id = uuid5(stream, "generate")
        meta = Meta(GENERATOR.id, self._at, command_id, command_id, command_id)
        return Command(meta, fingerprint=command_id.bytes)

    async def _missing(self, stream: UUID) -> bool:
        return not (await self._log.load([stream]))[stream]

    async def team(self, team: str) -> None:
        stream = team_stream(team).id
        if await self._missing(stream):
            await self._masters.register_team(team, f"订位{team[3:]}组", GENERATOR, self._command(stream))

    async def department(self, department: str) -> None:
        stream, (name, matters) = department_stream(department).id, DEPARTMENTS[department]
        if await self._missing(stream):
            await self._masters.register_department(department, name, matters, GENERATOR, self._command(stream))

    async def merchant(self, merchant: str, name: str) -> None:
        stream = merchant_stream(merchant).id
        if await self._missing(stream):
            await self._masters.register_merchant(merchant, name, GENERATOR, self._command(stream))

    async def agent(self, agent: AgentId, role: Role, team: str) -> Actor:
        """The agent as they are registered, now or before."""
        stream = agent_stream(agent)
        if await self._missing(stream.id):
            facts = {"name": _called(agent), "role": role, "team": team, "joined_on": self._at.date()}
            await self._masters.register_agent(agent, facts, GENERATOR, self._command(stream.id))
        state = (await self._log.states([stream]))[stream]
        return Actor(agent, state.role or role, state.team)


# ---- cases ----------------------------------------------------------------------------------------------------------
def case_id(seed: int, number: int) -> CaseId:
    """The id of a generated case."""
    return CaseId(str(uuid5(_NAMESPACE, f"{seed}:{number}")))


class _Run:
    """One run: while one chunk is being stored, the next is made."""

    def __init__(self, parts: GeneratorParts, people_: People, plan: Plan) -> None:
        self._parts, self._people, self._plan = parts, people_, plan
        self._told: Mapping[str, Language] = languages()
        self._world = World(parts.policy, plan.end)
        self._storing: asyncio.Task[None] | None = None
        self.outcome = Generated(plan.seed)

    async def all(self, progress: Progress) -> None:
        """Begin every case in its time, and tell each as far as the plan's end."""
        plan = self._plan
        drawn = arrivals(plan.cases, Random(plan.seed), plan.begin, plan.end)  # noqa: S311  made-up data
        numbered = iter(enumerate(drawn))
        try:
            while block := list(islice(numbered, BLOCK)):
                await self._begin(block)
                await self._tell(block[-1][1])
                progress(block[-1][0] + 1)
            await self._tell(plan.end)
        finally:
            await self._stored()

    async def _begin(self, block: Sequence[tuple[int, datetime]]) -> None:
        ids = {number: case_id(self._plan.seed, number) for number, _ in block}
        stored = await self._parts.log.load([UUID(one) for one in ids.values()])
        new = [(number, at) for number, at in block if not stored[UUID(ids[number])]]
        sealers = await self._parts.keyring.new_subjects(len(new))
        for (number, at), sealer in zip(new, sealers, strict=True):
            told = tale(number, ids[number], f"{self._plan.seed}:{number}", self._people, self._told)
            self._world.begin(told, at, await self._parts.numbers.next(at.year), sealer)
        self.outcome.cases += len(new)
        self.outcome.already_there += len(block) - len(new)

    async def _tell(self, until: datetime) -> None:
        while writes := await asyncio.to_thread(self._world.writes, until):
            await self._stored()
            self._storing = asyncio.create_task(self._store(writes))

    async def _stored(self) -> None:
        if self._storing is not None:
            storing, self._storing = self._storing, None
            await storing

    async def _store(self, writes: Sequence[Write]) -> None:
        outcomes = await self._parts.log.append_many(writes)
        if not all(isinstance(outcome, Done) for outcome in outcomes):
            raise Conflict("somebody else works on the cases that are being generated: run it again")
        self.outcome.events += sum(len(write.rows) for write in writes)


@dataclass(slots=True)
class _Life:
    """A case that goes on: its person, its number, the steps to come and the next of them; None is its receipt."""

    tale: Tale
    sealer: SubjectSealer
    number: str
    steps: Iterator[Step]
    step: Step | None = None


class World:
    """All cases that go on at a time, and the commands on them in the order of time."""

    def __init__(self, policy: CasePolicy, end: datetime) -> None:
        self._policy, self._end = policy, end
        self._due: list[tuple[datetime, int]] = []
        self._lives: dict[int, _Life] = {}
        self._recent: deque[Tale] = deque(maxlen=40)

    def begin(self, told: Tale, at: datetime, number: str, sealer: SubjectSealer) -> None:
        """Let a case begin at a time, under its number."""
        self._lives[told.number] = _Life(told, sealer, number, course(told))
        heapq.heappush(self._due, (at, told.number))

    def writes(self, until: datetime) -> list[Write]:
        """The next commands up to a time, CHUNK at most; none when that time has come."""
        made: list[Write] = []
        while self._due and self._due[0][0] <= until and len(made) < CHUNK:
            at, key = heapq.heappop(self._due)
            life = self._lives[key]
            made += self._write(life, at)
            self._go_on(life, at)
        return made

    def _go_on(self, life: _Life, at: datetime) -> None:
        life.step = next(life.steps, None)
        due = at_work(at + life.step.after, life.tale.rng) if life.step else self._end
        if life.step is not None and due < self._end:
            heapq.heappush(self._due, (due, life.tale.number))
        else:
            del self._lives[life.tale.number]

    def _write(self, life: _Life, at: datetime) -> list[Write]:
        """The write of one command; none when there is nothing to do."""
        by = life.step.by if life.step else life.tale.owner
        setting = Setting(self._policy, by, at)
        changes = self._decided(life, setting)
        if not changes:
            return []
        command_id = uuid5(UUID(life.tale.id), str(life.tale.version))
        meta = wire.encode_meta(Meta(by.id, at, command_id, command_id, command_id))
        rows = [row for told, events in changes for row in _rows(told, events, meta)]
        status = life.tale.case.status or Status.RECEIVED
        answer = CaseAnswer(life.tale.id, life.number, life.tale.version, status)
        return [Write(command_id, command_id.bytes, msgspec.json.encode(answer), rows)]

    def _decided(self, life: _Life, setting: Setting) -> list[tuple[Tale, list[Event]]]:
        step, told = life.step, life.tale
        if step is None:
            self._recent.append(told)
            return [(told, way.receive(told.case, self._receipt(life, setting), setting))]
        if step.command == "merge":
            return self._merged(told, setting)
        if step.command == "assignment":
            return _some(told, _reassigned(life, step, setting))
        row = COMMANDS[step.command]
        facts = {name: _moment(value, setting.now) for name, value in step.facts.items()}
        draft = seal(row.event, {**facts, **row.stamp(setting)}, life.sealer)
        return _some(told, row.decide(told.case, draft, setting))

    def _receipt(self, life: _Life, setting: Setting) -> e.Received:
        facts = receipt(life.tale, setting.now)
        customer = {**facts["customer"], "subject": life.sealer.subject}
        known = {"customer": customer, "number": life.number, "policy": self._policy.version}
        return seal(e.Received, {**facts, **known}, life.sealer)

    def _merged(self, told: Tale, setting: Setting) -> list[tuple[Tale, list[Event]]]:
        """Merged into the youngest open case of the same team, if there is one."""
        others = (one for one in reversed(self._recent) if one is not told and one.case.team == told.case.team)
        target = next((one for one in others if one.case.status in _OPEN), None)
        if target is None:
            return []
        merged, linked = beside.merge(told.case, told.id, target.id, target.case, setting)
        return [(told, merged), (target, linked)]


def _some(told: Tale, events: list[Event]) -> list[tuple[Tale, list[Event]]]:
    return [(told, events)] if events else []


def _reassigned(life: _Life, step: Step, setting: Setting) -> list[Event]:
    agent = life.tale.people.agent(step.facts["agent"])
    reason = life.sealer.seal("case.reassigned.reason", step.facts["reason"])
    state = Agent(presence=Presence.PRESENT, role=agent.role, team=agent.team)
    return beside.reassign(life.tale.case, agent.id, state, reason, setting)


def _called(agent: AgentId) -> str:
    """A name that follows from the number; of a thousand agents some share one, as elsewhere."""
    at = int(agent[1:])
    return _SURNAMES[at % len(_SURNAMES)] + _FORENAMES[at // 3 % len(_FORENAMES)]


def _moment(value: Any, now: datetime) -> Any:
    return now + value if isinstance(value, timedelta) else value


def _rows(told: Tale, events: Sequence[Event], meta: bytes) -> Iterator[Row]:
    """The rows of a case's new events; the case has them behind it afterwards."""
    stream = case_stream(told.id)
    for event in events:
        told.version += 1
        told.case = stream.decider.evolve(told.case, event)
        yield Row(stream.id, told.version, event.topic, wire.encode(event, meta))
