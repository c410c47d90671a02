"""The figures of a day: its service orders, what happened to cases, and what the next day must see to (S-4)."""

from datetime import date, datetime
from typing import Any

from psycopg import AsyncConnection

from application.handover import DayFigures
from domain.report.events import CaseFigure, OrderFigures
from domain.report.words import ItemKind
from domain.shift.words import StepKind
from domain.work.words import PhoneTestShift
from projections import tracking
from projections.case_then import one_look
from projections.handover_summary import ASKED as OF_HANDOVERS
from projections.work_facts import Orders

ASKED = (*OF_HANDOVERS, Orders.name)
"""The views that a daily report is made of."""
Connection = AsyncConnection[Any]
Found = list[tuple[ItemKind, str]]

_ORDERS = """
    SELECT count(*), coalesce(sum(tables), 0), count(*) FILTER (WHERE reported_back),
        count(*) FILTER (WHERE cancelled), count(*) FILTER (WHERE seated), count(*) FILTER (WHERE new_member),
        count(*) FILTER (WHERE NOT new_member)
    FROM read.orders_2 WHERE day = %s AND NOT withdrawn"""
_STEPS = "SELECT kind, count(*) FROM read.handover_steps_1 WHERE day = %s GROUP BY kind"
_OPEN = "SELECT count(*) FROM read.handover_cases_1 WHERE open"
_OVERDUE = """
    SELECT h.number FROM read.handover_cases_1 h JOIN read.case_clocks_2 c ON c.id = h.id
    WHERE h.open AND c.due_at < %s ORDER BY c.due_at, h.number"""
_ESCALATED = "SELECT number FROM read.handover_cases_1 WHERE asked <> '{}' ORDER BY number"
_FACTS = """
    SELECT kind, id::text FROM read.handover_facts_1
    WHERE day = %s AND kind IN ('missed_call', 'phone_fault') ORDER BY kind, at, id"""
_TESTS = "SELECT DISTINCT detail FROM read.handover_facts_1 WHERE day = %s AND kind = 'phone_test'"


async def figures(connection: Connection, day: date, now: datetime) -> DayFigures:
    """The figures of a local day, and what is open, at one moment; overdue is what was due before `now`."""
    async with one_look(connection):
        standing = await tracking.positions(connection)
        return DayFigures(
            upto=min(standing[name] for name in ASKED),
            orders=await _orders(connection, day),
            cases=await _cases(connection, day),
            open_cases=(await _rows(connection, _OPEN))[0][0],
            items=(*await _of_cases(connection, now), *await _of_telephone(connection, day)),
        )


async def _rows(connection: Connection, query: str, *asked: object) -> list[tuple[Any, ...]]:
    return await (await connection.execute(query.encode(), asked)).fetchall()


async def _orders(connection: Connection, day: date) -> OrderFigures:
    [(orders, tables, reported_back, cancelled, seated, new, existing)] = await _rows(connection, _ORDERS, day)
    return OrderFigures(
        orders=orders,
        tables=tables,
        reported_back=reported_back,
        cancelled=cancelled,
        seated=seated,
        new_members=new,
        existing_members=existing,
    )


async def _cases(connection: Connection, day: date) -> tuple[CaseFigure, ...]:
    """Passing from team to team is nothing to the whole house."""
    counted = dict(await _rows(connection, _STEPS, day))
    kinds = (kind for kind in StepKind if kind not in {StepKind.TAKEN_OVER, StepKind.PASSED_ON})
    return tuple(CaseFigure(kind=kind, count=counted.get(kind, 0)) for kind in kinds)


async def _of_cases(connection: Connection, now: datetime) -> Found:
    overdue = [(ItemKind.OVERDUE, number) for (number,) in await _rows(connection, _OVERDUE, now)]
    return overdue + [(ItemKind.ESCALATION, number) for (number,) in await _rows(connection, _ESCALATED)]


async def _of_telephone(connection: Connection, day: date) -> Found:
    made = {shift for (shift,) in await _rows(connection, _TESTS, day)}
    missing: Found = [(ItemKind.PHONE_TEST_MISSING, shift) for shift in PhoneTestShift if shift not in made]
    return [(ItemKind(kind), fact) for kind, fact in await _rows(connection, _FACTS, day)] + missing
