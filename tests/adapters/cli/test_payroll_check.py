"""`redress payroll check`: what was recorded is what the rules say; whatever is altered in the log is named (L-6)."""

from uuid import UUID, uuid4

import pytest

from application.matters import Matter
from domain.ledger.lines import Code
from domain.values import Month
from tests.adapters.cli.altering import World, replaced
from tests.adapters.cli.conftest import Beside
from tests.adapters.cli.recorded import CLOSED, OPEN, recorded

OFFSET = """
    SELECT stream, data->>'amount_fen' FROM log.readable
    WHERE topic = 'ledger.offset' AND data->>'agent' = 's2001'"""


@pytest.fixture(scope="module")
def world(beside: Beside) -> World:
    return World(beside, recorded(beside.service))


def line(amount_fen: int, day: str, ref: str | None = None) -> dict[str, object]:
    return {"amount_fen": amount_fen, "occurred_on": day, "tariff": "default-1", "ref": ref, "grave": False}


# ---- a record that holds --------------------------------------------------------------------------------------------
def test_what_is_recorded_is_what_the_rules_say(world: World) -> None:
    said = world.check()
    assert said.code == 0, said.out + said.err
    assert {name: said.document[name] for name in ("holds", "closed_months", "moving", "differences")} == {
        "holds": True,
        "closed_months": [CLOSED],
        "moving": 0,
        "differences": [],
    }
    known, offsets = world.records.lines(), {Code.BONUS_OFFSET, Code.PENALTY_OFFSET}
    assert said.document["lines"] == len([one for one in known if one["code"] not in offsets])
    # it had something of every kind to hold
    assert {one["code"] for one in known} >= {*Code} - {Code.MEDIA, Code.PHONE_FAULT, Code.IDLE, Code.BONUS_OFFSET}
    assert {one["status"] for one in known} == {"earned", "confirmed", "dismissed"}


def test_it_reads_the_log_and_not_the_views(world: World) -> None:
    service = world.records.service
    kept = service.rows("SELECT entry_id, amount_fen FROM read.ledger_1")
    service.rows("UPDATE read.ledger_1 SET amount_fen = 1")
    assert world.check().code == 0
    for entry, amount in kept:
        service.rows("UPDATE read.ledger_1 SET amount_fen = %s WHERE entry_id = %s", amount, entry)


def test_people_are_told_in_words(world: World) -> None:
    said = world.beside.redress("payroll", "check")
    assert said.code == 0
    assert f"closed months: {CLOSED}" in said.out
    assert "the record is what the rules say" in said.out
    voucher = world.voucher("open order")
    with world.altered(replaced('"amount_fen":25', '"amount_fen":2500', voucher, "ledger.earned")):
        said = world.beside.redress("payroll", "check")
    assert (said.code, "differences: 1" in said.out, "amount_fen 2500" in said.out) == (1, True, True)
    assert f"order:{world.records.ids['open order']}" in said.out


# ---- whatever is altered is named -----------------------------------------------------------------------------------
def test_an_altered_line_is_named_with_what_it_should_be(world: World) -> None:
    voucher = world.voucher("open order")
    with world.altered(replaced('"amount_fen":25', '"amount_fen":2500', voucher, "ledger.earned")):
        assert world.differences() == [
            {
                "about": "line",
                "matter": f"order:{world.records.ids['open order']}",
                "agent": "a1002",
                "code": "B-ORDER",
                "expected": line(25, "2007-04-02"),
                "recorded": line(2500, "2007-04-02"),
                "positions": world.positions(voucher),
            }
        ]


def test_an_altered_fact_is_named_by_its_line(world: World) -> None:
    order = UUID(world.records.ids["open order"])
    with world.altered(replaced('"signed":true', '"signed":false', order, "order.entered")):
        [found] = world.differences()
    assert (found["matter"], found["expected"], found["recorded"]) == (
        f"order:{order}",
        line(15, "2007-04-02"),
        line(25, "2007-04-02"),
    )


def test_an_altered_exam_is_named_by_its_month(world: World) -> None:
    exam = UUID(world.records.ids[f"exam {OPEN} a1001"])
    with world.altered(replaced('"55"', '"90"', exam, "exam.taken")):
        [found] = world.differences()
    assert (found["matter"], found["agent"], found["expected"], found["recorded"]) == (
        f"month:{OPEN}:P-EXAM",
        "a1001",
        None,
        line(-8000, "2007-04-30"),
    )
    assert found["positions"][0] in world.positions(Matter.monthly(Month.parse(OPEN), Code.FAILED_EXAM).voucher.id)


def test_a_line_by_another_tariff_is_named(world: World) -> None:
    voucher = world.voucher("open order")
    with world.altered(replaced('"default-1"', '"default-0"', voucher, "ledger.earned")):
        [found] = world.differences()
    assert found["recorded"] == line(25, "2007-04-02") | {"tariff": "default-0"}


def test_a_line_taken_away_is_named_where_its_facts_stand(world: World) -> None:
    order = UUID(world.records.ids["open order"])
    with world.altered(("DELETE FROM log.events WHERE originator_id = %s", (world.voucher("open order"),))):
        [found] = world.differences()
    assert (found["about"], found["expected"], found["recorded"]) == ("line", line(25, "2007-04-02"), None)
    assert found["positions"] == world.positions(order)


def test_a_line_whose_fact_was_taken_away_has_no_cause(world: World) -> None:
    order, voucher = UUID(world.records.ids["open order"]), world.voucher("open order")
    with world.altered(("DELETE FROM log.events WHERE originator_id = %s", (order,))):
        [found] = world.differences()
    assert (found["about"], found["matter"], found["expected"]) == ("no_cause", f"voucher:{voucher}", None)
    assert found["recorded"] == line(25, "2007-04-02")


def test_a_line_that_stands_twice_is_named(world: World) -> None:
    voucher = world.voucher("open order")
    twice = """
        INSERT INTO log.events SELECT originator_id, 2, topic,
            convert_to(replace(convert_from(state, 'UTF8'), '"number":1', '"number":2'), 'UTF8'), 0
        FROM log.events WHERE originator_id = %s"""
    with world.altered((twice, (voucher,))):
        [found] = world.differences()
    assert found["recorded"] == [line(25, "2007-04-02")] * 2


def test_a_forged_voucher_has_no_cause(world: World) -> None:
    forged = "INSERT INTO log.events SELECT %s, 1, topic, state, 0 FROM log.events WHERE originator_id = %s"
    stream = uuid4()
    with world.altered((forged, (stream, world.voucher("open order")))):
        [found] = world.differences()
    assert (found["about"], found["matter"], found["positions"]) == ("no_cause", f"voucher:{stream}", [0])


def test_a_history_with_a_hole_is_named(world: World) -> None:
    gone = "DELETE FROM log.events WHERE originator_id = %s AND originator_version = 1"
    with world.altered((gone, (world.voucher("corrected"),))):
        found = world.differences()
    assert [one["about"] for one in found if one["matter"].startswith("order:")] == ["stream"]


def test_an_altered_statement_is_named(world: World) -> None:
    stated = world.stream("payroll.stated", '"agent":"a1001"')
    with world.altered(replaced('"net_fen":0', '"net_fen":10000', stated, "payroll.stated")):
        statement, month = world.differences()
    assert (statement["about"], statement["matter"], statement["agent"]) == (
        "statement",
        f"statement:{CLOSED}",
        "a1001",
    )
    assert (statement["expected"], statement["recorded"]) == ({"net_fen": 0}, {"net_fen": 10000})
    assert (month["about"], month["matter"]) == ("month", f"closed:{CLOSED}")
    assert month["expected"]["digest"].startswith("none: ")


def test_an_altered_sentence_of_a_closed_month_is_named_byte_by_byte(world: World) -> None:
    with world.altered(replaced("a valid order", "a VALID order", world.voucher("order"), "ledger.earned")):
        [found] = world.differences()
    assert (found["about"], found["matter"], found["expected"].keys()) == ("month", f"closed:{CLOSED}", {"digest"})


def test_an_altered_closing_is_named(world: World) -> None:
    payroll = world.stream("payroll.month_closed", CLOSED[:4])
    with world.altered(replaced('"digest":"', '"digest":"00', payroll, "payroll.month_closed")):
        [found] = world.differences()
    assert found["recorded"] == {"digest": f"00{found['expected']['digest']}"}


def test_an_altered_offset_is_named(world: World) -> None:
    [(account, amount)] = world.records.service.rows(OFFSET)
    alteration = replaced(f'"amount_fen":{amount}', '"amount_fen":0', account, "ledger.offset")
    with world.altered(alteration):
        [found] = world.differences()
    assert (found["about"], found["agent"]) == ("offset", "s2001")
    assert (found["expected"], found["recorded"]) == ({"amount_fen": int(amount)}, {"amount_fen": 0})


def test_an_offset_taken_away_is_missed(world: World) -> None:
    [(account, _)] = world.records.service.rows(OFFSET)
    gone = "DELETE FROM log.events WHERE originator_id = %s AND topic = 'ledger.offset'"
    with world.altered((gone, (account,))):
        [found] = world.differences()
    assert (found["about"], found["recorded"]) == ("offset", {"home": None, "change_fen": None})
    assert found["expected"] == {"home": CLOSED, "change_fen": -5000}


def test_an_offset_of_a_change_that_never_was_is_named(world: World) -> None:
    [(account, _)] = world.records.service.rows(OFFSET)
    with world.altered(replaced('"change_fen":-5000', '"change_fen":-6000', account, "ledger.offset")):
        found = world.differences()
    assert {"expected": {"change_fen": -5000}, "recorded": {"change_fen": -6000}} in [
        {name: one[name] for name in ("expected", "recorded")} for one in found
    ]
