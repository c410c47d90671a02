"""What people keep at their desks: views of the inbox and drafts of what they write, sealed, in schema `private`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from adapters.customers import customer_of
from adapters.postgres.pool import Pool
from application.sealing import GONE, Keyring
from domain.values import AgentId, CaseId, Private, SubjectId

KEPT = timedelta(days=7)
"""How long a draft is kept after it was last written."""
_VIEW, _DRAFT = "desk.view", "desk.draft"
_VIEWS = "SELECT id, subject, box FROM private.views WHERE agent = %s ORDER BY made_at, id"
_KEEP_VIEW = """
    INSERT INTO private.views (agent, id, subject, box) VALUES (%s, %s, %s, %s)
    ON CONFLICT (agent, id) DO UPDATE SET subject = excluded.subject, box = excluded.box"""
_DROP_VIEW = "DELETE FROM private.views WHERE agent = %s AND id = %s"
_DRAFT_OF = """
    SELECT subject, box, written_at FROM private.drafts
    WHERE agent = %s AND form = %s AND written_at > now() - %s"""
_DROP_OLD = "DELETE FROM private.drafts WHERE written_at < now() - %s"
_KEEP_DRAFT = """
    INSERT INTO private.drafts (agent, form, subject, box) VALUES (%s, %s, %s, %s)
    ON CONFLICT (agent, form) DO UPDATE
    SET subject = excluded.subject, box = excluded.box, written_at = excluded.written_at"""
_DROP_DRAFT = "DELETE FROM private.drafts WHERE agent = %s AND form = %s"


@dataclass(frozen=True, slots=True)
class View:
    """Filters of the inbox under a name; filters: as `GET /cases` takes them."""

    name: str
    filters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """What has been typed into a form: its fields as they were sent, each with all its values."""

    fields: Mapping[str, Sequence[str]]
    written_at: datetime


class Desk:
    """Keeps what is one person's own; nobody else reads it."""

    def __init__(self, pool: Pool, keyring: Keyring) -> None:
        self._pool, self._keyring = pool, keyring

    # ---- views ------------------------------------------------------------------------------------------------------
    async def views(self, agent: AgentId) -> dict[UUID, View]:
        """The views of a person in the order in which they were made."""
        async with self._pool.connection() as connection:
            rows = await (await connection.execute(_VIEWS, (agent,))).fetchall()
        opener = await self._keyring.opener(sorted({SubjectId(str(subject)) for _, subject, _ in rows}))
        opened = {key: opener.open(_VIEW, Private(SubjectId(str(subject)), box)) for key, subject, box in rows}
        return {key: msgspec.json.decode(text, type=View) for key, text in opened.items() if text and text not in GONE}

    async def keep_view(self, agent: AgentId, key: UUID, view: View) -> None:
        """Keep a view, or put another under its id."""
        sealer = await self._keyring.sealer(await self._own(agent))
        sealed = sealer.seal(_VIEW, msgspec.json.encode(view).decode())
        async with self._pool.connection() as connection:
            await connection.execute(_KEEP_VIEW, (agent, key, UUID(sealed.subject), sealed.box))

    async def drop_view(self, agent: AgentId, key: UUID) -> None:
        """Keep a view no longer; nothing for one that is not there."""
        async with self._pool.connection() as connection:
            await connection.execute(_DROP_VIEW, (agent, key))

    # ---- drafts -----------------------------------------------------------------------------------------------------
    async def draft(self, agent: AgentId, form: str) -> Draft | None:
        """What was typed into a form and not sent; None where there is nothing, or no longer."""
        async with self._pool.connection() as connection:
            row = await (await connection.execute(_DRAFT_OF, (agent, form, KEPT))).fetchone()
        if row is None:
            return None
        subject = SubjectId(str(row[0]))
        text = (await self._keyring.opener([subject])).open(_DRAFT, Private(subject, row[1]))
        if text is None or text in GONE:
            return None
        return Draft(msgspec.json.decode(text, type=dict[str, list[str]]), row[2])

    async def keep_draft(
        self, agent: AgentId, form: str, case: CaseId | None, fields: Mapping[str, Sequence[str]]
    ) -> None:
        """Keep what has been typed so far, sealed to the customer of the case. Raises NoSuchCase, Erased."""
        subject = await customer_of(self._pool, case) if case else await self._own(agent)
        sealed = (await self._keyring.sealer(subject)).seal(_DRAFT, msgspec.json.encode(fields).decode())
        async with self._pool.connection() as connection:
            await connection.execute(_DROP_OLD, (KEPT,))
            await connection.execute(_KEEP_DRAFT, (agent, form, UUID(sealed.subject), sealed.box))

    async def drop_draft(self, agent: AgentId, form: str) -> None:
        """Keep a draft no longer: it was sent, or given up."""
        async with self._pool.connection() as connection:
            await connection.execute(_DROP_DRAFT, (agent, form))

    # ---- persons ----------------------------------------------------------------------------------------------------
    async def _own(self, agent: AgentId) -> SubjectId:
        return await self._keyring.subject(("agent", agent))
