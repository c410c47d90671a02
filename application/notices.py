"""Notices of what no other event tells, and that who they are to has read them."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

import msgspec

from application.event_log import Changes, Command, Done, Log, States
from application.masters import MasterAnswer
from application.permissions import Action, permit
from application.streams import notice_stream
from domain.notice.events import SignInClosed
from domain.notice.notice import NoSuchNotice, read
from domain.values import Actor, AgentId


class ToReader(Protocol):
    """Knows which notices are to whom."""

    async def meant(self, actor: Actor, item: str) -> Collection[int]:
        """The positions behind an item of the actor's list: of one notice, or of all of a digest; none: no such one."""
        ...


async def tell_closed(log: Log, agent: AgentId, until: datetime, command: Command) -> None:
    """Tell somebody that their number was tried until it was closed. Raises LogError."""
    stream = notice_stream(agent)

    async def decide(states: States) -> Changes:  # noqa: ARG001  whatever they have read
        return {stream: [SignInClosed(to=agent, until=until)]}

    def answer(states: States) -> bytes:
        return msgspec.json.encode(MasterAnswer(agent, states.version(stream)))

    await log.transact([stream], decide, command, answer)


class Notices:
    """Marks notices as read."""

    def __init__(self, log: Log, to_reader: ToReader) -> None:
        self._log, self._to_reader = log, to_reader

    async def read(self, item: str, actor: Actor, command: Command) -> Done:
        """Mark an item of the actor's list, a notice or a digest, as read. Raises NoSuchNotice."""
        permit(actor, Action.READ_NOTICES)
        positions = await self._to_reader.meant(actor, item)
        if not positions:
            raise NoSuchNotice("there is no such notice to you")
        stream = notice_stream(actor.id)

        async def decide(states: States) -> Changes:
            return {stream: read(states[stream], actor.id, positions)}

        def answer(states: States) -> bytes:
            return msgspec.json.encode(MasterAnswer(item, states.version(stream)))

        return await self._log.transact([stream], decide, command, answer)

    async def known(self, item: str, actor: Actor) -> bool:
        """Whether there is such an item in the actor's list."""
        return bool(await self._to_reader.meant(actor, item))
