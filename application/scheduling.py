"""What falls due of the clocks of cases, recorded in the order in which it fell due (D-3, D-4).

Exactly once by state, not by memory: what is due is judged by the timeline as it stands, and recorded only while that
stands. So it may be asked by several, stop anywhere, and be asked again at any time.
"""

from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from application import wire
from application.clocks import POLICY_REGISTER, Timeline, Timelines, published_by, streams_of
from application.envelope import Meta
from application.event_log import Done, Log, Row, Write
from domain.kernel import Event
from domain.time.deadlines import DeadlinePolicy
from domain.time.falling_due import falling_due
from domain.time.ladder import Person
from domain.time.timing import timing
from domain.values import AgentId

ACTOR = AgentId("scheduler")
"""Who records what the clock says: no person."""
TOGETHER = 100
"""How many events are stored by one append: whoever else writes waits meanwhile."""
People = Callable[[], Awaitable[Sequence[Person]]]


class Scheduling:
    """Records what falls due."""

    def __init__(self, log: Log, timelines: Timelines, people: People, clock: Callable[[], datetime]) -> None:
        self._log, self._timelines, self._people, self._clock = log, timelines, people, clock

    async def record(self, cases: Collection[UUID], upto: datetime) -> int:
        """Record what fell due of these cases up to a moment; the position of the last event, 0 when nothing was due.

        A case that moved on meanwhile is left for the next time. Raises LogError and NoDeadlinePolicy.
        """
        policies = published_by((await self._log.load([POLICY_REGISTER]))[POLICY_REGISTER])
        people = await self._people()
        found = await self._timelines.timelines(cases)
        writes = list(self._writes(found.items(), policies, people, upto))
        stored = [one.position for one in await self._stored(writes)]
        return max(stored, default=0)

    async def _stored(self, writes: Sequence[Write]) -> list[Done]:
        outcomes = []
        for begin in range(0, len(writes), TOGETHER):
            outcomes += await self._log.append_many(writes[begin : begin + TOGETHER])
        return [one for one in outcomes if isinstance(one, Done)]

    def _writes(
        self,
        found: Collection[tuple[UUID, Timeline]],
        policies: Sequence[DeadlinePolicy],
        people: Sequence[Person],
        upto: datetime,
    ) -> Iterator[Write]:
        """A write for each event, in the order in which they fell due across all cases."""
        due = [
            (moment, str(case), number, event, known)
            for case, known in found
            for number, (moment, event) in enumerate(falling_due(timing(known.facts, policies), people, upto), 1)
        ]
        for _, case, number, event, known in sorted(due, key=lambda one: one[:3]):
            yield self._write(UUID(case), number, event, known)

    def _write(self, case: UUID, number: int, event: Event, known: Timeline) -> Write:
        """The event behind what is recorded of the clocks; what it was judged by is still so when it is stored."""
        _, clocks = streams_of(case)
        command_id = uuid4()
        meta = wire.encode_meta(Meta(ACTOR, self._clock(), command_id, command_id, command_id))
        row = Row(clocks, known.versions[clocks] + number, event.topic, wire.encode(event, meta))
        held = [(stream, version) for stream, version in known.versions.items() if stream != clocks]
        return Write(command_id, b"", b"{}", [row], held)
