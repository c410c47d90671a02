"""Other tariffs tried on history while people wait for it: how far each trial is, and what came of it (L-7)."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import structlog
from psycopg.types.json import Jsonb

from adapters.ledger_check import Stage
from adapters.postgres.pool import Pool
from adapters.rejudged import Rejudge
from application.event_log import Command, CommandReused, Unavailable
from application.trying import Comparison, Sides
from application.wire import Unreadable
from domain.tariff.tariff import Tariff
from domain.values import AgentId

KEPT = timedelta(hours=1)
"""How long a trial can be looked at once it was begun."""
SILENT = timedelta(minutes=1)
"""After how long without a beat the process that ran a trial is taken for dead."""
_BEAT_EVERY_S = 0.5
_BROKEN_OFF = "it broke off: try it again, or ask the operator"
Shown = dict[str, Any]
"""A trial in plain JSON types."""
log = structlog.get_logger()


class TrialStatus(StrEnum):
    """How far a trial has come."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(slots=True)
class Trial:
    """One trial. stage: what is being done, `done` of `total` in it; fault: why it failed."""

    id: UUID
    tariff: Tariff
    comparison: Comparison
    status: TrialStatus = TrialStatus.WAITING
    stage: str | None = None
    done: int = 0
    total: int = 0
    fault: str | None = None

    def enter(self, stage: str, total: int) -> Callable[[int], None]:
        """See Stage."""
        self.stage, self.done, self.total = stage, 0, total
        return self._advance

    def _advance(self, by: int) -> None:
        self.done += by


_BEGIN = """
    INSERT INTO access.trials (id, agent, asked, shown) VALUES (%s, %s, %s, %s) ON CONFLICT (id) DO NOTHING
    RETURNING id"""
_KNOWN = "SELECT asked, shown FROM access.trials WHERE id = %s"
_BEAT = "UPDATE access.trials SET shown = %s, beat_at = now() WHERE id = %s"
_OF = """
    SELECT shown, beat_at < now() - %s AND shown->>'status' IN ('waiting', 'running') FROM access.trials
    WHERE id::text = %s AND agent = %s AND begun_at > now() - %s"""
_IS = "SELECT EXISTS (SELECT 1 FROM access.trials WHERE id::text = %s AND begun_at > now() - %s)"
_FORGET = "DELETE FROM access.trials WHERE begun_at < now() - %s"


class Trials:
    """Runs them one at a time: each reads the whole log. Every process can be asked how far one is."""

    def __init__(self, pool: Pool, rejudge: Callable[[Stage], Rejudge]) -> None:
        self._pool, self._rejudge, self._one = pool, rejudge, asyncio.Lock()
        self._running: set[asyncio.Task[None]] = set()

    async def begin(self, command: Command, tariff: Tariff, comparison: Comparison) -> Shown:
        """Begin a trial, once for a command; how far it is. Raises CommandReused."""
        meta = command.meta
        trial = Trial(meta.command_id, tariff, comparison)
        first = shown(trial)
        async with self._pool.connection() as connection:
            await connection.execute(_FORGET, (KEPT,))
            begun = await connection.execute(_BEGIN, (trial.id, meta.actor, command.fingerprint, Jsonb(first)))
            if await begun.fetchone():
                self._start(trial)
                return first
            asked, known = await (await connection.execute(_KNOWN, (trial.id,))).fetchone() or (None, None)
        if asked is None or bytes(asked) != command.fingerprint:
            raise CommandReused("this idempotency key was used for another request: choose a new one")
        return dict(known)

    async def known(self, item: str) -> bool:
        """Whether there is such a trial, whoever began it."""
        if "\x00" in item:
            return False
        async with self._pool.connection() as connection:
            row = await (await connection.execute(_IS, (item, KEPT))).fetchone()
        return bool(row and row[0])

    async def of(self, by: AgentId, item: str) -> Shown | None:
        """How far somebody's own trial is; None where there is none, or no longer."""
        if "\x00" in item:
            return None
        async with self._pool.connection() as connection:
            row = await (await connection.execute(_OF, (SILENT, item, by, KEPT))).fetchone()
        if row is None:
            return None
        found, silent = row
        return {**found, "status": TrialStatus.FAILED, "fault": _BROKEN_OFF} if silent else found

    def _start(self, trial: Trial) -> None:
        task = asyncio.create_task(self._run(trial))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _run(self, trial: Trial) -> None:
        beating = asyncio.create_task(self._beat(trial))
        try:
            async with self._one:
                trial.status = TrialStatus.RUNNING
                await self._try(trial)
        finally:
            beating.cancel()
            await self._write(trial)

    async def _try(self, trial: Trial) -> None:
        try:
            await self._rejudge(trial.enter).try_tariff(trial.tariff, trial.comparison)
        except (Unavailable, Unreadable) as error:
            trial.status, trial.fault = TrialStatus.FAILED, str(error)
        except Exception as fault:  # noqa: BLE001  it must not stay at `running` for ever
            log.error("trial_failed", error=type(fault).__name__)  # noqa: TRY400  its text may name people
            trial.status, trial.fault = TrialStatus.FAILED, _BROKEN_OFF
        else:
            trial.status = TrialStatus.DONE

    async def _beat(self, trial: Trial) -> None:
        while True:
            await asyncio.sleep(_BEAT_EVERY_S)
            await self._write(trial)

    async def _write(self, trial: Trial) -> None:
        async with self._pool.connection() as connection:
            await connection.execute(_BEAT, (Jsonb(shown(trial)), trial.id))


def shown(trial: Trial) -> Shown:
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
