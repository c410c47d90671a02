"""The service under steady load for as long as wanted: no error, flat memory, followers that keep up.

Its capacity is measured first, with as many requests at once as the bench has; then commands come at a share of it, on
a schedule that does not wait for slow answers. Projections, sealer and scheduler are on, as always when it serves.
"""

import argparse
import asyncio
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from statistics import median

import psutil

from adapters.bench.http import CONNECTIONS, notes
from adapters.bench.line import Line
from adapters.bench.measuring import Act, a_second
from adapters.bench.served import Served, served
from adapters.bench.stage import QUICK, Stage, set_up
from tests.support.campaigns import report

CAPACITY_S = 10.0
LOOK_S = 1.0
WARM_SHARE = 0.25
"""The first part of the time fills caches and pools: memory is compared from then on."""
CASES_A_MINUTE = 6_000
"""How many cases the notes go to: of a few, each would soon have hundreds, which no case has."""
GROWTH_MOST, LEAST_GROWTH_MB = 1.10, 8.0
LAG_MOST_S = 5.0
"""How many seconds' worth of commands the followers may be behind at the end of any look but one in a hundred."""


@dataclass
class Seen:
    """What was seen, look by look."""

    rss_mb: list[float] = field(default_factory=list)
    lag_events: list[int] = field(default_factory=list)
    done: int = 0
    errors: list[str] = field(default_factory=list)


async def look(both: Served, worker: psutil.Process, seen: Seen, until: float) -> None:
    """Look at memory and lag every second."""
    line = Line(both.service)
    while time.monotonic() < until:
        ready = await line.ask("GET", "/readyz")
        seen.lag_events.append(max(view["lag_events"] for view in ready["views"]))
        seen.rss_mb.append(worker.memory_info().rss / 2**20)
        await asyncio.sleep(LOOK_S)
    line.close()


async def load(act: Act, rate: float, seen: Seen, until: float) -> None:
    """Give commands at a rate, each worker on its own schedule."""
    pause = CONNECTIONS / rate

    async def work(worker: int) -> None:
        due = time.monotonic() + pause * worker / CONNECTIONS
        while due < until:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            due += pause
            try:
                await act(worker)
                seen.done += 1
            except (RuntimeError, OSError, asyncio.IncompleteReadError) as error:
                seen.errors.append(repr(error)[:200])

    await asyncio.gather(*(work(worker) for worker in range(CONNECTIONS)))


def judged(seen: Seen, rate: float) -> bool:
    """Tell what was seen; whether it is as it must be."""
    warm = seen.rss_mb[int(len(seen.rss_mb) * WARM_SHARE) :]
    third = max(1, len(warm) // 3)
    first, last = median(warm[:third]), median(warm[-third:])
    behind = sorted(seen.lag_events)[int(len(seen.lag_events) * 0.99)] / rate
    report(f"{seen.done} commands, {len(seen.errors)} errors {seen.errors[:3]}")
    report(f"RSS {seen.rss_mb[0]:.0f} MB at the start, {first:.0f} once warm, {last:.0f} at the end")
    report(f"followers behind: p99 {behind:.2f} s of commands, {seen.lag_events[-1]} events at the last look")
    flat = last <= max(first * GROWTH_MOST, first + LEAST_GROWTH_MB)
    return flat and not seen.errors and behind <= LAG_MOST_S


def the_service(port: int) -> psutil.Process:
    """The process that listens on a port."""
    return next(
        child
        for child in psutil.Process().children(recursive=True)
        if any(one.status == psutil.CONN_LISTEN and one.laddr.port == port for one in child.net_connections("inet"))
    )


async def run(stage: Stage, share: float, minutes: float) -> bool:
    """Measure the capacity, then load a share of it."""
    async with served(stage) as both:
        lines, _ = both.lines(CONNECTIONS)
        act, worker = await notes(stage, lines), the_service(both.service)
        rate = share * await a_second(act, CONNECTIONS, CAPACITY_S)
        report(f"{rate:.0f} commands a second, {share:.0%} of what it can")
        seen, until = Seen(), time.monotonic() + 60 * minutes
        await asyncio.gather(look(both, worker, seen, until), load(act, rate, seen, until))
        for line in lines:
            line.close()
        return judged(seen, rate)


async def soak(share: float, minutes: float) -> bool:
    """On a fresh database of its own."""
    async with set_up(replace(QUICK, short=max(QUICK.short, int(CASES_A_MINUTE * minutes)))) as stage:
        return await run(stage, share, minutes)


def main(argv: Sequence[str]) -> int:
    """Run the campaign; 0 when there was no error, memory stayed flat and the followers kept up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--share", type=float, default=0.8, help="of the capacity that is measured first")
    options = parser.parse_args(argv)
    # an embedded server must not be orphaned
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    return 0 if asyncio.run(soak(options.share, options.minutes)) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
