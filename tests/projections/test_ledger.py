"""The ledgers as rows: every line as its voucher has it, whatever has happened to it (L-6)."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, replace
from random import Random
from typing import Any, TypeVar
from uuid import UUID, uuid5

import pytest
from psycopg import AsyncConnection

from application.matters import LineRef
from application.statements import Wages, opened
from application.streams import account_stream, payroll_stream, wage_stream
from domain.kernel import Event
from domain.ledger import events as e
from domain.ledger.lines import Kind
from domain.ledger.voucher import AppealState, Entry, Voucher
from domain.payroll import events as p
from domain.payroll import wage_events
from domain.payroll.settlement import Sums
from domain.values import AgentId, Month
from projections import ledger_lists
from projections.directory import Directory
from projections.ledger import Ledger as LedgerView
from projections.ledger import LineRow
from projections.ledger_book import LedgerBook
from projections.ledger_lists import LineFilters, LineSight
from projections.rebuild import rebuild
from projections.wages import WagesView
from tests.projections.projecting import World, everything
from tests.support.ledger_books import MATTERS, Books, standing, walk
from tests.support.ledgers import (
    A1,
    A2,
    APRIL,
    CAUSES,
    MARCH,
    MAY,
    PENALTY,
    S1,
    S2,
    appealed,
    confirmed,
    decided,
    dismissed,
    earned,
    proposed,
    upheld_reversal,
)

T = TypeVar("T")
LEDGERS = (LedgerView(),)
VIEWS = (*LEDGERS, WagesView(), Directory())
SPACE = UUID("00000000-0000-4000-8000-00000000000f")
WALKS = range(14)


def asked(world: World, question: Callable[[AsyncConnection[Any]], Awaitable[T]]) -> T:
    async def ask() -> T:
        async with await AsyncConnection.connect(world.dsn, autocommit=True) as connection:
            return await question(connection)

    return asyncio.run(ask())


def book(world: World, question: Callable[[LedgerBook], Awaitable[T]]) -> T:
    def connecting() -> AbstractAsyncContextManager[AsyncConnection[Any]]:
        return _Connected(world.dsn)

    async def ask() -> T:
        return await question(LedgerBook(connecting))

    return asyncio.run(ask())


class _Connected:
    """A connection of its own for every question."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn

    async def __aenter__(self) -> AsyncConnection[Any]:
        self._connection = await AsyncConnection.connect(self._dsn, autocommit=True)
        return self._connection

    async def __aexit__(self, *_: object) -> None:
        await self._connection.close()


def rows(world: World, **filters: Any) -> list[LineRow]:
    wanted = LineFilters(**filters)
    return asked(world, lambda connection: ledger_lists.lines(connection, wanted, None, limit=500)).items


def row(world: World, stream: UUID, number: int) -> LineRow:
    found = asked(world, lambda connection: ledger_lists.line(connection, str(LineRef(stream, number)), None))
    assert found is not None
    return found


# ---- as the domain has it -------------------------------------------------------------------------------------------
def stream_of(name: str, walked: int) -> UUID:
    return uuid5(SPACE, f"{walked}:{name}")


def record(world: World, books: Books, walked: int) -> None:
    """Write a walk into the log; what comes late names its line by the id it has there."""
    for name, event in books.recorded:
        world.record(stream_of(name, walked), _placed(event, walked))


def _placed(event: Event, walked: int) -> Event:
    if not isinstance(event, p.Moved):
        return event
    matter, _, number = event.line.rpartition(".")
    return replace(event, line=str(LineRef(stream_of(matter, walked), int(number))))


def told(line: LineRow) -> dict[str, object]:
    """What row and entry have in common."""
    return {
        "agent": line.agent,
        "code": line.code,
        "amount_fen": line.amount_fen,
        "grave": line.grave,
        "occurred_on": line.occurred_on,
        "month": line.month,
        "posted_month": line.posted_month,
        "status": line.status,
        "confirmed_by": line.confirmed_by,
        "confirmed_on": line.confirmed_on,
        "reverses": line.reverses,
        "reversed_by": line.reversed_by,
        "in_place_of": line.in_place_of,
        "appeals": line.appeals,
        "appeal": line.appeal,
    }


def expected(entry: Entry, stream: UUID) -> dict[str, object]:
    def named(number: int | None) -> str | None:
        return str(LineRef(stream, number)) if number else None

    last = entry.appeals[-1] if entry.appeals else None
    return {
        "agent": entry.agent,
        "code": entry.code,
        "amount_fen": entry.amount_fen,
        "grave": entry.grave,
        "occurred_on": entry.occurred_on,
        "month": str(entry.month),
        "posted_month": str(entry.posted_month) if entry.posted_month else None,
        "status": entry.status,
        "confirmed_by": entry.confirmed_by,
        "confirmed_on": entry.confirmed_on,
        "reverses": named(entry.reverses),
        "reversed_by": named(entry.reversed_by),
        "in_place_of": named(entry.in_place_of),
        "appeals": len(entry.appeals),
        "appeal": None if last is AppealState.WITHDRAWN else last,
    }


@pytest.mark.parametrize("batch", [1, 7, 2_000])
def test_every_line_is_as_its_voucher_has_it_and_rebuilt_the_same_l_6(world: World, batch: int) -> None:
    walks = {walked: walk(Random(walked), steps=90) for walked in WALKS}  # noqa: S311  no secret
    for walked, books in walks.items():
        record(world, books, walked)
    world.project(VIEWS, batch)
    for walked, books in walks.items():
        for matter in MATTERS:
            stream, voucher = stream_of(matter, walked), books.voucher(matter)
            found = {number: told(row(world, stream, number)) for number in voucher.entries}
            assert found == {number: expected(entry, stream) for number, entry in voucher.entries.items()}
    check_sums(world, list(walks.values()))
    check_statements(world, list(walks.values()))
    live = everything(world, LEDGERS)
    assert all(live.values())
    asyncio.run(rebuild(world.dsn, world.keyring, VIEWS))
    assert everything(world, LEDGERS) == live


def check_sums(world: World, walks: list[Books]) -> None:
    """What the statements ask of many lines at once, against a plain count of the events."""
    counted: dict[tuple[AgentId, Month], Counter[str]] = {}
    for books in walks:
        for key, sums in standing(books.recorded).items():
            counted.setdefault(key, Counter()).update(asdict(sums))
    for month in {month for _, month in counted}:
        found = book(world, lambda asked, month=month: asked.sums(month))  # type: ignore[misc]
        assert found == {agent: Sums(**fen) for (agent, at), fen in counted.items() if at == month}


def check_statements(world: World, walks: list[Books]) -> None:
    """The row of a month and agent is the statement drawn last; with what came late the next one opens."""
    last, late = walks[-1], Counter[tuple[AgentId, Month]]()
    for event in [event for books in walks for _, event in books.recorded if isinstance(event, p.OpeningChanged)]:
        late[event.agent, event.home.before] -= event.change_fen
    assert any(late[of] for of in last.statements)
    for (agent, month), stated in last.statements.items():
        asked_for = (month, agent, None)
        found = asked(world, lambda connection, of=asked_for: ledger_lists.statement_now(connection, *of))  # type: ignore[misc]
        assert found is not None
        assert found.drawn is not None
        assert found.drawn.stated == stated
        sums = book(world, lambda asked, month=month: asked.sums(month))  # type: ignore[misc]
        before = book(world, lambda asked, month=month: asked.carried(month.before))  # type: ignore[misc]
        assert found.sums == opened(sums, before).get(agent)
        carried = book(world, lambda asked, month=month: asked.carried(month))  # type: ignore[misc]
        assert carried.get(agent, 0) == stated.carried_fen + late[agent, month]


def test_a_walk_has_been_everywhere() -> None:
    """Else the comparison above would say little."""
    kinds = {type(event) for walked in WALKS for _, event in walk(Random(walked), steps=90).recorded}  # noqa: S311
    ledger = {e.Earned, e.Proposed, e.GraveChanged, e.Confirmed, e.Dismissed, e.Lapsed, e.Reversed, e.Deferred}
    appeals = {e.Appealed, e.AppealWithdrawn, e.AppealDecided}
    months = {p.Offset, p.MonthEnded, p.MonthFrozen, p.StatementsDrawn, p.MonthClosed, p.Stated, p.OpeningChanged}
    assert kinds == ledger | appeals | months
    vouchers: list[Voucher] = [
        voucher
        for walked in WALKS
        for voucher in walk(Random(walked), steps=90).vouchers.values()  # noqa: S311  no secret
    ]
    entries = [entry for voucher in vouchers for entry in voucher.entries.values()]
    assert any(entry.in_place_of for entry in entries)
    assert any(entry.reverses and entry.confirmed_by for entry in entries)


# ---- causes ---------------------------------------------------------------------------------------------------------
def test_what_follows_from_an_appeal_is_caused_by_its_decision_l_1(world: World) -> None:
    partly = decided(verdict=e.Verdict.PARTLY, reduced_to_fen=300)
    left = proposed(3, line=replace(PENALTY, amount_fen=-300), causes=(), in_place_of=1)
    stream = stream_of("case", 0)
    world.record(stream, proposed(), confirmed(), appealed(), partly, upheld_reversal(), left, confirmed(3, by=S2))
    world.project(VIEWS)
    decision = (e.Cause(position=4, type="ledger.appeal_decided"),)
    assert [row(world, stream, number).causes for number in (1, 2, 3)] == [CAUSES, decision, decision]
    assert row(world, stream, 3).in_place_of == str(LineRef(stream, 1))


def test_an_offset_has_the_causes_of_its_line_and_none_of_nothing_is_shown_l_4(world: World) -> None:
    stream, account = stream_of("order", 0), account_stream(A1, MARCH).id
    offset = p.Offset(
        number=1,
        line=str(LineRef(stream, 1)),
        agent=A1,
        home=MARCH,
        kind=Kind.BONUS,
        change_fen=20,
        amount_fen=-5,
        occurred_on=earned().occurred_on,
        tariff="default-1",
        explanation=earned().explanation,
        causes=(),
        posted_month=APRIL,
    )
    world.record(stream, earned(posted=APRIL))
    world.record(account, offset, replace(offset, number=2, amount_fen=0))
    world.project(VIEWS)
    [line] = [one for one in rows(world, month=APRIL) if one.code == "B-OFFSET"]
    assert (line.amount_fen, line.kind, line.status, line.causes) == (-5, Kind.BONUS, "earned", CAUSES)
    assert (line.month, line.posted_month, line.entry_id) == ("2026-03", "2026-04", str(LineRef(account, 1)))


# ---- questions ------------------------------------------------------------------------------------------------------
def test_the_first_month_is_the_earliest_with_a_line_that_may_count(world: World) -> None:
    world.project(VIEWS)
    assert book(world, lambda asked: asked.first_month()) is None
    world.record(stream_of("gone", 0), proposed(line=replace(PENALTY, occurred_on=MARCH.before.last_day)), dismissed())
    world.record(stream_of("late", 0), earned(posted=MAY))
    world.project(VIEWS)
    assert book(world, lambda asked: asked.first_month()) == MAY
    world.record(stream_of("open", 0), proposed())
    world.project(VIEWS)
    assert book(world, lambda asked: asked.first_month()) == MARCH


def test_a_month_is_cut_where_it_was_frozen_and_wages_are_those_recorded(world: World) -> None:
    payroll = payroll_stream().id
    world.record(stream_of("order", 0), earned())
    world.record(payroll, p.MonthEnded(month=MARCH), p.MonthFrozen(month=MARCH, by=S1))
    recorded = wage_events.Recorded(agent=A1, month=MARCH, gross_fen=500_000, minimum_wage_fen=None)
    world.record(wage_stream(A1, MARCH).id, recorded)
    world.project(VIEWS)
    assert book(world, lambda asked: asked.cut_of(MARCH)) == 3
    assert book(world, lambda asked: asked.cut_of(APRIL)) is None
    assert book(world, lambda asked: asked.wages(MARCH)) == {A1: Wages(500_000, None)}
    assert book(world, lambda asked: asked.wages(APRIL)) == {}
    assert book(world, lambda asked: asked.carried(MARCH)) == {}


def test_months_with_lines_or_decisions_are_listed_newest_first(world: World) -> None:
    world.record(stream_of("order", 0), earned(), earned(2, posted=MAY))
    world.record(payroll_stream().id, p.MonthFrozen(month=MARCH.before, by=S1))
    world.project(VIEWS)

    def page(after: str | None) -> tuple[list[str], str | None]:
        found = asked(world, lambda connection: ledger_lists.months(connection, after, 2))
        return [one.month for one in found.items], found.next

    assert page(None) == (["2026-05", "2026-03"], "2026-03")
    assert page("2026-03") == (["2026-02"], None)


def test_statement_lines_are_those_posted_as_they_stood_then(world: World) -> None:
    """A line taken back, or contested, later is shown as before: so a closed month's bytes stay."""
    stream = stream_of("case", 0)
    world.record(stream, proposed(), confirmed(), proposed(2, line=replace(PENALTY, ref="order 8")))
    world.project(VIEWS)

    def lines() -> bytes:
        return asked(world, lambda connection: ledger_lists.statement_lines(connection, MARCH, A1))

    before = lines()
    assert before.count(b"entry_id") == 1
    world.record(stream, appealed(), decided(), upheld_reversal(3, posted=APRIL))
    world.project(VIEWS)
    assert lines() == before
    assert asked(world, lambda connection: ledger_lists.statement_lines(connection, MARCH, A2)) == b"[]"


def test_own_and_team_lines_are_seen(world: World) -> None:
    stream = stream_of("order", 0)
    world.record(stream, earned(), earned(2, line=replace(PENALTY, agent=A2)))
    world.project()

    def seen(sight: LineSight) -> set[str]:
        found = asked(world, lambda connection: ledger_lists.lines(connection, LineFilters(), sight))
        agents = asked(world, lambda connection: ledger_lists.seen(connection, sight, [A1, A2]))
        assert agents == {line.agent for line in found.items}
        return {line.agent for line in found.items}

    assert seen(LineSight(A1, own_only=True)) == {A1}
    assert seen(LineSight(S1)) == {A1, A2}
    assert seen(LineSight(A2, team="t1")) == {A2}
