"""The events of outgoing webhooks. Stored for ever; secrets are not among them."""

from domain.kernel import Event, event
from domain.values import AgentId
from domain.webhook.words import Kind


@event("webhook.registered")
class Registered(Event):
    """Messages of these kinds go to an address from now on."""

    id: str
    url: str
    kinds: tuple[Kind, ...]
    by: AgentId


@event("webhook.removed")
class Removed(Event):
    """Nothing goes to the address any more."""

    id: str
    by: AgentId


@event("webhook.disabled")
class Disabled(Event):
    """A message could not be delivered, however often it was tried; `to` is told. message: the position it tells of."""

    id: str
    message: int
    to: AgentId


@event("webhook.enabled")
class Enabled(Event):
    """Messages go to the address again."""

    id: str
    by: AgentId


@event("webhook.redelivery_requested")
class RedeliveryRequested(Event):
    """Somebody wants a message sent once more. message: the position it tells of."""

    id: str
    message: int
    by: AgentId
