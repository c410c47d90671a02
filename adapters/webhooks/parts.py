"""What a program needs of webhooks, in one place for bootstrap."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from adapters.postgres.pool import Pool
from adapters.webhooks.deliverer import Deliverer
from adapters.webhooks.guard import Allowed, Guard
from adapters.webhooks.secrets import WebhookSecrets
from application.event_log import Command, Log
from application.webhooks import Webhooks


@dataclass(frozen=True, slots=True)
class WebhookParts:
    """The commands on webhooks, the secrets that sign, and who sends."""

    commands: Webhooks
    secrets: WebhookSecrets
    deliverer: Deliverer


def webhook_parts(
    dsn: str,
    pool: Pool,
    log: Log,
    master_key: bytes,
    allowed: Allowed,
    command: Callable[[], Command],
    clock: Callable[[], datetime],
) -> WebhookParts:
    """The parts over the service's own connection string; `command`: under which circumstances one is disabled."""
    guard, secrets = Guard(allowed), WebhookSecrets(pool, master_key)
    commands = Webhooks(log, secrets, guard.fault)
    return WebhookParts(commands, secrets, Deliverer(dsn, commands, secrets, guard, command, clock))
