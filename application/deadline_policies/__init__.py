"""Deadline policies as YAML documents (D-3): the shipped ones, and a file to be tried.

version: default-1
name: default
kind: internal                                 # or regulatory, with its source
valid_from: 2000-01-01
calendar: default-1                            # or time_zone: where no working time is counted
recomputed_by: [case.analysed]
ladder: [{after: 1 hour, rank: supervisor}]
clocks:
  - name: resolve
    rule: D-3
    starts: [case.received, case.reopened]     # topics of events
    stops: [case.resolved]
    pausable: true
    targets:                                   # the first that fits holds
      - {severities: [minor], within: 1 working day}
      - {within: 3 working days}
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta

from application import calendars
from application.documents import Document, read, read_file
from domain.agent.words import Rank
from domain.case.words import Channel, ClockKind, ComplaintType, CustomerClass, Severity
from domain.time.calendar import Calendar
from domain.time.deadlines import ClockRule, DeadlinePolicy, Only, Rung, Source, Target, faults
from domain.time.terms import BadTerm, Ending, Term, Unit, every_hour, term

SHIPPED = files("application.deadline_policies")
Within = Annotated[
    str, Meta(description="2 working hours, 3 working days, 0.5 working days, 24 hours, 30 days, 8 weeks, 1 month")
]
"""A time as it is written."""
Place = tuple[str | int, ...]
"""Where in the document something stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetForm:
    """How long a clock runs, and for which cases; what is not named fits all."""

    within: Within
    severities: tuple[Severity, ...] = ()
    classes: tuple[CustomerClass, ...] = ()
    types: tuple[ComplaintType, ...] = ()
    teams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockForm:
    """A clock; without targets the event that starts it names the time."""

    name: Annotated[str, Meta(min_length=1)]
    rule: str
    starts: tuple[str, ...]
    stops: tuple[str, ...]
    voids: tuple[str, ...] = ()
    targets: tuple[TargetForm, ...] = ()
    only: Only = Only.ALL
    ending: Annotated[Ending, Meta(description="when on its last day a term of days ends")] = Ending.SAME_HOUR
    first_day_counts: Annotated[bool, Meta(description="whether the day of the start is the first")] = False
    pausable: bool = False
    extended_as: Annotated[str | None, Meta(description="the term whose extension puts it off")] = None
    at_most: Annotated[str | None, Meta(description="how far it can be put off, from the start")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RungForm:
    """A rung of the ladder (D-3d)."""

    after: Annotated[str, Meta(description="after the breach, as 1 hour")]
    rank: Rank


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyForm:
    """A deadline policy as it is written; either a calendar or a time zone."""

    version: Annotated[str, Meta(min_length=1, description="a published version is never edited")]
    name: Annotated[str, Meta(min_length=1, description="its later versions have the same")]
    kind: ClockKind
    valid_from: Annotated[date, Meta(description="the first local day on which it is used")]
    clocks: tuple[ClockForm, ...]
    calendar: Annotated[str | None, Meta(description="the version of a business calendar")] = None
    time_zone: Annotated[str | None, Meta(description="an IANA name, where no working time is counted")] = None
    recomputed_by: tuple[str, ...] = ()
    warn_percent: int = 80
    ladder: tuple[RungForm, ...] = ()
    teams: tuple[str, ...] = ()
    channels: tuple[Channel, ...] = ()
    source: Source | None = None


CalendarOf = Callable[[str], Calendar | None]
"""Where calendars are found by their version; None for one that there is not."""


def shipped_calendar(version: str) -> Calendar | None:
    """A shipped calendar, or None where none has this version."""
    return calendars.shipped(version) if version in calendars.shipped_versions() else None


def parse(document: Document, calendar_of: CalendarOf = shipped_calendar) -> DeadlinePolicy:
    """A deadline policy from its document. Raises BadDocument with line, path and reason."""
    form = document.convert(PolicyForm)
    policy = DeadlinePolicy(
        version=form.version,
        name=form.name,
        kind=form.kind,
        valid_from=form.valid_from,
        calendar=_calendar(document, form, calendar_of),
        clocks=tuple(_clock(document, ("clocks", at), clock) for at, clock in enumerate(form.clocks)),
        recomputed_by=form.recomputed_by,
        warn_percent=form.warn_percent,
        ladder=tuple(_rung(document, ("ladder", at), rung) for at, rung in enumerate(form.ladder)),
        teams=form.teams,
        channels=form.channels,
        source=form.source,
    )
    for path, reason in faults(policy):
        raise document.fault(tuple(int(step) if step.isdigit() else step for step in path.split("/")), reason)
    return policy


def policy_file(path: Path) -> DeadlinePolicy:
    """A deadline policy from a file, on a shipped calendar. Raises BadDocument."""
    return parse(read_file(path))


def shipped_versions() -> list[str]:
    """The versions that ship with the project: the default, and the packs of regulators."""
    return sorted(file.name.removesuffix(".yaml") for file in SHIPPED.iterdir() if file.name.endswith(".yaml"))


def shipped_text(version: str = "default-1") -> str:
    """A shipped deadline policy as it is written."""
    return SHIPPED.joinpath(f"{version}.yaml").read_text("utf-8")


def shipped(version: str = "default-1") -> DeadlinePolicy:
    """A shipped deadline policy."""
    return parse(read(f"{version}.yaml", shipped_text(version)))


@cache
def in_force() -> tuple[DeadlinePolicy, ...]:
    """The shipped policies that hold without anybody's doing: the default. Packs of regulators are adopted (D-3a)."""
    return (shipped(),)


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a deadline policy."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | msgspec.json.schema(PolicyForm)


# ---- its parts ------------------------------------------------------------------------------------------------------
def _calendar(document: Document, form: PolicyForm, calendar_of: CalendarOf) -> Calendar:
    if (form.calendar is None) is (form.time_zone is None):
        raise document.fault((), "name either a calendar or, where no working time is counted, a time_zone")
    if form.time_zone is not None:
        return every_hour(_zone(document, form.time_zone))
    found = calendar_of(form.calendar or "")
    if found is None:
        known = ", ".join(calendars.shipped_versions())
        raise document.fault(("calendar",), f"there is no calendar {form.calendar}; shipped are {known}")
    return found


def _zone(document: Document, name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise document.fault(("time_zone",), f"{name!r} is no time zone; there is, for one, Asia/Shanghai") from error


def _clock(document: Document, place: Place, form: ClockForm) -> ClockRule:
    at_most = (*place, "at_most")
    return ClockRule(
        name=form.name,
        rule=form.rule,
        starts=form.starts,
        stops=form.stops,
        voids=form.voids,
        targets=tuple(_target(document, (*place, "targets", at), form, one) for at, one in enumerate(form.targets)),
        only=form.only,
        pausable=form.pausable,
        extended_as=form.extended_as,
        at_most=_term(document, at_most, form.at_most, form) if form.at_most is not None else None,
    )


def _target(document: Document, place: Place, clock: ClockForm, form: TargetForm) -> Target:
    return Target(
        within=_term(document, (*place, "within"), form.within, clock),
        severities=form.severities,
        classes=form.classes,
        types=form.types,
        teams=form.teams,
    )


def _term(document: Document, place: Place, text: str, clock: ClockForm) -> Term:
    try:
        return term(text, clock.ending, first_day_counts=clock.first_day_counts)
    except BadTerm as error:
        raise document.fault(place, str(error)) from error


def _rung(document: Document, place: Place, form: RungForm) -> Rung:
    try:
        after = term(form.after)
    except BadTerm as error:
        raise document.fault((*place, "after"), str(error)) from error
    if after.unit is not Unit.MINUTES:
        raise document.fault((*place, "after"), f"{form.after}: the ladder counts hours and minutes")
    return Rung(after=timedelta(minutes=float(after.count)), rank=form.rank)
