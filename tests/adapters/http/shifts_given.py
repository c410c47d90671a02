"""Shifts, swaps and daily reports that are ready for each command, each with a team or a day of its own."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from tests.adapters.http.bodies import HOUR, SHIFTS, planned
from tests.adapters.http.ledgers_given import Ready
from tests.adapters.http.serving import Service

REPORTS = "/api/v1/daily-reports"
SWAPS = f"{SHIFTS}/swaps"
_numbers = count(1)
_days = (date(1990, 1, 1) + timedelta(days=number) for number in count())
_months = (date(2100 + number // 12, number % 12 + 1, 1) for number in count())


def a_shift_of(service: Service, team: str | None, begin: datetime, agent: str) -> str:
    """The id of a shift of a team, or of none, of eight hours, that one agent works."""
    times = {"start": begin.isoformat(), "end": (begin + 8 * HOUR).isoformat()}
    body = planned(begin.date(), team=team, agents=[agent], supervisor=None, **times)
    answer = service.post(SHIFTS, body, who="admin")
    assert answer.status == 201, answer.body
    return str(answer["id"])


def two_shifts(service: Service) -> tuple[str, str]:
    """Shifts of a new team that follow each other: that of `agent`, which has begun, and that of `colleague`."""
    team, begin = f"given-{next(_numbers)}", datetime.now(UTC) - HOUR
    service.post("/api/v1/teams", {"id": team, "name": team}, who="admin")
    return (
        a_shift_of(service, team, begin, "a1001"),
        a_shift_of(service, team, begin + 8 * HOUR, "a1002"),
    )


def taken(service: Service, shift: str, *commands: str) -> str:
    """The first of two shifts, after commands of `agent`."""
    for version, command in enumerate(commands, 1):
        answer = service.post(f"{SHIFTS}/{shift}/{command}", {}, version=version)
        assert answer.status == 200, answer.body
    return shift


def _run(*commands: str, who: str = "agent", **body: Any) -> Callable[[Service], Ready]:
    def ready(service: Service) -> Ready:
        shift = taken(service, two_shifts(service)[0], *commands)
        return Ready([who], {"item": shift}, body, len(commands) + 1)

    return ready


def a_swap_body(service: Service) -> dict[str, Any]:
    """A swap that can be asked for by `agent`, of a month of its own."""
    begin = next(_months)
    at = datetime(begin.year, begin.month, 2, 3, tzinfo=UTC)
    return {"shift": a_shift_of(service, "t1", at, "a1001"), "to": "a1003"}


def _decided(service: Service) -> Ready:
    asked = service.post(SWAPS, a_swap_body(service))
    assert asked.status == 201, asked.body
    return Ready(["supervisor"], {"swap_id": asked["id"]}, {"decision": "granted"})


def a_report(service: Service) -> str:
    """The day of a new report with an item at least: the missing tests."""
    day = next(_days).isoformat()
    answer = service.post(REPORTS, {"date": day}, who="supervisor")
    assert answer.status == 201, answer.body
    return day


def _item(service: Service, body: dict[str, Any]) -> Ready:
    return Ready(["agent", "supervisor"], {"day": a_report(service), "item_number": "1"}, body)


READY: dict[str, Callable[[Service], Ready]] = {
    f"POST {SHIFTS}/{{item}}/start": _run(),
    f"POST {SHIFTS}/{{item}}/on-duty": _run("start", who="second", agent="a1001"),
    f"POST {SHIFTS}/{{item}}/off-duty": _run("start", who="second", agent="a1001"),
    f"POST {SHIFTS}/{{item}}/handover": _run("start", notes="留意七号桌"),
    f"POST {SHIFTS}/{{item}}/acceptance": _run("start", "handover", who="colleague"),
    f"POST {SHIFTS}/{{item}}/release": _run("start", who="second", reason="接班人未到"),
    f"POST {SHIFTS}/{{item}}/end": lambda service: Ready(["colleague"], {"item": _ending(service)}, {}, 3),
    f"POST {SWAPS}": lambda service: Ready(["agent"], {}, a_swap_body(service)),
    f"POST {SWAPS}/{{swap_id}}/decision": _decided,
    f"POST {REPORTS}": lambda _: Ready(["supervisor"], {}, {"date": next(_days).isoformat()}),
    f"POST {REPORTS}/{{day}}/items/{{item_number}}/passing": lambda service: _item(service, {"to": "a1002"}),
    f"POST {REPORTS}/{{day}}/items/{{item_number}}/tick": lambda service: _item(service, {}),
    f"GET {REPORTS}/{{day}}": lambda service: Ready(["agent", "auditor"], {"day": a_report(service)}),
}
"""What makes a request right, by method and path."""


def _ending(service: Service) -> str:
    """The last shift of a day, of `colleague`, with its handover prepared."""
    shift = two_shifts(service)[1]
    for version, command in enumerate(("start", "handover"), 1):
        answer = service.post(f"{SHIFTS}/{shift}/{command}", {}, version=version, who="colleague")
        assert answer.status == 200, answer.body
    return shift
