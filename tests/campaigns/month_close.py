"""A big month: how long it takes to judge, freeze and close it, in which memory, and how soon a statement opens.

What a statement takes is printed beside the bare query behind it, through psycopg, in the same run.
"""

import argparse
import resource
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from statistics import quantiles
from typing import TypeVar
from zoneinfo import ZoneInfo

import psycopg

from adapters.intake.generate import GeneratorParts, Plan, generate, people
from adapters.intake.generate_orders import OrderPlan, generate_orders
from domain.values import DEFAULT_ZONE, Month
from tests.adapters.http.campaigning import options_of, service_of_its_own
from tests.adapters.http.filling import settled
from tests.adapters.http.serving import Service
from tests.support.campaigns import report

T = TypeVar("T")
OPENED = 200
"""How often a statement is opened, by turns with the bare query."""
PATIENCE_S = 3_600.0
BARE = """
    SELECT to_json(t)::text FROM read.ledger_1 t
    WHERE agent = %s AND coalesce(posted_month, month) = %s AND posted_month IS NOT NULL"""


def timed(what: str, doing: Callable[[], T]) -> T:
    """Do it, and say how long it took and how much memory this process has taken at most."""
    start = time.perf_counter()
    done = doing()
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    report(f"{what}: {time.perf_counter() - start:.1f} s, peak memory {peak_mb:.0f} MB")
    return done


def begun(month: Month) -> datetime:
    """The local midnight with which a month begins."""
    return datetime.combine(month.first_day, datetime.min.time(), ZoneInfo(DEFAULT_ZONE))


async def filled(service: Service, options: argparse.Namespace, month: Month) -> None:
    """Cases of the past months, and the orders of one."""
    services = service.services
    end = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    plan = Plan(cases=options.cases, agents=options.agents, seed=options.seed, end=end)
    policy = services.cases.policy_on("default", end)
    parts = GeneratorParts(services.log, services.keyring, services.numbers, services.masters, policy)
    await generate(plan, parts)
    orders = OrderPlan(options.orders, options.seed, begun(month), begun(month.after) - timedelta(seconds=1))
    async for _ in generate_orders(orders, await people(plan, parts), services.log, services.keyring):
        pass


def decided(service: Service, path: str, who: str, version: int) -> None:
    """Freeze or close; while something is behind, again."""
    deadline = time.monotonic() + PATIENCE_S
    while (answer := service.post(path, {}, who=who, version=version)).status == 503:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{path} is told to come back for ever: {answer.body}")
    if answer.status != 200:
        raise RuntimeError(str(answer.body))


def opened(service: Service, month: Month, agents: Sequence[str]) -> None:
    """Open statements, and run the query behind them, by turns."""
    ours, bare = [], []
    with psycopg.connect(service.services.dsn, autocommit=True) as connection:
        for at in range(OPENED):
            agent = agents[at % len(agents)]
            start = time.perf_counter()
            answer = service.get(f"/api/v1/payroll/months/{month}/statements/{agent}", who="payroll")
            ours.append(time.perf_counter() - start)
            start = time.perf_counter()
            rows = connection.execute(BARE, [agent, str(month)]).fetchall()
            bare.append(time.perf_counter() - start)
            if len(answer["lines"]) != len(rows):
                raise RuntimeError(f"{agent}: {len(answer['lines'])} lines, the query gives {len(rows)}")
    for what, taken in (("a statement through HTTP", ours), ("the bare query", bare)):
        cuts = quantiles(taken, n=100)
        report(f"{what}: median {cuts[49] * 1000:.1f} ms, p99 {cuts[98] * 1000:.1f} ms")


def run(service: Service, options: argparse.Namespace) -> None:
    """Fill, judge, freeze, close, open."""
    month = Month.of(datetime.now(ZoneInfo(DEFAULT_ZONE)).date()).before
    size = f"{options.agents} agents, {options.orders} orders, {options.cases} cases"
    timed(f"storing {size}", lambda: service.run(filled(service, options, month), PATIENCE_S))
    timed("judging what is left", lambda: settled(service))
    path = f"/api/v1/payroll/months/{month}"
    for earlier in _earlier(service, month):
        decided(service, f"/api/v1/payroll/months/{earlier}/freeze", "payroll", 0)
        decided(service, f"/api/v1/payroll/months/{earlier}/close", "paymaster", 1)
    timed(f"freezing {month}", lambda: decided(service, f"{path}/freeze", "payroll", 0))
    timed(f"closing {month}", lambda: decided(service, f"{path}/close", "paymaster", 1))
    shown = service.get(path, who="payroll")
    lines = {total["kind"]: total["lines"] for total in shown["totals"]}
    report(f"closed with {lines} lines, net {shown['net_fen']} fen, {len(shown['statements'])} statements")
    opened(service, month, [one["agent"] for one in shown["statements"]])


def _earlier(service: Service, month: Month) -> list[Month]:
    """Every month from the first with a line on, whether it has lines itself or not."""
    listed = service.get("/api/v1/payroll/months?limit=500", who="payroll")["items"]
    months = [min(Month.parse(one["month"]) for one in listed)]
    while months[-1] < month:
        months.append(months[-1].after)
    return months[:-1]


def main(argv: Sequence[str]) -> int:
    """Run the campaign."""
    parser = options_of(__doc__)
    parser.add_argument("--agents", type=int, default=200)
    parser.add_argument("--orders", type=int, default=300_000)
    parser.add_argument("--cases", type=int, default=5_000)
    options = parser.parse_args(argv)
    with service_of_its_own(options) as service:
        run(service, options)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
