"""A record that a superuser alters with the trigger off, and how to check it; afterwards it is what it was."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import psycopg

from adapters.ledger_check import Checked
from adapters.rejudged import Rejudge
from application.matters import Matter, MatterKind
from tests.adapters.cli.conftest import Beside
from tests.adapters.cli.recorded import Records
from tests.support.command_line import Said

GUARD = "ALTER TABLE log.events {} TRIGGER append_only"
REPLACE = """
    UPDATE log.events SET state = convert_to(replace(convert_from(state, 'UTF8'), %s, %s), 'UTF8')
    WHERE originator_id = %s AND topic = %s AND convert_from(state, 'UTF8') LIKE %s"""


def replaced(old: str, new: str, stream: UUID, topic: str) -> tuple[str, tuple[object, ...]]:
    """A statement that alters the events of a topic in a stream."""
    return REPLACE, (old, new, stream, topic, f"%{old}%")


@dataclass(frozen=True)
class World:
    """What was recorded, and how to check it."""

    beside: Beside
    records: Records

    def check(self) -> Said:
        return self.beside.redress("payroll", "check", "--json")

    def differences(self) -> list[dict[str, Any]]:
        """What a check finds in the process of the service: a command takes seconds to start."""
        services = self.records.service.services
        rejudge = Rejudge(services.dsn, services.log, services.ledgers.policy_of, lambda _, __: lambda _: None)

        async def check() -> Checked:
            return await rejudge.check(await services.tariffs.published())

        return [json.loads(json.dumps(asdict(one))) for one in self.records.service.run(check()).differences]

    def voucher(self, name: str) -> UUID:
        """The stream of an order's lines."""
        return Matter(MatterKind.ORDER, self.records.ids[name]).voucher.id

    def positions(self, stream: UUID) -> list[int]:
        query = "SELECT notification_id FROM log.events WHERE originator_id = %s ORDER BY 1"
        return [position for (position,) in self.records.service.rows(query, stream)]

    def stream(self, topic: str, text: str) -> UUID:
        """The stream that has an event with a text."""
        query = "SELECT originator_id FROM log.events WHERE topic = %s AND convert_from(state, 'UTF8') LIKE %s"
        [(stream,)] = self.records.service.rows(query, topic, f"%{text}%")
        assert isinstance(stream, UUID)
        return stream

    @contextmanager
    def altered(self, *statements: tuple[str, tuple[object, ...]]) -> Iterator[None]:
        """The log as a superuser with the trigger off can alter it; afterwards it is what it was."""
        with psycopg.connect(self.records.service.admin_dsn, autocommit=True) as connection:
            connection.execute(GUARD.format("DISABLE"))
            connection.execute("CREATE TABLE kept AS TABLE log.events")
            try:
                for query, parameters in statements:
                    assert connection.execute(query.encode(), parameters).rowcount > 0
                yield
            finally:
                with connection.transaction():
                    connection.execute("DELETE FROM log.events")
                    connection.execute("INSERT INTO log.events TABLE kept")
                connection.execute("DROP TABLE kept")
                connection.execute(GUARD.format("ENABLE ALWAYS"))
