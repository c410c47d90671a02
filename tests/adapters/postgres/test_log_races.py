"""Two commands on one stream at the same time, a thousand times over."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from adapters.postgres.event_log import PostgresLog
from application.envelope import Meta
from application.event_log import Changes, Command, Conflict, Match, Stale, States, Stream
from domain.customer.events import TextingChanged
from domain.kernel import Decider
from domain.values import AgentId

pytestmark = pytest.mark.anyio

PAIRS = 1_000
AT_ONCE = 50
NOW = datetime(2024, 5, 6, 2, tzinfo=UTC)
COUNTER: Decider[int] = Decider("counter", 0, lambda count, _: count + 1)


async def attempt(log: PostgresLog, stream: Stream[int], match: Match | None) -> str:
    async def decide(_: States) -> Changes:
        return {stream: [TextingChanged(allowed=True)]}

    id_ = uuid4()
    try:
        await log.transact([stream], decide, Command(Meta(AgentId("a1"), NOW, id_, id_, id_), b"f", match=match))
    except (Stale, Conflict) as refused:
        return type(refused).__name__
    return "Done"


async def pair(log: PostgresLog, match: Match | None) -> tuple[str, int]:
    """What the two were told, and how many events came of it."""
    stream = Stream(uuid4(), COUNTER)
    told = sorted(await asyncio.gather(attempt(log, stream, match), attempt(log, stream, match)))
    return "+".join(told), len((await log.load([stream.id]))[stream.id])


async def pairs(log: PostgresLog, match: Match | None) -> Counter[tuple[str, int]]:
    seen: Counter[tuple[str, int]] = Counter()
    for _ in range(PAIRS // AT_ONCE):
        seen.update(await asyncio.gather(*(pair(log, match) for _ in range(AT_ONCE))))
    return seen


async def test_with_if_match_exactly_one_wins_and_the_other_is_stale(postgres_log: PostgresLog) -> None:
    assert await pairs(postgres_log, Match(0)) == {("Done+Stale", 1): PAIRS}


async def test_without_if_match_both_come_in_one_after_the_other(postgres_log: PostgresLog) -> None:
    # two writers can cost each other one decision at most, and each has three
    assert await pairs(postgres_log, None) == {("Done+Done", 2): PAIRS}
