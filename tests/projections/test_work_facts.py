"""Facts of the work as rows, and what the ledgers ask of them by the month (W-1 … W-9)."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

import pytest
from psycopg import AsyncConnection

from application.streams import exam_id, tally_id
from domain.kernel import Event
from domain.values import AgentId, CaseId, Month
from domain.work import events as e
from domain.work.facts import Exam, MemberCallbacks, OrderField
from domain.work.order import ORDER
from domain.work.words import CallKind, ConductKind, Side
from projections import work_facts as w
from projections.rebuild import rebuild
from projections.work_rows import FACTS, ORDERS, FactRow, OrderRow
from tests.projections.projecting import World, everything
from tests.support.cases import SUBJECT, sealed

T = TypeVar("T")
A1, A2, A3 = AgentId("a1"), AgentId("a2"), AgentId("a3")
MARCH, APRIL = Month(2026, 3), Month(2026, 4)
AT = datetime(2026, 3, 31, 15, 59, tzinfo=UTC)
"""The last minute of March in Shanghai."""
CASE = CaseId("00000000-0000-4000-8000-00000000000a")
ENTERED = e.OrderEntered(subject=SUBJECT, agent=A1, at=AT, merchant="m1", signed=True, recommended=True)
DONE = e.OrderDone(seated=True, judged=True)
EXAM = e.ExamTaken(agent=A1, month=MARCH, typing=Decimal(80), knowledge=Decimal("92.5"), service=Decimal(100))


def asked(world: World, question: Callable[[AsyncConnection[Any]], Awaitable[T]]) -> T:
    async def ask() -> T:
        async with await AsyncConnection.connect(world.dsn, autocommit=True) as connection:
            return await question(connection)

    return asyncio.run(ask())


def stream(number: int) -> UUID:
    """A stream of its own for each number."""
    return UUID(int=number)


def orders(world: World, **filters: Any) -> list[OrderRow]:
    return asked(world, lambda connection: w.listed(connection, ORDERS, w.FactFilters(**filters))).items


def facts(world: World, **filters: Any) -> list[FactRow]:
    return asked(world, lambda connection: w.listed(connection, FACTS, w.FactFilters(**filters))).items


# ---- orders ---------------------------------------------------------------------------------------------------------
COURSE: tuple[Event, ...] = (
    e.MerchantCalled(at=AT, discount=sealed("12 % off")),
    e.GuestTold(at=AT),
    e.Asked(at=AT, side=Side.MERCHANT),
    e.CameLate(at=AT),
    e.AmountCollected(at=AT, amount_fen=9),
    e.Seated(at=AT),
)


def test_an_order_along_its_course_w_1(world: World) -> None:
    steps = []
    world.record(stream(1), replace(ENTERED, tables=2, gold_card=True))
    for event in COURSE:
        world.record(stream(1), event)
        world.project()
        steps.append(orders(world)[0].step)
    [row] = orders(world)
    assert steps == ["merchant_called", "guest_told", "asked", "late", "amount_collected", "seated"]
    assert (row.seated, row.valid, row.done, row.amount_fen, row.reported_back) == (True, None, False, 9, False)
    world.record(stream(1), DONE, e.ReportedBack(at=AT))
    world.project()
    [row] = orders(world)
    assert (row.valid, row.done, row.step, row.reported_back) == (True, True, "done", True)
    assert (row.id, row.version, row.position, row.recorded) == (stream(1), 9, 9, 1)
    assert (row.day, row.month, row.tables, row.gold_card) == (date(2026, 3, 31), "2026-03", 2, True)


@pytest.mark.parametrize(
    ("events", "valid"),
    [
        ((DONE,), True),
        ((replace(DONE, seated=False),), False),
        ((e.Cancelled(at=AT, reason=sealed("ill")), replace(DONE, seated=False)), False),
        ((replace(DONE, missing=(OrderField.PHONE,)),), False),
        ((replace(DONE, wrong=(OrderField.PHONE,)),), False),
        (
            (
                replace(DONE, missing=(OrderField.PHONE,)),
                e.OrderCorrected(subject=SUBJECT, reason=sealed("here"), missing=(), wrong=()),
            ),
            True,
        ),
        (
            (
                e.Cancelled(at=AT, reason=sealed("ill")),
                replace(DONE, seated=False),
                e.OrderCorrected(subject=SUBJECT, reason=sealed("came"), seated=True, missing=(), wrong=()),
            ),
            True,
        ),
    ],
)
def test_an_order_is_valid_as_the_domain_says_w_1(world: World, events: tuple[Event, ...], valid: bool) -> None:  # noqa: FBT001
    world.record(stream(1), ENTERED, *events)
    world.project()
    [row] = orders(world)
    fact = ORDER.fold((ENTERED, *events)).fact()
    assert fact is not None
    assert row.valid == fact.valid == valid


def test_a_corrected_order_moves_to_its_day_and_agent(world: World) -> None:
    moved = e.OrderCorrected(
        subject=SUBJECT,
        reason=sealed("the day after"),
        at=AT + timedelta(minutes=1),
        agent=A2,
        merchant="m2",
        signed=False,
        recommended=False,
    )
    world.record(stream(1), ENTERED, moved)
    world.project()
    [row] = orders(world, month=APRIL, agent=A2)
    assert (row.day, row.month, row.merchant) == (date(2026, 4, 1), "2026-04", "m2")
    assert (row.signed, row.recommended, row.step) == (False, False, "entered")
    assert orders(world, month=MARCH) == orders(world, agent=A1) == []


def test_orders_by_page_month_and_agent(world: World) -> None:
    for number in range(1, 6):
        world.record(stream(number), replace(ENTERED, agent=A1 if number % 2 else A2))
    world.record(stream(6), replace(ENTERED, agent=A3, follow_up=A1))
    world.record(stream(1), DONE)
    world.project()

    def page(after: int | None) -> tuple[list[UUID], str | None]:
        found = asked(world, lambda connection: w.listed(connection, ORDERS, w.FactFilters(), after, 4))
        return [row.id for row in found.items], found.next

    first, following = page(None)
    assert first == [stream(6), stream(5), stream(4), stream(3)]
    assert following is not None
    assert page(int(following)) == ([stream(2), stream(1)], None)
    assert [row.id for row in orders(world, agent=A2)] == [stream(4), stream(2)]
    assert [row.id for row in orders(world, sight=A1)] == [stream(6), stream(5), stream(3), stream(1)]
    assert orders(world, sight=A2, agent=A1) == []


def test_recommended_orders_are_counted_by_agent(world: World) -> None:
    """B-RECOMMEND: valid, recommended, of the month, not steered, not withdrawn."""
    counted = (ENTERED, DONE)
    not_counted: list[tuple[Event, ...]] = [
        (ENTERED,),
        (replace(ENTERED, recommended=False), DONE),
        (replace(ENTERED, steered=True), DONE),
        (replace(ENTERED, at=AT + timedelta(minutes=1)), DONE),
        (ENTERED, replace(DONE, seated=False)),
        (ENTERED, DONE, e.OrderWithdrawn(reason=sealed("twice"))),
    ]
    other = (replace(ENTERED, agent=A2), DONE)
    for number, history in enumerate((counted, counted, other, *not_counted)):
        world.record(stream(number + 1), *history)
    world.project()
    assert asked(world, lambda connection: w.recommended_counts(connection, MARCH)) == {A1: 2, A2: 1}
    assert asked(world, lambda connection: w.recommended_counts(connection, APRIL)) == {A1: 1}
    assert asked(world, w.months_with_monthly_facts) == [MARCH, APRIL]


# ---- all other facts ------------------------------------------------------------------------------------------------
def test_callbacks_are_counted_when_reached_and_added_to_what_was_counted_elsewhere(world: World) -> None:
    """W-2: for each agent with any callback in the month."""
    made = e.CallbackMade(agent=A1, at=AT, reached=True, member_name=sealed("name"))
    tallied = e.CallbacksTallied(agent=A1, month=MARCH, count=70, full_weeks=3)
    world.record(stream(1), made)
    world.record(stream(2), made)
    world.record(stream(3), made, e.FactWithdrawn(reason=sealed("twice")))
    world.record(stream(4), replace(made, reached=False))
    world.record(stream(5), replace(made, at=AT + timedelta(minutes=1)))
    world.record(stream(6), replace(made, agent=A2, reached=False))
    world.record(tally_id(A1, MARCH), replace(tallied, count=7), replace(tallied, reason=sealed("misread")))
    world.project()
    assert asked(world, lambda connection: w.tallies(connection, MARCH)) == [
        MemberCallbacks(month=MARCH, agent=A1, count=72, full_weeks=3),
        MemberCallbacks(month=MARCH, agent=A2, count=0),
    ]
    assert asked(world, lambda connection: w.tallies(connection, APRIL)) == [
        MemberCallbacks(month=APRIL, agent=A1, count=1)
    ]
    assert asked(world, w.months_with_monthly_facts) == [MARCH, APRIL]
    assert all("member_name" not in row.data for row in facts(world, kind="member-callbacks"))


def test_exams_are_exact_and_corrected_ones_count_once_w_3(world: World) -> None:
    world.record(exam_id(A1, MARCH), replace(EXAM, typing=Decimal(1)), replace(EXAM, reason=sealed("misread")))
    world.record(exam_id(A2, MARCH), replace(EXAM, agent=A2), e.FactWithdrawn(reason=sealed("not theirs")))
    withdrawn_and_taken = (EXAM, e.FactWithdrawn(reason=sealed("not theirs")), EXAM)
    world.record(exam_id(A3, MARCH), *(replace(one, agent=A3) if one is EXAM else one for one in withdrawn_and_taken))
    world.project()
    scores = {"typing": Decimal(80), "knowledge": Decimal("92.5"), "service": Decimal(100)}
    assert asked(world, lambda connection: w.exams(connection, MARCH)) == [
        Exam(month=MARCH, agent=A1, **scores),
        Exam(month=MARCH, agent=A3, **scores),
    ]
    assert asked(world, lambda connection: w.exams(connection, APRIL)) == []
    rows = {row.agent: row for row in facts(world, kind="exams")}
    assert (rows[A1].recorded, rows[A1].version, rows[A2].withdrawn, rows[A3].withdrawn) == (1, 2, True, False)


def test_missed_calls_and_phone_faults_of_a_stretch_of_time(world: World) -> None:
    """W-4, W-5: start ≤ at < end."""
    end = AT + timedelta(hours=1)
    world.record(stream(1), e.MissedCallLogged(at=AT))
    world.record(stream(2), e.PhoneFaultReported(at=end - timedelta(seconds=1)))
    world.record(stream(3), e.MissedCallLogged(at=end))
    world.record(stream(4), e.MissedCallLogged(at=AT - timedelta(seconds=1)))
    world.record(stream(5), e.MissedCallLogged(at=AT), e.FactWithdrawn(reason=sealed("a test")))
    world.project()
    assert asked(world, lambda connection: w.calls_missed(connection, AT, end)) == [stream(1), stream(2)]


def test_conduct_reports_of_a_case_w_6(world: World) -> None:
    reported = e.ConductReported(agent=A1, at=AT, code=ConductKind.HUNG_UP, case=CASE, words=sealed("words"))
    world.record(stream(1), reported, e.ConductConfirmed(by=None), e.ConductDismissed(reason=sealed("no")))
    world.record(stream(2), replace(reported, case=None))
    world.record(stream(3), reported, e.ConductConfirmed(by=None))
    world.project()
    assert asked(world, lambda connection: w.conduct_of_case(connection, CASE)) == [stream(1), stream(3)]
    rows = {row.id: row for row in facts(world, kind="conduct-reports")}
    assert [rows[stream(number)].status for number in (1, 2, 3)] == ["dismissed", "reported", "confirmed"]
    assert (rows[stream(1)].case_id, rows[stream(1)].data) == (UUID(CASE), {"code": "hung_up"})


def test_a_review_has_the_scores_that_hold_w_8(world: World) -> None:
    scores = (e.Score(item="greeting", score=Decimal("90.5")),)
    world.record(
        stream(1),
        e.ReviewScored(agent=A1, at=AT, form="default-1", scores=scores, total=Decimal("90.5"), words=sealed("so so")),
        e.ReviewDisputed(reason=sealed("no")),
        e.ReviewAnswered(words=sealed("right"), scores=(replace(scores[0], score=Decimal(91)),), total=Decimal(91)),
    )
    world.project()
    [row] = facts(world)
    assert (row.status, row.agent, row.month) == ("answered", A1, "2026-03")
    assert row.data == {
        "form": "default-1",
        "scores": [{"item": "greeting", "score": "91"}],
        "failed": [],
        "total": "91",
    }


def test_facts_are_seen_by_whom_they_concern(world: World) -> None:
    shortage = e.PointsShortageFound(at=AT, order_agent=A1, duty_agent=A2, points=3)
    call = e.CallRecorded(began_at=AT, rings=1, ended_at=AT + timedelta(minutes=5), kind=CallKind.OTHER, agent=A3)
    summary = e.SummaryHandedIn(agent=A3, week=date(2026, 3, 30), words=sealed("words"))
    world.record(stream(1), shortage)
    world.record(stream(2), call)
    world.record(stream(3), e.MissedCallLogged(at=AT))
    world.record(stream(4), summary)
    world.project()

    def seen(by: AgentId) -> list[str]:
        return [row.kind for row in facts(world, sight=by)]

    assert seen(A1) == seen(A2) == ["missed-calls", "points-shortages"]
    assert seen(A3) == ["callback-summaries", "missed-calls", "calls"]
    assert [row.kind for row in facts(world, agent=A2)] == ["points-shortages"]
    assert [(row.at, row.month) for row in facts(world, agent=A3)] == [(None, "2026-03"), (AT, "2026-03")]


def test_facts_made_again_from_the_log_are_the_same(world: World) -> None:
    world.record(stream(1), ENTERED, *COURSE, DONE, e.ReportedBack(at=AT))
    world.record(exam_id(A1, MARCH), EXAM, replace(EXAM, reason=sealed("again")))
    views = (w.Orders(), w.WorkFacts())
    world.project(views, batch=2)
    before = everything(world, views)
    assert all(before.values())
    asyncio.run(rebuild(world.dsn, world.keyring, views))
    assert everything(world, views) == before
