"""How soon the inbox and the page of a case are made among many cases, beside the bare SQL; and how heavy they are.

./dev test --campaign console_opens --cases 100000 --events 400
"""

import argparse
import random
import re
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from uuid import UUID

import psycopg

sys.path.insert(0, str(Path(__file__).parents[2]))

from adapters import logging
from adapters.auth.sessions import COOKIE, Way
from adapters.bench.reads import HISTORY, INBOX
from adapters.heap import freeze_heap
from adapters.http.app import document
from adapters.web.app import add_console
from domain.values import AgentId
from tests.adapters.http.campaigning import options_of, service_of_its_own
from tests.adapters.http.filling import PATIENCE_S, Filling, settled
from tests.adapters.http.serving import PEOPLE, Service
from tests.support import cases
from tests.support.campaigns import report

PAINTED = re.compile(r'<link rel="stylesheet" href="([^"]+)"')
"""What a browser must have beside the page before it paints it."""
LATER = re.compile(r'<(?:script src|link rel="icon" href)="([^"]+)"')


def fill(service: Service, options: argparse.Namespace) -> UUID:
    """The cases, in one of which much has happened."""
    filling = Filling(service, random.Random(options.seed))  # noqa: S311  no secret
    began = time.perf_counter()
    filling.store(filling.cases(options.cases))
    busy = next(iter(filling.versions))
    filling.store(filling.written(busy, cases.NOTED) for _ in range(options.events - filling.versions[busy]))
    settled(service)
    service.rows("VACUUM ANALYZE")
    freeze_heap()
    report(f"{options.cases} cases stored, timed and shown after {time.perf_counter() - began:.0f} s")
    return busy


class Visit:
    """A visitor of the console, who has a session."""

    def __init__(self, service: Service, who: str) -> None:
        self.service, self.agent = service, PEOPLE[who][0]
        token = service.run(service.app.state.parts.sessions.begin(AgentId(self.agent), Way.DEMO))
        self.headers = {"cookie": f"{COOKIE}={token}", "accept-encoding": "gzip"}

    async def get(self, path: str) -> Any:
        """A page or a part of it."""
        answer = await self.service.client.get(path, headers=self.headers)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer

    def weight(self, path: str) -> str:
        """How much a first visit brings, as it is sent: until it paints, and in all."""

        async def sent(asked: str) -> tuple[int, str]:
            async with self.service.client.stream("GET", asked, headers=self.headers) as answer:
                raw = b"".join([chunk async for chunk in answer.aiter_raw()])
            return len(raw), (await self.get(asked)).text if asked == path else ""

        own, text = self.service.run(sent(path))
        paint, later = (
            sum(self.service.run(sent(found))[0] for found in {*pattern.findall(text)}) for pattern in (PAINTED, LATER)
        )
        return f"{(own + paint) / 1000:.0f} kB until it paints, {(own + paint + later) / 1000:.0f} kB with its scripts"


def compared(service: Service, options: argparse.Namespace, busy: UUID) -> None:
    """Each page and the query behind it by turns."""
    visit = Visit(service, "agent")
    with psycopg.connect(service.services.dsn, autocommit=True) as connection:
        pages: Sequence[tuple[str, str, Callable[[], Any]]] = (
            ("the inbox", "/?view=team", lambda: connection.execute(INBOX).fetchall()),
            ("the case", f"/cases/{busy}", lambda: connection.execute(HISTORY, [busy]).fetchall()),
        )
        for name, path, bare in pages:
            taken, cpu, below = measured(service, options.times, lambda path=path: visit.get(path), bare)  # type: ignore[misc]
            report(f"{name}: p95 {p95(taken):.1f} ms, median {median(taken):.1f} ms; {visit.weight(path)}")
            report(f"  processor time, median {median(cpu):.1f} ms; the bare query: median {median(below):.1f} ms")


def measured(
    service: Service, times: int, ask: Callable[[], Awaitable[Any]], bare: Callable[[], Any]
) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds of ours, of its processor time, and of the query, each measured that often."""

    async def once() -> tuple[float, float]:
        began, used = time.perf_counter(), time.thread_time()
        await ask()
        return time.perf_counter() - began, time.thread_time() - used

    service.run(once(), PATIENCE_S)
    taken, cpu, below = [], [], []
    for _ in range(times):
        passed, used = service.run(once(), PATIENCE_S)
        began = time.perf_counter()
        bare()
        below.append((time.perf_counter() - began) * 1000)
        taken.append(passed * 1000)
        cpu.append(used * 1000)
    return taken, cpu, below


def p95(values: Sequence[float]) -> float:
    """The 95th percentile."""
    return quantiles(values, n=20)[18]


def main(argv: Sequence[str]) -> int:
    """Run the campaign."""
    parser = options_of(__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=400)
    parser.add_argument("--times", type=int, default=200)
    options = parser.parse_args(argv)
    logging.configure(sys.stderr)
    with service_of_its_own(options) as service:
        add_console(service.app, ())
        document(service.app)
        compared(service, options, fill(service, options))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
