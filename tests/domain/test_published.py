"""Documents that two people put in force (A-4): tariffs and payroll policies, each in its register (L-5, L-6)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from domain.kernel import Event
from domain.payroll import policy_events as pe
from domain.payroll.policies import ACKNOWLEDGEMENTS, PAYROLL_POLICIES, PAYROLL_POLICY_REGISTER, acknowledge
from domain.payroll.policy import PayrollPolicy, faults
from domain.payroll.settlement import Mode, Terms
from domain.published import Entry, Register, Status, propose, publish, withdraw
from domain.tariff import events as e
from domain.tariff.tariff import CallbackTerms, DutyAmounts, ExamTerms, OrderPay, Tariff
from domain.tariff.tariffs import TARIFF_REGISTER, TARIFFS
from domain.team.events import Renamed
from domain.values import AgentId
from tests.support.spec import given_of

ONE, OTHER = AgentId("d1"), AgentId("d2")
NOW = datetime(2024, 5, 6, 15, 59, tzinfo=UTC)
"""A minute before midnight in Shanghai."""
JUNE, JULY = date(2024, 6, 1), date(2024, 7, 1)
SHIPPED = Tariff(
    version="default-1",
    valid_from=date(2000, 1, 1),
    time_zone="Asia/Shanghai",
    order=(OrderPay(first=date(2000, 1, 1), signed_fen=20, unsigned_fen=20),),
    recommend_fen=(6000, 3000),
    exam=ExamTerms(
        typing_percent=20,
        knowledge_percent=70,
        service_percent=10,
        pass_mark=Decimal(70),
        bonus_above=Decimal(90),
        bonus_fen=5000,
        failed_fen=5000,
        failed_again_fen=8000,
    ),
    order_field_fen=50,
    callback=CallbackTerms(per_month=80, per_full_week=20, short_fen=20),
    operation_fen=1000,
    media_fen=2000,
    attitude_fen=2000,
    idle_fen=2000,
    minor_fen=1000,
    phone_fault=DutyAmounts(agent_fen=2000, supervisor_fen=10_000),
    missed_call=DutyAmounts(agent_fen=1000, supervisor_fen=5000),
    point_fen=100,
)


def tariff(version: str = "t-2", valid_from: date = JUNE) -> Tariff:
    order = (OrderPay(first=valid_from, signed_fen=25, unsigned_fen=15),)
    return replace(SHIPPED, version=version, valid_from=valid_from, order=order)


PROPOSED = e.Proposed(document=tariff(), by=ONE)
PUBLISHED = e.Published(of_version="t-2", proposed_by=ONE, by=OTHER)
WITHDRAWN = e.Withdrawn(of_version="t-2", by=ONE, reason="a slip")
HERE = (TARIFFS, (SHIPPED,))


# ---- proposing ------------------------------------------------------------------------------------------------------
def test_a_version_is_proposed_a_4() -> None:
    given_of(TARIFF_REGISTER).when(propose, *HERE, tariff(), ONE, NOW).then(PROPOSED)
    assert given_of(TARIFF_REGISTER, PROPOSED).state.entries == (Entry(tariff(), Status.PROPOSED, ONE),)


@pytest.mark.parametrize("history", [(PROPOSED,), (PROPOSED, PUBLISHED), (PROPOSED, WITHDRAWN)])
def test_a_version_is_given_once_a_4(history: tuple[Event, ...]) -> None:
    outcome = given_of(TARIFF_REGISTER, *history).when(propose, *HERE, tariff(valid_from=JULY), OTHER, NOW)
    outcome.then_refused("version_given", "A-4", "there is a tariff t-2", "/version")
    shipped = given_of(TARIFF_REGISTER).when(propose, *HERE, tariff("default-1"), ONE, NOW)
    shipped.then_refused("version_given", "A-4", "default-1", "/version")


@pytest.mark.parametrize(("day", "fits"), [(date(2024, 5, 6), False), (date(2024, 5, 7), True)])
def test_a_version_begins_on_a_day_to_come_l_6(day: date, fits: bool) -> None:  # noqa: FBT001
    document = tariff(valid_from=day)
    outcome = given_of(TARIFF_REGISTER).when(propose, *HERE, document, ONE, NOW)
    if fits:
        outcome.then(e.Proposed(document=document, by=ONE))
    else:
        outcome.then_refused("invalid", "L-6", "name a day to come", "/valid_from")
    a_minute_later = given_of(TARIFF_REGISTER).when(propose, *HERE, document, ONE, NOW + timedelta(minutes=1))
    a_minute_later.then_refused("invalid", "L-6", "name a day to come", "/valid_from")


def test_two_proposals_may_begin_on_one_day_until_one_is_published_a_4() -> None:
    rival = tariff("t-3")
    given_of(TARIFF_REGISTER, PROPOSED).when(propose, *HERE, rival, ONE, NOW).then(e.Proposed(document=rival, by=ONE))
    refused = ("first_day_taken", "A-4", "t-2 begins on 2024-06-01 too", "/valid_from")
    given_of(TARIFF_REGISTER, PROPOSED, PUBLISHED).when(propose, *HERE, rival, ONE, NOW).then_refused(*refused)
    rivals = given_of(TARIFF_REGISTER, PROPOSED, e.Proposed(document=rival, by=ONE), PUBLISHED)
    rivals.when(publish, *HERE, "t-3", OTHER, NOW).then_refused(*refused)


@pytest.mark.parametrize(
    ("changes", "pointer", "saying"),
    [
        ({"order": (OrderPay(first=JULY, signed_fen=1, unsigned_fen=1),)}, "/order/0", "leaves a gap"),
        ({"time_zone": "Europe/London"}, "/time_zone", "Asia/Shanghai"),
        ({"idle_fen": -1}, "/idle_fen", "-1 does not lie between"),
        ({"recommend_fen": (1, 10**12 + 1)}, "/recommend_fen/1", "does not lie between"),
        ({"missed_call": DutyAmounts(agent_fen=-1, supervisor_fen=0)}, "/missed_call/agent_fen", "does not lie"),
        ({"exam": replace(SHIPPED.exam, pass_mark=Decimal("NaN"))}, "/exam/pass_mark", "no mark between"),
        ({"exam": replace(SHIPPED.exam, pass_mark=Decimal("100.1"))}, "/exam/pass_mark", "no mark between"),
    ],
)
def test_a_tariff_that_cannot_hold_is_refused_with_its_field(
    changes: dict[str, object], pointer: str, saying: str
) -> None:
    document = replace(tariff(), **changes)  # type: ignore[arg-type]
    outcome = given_of(TARIFF_REGISTER).when(propose, *HERE, document, ONE, NOW)
    outcome.then_refused("invalid", None, saying, pointer)


def test_amounts_and_marks_may_lie_on_the_bounds() -> None:
    edges = replace(tariff(), idle_fen=0, media_fen=10**12, exam=replace(SHIPPED.exam, bonus_above=Decimal(100)))
    given_of(TARIFF_REGISTER).when(propose, *HERE, edges, ONE, NOW).then(e.Proposed(document=edges, by=ONE))


# ---- publishing -----------------------------------------------------------------------------------------------------
def test_another_person_publishes_a_4() -> None:
    proposed = given_of(TARIFF_REGISTER, PROPOSED)
    proposed.when(publish, *HERE, "t-2", OTHER, NOW).then(PUBLISHED)
    proposed.when(publish, *HERE, "t-2", ONE, NOW).then_refused("second_person", "A-4", "another admin")


def test_what_reaches_back_is_not_published_l_6() -> None:
    on_the_day = datetime(2024, 5, 31, 16, tzinfo=UTC)
    outcome = given_of(TARIFF_REGISTER, PROPOSED).when(publish, *HERE, "t-2", OTHER, on_the_day)
    outcome.then_refused("reaches_back", "L-6", "propose it anew")
    given_of(TARIFF_REGISTER, PROPOSED).when(publish, *HERE, "t-2", OTHER, on_the_day - timedelta(seconds=1)).then(
        PUBLISHED
    )


@pytest.mark.parametrize("history", [(PROPOSED, PUBLISHED), (PROPOSED, WITHDRAWN)])
def test_only_open_proposals_are_published_or_withdrawn_a_4(history: tuple[Event, ...]) -> None:
    ended = given_of(TARIFF_REGISTER, *history)
    ended.when(publish, *HERE, "t-2", OTHER, NOW).then_refused("not_proposed", "A-4", "propose another version")
    ended.when(withdraw, *HERE, "t-2", ONE, "x").then_refused("not_proposed", "A-4", "propose another version")


def test_the_shipped_version_is_neither_published_nor_withdrawn() -> None:
    given_of(TARIFF_REGISTER).when(publish, *HERE, "default-1", OTHER, NOW).then_refused(
        "not_proposed", "A-4", "default-1 is published"
    )
    given_of(TARIFF_REGISTER).when(withdraw, *HERE, "default-1", ONE, "x").then_refused(
        "not_proposed", "A-4", "default-1 is published"
    )


def test_an_unknown_version_is_not_found() -> None:
    given_of(TARIFF_REGISTER).when(publish, *HERE, "t-9", OTHER, NOW).then_refused("not_found", None, "no tariff t-9")
    given_of(TARIFF_REGISTER).when(withdraw, *HERE, "t-9", ONE, "x").then_refused("not_found", None, "no tariff t-9")


@pytest.mark.parametrize("by", [ONE, OTHER])
def test_a_proposal_is_withdrawn_a_4(by: AgentId) -> None:
    given_of(TARIFF_REGISTER, PROPOSED).when(withdraw, *HERE, "t-2", by, "a slip").then(replace(WITHDRAWN, by=by))


# ---- what is in force -----------------------------------------------------------------------------------------------
def test_the_shipped_and_the_published_are_in_force_in_the_order_of_their_days_l_6() -> None:
    later = e.Proposed(document=tariff("t-4", JULY), by=OTHER)
    open_ = e.Proposed(document=tariff("t-5", JULY), by=OTHER)
    back = e.Proposed(document=tariff("t-6", date(2024, 8, 1)), by=OTHER)
    published_later = e.Published(of_version="t-4", proposed_by=OTHER, by=ONE)
    withdrawn = e.Withdrawn(of_version="t-6", by=OTHER, reason="x")
    history = (later, PROPOSED, open_, back, published_later, PUBLISHED, withdrawn)
    register = given_of(TARIFF_REGISTER, *history).state
    assert register.published([SHIPPED]) == (SHIPPED, tariff(), tariff("t-4", JULY))
    assert register.entries[0] == Entry(tariff("t-4", JULY), Status.PUBLISHED, OTHER, ONE)
    assert register.entries[3] == Entry(back.document, Status.WITHDRAWN, OTHER, withdrawn_by=OTHER)
    assert [entry.document.version for entry in register.all([SHIPPED])] == ["default-1", "t-4", "t-2", "t-5", "t-6"]


def test_an_event_of_another_kind_changes_nothing() -> None:
    assert given_of(TARIFF_REGISTER, PROPOSED, Renamed(name="x")).state == given_of(TARIFF_REGISTER, PROPOSED).state
    assert given_of(ACKNOWLEDGEMENTS, Renamed(name="x")).state == given_of(ACKNOWLEDGEMENTS).state


# ---- payroll policies -----------------------------------------------------------------------------------------------
DEFAULT = PayrollPolicy(
    version="default-1", valid_from=date(2000, 1, 1), mode=Mode.BONUS_OFFSET, basis="only the bonus is at stake"
)
DEDUCTING = PayrollPolicy(
    version="p-2",
    valid_from=JUNE,
    mode=Mode.WAGE_DEDUCTION,
    basis="Article 16, wages payment provisions",
    published_on=date(2024, 5, 31),
    minimum_wage_fen=200_000,
)
POLICY_PROPOSED = pe.Proposed(document=DEDUCTING, by=ONE)
POLICY_PUBLISHED = pe.Published(of_version="p-2", proposed_by=ONE, by=OTHER)
POLICIES = (PAYROLL_POLICIES, (DEFAULT,))


def test_a_payroll_policy_goes_the_same_way_a_4() -> None:
    given_of(PAYROLL_POLICY_REGISTER).when(propose, *POLICIES, DEDUCTING, ONE, NOW).then(POLICY_PROPOSED)
    proposed = given_of(PAYROLL_POLICY_REGISTER, POLICY_PROPOSED)
    proposed.when(publish, *POLICIES, "p-2", OTHER, NOW).then(POLICY_PUBLISHED)
    proposed.when(withdraw, *POLICIES, "p-2", ONE, "x").then(pe.Withdrawn(of_version="p-2", by=ONE, reason="x"))


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"valid_from": date(2024, 6, 2)}, "valid_from"),
        ({"cap_percent": 21}, "cap_percent"),
        ({"cap_percent": -1}, "cap_percent"),
        ({"minimum_wage_fen": -1}, "minimum_wage_fen"),
        ({"minimum_wage_fen": None}, "minimum_wage_fen"),
        ({"minimum_wage_fen": 0}, "minimum_wage_fen"),
        ({"basis": " "}, "basis"),
        ({"published_on": None}, "published_on"),
        ({"published_on": JUNE}, "published_on"),
    ],
)
def test_wages_are_touched_only_with_basis_publication_cap_and_minimum_l_5(
    changes: dict[str, object], path: str
) -> None:
    policy = replace(DEDUCTING, **changes)  # type: ignore[arg-type]
    assert path in [fault[0] for fault in faults(policy)]
    outcome = given_of(PAYROLL_POLICY_REGISTER).when(propose, *POLICIES, policy, ONE, NOW)
    outcome.then_refused("invalid", None, path, f"/{path}")


@pytest.mark.parametrize("mode", [mode for mode in Mode if mode is not Mode.WAGE_DEDUCTION])
def test_where_wages_stay_untouched_a_reason_is_enough_l_5(mode: Mode) -> None:
    policy = replace(DEFAULT, version="p-3", valid_from=JULY, mode=mode)
    assert list(faults(policy)) == []
    given_of(PAYROLL_POLICY_REGISTER).when(propose, *POLICIES, policy, ONE, NOW).then(
        pe.Proposed(document=policy, by=ONE)
    )


@pytest.mark.parametrize("cap", [0, 20])
def test_a_cap_may_lie_on_the_bounds_l_5(cap: int) -> None:
    assert list(faults(replace(DEDUCTING, cap_percent=cap))) == []


@pytest.mark.parametrize(
    ("gross_fen", "minimum_fen", "acknowledged", "cap_fen"),
    [
        (500_000, None, True, 100_000),
        (500_004, None, True, 100_000),
        (230_000, None, True, 30_000),
        (200_000, None, True, 0),
        (150_000, None, True, 0),
        (500_000, 450_000, True, 50_000),
        (500_000, 100_000, True, 100_000),
        (210_000, 100_000, True, 42_000),
        (500_000, None, False, 0),
        (None, None, True, 0),
        (0, None, True, 0),
    ],
)
def test_a_wage_is_taken_up_to_the_cap_and_never_below_the_minimum_l_5(
    gross_fen: int | None,
    minimum_fen: int | None,
    acknowledged: bool,  # noqa: FBT001
    cap_fen: int,
) -> None:
    terms = DEDUCTING.terms(gross_fen, minimum_fen, acknowledged=acknowledged)
    assert terms == Terms(mode=Mode.WAGE_DEDUCTION, wage_cap_fen=cap_fen)


@pytest.mark.parametrize("mode", [mode for mode in Mode if mode is not Mode.WAGE_DEDUCTION])
def test_the_other_modes_take_nothing_from_the_wage_l_5(mode: Mode) -> None:
    policy = replace(DEFAULT, mode=mode, carry_forward=True, minimum_wage_fen=1)
    assert policy.terms(500_000, None, acknowledged=True) == Terms(mode=mode, carry_forward=True)


@settings(max_examples=200, deadline=None, derandomize=True)
@for_all(gross=st.integers(0, 10**9), minimum=st.none() | st.integers(1, 10**9), cap=st.integers(0, 20))
def test_what_is_left_of_a_wage_is_four_fifths_and_the_minimum_l_5(gross: int, minimum: int | None, cap: int) -> None:
    taken = replace(DEDUCTING, cap_percent=cap).terms(gross, minimum, acknowledged=True).wage_cap_fen
    assert taken >= 0
    assert taken * 100 <= gross * cap
    assert taken == 0 or gross - taken >= (minimum or 200_000)


# ---- acknowledging --------------------------------------------------------------------------------------------------
def register(*history: Event) -> Register[PayrollPolicy]:
    return given_of(PAYROLL_POLICY_REGISTER, *history).state


def test_an_agent_acknowledges_a_published_policy_once_l_5() -> None:
    given = ACKNOWLEDGEMENTS, register(POLICY_PROPOSED, POLICY_PUBLISHED)
    acknowledged = pe.Acknowledged(of_version="p-2", agent=AgentId("a1"))
    given_of(given[0]).when(acknowledge, given[1], (DEFAULT,), "p-2", AgentId("a1")).then(acknowledged)
    known = given_of(given[0], acknowledged)
    known.when(acknowledge, given[1], (DEFAULT,), "p-2", AgentId("a1")).then()
    assert known.state.agents == {AgentId("a1")}
    shipped = pe.Acknowledged(of_version="default-1", agent=AgentId("a1"))
    given_of(given[0]).when(acknowledge, given[1], (DEFAULT,), "default-1", AgentId("a1")).then(shipped)


def test_what_is_not_published_is_not_acknowledged_l_5() -> None:
    outcome = given_of(ACKNOWLEDGEMENTS).when(acknowledge, register(POLICY_PROPOSED), (DEFAULT,), "p-2", AgentId("a1"))
    outcome.then_refused("not_published", "L-5", "wait until it is published")
    unknown = given_of(ACKNOWLEDGEMENTS).when(acknowledge, register(), (DEFAULT,), "p-2", AgentId("a1"))
    unknown.then_refused("not_found", None, "no payroll policy p-2")


# ---- laws -----------------------------------------------------------------------------------------------------------
VERSIONS = st.sampled_from(["t-2", "t-3", "t-4", "default-1"])
DAYS = st.sampled_from([date(2024, 5, 6), JUNE, JULY])
PEOPLE = st.sampled_from([ONE, OTHER])
TIMES = st.sampled_from([NOW, datetime(2024, 6, 15, tzinfo=UTC)])
COMMANDS = st.one_of(
    st.tuples(st.just(propose), st.builds(tariff, VERSIONS, DAYS), PEOPLE, TIMES),
    st.tuples(st.just(publish), VERSIONS, PEOPLE, TIMES),
    st.tuples(st.just(withdraw), VERSIONS, PEOPLE, st.just("so")),
)


@settings(max_examples=300, deadline=None, derandomize=True)
@for_all(commands=st.lists(COMMANDS, max_size=12))
def test_whatever_is_tried_two_people_stand_behind_what_is_in_force_a_4(commands: list[tuple[object, ...]]) -> None:
    history: list[Event] = []
    for decide, *inputs in commands:
        assert callable(decide)
        outcome = given_of(TARIFF_REGISTER, *history).when(decide, *HERE, *inputs)
        assert isinstance(outcome.decided, list)
        history += outcome.decided
    state = TARIFF_REGISTER.fold(history)
    published = [entry for entry in state.entries if entry.status is Status.PUBLISHED]
    assert all(entry.published_by not in {None, entry.proposed_by} for entry in published)
    days = [document.valid_from for document in state.published([SHIPPED])]
    assert days == sorted(set(days))
    versions = [entry.document.version for entry in state.all([SHIPPED])]
    assert len(set(versions)) == len(versions)
