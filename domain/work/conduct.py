"""A conduct report (W-6): reported, then confirmed or dismissed by a supervisor it is not about."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.kernel import Decider, Event, Malformed, Refusal
from domain.values import Actor, AgentId, Private
from domain.work import events as e
from domain.work import facts
from domain.work.moments import happened
from domain.work.refusals import AlreadyRecorded, NoSuchFact, by_another

RULE = "W-6"


class ConductStatus(StrEnum):
    """How far a conduct report has come."""

    REPORTED = "reported"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class ConductReport:
    """What decisions need to know of a report; `reported` and `status` are None before it is made."""

    reported: e.ConductReported | None = None
    status: ConductStatus | None = None
    confirmed_by: AgentId | None = None

    @property
    def agents(self) -> frozenset[AgentId]:
        """Whom it is about."""
        return frozenset({self.reported.agent}) if self.reported else frozenset()

    def fact(self) -> facts.Conduct | None:
        """The report as the ledgers judge it; None for a kind without an amount, and once it is dismissed."""
        reported = self.reported
        if reported is None or reported.code.code is None or self.status is ConductStatus.DISMISSED:
            return None
        code, by = reported.code.code, self.confirmed_by
        return facts.Conduct(at=reported.at, agent=reported.agent, code=code, confirmed_by=by)


def evolve(report: ConductReport, event: Event) -> ConductReport:
    """Fold one event into the state."""
    match event:
        case e.ConductReported():
            return ConductReport(event, ConductStatus.REPORTED)
        case e.ConductConfirmed():
            return replace(report, status=ConductStatus.CONFIRMED, confirmed_by=event.by)
        case e.ConductDismissed():
            return replace(report, status=ConductStatus.DISMISSED, confirmed_by=None)
        case _:
            return report


CONDUCT = Decider("conduct report", ConductReport(), evolve)


class IsDismissed(Refusal):
    """A dismissed report is not confirmed any more."""

    code = "report_dismissed"


def report(known: ConductReport, reported: e.ConductReported, now: datetime) -> list[Event]:
    """Report conduct. Raises AlreadyRecorded, and Malformed for a time to come."""
    happened(reported.at, now, RULE)
    if known.reported is not None:
        raise AlreadyRecorded("this report is on record", rule="W-6")
    return [reported]


def confirm(known: ConductReport, actor: Actor) -> list[Event]:
    """Find that it was so; a repeat is nothing. Raises AboutYou, and IsDismissed for a report that was dismissed."""
    _decidable(known, actor)
    if known.status is ConductStatus.DISMISSED:
        raise IsDismissed("this report was dismissed: report it again if that was wrong", rule="W-6")
    return [] if known.status is ConductStatus.CONFIRMED else [e.ConductConfirmed(by=actor.id)]


def dismiss(known: ConductReport, reason: Private | None, actor: Actor) -> list[Event]:
    """Find that it was not so, also after it was confirmed; a repeat is nothing. Raises AboutYou, and Malformed."""
    _decidable(known, actor)
    if reason is None:
        raise Malformed("a report is dismissed with a reason", rule="W-6", pointer="/reason")
    return [] if known.status is ConductStatus.DISMISSED else [e.ConductDismissed(reason=reason)]


def _decidable(known: ConductReport, actor: Actor) -> None:
    if known.reported is None:
        raise NoSuchFact("there is no such conduct report")
    by_another(actor, known.agents, RULE)
