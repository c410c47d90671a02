"""Keys that one makes for somebody else: proposed, approved by a second person, collected once (A-4).

All stand in one short stream. Whoever proposes a program's key collects it; a person's key collects the person, so
that nobody ever holds another person's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from domain.kernel import Decider, Event, Forbidden, Malformed, Refusal, Unknown
from domain.key import events as e
from domain.key.words import Status, is_program
from domain.published import NotProposed, SecondPerson
from domain.values import AgentId


# ---- state ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Entry:
    """A key that was proposed, and who did what with it."""

    proposed: e.Proposed
    status: Status = Status.PROPOSED
    approved_by: AgentId | None = None
    withdrawn_by: AgentId | None = None

    @property
    def collector(self) -> AgentId:
        """Who collects it: who proposed it for a program, else whose it is."""
        return self.proposed.by if is_program(self.proposed.agent) else self.proposed.agent


@dataclass(frozen=True, slots=True)
class Keys:
    """All that were proposed, by their prefixes, in that order."""

    known: Mapping[str, Entry] = field(default_factory=dict)


def evolve(keys: Keys, event: Event) -> Keys:
    """Fold one event into the state."""
    match event:
        case e.Proposed():
            return Keys({**keys.known, event.prefix: Entry(event)})
        case e.Approved():
            return _with(keys, event.prefix, status=Status.APPROVED, approved_by=event.by)
        case e.Withdrawn():
            return _with(keys, event.prefix, status=Status.WITHDRAWN, withdrawn_by=event.by)
        case e.Collected():
            return _with(keys, event.prefix, status=Status.COLLECTED)
        case _:
            return keys


def _with(keys: Keys, prefix: str, **changes: Any) -> Keys:
    return Keys({**keys.known, prefix: replace(keys.known[prefix], **changes)})


KEYS = Decider("keys", Keys(), evolve)


# ---- refusals -------------------------------------------------------------------------------------------------------
class NoSuchProposal(Unknown):
    """No such key was proposed."""


class PrefixGiven(Refusal):
    """A prefix names one key, for ever."""

    code = "prefix_given"


class KeyExpired(Refusal):
    """A key that would let nobody in any more is neither approved nor collected."""

    code = "key_expired"


class NotApproved(Refusal):
    """Only what a second person has approved is collected, once."""

    code = "not_approved"


class NotForYou(Forbidden):
    """A key is collected by whom it is for."""

    code = "not_for_you"


# ---- decisions ------------------------------------------------------------------------------------------------------
def propose(keys: Keys, proposed: e.Proposed, at: datetime) -> list[Event]:
    """A-4: lay a key before a second person. Raises PrefixGiven, Malformed for an end that has come."""
    if proposed.prefix in keys.known:
        raise PrefixGiven("a key of this prefix was proposed: propose it once more", rule="A-4")
    if _expired(proposed, at):
        raise Malformed("expires_at lies in the past: give a time to come", pointer="/expires_at")
    return [proposed]


def approve(keys: Keys, prefix: str, by: AgentId, at: datetime) -> list[Event]:
    """A-4: agree, as another person than who proposed it.

    Raises NoSuchProposal, NotProposed, SecondPerson, KeyExpired.
    """
    entry = _open(keys, prefix)
    if entry.proposed.by == by:
        raise SecondPerson("you proposed it: another admin approves it", rule="A-4")
    _check_lasting(entry, at)
    return [e.Approved(prefix=prefix, proposed_by=entry.proposed.by, by=by)]


def withdraw(keys: Keys, prefix: str, by: AgentId) -> list[Event]:
    """Take a proposal back, or refuse it, also when it is approved and not collected.

    Raises NoSuchProposal, NotProposed.
    """
    if _entry(keys, prefix).status is not Status.APPROVED:
        _open(keys, prefix)
    return [e.Withdrawn(prefix=prefix, by=by)]


def collect(keys: Keys, prefix: str, by: AgentId, at: datetime) -> list[Event]:
    """Have the key made, which is shown once. Raises NoSuchProposal, NotForYou, NotApproved, KeyExpired."""
    entry = _entry(keys, prefix)
    if entry.collector != by:
        raise NotForYou(f"{entry.collector} collects this key, and nobody else", rule="A-4")
    if entry.status is not Status.APPROVED:
        detail = f"it is {entry.status}: another admin approves it first, and it is collected once"
        raise NotApproved(detail, rule="A-4")
    _check_lasting(entry, at)
    return [e.Collected(prefix=prefix, by=by)]


def _entry(keys: Keys, prefix: str) -> Entry:
    if prefix not in keys.known:
        raise NoSuchProposal("no such key was proposed")
    return keys.known[prefix]


def _open(keys: Keys, prefix: str) -> Entry:
    entry = _entry(keys, prefix)
    if entry.status is not Status.PROPOSED:
        raise NotProposed(f"it is {entry.status}: propose another key", rule="A-4")
    return entry


def _check_lasting(entry: Entry, at: datetime) -> None:
    if _expired(entry.proposed, at):
        raise KeyExpired("its end has come: withdraw it and propose one that ends later", rule="A-4")


def _expired(proposed: e.Proposed, at: datetime) -> bool:
    return proposed.expires_at is not None and proposed.expires_at <= at
