"""Rulebook part 5: what each rule of the ledgers makes of established facts, by the default tariff and by others."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.intake.tariffs import shipped
from domain.case.words import FaultKind
from domain.ledger.lines import Code, Line, statements, yuan
from domain.ledger.rules import Judged, NoTariff, judge, judge_cause, judge_month
from domain.tariff.tariff import Tariff, faults
from domain.values import AgentId, Month
from domain.work import facts as f

SHANGHAI = timezone(timedelta(hours=8))
A, B, C, S = (AgentId(name) for name in ("a1", "a2", "a3", "s1"))
MARCH = Month(2026, 3)
NOON = datetime(2026, 3, 5, 12, tzinfo=SHANGHAI)
DEFAULT = shipped()


def lines(*facts: f.Fact, shifts: Sequence[f.Duty] = (), tariffs: Sequence[Tariff] = (DEFAULT,)) -> list[Line]:
    return judge(Judged(facts=facts, shifts=shifts, tariffs=tariffs, time_zone="Asia/Shanghai"))


def amounts(*facts: f.Fact, shifts: Sequence[f.Duty] = ()) -> list[tuple[str, str, int]]:
    return [(line.agent, line.code, line.amount_fen) for line in lines(*facts, shifts=shifts)]


def order(agent: AgentId = A, at: datetime = NOON, **rest: object) -> f.Order:
    plain = f.Order(at=at, agent=agent, merchant="m1", signed=True, recommended=False)
    return replace(plain, **rest)  # type: ignore[arg-type]


def exam(agent: AgentId, mark: str, month: Month = MARCH) -> f.Exam:
    return f.Exam(month=month, agent=agent, typing=Decimal(mark), knowledge=Decimal(mark), service=Decimal(mark))


# ---- B-ORDER, P-ORDER-FIELD -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("day", "signed", "fen"),
    [
        (date(2007, 1, 31), True, 20),
        (date(2007, 2, 1), True, 25),
        (date(2007, 2, 1), False, 15),
        (date(2007, 4, 30), False, 15),
        (date(2007, 5, 1), False, 20),
        (date(2028, 2, 29), True, 20),
    ],
)
def test_an_order_is_paid_by_the_local_day_of_entry(day: date, signed: bool, fen: int) -> None:  # noqa: FBT001
    last_minute = datetime(day.year, day.month, day.day, 23, 59, tzinfo=SHANGHAI).astimezone(UTC)
    [line] = lines(order(at=last_minute, signed=signed))
    assert (line.code, line.amount_fen, line.occurred_on) == ("B-ORDER", fen, day)


def test_an_item_missing_and_wrong_counts_once_and_the_order_earns_nothing() -> None:
    phone = frozenset({f.OrderField.PHONE})
    assert amounts(order(missing=phone, wrong=phone)) == [(A, "P-ORDER-FIELD", -50)]


def test_an_order_not_seated_earns_nothing_but_its_faults_still_count() -> None:
    assert amounts(order(seated=False)) == []
    assert amounts(order(seated=False, wrong=frozenset({f.OrderField.REMARKS}))) == [(A, "P-ORDER-FIELD", -50)]


# ---- B-RECOMMEND ----------------------------------------------------------------------------------------------------
def ranking(**counts: int) -> dict[str, int]:
    placed = [order(AgentId(agent), recommended=True) for agent, count in counts.items() for _ in range(count)]
    return {line.agent: line.amount_fen for line in lines(*placed) if line.code == "B-RECOMMEND"}


def test_first_and_second_of_the_month_are_rewarded() -> None:
    assert ranking(a1=3, a2=2, a3=1) == {"a1": 6000, "a2": 3000}


def test_equal_counts_share_the_rank_and_the_next_one_is_skipped() -> None:
    assert ranking(a1=3, a2=3, a3=1) == {"a1": 6000, "a2": 6000}
    assert ranking(a1=3, a2=2, a3=2) == {"a1": 6000, "a2": 3000, "a3": 3000}


def test_what_was_steered_away_or_is_not_valid_or_not_recommended_does_not_rank() -> None:
    out = [order(recommended=True, steered=True), order(recommended=True, seated=False), order(recommended=False)]
    assert not [line for line in lines(*out) if line.code == "B-RECOMMEND"]


def test_the_ranking_is_of_the_last_day_of_its_month() -> None:
    assert [line.occurred_on for line in lines(order(recommended=True)) if line.code == "B-RECOMMEND"] == [
        date(2026, 3, 31)
    ]


# ---- exams ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("mark", "expected"), [("90", []), ("90.01", [(A, "B-EXAM", 5000)]), ("70", [])])
def test_the_best_exam_is_strictly_above_ninety_and_seventy_passes(mark: str, expected: list[object]) -> None:
    assert amounts(exam(A, mark)) == expected


def test_equal_best_scores_each_get_the_bonus() -> None:
    assert amounts(exam(A, "95"), exam(B, "95"), exam(C, "94")) == [(A, "B-EXAM", 5000), (B, "B-EXAM", 5000)]


def test_scores_are_exact_decimals() -> None:
    just_below = f.Exam(month=MARCH, agent=A, typing=Decimal("69.9"), knowledge=Decimal(70), service=Decimal("70.1"))
    [line] = lines(just_below)
    assert line.amount_fen == -5000
    assert "69.99" in line.explanation.zh


def test_failing_twice_running_costs_more_and_no_exam_is_not_failed() -> None:
    january, march = Month(2026, 1), Month(2026, 3)
    assert [line.amount_fen for line in lines(exam(A, "60", january), exam(A, "60", march))] == [-5000, -5000]
    assert [line.amount_fen for line in lines(exam(A, "60", march.before), exam(A, "60", march))] == [-5000, -8000]
    assert [line.amount_fen for line in lines(exam(A, "80", march.before), exam(A, "60", march))] == [-5000]


def test_the_month_before_january_is_december() -> None:
    assert [line.amount_fen for line in lines(exam(A, "60", Month(2025, 12)), exam(A, "60", Month(2026, 1)))] == [
        -5000,
        -8000,
    ]


# ---- callbacks ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("count", "weeks", "fen"), [(78, None, -40), (80, None, None), (95, None, None), (0, 2, -800), (40, 2, None)]
)
def test_each_callback_short_costs(count: int, weeks: int | None, fen: int | None) -> None:
    fact = f.MemberCallbacks(month=MARCH, agent=A, count=count, full_weeks=weeks)
    assert amounts(fact) == ([] if fen is None else [(A, "P-CALLBACK", fen)])


# ---- faults, conduct, duty, points ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("fault", "code", "fen"),
    [
        (FaultKind.OPERATION_ERROR, "P-OPERATION", -1000),
        (FaultKind.BAD_ATTITUDE, "P-ATTITUDE", -2000),
        (FaultKind.MEDIA_EXPOSURE, "P-MEDIA", -2000),
    ],
)
def test_one_fault_gives_each_agent_one_code(fault: FaultKind, code: str, fen: int) -> None:
    assert amounts(f.CaseFault(at=NOON, agents=(A, B, A), fault=fault)) == [(A, code, fen), (B, code, fen)]


@pytest.mark.parametrize(
    ("code", "fen"),
    [(f.ConductCode.IDLE, -2000), (f.ConductCode.MINOR, -1000), (f.ConductCode.ATTITUDE, -2000)],
)
def test_conduct_costs_each_time(code: f.ConductCode, fen: int) -> None:
    report = f.Conduct(at=NOON, agent=A, code=code)
    assert amounts(report, report) == [(A, code, fen)] * 2


NIGHT = f.Duty(
    start=datetime(2026, 3, 5, 22, tzinfo=SHANGHAI),
    end=datetime(2026, 3, 6, 6, tzinfo=SHANGHAI),
    agents=(A, B),
    supervisor=S,
)


def test_a_missed_call_is_borne_by_who_is_on_duty_over_midnight_by_its_own_day() -> None:
    found = lines(f.MissedCall(at=datetime(2026, 3, 6, 1, tzinfo=SHANGHAI)), shifts=[NIGHT])
    assert [(line.agent, line.amount_fen, line.occurred_on.day) for line in found] == [
        (A, -1000, 6),
        (B, -1000, 6),
        (S, -5000, 6),
    ]


def test_at_the_end_of_a_shift_nobody_of_it_is_on_duty() -> None:
    assert amounts(f.MissedCall(at=NIGHT.end), shifts=[NIGHT]) == []
    assert amounts(f.PhoneFault(at=NIGHT.start), shifts=[NIGHT]) == [
        (A, "P-PHONE-FAULT", -2000),
        (B, "P-PHONE-FAULT", -2000),
        (S, "P-PHONE-FAULT", -10000),
    ]


def test_a_person_in_two_shifts_bears_once_as_supervisor_where_they_supervise() -> None:
    other = replace(NIGHT, agents=(A, S), supervisor=C)
    found = amounts(f.MissedCall(at=NIGHT.start), shifts=[NIGHT, other, replace(NIGHT, agents=(), supervisor=None)])
    assert Counter(agent for agent, _, _ in found) == {A: 1, B: 1, S: 1, C: 1}
    assert (S, "P-MISSED-CALL", -5000) in found


@pytest.mark.parametrize(
    ("point_fen", "second", "expected"),
    [(100, B, {A: -150, B: -150}), (1, B, {A: -2, B: -1}), (100, A, {A: -300})],
)
def test_missing_points_are_halved_and_an_odd_fen_falls_to_who_entered(
    point_fen: int, second: AgentId, expected: dict[str, int]
) -> None:
    fact = f.PointsShortage(at=NOON, order_agent=A, duty_agent=second, points=3)
    found = lines(fact, tariffs=[replace(DEFAULT, point_fen=point_fen)])
    assert {line.agent: line.amount_fen for line in found} == expected


# ---- tariffs and statements -----------------------------------------------------------------------------------------
def test_a_fact_is_judged_by_the_tariff_of_its_local_day() -> None:
    later = replace(DEFAULT, version="later", valid_from=date(2026, 3, 5), idle_fen=1)
    reports = [f.Conduct(at=NOON - timedelta(days=days), agent=A, code=f.ConductCode.IDLE) for days in (1, 0)]
    found = lines(*reports, tariffs=[later, DEFAULT])
    assert [(line.tariff, line.amount_fen) for line in found] == [("default-1", -2000), ("later", -1)]


def test_a_day_before_every_tariff_is_refused() -> None:
    with pytest.raises(NoTariff, match="1999-12-31"):
        lines(order(at=datetime(1999, 12, 31, tzinfo=SHANGHAI)))


def test_a_statement_never_falls_below_zero_and_shows_what_is_uncovered() -> None:
    report = f.Conduct(at=NOON, agent=A, code=f.ConductCode.MINOR)
    [statement] = statements(lines(order(), report))
    assert (statement.bonus_fen, statement.penalty_fen, statement.net_fen, statement.uncovered_fen) == (
        20,
        -1000,
        0,
        -980,
    )
    assert str(statement.month) == "2026-03"


def test_the_shipped_tariff_is_sound() -> None:
    assert faults(DEFAULT) == []


@pytest.mark.parametrize(
    ("periods", "reason"),
    [
        ((0, 2), "gap"),
        ((0, 0, 1, 2), "overlaps"),
        ((0, 1), "later"),
        ((2, 2), "overlaps"),
    ],
)
def test_gaps_and_overlaps_of_periods_are_found(periods: tuple[int, ...], reason: str) -> None:
    chosen = tuple(DEFAULT.order[at] for at in periods)
    assert any(reason in said for _, said in faults(replace(DEFAULT, order=chosen)))


def test_a_period_that_ends_before_it_begins_and_weights_that_do_not_add_up_are_found() -> None:
    backwards = replace(DEFAULT.order[0], to=date(1999, 1, 1))
    found = faults(replace(DEFAULT, order=(backwards,), exam=replace(DEFAULT.exam, typing_percent=21)))
    assert any("before it begins" in said for _, said in found)
    assert ("exam", "the three weights do not add up to 100 percent") in found


# ---- laws -----------------------------------------------------------------------------------------------------------
people = st.sampled_from([A, B, C])
moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 4, 30), timezones=st.just(UTC))  # noqa: DTZ001
facts_of_all_kinds = st.one_of(
    st.builds(order, people, moments, recommended=st.booleans(), seated=st.booleans()),
    st.builds(f.Conduct, at=moments, agent=people, code=st.sampled_from(f.ConductCode)),
    st.builds(f.PointsShortage, at=moments, order_agent=people, duty_agent=people, points=st.integers(1, 99)),
    st.builds(f.MissedCall, at=moments),
    st.builds(
        f.CaseFault,
        at=moments,
        agents=st.lists(people, min_size=1, max_size=3).map(tuple),
        fault=st.sampled_from(FaultKind),
    ),
)


@settings(max_examples=500, deadline=None)
@given(st.lists(facts_of_all_kinds, max_size=12), st.randoms(use_true_random=False))
def test_independent_facts_in_any_order_give_the_same_lines(facts: list[f.Fact], random: object) -> None:
    shuffled = list(facts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert lines(*facts) == lines(*shuffled)


@settings(max_examples=500, deadline=None)
@given(st.integers(1, 10**6), st.integers(1, 1000))
def test_no_fen_is_lost_in_a_split(points: int, point_fen: int) -> None:
    fact = f.PointsShortage(at=NOON, order_agent=A, duty_agent=B, points=points)
    found = lines(fact, tariffs=[replace(DEFAULT, point_fen=point_fen)])
    assert sum(line.amount_fen for line in found) == -points * point_fen


# ---- one cause, one month -------------------------------------------------------------------------------------------
def judged(*facts: f.Fact) -> Judged:
    return Judged(facts=facts, shifts=(), tariffs=(DEFAULT,), time_zone="Asia/Shanghai")


def test_the_same_agent_code_and_case_give_one_line_w_6() -> None:
    fault = f.CaseFault(at=NOON, agents=(A,), fault=FaultKind.BAD_ATTITUDE, ref="call 1")
    report = f.Conduct(at=NOON, agent=A, code=f.ConductCode.ATTITUDE)
    idle = replace(report, code=f.ConductCode.IDLE)
    found = [(line.agent, line.code, line.ref) for line in judge_cause(judged(report, fault, report, idle, idle))]
    assert found == [(A, "P-ATTITUDE", "call 1"), (A, "P-IDLE", None)]
    assert len(judge_cause(judged(report, replace(report, agent=B)))) == 2


def test_that_one_line_is_confirmed_with_any_of_its_reports_w_6() -> None:
    fault = f.CaseFault(at=NOON, agents=(A, B), fault=FaultKind.BAD_ATTITUDE)
    report = f.Conduct(at=NOON, agent=A, code=f.ConductCode.ATTITUDE)
    later = replace(report, at=NOON + timedelta(days=1), confirmed_by=C)
    minor = replace(report, code=f.ConductCode.MINOR)

    def confirmed(*facts: f.Fact) -> list[tuple[str, str, str | None]]:
        return [(line.agent, line.code, line.confirmed_by) for line in judge_cause(judged(*facts))]

    assert confirmed(report, later, minor) == [(A, "P-ATTITUDE", C), (A, "P-MINOR", None)]
    assert confirmed(fault, report, later) == [(A, "P-ATTITUDE", C), (B, "P-ATTITUDE", None)]


def test_two_faults_of_one_code_are_told_apart_by_ref_c_5() -> None:
    fault = f.CaseFault(at=NOON, agents=(A,), fault=FaultKind.OPERATION_ERROR, ref="order 1")
    found = judge_cause(judged(fault, replace(fault, ref="order 2", grave=True)))
    assert [(line.ref, line.grave) for line in found] == [("order 1", False), ("order 2", True)]


def test_each_item_of_an_order_has_its_line() -> None:
    faulty = order(missing=frozenset({f.OrderField.PHONE}), wrong=frozenset({f.OrderField.CARD_NO}))
    found = [(line.ref, line.explanation.en.split(" in ")[0]) for line in judge_cause(judged(faulty))]
    assert sorted(found) == [("card_no", "item card_no wrong"), ("phone", "item phone missing")]


def test_what_costs_nothing_gives_no_line() -> None:
    free = replace(DEFAULT, idle_fen=0)
    report = f.Conduct(at=NOON, agent=A, code=f.ConductCode.IDLE)
    assert lines(report, tariffs=[free]) == []


def test_a_month_is_judged_by_its_code_and_the_month_before_only_counts_p_exam() -> None:
    february = MARCH.before
    facts = judged(exam(A, "60", february), exam(A, "60"), exam(B, "95"))
    assert [(line.agent, line.amount_fen) for line in judge_month(facts, Code.FAILED_EXAM, MARCH)] == [(A, -8000)]
    assert [(line.agent, line.amount_fen) for line in judge_month(facts, Code.FAILED_EXAM, february)] == [(A, -5000)]
    assert [line.agent for line in judge_month(facts, Code.BEST_EXAM, MARCH)] == [B]
    assert judge_month(facts, Code.RECOMMEND, MARCH) == []


def test_counted_orders_rank_like_the_orders_themselves_b_recommend() -> None:
    counted = [f.RecommendedOrders(month=MARCH, agent=agent, count=count) for agent, count in ((A, 1), (B, 1), (C, 1))]
    found = judge_month(judged(*counted, order(C, recommended=True)), Code.RECOMMEND, MARCH)
    assert {line.agent: line.amount_fen for line in found} == {C: 6000, A: 3000, B: 3000}


def test_callbacks_of_a_month_are_added_up_p_callback() -> None:
    facts = [f.MemberCallbacks(month=MARCH, agent=A, count=count) for count in (50, 28)]
    assert [line.amount_fen for line in judge_month(judged(*facts), Code.CALLBACK, MARCH)] == [-40]


@pytest.mark.parametrize(("fen", "said"), [(0, "0.00"), (5, "0.05"), (-925, "-9.25"), (-5, "-0.05"), (100, "1.00")])
def test_amounts_in_sentences_are_exact(fen: int, said: str) -> None:
    assert yuan(fen) == said
    assert yuan(10**18 + fen).endswith(f"{(10**18 + fen) % 100:02d}")
