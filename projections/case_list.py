"""Questions to the inbox: cases by filter and words, a page at a time, and one case."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any
from unicodedata import normalize
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from domain.case.words import Channel, ComplaintType, CustomerClass, Severity, Status
from domain.kernel import Malformed
from domain.values import AgentId, SubjectId
from projections import search
from projections.case_inbox import CASES, CaseRow
from projections.case_then import Then, clocks_then, moment_of, one_look, rows_then
from projections.clocks import CASES as CLOCKS
from projections.masks import mask, mask_card, mask_name, mask_phone
from projections.view import Page, table


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilters:
    """What `GET /cases` asks for; None and () ask for everything. A period ends before its end."""

    status: tuple[Status, ...] = ()
    owner: AgentId | None = None
    handler: AgentId | None = None
    team: str | None = None
    customer_class: CustomerClass | None = None
    severity: Severity | None = None
    type: ComplaintType | None = None
    channel: Channel | None = None
    merchant: str | None = None
    customer: SubjectId | None = None
    overdue: bool | None = None
    on_site: bool | None = None
    escalated: bool | None = None
    due_before: datetime | None = None
    received_from: datetime | None = None
    received_to: datetime | None = None
    q: str | None = None


@dataclass(frozen=True, slots=True)
class Sight:
    """What an agent may see: the cases of the own team, those of nobody's team yet, and those owned or handled."""

    agent: AgentId
    team: str | None


@dataclass(frozen=True, slots=True)
class CaseItem:
    """A case of a list: its row, when something is owed next, and who complains of what, in clear text."""

    row: CaseRow
    due_at: datetime | None
    overdue: bool
    name: str | None
    phone: str | None
    card_no: str | None
    place: str | None
    narrative: str | None

    def masked(self) -> "CaseItem":
        """The same for eyes that need not know who it is."""
        return replace(
            self,
            name=mask_name(self.name),
            phone=mask_phone(self.phone),
            card_no=mask_card(self.card_no),
            place=mask(self.place),
            narrative=mask(self.narrative),
        )


class BadCursor(Malformed):
    """`after` is not what an earlier page gave as `next`."""


_CLEAR = ("number", "external_ref", "order_ref")
_EQUAL = ("owner", "handler", "team", "customer_class", "severity", "type", "channel", "merchant")
_SELECT = SQL("""
    SELECT to_json(c)::text, k.due_at, p.name, p.phone, p.card_no, p.place, p.narrative
    FROM {} c JOIN private.case_inbox_2 p USING (id) LEFT JOIN {} k USING (id)
    WHERE {} ORDER BY c.on_top DESC, c.received_at DESC, c.id DESC LIMIT {}""")
_COUNT = SQL("""
    SELECT count(*) FROM (
        SELECT 1 FROM {} c JOIN private.case_inbox_2 p USING (id) LEFT JOIN {} k USING (id)
        WHERE {} LIMIT {}) AS found""")
Among = tuple[Composable, Composable]
"""Where the cases are looked for, and their clocks."""
_NOW: Among = SQL("read.case_inbox_2"), SQL("read.case_clocks_2")
_THEN = SQL("""(
    SELECT * FROM {0} WHERE {1} <= {2} UNION ALL SELECT * FROM json_populate_recordset(NULL::{0}, {3}::json))""")


def query(
    filters: CaseFilters,
    now: datetime,
    *,
    after: str | None = None,
    limit: int = 50,
    sight: Sight | None = None,
    opened: bool = False,
    among: Among = _NOW,
) -> Composed:
    """The statement behind `list_cases`, which gives one row more than the page where another page follows."""
    conditions = _asked(filters, now, sight, opened=opened)
    if after:
        conditions.append(SQL("(c.on_top, c.received_at, c.id) < ({}, {}, {})").format(*map(Literal, _decoded(after))))
    return _SELECT.format(*among, SQL(" AND ").join(conditions), Literal(limit + 1))


async def list_cases(
    connection: AsyncConnection[Any],
    filters: CaseFilters,
    now: datetime,
    *,
    after: str | None = None,
    limit: int = 50,
    sight: Sight | None = None,
    opened: bool = False,
    then: Then | None = None,
) -> Page[CaseItem]:
    """A page of cases: guests still at the table first (C-17), then the latest received. Raises BadCursor.

    now: what "overdue" is measured against, unless `then` asks for the cases as they stood at a position of the log or
    a moment of recording (A-2). sight: whose eyes these are, where they may not see everything. opened: whether
    they may see personal data; to others a hit of `q` would tell what is masked, so that for them it finds only by the
    beginning of the case's number or of a reference, and by its id (A-4).
    """
    asked = partial(query, filters, after=after, limit=limit, sight=sight, opened=opened)
    if then is None:
        return await _page(connection, asked(now), now, limit)
    async with one_look(connection):
        among, now = await _as_they_stood(connection, then), await moment_of(connection, then) or now
        return await _page(connection, asked(now, among=among), now, limit)


async def count_cases(
    connection: AsyncConnection[Any],
    filters: CaseFilters,
    now: datetime,
    most: int,
    *,
    sight: Sight | None = None,
    opened: bool = False,
) -> int:
    """How many cases `list_cases` would list, counted no further than `most`."""
    asked = SQL(" AND ").join(_asked(filters, now, sight, opened=opened))
    row = await (await connection.execute(_COUNT.format(*_NOW, asked, Literal(most)))).fetchone()
    return int(row[0]) if row else 0


async def _page(connection: AsyncConnection[Any], asked: Composed, now: datetime, limit: int) -> Page[CaseItem]:
    rows = await (await connection.execute(asked)).fetchall()
    items = [_item(row, now) for row in rows[:limit]]
    return Page(items, _encoded(items[-1].row) if len(rows) > limit else None)


async def _as_they_stood(connection: AsyncConnection[Any], then: Then) -> Among:
    cases, clocks = CASES.encode(await rows_then(connection, then)), CLOCKS.encode(await clocks_then(connection, then))
    return _then(CASES.name, then, cases), _then(CLOCKS.name, then, clocks)


def _then(name: str, then: Then, changed: str) -> Composable:
    column = Identifier("last_at" if isinstance(then, datetime) else "position")
    return _THEN.format(table(name), column, Literal(then), Literal(changed))


def _item(row: tuple[Any, ...], now: datetime) -> CaseItem:
    case, due_at, *private = row
    return CaseItem(CASES.decode(case), due_at, due_at is not None and due_at < now, *private)


# ---- conditions -----------------------------------------------------------------------------------------------------
def _asked(filters: CaseFilters, now: datetime, sight: Sight | None, *, opened: bool) -> list[Composable]:
    conditions = [SQL("true"), *_conditions(filters, now)]
    if filters.q:
        conditions.append(_found(filters.q, opened=opened))
    if sight:
        conditions.append(_visible(sight))
    return conditions


def _conditions(filters: CaseFilters, now: datetime) -> Iterable[Composable]:
    for name in _EQUAL:
        if (value := getattr(filters, name)) is not None:
            yield SQL("c.{} = {}").format(Identifier(name), Literal(str(value)))
    if filters.status:
        yield SQL("c.status = ANY ({})").format(Literal([str(status) for status in filters.status]))
    if filters.escalated is not None:
        yield SQL("c.escalated = {}").format(Literal(filters.escalated))
    if filters.customer is not None:
        yield SQL("c.subject = {}").format(Literal(filters.customer))
    if filters.on_site is not None:
        yield SQL("c.on_site = {}").format(Literal(filters.on_site))
    if filters.overdue is not None:
        overdue = SQL("k.due_at < {}").format(Literal(now))
        yield overdue if filters.overdue else SQL("({}) IS NOT TRUE").format(overdue)
    yield from _times(filters)


def _times(filters: CaseFilters) -> Iterable[Composable]:
    if filters.due_before:
        yield SQL("k.due_at < {}").format(Literal(filters.due_before))
    if filters.received_from:
        yield SQL("c.received_at >= {}").format(Literal(filters.received_from))
    if filters.received_to:
        yield SQL("c.received_at < {}").format(Literal(filters.received_to))


def _visible(sight: Sight) -> Composable:
    return SQL("(c.team IS NULL OR c.team = {0} OR c.owner = {1} OR c.handler = {1})").format(
        Literal(sight.team), Literal(sight.agent)
    )


def _found(query: str, *, opened: bool) -> Composable:
    case = _case_id(query)
    if case:
        return SQL("c.id = {}").format(Literal(case))
    return SQL(" AND ").join(_any_way(ways) for ways in search.wanted(query)) if opened else _in_the_clear(query)


def _in_the_clear(query: str) -> Composable:
    begun = normalize("NFKC", query).strip()
    if not begun:
        return SQL("false")
    pattern = Literal(re.sub(r"([\\%_])", r"\\\1", begun) + "%")
    each = [SQL("lower(c.{}) LIKE lower({})").format(Identifier(name), pattern) for name in _CLEAR]
    return SQL("({})").format(SQL(" OR ").join(each))


def _any_way(ways: list[search.Wanted]) -> Composable:
    """LIKE, not position(): the planner knows that a long pattern matches few rows.

    Normalised text has no sign that means something in a pattern but `_`, and each word is compared by the index.
    """
    met = SQL("p.words @@ {}::tsquery AND p.search LIKE {}")
    each = [met.format(Literal(way.words), Literal(f"%{way.text}%")) for way in ways]
    return SQL("({})").format(SQL(" OR ").join(each)) if each else SQL("false")


def _case_id(query: str) -> UUID | None:
    try:
        return UUID(query.strip())
    except ValueError:
        return None


# ---- the cursor -----------------------------------------------------------------------------------------------------
def _encoded(row: CaseRow) -> str:
    key = json.dumps([row.on_top, row.received_at.isoformat(), str(row.id)])
    return urlsafe_b64encode(key.encode()).decode().rstrip("=")


def _decoded(after: str) -> tuple[bool, datetime, UUID]:
    try:
        on_top, received_at, case = json.loads(urlsafe_b64decode(after + "=" * (-len(after) % 4)))
        return bool(on_top), datetime.fromisoformat(received_at).astimezone(UTC), UUID(case)
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise BadCursor("after is not what a page gave as next: begin without it", pointer="/after") from error
