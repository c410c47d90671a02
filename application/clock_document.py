"""A clock as readers see it, with the sum behind its due time (D-3c)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from application.cases import COMMANDS
from application.envelope import written
from domain.time.calendar import Period
from domain.time.clock import Clock, State, reckoning

_VERDICTS = frozenset({State.MET, State.BREACHED})


def shown_clock(clock: Clock) -> dict[str, Any]:
    """A clock as it stands: times in UTC, lengths in seconds; `verdict` is None as long as there is none."""
    return {
        "clock": clock.rule.name,
        "number": clock.number,
        "demand": clock.demand,
        "kind": clock.policy.kind,
        "rule": clock.rule.rule,
        "policy": clock.policy.version,
        "state": clock.state,
        "verdict": clock.state if clock.state in _VERDICTS else None,
        "recorded": clock.recorded,
        "started_at": written(clock.started_at),
        "due_at": written(clock.due_at),
        "warn_at": written(clock.warn_at),
        "warned_at": _written(clock.warned_at),
        "stopped_at": _written(clock.stopped_at),
        "breached_at": _written(clock.breached_at),
        "paused_since": _written(clock.paused_since),
        "levels": sorted(clock.levels),
        "stopped_by": [name for name, row in COMMANDS.items() if row.event.topic in clock.rule.stops],
        "extended_until": [written(granted.end) for granted in clock.extensions],
        "sum": _sum(clock),
    }


def _sum(clock: Clock) -> dict[str, Any]:
    behind = reckoning(clock)
    return {
        "counted": _parts(behind.counted),
        "paused": _parts(behind.paused),
        "calendar": behind.calendar,
        "policy": behind.policy,
    }


def _parts(periods: Iterable[Period]) -> list[dict[str, Any]]:
    return [
        {"from": written(part.start), "to": written(part.end), "seconds": part.length.total_seconds()}
        for part in periods
    ]


def _written(at: datetime | None) -> str | None:
    return written(at) if at else None
