"""What somebody has read of the notices to them; and when single ones are too many to be shown one by one."""

from collections.abc import Collection
from dataclasses import dataclass

from domain.kernel import Decider, Event, Unknown
from domain.notice import events as e
from domain.values import AgentId


@dataclass(frozen=True, slots=True)
class Reader:
    """The notices that somebody has read, by the positions of what they tell of."""

    read: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticePolicy:
    """More notices than this to one person in one hour are shown as a digest."""

    version: str
    digest_above: int


def evolve(reader: Reader, event: Event) -> Reader:
    """Fold one event into the state."""
    match event:
        case e.Read():
            return Reader(reader.read | set(event.notices))
        case _:
            return reader


READER = Decider("notices read", Reader(), evolve)


class NoSuchNotice(Unknown):
    """There is no such notice to the reader."""


def read(reader: Reader, by: AgentId, notices: Collection[int]) -> list[Event]:
    """Mark notices as read; nothing to do for those that are."""
    unread = sorted(set(notices) - reader.read)
    return [e.Read(by=by, notices=tuple(unread))] if unread else []
