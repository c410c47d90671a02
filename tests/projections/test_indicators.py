"""Key indicators and the monthly analysis from the courses of cases (Q-1, Q-6, Q-7)."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from psycopg import AsyncConnection

from domain.case.words import Attribution, Channel, ComplaintType, Dimension, Severity
from domain.kernel import Event
from domain.values import AgentId, Month, SubjectId
from domain.work import events as w
from domain.work.words import CallKind
from projections.complaint_analysis import Part, months_until, parts
from projections.indicators import (
    INDICATORS,
    Counts,
    Figure,
    Name,
    Period,
    after,
    begin_of,
    counted,
    ending_with,
    figures,
)
from projections.recurring import Recurring, recurring
from tests.projections.projecting import World
from tests.support import cases as c

DAY = date(2024, 5, 6)
"""The local day of NOW: a Monday."""
WEEKS = ending_with(Period.WEEK, DAY, 2)


def count(world: World, team: str | None = None, period: Period = Period.WEEK) -> Mapping[date, Counts]:
    world.project()

    async def ask() -> Mapping[date, Counts]:
        async with await AsyncConnection.connect(world.dsn, autocommit=True) as connection:
            return await counted(connection, period, ending_with(period, DAY, 2), team)

    return asyncio.run(ask())


def value(name: str, counts: Mapping[date, Counts], team: str | None = None) -> float | None:
    return figures(INDICATORS[Name(name)], counts, team)[-1].value


def resolved(world: World, *before: Event) -> UUID:
    """A case of a1 that was resolved three hours after it came."""
    case = world.receive(owner="a1", handler="a1", team="t1")
    world.record(case, *before, replace(c.RESOLVED, by=AgentId("a1"), resolved_at=c.NOW + 3 * c.HOUR))
    return case


# ---- periods --------------------------------------------------------------------------------------------------------
def test_weeks_begin_on_monday_and_months_on_their_first_q_1() -> None:
    assert begin_of(Period.WEEK, date(2024, 5, 12)) == DAY
    assert begin_of(Period.MONTH, date(2024, 2, 29)) == date(2024, 2, 1)
    assert (after(Period.WEEK, DAY), after(Period.MONTH, date(2023, 12, 1))) == (date(2024, 5, 13), date(2024, 1, 1))
    assert ending_with(Period.MONTH, date(2024, 1, 31), 3) == [date(2023, 11, 1), date(2023, 12, 1), date(2024, 1, 1)]
    assert [date(2024, 4, 29), DAY] == WEEKS


# ---- Q-1 ------------------------------------------------------------------------------------------------------------
def test_where_nothing_stands_below_the_line_there_is_no_value_q_1(world: World) -> None:
    counts = count(world)
    assert [value(name, counts) for name in INDICATORS] == [None] * len(INDICATORS)
    empty = Figure(begin=DAY, above=0, below=0, value=None)
    assert figures(INDICATORS[Name.IN_TIME], counts, None)[-1] == empty


def test_resolved_by_the_owner_at_the_first_contact_q_1(world: World) -> None:
    resolved(world)
    resolved(world, c.REASSIGNED)
    resolved(world, c.ESCALATED)
    world.record(resolved(world), c.REOPENED)
    by_another = world.receive(owner="a2", handler="a2")
    world.record(by_another, replace(c.RESOLVED, by=AgentId("a1"), resolved_at=c.NOW + 5 * c.HOUR))
    counts = count(world)
    assert (value("first_contact", counts), value("reopen_rate", counts)) == (0.2, 0.2)
    assert (value("escalation_rate", counts), value("handling_time", counts)) == (0.2, 3.4)


def test_a_case_that_came_resolved_was_resolved_by_nobody_here_q_1(world: World) -> None:
    came = world.receive(owner=None, handler=None, source="cfpb")
    world.record(came, replace(c.RESOLVED, by=None, resolved_at=c.NOW + c.HOUR))
    assert value("first_contact", count(world)) == 0


def test_what_the_calls_after_a_resolution_came_to_q_1(world: World) -> None:
    world.record(resolved(world), c.UNREACHED, c.NOT_SATISFIED, c.CALLED_BACK)
    world.record(resolved(world), c.NOT_SATISFIED)
    world.record(resolved(world), c.UNREACHED)
    resolved(world)
    counts = count(world)
    assert (value("callback_rate", counts), value("satisfaction", counts)) == (0.5, 0.5)


def test_the_last_analysis_says_whether_a_complaint_is_valid_q_1(world: World) -> None:
    for attribution in (Attribution.COMPANY, Attribution.CUSTOMER):
        case = world.receive()
        world.record(case, c.CLARIFIED, c.INVESTIGATED, c.ANALYSED, replace(c.ANALYSED, attribution=attribution))
    assert value("valid_rate", count(world)) == 0.5


def test_calls_are_of_no_team_q_1(world: World) -> None:
    world.receive(team="t1")
    call = w.CallRecorded(began_at=c.NOW, rings=3, ended_at=c.NOW + timedelta(minutes=2), kind=CallKind.ENQUIRY)
    for answered_at in (None, c.NOW, c.NOW, c.NOW):
        world.record(uuid4(), replace(call, answered_at=answered_at))
    withdrawn = uuid4()
    world.record(withdrawn, call, w.FactWithdrawn(reason=c.sealed("twice")))
    world.record(uuid4(), w.MissedCallLogged(at=c.NOW))
    counts = count(world)
    assert [value(name, counts) for name in ("complaint_rate", "answer_ratio", "missed_calls")] == [0.25, 0.75, 0.25]
    assert [value(name, count(world, "t1"), "t1") for name in ("complaint_rate", "answer_ratio")] == [None, None]


def test_clocks_count_in_the_period_of_their_verdict_q_1(world: World) -> None:
    in_time = world.receive(received_at=c.NOW, team="t1")
    world.record(in_time, c.ACKNOWLEDGED, at=c.NOW + timedelta(minutes=10))
    late = world.receive(received_at=c.NOW, team="t2")
    world.record(late, c.ACKNOWLEDGED, at=c.NOW + timedelta(hours=5))
    assert value("in_time", count(world)) == 0.5
    assert (value("in_time", count(world, "t1"), "t1"), value("in_time", count(world, "t2"), "t2")) == (1.0, 0.0)


def test_a_complaint_repeats_one_of_the_same_customer_that_came_not_long_ago_q_1(world: World) -> None:
    subject = asyncio.run(world.keyring.subject(()))
    world.receive(subject=subject, received_at=c.NOW - timedelta(days=31))
    world.receive(subject=subject, received_at=c.NOW)
    world.receive(subject=subject, received_at=c.NOW + c.HOUR)
    world.receive(received_at=c.NOW)
    assert value("repeat_rate", count(world)) == pytest.approx(1 / 3, abs=1e-4)


def test_an_imported_case_counts_where_its_source_says_when_q_1(world: World) -> None:
    case = world.receive(owner=None, handler=None, source="letters")
    unknown = replace(c.RESOLVED, by=None, resolved_at=None)
    world.record(case, unknown)
    assert value("reopen_rate", count(world)) is None


def test_days_are_local_q_1(world: World) -> None:
    sunday_night = datetime(2024, 5, 5, 15, 59, tzinfo=UTC)
    world.receive(received_at=sunday_night)
    world.receive(received_at=sunday_night + timedelta(minutes=1))
    counts = count(world)
    assert [counts[week]["received"] for week in WEEKS] == [1, 1]


# ---- Q-7 ------------------------------------------------------------------------------------------------------------
def by(world: World, aspect: str, team: str | None = None) -> list[Part]:
    world.project()

    async def ask() -> list[Part]:
        async with await AsyncConnection.connect(world.dsn, autocommit=True) as connection:
            return await parts(connection, aspect, months_until(Month(2024, 5), 3), team)

    return asyncio.run(ask())


def test_complaints_of_a_month_the_most_frequent_first_with_their_trend_q_7(world: World) -> None:
    april = datetime(2024, 4, 10, tzinfo=UTC)
    for channel, at in ((Channel.APP, c.NOW), (Channel.APP, april), (Channel.HOTLINE, april)):
        world.receive(channel=channel, received_at=at)
    for _ in range(2):
        world.receive(channel=Channel.LETTER, received_at=c.NOW)
    assert by(world, "channel") == [
        Part(value="letter", trend=[0, 0, 2]),
        Part(value="app", trend=[0, 1, 1]),
        Part(value="hotline", trend=[0, 1, 0]),
    ]


def test_what_is_not_known_yet_is_counted_as_such_q_7(world: World) -> None:
    world.receive(team="t1")
    world.record(world.receive(team="t2"), c.CLARIFIED)
    assert by(world, "type") == [Part(value=str(c.CLARIFIED.type), trend=[0, 0, 1]), Part(value=None, trend=[0, 0, 1])]
    assert by(world, "type", "t1") == [Part(value=None, trend=[0, 0, 1])]


@pytest.mark.parametrize(("aspect", "expected"), [("merchant", "m1"), ("agent", "a2"), ("class", "top")])
def test_by_whom_it_is_about_and_who_handles_it_q_7(world: World, aspect: str, expected: str) -> None:
    customer = {"customer_class": "top", "name": "王小明"}
    case = world.receive(merchant="m1", owner="a1", handler="a1", customer=customer)
    world.record(case, c.REASSIGNED)
    assert by(world, aspect) == [Part(value=expected, trend=[0, 0, 1])]


# ---- Q-6 ------------------------------------------------------------------------------------------------------------
def again(world: World, team: str | None = None) -> list[Recurring]:
    world.project()

    async def ask() -> list[Recurring]:
        async with await AsyncConnection.connect(world.dsn, autocommit=True) as connection:
            return await recurring(connection, DAY, 30, 3, team)

    return asyncio.run(ask())


def clarified(world: World, at: datetime = c.NOW, **facts: str) -> UUID:
    subject = SubjectId(facts.pop("subject")) if "subject" in facts else None
    case = world.receive(subject, received_at=at, **facts)
    world.record(case, replace(c.CLARIFIED, type=ComplaintType.BOOKING, dimension=Dimension.EMPATHY))
    return case


def test_what_three_customers_complain_of_alike_recurs_q_6(world: World) -> None:
    clarified(world, c.NOW - timedelta(days=40), merchant="m1")
    cases = [clarified(world, c.NOW - timedelta(hours=hours), merchant="m1", team="t1") for hours in range(4)]
    clarified(world, merchant="m2")
    at_merchant, by_dimension = sorted(again(world), key=lambda one: one.merchant is None)
    assert (at_merchant.type, at_merchant.merchant, at_merchant.dimension) == (ComplaintType.BOOKING, "m1", None)
    assert (at_merchant.customers, at_merchant.count, at_merchant.before) == (4, 4, 1)
    assert [one.id for one in at_merchant.latest] == cases
    assert (by_dimension.merchant, by_dimension.dimension, by_dimension.count) == (None, Dimension.EMPATHY, 5)
    assert [one.count for one in again(world, "t1")] == [4, 4]


def test_one_customer_who_comes_again_is_no_recurring_problem_q_6(world: World) -> None:
    subject = asyncio.run(world.keyring.subject(()))
    for _ in range(3):
        clarified(world, merchant="m1", subject=subject)
    clarified(world, merchant="m1")
    world.receive(merchant="m1")  # nobody knows of what yet
    assert again(world) == []


def test_a_proposal_waits_for_its_review_until_it_has_one_c_16(world: World) -> None:
    grave = replace(c.ANALYSED, severity=Severity.MAJOR)
    way = (c.CLARIFIED, c.INVESTIGATED, grave, c.PROPOSED)
    waiting, passed, again = (world.receive() for _ in range(3))
    world.record(waiting, *way)
    world.record(passed, *way, c.PASSED)
    world.record(again, *way, c.RETURNED, c.PROPOSED)
    world.project()
    found = world.rows("SELECT id FROM read.case_courses_1 WHERE unreviewed")
    assert {case for (case,) in found} == {waiting, again}
