"""http: a note on a case over HTTP beside a bare endpoint with the same body, 32 connections each.

Ours with everything on: authentication, permission, idempotency key, sealing, a log line for each request; and with the
projections, the sealing of the log and the scheduler at work beside it.
"""

from functools import partial
from uuid import uuid4

import msgspec

from adapters.bench.append import RAW, TEXT
from adapters.bench.line import Line
from adapters.bench.measuring import Act, Ratio, a_second, paired
from adapters.bench.served import Served
from adapters.bench.stage import Stage

CONNECTIONS = 32
BODY = msgspec.json.encode({"text": TEXT})


async def http(stage: Stage, both: Served) -> dict[str, Ratio]:
    """The row."""
    await stage.raw_table(RAW)
    ours, bare = both.lines(CONNECTIONS)
    measure = partial(a_second, at_once=CONNECTIONS, seconds=stage.scale.seconds)
    row = await paired(
        stage.scale.rounds, partial(measure, await notes(stage, ours)), partial(measure, bare_notes(bare)), "commands/s"
    )
    for line in (*ours, *bare):
        line.close()
    return {"http": row}


async def notes(stage: Stage, lines: list[Line]) -> Act:
    """A note on one case after the other, each with an idempotency key of its own."""
    cases = await stage.cases()

    async def note(worker: int) -> object:
        path = f"/api/v1/cases/{next(cases)}/notes"
        return await lines[worker].ask("POST", path, BODY, idempotency_key=str(uuid4()))

    return note


def bare_notes(lines: list[Line]) -> Act:
    """The same body to the bare endpoint."""

    async def note(worker: int) -> object:
        return await lines[worker].ask("POST", f"/cases/{uuid4()}/notes", BODY)

    return note
