"""`redress payroll check` over months that hang together: carried forward, deducted from the wage, contested later.

December 2004 waives what no bonus covers, January and February carry it forward, March takes it from the wage and
waives the rest; what is reversed and contested after the closing of a month posts into April (L-3, L-4, L-5).
"""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
import pytest

from adapters.bootstrap import operators_command
from application.streams import account_stream, wage_stream
from domain.payroll.policy import PayrollPolicy
from domain.values import Actor, AgentId, Month, Role
from tests.adapters.cli.altering import World, replaced
from tests.adapters.cli.conftest import Beside
from tests.adapters.cli.recorded import Records
from tests.adapters.http.bodies import WAGES, in_force, policy, wage
from tests.adapters.http.serving import ANALYSIS, Case, Service

DECEMBER, JANUARY, FEBRUARY, MARCH, APRIL = Month(2004, 12), *(Month(2005, number) for number in range(1, 5))
MONTHS = (DECEMBER, JANUARY, FEBRUARY, MARCH)
AGENT = AgentId("a1002")
FAULTY = {**ANALYSIS, "faults": [{"agent": AGENT, "fault": "media_exposure", "ref": "evening paper"}]}
FAULTLESS = {**ANALYSIS, "faults": []}


@pytest.fixture(scope="module")
def world(beside: Beside) -> World:
    records = Records(beside.service)
    _policies(beside.service)
    case = _fault(records)
    for month in MONTHS:
        records.order(f"{month}-10", agent=AGENT)
        _penalty(records, month)
        records.add(WAGES, wage(agent=AGENT, month=str(month), gross_fen=205_000), who="payroll")
        _paid(records, month)
    _chain(records, case)
    records.lines()
    return World(beside, records)


def _policies(service: Service) -> None:
    deducting = {
        "mode": "wage_deduction",
        "published_on": "2005-01-01",
        "minimum_wage_fen": 200_000,
    }
    carrying = policy(valid_from=str(JANUARY.first_day), mode="bonus_offset", carry_forward=True)
    policies = service.services.payroll_policies
    for plain in (carrying, policy(valid_from=str(MARCH.first_day), **deducting)):
        in_force(service, policies, msgspec.convert(plain, PayrollPolicy))
    by = Actor(AGENT, Role.AGENT)
    service.run(policies.acknowledge(plain["version"], by, operators_command()))


def _penalty(records: Records, month: Month) -> None:
    """20.00 that is confirmed, known as `line 2005-01` …"""
    report = {"agent": AGENT, "at": f"{month}-11T10:00:00+08:00", "code": "P-IDLE"}
    records.ids[f"report {month}"] = records.add("conduct-reports", report)
    [entry] = [one["entry_id"] for one in records.lines(agent=AGENT, month=month) if one["status"] == "proposed"]
    records.confirm(entry)
    records.ids[f"line {month}"] = entry


def _fault(records: Records) -> Case:
    """A case of February whose exposure is confirmed: 20.00 more."""
    at = f"{FEBRUARY}-20T10:00:00+08:00"
    case = records.service.case("investigated", received_at=at, happened_at=at)
    _analysed(records, case, FAULTY)
    records.confirm()
    return case


def _analysed(records: Records, case: Case, analysis: Mapping[str, object]) -> None:
    """Wait until it is judged: what is taken back before that was never there."""
    records.service.give(case, "analysis", analysis, who="supervisor")
    records.last = case.position
    records.lines()


def _paid(records: Records, month: Month) -> None:
    path = f"/api/v1/payroll/months/{month}"
    records.add(f"{path}/freeze", {}, who="payroll", version=0)
    records.add(f"{path}/close", {}, who="paymaster", version=1)


def _contested(records: Records, entry: str, **ruling: object) -> None:
    appeal = records.add(f"/api/v1/ledgers/entries/{entry}/appeals", {"reason": "不是我"}, who="colleague")
    body = {"decision": "upheld", "reason": "录音证实", **ruling}
    records.add(f"/api/v1/appeals/{appeal}/decision", body, who="supervisor")


def _chain(records: Records, case: Case) -> None:
    """After the closing: reversed, found again, confirmed, reduced on appeal; two months give a line back."""
    _analysed(records, case, FAULTLESS)
    _analysed(records, case, FAULTY)
    records.confirm()
    [counting] = [
        one["entry_id"]
        for one in records.lines(agent=AGENT, month=APRIL)
        if one["code"] == "P-MEDIA" and one["amount_fen"] < 0 and one["reversed_by"] is None
    ]
    _contested(records, counting, decision="partly", reduced_to_fen=700)
    _contested(records, records.ids[f"line {JANUARY}"])
    _contested(records, records.ids[f"line {DECEMBER}"])


def stated(world: World, month: Month) -> tuple[int, ...]:
    """What was carried in, paid, taken, carried on, and taken from the wage."""
    path = f"/api/v1/payroll/months/{month}/statements/{AGENT}?min_position={world.records.last}"
    told = world.records.service.get(path, who="payroll")
    return tuple(told[f"{name}_fen"] for name in ("opening", "net", "applied", "carried", "deducted"))


# ---- a record that holds --------------------------------------------------------------------------------------------
def test_what_is_carried_deducted_and_contested_afterwards_holds(world: World) -> None:
    assert stated(world, DECEMBER) == (0, 0, 20, 0, 0)
    assert stated(world, JANUARY) == (0, 0, 20, 1980, 0)
    assert stated(world, FEBRUARY) == (-1980, 0, 20, 5960, 0)
    assert stated(world, MARCH) == (-5960, 0, 5020, 0, 5000)
    codes = [one["code"] for one in world.records.lines(agent=AGENT, month=APRIL)]
    assert {"P-MEDIA", "P-IDLE", "P-OFFSET"} <= {*codes}
    said = world.check()
    assert said.code == 0, said.out + said.err
    assert (said.document["holds"], said.document["differences"]) == (True, [])
    assert said.document["closed_months"] == [*map(str, MONTHS)]


def test_what_a_later_month_waived_is_not_paid_back_l_4(world: World) -> None:
    """December and January give back the 0.20 of their bonus; of 7.00 and 20.00 less March would have taken 46.80."""
    assert stated(world, APRIL) == (0, 20 + 20 + (5020 - 4680), 0, 0, 0)
    path = f"/api/v1/payroll/months/{APRIL}/statements/{AGENT}?as_of={world.records.last}"
    assert world.records.service.get(path, who="payroll")["net_fen"] == 380
    changes = _openings(world, MARCH)
    assert [(one["change_fen"], one["amount_fen"]) for one in changes] == [
        (2000, 0),
        (-2000, 0),
        (2000, 0),
        (-700, 0),
        (1980, 340),
    ]


def _openings(world: World, month: Month) -> list[dict[str, Any]]:
    """By how much what is carried into a month has changed, one after the other."""
    query = """
        SELECT convert_from(state, 'UTF8') FROM log.events
        WHERE originator_id = %s AND topic = 'payroll.opening_changed' ORDER BY originator_version"""
    return [
        json.loads(state)["data"] for (state,) in world.records.service.rows(query, account_stream(AGENT, month).id)
    ]


# ---- whatever is altered is named -----------------------------------------------------------------------------------
def test_a_changed_stored_line_ends_the_command_with_1_and_is_named(world: World) -> None:
    voucher = UUID(world.records.ids[f"line {JANUARY}"].partition(".")[0])
    with world.altered(replaced('"amount_fen":-2000', '"amount_fen":-1900', voucher, "ledger.proposed")):
        said = world.check()
    assert said.code == 1
    [found] = [one for one in said.document["differences"] if one["about"] == "line"]
    assert (found["matter"], found["agent"]) == (f"conduct:{world.records.ids[f'report {JANUARY}']}", AGENT)
    assert {one["about"] for one in said.document["differences"]} >= {"line", "statement", "month"}


def test_an_altered_wage_changes_what_could_be_deducted(world: World) -> None:
    stream = wage_stream(AGENT, MARCH).id
    with world.altered(replaced('"gross_fen":205000', '"gross_fen":203000', stream, "wage.recorded")):
        [found] = [one for one in world.differences() if one["about"] == "statement"]
    assert (found["matter"], found["agent"]) == (f"statement:{MARCH}", AGENT)
    assert (found["expected"]["deducted_fen"], found["recorded"]["deducted_fen"]) == (3000, 5000)


def test_an_acknowledgement_that_never_was_is_missed(world: World) -> None:
    gone = "DELETE FROM log.events WHERE topic = 'payroll_policy.acknowledged'"
    with world.altered((gone, ())):
        [found] = [one for one in world.differences() if one["about"] == "statement"]
    assert (found["expected"]["deducted_fen"], found["recorded"]["deducted_fen"]) == (0, 5000)


def test_what_is_carried_otherwise_is_named_in_both_months(world: World) -> None:
    stream = account_stream(AGENT, JANUARY).id
    with world.altered(replaced('"carried_fen":1980', '"carried_fen":980', stream, "payroll.stated")):
        found = [one for one in world.differences() if one["about"] == "statement"]
    assert [one["matter"] for one in found] == [f"statement:{JANUARY}", f"statement:{FEBRUARY}"]
    assert (found[1]["expected"]["opening_fen"], found[1]["recorded"]["opening_fen"]) == (-980, -1980)


@pytest.mark.parametrize(
    ("old", "new"), [('"amount_fen":340', '"amount_fen":1980'), ('"amount_fen":340', '"amount_fen":0')]
)
def test_more_or_less_paid_back_than_march_took_is_named(world: World, old: str, new: str) -> None:
    stream = account_stream(AGENT, MARCH).id
    with world.altered(replaced(old, new, stream, "payroll.opening_changed")):
        [found] = world.differences()
    assert (found["about"], found["agent"], found["expected"]) == ("opening", AGENT, {"amount_fen": 340})


def test_a_changed_opening_that_never_was_and_one_that_lacks_are_named(world: World) -> None:
    stream = account_stream(AGENT, MARCH).id
    with world.altered(replaced('"change_fen":1980', '"change_fen":1880', stream, "payroll.opening_changed")):
        assert "opening" in {one["about"] for one in world.differences()}
    gone = "DELETE FROM log.events WHERE originator_id = %s AND topic = 'payroll.opening_changed'"
    with world.altered((gone, (stream,))):
        found = [one for one in world.differences() if one["about"] == "opening"]
    assert {one["expected"]["home"] for one in found} == {str(MARCH)}
    assert {one["recorded"]["change_fen"] for one in found} == {None}


def test_a_reversal_taken_away_is_named(world: World) -> None:
    voucher = UUID(world.records.ids[f"line {JANUARY}"].partition(".")[0])
    gone = "DELETE FROM log.events WHERE originator_id = %s AND topic = 'ledger.reversed'"
    with world.altered((gone, (voucher,))):
        found = world.differences()
    assert found
    assert {one["about"] for one in found} <= {"line", "offset", "opening", "stream"}


def test_an_altered_ruling_leaves_another_line_than_it_should(world: World) -> None:
    """What an appeal decided partly has left is what its ruling says."""
    voucher = world.stream("ledger.appeal_decided", '"verdict":"partly"')
    with world.altered(replaced('"amount_fen":-700', '"amount_fen":-70', voucher, "ledger.proposed")):
        found = world.differences()
    assert {one["about"] for one in found} == {"offset"}
