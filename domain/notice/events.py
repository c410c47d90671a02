"""The events of notices to people at work. Stored for ever; that there is a notice follows from what it tells of."""

from datetime import datetime

from domain.kernel import Event, event
from domain.values import AgentId


@event("notice.read")
class Read(Event):
    """D-4, D-3d: somebody has read notices, each named by the position of the event that it tells of."""

    by: AgentId
    notices: tuple[int, ...]


@event("notice.sign_in_closed")
class SignInClosed(Event):
    """So many passwords were tried with somebody's number that no more are looked at for a while; they are told."""

    to: AgentId
    until: datetime
