"""The reaction: facts are judged once into lines, and again when something late changes them (L-3, L-6)."""

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
import structlog.testing

from application.event_log import Busy, Stream
from application.matters import Matter, MatterKind
from application.posting import PAYROLL
from application.streams import (
    agent_stream,
    case_stream,
    conduct_stream,
    exam_id,
    fact_stream,
    order_stream,
    shift_stream,
    tally_id,
)
from domain.agent import events as agent
from domain.agent.agent import Agent
from domain.case import events as case
from domain.case.words import FaultKind
from domain.ledger import events as e
from domain.ledger.lines import Code
from domain.payroll import events as p
from domain.payroll.months import Stage
from domain.shift import events as shift
from domain.shift.words import ShiftKind
from domain.values import AgentId, Month, Role
from domain.work import events as w
from domain.work.facts import OrderField
from domain.work.words import ConductKind
from tests.application.reacting import NOW, OTHER, PAYING, Office, command, line_id, run
from tests.support.cases import ANALYSED, CLARIFIED, INVESTIGATED, RECEIVED, SUBJECT, THIS, sealed

SHANGHAI = timezone(timedelta(hours=8))
A1, A2, A3, S1 = (AgentId(name) for name in ("a1", "a2", "a3", "s1"))
MARCH, APRIL, MAY = (Month(2026, number) for number in (3, 4, 5))
AT = datetime(2026, 3, 5, 12, tzinfo=SHANGHAI)
ENTERED = w.OrderEntered(subject=SUBJECT, agent=A1, at=AT, merchant="m1", signed=True, recommended=True)
DONE = w.OrderDone(seated=True, judged=True)
REASON = sealed("why")


def order(number: int) -> Stream[object]:
    return order_stream(UUID(int=number))  # type: ignore[return-value]


def of_order(number: int) -> Matter:
    return Matter.of(MatterKind.ORDER, UUID(int=number))


def of_fact(number: int) -> Matter:
    return Matter.of(MatterKind.FACT, UUID(int=number))


RANKING = Matter.monthly(MARCH, Code.RECOMMEND)
EARNED = (A1, "B-ORDER", 20, "earned", "2026-03")


async def orders(office: Office, *agents: AgentId, first: int = 1, at: datetime = AT) -> None:
    """A finished order of each of these agents."""
    for number, who in enumerate(agents, first):
        await office.put(order(number), replace(ENTERED, agent=who, at=at), DONE)


async def faulted(office: Office, *refs: str) -> None:
    """A case analysed with an operation error of a1 for each ref."""
    faults = tuple(case.Fault(agent=A1, fault=FaultKind.OPERATION_ERROR, ref=ref) for ref in refs)
    stream = case_stream(THIS)
    if not (await office.log.states([stream]))[stream].received:
        await office.put(stream, replace(RECEIVED, happened_at=AT), CLARIFIED, INVESTIGATED)
    await office.put(stream, replace(ANALYSED, faults=faults))


CASE = Matter(MatterKind.CASE, THIS)


# ---- once -----------------------------------------------------------------------------------------------------------
def test_an_order_is_judged_when_its_course_has_ended_b_order() -> None:
    async def story() -> None:
        office = Office()
        await office.put(order(1), ENTERED)
        await office.reacted()
        assert await office.lines(of_order(1)) == []
        await office.put(order(1), DONE)
        await office.reacted()
        assert await office.lines(of_order(1)) == [EARNED]
        [line] = (await office.voucher(of_order(1))).entries.values()
        assert line.causes == (e.Cause(position=2, type="order.done"),)

    run(story())


def test_the_same_events_again_record_nothing_l_6() -> None:
    async def story() -> None:
        office = Office()
        await orders(office, A1, A2)
        await faulted(office, "order 7")
        await office.reacted(tracked=False)
        recorded = office.topics()
        await office.reacted(tracked=False)
        await office.reacted()
        assert office.topics() == recorded
        assert recorded.count("ledger.earned") == 2

    run(story())


def test_stopped_between_two_appends_it_goes_on_where_it_stood_l_6() -> None:
    """Of three matters one is recorded when the process dies; the same events are taken in again."""

    async def story() -> None:
        office = Office()
        await orders(office, A1, A2, A3)
        append, left = office.log.append, [1]

        async def dying(write: object) -> object:
            if not left:
                raise ConnectionResetError
            left.pop()
            return await append(write)  # type: ignore[arg-type]

        office.log.append = dying  # type: ignore[method-assign]
        with pytest.raises(ConnectionResetError):
            await office.reacted()
        office.log.append = append  # type: ignore[method-assign]
        assert office.topics().count("ledger.earned") == 1
        await office.reacted()
        assert [await office.lines(of_order(number)) for number in (1, 2, 3)] == [
            [EARNED],
            [(A2, *EARNED[1:])],
            [(A3, *EARNED[1:])],
        ]

    run(story())


def test_what_no_tariff_speaks_of_is_left_out_and_told() -> None:
    async def story() -> None:
        office = Office(tariffs=[])
        await orders(office, A1)
        with structlog.testing.capture_logs() as told:
            await office.reacted()
        assert await office.lines(of_order(1)) == []
        assert [(one["event"], one["matter"]) for one in told] == [("not_judged", "order")]

    run(story())


# ---- who decides meanwhile ------------------------------------------------------------------------------------------
def test_a_line_confirmed_while_it_is_judged_anew_is_reversed_not_dismissed_l_3() -> None:
    async def story() -> None:
        office = Office()
        await faulted(office, "order 7", "order 8")
        await office.reacted()
        await faulted(office, "order 8")
        office.log.meanwhile = lambda: office.confirm(line_id(CASE, 1))
        await office.reacted()
        assert await office.lines(CASE) == [
            (A1, "P-OPERATION", -1000, "confirmed", "2026-03"),
            (A1, "P-OPERATION", -1000, "proposed", None),
            (A1, "P-OPERATION", 1000, "confirmed", "2026-03"),
        ]

    run(story())


def test_a_month_frozen_while_a_line_is_judged_does_not_take_it_l_4() -> None:
    async def story() -> None:
        office = Office()
        await orders(office, A1)
        await office.reacted()
        await orders(office, A2, first=2)

        async def frozen() -> None:
            await office.put(PAYROLL, p.MonthEnded(month=MARCH), p.MonthFrozen(month=MARCH, by=PAYING.id))

        office.log.meanwhile = frozen
        await office.reacted()
        assert await office.lines(of_order(2)) == [(A2, "B-ORDER", 20, "earned", "2026-04")]
        assert office.nets(MARCH) == {A1: 20}

    run(story())


# ---- months ---------------------------------------------------------------------------------------------------------
def test_a_month_is_judged_when_it_has_ended_and_again_on_late_facts_l_3() -> None:
    async def story() -> None:
        office = Office()
        await orders(office, A1, A1, A2)
        await office.reacted()
        assert await office.stands(RANKING) == {}
        await office.ended()
        assert await office.stands(RANKING) == {A1: 6000, A2: 3000}
        await orders(office, A2, A2, first=4)
        await office.reacted()
        assert await office.stands(RANKING) == {A1: 3000, A2: 6000}
        await office.put(order(4), w.OrderWithdrawn(reason=REASON))
        await office.reacted()
        assert await office.stands(RANKING) == {A1: 6000, A2: 6000}

    run(story())


def test_months_end_once_they_are_over_and_only_where_something_is_judged_by_them() -> None:
    async def story() -> None:
        office = Office()
        await orders(office, A1)
        await orders(office, A1, first=2, at=NOW)
        await office.put(fact_stream(UUID(int=9)), w.MissedCallLogged(at=AT - timedelta(days=40)))
        await office.ended()
        await office.ended()
        ended = [month for month, known in (await office.months()).months.items() if known.ended]
        assert ended == [MARCH]
        assert office.topics().count("payroll.month_ended") == 1

    run(story())


def exam(who: AgentId, mark: int, month: Month = MARCH) -> w.ExamTaken:
    mark_ = Decimal(mark)
    return w.ExamTaken(agent=who, month=month, typing=mark_, knowledge=mark_, service=mark_)


def test_an_exam_is_judged_by_its_month_and_by_the_one_before_p_exam() -> None:
    best, failed, next_failed = (
        Matter.monthly(MARCH, Code.BEST_EXAM),
        Matter.monthly(MARCH, Code.FAILED_EXAM),
        Matter.monthly(APRIL, Code.FAILED_EXAM),
    )

    async def story() -> None:
        office = Office()
        await office.put(fact_stream(exam_id(A1, MARCH)), exam(A1, 95))
        await office.put(fact_stream(exam_id(A2, APRIL)), exam(A2, 60, APRIL))
        await office.ended()
        assert (await office.stands(best), await office.stands(next_failed)) == ({A1: 5000}, {A2: -5000})
        late = fact_stream(exam_id(A2, MARCH))
        await office.put(late, exam(A2, 60))
        await office.reacted()
        assert (await office.stands(failed), await office.stands(next_failed)) == ({A2: -5000}, {A2: -8000})
        await office.put(late, replace(exam(A2, 96), reason=REASON))
        await office.reacted()
        assert await office.stands(best) == {A2: 5000}
        assert (await office.stands(failed), await office.stands(next_failed)) == ({}, {A2: -5000})
        await office.put(late, w.FactWithdrawn(reason=REASON))
        await office.reacted()
        assert await office.stands(best) == {A1: 5000}

    run(story())


def test_a_line_of_a_month_is_caused_by_its_facts_too_l_1() -> None:
    async def story() -> None:
        office = Office()
        await office.put(fact_stream(exam_id(A1, MARCH)), exam(A1, 95))
        await office.ended()
        [line] = (await office.voucher(Matter.monthly(MARCH, Code.BEST_EXAM))).entries.values()
        assert {(cause.position, cause.type) for cause in line.causes} == {
            (2, "payroll.month_ended"),
            (1, "exam.taken"),
        }

    run(story())


CALLBACKS = Matter.monthly(MARCH, Code.CALLBACK)


def test_callbacks_short_are_judged_anew_with_each_late_one_w_2() -> None:
    async def story() -> None:
        office = Office()
        tally = w.CallbacksTallied(agent=A1, month=MARCH, count=77)
        await office.put(fact_stream(tally_id(A1, MARCH)), tally)
        await office.ended()
        assert await office.stands(CALLBACKS) == {A1: -60}
        made = w.CallbackMade(agent=A1, at=AT, reached=True)
        await office.put(fact_stream(UUID(int=1)), made)
        await office.put(fact_stream(UUID(int=2)), replace(made, reached=False))
        await office.reacted()
        assert await office.stands(CALLBACKS) == {A1: -40}
        await office.put(fact_stream(UUID(int=1)), w.FactWithdrawn(reason=REASON))
        await office.reacted()
        assert await office.stands(CALLBACKS) == {A1: -60}

    run(story())


def test_who_left_within_a_month_has_fewer_callbacks_due_also_when_that_is_told_late_p_callback() -> None:
    """20 a full week: three weeks until 25 March; and when the last day is corrected, the month is judged anew."""

    async def story() -> None:
        office = Office()
        someone: Stream[Agent] = agent_stream(A1)
        joined = agent.Registered(id=A1, name=sealed("name"), role=Role.AGENT, joined_on=date(2020, 1, 1))
        await office.put(someone, joined)
        await office.put(fact_stream(tally_id(A1, MARCH)), w.CallbacksTallied(agent=A1, month=MARCH, count=50))
        await office.ended()
        assert await office.stands(CALLBACKS) == {A1: -600}
        await office.put(someone, agent.Left(last_day=date(2026, 3, 25)))
        await office.reacted()
        assert await office.stands(CALLBACKS) == {A1: -200}
        await office.put(someone, agent.Left(last_day=date(2026, 4, 25)))
        await office.reacted()
        assert await office.stands(CALLBACKS) == {A1: -600}

    run(story())


# ---- orders that are corrected --------------------------------------------------------------------------------------
def corrected(**what: object) -> w.OrderCorrected:
    return w.OrderCorrected(subject=SUBJECT, reason=REASON, **what)  # type: ignore[arg-type]


def test_an_order_moved_to_another_month_leaves_the_ranking_of_the_first_l_3() -> None:
    async def story() -> None:
        office = Office()
        await orders(office, A1, A2)
        await orders(office, A3, first=3, at=AT + timedelta(days=31))
        await office.ended()
        assert await office.stands(RANKING) == {A1: 6000, A2: 6000}
        await office.put(order(1), corrected(at=AT + timedelta(days=31)))
        await office.reacted()
        assert await office.lines(of_order(1)) == [
            EARNED,
            (A1, "B-ORDER", -20, "earned", "2026-03"),
            (A1, "B-ORDER", 20, "earned", "2026-04"),
        ]
        assert await office.stands(RANKING) == {A2: 6000}
        assert await office.stands(Matter.monthly(APRIL, Code.RECOMMEND)) == {A1: 6000, A3: 6000}

    run(story())


def test_an_order_moved_before_it_was_judged_leaves_the_ranking_that_had_counted_it_already() -> None:
    """The books may be ahead of what is judged: the order is in the ranking before its own event is taken in."""

    async def story() -> None:
        office = Office()
        await orders(office, A1)
        await office.ended()
        await orders(office, A2, first=2)
        upto = office.upto
        await office.reaction.react([one for one in office.log.recorded() if one.position <= 2])
        await office.put(PAYROLL, p.MonthEnded(month=MARCH))
        ended = [one for one in office.log.recorded() if isinstance(one.event, p.MonthEnded)]
        await office.reaction.react(ended)
        assert await office.stands(RANKING) == {A1: 6000, A2: 6000}
        await office.put(order(2), corrected(at=AT + timedelta(days=31)))
        office.upto = upto
        await office.reacted()
        assert await office.stands(RANKING) == {A1: 6000}

    run(story())


def test_an_order_corrected_is_judged_as_it_is_now_l_3() -> None:
    async def story() -> None:
        office = Office()
        await orders(office, A1)
        await office.reacted()
        await office.put(order(1), corrected(missing=(OrderField.PHONE,), wrong=()))
        await office.reacted()
        assert await office.stands(of_order(1)) == {A1: -50}
        await office.put(order(1), corrected(agent=A2, missing=(), wrong=()))
        await office.reacted()
        assert await office.stands(of_order(1)) == {A2: 20}
        await office.put(order(1), w.OrderWithdrawn(reason=REASON))
        await office.reacted()
        assert await office.stands(of_order(1)) == {}

    run(story())


# ---- the telephone --------------------------------------------------------------------------------------------------
PLANNED = shift.Planned(
    date=AT.date(),
    kind=ShiftKind.MIDDLE,
    start=AT - timedelta(hours=2),
    end=AT + timedelta(hours=6),
    agents=(A1, A2),
    supervisor=S1,
)
SHIFT = shift_stream("00000000-0000-4000-8000-000000000001")


def test_a_missed_call_is_borne_by_whoever_turns_out_to_have_been_on_duty_s_6() -> None:
    async def story() -> None:
        office = Office()
        await office.put(fact_stream(UUID(int=1)), w.MissedCallLogged(at=AT))
        await office.reacted()
        assert await office.stands(of_fact(1)) == {}
        await office.put(SHIFT, PLANNED)
        await office.reacted()
        assert await office.stands(of_fact(1)) == {A1: -1000, A2: -1000, S1: -5000}
        await office.put(SHIFT, shift.AbsenceRecorded(agent=A1, absenteeism=False))
        await office.reacted()
        assert await office.stands(of_fact(1)) == {A2: -1000, S1: -5000}
        await office.put(SHIFT, shift.AgentSwapped(away=A2, to=A3, swap="w1"))
        await office.reacted()
        assert await office.stands(of_fact(1)) == {A3: -1000, S1: -5000}

    run(story())


@pytest.mark.parametrize("days", [1, 3, -40])
def test_a_shift_moved_away_leaves_the_calls_of_its_first_time_s_6(days: int) -> None:
    async def story() -> None:
        office = Office()
        away = timedelta(days=days)
        await office.put(SHIFT, PLANNED)
        await office.put(fact_stream(UUID(int=1)), w.MissedCallLogged(at=AT))
        await office.put(fact_stream(UUID(int=2)), w.PhoneFaultReported(at=AT + away))
        await office.reacted()
        assert await office.stands(of_fact(1)) == {A1: -1000, A2: -1000, S1: -5000}
        moved = shift.Replanned(start=PLANNED.start + away, end=PLANNED.end + away, agents=(A1,), supervisor=S1)
        await office.put(SHIFT, moved)
        await office.reacted()
        assert await office.stands(of_fact(1)) == {}
        assert await office.stands(of_fact(2)) == {A1: -2000, S1: -10000}

    run(story())


def test_a_fault_found_in_time_costs_nobody_and_points_are_shared_w_4_w_7() -> None:
    async def story() -> None:
        office = Office()
        await office.put(SHIFT, PLANNED)
        await office.put(fact_stream(UUID(int=1)), w.PhoneFaultReported(at=AT, found_in_time=True))
        shortage = w.PointsShortageFound(at=AT, order_agent=A1, duty_agent=A2, points=3)
        await office.put(fact_stream(UUID(int=2)), shortage)
        await office.reacted()
        assert await office.stands(of_fact(1)) == {}
        assert await office.stands(of_fact(2)) == {A1: -150, A2: -150}
        await office.put(fact_stream(UUID(int=2)), w.FactWithdrawn(reason=REASON))
        await office.reacted()
        assert await office.stands(of_fact(2)) == {}

    run(story())


# ---- conduct --------------------------------------------------------------------------------------------------------
REPORTED = w.ConductReported(agent=A1, at=AT, code=ConductKind.ATTITUDE)


def test_a_report_without_a_case_has_its_own_line_each_time_w_6() -> None:
    async def story() -> None:
        office = Office()
        for number in (1, 2):
            await office.put(conduct_stream(UUID(int=number)), REPORTED)
        await office.put(conduct_stream(UUID(int=3)), replace(REPORTED, code=ConductKind.HUNG_UP))
        await office.reacted()
        reports = [Matter.of(MatterKind.CONDUCT, UUID(int=number)) for number in (1, 2, 3)]
        assert [await office.stands(report) for report in reports] == [{A1: -2000}, {A1: -2000}, {}]
        await office.put(conduct_stream(UUID(int=1)), w.ConductDismissed(reason=REASON))
        await office.reacted()
        assert [await office.stands(report) for report in reports] == [{}, {A1: -2000}, {}]

    run(story())


def test_a_fault_let_go_no_longer_named_and_named_anew_is_proposed_anew_c_5() -> None:
    async def story() -> None:
        office = Office()
        await faulted(office, "order 7")
        await office.reacted()
        await office.ledgers.dismiss([line_id(CASE, 1)], "no fault", OTHER, command(OTHER.id))
        for refs, statuses in (
            (["order 7"], ["dismissed"]),
            ([], ["dismissed"]),
            (["order 7"], ["dismissed", "proposed"]),
        ):
            await faulted(office, *refs)
            await office.reacted()
            assert [line[3] for line in await office.lines(CASE)] == statuses

    run(story())


def test_reports_and_faults_of_a_case_give_one_line_for_agent_and_code_w_6() -> None:
    async def story() -> None:
        office = Office()
        await faulted(office)
        for number in (1, 2):
            await office.put(conduct_stream(UUID(int=number)), replace(REPORTED, case=THIS))
        await office.reacted()
        assert await office.lines(CASE) == [(A1, "P-ATTITUDE", -2000, "proposed", None)]
        await office.put(conduct_stream(UUID(int=1)), w.ConductDismissed(reason=REASON))
        await office.reacted()
        assert await office.stands(CASE) == {A1: -2000}
        rude = case.Fault(agent=A1, fault=FaultKind.BAD_ATTITUDE, ref="call 1")
        await office.put(case_stream(THIS), replace(ANALYSED, faults=(rude,)))
        await office.reacted()
        assert [line[3] for line in await office.lines(CASE)] == ["dismissed", "proposed"]
        await office.put(case_stream(THIS), ANALYSED)
        await office.put(conduct_stream(UUID(int=2)), w.ConductDismissed(reason=REASON))
        await office.reacted()
        assert await office.stands(CASE) == {}

    run(story())


# ---- frozen, drawn, closed ------------------------------------------------------------------------------------------
def test_a_frozen_month_gets_its_statements_once_l_5() -> None:
    async def story() -> None:
        office = Office()
        await orders(office, A1, A1, A2)
        await office.reacted()
        await office.payroll.freeze(MARCH, PAYING, command(PAYING.id))
        await office.reacted(tracked=False)
        await office.reacted()
        assert office.nets(MARCH) == {A1: 40 + 6000, A2: 20 + 3000}
        assert (office.topics().count("payroll.stated"), office.topics().count("payroll.statements_drawn")) == (2, 1)
        months = await office.months()
        frozen = next(one.position for one in office.log.recorded() if isinstance(one.event, p.MonthFrozen))
        assert (months[MARCH].stage, months[MARCH].cut) == (Stage.FROZEN, frozen)

    run(story())


def test_freezing_waits_until_everything_is_judged_and_looks_for_the_first_month_then_l_4() -> None:
    """A fact of an earlier month, recorded but not judged yet: the books begin with that month."""

    async def story() -> None:
        office = Office()
        await orders(office, A1)
        await office.reacted()
        await orders(office, A1, first=2, at=AT - timedelta(days=31))
        with pytest.raises(Exception, match="2026-02 has lines and is not closed"):
            await office.payroll.freeze(MARCH, PAYING, command(PAYING.id))

    run(story())


def test_while_statements_are_drawn_up_what_comes_late_for_them_has_to_wait_l_4() -> None:
    async def story() -> None:
        office = Office()
        await orders(office, A1)
        await faulted(office, "order 7")
        await office.reacted()
        office.book.readable = office.upto
        await office.put(PAYROLL, p.MonthEnded(month=MARCH), p.MonthFrozen(month=MARCH, by=PAYING.id))
        with pytest.raises(Busy, match="2026-03 are being drawn up"):
            await office.confirm(line_id(CASE, 1))
        await orders(office, A1, first=2)
        with pytest.raises(Busy, match="2026-03 are being drawn up"):
            await office.reacted()
        office.book.readable = None
        await office.reacted()
        assert office.nets(MARCH) == {A1: 20}
        assert await office.lines(of_order(2)) == [(A1, "B-ORDER", 20, "earned", "2026-04")]

    run(story())


def test_a_proposal_open_when_its_month_closes_waits_for_the_next_l_0() -> None:
    """It takes what that month would have covered: 6020 of 1000; the reversal gives as much back."""

    async def story() -> None:
        office = Office()
        await orders(office, A1)
        await faulted(office, "order 7")
        await office.paid(MARCH)
        assert office.nets(MARCH) == {A1: 6020}
        await office.confirm(line_id(CASE, 1))
        assert await office.lines(CASE) == [(A1, "P-OPERATION", -1000, "confirmed", "2026-04")]
        await office.paid(APRIL)
        assert office.nets(APRIL) == {A1: 0}
        await faulted(office)
        await office.paid(MAY)
        assert await office.lines(CASE) == [
            (A1, "P-OPERATION", -1000, "confirmed", "2026-04"),
            (A1, "P-OPERATION", 1000, "confirmed", "2026-05"),
        ]
        # never collected in April, so never paid back in May
        assert office.nets(MAY) == {A1: 0}

    run(story())


def test_late_lines_of_one_account_in_one_stretch_are_offset_one_after_the_other_l_4() -> None:
    async def story() -> None:
        office = Office()
        await faulted(office, "order 7")
        await office.reacted()
        await office.confirm(line_id(CASE, 1))
        await office.paid(MARCH)
        assert office.nets(MARCH) == {A1: 0}
        await orders(office, *[A1] * 60)
        before = office.log.meanwhile
        await office.reacted()
        assert before is None
        offsets = [one.event for one in office.log.recorded() if isinstance(one.event, p.Offset)]
        # B-RECOMMEND 60.00 and sixty orders of 0.20 late for a month that had left 10.00 uncovered
        assert [offset.number for offset in offsets] == [*range(1, 62)]
        assert sum(offset.change_fen + offset.amount_fen for offset in offsets) == 6000 + 60 * 20 - 1000
        account = await office.account(A1, MARCH)
        assert (account.sums.bonus_fen, account.sums.penalty_fen, account.offsets) == (7200, -1000, 61)
        await office.paid(APRIL)
        assert office.nets(APRIL) == {A1: 6200}

    run(story())


def test_what_lowers_a_closed_month_waits_with_what_comes_in_its_place_l_3() -> None:
    """First and alone until a late order of another: then second. Nothing is paid twice while that waits."""

    async def story() -> None:
        office = Office()
        await orders(office, A1, A1)
        await office.paid(MARCH)
        assert office.nets(MARCH) == {A1: 6040}
        await orders(office, A2, A2, A2, first=3)
        await office.reacted()
        assert await office.lines(RANKING) == [
            (A1, "B-RECOMMEND", 6000, "earned", "2026-03"),
            (A1, "B-RECOMMEND", -6000, "proposed", None),
            (A2, "B-RECOMMEND", 6000, "earned", "2026-04"),
        ]
        [waiting] = await office.waiting(RANKING)
        await office.confirm(waiting, by=OTHER)
        assert (await office.lines(RANKING))[1:] == [
            (A1, "B-RECOMMEND", -6000, "confirmed", "2026-04"),
            (A2, "B-RECOMMEND", 6000, "earned", "2026-04"),
            (A1, "B-RECOMMEND", 3000, "earned", "2026-04"),
        ]
        await office.reacted()
        await office.paid(APRIL)
        assert office.nets(APRIL) == {A1: 0, A2: 6060}

    run(story())


def test_what_is_left_open_is_carried_on_where_the_policy_says_so_l_5() -> None:
    async def story() -> None:
        office = Office()
        office.policy = replace(office.policy, carry_forward=True)
        await faulted(office, "order 7")
        await office.reacted()
        await office.confirm(line_id(CASE, 1))
        await office.paid(MARCH)
        await office.paid(APRIL)
        stated = [one.event for one in office.log.recorded() if isinstance(one.event, p.Stated)]
        assert [(one.month, one.opening_fen, one.net_fen, one.carried_fen) for one in stated] == [
            (MARCH, 0, 0, 1000),
            (APRIL, -1000, 0, 1000),
        ]

    run(story())
