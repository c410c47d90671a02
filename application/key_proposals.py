"""Keys that one makes for a program or another person: by two people, collected by whom they are for (A-4)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from application.event_log import Changes, Command, Done, Log, States
from application.masters import MasterAnswer
from application.permissions import Action, allowed, permit
from application.sealing import Keyring, Show, opened, seal
from application.streams import agent_stream, keys_stream, new_key
from domain.agent.agent import check_known
from domain.kernel import Event
from domain.key import key as k
from domain.key.events import Proposed
from domain.key.key import Entry, Keys
from domain.key.words import Status
from domain.values import Actor, AgentId


@dataclass(frozen=True, slots=True)
class Shown:
    """A proposed key as it is shown. id: its prefix; label: what it is for; collector: who has it made, once."""

    id: str
    agent: AgentId
    label: str
    scopes: tuple[str, ...] | None
    expires_at: datetime | None
    replaces: str | None
    overlap_hours: int
    status: Status
    proposed_by: AgentId
    approved_by: AgentId | None
    withdrawn_by: AgentId | None
    collector: AgentId


class KeyProposals:
    """Every command on proposed keys. All raise Refusal for what a rule forbids, and LogError."""

    def __init__(self, log: Log, keyring: Keyring) -> None:
        self._log, self._keyring = log, keyring
        self._stream = keys_stream()

    async def propose(self, agent: AgentId, facts: Mapping[str, object], actor: Actor, command: Command) -> Done:
        """A-4: lay a key before a second person. facts: those of `key.proposed`, the label as text.

        Raises NoSuchAgent.
        """
        permit(actor, Action.MANAGE_KEYS)
        owner = agent_stream(agent)
        check_known((await self._log.states([owner]))[owner])
        sealer = await self._keyring.sealer(await self._keyring.subject(("agent", agent)))
        named = {"prefix": new_key(command.meta.command_id), "agent": agent, "by": actor.id}
        proposed = seal(Proposed, {**facts, **named}, sealer)
        return await self._decide(proposed.prefix, lambda keys: k.propose(keys, proposed, command.meta.at), command)

    async def approve(self, prefix: str, actor: Actor, command: Command) -> Done:
        """A-4: agree, as another person than who proposed it."""
        permit(actor, Action.MANAGE_KEYS)
        return await self._decide(prefix, lambda keys: k.approve(keys, prefix, actor.id, command.meta.at), command)

    async def withdraw(self, prefix: str, actor: Actor, command: Command) -> Done:
        """Take a proposal back, or refuse it."""
        permit(actor, Action.MANAGE_KEYS)
        return await self._decide(prefix, lambda keys: k.withdraw(keys, prefix, actor.id), command)

    async def collect(self, prefix: str, actor: Actor, command: Command) -> Shown:
        """Have it recorded that the key is made, before it is; what it is to be."""
        permit(actor, Action.KEEP_KEYS)
        await self._decide(prefix, lambda keys: k.collect(keys, prefix, actor.id, command.meta.at), command)
        return (await self.shown(prefix, actor))[0]

    async def known(self, prefix: str) -> bool:
        """Whether such a key was proposed."""
        return prefix in (await self._state())[0].known

    async def shown(self, prefix: str, actor: Actor) -> tuple[Shown, int]:
        """One of those the actor may see, and how many events have led there. Raises NoSuchProposal."""
        listed, version = await self.listed(actor)
        for shown in listed:
            if shown.id == prefix:
                return shown, version
        raise k.NoSuchProposal("no such key was proposed, or it is not yours to see")

    async def listed(self, actor: Actor) -> tuple[list[Shown], int]:
        """Those the actor may see, the newest first: their own, or all of them."""
        keys, version = await self._state()
        every = allowed(actor, Action.READ_ALL_KEYS)
        seen = [entry for entry in keys.known.values() if every or actor.id in {entry.collector, entry.proposed.agent}]
        labels = opened(await self._keyring.opener(sorted({entry.proposed.label.subject for entry in seen})))
        return [_shown(entry, labels) for entry in reversed(seen)], version

    async def _state(self) -> tuple[Keys, int]:
        states = await self._log.states([self._stream])
        return states[self._stream], states.version(self._stream)

    async def _decide(self, prefix: str, decide: Callable[[Keys], list[Event]], command: Command) -> Done:
        async def changes(states: States) -> Changes:
            return {self._stream: decide(states[self._stream])}

        def answer(states: States) -> bytes:
            return msgspec.json.encode(MasterAnswer(prefix, states.version(self._stream)))

        return await self._log.transact([self._stream], changes, command, answer)


def _shown(entry: Entry, labels: Show) -> Shown:
    proposed = entry.proposed
    asked: dict[str, Any] = {
        name: getattr(proposed, name) for name in ("agent", "scopes", "expires_at", "replaces", "overlap_hours")
    }
    return Shown(
        id=proposed.prefix,
        label=str(labels(f"{Proposed.topic}.label", proposed.label)),
        status=entry.status,
        proposed_by=proposed.by,
        approved_by=entry.approved_by,
        withdrawn_by=entry.withdrawn_by,
        collector=entry.collector,
        **asked,
    )
