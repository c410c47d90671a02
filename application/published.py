"""Commands on documents that two people put in force (A-4): tariffs, policies, calendars; and what is in force."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import msgspec

from application.calendars import shipped as shipped_calendar
from application.calendars import shipped_versions as shipped_calendars
from application.deadline_policies import in_force
from application.event_log import Changes, Command, Done, Log, States, Stream
from application.masters import MasterAnswer
from application.permissions import Action, permit
from application.streams import (
    acknowledgements_stream,
    calendar_register_stream,
    deadline_policy_register_stream,
    payroll_policy_register_stream,
    tariff_register_stream,
)
from domain import published as p
from domain.kernel import Event
from domain.payroll.policies import PAYROLL_POLICIES, acknowledge
from domain.payroll.policy import PayrollPolicy
from domain.published import Entry, Kind, Register
from domain.tariff.tariff import Tariff
from domain.tariff.tariffs import TARIFFS
from domain.time.deadlines import DeadlinePolicy
from domain.time.events import BusinessCalendar
from domain.time.published import CALENDARS, DEADLINE_POLICIES
from domain.values import Actor, AgentId

D = TypeVar("D", bound=p.Dated)


class Publishing(Generic[D]):
    """Every command on one kind of documents. All raise Refusal for what a rule forbids, and LogError.

    shipped: the versions that come with the service and are in force without an event.
    """

    def __init__(self, log: Log, kind: Kind[D], stream: Stream[Register[D]], shipped: Sequence[D]) -> None:
        self._log, self._kind, self._stream, self._shipped = log, kind, stream, shipped

    async def propose(self, document: D, actor: Actor, command: Command) -> Done:
        """A-4: lay a version before a second person."""
        permit(actor, Action.PUBLISH)

        def decide(register: Register[D]) -> list[Event]:
            return p.propose(register, self._kind, self._shipped, document, actor.id, command.meta.at)

        return await self._transact(document.version, decide, command)

    async def publish(self, version: str, actor: Actor, command: Command) -> Done:
        """A-4: put a proposed version in force, as another person than who proposed it."""
        permit(actor, Action.PUBLISH)

        def decide(register: Register[D]) -> list[Event]:
            return p.publish(register, self._kind, self._shipped, version, actor.id, command.meta.at)

        return await self._transact(version, decide, command)

    async def withdraw(self, version: str, reason: str, actor: Actor, command: Command) -> Done:
        """Take a proposal back."""
        permit(actor, Action.PUBLISH)

        def decide(register: Register[D]) -> list[Event]:
            return p.withdraw(register, self._kind, self._shipped, version, actor.id, reason)

        return await self._transact(version, decide, command)

    async def entries(self) -> tuple[Sequence[Entry[D]], int]:
        """Every version, the shipped ones first, and how many events have led there."""
        states = await self._log.states([self._stream])
        return states[self._stream].all(self._shipped), states.version(self._stream)

    async def published(self) -> tuple[D, ...]:
        """The shipped and the published versions in the order of their first days, also of those to come."""
        return (await self._log.states([self._stream]))[self._stream].published(self._shipped)

    async def known(self, version: str) -> bool:
        """Whether there is such a version."""
        return any(entry.document.version == version for entry in (await self.entries())[0])

    async def _transact(self, version: str, decide: Callable[[Register[D]], list[Event]], command: Command) -> Done:
        async def changes(states: States) -> Changes:
            return {self._stream: decide(states[self._stream])}

        def answer(states: States) -> bytes:
            return msgspec.json.encode(MasterAnswer(version, states.version(self._stream)))

        return await self._log.transact([self._stream], changes, command, answer)


def tariffs(log: Log, shipped: Sequence[Tariff]) -> Publishing[Tariff]:
    """The commands on tariffs."""
    return Publishing(log, TARIFFS, tariff_register_stream(), shipped)


def deadline_policies(log: Log) -> Publishing[DeadlinePolicy]:
    """The commands on deadline policies."""
    return Publishing(log, DEADLINE_POLICIES, deadline_policy_register_stream(), in_force())


def calendars(log: Log) -> Publishing[BusinessCalendar]:
    """The commands on business calendars."""
    shipped = [BusinessCalendar(calendar=calendar) for calendar in map(shipped_calendar, shipped_calendars())]
    return Publishing(log, CALENDARS, calendar_register_stream(), shipped)


class PayrollPolicies(Publishing[PayrollPolicy]):
    """The commands on payroll policies, and their acknowledgement by agents."""

    def __init__(self, log: Log, shipped: Sequence[PayrollPolicy]) -> None:
        super().__init__(log, PAYROLL_POLICIES, payroll_policy_register_stream(), shipped)

    async def acknowledge(self, version: str, actor: Actor, command: Command) -> Done:
        """L-5: acknowledge a published policy for oneself."""
        permit(actor, Action.ACKNOWLEDGE_POLICY)
        stream = acknowledgements_stream(version)

        async def changes(states: States) -> Changes:
            return {stream: acknowledge(states[stream], states[self._stream], self._shipped, version, actor.id)}

        def answer(states: States) -> bytes:
            return msgspec.json.encode(MasterAnswer(version, states.version(stream)))

        return await self._log.transact([stream, self._stream], changes, command, answer)


async def acknowledged(log: Log, version: str) -> frozenset[AgentId]:
    """Who has acknowledged a payroll policy (L-5)."""
    stream = acknowledgements_stream(version)
    return (await log.states([stream]))[stream].agents
