"""What each thing that is switched on costs by itself, in microseconds: the median of many, one after the other.

Those that ask the database cost less where many come at once, since they ask together.
"""

import io
from collections.abc import Awaitable, Callable
from statistics import median
from time import perf_counter
from uuid import uuid4

import structlog

from adapters.bench.append import TEXT
from adapters.bench.stage import SUPERVISOR, Stage
from adapters.logging import only_allowed
from application.sealing import seal
from domain.case.events import Noted

TIMES = 200
Part = Callable[[], Awaitable[object]]


async def each_part(stage: Stage) -> dict[str, float]:
    """Sealing one text, recalling one command, letting one key in, writing one log line."""
    services = stage.services
    key = await services.keys.create(SUPERVISOR)
    [sealer] = await services.keyring.new_subjects(1)
    log = structlog.wrap_logger(
        structlog.PrintLogger(io.StringIO()),
        processors=[
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            only_allowed,
            structlog.processors.JSONRenderer(),
        ],
    )

    async def sealing() -> object:
        return seal(Noted, {"text": TEXT}, sealer)

    async def idempotency() -> object:
        return await services.log.recall(uuid4(), b"f")

    async def authentication() -> object:
        return await services.keys.actor(key)

    async def logging() -> object:
        return log.info("request", method="POST", route="/api/v1/cases/{case_id}/notes", status=200, ms=1.5)

    parts: tuple[Part, ...] = (sealing, idempotency, authentication, logging)
    return {part.__name__: await _microseconds(part) for part in parts}


async def _microseconds(part: Part) -> float:
    took = []
    for _ in range(TIMES):
        began = perf_counter()
        await part()
        took.append(perf_counter() - began)
    return round(median(took) * 1e6, 1)
