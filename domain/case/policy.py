"""The way of a case as data: which step follows which, what each needs, and the figures the business may change.

A policy is dated and versioned; a case keeps the version it was received under. Refusals, next-steps and the
documentation are made from the one table `steps`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from domain.case.words import Status
from domain.values import Actor, Role, local_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One row: the command, the event it records, the rule, the statuses it may follow, and the names of its needs."""

    command: str
    event: str
    rule: str
    after: tuple[Status, ...]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What must hold beside the status; `otherwise` says what to do when it does not."""

    name: str
    rule: str
    otherwise: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePolicy:
    """A dated case policy; amounts in whole fen, times in the unit their name ends with."""

    version: str
    kind: str
    valid_from: date
    time_zone: str
    reopen_to: Status
    reopen_within_days: int
    unreached_days_end_callback: int
    extensions_per_clock: int
    grant_due_days: int
    limit_fen: Mapping[Role, int]
    steps: tuple[Step, ...]
    needs: tuple[Need, ...]

    def begun(self, now: datetime) -> bool:
        """Whether the policy's first day has come where it counts days."""
        return self.valid_from <= local_day(now, self.time_zone)

    def step(self, command: str) -> Step | None:
        """The row of a command, or None where this policy has no such step."""
        return next((step for step in self.steps if step.command == command), None)

    def need(self, name: str) -> Need:
        """The words of a need. Raises StopIteration for a name that `check` would have refused."""
        return next(need for need in self.needs if need.name == name)


@dataclass(frozen=True, slots=True)
class Setting:
    """What surrounds a decision: the case's policy, who decides, and the moment (with offset)."""

    policy: CasePolicy
    actor: Actor
    now: datetime

    def local_day(self, at: datetime) -> date:
        """The day of `at` in the policy's time zone."""
        return local_day(at, self.policy.time_zone)

    @property
    def limit_fen(self) -> int:
        """What the actor may grant, in whole fen: the own limit, else the role's, else nothing (C-7)."""
        if self.actor.limit_fen is not None:
            return self.actor.limit_fen
        return self.policy.limit_fen.get(self.actor.role, 0)
