"""Many cases for measurements, written straight into the log: nobody waits for commands that are not measured."""

import random
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from uuid import UUID, uuid4

from application import wire
from application.envelope import Meta
from application.event_log import Row, Write
from domain.case.words import Status
from domain.kernel import Event
from domain.values import AgentId
from tests.adapters.http.serving import Service
from tests.support import cases

CHUNK = 500
AGENTS = 100
"""Who share the cases: those of the tests, and others who are known by their numbers alone."""
PATIENCE_S = 600.0
LOOK_S, STILL_S = 0.2, 3.0
_STANDING = """
    SELECT (SELECT max(notification_id) FROM log.events), (SELECT min(notification_id) FROM read.tracking)"""
OPEN = (Status.RECEIVED, Status.CLARIFIED, Status.INVESTIGATED, Status.ANALYSED, Status.PROPOSED, Status.RESOLVED)


class Filling:
    """Writes histories straight into the log; what is sealed in them belongs to nobody."""

    def __init__(self, service: Service, chance: random.Random) -> None:
        self.service, self.chance = service, chance
        self.versions: dict[UUID, int] = {}
        self.now = datetime.now(UTC)

    def cases(self, number: int) -> Iterator[Write]:
        """Open cases, half of them of either team."""
        for at in range(number):
            case = uuid4()
            # so lately that no clock runs out: what the scheduler has to do then is measured elsewhere
            handler = AgentId(f"a{1001 + self.chance.randrange(AGENTS)}")
            received_at = self.now - timedelta(minutes=self.chance.randrange(60))
            received = replace(
                cases.RECEIVED,
                number=f"2026-{at:06}",
                received_at=received_at,
                team=("t1", "t2")[at % 2],
                owner=handler,
                handler=handler,
            )
            yield self.written(case, received, *cases.until(self.chance.choice(OPEN))[1:])

    def events(self, number: int) -> Iterator[Write]:
        """Notes, contacts, promises and steps of cases that are there."""
        known = [*self.versions]
        for _ in range(number):
            case = self.chance.choice(known)
            due_at = self.now + timedelta(hours=self.chance.randrange(30, 90))
            promise = replace(cases.PROMISED, number=self.versions[case], due_at=due_at)
            reopened = replace(cases.REOPENED, from_status=Status.RESOLVED)
            events: list[Event] = [cases.NOTED, cases.CONTACTED, promise, cases.CLARIFIED, reopened]
            yield self.written(case, self.chance.choice(events))

    def written(self, case: UUID, *events: Event) -> Write:
        """Events behind the last ones of a case."""
        command = uuid4()
        meta = wire.encode_meta(Meta(AgentId("a1001"), self.now, command, command, command))
        begin = self.versions.get(case, 0) + 1
        self.versions[case] = begin + len(events) - 1
        rows = [Row(case, begin + at, event.topic, wire.encode(event, meta)) for at, event in enumerate(events)]
        return Write(command, b"", b"{}", rows)

    def store(self, writes: Iterator[Write]) -> None:
        """Store them, some at a time."""
        while chunk := list(islice(writes, CHUNK)):
            self.service.run(self.service.services.log.append_many(chunk), PATIENCE_S)


def settled(service: Service) -> None:
    """Wait until nobody records anything more of what was stored, and every view has it."""
    until, still = time.monotonic() + PATIENCE_S, STILL_S / LOOK_S
    before: int | None = None
    while still > 0:
        if time.monotonic() > until:
            raise TimeoutError("the followers did not come to their end")
        [(head, behind)] = service.rows(_STANDING)
        still = still - 1 if head == before == behind else STILL_S / LOOK_S
        before = head
        time.sleep(LOOK_S)
