"""What goes out to webhooks: one row for each message to each address that is to have it.

Whether and when it has been sent stands elsewhere (`webhooks.deliveries`): a rebuild sends nothing twice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from application.envelope import Recorded
from application.sealing import Opener
from application.webhooks import told
from domain.webhook import events as e
from domain.webhook.words import Kind
from projections.view import Cursor, Rows, View


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRow:
    """An address; the columns of `read.webhooks_1`. enabled: whether messages go there now."""

    id: UUID
    url: str
    kinds: tuple[Kind, ...]
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRow:
    """A message to send; the columns of `read.webhook_messages_1`. id: `webhook/position`.

    position: of the event because of which it is sent. message: of the event it tells of; another one where somebody
    asked for it once more. clocks: the stream of a case's clocks, by which the case is found.
    """

    id: str
    webhook: UUID
    position: int
    message: int
    kind: Kind
    at: datetime
    clocks: UUID | None
    data: dict[str, Any]


_WEBHOOKS = Rows("read.webhooks_1", WebhookRow)
_MESSAGES = Rows("read.webhook_messages_1", MessageRow)
_ALL = "SELECT id FROM read.webhooks_1"


class WebhooksView(View):
    """Addresses, and the messages to each."""

    name = "webhooks_1"
    topics = (
        *("case.escalated", "case.deadline_warned", "case.deadline_breached", "case.alerted"),
        *("daily_report.made", "webhook."),
    )
    tables = ("read.webhook_messages_1", "read.webhooks_1")
    create = """
        CREATE TABLE IF NOT EXISTS read.webhooks_1 (
            id uuid PRIMARY KEY, url text NOT NULL, kinds text[] NOT NULL, enabled boolean NOT NULL
        );
        CREATE TABLE IF NOT EXISTS read.webhook_messages_1 (
            id text PRIMARY KEY, webhook uuid NOT NULL, position bigint NOT NULL, message bigint NOT NULL,
            kind text NOT NULL, at timestamptz NOT NULL, clocks uuid, data jsonb NOT NULL
        );
        CREATE INDEX IF NOT EXISTS webhook_messages_1_position ON read.webhook_messages_1 (position);
    """

    async def write(self, cursor: Cursor, events: Sequence[Recorded], opener: Opener) -> None:  # noqa: ARG002
        """See View.write."""
        await cursor.execute(_ALL)
        webhooks = await _WEBHOOKS.load(cursor, [webhook for (webhook,) in await cursor.fetchall()])
        messages = list[MessageRow]()
        for one in events:
            _fold(webhooks, one)
            messages += _messages(webhooks.values(), one)
        await _WEBHOOKS.upsert(cursor, list(webhooks.values()))
        await _MESSAGES.upsert(cursor, messages)
        again = [(one.position, one.event) for one in events if isinstance(one.event, e.RedeliveryRequested)]
        await _MESSAGES.upsert(cursor, await _once_more(cursor, again))


def _fold(webhooks: dict[UUID, WebhookRow], recorded: Recorded) -> None:
    event = recorded.event
    match event:
        case e.Registered():
            webhooks[UUID(event.id)] = WebhookRow(id=UUID(event.id), url=event.url, kinds=event.kinds)
        case e.Disabled() | e.Enabled() | e.Removed():
            known = webhooks[UUID(event.id)]
            webhooks[known.id] = replace(known, enabled=isinstance(event, e.Enabled))
        case _:
            pass


def _messages(webhooks: Iterable[WebhookRow], recorded: Recorded) -> list[MessageRow]:
    enabled = [webhook for webhook in webhooks if webhook.enabled]
    # mostly nobody listens: then nothing is made up for them
    found = told(recorded) if enabled else None
    if found is None:
        return []
    return [
        MessageRow(
            id=f"{webhook.id}/{recorded.position}",
            webhook=webhook.id,
            position=recorded.position,
            message=recorded.position,
            kind=found.kind,
            at=recorded.meta.at,
            clocks=found.clocks,
            data=found.data,
        )
        for webhook in enabled
        if found.kind in webhook.kinds
    ]


async def _once_more(cursor: Cursor, requests: Sequence[tuple[int, e.RedeliveryRequested]]) -> list[MessageRow]:
    asked = [(f"{event.id}/{event.message}", position) for position, event in requests]
    first = await _MESSAGES.load(cursor, [key for key, _ in asked])
    return [
        replace(first[key], id=f"{first[key].webhook}/{position}", position=position)
        for key, position in asked
        if key in first
    ]


# ---- questions ------------------------------------------------------------------------------------------------------
_IS_MESSAGE = "SELECT EXISTS (SELECT FROM read.webhook_messages_1 WHERE id = %s)"


async def is_message(connection: AsyncConnection[Any], webhook: str, position: str) -> bool:
    """Whether a message goes to a webhook because of the event at a position."""
    return await (await connection.execute(_IS_MESSAGE, [f"{webhook}/{position}"])).fetchone() == (True,)
