"""Outgoing webhooks: where messages go, of which kinds, and whether they go at all. All stand in one short stream."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from domain.kernel import Decider, Event, Refusal, Unknown
from domain.values import AgentId
from domain.webhook import events as e
from domain.webhook.words import Kind


# ---- state ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Webhook:
    """An address, what it is told, who registered it, and whether messages go there."""

    url: str
    kinds: tuple[Kind, ...]
    by: AgentId
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Webhooks:
    """All webhooks there are, by their ids, in the order in which they were registered."""

    known: Mapping[str, Webhook] = field(default_factory=dict)


def evolve(webhooks: Webhooks, event: Event) -> Webhooks:
    """Fold one event into the state."""
    known = webhooks.known
    match event:
        case e.Registered():
            return Webhooks({**known, event.id: Webhook(event.url, event.kinds, event.by)})
        case e.Removed():
            return Webhooks({name: one for name, one in known.items() if name != event.id})
        case e.Disabled() | e.Enabled():
            enabled = isinstance(event, e.Enabled)
            return Webhooks({**known, event.id: replace(known[event.id], enabled=enabled)})
        case _:
            return webhooks


WEBHOOKS = Decider("webhooks", Webhooks(), evolve)


# ---- refusals -------------------------------------------------------------------------------------------------------
class NoSuchWebhook(Unknown):
    """There is no such webhook."""


class AddressTaken(Refusal):
    """An address is registered once: nothing goes there twice."""

    code = "address_taken"


class WebhookDisabled(Refusal):
    """Nothing is sent to a webhook that is disabled."""

    code = "webhook_disabled"


# ---- decisions ------------------------------------------------------------------------------------------------------
def register(webhooks: Webhooks, registered: e.Registered) -> list[Event]:
    """Send messages to an address from now on. Raises AddressTaken."""
    if any(one.url == registered.url for one in webhooks.known.values()):
        raise AddressTaken("this address is registered: remove that webhook first", pointer="/url")
    return [replace(registered, kinds=tuple(kind for kind in Kind if kind in registered.kinds))]


def remove(webhooks: Webhooks, webhook: str, by: AgentId) -> list[Event]:
    """Send nothing there any more. Raises NoSuchWebhook."""
    _known(webhooks, webhook)
    return [e.Removed(id=webhook, by=by)]


def disable(webhooks: Webhooks, webhook: str, message: int) -> list[Event]:
    """Give up after a message that could not be delivered; who registered the address is told.

    Nothing to do for one that is disabled, or removed meanwhile.
    """
    one = webhooks.known.get(webhook)
    return [e.Disabled(id=webhook, message=message, to=one.by)] if one and one.enabled else []


def enable(webhooks: Webhooks, webhook: str, by: AgentId) -> list[Event]:
    """Send messages there again; nothing to do where they go. Raises NoSuchWebhook."""
    return [] if _known(webhooks, webhook).enabled else [e.Enabled(id=webhook, by=by)]


def redeliver(webhooks: Webhooks, webhook: str, message: int, by: AgentId) -> list[Event]:
    """Send a message once more. Raises NoSuchWebhook, WebhookDisabled."""
    if not _known(webhooks, webhook).enabled:
        raise WebhookDisabled("this webhook is disabled: enable it, then ask again")
    return [e.RedeliveryRequested(id=webhook, message=message, by=by)]


def _known(webhooks: Webhooks, webhook: str) -> Webhook:
    if webhook not in webhooks.known:
        raise NoSuchWebhook("there is no such webhook")
    return webhooks.known[webhook]
