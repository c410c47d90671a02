"""The events of keys that one makes for somebody else (A-4). Stored for ever; secrets are not among them."""

from datetime import datetime

from domain.kernel import Event, event
from domain.values import AgentId, Private


@event("key.proposed")
class Proposed(Event):
    """A key for a program or for another person is laid before a second person.

    scopes: what it is narrowed to; None: all that its owner may. expires_at: from when it lets nobody in; None: never.
    replaces: the prefix of the key whose place it takes, which lets in for `overlap_hours` more.
    """

    prefix: str
    agent: AgentId
    label: Private
    scopes: tuple[str, ...] | None = None
    expires_at: datetime | None = None
    replaces: str | None = None
    overlap_hours: int = 0
    by: AgentId


@event("key.approved")
class Approved(Event):
    """Another person agrees: who it is for may collect it."""

    prefix: str
    proposed_by: AgentId
    by: AgentId


@event("key.withdrawn")
class Withdrawn(Event):
    """What was proposed is taken back, or refused; nobody collects it."""

    prefix: str
    by: AgentId


@event("key.collected")
class Collected(Event):
    """The key was made and shown, once."""

    prefix: str
    by: AgentId
