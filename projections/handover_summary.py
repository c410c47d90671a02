"""A handover as it stands now: what happened behind a position, what is open, in the order of urgency (S-3).

Everything is read at one moment. Cases of no team stand in the handover of the first team by its id, so that each is in
exactly one team's; a shift that is not of one team hands over those of all.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection

from application.handover import Span
from domain.case.words import Status
from domain.shift.handover import (
    CaseLine,
    Conduct,
    Grant,
    Handover,
    MissedCall,
    Notice,
    PhoneFault,
    PhoneTest,
    Step,
    Term,
    urgency,
)
from domain.shift.words import NoticeKind
from domain.values import AgentId, CaseId
from domain.work.words import ConductKind, PhoneTestShift
from projections import tracking
from projections.case_then import one_look
from projections.clocks import ClocksView
from projections.directory import Directory
from projections.handover_view import FactRow, HandoverView

ASKED = (HandoverView.name, ClocksView.name, Directory.name)
"""The views that a handover is made of."""
Connection = AsyncConnection[Any]

_OF_TEAM = """
    (%(team)s::text IS NULL OR {0}.team = %(team)s
        OR ({0}.team IS NULL AND %(team)s = (SELECT min(id) FROM read.teams_1)))"""
CASES = f"""
    SELECT coalesce(json_agg(json_build_array(h.id, h.changed, h.number, h.status, h.handler, h.next_action, h.on_site,
        h.paused, h.asked, h.message_at, h.grants, CASE WHEN h.open THEN c.due_at END)), '[]')::text
    FROM read.handover_cases_1 h LEFT JOIN read.case_clocks_2 c ON c.id = h.id
    WHERE {_OF_TEAM.format("h")}"""  # noqa: S608  a constant
TERMS = f"""
    SELECT coalesce(json_object_agg(case_id, terms), '{{}}')::text FROM (
        SELECT k.case_id, json_agg(json_build_object('clock', k.clock, 'number', k.number, 'due_at', k.due_at)
            ORDER BY k.due_at, k.clock, k.number) AS terms
        FROM read.handover_cases_1 h JOIN read.clocks_2 k ON k.case_id = h.id
        WHERE h.open AND k.stopped_at IS NULL AND {_OF_TEAM.format("h")} GROUP BY k.case_id) t"""  # noqa: S608  a constant
STEPS = f"""
    SELECT coalesce(json_agg(t ORDER BY position, kind), '[]')::text FROM (
        SELECT s.position, s.at, s.kind, s.case_id AS "case", s.number, s.opens FROM read.handover_steps_1 s
        WHERE s.position > %(after)s AND s.position <= %(upto)s AND {_OF_TEAM.format("s")}) t"""  # noqa: S608  a constant
FACTS = """
    SELECT coalesce(json_agg(f ORDER BY f.at, f.id), '[]')::text FROM read.handover_facts_1 f
    LEFT JOIN read.agents_1 a ON a.id = f.agent
    WHERE f.position > %(after)s AND f.position <= %(upto)s AND f.kind <> 'phone_test'
        AND (f.kind <> 'conduct' OR %(team)s::text IS NULL OR a.team = %(team)s)"""
_TESTS = """
    SELECT DISTINCT ON (detail) detail, at, ok FROM read.handover_facts_1
    WHERE kind = 'phone_test' AND day = %(day)s AND detail = ANY (%(due)s) ORDER BY detail, at DESC, id"""
_NOTICES = """
    SELECT n.position, m.id, n.kind, n.from_day FROM read.handover_notices_1 n
    JOIN read.merchants_1 m ON m.stream = n.merchant
    WHERE n.position > %(after)s AND n.position <= %(upto)s ORDER BY n.position"""


class _Case(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """The columns of CASES in their order; as arrays, and with ids as texts, they are read in half the time."""

    id: CaseId
    changed: int
    number: str
    status: Status
    handler: AgentId | None
    next_action: str | None
    on_site: bool
    paused: bool
    asked: tuple[int, ...]
    message_at: datetime | None
    grants: dict[int, date | None]
    due_at: datetime | None


_cases = msgspec.json.Decoder(list[_Case]).decode
_terms = msgspec.json.Decoder(dict[CaseId, tuple[Term, ...]]).decode
_steps = msgspec.json.Decoder(tuple[Step, ...]).decode
_facts = msgspec.json.Decoder(list[FactRow]).decode


async def position(connection: Connection) -> int:
    """Up to where all views that a handover is made of have come."""
    standing = await tracking.positions(connection)
    return min(standing[name] for name in ASKED)


async def handover(connection: Connection, span: Span) -> Handover:
    """What a shift hands over, at one moment."""
    async with one_look(connection):
        upto = await position(connection)
        asked = {"team": span.team, "after": span.after, "upto": upto, "day": span.day}
        facts = _facts(await _one(connection, FACTS, asked))
        return Handover(
            team=span.team,
            after=span.after,
            upto=max(upto, span.after),
            until=span.until,
            steps=_steps(await _one(connection, STEPS, asked)),
            cases=await _lines(connection, asked),
            phone_tests=await _tests(connection, span),
            phone_faults=tuple(
                PhoneFault(fact=str(fact.id), at=fact.at, found_in_time=bool(fact.ok))
                for fact in _of_kind(facts, "phone_fault")
            ),
            missed_calls=tuple(MissedCall(fact=str(fact.id), at=fact.at) for fact in _of_kind(facts, "missed_call")),
            conduct=tuple(map(_conduct, _of_kind(facts, "conduct"))),
            notices=await _notices(connection, asked),
        )


async def _one(connection: Connection, query: str, asked: dict[str, Any]) -> str:
    row = await (await connection.execute(query.encode(), asked)).fetchone()
    assert row is not None
    return str(row[0])


# ---- cases ----------------------------------------------------------------------------------------------------------
async def _lines(connection: Connection, asked: dict[str, Any]) -> tuple[CaseLine, ...]:
    """The cases in the order of urgency."""
    terms = _terms(await _one(connection, TERMS, asked))
    found = _cases(await _one(connection, CASES, asked))
    return tuple(sorted((_line(case, terms.get(case.id, ())) for case in found), key=urgency))


def _line(case: _Case, terms: tuple[Term, ...]) -> CaseLine:
    return CaseLine(
        case=case.id,
        number=case.number,
        changed=case.changed,
        status=case.status,
        handler=case.handler,
        next_action=case.next_action,
        due_at=case.due_at,
        on_site=case.on_site,
        paused=case.paused,
        terms=terms,
        escalations=case.asked,
        grants=tuple(Grant(demand=demand, due=due) for demand, due in sorted(case.grants.items())),
        message_at=case.message_at,
    )


# ---- the telephone, conduct, notices --------------------------------------------------------------------------------
async def _tests(connection: Connection, span: Span) -> tuple[PhoneTest, ...]:
    """W-4: those that the day owes by the end of this shift, each with how it went, or missing."""
    due = span.kind.phone_tests
    rows = await connection.execute(_TESTS, {"day": span.day, "due": [*due]})
    made = {PhoneTestShift(shift): (at, ok) for shift, at, ok in await rows.fetchall()}
    nothing = (None, None)
    return tuple(
        PhoneTest(shift=shift, at=made.get(shift, nothing)[0], ok=made.get(shift, nothing)[1]) for shift in due
    )


def _of_kind(facts: Iterable[FactRow], kind: str) -> Iterable[FactRow]:
    return (fact for fact in facts if fact.kind == kind)


def _conduct(fact: FactRow) -> Conduct:
    assert fact.agent is not None
    assert fact.detail is not None
    return Conduct(fact=str(fact.id), agent=fact.agent, at=fact.at, code=ConductKind(fact.detail))


async def _notices(connection: Connection, asked: dict[str, Any]) -> tuple[Notice, ...]:
    rows = await connection.execute(_NOTICES, asked)
    return tuple(
        Notice(position=at, merchant=merchant, kind=NoticeKind(kind), from_day=day)
        for at, merchant, kind, day in await rows.fetchall()
    )
