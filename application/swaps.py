"""Commands on swaps of shifts: asked for, granted or refused; granted, both shifts change hands in one append (S-5)."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from application.cases import UnknownAgent
from application.event_log import Changes, Command, Done, Log, States, Stream
from application.masters import MasterAnswer
from application.permissions import Action, permit
from application.sealing import Keyring, Sealer, seal
from application.shifts import ShiftId
from application.streams import agent_stream, shift_stream, swap_stream, swaps_of_month_stream
from domain.agent.agent import check_works_on
from domain.agent.words import Presence
from domain.kernel import Refusal
from domain.shift.shift import Shift
from domain.swap import events as e
from domain.swap import swap as swaps
from domain.swap.swap import Exchanged, NoSuchSwap
from domain.values import Actor, AgentId, Month, local_day

Facts = Mapping[str, Any]
Holiday = Callable[[date], bool]
"""Whether a local day is a public holiday."""


class UnknownShift(Refusal):
    """The shift named in the request is not known."""

    code = "shift_unknown"


def swap_id_of(text: str) -> str:
    """The swap a text names. What is no UUID names no swap: NoSuchSwap."""
    try:
        return str(UUID(text))
    except ValueError:
        raise NoSuchSwap("there is no such swap") from None


class Swaps:
    """Every command on swaps. All raise Refusal for what a rule forbids, and LogError."""

    def __init__(self, log: Log, keyring: Keyring, holiday: Holiday) -> None:
        self._log, self._keyring, self._holiday = log, keyring, holiday

    async def request(self, swap: str, facts: Facts, actor: Actor, command: Command) -> Done:
        """S-5: ask for a swap under a new id. facts: those of `swap.requested` but the month; `away` is the actor."""
        permit(actor, Action.REQUEST_SWAPS)
        named = {"away": actor.id, **{name: value for name, value in facts.items() if value is not None}}
        # before what they name is looked up: 403 and 422 come before 409
        swaps.check_asked(named["shift"], named["away"], named["to"], named.get("in_return"), actor)
        stream, given = swap_stream(swap), shift_stream(ShiftId(named["shift"]))
        back = shift_stream(ShiftId(named["in_return"])) if "in_return" in named else None
        people = [agent_stream(AgentId(named[name])) for name in ("away", "to")]

        async def decide(states: States) -> Changes:
            for name, person in zip(("away", "to"), people, strict=True):
                _check_works_here(states[person].presence, named[name], f"/{name}")
            shift = _known(states[given], "/shift")
            returned = _known(states[back], "/in_return") if back else None
            assert shift.day is not None
            month = Month.of(shift.day)
            requested = seal(e.Requested, {**named, "month": msgspec.to_builtins(month)}, await self._sealer(actor.id))
            exchanged = self._exchanged(returned) if returned else None
            events = swaps.request(states[stream], requested, self._exchanged(shift), exchanged, actor, command.meta.at)
            _check_take_over(states, requested, local_day(command.meta.at))
            return {stream: events}

        others: list[Stream[Any]] = [given, *([back] if back else []), *people]
        return await self._transact(swap, decide, command, held=others)

    async def grant(self, swap: str, actor: Actor, command: Command) -> Done:
        """S-5: let both shifts change hands, and count the swap in the month of the shift given away."""
        permit(actor, Action.DECIDE_SWAPS)
        stream = swap_stream(swap)
        requested = await self._requested(swap)
        given = shift_stream(ShiftId(requested.shift))
        back = shift_stream(ShiftId(requested.in_return)) if requested.in_return else None
        month = swaps_of_month_stream(requested.away, requested.month)
        people = [agent_stream(requested.away), agent_stream(requested.to)]

        async def decide(states: States) -> Changes:
            exchanged = self._exchanged(states[back]) if back else None
            granted = swaps.grant(
                states[stream],
                swap,
                self._exchanged(states[given]),
                exchanged,
                states[month],
                actor,
                command.meta.at,
            )
            _check_take_over(states, requested, local_day(command.meta.at))
            changes: dict[Stream[Any], Any] = {stream: granted.swap, month: granted.month, given: granted.shift}
            return changes | ({back: granted.in_return} if back else {})

        return await self._transact(swap, decide, command, [month, given, *([back] if back else [])], people)

    async def refuse(self, swap: str, reason: str, actor: Actor, command: Command) -> Done:
        """S-5: refuse a swap with the reason."""
        permit(actor, Action.DECIDE_SWAPS)
        requested, stream = await self._requested(swap), swap_stream(swap)

        async def decide(states: States) -> Changes:
            facts = {"by": actor.id, "reason": reason}
            refused = seal(e.Refused, facts, await self._sealer(requested.away))
            return {stream: swaps.refuse(states[stream], refused, actor)}

        return await self._transact(swap, decide, command)

    async def known(self, swap: str) -> bool:
        """Whether there is a swap with this id."""
        try:
            await self._requested(swap_id_of(swap))
        except NoSuchSwap:
            return False
        return True

    # ---- what all share ---------------------------------------------------------------------------------------------
    async def _requested(self, swap: str) -> e.Requested:
        stream = swap_stream(swap)
        requested = (await self._log.states([stream]))[stream].requested
        if requested is None:
            raise NoSuchSwap("there is no such swap")
        return requested

    def _exchanged(self, shift: Shift) -> Exchanged:
        return Exchanged(shift, holiday=shift.day is not None and self._holiday(shift.day))

    async def _transact(
        self,
        swap: str,
        decide: Callable[[States], Any],
        command: Command,
        others: list[Stream[Any]] | None = None,
        held: list[Stream[Any]] | None = None,
    ) -> Done:
        stream = swap_stream(swap)

        def answer(states: States) -> bytes:
            return msgspec.json.encode(MasterAnswer(swap, states.version(stream)))

        return await self._log.transact([stream, *(others or [])], decide, command, answer, held or [])

    async def _sealer(self, agent: AgentId) -> Sealer:
        return await self._keyring.sealer(await self._keyring.subject(("agent", agent)))


def _known(shift: Shift, pointer: str) -> Shift:
    if shift.roster is None:
        raise UnknownShift("there is no such shift: name one from the list of shifts", rule="S-5", pointer=pointer)
    return shift


def _check_take_over(states: States, requested: e.Requested, today: date) -> None:
    """Who takes a shift over works here on its day, as whoever is planned does (S-1)."""
    _check_stays(states, requested.to, requested.shift, today)
    if requested.in_return:
        _check_stays(states, requested.away, requested.in_return, today)


def _check_stays(states: States, agent: AgentId, shift: str, today: date) -> None:
    day = states[shift_stream(ShiftId(shift))].day
    if day:
        check_works_on(states[agent_stream(agent)], agent, day, "swap with somebody else", today=today)


def _check_works_here(presence: Presence | None, agent: str, pointer: str) -> None:
    if presence is None:
        raise UnknownAgent(f"there is no agent {agent}: register them first", rule="S-5", pointer=pointer)
