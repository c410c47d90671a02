"""Deadline policies: which clocks a case has, what starts and stops them, and how long they run (D-3, D-3a).

A policy is dated and versioned data. Its clocks name the events that move them by topic; an event that none names, such
as a note, moves nothing (D-3b). Targets are read from the top: the first that fits a case holds.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise, product

from domain.agent.words import Rank
from domain.case.words import Channel, ClockKind, ComplaintType, CustomerClass, Severity
from domain.case.words import Clock as ExtendedTerm
from domain.kernel import Refusal
from domain.time.calendar import Calendar
from domain.time.terms import Term, every_hour
from domain.values import local_day

NAMING = frozenset(
    {"case.acknowledged", "case.interim_reply_sent", "case.promise_made", "case.escalated", "case.resolved"}
)
"""The events that name a time themselves; a resolution one for each demand that it grants."""
MOVING = NAMING | {
    *("case.received", "case.reassigned", "case.clarified", "case.analysed", "case.escalation_answered"),
    *("case.solution_proposed", "case.fulfilled", "case.callback_done", "case.summarised"),
    *("case.closed", "case.withdrawn", "case.reopened"),
}
"""The events a policy may name; waiting and extensions move clocks of themselves, all others never do (D-3b)."""
OWED = (ExtendedTerm.ACKNOWLEDGE, ExtendedTerm.ANSWER, ExtendedTerm.RESOLVE, ExtendedTerm.CALLBACK)
"""The terms of which every internal policy says within which time (D-3)."""


class NoDeadlinePolicy(Refusal):
    """No policy says when this case is due; a missing target never means "never late" (D-3b)."""

    code = "no_deadline_policy"


class Only(StrEnum):
    """Of which cases a clock is."""

    ALL = "all"
    ON_SITE = "on_site"
    FIRST_STAGE = "first_stage"
    SECOND_STAGE = "second_stage"


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the choice of a target goes by; until analysed a case counts as ordinary (D-3)."""

    severity: Severity = Severity.ORDINARY
    customer_class: CustomerClass = CustomerClass.ORDINARY
    type: ComplaintType | None = None
    team: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """How long a clock runs for the cases named; what is left empty fits every case."""

    within: Term
    severities: tuple[Severity, ...] = ()
    classes: tuple[CustomerClass, ...] = ()
    types: tuple[ComplaintType, ...] = ()
    teams: tuple[str, ...] = ()

    def fits(self, about: About) -> bool:
        """Whether a case is among those named."""
        return (
            _among(about.severity, self.severities)
            and _among(about.customer_class, self.classes)
            and _among(about.type, self.types)
            and _among(about.team, self.teams)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRule:
    """One clock: topics of the events that start it, stop it with a verdict, or end it without one.

    Without targets the event that starts it names the time. `extended_as` is the term whose extension puts it off, None
    where nothing does; `at_most` is how far at the most, from the start.
    """

    name: str
    rule: str
    starts: tuple[str, ...]
    stops: tuple[str, ...]
    voids: tuple[str, ...] = ()
    targets: tuple[Target, ...] = ()
    only: Only = Only.ALL
    pausable: bool = False
    extended_as: str | None = None
    at_most: Term | None = None

    def within(self, about: About, version: str) -> Term:
        """How long it runs for a case. Raises NoDeadlinePolicy (D-3b)."""
        for target in self.targets:
            if target.fits(about):
                return target.within
        detail = f"policy {version} has no {self.name} time for such a case: add a target that fits it"
        raise NoDeadlinePolicy(detail, rule="D-3b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """A rung of the ladder: so long after a breach, a supervisor of this rank is told (D-3d)."""

    after: timedelta
    rank: Rank


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the times of a policy were read, and on which day; it is not legal advice."""

    title: str
    url: str
    read_on: date
    notice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlinePolicy:
    """A version of the policy `name`, in force from a local day on for the teams and channels named, or for all.

    `recomputed_by`: topics of the events after which running clocks are computed anew from their start.
    """

    version: str
    name: str
    kind: ClockKind
    valid_from: date
    calendar: Calendar
    clocks: tuple[ClockRule, ...]
    recomputed_by: tuple[str, ...] = ()
    warn_percent: int = 80
    ladder: tuple[Rung, ...] = ()
    teams: tuple[str, ...] = ()
    channels: tuple[Channel, ...] = ()
    source: Source | None = None

    def begun(self, at: datetime) -> bool:
        """Whether the policy's first day has come where its calendar is."""
        return self.valid_from <= local_day(at, self.calendar.time_zone)

    def is_for(self, team: str | None, channel: Channel) -> bool:
        """Whether it holds for cases of a team that came by a channel."""
        return _among(team, self.teams) and _among(channel, self.channels)


def _among(value: object, named: Sequence[object]) -> bool:
    return not named or value in named


# ---- which policies hold --------------------------------------------------------------------------------------------
def chosen(
    policies: Iterable[DeadlinePolicy], team: str | None, channel: Channel, received_at: datetime
) -> tuple[DeadlinePolicy, ...]:
    """The policies of a case: one internal, then every regulatory one that is for it, in the order of their names.

    Of each name the version in force on the day of receipt; of internal ones that which names the team or the channel
    before one for all. Raises NoDeadlinePolicy without an internal one (D-3b).
    """
    fitting = [policy for policy in policies if policy.is_for(team, channel) and policy.begun(received_at)]
    latest = {policy.name: policy for policy in sorted(fitting, key=_age)}
    internal = [policy for policy in latest.values() if policy.kind is ClockKind.INTERNAL]
    if not internal:
        detail = f"no deadline policy is in force for team {team} on {received_at.isoformat()}: publish one"
        raise NoDeadlinePolicy(detail, rule="D-3b")
    regulatory = [policy for _, policy in sorted(latest.items()) if policy.kind is ClockKind.REGULATORY]
    return (max(internal, key=_closeness), *regulatory)


def _age(policy: DeadlinePolicy) -> tuple[date, str]:
    return policy.valid_from, policy.version


def _closeness(policy: DeadlinePolicy) -> tuple[int, date, str]:
    return bool(policy.teams) + bool(policy.channels), *_age(policy)


# ---- whether a policy can hold --------------------------------------------------------------------------------------
def faults(policy: DeadlinePolicy) -> list[tuple[str, str]]:
    """What is wrong with a policy: the path of the field, and the reason. Empty for a sound one."""
    found = [*_own_faults(policy)]
    names = [rule.name for rule in policy.clocks]
    for at, rule in enumerate(policy.clocks):
        found += [(f"clocks/{at}/{path}", reason) for path, reason in _rule_faults(rule, policy)]
        if rule.name in names[:at]:
            found.append((f"clocks/{at}/name", f"{rule.name} is named twice"))
    return found


def _own_faults(policy: DeadlinePolicy) -> Iterator[tuple[str, str]]:
    if not 0 < policy.warn_percent < 100:  # noqa: PLR2004  percent
        yield "warn_percent", "a warning comes between 1 and 99 percent of the time"
    if not policy.clocks:
        yield "clocks", "a policy without clocks: name one"
    elif policy.kind is ClockKind.INTERNAL and (missing := _unsaid(policy)):
        said = f"nothing is said of {', '.join(missing)}, and a missing target never means never late (D-3b)"
        yield "clocks", f"{said}: add a clock of all cases, with targets, for each"
    if policy.kind is ClockKind.REGULATORY and policy.source is None:
        yield "source", "a regulatory policy names its source and the day on which it was read"
    if not all(earlier.after < later.after for earlier, later in pairwise(policy.ladder)):
        yield "ladder", "each rung comes later than the one before it"
    yield from _topics("recomputed_by", policy.recomputed_by)


def _unsaid(policy: DeadlinePolicy) -> list[str]:
    """The terms owed for which no clock has targets; a clock is of the term it is named after, or extended as."""
    said = [rule for rule in policy.clocks if rule.targets and rule.only is Only.ALL]
    terms = {rule.name for rule in said} | {rule.extended_as for rule in said}
    return [term for term in OWED if term not in terms]


def _rule_faults(rule: ClockRule, policy: DeadlinePolicy) -> Iterator[tuple[str, str]]:
    for path, topics in (("starts", rule.starts), ("stops", rule.stops), ("voids", rule.voids)):
        yield from _topics(path, topics)
    if not rule.starts or not rule.stops:
        yield "starts", "a clock is started and stopped by events: name them"
    if rule.targets:
        yield from _gaps(rule)
    elif not set(rule.starts) <= NAMING:
        yield "targets", f"only {', '.join(sorted(NAMING))} name a time themselves: say within which time"
    if rule.extended_as not in {None, *ExtendedTerm}:
        yield "extended_as", f"no such term can be put off; there are {', '.join(ExtendedTerm)}"
    terms = [target.within for target in rule.targets] + ([rule.at_most] if rule.at_most else [])
    if policy.calendar == every_hour(policy.calendar.time_zone) and any(term.unit.working for term in terms):
        yield "targets", "working time is counted on a business calendar: name one"


def _topics(path: str, topics: Iterable[str]) -> Iterator[tuple[str, str]]:
    for topic in topics:
        if topic not in MOVING:
            yield path, f"{topic} never moves a clock (D-3b); there are {', '.join(sorted(MOVING))}"


def _gaps(rule: ClockRule) -> Iterator[tuple[str, str]]:
    """The cases of no particular type or team for which the targets say nothing."""
    for severity, customer_class in product(Severity, CustomerClass):
        about = About(severity=severity, customer_class=customer_class)
        if not any(target.fits(about) for target in rule.targets):
            yield "targets", f"nothing is said of {severity} cases of {customer_class} customers: end with one for all"
