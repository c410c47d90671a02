"""given / when / then: fold a history, give one command, compare the whole list of events or the refusal."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

from domain.case.case import CASE, Case
from domain.case.policy import CasePolicy, Setting
from domain.kernel import Decider, Event, Refusal
from domain.values import Actor
from tests.support.cases import NOW, OWNER

S = TypeVar("S")
Decided = list[Event] | tuple[list[Event], list[Event]]


def _policies() -> Mapping[str, CasePolicy]:
    files = Path(__file__).parents[2].glob("application/policies/*.toml")
    read = (msgspec.convert(tomllib.loads(file.read_text("utf-8")), CasePolicy) for file in files)
    return {policy.version: policy for policy in read}


POLICIES = _policies()
DEFAULT = POLICIES["default-1"]
IMPORTED_POLICY = POLICIES["imported-1"]


@dataclass(frozen=True)
class Outcome:
    """What a decision gave: events, or a refusal."""

    decided: Decided = field(default_factory=list)
    refusal: Refusal | None = None

    def then(self, *events: Event) -> None:
        """Exactly these events, in this order."""
        assert self.refusal is None, f"refused: {self.refusal}"
        assert self.decided == list(events)

    def then_both(self, own: list[Event], other: list[Event]) -> None:
        """Exactly these events of the case itself, and those of the other case."""
        assert self.refusal is None, f"refused: {self.refusal}"
        assert self.decided == (own, other)

    def then_refused(self, code: str, rule: str | None, saying: str, pointer: str | None = None) -> None:
        """Refused with this code, by this rule, and with these words among the detail."""
        assert self.refusal is not None, f"not refused: {self.decided}"
        refused = (self.refusal.code, self.refusal.rule, self.refusal.pointer)
        assert refused == (code, rule, pointer), str(self.refusal)
        assert saying in str(self.refusal)


@dataclass(frozen=True)
class Given(Generic[S]):
    """A folded history."""

    state: S

    def when(self, decide: Callable[..., Decided], *inputs: object, **named: Any) -> Outcome:
        """Give a command."""
        try:
            return Outcome(decide(self.state, *inputs, **named))
        except Refusal as refusal:
            return Outcome(refusal=refusal)


@dataclass(frozen=True)
class GivenCase:
    """A case's folded history."""

    state: Case

    def when(self, decide: Callable[..., Decided], *inputs: object, by: Actor = OWNER, at: datetime = NOW) -> Outcome:
        """Give a command, by somebody, at a moment, under the policy of the case."""
        return Given(self.state).when(decide, *inputs, setting(self.state, by, at))


def setting(case: Case, by: Actor = OWNER, at: datetime = NOW) -> Setting:
    """What surrounds a decision about this case."""
    return Setting(POLICIES[case.policy or "default-1"], by, at)


def given(*history: Event) -> GivenCase:
    """A complaint case with this history."""
    return GivenCase(CASE.fold(history))


def given_of(decider: Decider[S], *history: Event) -> Given[S]:
    """Any aggregate with this history."""
    return Given(decider.fold(history))
