"""The circumstances of an event, apart from what happened: who, when, in answer to what."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.kernel import Event
from domain.values import AgentId


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
