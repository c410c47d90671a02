"""The clocks of cases: how each stands, and at which moment something is to be recorded of a case next (D-3, D-4).

A case is folded on from what is kept of it, event by event. One that was ever merged is folded anew from the log, and
so are those merged into it: what is done in the one is done for the others (C-11).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from operator import attrgetter
from uuid import UUID

import msgspec
import structlog

from application.clocks import Timeline, streams_of
from application.envelope import Recorded
from application.sealing import Opener
from domain.case import events as e
from domain.case.words import ClockKind
from domain.time.calendar import NeverDue, Period
from domain.time.clock import Clock, State
from domain.time.deadlines import About, DeadlinePolicy, NoDeadlinePolicy, Only
from domain.time.falling_due import next_of
from domain.time.owed import due_at
from domain.time.terms import Term
from domain.time.timing import HEEDED, Fact, Record, Timing, advance, unbegun
from domain.values import AgentId
from projections.arrays import uuids
from projections.timelines import deadline_policies, timelines
from projections.view import Cursor, Rows, View

_log = structlog.get_logger()


class KeptClock(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What of a clock does not stand in its policy; the fields are those of `Clock`. A list where it is written."""

    policy: str
    rule: str
    number: int
    started_at: datetime
    changed_at: datetime
    due_at: datetime
    warn_at: datetime
    term: Term | None
    named_at: datetime | None
    demand: int | None
    pauses: tuple[Period, ...]
    paused_since: datetime | None
    extensions: tuple[Period, ...]
    stopped_at: datetime | None
    voided: bool
    breached_at: datetime | None
    recorded: bool
    warned_at: datetime | None
    levels: frozenset[int]


@dataclass(slots=True, kw_only=True)
class Kept:
    """What the next event of a case is folded onto; the fields are those of `Timing`."""

    policies: tuple[str, ...]
    kinds: tuple[Only, ...] = ()
    about: About = field(default_factory=About)
    paused: bool = False
    clocks: tuple[KeptClock, ...] = ()


@dataclass(slots=True, kw_only=True)
class CaseClocks:
    """The clocks of a case together; the columns of `read.case_clocks_2`.

    clocks: the stream in which they are recorded. due_at: the earliest time by which something is owed and is not
    waiting. next_moment: when something is to be recorded next. fault: why it has no clocks; it counts as overdue.
    """

    id: UUID
    clocks: UUID
    position: int
    last_at: datetime
    due_at: datetime | None = None
    next_moment: datetime | None = None
    handler: AgentId | None = None
    team: str | None = None
    fault: str | None = None
    kept: Kept


@dataclass(slots=True, kw_only=True)
class ClockRow:
    """A clock as it stands; the columns of `read.clocks_2`. id: `case/policy/clock/number`."""

    id: str
    case_id: UUID
    policy: str
    clock: str
    number: int
    kind: ClockKind
    state: State
    started_at: datetime
    due_at: datetime
    warn_at: datetime
    stopped_at: datetime | None
    breached_at: datetime | None
    handler: AgentId | None
    team: str | None


CASES = Rows("read.case_clocks_2", CaseClocks)
_CLOCKS = Rows("read.clocks_2", ClockRow)
_BY_STREAM = "SELECT clocks, id FROM read.case_clocks_2 WHERE clocks = ANY (%s)"
_MERGES = "INSERT INTO read.clock_merges_2 (id, into_case) SELECT * FROM unnest(%s::uuid[], %s::uuid[])"
_CONCERNED = """
    WITH RECURSIVE concerned AS (
        SELECT id FROM read.clock_merges_2 WHERE id = ANY (%(touched)s) OR into_case = ANY (%(touched)s)
        UNION SELECT m.id FROM read.clock_merges_2 m JOIN concerned c ON m.into_case = c.id)
    SELECT id FROM concerned"""
Policies = Sequence[DeadlinePolicy]


class ClocksView(View):
    """One row per clock, and one per case."""

    name = "clocks_2"
    topics = tuple(sorted(HEEDED))
    tables = ("read.clocks_2", "read.clock_merges_2", "read.case_clocks_2")
    create = """
        CREATE TABLE IF NOT EXISTS read.case_clocks_2 (
            id uuid PRIMARY KEY, clocks uuid UNIQUE NOT NULL, position bigint NOT NULL, last_at timestamptz NOT NULL,
            due_at timestamptz, next_moment timestamptz, handler text, team text, fault text, kept json NOT NULL
        );
        CREATE INDEX IF NOT EXISTS case_clocks_2_next ON read.case_clocks_2 (next_moment, id)
            WHERE next_moment IS NOT NULL;
        CREATE INDEX IF NOT EXISTS case_clocks_2_due ON read.case_clocks_2 (due_at) WHERE due_at IS NOT NULL;
        CREATE INDEX IF NOT EXISTS case_clocks_2_position ON read.case_clocks_2 (position);
        CREATE TABLE IF NOT EXISTS read.clocks_2 (
            id text PRIMARY KEY, case_id uuid NOT NULL, policy text NOT NULL, clock text NOT NULL, number int NOT NULL,
            kind text NOT NULL, state text NOT NULL, started_at timestamptz NOT NULL, due_at timestamptz NOT NULL,
            warn_at timestamptz NOT NULL, stopped_at timestamptz, breached_at timestamptz, handler text, team text
        );
        CREATE INDEX IF NOT EXISTS clocks_2_case ON read.clocks_2 (case_id);
        CREATE INDEX IF NOT EXISTS clocks_2_open ON read.clocks_2 (due_at) WHERE stopped_at IS NULL;
        CREATE TABLE IF NOT EXISTS read.clock_merges_2 (id uuid NOT NULL, into_case uuid NOT NULL);
        CREATE INDEX IF NOT EXISTS clock_merges_2_id ON read.clock_merges_2 (id);
        CREATE INDEX IF NOT EXISTS clock_merges_2_into ON read.clock_merges_2 (into_case);
    """

    async def write(self, cursor: Cursor, events: Sequence[Recorded], opener: Opener) -> None:  # noqa: ARG002
        """See View.write."""
        cases = await _cases(cursor, events)
        policies = await deadline_policies(cursor.connection, events[-1].position)
        rows = await CASES.load(cursor, set(cases.values()))
        standing = {case: _standing(row, policies) for case, row in rows.items()}
        before = {case: one.timing for case, one in standing.items()}
        for recorded in events:
            _fold(standing, cases.get(recorded.stream), recorded, policies)
        standing |= await _anew(cursor, standing, events, policies)
        await CASES.upsert(cursor, list(map(row_of, standing.values())))
        clocks = [row for case, one in standing.items() for row in _clock_rows(one, before.get(case))]
        await _CLOCKS.upsert(cursor, clocks)


async def _cases(cursor: Cursor, events: Iterable[Recorded]) -> dict[UUID, UUID]:
    """Of which case each stream is: its own, or that of its clocks."""
    records = {one.stream for one in events if isinstance(one.event, Record)}
    await cursor.execute(_BY_STREAM, [uuids(records)])
    known: dict[UUID, UUID] = dict(await cursor.fetchall())
    own = {one.stream for one in events} - records
    return known | {stream: case for case in own for stream in streams_of(case)}


# ---- folding --------------------------------------------------------------------------------------------------------
@dataclass(slots=True, kw_only=True)
class Standing:
    """How a case stands where clocks are concerned after its last event; see CaseClocks."""

    id: UUID
    position: int
    last_at: datetime
    timing: Timing
    fault: str | None = None
    faulty_since: datetime | None = None

    @property
    def due_at(self) -> datetime | None:
        """D-3b: a missing target never means "never late": without one the case is overdue at once."""
        return self.faulty_since or due_at(self.timing)


def standing_of(case: UUID, known: Timeline, policies: Policies) -> Standing:
    """How a case stands after its whole history, which begins with its receipt."""
    standing = Standing(id=case, position=0, last_at=known.last_at, timing=unbegun(known.facts, policies))
    for fact in known.facts:
        _take(standing, fact)
    standing.position, standing.last_at = known.position, known.last_at
    return standing


def _fold(known: dict[UUID, Standing], case: UUID | None, recorded: Recorded, policies: Policies) -> None:
    if case is None:
        return
    fact = Fact(recorded.meta.at, recorded.event)
    if isinstance(recorded.event, e.Received):
        known[case] = Standing(id=case, position=0, last_at=fact.at, timing=Timing(policies=tuple(policies)))
    if standing := known.get(case):
        _take(standing, fact)
        standing.position = recorded.position
        # the latest, not the last: then all events were recorded by a moment exactly where last_at was (recorded_by)
        standing.last_at = max(standing.last_at, fact.at)


def _take(standing: Standing, fact: Fact) -> None:
    """Let it stand as it does after a fact; one without a target is not folded on."""
    if standing.fault:
        return
    try:
        standing.timing = advance(standing.timing, fact)
    except (NoDeadlinePolicy, NeverDue) as error:
        _log.error("no_deadline", case=str(standing.id), error=type(error).__name__)
        standing.timing = replace(standing.timing, policies=())
        standing.fault, standing.faulty_since = str(error), fact.at


async def _anew(
    cursor: Cursor, known: Mapping[UUID, Standing], events: Sequence[Recorded], policies: Policies
) -> dict[UUID, Standing]:
    """How touched cases stand that were merged, and all that were merged into a touched one."""
    merges = [(one.stream, UUID(one.event.into)) for one in events if isinstance(one.event, e.Merged)]
    if merges:
        await cursor.execute(_MERGES, [uuids(case for case, _ in merges), uuids(into for _, into in merges)])
    await cursor.execute(_CONCERNED, {"touched": uuids(known)})
    concerned = [case for (case,) in await cursor.fetchall()]
    found = await timelines(cursor.connection, concerned, events[-1].position) if concerned else {}
    return {case: standing_of(case, one, policies) for case, one in found.items()}


# ---- kept and taken up again ----------------------------------------------------------------------------------------
_SAME = tuple(name for name in KeptClock.__struct_fields__ if name not in {"policy", "rule"})
_same = attrgetter(*_SAME)


def _standing(row: CaseClocks, policies: Policies) -> Standing:
    kept, by_version = row.kept, {policy.version: policy for policy in policies}
    timing = Timing(
        policies=tuple(by_version[version] for version in kept.policies),
        kinds=frozenset(kept.kinds),
        about=kept.about,
        handler=row.handler,
        paused=kept.paused,
        clocks=tuple(_clock(one, by_version[one.policy]) for one in kept.clocks),
    )
    since = row.due_at if row.fault else None
    return Standing(
        id=row.id, position=row.position, last_at=row.last_at, timing=timing, fault=row.fault, faulty_since=since
    )


def _clock(kept: KeptClock, policy: DeadlinePolicy) -> Clock:
    rule = next(rule for rule in policy.clocks if rule.name == kept.rule)
    same = dict(zip(_SAME, _same(kept), strict=True))
    return Clock(policy=policy, rule=rule, **same)


def _kept_clock(clock: Clock) -> KeptClock:
    same = dict(zip(_SAME, _same(clock), strict=True))
    return KeptClock(policy=clock.policy.version, rule=clock.rule.name, **same)


# ---- rows -----------------------------------------------------------------------------------------------------------
def row_of(standing: Standing) -> CaseClocks:
    """What is kept of a case."""
    timing = standing.timing
    return CaseClocks(
        id=standing.id,
        clocks=streams_of(standing.id)[1],
        position=standing.position,
        last_at=standing.last_at,
        due_at=standing.due_at,
        next_moment=None if standing.fault else next_of(timing),
        handler=timing.handler,
        team=timing.about.team,
        fault=standing.fault,
        kept=_kept(timing),
    )


def _kept(timing: Timing) -> Kept:
    return Kept(
        policies=tuple(policy.version for policy in timing.policies),
        kinds=tuple(sorted(timing.kinds)),  # a set has no order, and rebuilt a row is the same
        about=timing.about,
        paused=timing.paused,
        clocks=tuple(map(_kept_clock, timing.clocks)),
    )


def _clock_rows(standing: Standing, before: Timing | None) -> Iterator[ClockRow]:
    """The rows of its clocks that are not as they were before."""
    timing = standing.timing
    as_before = before and (before.handler, before.about.team) == (timing.handler, timing.about.team)
    same = {id(clock) for clock in before.clocks} if before and as_before else ()
    for clock in timing.clocks:
        if id(clock) in same:
            continue
        version, name, number = clock.key
        yield ClockRow(
            id=f"{standing.id}/{version}/{name}/{number}",
            case_id=standing.id,
            policy=version,
            clock=name,
            number=number,
            kind=clock.policy.kind,
            state=clock.state,
            started_at=clock.started_at,
            due_at=clock.due_at,
            warn_at=clock.warn_at,
            stopped_at=clock.stopped_at,
            breached_at=clock.breached_at,
            handler=timing.handler,
            team=timing.about.team,
        )
