"""Who and what there is: agents, teams, merchants, departments, each by its own id."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, TypeVar
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.sql import SQL

from application.envelope import Recorded
from application.sealing import Opener
from application.streams import agent_stream
from domain.agent import events as agent
from domain.agent.words import Presence, Rank
from domain.department import events as department
from domain.kernel import Event
from domain.merchant import events as merchant
from domain.team import events as team
from domain.time.ladder import Person
from domain.values import AgentId, Role, SubjectId
from projections.readable import READABLE_CHANGED, first_events, whose
from projections.view import Cursor, Page, Rows, View, legible, table


@dataclass(slots=True, kw_only=True)
class Entry:
    """What every entry has: the stream it is folded from, where that stands, and the id people know it by."""

    stream: UUID
    id: str
    version: int = 0
    position: int = 0


@dataclass(slots=True, kw_only=True)
class AgentRow(Entry):
    """Somebody who works here; `limits` by the first day of each, None: the limit of the role (C-7)."""

    role: Role
    rank: Rank | None = None
    team: str | None = None
    presence: Presence = Presence.PRESENT
    joined_on: date
    left_on: date | None = None
    limits: dict[date, int | None] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class TeamRow(Entry):
    """A team."""

    name: str


@dataclass(slots=True, kw_only=True)
class MerchantRow(Entry):
    """A merchant; whether it is signed, and recommended, by the first day of each period."""

    name: str
    signings: dict[date, bool] = field(default_factory=dict)
    recommendations: dict[date, bool] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class DepartmentRow(Entry):
    """A department and the matters that go there."""

    name: str
    matters: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentName:
    """What is private of an agent."""

    stream: UUID
    name: str | None


Row = TypeVar("Row", bound=Entry)


@dataclass(frozen=True, slots=True)
class Shelf(Generic[Row]):
    """One kind of entries: its table, how an entry begins, and how an event changes it."""

    rows: Rows[Row]
    begun: Callable[[UUID, Event], Row | None]
    changed: Callable[[Row, Event], None]

    async def write(self, cursor: Cursor, events: Sequence[Recorded]) -> None:
        """Fold events into their entries."""
        entries = await self.rows.load(cursor, {recorded.stream for recorded in events})
        for recorded in events:
            if begun := self.begun(recorded.stream, recorded.event):
                entries[recorded.stream] = begun
            entry = entries[recorded.stream]
            entry.version, entry.position = recorded.version, recorded.position
            self.changed(entry, recorded.event)
        await self.rows.upsert(cursor, entries.values())


# ---- agents ---------------------------------------------------------------------------------------------------------
def _agent(stream: UUID, event: Event) -> AgentRow | None:
    if not isinstance(event, agent.Registered):
        return None
    return AgentRow(
        stream=stream, id=event.id, role=event.role, rank=event.rank, team=event.team, joined_on=event.joined_on
    )


def _agent_changed(row: AgentRow, event: Event) -> None:
    match event:
        case agent.TeamChanged():
            row.team = event.team
        case agent.LimitSet():
            row.limits[event.from_day] = event.limit_fen
        case agent.WentAbsent():
            row.presence = Presence.ABSENT
        case agent.CameBack():
            row.presence = Presence.PRESENT
        case agent.Left():
            row.presence, row.left_on = Presence.LEFT, event.last_day


# ---- teams, merchants, departments ----------------------------------------------------------------------------------
def _team(stream: UUID, event: Event) -> TeamRow | None:
    return TeamRow(stream=stream, id=event.id, name=event.name) if isinstance(event, team.Registered) else None


def _team_changed(row: TeamRow, event: Event) -> None:
    if isinstance(event, team.Renamed):
        row.name = event.name


def _merchant(stream: UUID, event: Event) -> MerchantRow | None:
    return MerchantRow(stream=stream, id=event.id, name=event.name) if isinstance(event, merchant.Registered) else None


def _merchant_changed(row: MerchantRow, event: Event) -> None:
    match event:
        case merchant.SigningChanged():
            row.signings[event.from_day] = event.signed
        case merchant.RecommendationChanged():
            row.recommendations[event.from_day] = event.recommended


def _department(stream: UUID, event: Event) -> DepartmentRow | None:
    if not isinstance(event, department.Registered):
        return None
    return DepartmentRow(stream=stream, id=event.id, name=event.name)


def _department_changed(row: DepartmentRow, event: Event) -> None:
    match event:
        case department.Renamed():
            row.name = event.name
        case department.MattersSet():
            row.matters = list(event.matters)


# ---- the view -------------------------------------------------------------------------------------------------------
AGENTS = Shelf(Rows("read.agents_1", AgentRow), _agent, _agent_changed)
TEAMS = Shelf(Rows("read.teams_1", TeamRow), _team, _team_changed)
MERCHANTS = Shelf(Rows("read.merchants_1", MerchantRow), _merchant, _merchant_changed)
DEPARTMENTS = Shelf(Rows("read.departments_1", DepartmentRow), _department, _department_changed)
_SHELVES: dict[str, Shelf[Any]] = {"agent": AGENTS, "team": TEAMS, "merchant": MERCHANTS, "department": DEPARTMENTS}
_NAMES = Rows("private.agents_1", AgentName)


class Directory(View):
    """One row per agent, team, merchant and department."""

    name = "directory_1"
    topics = (*(f"{kind}." for kind in _SHELVES), *READABLE_CHANGED)
    opening = (agent.Registered.topic, *READABLE_CHANGED)
    tables = ("private.agents_1", *(shelf.rows.name for shelf in _SHELVES.values()))
    create = """
        CREATE TABLE IF NOT EXISTS read.agents_1 (
            stream uuid PRIMARY KEY, id text UNIQUE NOT NULL, version bigint NOT NULL, position bigint NOT NULL,
            role text NOT NULL, rank text, team text, presence text NOT NULL, joined_on date NOT NULL, left_on date,
            limits jsonb NOT NULL
        );
        CREATE TABLE IF NOT EXISTS private.agents_1 (stream uuid PRIMARY KEY, name text);
        CREATE TABLE IF NOT EXISTS read.teams_1 (
            stream uuid PRIMARY KEY, id text UNIQUE NOT NULL, version bigint NOT NULL, position bigint NOT NULL,
            name text NOT NULL
        );
        CREATE TABLE IF NOT EXISTS read.merchants_1 (
            stream uuid PRIMARY KEY, id text UNIQUE NOT NULL, version bigint NOT NULL, position bigint NOT NULL,
            name text NOT NULL, signings jsonb NOT NULL, recommendations jsonb NOT NULL
        );
        CREATE TABLE IF NOT EXISTS read.departments_1 (
            stream uuid PRIMARY KEY, id text UNIQUE NOT NULL, version bigint NOT NULL, position bigint NOT NULL,
            name text NOT NULL, matters text[] NOT NULL
        );
    """

    def opens(self, event: Event) -> SubjectId | None:
        """See View.opens."""
        return event.name.subject if isinstance(event, agent.Registered) else whose(event)

    async def write(self, cursor: Cursor, events: Sequence[Recorded], opener: Opener) -> None:
        """See View.write."""
        kinds = defaultdict(list)
        for recorded in events:
            kinds[recorded.event.topic.partition(".")[0]].append(recorded)
        changed = kinds.pop("subject", [])
        for kind, its_events in kinds.items():
            await _SHELVES[kind].write(cursor, its_events)
        await _NAMES.upsert(cursor, list(_named(events, opener)))
        registered = await first_events(cursor, [agent_stream(one).id for one in _staff(changed)])
        await _NAMES.upsert(cursor, list(_named(registered, opener)))


def _staff(events: Sequence[Recorded]) -> set[AgentId]:
    """Whose names can be read no more, or can be read again (A-3)."""
    return {agent for recorded in events if (agent := getattr(recorded.event, "agent", None))}


def _named(events: Sequence[Recorded], opener: Opener) -> Iterator[AgentName]:
    for recorded in events:
        if isinstance(recorded.event, agent.Registered):
            name = legible(opener, "agent.registered.name", recorded.event.name)
            yield AgentName(stream=recorded.stream, name=name)


_PEOPLE = """
    SELECT id, CASE WHEN role = 'supervisor' THEN coalesce(rank, 'supervisor') END, team,
        presence <> 'absent' AND joined_on <= %(day)s AND (left_on IS NULL OR left_on >= %(day)s)
    FROM read.agents_1 ORDER BY id"""


# ---- questions ------------------------------------------------------------------------------------------------------
async def entries(
    connection: AsyncConnection[Any], shelf: Shelf[Row], after: str | None = None, limit: int = 50
) -> Page[Row]:
    """A page of AGENTS, TEAMS, MERCHANTS or DEPARTMENTS in the order of their ids; `next` is the last id."""
    query = SQL("SELECT to_json(t)::text FROM {} t WHERE id > %s ORDER BY id LIMIT %s").format(table(shelf.rows.name))
    found = await (await connection.execute(query, (after or "", limit + 1))).fetchall()
    items = [shelf.rows.decode(row) for (row,) in found[:limit]]
    return Page(items, items[-1].id if len(found) > limit else None)


async def entry(connection: AsyncConnection[Any], shelf: Shelf[Row], key: str) -> Row | None:
    """One of AGENTS, TEAMS, MERCHANTS or DEPARTMENTS; None where there is none."""
    query = SQL("SELECT to_json(t)::text FROM {} t WHERE id = %s").format(table(shelf.rows.name))
    found = await (await connection.execute(query, (key,))).fetchone()
    return shelf.rows.decode(found[0]) if found else None


async def people(connection: AsyncConnection[Any], day: date) -> list[Person]:
    """Who may be told of clocks, and who of them is there on a local day (D-3d, D-4)."""
    rows = await connection.execute(_PEOPLE, {"day": day})
    return [
        Person(id=AgentId(id_), rank=Rank(rank) if rank else None, team=team, present=present)
        for id_, rank, team, present in await rows.fetchall()
    ]


async def agent_names(connection: AsyncConnection[Any], ids: Sequence[str]) -> dict[str, str | None]:
    """The names of agents by their ids, in clear text; ERASED for who has been erased."""
    query = "SELECT id, name FROM read.agents_1 JOIN private.agents_1 USING (stream) WHERE id = ANY (%s)"
    return dict(await (await connection.execute(query, [list(ids)])).fetchall())
