"""How fast a handover opens: many open cases, many events in the shift, beside the bare SQL (S-3).

./dev test --campaign handover_opens --cases 20000 --events 3000
"""

import argparse
import random
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles

import psycopg

sys.path.insert(0, str(Path(__file__).parents[2]))

from projections import handover_summary
from tests.adapters.http.campaigning import options_of, service_of_its_own
from tests.adapters.http.filling import PATIENCE_S, Filling, settled
from tests.adapters.http.serving import Service
from tests.adapters.http.shifts_given import a_shift_of
from tests.support.campaigns import report

OPENED = 20


def opened(service: Service, shift: str, after: int) -> None:
    """Open the handover and run the queries behind it, by turns."""
    path, ours, bare, told = f"/api/v1/shifts/{shift}/handover", [], [], ""
    asked = {"team": None, "after": after, "upto": 2**62, "day": datetime.now(UTC).date()}
    key = {"authorization": f"Bearer {service.keys['supervisor']}"}
    queries = [handover_summary.CASES, handover_summary.TERMS, handover_summary.STEPS, handover_summary.FACTS]
    with psycopg.connect(service.services.dsn, autocommit=True) as connection:
        for _ in range(OPENED):
            began = time.perf_counter()
            response = service.run(service.client.get(path, headers=key), PATIENCE_S)
            ours.append(time.perf_counter() - began)
            began = time.perf_counter()
            for query in queries:
                connection.execute(query.encode(), asked).fetchall()
            bare.append(time.perf_counter() - began)
            answer = response.json()
            told = f"{len(answer['cases'])} cases, {len(answer['steps'])} steps, {len(response.content) // 1024} KiB"
    for what, taken in (("the handover through HTTP", ours), ("the bare queries", bare)):
        report(f"{what}: median {median(taken) * 1000:.0f} ms, p95 {quantiles(taken, n=20)[18] * 1000:.0f} ms")
    report(f"{told}; {median(one / other for one, other in zip(ours, bare, strict=True)):.1f} times the bare queries")


def run(service: Service, options: argparse.Namespace) -> None:
    """Fill, start a shift, work, open its handover; freeze it, and open it again."""
    filling = Filling(service, random.Random(options.seed))  # noqa: S311  no secret
    began = time.perf_counter()
    filling.store(filling.cases(options.cases))
    settled(service)
    report(f"{options.cases} open cases stored, timed and shown after {time.perf_counter() - began:.0f} s")
    begin = datetime.now(UTC) - timedelta(hours=1)
    times = [begin + timedelta(hours=8 * at) for at in range(2)]
    first, _ = (a_shift_of(service, None, at, agent) for at, agent in zip(times, ("a1001", "a1002"), strict=True))
    assert service.post(f"/api/v1/shifts/{first}/start", {}, version=1).status == 200
    filling.store(filling.events(options.events))
    settled(service)
    after = service.get(f"/api/v1/shifts/{first}/handover", who="supervisor")["after"]
    opened(service, first, after)
    freeze(service, first)
    opened(service, first, after)


def freeze(service: Service, shift: str) -> None:
    """Prepare the handover and have it accepted."""
    assert service.post(f"/api/v1/shifts/{shift}/handover", {}, version=2).status == 200
    began = time.perf_counter()
    answer = service.post(f"/api/v1/shifts/{shift}/acceptance", {}, version=3, who="colleague")
    assert answer.status == 200, answer.body
    report(f"accepted, and so frozen, in {(time.perf_counter() - began) * 1000:.0f} ms; opened from its event:")


def main(argv: Sequence[str]) -> int:
    """Run the campaign."""
    parser = options_of(__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--events", type=int, default=3_000)
    options = parser.parse_args(argv)
    with service_of_its_own(options) as service:
        run(service, options)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
