"""What late changes of a closed month pass on to the months after it, in one append with the line (L-4)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from uuid import UUID

import pytest

from application.event_log import Busy
from application.matters import Matter, MatterKind
from application.posting import PAYROLL
from application.streams import case_stream, order_stream
from domain.case import events as case
from domain.case.words import FaultKind
from domain.payroll import events as p
from domain.values import AgentId, Month
from domain.work import events as w
from tests.application.reacting import PAYING, POLICY, Office, line_id, run
from tests.support.cases import ANALYSED, CLARIFIED, INVESTIGATED, RECEIVED, SUBJECT, THIS

SHANGHAI = timezone(timedelta(hours=8))
A1 = AgentId("a1")
MARCH, APRIL, MAY = (Month(2026, number) for number in (3, 4, 5))
AT = datetime(2026, 3, 5, 12, tzinfo=SHANGHAI)
FAULT = case.Fault(agent=A1, fault=FaultKind.OPERATION_ERROR, ref="order 7")
CASE = Matter(MatterKind.CASE, THIS)
DONE = w.OrderDone(seated=True, judged=True)


async def owing() -> Office:
    """March has nothing but a penalty of 10.00 and carries it; April has an order of 0.20 and waives the rest."""
    office = Office(policies={MARCH: replace(POLICY, carry_forward=True)})
    await office.put(case_stream(THIS), replace(RECEIVED, happened_at=AT), CLARIFIED, INVESTIGATED)
    await analysed(office, FAULT)
    await office.confirm(line_id(CASE, 1))
    entered = w.OrderEntered(
        subject=SUBJECT, agent=A1, at=AT + timedelta(days=31), merchant="m1", signed=True, recommended=False
    )
    await office.put(order_stream(UUID(int=1)), entered, DONE)
    await office.paid(MARCH)
    return office


async def analysed(office: Office, *faults: case.Fault) -> None:
    await office.put(case_stream(THIS), replace(ANALYSED, faults=faults))
    await office.reacted()


def late(office: Office) -> Sequence[tuple[type[p.Moved], Month, int, int]]:
    events = [one.event for one in office.log.recorded() if isinstance(one.event, p.Moved)]
    return [(type(event), event.home, event.change_fen, event.amount_fen) for event in events]


def test_what_a_closed_month_has_waived_since_is_not_paid_back_l_4() -> None:
    async def story() -> None:
        office = await owing()
        await office.paid(APRIL)
        await analysed(office)
        assert late(office) == [(p.Offset, MARCH, 1000, -1000), (p.OpeningChanged, APRIL, 1000, 20)]
        await office.paid(MAY)
        assert (office.nets(APRIL), office.nets(MAY)) == ({A1: 0}, {A1: 20})

    run(story())


def test_the_open_month_opens_with_what_is_owed_now_l_4() -> None:
    async def story() -> None:
        office = await owing()
        await analysed(office)
        assert late(office) == [(p.Offset, MARCH, 1000, -1000), (p.OpeningChanged, APRIL, 1000, 0)]
        await office.paid(APRIL)
        _, stated = [one.event for one in office.log.recorded() if isinstance(one.event, p.Stated)]
        assert stated == replace(stated, opening_fen=0, bonus_fen=20, penalty_fen=0, net_fen=20)
        assert (await office.account(A1, APRIL)).sums.opening_fen == 0

    run(story())


def test_what_changes_the_opening_of_a_month_being_drawn_up_has_to_wait_l_4() -> None:
    async def story() -> None:
        office = await owing()
        await office.reacted()
        office.book.readable = office.upto
        await office.put(PAYROLL, p.MonthEnded(month=APRIL), p.MonthFrozen(month=APRIL, by=PAYING.id))
        with pytest.raises(Busy, match="2026-04 are being drawn up"):
            await analysed(office)
        assert late(office) == []
        office.book.readable = None
        await office.reacted()
        assert office.nets(APRIL) == {A1: 0}
        assert late(office) == [(p.Offset, MARCH, 1000, -1000), (p.OpeningChanged, APRIL, 1000, 20)]

    run(story())
