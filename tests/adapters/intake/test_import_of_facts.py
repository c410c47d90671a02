"""Importing facts of the work, shifts and wages into a real log: each row by the API's own command, once."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from adapters.bootstrap import OPERATOR, Services, now, open_services, operators_command
from adapters.ciphers import fingerprint
from adapters.http.fact_bodies import ExamBody
from adapters.intake.fact_kinds import KINDS, Recorders
from adapters.intake.fact_mapping import SHIPPED, load, parse
from adapters.intake.import_facts import CHANGED, FactParts, import_facts
from adapters.intake.importing import IMPORTER, Imported
from adapters.settings import Settings
from application import wire
from application.envelope import Meta
from application.sealing import opened, reveal, subjects
from application.streams import import_command, merchant_stream, new_fact_id
from domain.values import Actor, AgentId, Role
from tests.support.database import Database

pytestmark = pytest.mark.anyio

EXAMPLES = Path(__file__).parent / "facts"
ROWS = {
    **dict.fromkeys(("missed-calls", "phone-tests", "phone-faults", "conduct-reports", "shifts", "wages", "exams"), 2),
    "orders": 4,
    "member-callbacks": 3,
    "merchants": 3,
    "points-shortages": 1,
    "calls": 2,
}
"""How many rows the example of each kind has."""
CANARIES = ("王小明", "13800000001", "8800123", "靠窗", "对服务满意", "二号线有杂音", "迟到二十分钟")
MASTERS = 6
"""How many events the people and the merchant are."""


@pytest.fixture
def own_database(database_factory: Callable[[], AbstractContextManager[Database]]) -> Iterator[Database]:
    """A database for one test."""
    with database_factory() as made:
        yield made


@pytest.fixture
async def services(own_database: Database, tmp_path: Path) -> AsyncIterator[Services]:
    """The service's parts over it, with the people and the merchant of the examples."""
    async with open_services(Settings(tmp_path, database_url=own_database.app)) as services:
        await _masters(services)
        yield services


async def _masters(services: Services) -> None:
    give = operators_command
    await services.masters.register_team("t1", "热线一组", OPERATOR, give())
    for agent, role in (("a1001", "agent"), ("a1002", "agent"), ("s2001", "supervisor")):
        facts = {"name": agent, "role": role, "rank": None, "team": "t1", "joined_on": date(2024, 1, 1)}
        await services.masters.register_agent(AgentId(agent), facts, OPERATOR, give())
    await services.masters.register_merchant("m1", "江南小馆", OPERATOR, give())
    await services.masters.change_signing("m1", date(2026, 3, 1), signed=True, actor=OPERATOR, command=give())


def parts(services: Services) -> FactParts:
    """What an import works with."""
    by = Recorders(services.facts, services.shifts, services.wages, services.masters)
    return FactParts(services.log, by, partial(fingerprint, services.fingerprint_key), now)


async def brought_in(services: Services, kind: str, file: Path, mapping: str | None = None) -> Imported:
    """Import a file by a mapping, the shipped one of its kind when none is given."""
    body, needed = KINDS[kind].body, KINDS[kind].needed
    found = parse(mapping, body, needed) if mapping else load(kind, body, needed)
    return await import_facts(kind, file, found, parts(services))


def rewritten(folder: Path, kind: str, **changes: str) -> Path:
    """The example of a kind with some texts replaced."""
    text = (EXAMPLES / f"{kind}.csv").read_text("utf-8")
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    file = folder / f"{kind}.csv"
    file.write_text(text, "utf-8")
    return file


async def recorded(services: Services, *topics: str) -> list[tuple[dict[str, Any], Meta]]:
    """The opened data and the circumstances of every event under these topics, by their first texts."""
    with psycopg.connect(services.dsn) as connection:
        query = "SELECT topic, state FROM log.events WHERE topic = ANY (%s)"
        rows = [wire.decode(topic, bytes(state)) for topic, state in connection.execute(query, [list(topics)])]
    people = {subject for event, _ in rows for subject in subjects(event)}
    show = opened(await services.keyring.opener(sorted(people)))
    found = [(reveal(event, show) | {"topic": event.topic}, meta) for event, meta in rows]
    return sorted(found, key=lambda one: str(one[0].get("at", one[0])))


def count(services: Services) -> int:
    """How many events there are."""
    with psycopg.connect(services.dsn) as connection:
        [(number,)] = connection.execute("SELECT count(*) FROM log.events").fetchall()
    return int(number)


# ---- every kind -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", KINDS)
async def test_the_example_of_every_kind_goes_in_once(services: Services, kind: str) -> None:
    outcome = await brought_in(services, kind, EXAMPLES / f"{kind}.csv")
    assert (outcome.taken, outcome.already_there, outcome.changed, outcome.refused) == (ROWS[kind], 0, [], [])
    before = count(services)
    again = await brought_in(services, kind, EXAMPLES / f"{kind}.csv")
    assert (again.taken, again.already_there, again.changed, again.refused) == (0, ROWS[kind], [], [])
    assert count(services) == before


@pytest.mark.parametrize("codec", ["utf-8-sig", "gb18030"])
async def test_the_same_rows_in_another_encoding_are_the_same_rows(
    services: Services, tmp_path: Path, codec: str
) -> None:
    await brought_in(services, "orders", EXAMPLES / "orders.csv")
    file = tmp_path / "orders.csv"
    file.write_bytes((EXAMPLES / "orders.csv").read_text("utf-8").encode(codec))
    outcome = await brought_in(services, "orders", file)
    assert (outcome.encoding, outcome.already_there) == (codec.removesuffix("-sig"), 4)


async def test_nothing_of_it_can_be_read_in_the_log(services: Services) -> None:
    for kind in KINDS:
        await brought_in(services, kind, EXAMPLES / f"{kind}.csv")
    with psycopg.connect(services.dsn) as connection:
        stored = b"".join(row[0] for row in connection.execute("SELECT state FROM log.events", binary=True))
    assert [canary for canary in CANARIES if canary.encode() in stored] == []


async def test_what_ever_forgets_the_commands_a_second_run_adds_nothing(
    services: Services, own_database: Database
) -> None:
    for kind in KINDS:
        await brought_in(services, kind, EXAMPLES / f"{kind}.csv")
    before = count(services)
    with psycopg.connect(own_database.admin, autocommit=True) as connection:
        connection.execute("DELETE FROM log.commands")
    for kind in KINDS:
        assert (await brought_in(services, kind, EXAMPLES / f"{kind}.csv")).already_there == ROWS[kind]
    assert count(services) == before


# ---- orders ---------------------------------------------------------------------------------------------------------
async def test_an_order_says_what_its_row_says_at_its_own_time_w_1(services: Services) -> None:
    started = datetime.now(UTC)
    await brought_in(services, "orders", EXAMPLES / "orders.csv")
    [first, second, third, fourth] = await recorded(services, "order.entered")
    assert (first[0]["at"], first[0]["dining_time"]) == ("2026-03-02T02:15:00Z", "2026-03-02T10:00:00Z")
    assert (first[1].actor, first[1].at >= started) == (IMPORTER.id, True)
    assert (first[0]["member_name"], first[0]["card_no"], first[0]["signed"]) == ("王小明", "8800123", True)
    assert (first[0]["amount_fen"], first[0]["remarks"], first[0]["follow_up"]) == (None, None, None)
    assert (second[0]["amount_fen"], second[0]["tables"], second[0]["new_member"]) == (126_850, 2, True)
    assert (second[0]["follow_up"], second[0]["channel"], second[0]["gold_card"]) == ("a1002", "web", True)
    assert (third[0]["steered"], third[0]["card_no"]) == (True, None)
    assert fourth[0]["card_no"] == "8800125"
    ended = {",".join(done["wrong"]): done for done, _ in await recorded(services, "order.done")}
    assert len(await recorded(services, "order.done")) == 3  # of D-1004 nobody knows yet whether the guest was seated
    assert (ended["dining_time"]["missing"], ended["dining_time"]["seated"]) == (["card_no", "phone"], False)


async def test_a_row_that_changed_since_is_told_and_not_taken(services: Services, tmp_path: Path) -> None:
    await brought_in(services, "orders", EXAMPLES / "orders.csv")
    before = count(services)
    outcome = await brought_in(services, "orders", rewritten(tmp_path, "orders", 靠窗="包间"))
    assert (outcome.taken, outcome.already_there, outcome.refused) == (0, 3, [])
    assert [(row.line, row.reason) for row in outcome.changed] == [(3, CHANGED)]
    assert count(services) == before


async def test_two_sources_have_orders_of_their_own(services: Services) -> None:
    await brought_in(services, "orders", EXAMPLES / "orders.csv")
    other = SHIPPED.joinpath("orders.yaml").read_text("utf-8").replace("source: excel", "source: other")
    assert (await brought_in(services, "orders", EXAMPLES / "orders.csv", other)).taken == 4


async def test_the_good_rows_go_in_and_the_others_are_told(services: Services, tmp_path: Path) -> None:
    header, first, *rest = (EXAMPLES / "orders.csv").read_text("utf-8").splitlines()
    bad = [
        first.replace("D-1001", "B-1").replace("a1001", "a9999"),
        first.replace("D-1001", "B-2").replace(",m1,", ",m9,"),
        first.replace("D-1001", "B-3").replace("2026-03-02 10:15", "2999-03-02 10:15"),
        first.replace("D-1001", "B-4").replace("2026-03-02 10:15", "02.03.2026"),
        first.replace("D-1001", ""),
        first,
        first.replace("D-1001", "B-5").replace(",是,,", ",,商家,"),
        "D-7,half a row",
        first.replace("D-1001", "B-6").replace("王小明", "王\x07"),
    ]
    file = tmp_path / "orders.csv"
    file.write_text("\n".join([header, first, *bad, *rest]), "utf-8")
    outcome = await brought_in(services, "orders", file)
    told = {row.line: (row.field, row.reason) for row in outcome.refused}
    assert (outcome.taken, [*sorted(told)]) == (4, [3, 4, 5, 6, 7, 8, 9, 10, 11])
    assert [told[line][0] for line in sorted(told)] == [
        "agent",
        "merchant",
        "at",
        "at",
        "订单号",
        None,
        "missing",
        None,
        "会员姓名",
    ]
    assert told[8][1] == "D-1001 stands in line 2 already: keep one of the two"
    assert "register it first" in told[4][1]
    assert (await brought_in(services, "orders", file)).already_there == 4


async def test_what_was_withdrawn_does_not_come_back_l_3(services: Services) -> None:
    await brought_in(services, "missed-calls", EXAMPLES / "missed-calls.csv")
    fact = new_fact_id("missed-calls", import_command("missed-calls", "excel", "L-1"))
    await services.facts.withdraw(fact, "录错", Actor(AgentId("s2001"), Role.SUPERVISOR), operators_command())
    outcome = await brought_in(services, "missed-calls", EXAMPLES / "missed-calls.csv")
    assert (outcome.taken, outcome.already_there, outcome.changed) == (0, 2, [])


async def test_of_an_erased_member_nothing_comes_back_a_3(services: Services) -> None:
    await brought_in(services, "orders", EXAMPLES / "orders.csv")
    before = count(services)
    await services.keyring.erase(await services.keyring.subject(("card", "8800123")))
    outcome = await brought_in(services, "orders", EXAMPLES / "orders.csv")
    assert (outcome.taken, outcome.already_there) == (0, 4)
    assert count(services) == before


async def test_a_thousand_orders_go_in_at_the_rate_that_is_printed(services: Services, tmp_path: Path) -> None:
    header, first, *_ = (EXAMPLES / "orders.csv").read_text("utf-8").splitlines()
    rows = [first.replace("1001,2", f"{n:05},2").replace("8800123", f"77{n % 700:05}") for n in range(1_000)]
    file = tmp_path / "orders.csv"
    file.write_text("\n".join([header, *rows]), "utf-8")
    outcome = await brought_in(services, "orders", file)
    print(f"{outcome.rows_a_minute} orders a minute")  # noqa: T201  what it is for
    assert (outcome.taken, outcome.refused) == (1_000, [])
    assert count(services) == 2_000 + MASTERS


# ---- kinds with a key of their own ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("kind", "old", "new", "field"), [("exams", "92.5", "95", None), ("wages", "4800", "4900", "reason")]
)
async def test_another_account_of_a_month_is_a_correction_with_a_reason(
    services: Services, tmp_path: Path, kind: str, old: str, new: str, field: str | None
) -> None:
    await brought_in(services, kind, EXAMPLES / f"{kind}.csv")
    without = await brought_in(services, kind, rewritten(tmp_path, kind, **{old: new}))
    assert (without.taken, without.already_there, [row.field for row in without.refused]) == (0, 1, [field])
    assert "reason of the correction" in without.refused[0].reason
    [line] = [line for line in (EXAMPLES / f"{kind}.csv").read_text("utf-8").splitlines() if old in line]
    corrected = rewritten(tmp_path, kind, **{line: line.replace(old, new) + "录错"})
    for taken in (1, 0):
        outcome = await brought_in(services, kind, corrected)
        assert (outcome.taken, outcome.already_there, outcome.refused) == (taken, 2 - taken, [])
    old_file = await brought_in(services, kind, EXAMPLES / f"{kind}.csv")
    assert (old_file.taken, old_file.already_there, old_file.refused) == (0, 2, [])


async def test_what_the_api_has_recorded_alike_is_there_already_w_3(services: Services) -> None:
    exam = {"agent": "a1001", "month": "2026-02", "typing": "92.5", "knowledge": "88", "service": "95"}
    body = ExamBody.model_validate(exam)
    await services.facts.record("exams", body.stated(), OPERATOR, operators_command())
    outcome = await brought_in(services, "exams", EXAMPLES / "exams.csv")
    assert (outcome.taken, outcome.already_there) == (1, 1)


async def test_two_rows_of_one_exam_are_told(services: Services, tmp_path: Path) -> None:
    file = rewritten(tmp_path, "exams", a1002="a1001")
    outcome = await brought_in(services, "exams", file)
    assert (outcome.taken, [(row.line, row.reason) for row in outcome.refused]) == (
        1,
        [(3, "the same record stands in line 2 already: keep one of the two")],
    )


TALLIES = """
source: excel
time_zone: Asia/Shanghai
fields: {agent: {column: 工号}, month: {column: 月份, format: "%Y-%m"}, count: {column: 人数}}
"""


async def test_a_months_number_of_callbacks_goes_in_by_another_mapping_w_2(services: Services, tmp_path: Path) -> None:
    file = tmp_path / "tallies.csv"
    file.write_text("工号,月份,人数\na1001,2026-02,72\na1002,2026-02,85\n", "utf-8")
    for taken in (2, 0):
        assert (await brought_in(services, "member-callbacks", file, TALLIES)).taken == taken
    tallied = await recorded(services, "member_callback.tallied")
    assert sorted(data["count"] for data, _ in tallied) == [72, 85]


async def test_a_call_is_the_same_call_by_whatever_way_it_came_w_9(services: Services, tmp_path: Path) -> None:
    await brought_in(services, "calls", EXAMPLES / "calls.csv")
    [first, second] = await recorded(services, "call.recorded")
    assert [len(first[0]["holds"]), second[0]["answered_at"], second[0]["kind"]] == [2, None, "other"]
    changed = await brought_in(services, "calls", rewritten(tmp_path, "calls", 订位="咨询"))
    assert (changed.taken, changed.already_there, len(changed.refused)) == (0, 1, 1)
    assert "on record otherwise" in changed.refused[0].reason


# ---- the roster -----------------------------------------------------------------------------------------------------
async def test_a_shift_has_its_roster_s_1(services: Services) -> None:
    await brought_in(services, "shifts", EXAMPLES / "shifts.csv")
    planned = sorted(await recorded(services, "shift.planned"), key=lambda one: str(one[0]["start"]))
    assert [(data["kind"], data["agents"], data["supervisor"]) for data, _ in planned] == [
        ("early", ["a1001", "a1002"], "s2001"),
        ("late", ["a1002"], None),
    ]
    assert planned[1][0]["end"] == "2026-03-02T16:00:00Z"


async def test_a_shift_needs_people_who_are_known_s_1(services: Services, tmp_path: Path) -> None:
    outcome = await brought_in(services, "shifts", rewritten(tmp_path, "shifts", s2001="a1001"))
    assert [(row.line, row.field) for row in outcome.refused] == [(2, "supervisor")]


# ---- merchants ------------------------------------------------------------------------------------------------------
async def on_days(services: Services, merchant: str, *days: date) -> list[tuple[bool, bool]]:
    """Whether a merchant was signed, and key recommended, on each of these days."""
    stream = merchant_stream(merchant)
    state = (await services.log.states([stream]))[stream]
    return [(state.signed_on(day), state.recommended_on(day)) for day in days]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030"])
async def test_a_merchant_is_signed_and_recommended_in_its_periods_w_1(
    services: Services, tmp_path: Path, codec: str
) -> None:
    file = tmp_path / "merchants.csv"
    file.write_bytes((EXAMPLES / "merchants.csv").read_text("utf-8").encode(codec))
    outcome = await brought_in(services, "merchants", file)
    assert (outcome.encoding, outcome.taken, outcome.refused) == (codec.removesuffix("-sig"), 3, [])
    days = (date(2024, 12, 31), date(2025, 12, 31), date(2026, 1, 1), date(2026, 3, 31), date(2026, 4, 1))
    assert await on_days(services, "m2", *days) == [
        (False, False),
        (True, False),
        (False, False),
        (True, True),
        (True, False),
    ]
    assert await on_days(services, "m3", date(2026, 2, 14), date(2030, 1, 1)) == [(False, False), (True, False)]
    assert await on_days(services, "m4", date(2026, 3, 1)) == [(False, False)]
    names = {data["id"]: data["name"] for data, _ in await recorded(services, "merchant.registered")}
    assert names == {"m1": "江南小馆", "m2": "望江楼", "m3": "湖畔居(西湖店)", "m4": "老街面馆"}


async def test_a_merchant_that_has_a_new_period_in_the_file_gets_it(services: Services, tmp_path: Path) -> None:
    await brought_in(services, "merchants", EXAMPLES / "merchants.csv")
    before = count(services)
    file = rewritten(tmp_path, "merchants", **{"m4,老街面馆,,,,": "m4,老街面馆,2026-05-01,,,"})
    outcome = await brought_in(services, "merchants", file)
    assert (outcome.taken, outcome.already_there, count(services)) == (1, 2, before + 1)
    assert await on_days(services, "m4", date(2026, 5, 1)) == [(True, False)]
    for source in (file, EXAMPLES / "merchants.csv"):
        again = await brought_in(services, "merchants", source)
        assert (again.taken, again.already_there, again.refused) == (0, 3, [])


async def test_merchants_that_cannot_be_taken_are_told_by_line_and_reason(services: Services, tmp_path: Path) -> None:
    file = tmp_path / "merchants.csv"
    rows = [
        "商家编号,商家名称,签约起,签约止,重点推荐起,重点推荐止",
        "m5,好再来,2026-03-01,2026-02-01,,",
        "m6,同福楼,,,2026-01-01、2026-02-01,、",
        "m7,东来顺,2026-01-01、2026-05-01,2026-02-01,,",
        "m8,,2026-01-01,,,",
        "m9,会宾楼,01.03.2026,,,",
        "m10,聚丰园,,2026-02-01,,",
        "m1,另一家,,,,",
        "m1,江南小馆,2026-04-01,,,",
        "m11,德兴馆,2026-01-01,,,",
        "m11,德兴馆,2026-02-01,,,",
    ]
    file.write_text("\n".join(rows), "utf-8")
    outcome = await brought_in(services, "merchants", file)
    assert (outcome.taken, outcome.changed) == (1, [])
    told = {row.line: (row.field, row.reason) for row in outcome.refused}
    assert {line: field for line, (field, _) in told.items()} == {
        2: "signed",
        3: "recommended",
        4: "signed",
        5: "name",
        6: "signed.from_day",
        7: "signed.0.from_day",
        8: "name",
        9: None,
        11: None,
    }
    for line, words in ((2, "ends before it begins"), (4, "not equally many"), (5, "absent"), (8, "江南小馆")):
        assert words in told[line][1]
