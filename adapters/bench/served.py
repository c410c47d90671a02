"""The service and the bare endpoint, each as a process of its own, as they are measured over HTTP."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from time import monotonic

from adapters.bench.line import HOST, Line
from adapters.bench.stage import SUPERVISOR, Stage
from adapters.person_streams import look_through

READY_S = 60.0
QUIET_S = 900.0
DUE = "SELECT count(*) FROM read.case_clocks_2 WHERE next_moment <= now()"
"""What the scheduler has yet to record: while it judges, nothing moves for a second or two."""
STILL = 5
"""How many looks in a row nothing must have moved."""


@dataclass(frozen=True, slots=True)
class Served:
    """Where both answer, and a supervisor's key to the service."""

    service: int
    bare: int
    key: str

    def lines(self, at_once: int) -> tuple[list[Line], list[Line]]:
        """Connections to the service, and as many to the bare endpoint."""
        ours = [Line(self.service, self.key) for _ in range(at_once)]
        return ours, [Line(self.bare) for _ in range(at_once)]


@asynccontextmanager
async def served(stage: Stage) -> AsyncIterator[Served]:
    """Run both over the stage's database; the service with its followers, its log lines in a file."""
    service, bare = _free_port(), _free_port()
    key = await stage.services.keys.create(SUPERVISOR)
    ours = {"REDRESS_HOME": str(stage.home), "REDRESS_DATABASE_URL": stage.admin, "PORT": str(service)}
    ours |= {"REDRESS_REQUESTS_PER_MINUTE": str(10**9)}
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(_running(stage, ["adapters.cli.main", "serve"], ours))
        await stack.enter_async_context(_running(stage, ["adapters.bench.bare_app", stage.admin, str(bare)], {}))
        await asyncio.gather(_answers(service), _answers(bare))
        await _at_rest(stage, service)
        await _housekept(stage)
        yield Served(service, bare, key)


async def _at_rest(stage: Stage, port: int) -> None:
    """Return once the scheduler, too, has recorded what fell due while the cases were made. Raises TimeoutError."""
    await quiet(port)
    while await stage.rows(DUE) != [(0,)]:
        await quiet(port)


async def _housekept(stage: Stage) -> None:
    """Have done what a service that has run for a while has behind it: it would come in the midst of the measuring."""
    await look_through(stage.services.dsn)
    await stage.rows("VACUUM ANALYZE")


@asynccontextmanager
async def _running(stage: Stage, module: Sequence[str], env: Mapping[str, str]) -> AsyncIterator[None]:
    with (stage.home / f"{module[0]}.log").open("w+b") as log:
        process = subprocess.Popen(  # noqa: ASYNC220, S603  our own modules, started in a moment
            [sys.executable, "-m", *module], env={**os.environ, **env}, stdout=log, stderr=log
        )
        try:
            yield
        finally:
            process.terminate()
            await asyncio.to_thread(process.wait, 30)


async def _answers(port: int) -> None:
    """Return once somebody listens. Raises TimeoutError."""
    until = monotonic() + READY_S
    while monotonic() < until:
        try:
            _, writer = await asyncio.open_connection(HOST, port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise TimeoutError(f"nobody answers on port {port}")


async def quiet(port: int) -> None:
    """Return once every follower has taken in everything and none of them records more. Raises TimeoutError."""
    line, until, still = Line(port), monotonic() + QUIET_S, 0
    before = -1
    while monotonic() < until and still < STILL:
        ready = await line.ask("GET", "/readyz")
        there = all(view["lag_events"] == 0 for view in ready["views"]) and ready["position"] == before
        before, still = ready["position"], still + 1 if there else 0
        await asyncio.sleep(0.2)
    line.close()
    if still < STILL:
        raise TimeoutError("the followers do not come to rest")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind((HOST, 0))
        return int(one.getsockname()[1])
