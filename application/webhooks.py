"""Commands on outgoing webhooks, and what they tell: ids, numbers, kinds and times, nothing personal."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec

from application.envelope import Recorded, written
from application.event_log import Changes, Command, Conflict, Done, Log, States
from application.masters import MasterAnswer
from application.permissions import Action, permit
from application.streams import new_webhook, webhooks_stream
from domain.case import events as c
from domain.kernel import Event, Malformed, Refusal, Unknown
from domain.report.events import Made
from domain.values import Actor
from domain.webhook import webhook as w
from domain.webhook.events import Registered
from domain.webhook.words import Kind

PROMISE = "promise"
"""The clock of promises, in every deadline policy."""


class NoSuchMessage(Unknown):
    """No such message goes, or went, to the webhook."""


# ---- what is told ---------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Told:
    """What an event has to tell; clocks: the stream of the case's clocks, where the event stands in it."""

    kind: Kind
    data: dict[str, Any]
    clocks: UUID | None = None


def told(recorded: Recorded) -> Told | None:
    """What goes out of an event; None where nothing does."""
    found = _told(recorded)
    if found is None:
        return None
    return replace(found, data={"event": recorded.event.topic, "position": recorded.position, **found.data})


def _told(recorded: Recorded) -> Told | None:
    event, stream = recorded.event, recorded.stream
    match event:
        case c.DeadlineBreached():
            times = {"due_at": written(event.due_at), "breached_at": written(event.breached_at)}
            return Told(Kind.BREACH, {**_clock(event), "kind": event.kind, **times}, stream)
        case c.Alerted():
            return Told(Kind.ESCALATION, {**_clock(event), "level": event.level}, stream)
        case c.Escalated():
            facts = {"number": event.number, "hear_back_by": written(event.hear_back_by)}
            return Told(Kind.ESCALATION, {"case_id": str(stream), **facts})
        case c.DeadlineWarned() if event.clock == PROMISE:
            return Told(Kind.PROMISE_DUE, {**_clock(event), "due_at": written(event.due_at)}, stream)
        case Made():
            figures = {"figures": event.orders.digest, "open_cases": event.open_cases}
            return Told(Kind.DAILY_REPORT, {"date": event.date.isoformat(), **figures})
        case _:
            return None


def _clock(event: c.DeadlineWarned | c.DeadlineBreached | c.Alerted) -> dict[str, Any]:
    return {"clock": event.clock, "number": event.number, "policy": event.policy}


def body(kind: str, at: datetime, data: dict[str, Any]) -> str:
    """The text of a message, the same whenever it is sent (Standard Webhooks)."""
    return msgspec.json.encode({"type": kind, "timestamp": written(at), "data": data}, order="sorted").decode()


# ---- commands -------------------------------------------------------------------------------------------------------
class Secrets(Protocol):
    """Keeps the secrets by which messages are signed."""

    async def make(self, webhook: str) -> None:
        """Make a secret, unless there is one."""
        ...

    async def secret(self, webhook: str) -> str | None:
        """The secret, `whsec_…`; None where there is none any more."""
        ...

    async def forget(self, webhook: str) -> None:
        """Destroy a secret."""
        ...

    async def kept(self) -> set[str]:
        """The webhooks that have a secret."""
        ...


class Webhooks:
    """Every command on webhooks. All raise Refusal for what a rule forbids, and LogError.

    fault: what is wrong with an address, None where messages may go there.
    """

    def __init__(self, log: Log, secrets: Secrets, fault: Callable[[str], str | None]) -> None:
        self._log, self._secrets, self._fault = log, secrets, fault

    async def register(
        self, url: str, kinds: tuple[Kind, ...], actor: Actor, command: Command
    ) -> tuple[Done, str | None]:
        """Send messages of these kinds to an address from now on; and the secret that signs them.

        None to a repeat for a webhook that was removed since: its secret is destroyed, and no other one is made.
        """
        permit(actor, Action.MANAGE_WEBHOOKS)
        if fault := self._fault(url):
            raise Malformed(f"url: {fault}", pointer="/url")
        webhook = new_webhook(command.meta.command_id)
        registered = Registered(id=webhook, url=url, kinds=kinds, by=actor.id)

        async def decide(known: w.Webhooks) -> list[Event]:
            events = w.register(known, registered)
            # before the event, so that nothing is sent unsigned; a repeat is not decided, and makes none
            await self._secrets.make(webhook)
            return events

        try:
            done = await self._transact(webhook, decide, command)
        except (Refusal, Conflict):
            # decided once, and overtaken by who registered the address at the same time
            await self._secrets.forget(webhook)
            raise
        return done, await self._secrets.secret(webhook)

    async def remove(self, webhook: str, actor: Actor, command: Command) -> Done:
        """Send nothing there any more, and destroy the secret."""
        permit(actor, Action.MANAGE_WEBHOOKS)
        done = await self._decided(webhook, lambda known: w.remove(known, webhook, actor.id), command)
        await self._secrets.forget(webhook)
        return done

    async def enable(self, webhook: str, actor: Actor, command: Command) -> Done:
        """Send messages there again."""
        permit(actor, Action.MANAGE_WEBHOOKS)
        return await self._decided(webhook, lambda known: w.enable(known, webhook, actor.id), command)

    async def redeliver(self, webhook: str, message: int, actor: Actor, command: Command) -> Done:
        """Send a message once more."""
        permit(actor, Action.MANAGE_WEBHOOKS)
        return await self._decided(webhook, lambda known: w.redeliver(known, webhook, message, actor.id), command)

    async def disable(self, webhook: str, message: int, command: Command) -> Done:
        """Give up after a message that could not be delivered."""
        return await self._decided(webhook, lambda known: w.disable(known, webhook, message), command)

    async def all(self) -> tuple[w.Webhooks, int]:
        """All there are, and how many events have led there."""
        stream = webhooks_stream()
        states = await self._log.states([stream])
        return states[stream], states.version(stream)

    async def known(self, webhook: str) -> bool:
        """Whether there is such a webhook."""
        return webhook in (await self.all())[0].known

    async def orphans(self) -> set[str]:
        """The secrets of webhooks that there are not: of one being registered, or whose process died meanwhile."""
        kept = await self._secrets.kept()
        return kept - (await self.all())[0].known.keys()

    async def forget(self, orphan: str) -> None:
        """Destroy the secret of a webhook that there is not."""
        await self._secrets.forget(orphan)

    async def _decided(self, webhook: str, decide: Callable[[w.Webhooks], list[Event]], command: Command) -> Done:
        async def decided(known: w.Webhooks) -> list[Event]:
            return decide(known)

        return await self._transact(webhook, decided, command)

    async def _transact(
        self, webhook: str, decide: Callable[[w.Webhooks], Awaitable[list[Event]]], command: Command
    ) -> Done:
        stream = webhooks_stream()

        async def changes(states: States) -> Changes:
            return {stream: await decide(states[stream])}

        def answer(states: States) -> bytes:
            return msgspec.json.encode(MasterAnswer(webhook, states.version(stream)))

        return await self._log.transact([stream], changes, command, answer)
