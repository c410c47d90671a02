"""What the API lists, read from the projections and put into plain JSON types."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from adapters.postgres.pool import Pool
from domain.values import Actor, AgentId, Role
from projections import directory
from projections.case_list import CaseFilters, CaseItem, Sight, list_cases
from projections.case_then import Then
from projections.directory import AGENTS, DEPARTMENTS, MERCHANTS, TEAMS, Entry, Shelf, agent_names

_SHELVES: Mapping[str, Shelf[Any]] = {
    "agents": AGENTS,
    "teams": TEAMS,
    "merchants": MERCHANTS,
    "departments": DEPARTMENTS,
}
_INTERNAL = ("terms", "on_top", "stream")
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
        sight = Sight(actor.id, actor.team) if actor.role is Role.AGENT else None
        async with self._pool.connection() as connection:
            page = await list_cases(
                connection, wanted, now, after=after, limit=limit, sight=sight, opened=opened, then=then
            )
        return [_case(item if opened else item.masked()) for item in page.items], page.next

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


def _case(item: CaseItem) -> dict[str, Any]:
    customer = {"name": item.name, "phone": item.phone, "card_no": item.card_no}
    shown = {"overdue": item.overdue, "customer": customer, "place": item.place, "narrative": item.narrative}
    return _plain(item.row) | shown


def _entry(row: Entry, names: Mapping[str, str | None]) -> dict[str, Any]:
    return _plain(row) | ({"name": names[row.id]} if row.id in names else {})


def _plain(row: object) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(row)
    return {name: value for name, value in plain.items() if name not in _INTERNAL}
