"""Histories with times, for clocks: events at moments written as they stand on the wall of a time zone."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from application.deadline_policies import shipped
from domain.agent.words import Rank
from domain.case import events as e
from domain.case.words import Clock as ExtendedTerm
from domain.case.words import CustomerClass, Severity
from domain.kernel import Event
from domain.time.clock import Clock
from domain.time.deadlines import DeadlinePolicy
from domain.time.ladder import Person
from domain.time.timing import Fact, clocks
from domain.values import AgentId
from tests.support.cases import ANALYSED, EXTENDED, OWNER, PAUSED, PROMISED, RECEIVED, RESUMED, SUPERVISOR

SHANGHAI = "Asia/Shanghai"
PEOPLE = [
    Person(id=OWNER.id, rank=None, team="t1", present=True),
    Person(id=SUPERVISOR.id, rank=Rank.SUPERVISOR, team="t1", present=True),
    Person(id=AgentId("s2"), rank=Rank.SUPERVISOR, team="t2", present=True),
    Person(id=AgentId("m1"), rank=Rank.MANAGER, team=None, present=True),
    Person(id=AgentId("h1"), rank=Rank.HEAD, team=None, present=True),
]


@cache
def policy(version: str = "default-1") -> DeadlinePolicy:
    """A shipped deadline policy."""
    return shipped(version)


def moment(text: str, zone: str = SHANGHAI) -> datetime:
    """A time as it is written, local where it has no offset."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))


def received(
    text: str, zone: str = SHANGHAI, customer_class: CustomerClass = CustomerClass.ORDINARY, *, on_site: bool = False
) -> Fact:
    """A complaint on record from the moment at which it came in."""
    at = moment(text, zone)
    customer = replace(RECEIVED.customer, customer_class=customer_class)
    return Fact(at, replace(RECEIVED, received_at=at, customer=customer, on_site=on_site))


def fact(text: str, event: Event, zone: str = SHANGHAI) -> Fact:
    """An event recorded at a moment."""
    return Fact(moment(text, zone), event)


def analysed(text: str, severity: Severity) -> Fact:
    return fact(text, replace(ANALYSED, severity=severity))


def paused(text: str, since: str | None = None) -> Fact:
    return fact(text, replace(PAUSED, since=moment(since or text)))


def resumed(text: str) -> Fact:
    return fact(text, replace(RESUMED, resumed_at=moment(text)))


def extended(text: str, until: str, term: ExtendedTerm = ExtendedTerm.RESOLVE) -> Fact:
    return fact(text, replace(EXTENDED, clock=term, until=moment(until)))


def promised(text: str, due_at: str, number: int = 1) -> Fact:
    return fact(text, replace(PROMISED, number=number, due_at=moment(due_at)))


def recorded(now: str, *events: Event) -> list[Fact]:
    """Events that were recorded of clocks at a moment."""
    return [fact(now, event) for event in events]


def found(
    facts: Sequence[Fact],
    name: str,
    now: str,
    *,
    number: int = 1,
    policies: Iterable[DeadlinePolicy] | None = None,
    zone: str = SHANGHAI,
) -> Clock:
    """The one clock of this name and number, as it stands at a moment."""
    held = [policy()] if policies is None else policies
    [clock] = [
        clock for clock in clocks(facts, held, moment(now, zone)) if (clock.rule.name, clock.number) == (name, number)
    ]
    return clock


def names(facts: Sequence[Fact], now: str, policies: Iterable[DeadlinePolicy] | None = None) -> list[str]:
    """The clocks of a case in their order, `name/number`."""
    held = [policy()] if policies is None else policies
    return [f"{clock.rule.name}/{clock.number}" for clock in clocks(facts, held, moment(now))]


def shown(at: datetime | None, zone: str = SHANGHAI) -> str:
    """A moment as it stands on the wall, `2026-03-06T16:30`."""
    return at.astimezone(ZoneInfo(zone)).isoformat(timespec="minutes")[:16] if at else "never"


def breach(
    clock: str, due_at: str, *, breached_at: str | None = None, version: str = "default-1"
) -> e.DeadlineBreached:
    """A breach as it stands in a history."""
    return e.DeadlineBreached(
        clock=clock,
        number=1,
        kind=policy().kind,
        policy=version,
        calendar="default-1",
        due_at=moment(due_at),
        breached_at=moment(breached_at or due_at),
        to=SUPERVISOR.id,
    )
