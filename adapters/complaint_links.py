"""Secret links by which customers follow their complaint; PostgreSQL keeps the SHA-256 of each."""

import hashlib
import secrets
from datetime import timedelta

from adapters.postgres.pool import Pool
from domain.values import CaseId

GOOD_FOR = timedelta(days=365)
"""How long a link leads to its complaint."""


class ComplaintLinks:
    """Makes links and knows where they lead."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def make(self, case: CaseId) -> str:
        """The secret of a new link, 256 random bits; it cannot be shown again."""
        token = secrets.token_urlsafe(32)
        async with self._pool.connection() as connection:
            await connection.execute(
                "INSERT INTO access.complaint_links (sha256, case_id) VALUES (%s, %s)", (_sha256(token), case)
            )
        return token

    async def case(self, token: str) -> CaseId | None:
        """The case to which a link leads; None for a secret unknown or too old."""
        async with self._pool.connection() as connection:
            found = await connection.execute(
                "SELECT case_id::text FROM access.complaint_links WHERE sha256 = %s AND made_at > now() - %s",
                (_sha256(token), GOOD_FOR),
            )
            row = await found.fetchone()
        return CaseId(row[0]) if row else None


def _sha256(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
