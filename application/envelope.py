"""The circumstances of an event, apart from what happened: who, when, in answer to what."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from uuid import UUID

from domain.kernel import Event
from domain.values import AgentId

AsOf = int | datetime | None
"""A position of the log, a moment of recording, or None for now."""


@dataclass(frozen=True, slots=True)
class Meta:
    """What stands in `meta` of every stored event (contract part 4). `at` is the time of recording, UTC."""

    actor: AgentId
    at: datetime
    correlation_id: UUID
    causation_id: UUID
    command_id: UUID


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event where it stands in the log: position in the one order, stream, version in the stream (from 1)."""

    position: int
    stream: UUID
    version: int
    event: Event
    meta: Meta


def recorded_by(history: Iterable[Recorded], moment: datetime) -> list[Recorded]:
    """The part of one stream's history that was recorded by a moment: a prefix, even where two clocks disagreed."""
    return list(takewhile(lambda one: one.meta.at <= moment, history))


def written(at: datetime) -> str:
    """A moment as it is stored and shown: RFC 3339, UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
