"""The secrets by which messages to webhooks are signed, wrapped by the master key."""

import secrets
from base64 import b64encode
from uuid import UUID

from adapters.ciphers import Wrapping
from adapters.postgres.pool import Pool

PREFIX = "whsec_"
SECRET_BYTES = 32
_KEEP = "INSERT INTO private.webhook_secrets (webhook, wrapped) VALUES (%s, %s) ON CONFLICT DO NOTHING"
_WRAPPED = "SELECT wrapped FROM private.webhook_secrets WHERE webhook = %s"
_KEPT = "SELECT webhook::text FROM private.webhook_secrets"
_FORGET = "DELETE FROM private.webhook_secrets WHERE webhook = %s"


class WebhookSecrets:
    """Implements application.webhooks.Secrets. All methods raise psycopg.Error and WrongMasterKey."""

    def __init__(self, pool: Pool, master_key: bytes) -> None:
        self._pool = pool
        self._wrapping = Wrapping(master_key, "webhook secrets")

    async def make(self, webhook: str) -> None:
        """See Secrets.make."""
        wrapped = self._wrapping.wrap(UUID(webhook), secrets.token_bytes(SECRET_BYTES))
        async with self._pool.connection() as connection:
            await connection.execute(_KEEP, [UUID(webhook), wrapped])

    async def secret(self, webhook: str) -> str | None:
        """See Secrets.secret."""
        async with self._pool.connection() as connection:
            row = await (await connection.execute(_WRAPPED, [UUID(webhook)])).fetchone()
        return PREFIX + b64encode(self._wrapping.unwrap(UUID(webhook), row[0])).decode() if row else None

    async def forget(self, webhook: str) -> None:
        """See Secrets.forget."""
        async with self._pool.connection() as connection:
            await connection.execute(_FORGET, [UUID(webhook)])

    async def kept(self) -> set[str]:
        """See Secrets.kept."""
        async with self._pool.connection() as connection:
            return {webhook for (webhook,) in await (await connection.execute(_KEPT)).fetchall()}
