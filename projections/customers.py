"""Customers as far as decisions go: their class once evaluated, and whether texts may be sent to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from application.envelope import Recorded
from application.sealing import Opener
from application.streams import customer_stream
from domain.case.words import CustomerClass
from domain.customer import events as e
from domain.kernel import Event
from domain.values import SubjectId
from projections.view import Cursor, Rows, View


@dataclass(slots=True, kw_only=True)
class CustomerRow:
    """A customer; the class is None as long as the one stated at receipt holds."""

    stream: UUID
    version: int = 0
    position: int = 0
    customer_class: CustomerClass | None = None
    texts_allowed: bool = True


_CUSTOMERS = Rows("read.customers_1", CustomerRow)


class Customers(View):
    """One row per customer of whom anything is known beside their cases."""

    name = "customers_1"
    topics = ("customer.",)
    tables = ("read.customers_1",)
    create = """
        CREATE TABLE IF NOT EXISTS read.customers_1 (
            stream uuid PRIMARY KEY, version bigint NOT NULL, position bigint NOT NULL, customer_class text,
            texts_allowed boolean NOT NULL
        );
    """

    async def write(self, cursor: Cursor, events: Sequence[Recorded], opener: Opener) -> None:  # noqa: ARG002
        """See View.write."""
        rows = await _CUSTOMERS.load(cursor, {recorded.stream for recorded in events})
        for recorded in events:
            row = rows.setdefault(recorded.stream, CustomerRow(stream=recorded.stream))
            row.version, row.position = recorded.version, recorded.position
            _fold(row, recorded.event)
        await _CUSTOMERS.upsert(cursor, rows.values())


def _fold(row: CustomerRow, event: Event) -> None:
    match event:
        case e.ClassChanged():
            row.customer_class = event.customer_class
        case e.TextingChanged():
            row.texts_allowed = event.allowed


async def customer(connection: AsyncConnection[Any], subject: SubjectId) -> CustomerRow:
    """What is known of a customer; nobody has to be entered first."""
    stream = customer_stream(subject).id
    rows = await _CUSTOMERS.load(connection.cursor(), [stream])
    return rows.get(stream, CustomerRow(stream=stream))
