"""What persons decide on lines of the ledgers: confirm, dismiss, appeal, decide an appeal (L-0)."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import NoReturn

import msgspec

from application.event_log import Changes, Command, Done, Log, States
from application.matters import LineRef, parse_appeal
from application.permissions import Action, permit
from application.posting import PAYROLL, PolicyOf, with_offsets
from application.sealing import Keyring
from domain.kernel import Event, Malformed, Refusal, Unknown
from domain.ledger import decisions
from domain.ledger.decisions import Ruling
from domain.ledger.events import AppealDecided, Appealed, Dismissed, Verdict
from domain.ledger.voucher import Entry, Voucher, evolve
from domain.values import Actor, Private, local_day

MOST = 500
"""How many lines are confirmed or dismissed at once."""
Decide = Callable[[Voucher, int, States], Awaitable[list[Event]]]


class UnknownLine(Refusal):
    """A line named in the request does not exist."""

    code = "line_unknown"


class Ledgers:
    """Every decision on lines. All raise Refusal for what a rule forbids, and LogError."""

    def __init__(self, log: Log, keyring: Keyring, policy_of: PolicyOf) -> None:
        self._log, self._keyring, self._policy_of = log, keyring, policy_of

    async def confirm(self, entries: Sequence[str], actor: Actor, command: Command) -> Done:
        """Let proposed lines count: all of them or none."""
        permit(actor, Action.DECIDE_LINES)

        async def decide(voucher: Voucher, number: int, states: States) -> list[Event]:
            return decisions.confirm(voucher, number, actor.id, _day(command), states[PAYROLL])

        return await self._each(entries, decide, command)

    async def dismiss(self, entries: Sequence[str], reason: str, actor: Actor, command: Command) -> Done:
        """Let proposed lines go: all of them or none. The reason is sealed to the agent of each line."""
        permit(actor, Action.DECIDE_LINES)

        async def decide(voucher: Voucher, number: int, _: States) -> list[Event]:
            sealed = await self._sealed(voucher, number, f"{Dismissed.topic}.reason", reason)
            return decisions.dismiss(voucher, number, actor.id, sealed)

        return await self._each(entries, decide, command)

    async def appeal(self, entry: str, reason: str, actor: Actor, command: Command) -> Done:
        """Contest an own confirmed penalty."""
        permit(actor, Action.APPEAL)
        line = LineRef.parse(entry)

        async def decide(voucher: Voucher, _: States) -> list[Event]:
            sealed = await self._sealed(voucher, line.number, f"{Appealed.topic}.reason", reason)
            return decisions.appeal(voucher, line.number, actor.id, sealed, _day(command))

        return await self._one(line, decide, command)

    async def withdraw_appeal(self, appeal: str, actor: Actor, command: Command) -> Done:
        """Let an own appeal go."""
        permit(actor, Action.APPEAL)
        line, number = parse_appeal(appeal)

        async def decide(voucher: Voucher, _: States) -> list[Event]:
            return decisions.withdraw_appeal(voucher, line.number, number, actor.id)

        return await self._one(line, decide, command, number)

    async def decide_appeal(
        self,
        appeal: str,
        verdict: Verdict,
        reduced_to_fen: int | None,
        reason: str,
        actor: Actor,
        command: Command,
    ) -> Done:
        """Decide an appeal, with the reversal and the reduced line that follow."""
        permit(actor, Action.DECIDE_LINES)
        line, number = parse_appeal(appeal)

        async def decide(voucher: Voucher, states: States) -> list[Event]:
            sealed = await self._sealed(voucher, line.number, f"{AppealDecided.topic}.reason", reason)
            ruling = Ruling(by=actor.id, verdict=verdict, reduced_to_fen=reduced_to_fen, reason=sealed)
            return decisions.decide_appeal(voucher, line.number, number, ruling, _day(command), states[PAYROLL])

        return await self._one(line, decide, command, number)

    async def known(self, entry: str) -> bool:
        """Whether there is such a line."""
        line = LineRef.parse(entry)
        return line.number in (await self._log.states([line.stream]))[line.stream].entries

    async def appeal_known(self, appeal: str) -> bool:
        """Whether there is such an appeal."""
        line, number = parse_appeal(appeal)
        entry = (await self._log.states([line.stream]))[line.stream].entries.get(line.number)
        return entry is not None and 0 < number <= len(entry.appeals)

    # ---- what all share ---------------------------------------------------------------------------------------------
    async def _one(
        self,
        line: LineRef,
        decide: Callable[[Voucher, States], Awaitable[list[Event]]],
        command: Command,
        appeal: int | None = None,
    ) -> Done:
        async def changes(states: States) -> Changes:
            events = await decide(states[line.stream], states)
            return await with_offsets(self._log, states, [(line.stream, events)], self._policy_of)

        def answer(states: States) -> bytes:
            entry = decisions.line_of(states[line.stream], line.number)
            return msgspec.json.encode(_shown(line, entry, appeal or len(entry.appeals)))

        return await self._log.transact([line.stream], changes, command, answer, held=[PAYROLL])

    async def _each(self, entries: Sequence[str], decide: Decide, command: Command) -> Done:
        lines = _lines(entries)
        streams = list(dict.fromkeys(line.stream for line in lines))

        async def changes(states: States) -> Changes:
            events: dict[LineRef, list[Event]] = {}
            vouchers = {stream: states[stream] for stream in streams}
            for line, at in lines.items():
                try:
                    events[line] = await decide(vouchers[line.stream], line.number, states)
                except Refusal as refusal:
                    _name(refusal, str(line), at)
                for event in events[line]:
                    vouchers[line.stream] = evolve(vouchers[line.stream], event)
            by_voucher = [
                (stream, [event for line in lines if line.stream == stream for event in events[line]])
                for stream in streams
            ]
            return await with_offsets(self._log, states, by_voucher, self._policy_of)

        done = msgspec.json.encode({"entries": [str(line) for line in lines]})
        return await self._log.transact(streams, changes, command, lambda _: done, held=[PAYROLL])

    async def _sealed(self, voucher: Voucher, number: int, place: str, text: str) -> Private:
        agent = decisions.line_of(voucher, number).agent
        sealer = await self._keyring.sealer(await self._keyring.subject(("agent", agent)))
        return sealer.seal(place, text)


def _day(command: Command) -> date:
    """The local day on which something is decided."""
    return local_day(command.meta.at)


def _lines(entries: Sequence[str]) -> dict[LineRef, int]:
    """Each line once, with its place in the request. Raises Malformed for what cannot be an id."""
    lines: dict[LineRef, int] = {}
    for at, entry in enumerate(entries):
        try:
            lines.setdefault(LineRef.parse(entry), at)
        except Unknown:
            raise Malformed(f"{entry} is no id of a line", rule="L-0", pointer=f"/entries/{at}") from None
    return lines


def _name(refusal: Refusal, line: str, at: int) -> NoReturn:
    """All or nothing: the refusal names the line that stands against it."""
    kind = UnknownLine if isinstance(refusal, Unknown) else type(refusal)
    raise kind(f"{line}: {refusal}", rule=refusal.rule or "L-0", pointer=f"/entries/{at}") from refusal


def _shown(line: LineRef, entry: Entry, appeal: int) -> dict[str, object]:
    return {
        "id": f"{line}.{appeal}",
        "entry_id": str(line),
        "appeal": entry.appeals[appeal - 1],
        "status": entry.status,
    }
