"""What the API lists, read from the projections and put into plain JSON types."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from adapters.postgres.pool import Pool
from adapters.webhooks import deliveries
from adapters.webhooks.deliveries import Delivery
from application.envelope import written
from application.matters import LineRef
from application.notice_policies import shipped as notice_policy
from domain.ledger.decisions import last_day_to_appeal
from domain.ledger.lines import Kind
from domain.shift.shift import Shift, roster_of
from domain.values import Actor, AgentId, Month, Role
from projections import directory, ledger_lists, notices, roster, subjects, wages, webhooks, work_facts, work_rows
from projections.case_list import CaseFilters, CaseItem, Sight, count_cases, list_cases
from projections.case_then import Then, one_look
from projections.causes import CauseSeen, causes_at
from projections.complaint_analysis import Part, parts
from projections.directory import AGENTS, DEPARTMENTS, MERCHANTS, TEAMS, Entry, Shelf, agent_names
from projections.indicators import Counts, Period, counted
from projections.ledger import LineRow
from projections.ledger_lists import LineFilters, LineSight
from projections.ledger_then import line_then, lines_then
from projections.recurring import recurring
from projections.view import Page
from projections.worklist import worklist
from projections.workload import loads

_SHELVES: Mapping[str, Shelf[Any]] = {
    "agents": AGENTS,
    "teams": TEAMS,
    "merchants": MERCHANTS,
    "departments": DEPARTMENTS,
}
_INTERNAL = ("asked", "on_top", "stream")
Items = tuple[Sequence[dict[str, Any]], str | None]


class ProjectedLists:
    """Implements adapters.http.parts.Lists."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def cases(
        self, *, actor: Actor, now: datetime, opened: bool, then: Then | None, filters: dict[str, Any]
    ) -> Items:
        """A page of the cases within the actor's reach, with personal data opened or masked."""
        after, limit = filters.pop("after"), filters.pop("limit")
        wanted = CaseFilters(**{**filters, "status": tuple(filters["status"])})
        async with self._pool.connection() as connection:
            page = await list_cases(
                connection, wanted, now, after=after, limit=limit, sight=_sight(actor), opened=opened, then=then
            )
        return [_case(item if opened else item.masked()) for item in page.items], page.next

    async def counted(self, *, actor: Actor, now: datetime, opened: bool, most: int, filters: dict[str, Any]) -> int:
        """How many cases a page would be of, counted no further than `most`."""
        wanted = CaseFilters(**{**filters, "status": tuple(filters["status"])})
        async with self._pool.connection() as connection:
            return await count_cases(connection, wanted, now, most, sight=_sight(actor), opened=opened)

    async def masters(self, kind: str, after: str | None, limit: int) -> Items:
        """A page of agents, teams, merchants or departments in the order of their ids."""
        async with self._pool.connection() as connection:
            page = await directory.entries(connection, _SHELVES[kind], after, limit)
            names = await agent_names(connection, [row.id for row in page.items]) if kind == "agents" else {}
        return [_entry(row, names) for row in page.items], page.next

    async def master(self, kind: str, key: str) -> dict[str, Any] | None:
        """One of them; None where there is none."""
        async with self._pool.connection() as connection:
            row = await directory.entry(connection, _SHELVES[kind], key)
            names = await agent_names(connection, [AgentId(key)]) if kind == "agents" else {}
        return _entry(row, names) if row else None

    async def lines(
        self, filters: LineFilters, sight: LineSight | None, after: str | None, limit: int, then: Then | None = None
    ) -> Page[LineRow]:
        """A page of ledger lines that one may see; as they stood then, where the filters name an agent or a month."""
        async with self._pool.connection() as connection:
            if then is None:
                return await ledger_lists.lines(connection, filters, sight, after, limit)
            async with one_look(connection):
                return await lines_then(connection, filters, sight, then, after, limit)

    async def line(self, entry_id: str, sight: LineSight | None, then: Then | None = None) -> LineRow | None:
        """A ledger line, as it stands or stood then; None where there is none that one may see. Raises NoSuchLine."""
        async with self._pool.connection() as connection:
            if then is None:
                return await ledger_lists.line(connection, entry_id, sight)
            async with one_look(connection):
                return await line_then(connection, entry_id, LineRef.parse(entry_id).voucher, sight, then)

    async def causes(self, row: LineRow) -> Sequence[CauseSeen]:
        """The events that caused a line, oldest first."""
        async with self._pool.connection() as connection:
            return await causes_at(connection, [cause.position for cause in row.causes])

    async def sees(self, sight: LineSight, agents: Collection[str]) -> set[str]:
        """Of these agents those whose lines one may see."""
        async with self._pool.connection() as connection:
            return await ledger_lists.seen(connection, sight, agents)

    async def shifts(self, filters: roster.ShiftFilters, after: UUID | None, limit: int) -> Items:
        """A page of shifts in the order of date and beginning."""
        async with self._pool.connection() as connection:
            page = await roster.shifts(connection, filters, after, limit)
        return [_shift(row) for row in page.items], page.next

    async def notices(self, reader: Actor, *, unread: bool | None, after: int | None, limit: int) -> Page[notices.Item]:
        """A page of somebody's notices, the latest first."""
        above = notice_policy().digest_above
        async with self._pool.connection() as connection:
            return await notices.listed(connection, reader, above, unread=unread, after=after, limit=limit)

    async def worklist(self, actor: Actor, now: datetime) -> dict[str, int]:
        """How much an actor has to do."""
        async with self._pool.connection() as connection:
            return asdict(await worklist(connection, actor, now))

    async def workload(self, team: str | None, now: datetime) -> Sequence[dict[str, Any]]:
        """What the agents of a team carry, or all of them."""
        async with self._pool.connection() as connection:
            found = await loads(connection, team, now)
            names = await agent_names(connection, [AgentId(load.agent) for load in found])
        return [msgspec.to_builtins(load) | {"name": names.get(AgentId(load.agent))} for load in found]

    async def counted_by(self, period: Period, begins: Sequence[date], team: str | None) -> Mapping[date, Counts]:
        """What the key indicators are made of, period by period."""
        async with self._pool.connection() as connection:
            return await counted(connection, period, begins, team)

    async def complaints_by(
        self, aspects: Collection[str], months: Sequence[Month], team: str | None
    ) -> Mapping[str, Sequence[Part]]:
        """The complaints received in some months, by each aspect."""
        async with self._pool.connection() as connection:
            return {aspect: await parts(connection, aspect, months, team) for aspect in aspects}

    async def recurring(self, today: date, days: int, least: int, team: str | None) -> Sequence[dict[str, Any]]:
        """What several customers complain of alike."""
        async with self._pool.connection() as connection:
            return [msgspec.to_builtins(one) for one in await recurring(connection, today, days, least, team)]

    async def meant(self, actor: Actor, item: str) -> Sequence[int]:
        """See application.notices.ToReader."""
        if "\x00" in item:
            return []
        async with self._pool.connection() as connection:
            return await notices.meant(connection, actor, item)

    async def subjects(self, filters: subjects.SubjectFilters, after: UUID | None, limit: int) -> Items:
        """A page of the persons of whom something was decided."""
        async with self._pool.connection() as connection:
            page = await subjects.subjects(connection, filters, after, limit)
        return [_person(row) for row in page.items], page.next

    async def wages(self, month: Month | None, agent: AgentId | None, after: str | None, limit: int) -> Items:
        """A page of wages by month and agent."""
        async with self._pool.connection() as connection:
            page = await wages.wages(connection, month, agent, after, limit)
        return [_plain(row) for row in page.items], page.next

    async def wage(self, key: str) -> dict[str, Any] | None:
        """One of them; None where there is none."""
        async with self._pool.connection() as connection:
            row = await wages.wage_of(connection, key)
        return _plain(row) if row else None

    async def is_wage(self, key: str) -> bool:
        """Whether there is a wage with this id."""
        return "\x00" not in key and await self.wage(key) is not None

    async def is_message(self, webhook: str, position: str) -> bool:
        """Whether a message goes to a webhook because of the event at a position."""
        if "\x00" in webhook + position:
            return False
        async with self._pool.connection() as connection:
            return await webhooks.is_message(connection, webhook, position)

    async def deliveries(self, webhook: str, after: int | None, limit: int) -> Page[Delivery]:
        """A page of the messages to a webhook, the latest first."""
        async with self._pool.connection() as connection:
            return await deliveries.listed(connection, UUID(webhook), after, limit)

    async def facts(self, filters: work_facts.FactFilters, after: int | None, limit: int) -> Items:
        """A page of orders, or of the facts of one kind, the last recorded first."""
        async with self._pool.connection() as connection:
            if filters.kind is None:
                orders = await work_facts.listed(connection, work_rows.ORDERS, filters, after, limit)
                return [_listed_fact(order) for order in orders.items], orders.next
            page = await work_facts.listed(connection, work_rows.FACTS, filters, after, limit)
        return [_listed_fact(row) for row in page.items], page.next


def _sight(actor: Actor) -> Sight | None:
    return Sight(actor.id, actor.team) if actor.role is Role.AGENT else None


def shown_line(row: LineRow) -> dict[str, Any]:
    """A ledger line in plain JSON types (contract parts 3 and 5)."""
    plain: dict[str, Any] = msgspec.to_builtins(row)
    del plain["appeals"], plain["decided_at"], plain["position"]
    last = last_day_to_appeal(row.confirmed_on) if row.confirmed_on and row.kind is Kind.PENALTY else None
    appealed = {"appeal_id": f"{row.entry_id}.{row.appeals}" if row.appeals else None}
    return plain | appealed | {"appeal_until": last.isoformat() if last else None}


def _listed_fact(row: object) -> dict[str, Any]:
    plain = {name: value for name, value in _plain(row).items() if name != "recorded"}
    return {"case" if name == "case_id" else name: value for name, value in plain.items()}


def _case(item: CaseItem) -> dict[str, Any]:
    customer = {"name": item.name, "phone": item.phone, "card_no": item.card_no}
    due_at = written(item.due_at) if item.due_at else None
    shown = {
        "due_at": due_at,
        "overdue": item.overdue,
        "customer": customer,
        "place": item.place,
        "narrative": item.narrative,
    }
    return _plain(item.row) | shown


def _entry(row: Entry, names: Mapping[str, str | None]) -> dict[str, Any]:
    return _plain(row) | ({"name": names[row.id]} if row.id in names else {})


def _plain(row: object) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(row)
    for name in _INTERNAL:
        plain.pop(name, None)
    return plain


def _shift(row: roster.RosterRow) -> dict[str, Any]:
    state = Shift(row.date, row.kind, row.team, row.roster, row.course)
    return plain_shift(str(row.id), row.version, row.position, state)


def plain_shift(named: str, version: int, position: int, shift: Shift) -> dict[str, Any]:
    """A shift that has been planned, in plain JSON types."""
    shown = {"date": shift.day, "kind": shift.kind, "team": shift.team, "duties": shift.duty()}
    plain: dict[str, Any] = msgspec.to_builtins({**shown, **msgspec.to_builtins(roster_of(shift))})
    return {"id": named, "version": version, "position": position, **plain, "course": _course(shift)}


def _course(shift: Shift) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(shift.course)
    return {name: value for name, value in plain.items() if name not in {"after", "upto"}}


def _person(row: subjects.SubjectRow) -> dict[str, Any]:
    shown = _plain(row)
    return {"id": shown.pop("subject"), **{name: value for name, value in shown.items() if name != "stream"}}
