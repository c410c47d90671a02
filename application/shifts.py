"""Commands on shifts: planning, corrections, absences and attendance (S-1, S-5, S-6)."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from typing import Any, NewType
from uuid import UUID

import msgspec

from application.cases import UnknownAgent
from application.event_log import Changes, Command, Done, Log, States, Stream
from application.masters import MasterAnswer, UnknownTeam
from application.permissions import Action, permit
from application.sealing import Keyring, Sealer, seal
from application.streams import agent_stream, shift_stream, team_stream
from domain.agent.agent import Agent, check_works_on
from domain.kernel import Event, Refusal
from domain.shift import events as e
from domain.shift import shift as shifts
from domain.shift.shift import NoSuchShift, Shift
from domain.values import Actor, AgentId, Role, local_day

ShiftId = NewType("ShiftId", str)
"""The UUID of a shift's stream in its canonical text form."""
Facts = Mapping[str, Any]
"""The fields of an event in plain form, named as in the event."""
Decide = Callable[[States, Shift], Awaitable[list[Event]]]
Planning = Callable[[Shift, Sealer], list[Event]]


class NoSupervisor(Refusal):
    """A shift's supervisor is one, or stands in for one that day."""

    code = "no_supervisor"


def shift_id_of(text: str) -> ShiftId:
    """The shift a text names. What is no UUID names no shift: NoSuchShift."""
    try:
        return ShiftId(str(UUID(text)))
    except ValueError:
        raise NoSuchShift("there is no such shift") from None


class Shifts:
    """Every command on the roster of shifts. All raise Refusal for what a rule forbids, and LogError.

    holiday: whether a local day is a public holiday.
    """

    def __init__(self, log: Log, keyring: Keyring, holiday: Callable[[date], bool]) -> None:
        self._log, self._keyring, self._holiday = log, keyring, holiday

    async def plan(self, shift: ShiftId, facts: Facts, actor: Actor, command: Command) -> Done:
        """S-1: plan a shift under a new id; everybody on it is known. facts: those of `shift.planned`."""
        permit(actor, Action.PLAN_SHIFTS)

        def decide(state: Shift, sealer: Sealer) -> list[Event]:
            return shifts.plan(state, seal(e.Planned, facts, sealer))

        return await self._rostered(shift, facts, decide, actor, command)

    async def replan(self, shift: ShiftId, facts: Facts, actor: Actor, command: Command) -> Done:
        """S-1: change times and roster; afterwards as a correction.

        facts: those of `shift.replanned`; what is left out stays as it is.
        """
        permit(actor, Action.PLAN_SHIFTS)

        def decide(state: Shift, sealer: Sealer) -> list[Event]:
            roster = shifts.roster_of(state)
            kept = {name: getattr(roster, name) for name in ("start", "end", "agents", "supervisor")}
            return shifts.replan(state, seal(e.Replanned, {**kept, **facts}, sealer), actor, command.meta.at)

        return await self._rostered(shift, facts, decide, actor, command)

    async def record_absence(self, shift: ShiftId, facts: Facts, actor: Actor, command: Command) -> Done:
        """S-5, S-6: record that somebody is not there. facts: those of `shift.absence_recorded`."""
        permit(actor, Action.PLAN_SHIFTS)
        agent = AgentId(facts["agent"])

        async def decide(_: States, state: Shift) -> list[Event]:
            # before a key is made for whoever is named
            shifts.listed(state, agent)
            absence = seal(e.AbsenceRecorded, facts, await self._sealer(agent))
            holiday = state.day is not None and self._holiday(state.day)
            return shifts.record_absence(state, absence, actor, command.meta.at, holiday=holiday)

        return await self._transact(shift, decide, command)

    async def clear_absence(self, shift: ShiftId, agent: AgentId, actor: Actor, command: Command) -> Done:
        """S-6: take an absence back."""
        permit(actor, Action.PLAN_SHIFTS)

        async def decide(_: States, state: Shift) -> list[Event]:
            return shifts.clear_absence(state, agent, actor, command.meta.at)

        return await self._transact(shift, decide, command)

    async def record_attendance(self, shift: ShiftId, facts: Facts, actor: Actor, command: Command) -> Done:
        """S-6: record when somebody came and went. facts: those of `shift.attendance_recorded`."""
        permit(actor, Action.PLAN_SHIFTS)

        async def decide(_: States, state: Shift) -> list[Event]:
            came = seal(e.AttendanceRecorded, facts, await self._sealer(actor.id))
            return shifts.record_attendance(state, came, actor, command.meta.at)

        return await self._transact(shift, decide, command)

    async def known(self, shift: str) -> bool:
        """Whether there is a shift with this id, as the log has it."""
        try:
            stream = shift_stream(shift_id_of(shift))
        except NoSuchShift:
            return False
        return (await self._log.states([stream])).version(stream) > 0

    # ---- what all share ---------------------------------------------------------------------------------------------
    async def _rostered(
        self,
        shift: ShiftId,
        facts: Facts,
        decide: Callable[[Shift, Sealer], list[Event]],
        actor: Actor,
        command: Command,
    ) -> Done:
        """A command that puts people on the roster, or keeps them there; they are known and work here."""
        named = tuple(dict.fromkeys(filter(None, (*facts.get("agents", ()), facts.get("supervisor")))))

        team: str | None = facts.get("team")

        async def checked(states: States, state: Shift) -> list[Event]:
            events = decide(state, await self._sealer(actor.id))
            if team and states[team_stream(team)].name is None:
                raise UnknownTeam(f"there is no team {team}: register it first", rule="S-1", pointer="/team")
            for event in events:
                assert isinstance(event, e.Planned | e.Replanned)
                people = {agent: agent_stream(agent) for agent in _people(event)}
                if kept := [person for agent, person in people.items() if agent not in named]:
                    # who stays on a roster whose times change is not named
                    states.include(await self._log.states(kept))
                today = local_day(command.meta.at)
                _check_people({agent: states[person] for agent, person in people.items()}, event, today)
            return events

        others = (*map(agent_stream, named), *((team_stream(team),) if team else ()))
        return await self._transact(shift, checked, command, others)

    async def _transact(
        self, shift: ShiftId, decide: Decide, command: Command, others: Sequence[Stream[Any]] = ()
    ) -> Done:
        stream = shift_stream(shift)

        async def changes(states: States) -> Changes:
            return {stream: await decide(states, states[stream])}

        def answer(states: States) -> bytes:
            return msgspec.json.encode(MasterAnswer(shift, states.version(stream)))

        return await self._log.transact([stream, *others], changes, command, answer)

    async def _sealer(self, agent: AgentId) -> Sealer:
        return await self._keyring.sealer(await self._keyring.subject(("agent", agent)))


def _people(planned: e.Planned | e.Replanned) -> tuple[AgentId, ...]:
    return (*planned.agents, *((planned.supervisor,) if planned.supervisor else ()))


def _check_people(people: Mapping[AgentId, Agent], planned: e.Planned | e.Replanned, today: date) -> None:
    """Everybody named is known and works here on the local day on which the shift begins; the supervisor is one."""
    day = local_day(planned.start)
    for agent, state in people.items():
        if state.presence is None:
            raise UnknownAgent(f"there is no agent {agent}: register them first", rule="S-1")
        instead = "put somebody else on the roster"
        check_works_on(state, agent, day, instead, today=today, pointer=_pointer(agent, planned))
    supervisor = people.get(planned.supervisor) if planned.supervisor else None
    if supervisor and supervisor.role is not Role.SUPERVISOR and not supervisor.deputy_on(day):
        detail = f"{planned.supervisor} is no supervisor, nor a deputy on {day}: name another one"
        raise NoSupervisor(detail, rule="S-1", pointer="/supervisor")


def _pointer(agent: AgentId, planned: e.Planned | e.Replanned) -> str:
    return f"/agents/{planned.agents.index(agent)}" if agent in planned.agents else "/supervisor"
