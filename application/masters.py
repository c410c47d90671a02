"""Commands on the masters: agents, teams, merchants, departments, and customers as far as their class goes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import msgspec

from application.event_log import Changes, Command, Done, Log, States, Stream
from application.permissions import Action, permit
from application.sealing import Erased, Keyring, Sealer, seal
from application.streams import agent_stream, customer_stream, department_stream, merchant_stream, team_stream
from domain.agent import agent as agents
from domain.agent import events as agent_events
from domain.case.words import CustomerClass
from domain.customer import customer as customers
from domain.customer import events as customer_events
from domain.department import department as departments
from domain.kernel import Event, Refusal, Unknown
from domain.merchant import merchant as merchants
from domain.merchant.merchant import Period
from domain.team import team as teams
from domain.values import Actor, AgentId, SubjectId, local_day

S = TypeVar("S")


class UnknownTeam(Refusal):
    """The team named in the request is not known."""

    code = "team_unknown"


class NoSuchCustomer(Unknown):
    """There is no customer with this subject id, or they have been erased."""


@dataclass(frozen=True, slots=True)
class MasterAnswer:
    """What a command on a master answers."""

    id: str
    version: int


@dataclass(frozen=True, slots=True)
class CustomerShown:
    """A customer: the class once evaluated (None: as stated at receipt), and whether texts may be sent."""

    id: SubjectId
    version: int
    customer_class: CustomerClass | None
    texts_allowed: bool


_STREAMS: dict[str, Callable[[Any], Stream[Any]]] = {
    "agents": agent_stream,
    "teams": team_stream,
    "departments": department_stream,
    "merchants": merchant_stream,
}


class Masters:
    """Every command on the masters. All raise Refusal for what a rule forbids, and LogError."""

    def __init__(self, log: Log, keyring: Keyring) -> None:
        self._log, self._keyring = log, keyring

    # ---- agents -----------------------------------------------------------------------------------------------------
    async def register_agent(self, agent: AgentId, facts: dict[str, Any], actor: Actor, command: Command) -> Done:
        """Take somebody on under an employee number; the team must be known."""
        permit(actor, Action.CHANGE_MASTERS)
        sealer = await self._keyring.sealer(await self._keyring.subject(("agent", agent)))
        registered = seal(agent_events.Registered, {**facts, "id": agent}, sealer)
        team = registered.team

        def decide(states: States, state: agents.Agent) -> list[Event]:
            events = agents.register(state, registered)
            self._check_team(states, team)
            return events

        teams_read = (team_stream(team),) if team else ()
        return await self._transact(agent_stream(agent), agent, decide, command, teams_read)

    async def change_team(self, agent: AgentId, team: str, actor: Actor, command: Command) -> Done:
        """Move an agent to another team."""
        permit(actor, Action.CHANGE_MASTERS)
        today = local_day(command.meta.at)

        def decide(states: States, state: agents.Agent) -> list[Event]:
            events = agents.change_team(state, team, today)
            self._check_team(states, team)
            return events

        return await self._transact(agent_stream(agent), agent, decide, command, (team_stream(team),))

    async def set_limit(
        self, agent: AgentId, from_day: date, limit_fen: int | None, actor: Actor, command: Command
    ) -> Done:
        """C-7: set what an agent may grant from a day on; nobody sets their own."""
        permit(actor, Action.SET_LIMITS)
        if agent == actor.id:
            raise OwnLimit("another supervisor or an admin sets your limit", rule="C-7")
        today = local_day(command.meta.at)
        return await self._agent(agent, lambda state: agents.set_limit(state, from_day, limit_fen, today), command)

    async def mark_absent(self, agent: AgentId, actor: Actor, command: Command) -> Done:
        """Mark an agent absent."""
        permit(actor, Action.MARK_PRESENCE)
        today = local_day(command.meta.at)
        return await self._agent(agent, lambda state: agents.go_absent(state, today), command)

    async def mark_present(self, agent: AgentId, actor: Actor, command: Command) -> Done:
        """Mark an agent present."""
        permit(actor, Action.MARK_PRESENCE)
        today = local_day(command.meta.at)
        return await self._agent(agent, lambda state: agents.come_back(state, today), command)

    async def let_go(self, agent: AgentId, last_day: date, actor: Actor, command: Command) -> Done:
        """Let an agent go, for good."""
        permit(actor, Action.CHANGE_MASTERS)
        return await self._agent(agent, lambda state: agents.leave(state, last_day), command)

    async def name_deputy(self, agent: AgentId, facts: dict[str, Any], actor: Actor, command: Command) -> Done:
        """L-0: let an agent stand in for a supervisor. facts: those of `agent.named_deputy`."""
        permit(actor, Action.NAME_DEPUTIES)
        stream, today = agent_stream(agent), local_day(command.meta.at)

        async def changes(states: States) -> Changes:
            agents.check_known(states[stream])
            sealer = await self._keyring.sealer(await self._keyring.subject(("agent", agent)))
            return {stream: agents.name_deputy(states[stream], seal(agent_events.NamedDeputy, facts, sealer), today)}

        def answer(states: States) -> bytes:
            return msgspec.json.encode(MasterAnswer(agent, states.version(stream)))

        return await self._log.transact([stream], changes, command, answer)

    # ---- teams, departments, merchants ------------------------------------------------------------------------------
    async def register_team(self, team: str, name: str, actor: Actor, command: Command) -> Done:
        """Found a team."""
        permit(actor, Action.CHANGE_MASTERS)
        return await self._one(team_stream(team), team, lambda state: teams.register(state, team, name), command)

    async def rename_team(self, team: str, name: str, actor: Actor, command: Command) -> Done:
        """Give a team another name."""
        permit(actor, Action.CHANGE_MASTERS)
        return await self._one(team_stream(team), team, lambda state: teams.rename(state, name), command)

    async def register_department(
        self, department: str, name: str, matters: tuple[str, ...], actor: Actor, command: Command
    ) -> Done:
        """Found a department with the matters that go there."""
        permit(actor, Action.CHANGE_MASTERS)
        stream = department_stream(department)
        return await self._one(
            stream, department, lambda state: departments.register(state, department, name, matters), command
        )

    async def rename_department(self, department: str, name: str, actor: Actor, command: Command) -> Done:
        """Give a department another name."""
        permit(actor, Action.CHANGE_MASTERS)
        stream = department_stream(department)
        return await self._one(stream, department, lambda state: departments.rename(state, name), command)

    async def set_matters(self, department: str, matters: tuple[str, ...], actor: Actor, command: Command) -> Done:
        """Say which matters go to a department."""
        permit(actor, Action.CHANGE_MASTERS)
        stream = department_stream(department)
        return await self._one(stream, department, lambda state: departments.set_matters(state, matters), command)

    async def register_merchant(self, merchant: str, name: str, actor: Actor, command: Command) -> Done:
        """Register a merchant."""
        permit(actor, Action.CHANGE_MASTERS)
        stream = merchant_stream(merchant)
        return await self._one(stream, merchant, lambda state: merchants.register(state, merchant, name), command)

    async def take_over_merchant(
        self, merchant: str, name: str, periods: Mapping[str, Sequence[Period]], actor: Actor, command: Command
    ) -> Done:
        """Put a merchant on record as another system has it; periods: `signed` and `recommended`."""
        permit(actor, Action.CHANGE_MASTERS)

        def decide(state: merchants.Merchant) -> list[Event]:
            return merchants.take_over(state, merchant, name, periods["signed"], periods["recommended"])

        return await self._one(merchant_stream(merchant), merchant, decide, command)

    async def change_signing(
        self, merchant: str, from_day: date, *, signed: bool, actor: Actor, command: Command
    ) -> Done:
        """Say from which day on a merchant is signed or not."""
        permit(actor, Action.CHANGE_MASTERS)
        stream = merchant_stream(merchant)
        return await self._one(
            stream, merchant, lambda state: merchants.change_signing(state, from_day, signed=signed), command
        )

    async def change_recommendation(
        self, merchant: str, from_day: date, *, recommended: bool, actor: Actor, command: Command
    ) -> Done:
        """Say from which day on a merchant is key recommended or not."""
        permit(actor, Action.CHANGE_MASTERS)
        stream = merchant_stream(merchant)

        def decide(state: merchants.Merchant) -> list[Event]:
            return merchants.change_recommendation(state, from_day, recommended=recommended)

        return await self._one(stream, merchant, decide, command)

    async def known(self, kind: str, key: str) -> bool:
        """Whether one of the agents, teams, departments, merchants or customers is there, as the log has it."""
        if kind == "customers":
            return await self._is_customer(SubjectId(key))
        stream = _STREAMS[kind](key)
        return (await self._log.states([stream])).version(stream) > 0

    # ---- customers --------------------------------------------------------------------------------------------------
    async def classify(self, subject: SubjectId, facts: dict[str, Any], actor: Actor, command: Command) -> Done:
        """C-9: record the evaluation of a customer's class. Raises NoSuchCustomer."""
        permit(actor, Action.CLASSIFY_CUSTOMER)
        changed = seal(customer_events.ClassChanged, facts, await self._customer(subject))
        stream = customer_stream(subject)
        return await self._one(stream, subject, lambda state: customers.change_class(state, changed), command)

    async def allow_texts(self, subject: SubjectId, *, allowed: bool, actor: Actor, command: Command) -> Done:
        """Mark whether a customer may be sent texts. Raises NoSuchCustomer."""
        permit(actor, Action.CLASSIFY_CUSTOMER)
        await self._customer(subject)
        stream = customer_stream(subject)
        return await self._one(stream, subject, lambda state: customers.allow_texts(state, allowed=allowed), command)

    async def customer(self, subject: SubjectId) -> CustomerShown:
        """A customer as the log has it. Raises NoSuchCustomer."""
        await self._customer(subject)
        stream = customer_stream(subject)
        states = await self._log.states([stream])
        state = states[stream]
        return CustomerShown(subject, states.version(stream), state.customer_class, state.texts_allowed)

    async def _is_customer(self, subject: SubjectId) -> bool:
        try:
            await self._customer(subject)
        except NoSuchCustomer:
            return False
        return True

    async def _customer(self, subject: SubjectId) -> Sealer:
        try:
            return await self._keyring.sealer(subject)
        except Erased:
            raise NoSuchCustomer("there is no such customer, or they have been erased") from None

    # ---- what all share ---------------------------------------------------------------------------------------------
    async def _agent(self, agent: AgentId, decide: Callable[[agents.Agent], list[Event]], command: Command) -> Done:
        return await self._one(agent_stream(agent), agent, decide, command)

    async def _one(self, stream: Stream[S], key: str, decide: Callable[[S], list[Event]], command: Command) -> Done:
        return await self._transact(stream, key, lambda _, state: decide(state), command)

    async def _transact(
        self,
        stream: Stream[S],
        key: str,
        decide: Callable[[States, S], list[Event]],
        command: Command,
        others: tuple[Stream[Any], ...] = (),
    ) -> Done:
        async def changes(states: States) -> Changes:
            return {stream: decide(states, states[stream])}

        def answer(states: States) -> bytes:
            return msgspec.json.encode(MasterAnswer(key, states.version(stream)))

        return await self._log.transact([stream, *others], changes, command, answer)

    def _check_team(self, states: States, team: str | None) -> None:
        if team and states[team_stream(team)].name is None:
            raise UnknownTeam(f"there is no team {team}: register it first", pointer="/team")


class OwnLimit(Refusal):
    """Nobody sets the limit of their own authority."""

    code = "own_limit"
