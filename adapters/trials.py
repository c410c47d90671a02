"""Other tariffs tried on history while people wait for it: how far each trial is, and what came of it (L-7)."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import structlog

from adapters.ledger_check import Stage
from adapters.rejudged import Rejudge
from application.event_log import Command, CommandReused, Unavailable
from application.trying import Comparison, Sides
from application.wire import Unreadable
from domain.tariff.tariff import Tariff
from domain.values import AgentId

KEPT = timedelta(hours=1)
"""How long a trial can be looked at once it was begun."""
log = structlog.get_logger()


class TrialStatus(StrEnum):
    """How far a trial has come."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(slots=True)
class Trial:
    """One trial. asked: fingerprint of the request; stage: what is being done, `done` of `total` in it.

    fault: why it failed.
    """

    id: UUID
    by: AgentId
    asked: bytes
    tariff: Tariff
    comparison: Comparison
    begun_at: datetime
    status: TrialStatus = TrialStatus.WAITING
    stage: str | None = None
    done: int = 0
    total: int = 0
    fault: str | None = None
    task: asyncio.Task[None] | None = field(default=None, repr=False)

    def enter(self, stage: str, total: int) -> Callable[[int], None]:
        """See Stage."""
        self.stage, self.done, self.total = stage, 0, total
        return self._advance

    def _advance(self, by: int) -> None:
        self.done += by


class Trials:
    """Runs them one at a time: each reads the whole log. They are kept by the process that was asked for them."""

    def __init__(self, rejudge: Callable[[Stage], Rejudge]) -> None:
        self._rejudge, self._one = rejudge, asyncio.Lock()
        self._known: dict[UUID, Trial] = {}

    def begin(self, command: Command, tariff: Tariff, comparison: Comparison) -> Trial:
        """Begin a trial, once for a command; the comparison is filled as it runs. Raises CommandReused."""
        meta = command.meta
        self._known = {known: one for known, one in self._known.items() if one.begun_at > meta.at - KEPT}
        if known := self._known.get(meta.command_id):
            if known.asked != command.fingerprint:
                raise CommandReused("this idempotency key was used for another request: choose a new one")
            return known
        trial = Trial(meta.command_id, meta.actor, command.fingerprint, tariff, comparison, meta.at)
        self._known[trial.id] = trial
        trial.task = asyncio.create_task(self._run(trial))
        return trial

    async def known(self, item: str) -> bool:
        """Whether there is such a trial, whoever began it."""
        return item in map(str, self._known)

    def of(self, by: AgentId, item: str) -> Trial | None:
        """Somebody's own trial; None where there is none, or no longer."""
        found = next((one for known, one in self._known.items() if str(known) == item), None)
        return found if found and found.by == by else None

    async def _run(self, trial: Trial) -> None:
        async with self._one:
            trial.status = TrialStatus.RUNNING
            try:
                await self._rejudge(trial.enter).try_tariff(trial.tariff, trial.comparison)
            except (Unavailable, Unreadable) as error:
                trial.status, trial.fault = TrialStatus.FAILED, str(error)
            except Exception as fault:  # noqa: BLE001  it must not stay at `running` for ever
                log.error("trial_failed", error=type(fault).__name__)  # noqa: TRY400  its text may name people
                trial.status, trial.fault = TrialStatus.FAILED, "it broke off: try it again, or ask the operator"
            else:
                trial.status = TrialStatus.DONE


def shown(trial: Trial) -> dict[str, Any]:
    """A trial in plain JSON types; its rows only once it is done."""
    done, comparison = trial.status is TrialStatus.DONE, trial.comparison
    return {
        "id": str(trial.id),
        "status": trial.status,
        "tariff": trial.tariff.version,
        "from": comparison.first.isoformat(),
        "to": comparison.last.isoformat(),
        "stage": trial.stage,
        "done": trial.done,
        "of": trial.total,
        "fault": trial.fault,
        "rows": _rows(comparison) if done else [],
        "total": _sides(comparison.total()) if done else None,
    }


def _rows(comparison: Comparison) -> list[Mapping[str, Any]]:
    return [
        {"agent": agent, "code": code, **_sides(sides)} for (agent, code), sides in sorted(comparison.sides.items())
    ]


def _sides(sides: Sides) -> dict[str, Any]:
    both = {name: asdict(side) for name, side in (("recorded", sides.recorded), ("tried", sides.tried))}
    return {**both, "difference_fen": sides.difference_fen}
