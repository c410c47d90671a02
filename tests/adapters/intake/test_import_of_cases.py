"""Importing cases into a real log: the good rows go in, the others are told, a second run adds nothing."""

import asyncio
import csv
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from adapters.intake.import_cases import CHANGED, import_cases
from adapters.intake.importing import Imported
from adapters.intake.mapping import load, parse
from application import wire
from application.sealing import opened, reveal
from application.streams import case_stream, imported_case
from domain.case.case import Case
from domain.case.events import Received
from domain.case.words import Channel, Status
from domain.values import CaseId, SubjectId
from tests.adapters.intake.service import Service

pytestmark = pytest.mark.anyio

CFPB = Path(__file__).parents[4] / "shared/data/cfpb-complaints.csv"
"""The data lie beside the checkout."""
needs_cfpb = pytest.mark.skipif(not CFPB.is_file(), reason=f"{CFPB} is not there")

MAPPING = """
source: old-desk
time_zone: Asia/Shanghai
key: 编号
fields:
  received_at: {column: 受理时间, format: "%Y-%m-%d %H:%M"}
  channel: {column: 渠道, values: {电话: hotline, 网站: web}}
  narrative: {column: 内容, absent: [N/A]}
  customer.name: {column: 姓名}
  customer.phone: {column: 电话}
resolution: {column: 状态, values: {处理中: open, 已解决: resolved, 已关闭: closed}, solution: {column: 处理结果}}
"""
HEADER = "编号,受理时间,渠道,姓名,电话,内容,状态,处理结果"
CANARY = "金丝雀:包间被占了"
GOOD = [
    f"1,2026-01-05 18:30,电话,王小明,13800000001,{CANARY},已关闭,赠送餐券",
    '2,2026-01-06 12:00,网站,李芳,,"账单算错,多收一道菜\n要求退款",处理中,',
    "3,2026-01-07 12:00,电话,,,N/A,已解决,",
]
BAD = [
    "4,2026-01-08 12:00,电话,赵,1",
    "5,2026-01-08 12:00,传真,赵,,x,处理中,",
    "6,08.01.2026,电话,赵,,x,处理中,",
    ",2026-01-08 12:00,电话,赵,,x,处理中,",
    "1,2026-01-08 12:00,电话,赵,,x,处理中,",
    "7,2026-01-08 12:00,电话,赵,,x\0y,处理中,",
    "8,2026-01-08 12:00,电话,赵,,x\x1by,处理中,",
    f"9,2026-01-08 12:00,电话,赵,,{'长' * 20_001},处理中,",
    "10,2099-01-08 12:00,电话,赵,,x,处理中,",
    '11,2026-01-08 12:00,电话,赵,,"没有结束的引号,处理中,',
]
BROKEN_BYTES = b"12,2026-01-08 12:00,\xb5\xe7\xbb\xb0,\xff\xff,,x,,\n"


def desk_file(folder: Path) -> Path:
    file = folder / "desk.csv"
    lines = [HEADER, *GOOD[:2], *BAD]
    file.write_bytes("\n".join(lines).encode("gb18030") + b"\n" + BROKEN_BYTES + GOOD[2].encode("gb18030") + b"\n")
    return file


async def brought_in(service: Service, file: Path, text: str = MAPPING) -> Imported:
    return await import_cases(file, parse(text), service.intake)


async def revealed(service: Service, case_id: CaseId) -> list[dict[str, object]]:
    """The opened data of a case's events."""
    stored = (await service.intake.log.load([UUID(case_id)]))[UUID(case_id)]
    events = [wire.decode_event(one.topic, one.state) for one in stored]
    assert isinstance(events[0], Received)
    opener = await service.intake.keyring.opener([events[0].customer.subject])
    return [reveal(event, opened(opener)) for event in events]


async def state(service: Service, ref: str) -> Case:
    stream = case_stream(imported_case("old-desk", ref))
    return (await service.intake.log.states([stream]))[stream]


def count(service: Service, table: str) -> int:
    with psycopg.connect(service.database.admin) as connection:
        [(number,)] = connection.execute(f"SELECT count(*) FROM {table}").fetchall()  # noqa: S608
    return int(number)


def raw(service: Service) -> bytes:
    with psycopg.connect(service.database.admin) as connection:
        return b"".join(row[0] for row in connection.execute("SELECT state FROM log.events", binary=True))


# ---- broken rows, GB18030 -------------------------------------------------------------------------------------------
async def test_the_good_rows_go_in_and_the_others_are_told(other_service: Service, tmp_path: Path) -> None:
    service, file = other_service, desk_file(tmp_path)
    outcome = await brought_in(service, file)
    assert (outcome.encoding, outcome.taken, outcome.already_there, outcome.changed) == ("gb18030", 3, 0, [])
    told = [(row.line, row.field) for row in outcome.refused]
    assert sorted(told, key=lambda row: row[0]) == [
        (5, None),
        (6, "channel"),
        (7, "received_at"),
        (8, "编号"),
        (9, "key"),
        (10, "内容"),
        (11, "内容"),
        (12, "narrative"),
        (13, "received_at"),
        (14, None),
        (15, "姓名"),
    ]
    assert (outcome.rows, outcome.rows_a_minute > 0) == (14, True)
    assert count(service, "private.subjects") == 3

    again = await brought_in(service, file)
    assert (again.taken, again.already_there, len(again.refused)) == (0, 3, 11)
    assert (count(service, "log.events"), count(service, "private.subjects")) == (6, 3)
    assert all(word.encode() not in raw(service) for word in (CANARY, "王小明", "13800000001", "赠送餐券"))
    statuses = [(await state(service, ref)).status for ref in ("1", "2", "3")]
    assert statuses == [Status.CLOSED, Status.RECEIVED, Status.RESOLVED]


async def test_what_the_source_lacks_stays_absent(other_service: Service, tmp_path: Path) -> None:
    await brought_in(other_service, desk_file(tmp_path))
    case = await state(other_service, "3")
    assert case.received is not None
    absent = (case.owner, case.handler, case.team, case.received.narrative, case.received.customer.name, case.valid)
    assert absent == (None,) * 6
    received, resolved = await revealed(other_service, imported_case("old-desk", "3"))
    assert (received["received_at"], received["demands"], received["source"]) == (
        "2026-01-07T04:00:00Z",
        [],
        "old-desk",
    )
    assert (resolved["solution"], resolved["resolved_at"], resolved["by"], resolved["cost_fen"]) == (None,) * 4
    [first, _, closed] = await revealed(other_service, imported_case("old-desk", "1"))
    assert (closed["closed_at"], closed["courtesies_missing"]) == (None, None)
    assert first["narrative"] == CANARY
    assert CANARY in str(first["source_record"])


async def test_a_row_that_changed_since_is_told_and_not_taken(other_service: Service, tmp_path: Path) -> None:
    file = tmp_path / "desk.csv"
    file.write_text("\n".join([HEADER, *GOOD]), "utf-8")
    await brought_in(other_service, file)
    file.write_text("\n".join([HEADER, *GOOD]).replace("赠送餐券", "退款"), "utf-8")
    outcome = await brought_in(other_service, file)
    assert (outcome.taken, outcome.already_there) == (0, 2)
    assert [(row.line, row.reason) for row in outcome.changed] == [(2, CHANGED)]
    assert (await revealed(other_service, imported_case("old-desk", "1")))[1]["solution"] == "赠送餐券"


async def test_of_an_erased_person_nothing_comes_back(other_service: Service, tmp_path: Path) -> None:
    file = tmp_path / "desk.csv"
    file.write_text("\n".join([HEADER, *GOOD]), "utf-8")
    await brought_in(other_service, file)
    case = await state(other_service, "1")
    await other_service.intake.keyring.erase(case.subject)
    outcome = await brought_in(other_service, file)
    assert (outcome.taken, outcome.already_there, outcome.changed) == (0, 3, [])
    assert count(other_service, "private.subjects") == 2


async def test_two_imports_at_once_take_every_row_once(other_service: Service, tmp_path: Path) -> None:
    file = tmp_path / "desk.csv"
    file.write_text("\n".join([HEADER, *GOOD]), "utf-8")
    first = await brought_in(other_service, file)
    assert first.taken == 3
    stored = other_service.intake.log.load

    async def blind(streams: list[UUID]) -> dict[UUID, list[object]]:
        return {stream: [] for stream in await stored(streams)}

    other_service.intake.log.load = blind  # type: ignore[method-assign, assignment]
    raced = await brought_in(other_service, file)
    assert (raced.taken, raced.already_there) == (0, 3)
    file.write_text("\n".join([HEADER, *GOOD]).replace("赠送餐券", "退款"), "utf-8")
    changed = await brought_in(other_service, file)
    assert (changed.already_there, len(changed.changed)) == (2, 1)


# ---- whose they are -------------------------------------------------------------------------------------------------
NAMING = MAPPING.replace("  customer.name:", "  customer.card_no: {column: 卡号}\n  customer.name:")


def naming(folder: Path, *people: str, first: int = 1) -> Path:
    """A file of one case for each `card,name,telephone`."""
    file = folder / "desk.csv"
    rows = [f"{at},2026-01-05 18:30,电话,{one},内容,处理中," for at, one in enumerate(people, first)]
    file.write_text("\n".join([HEADER.replace("姓名", "卡号,姓名"), *rows]), "utf-8")
    return file


async def whose(service: Service, *refs: int) -> list[SubjectId]:
    return [(await state(service, str(ref))).subject for ref in refs]


async def test_the_same_card_or_telephone_and_name_is_the_same_person_c_1(
    other_service: Service, tmp_path: Path
) -> None:
    keyring = other_service.intake.keyring
    member = await keyring.subject(("card", "8800123"))
    people = ("8800123,王,138", "8800123,,", ",李,139", ",李,139", ",赵,139", ",,139", ",钱,", ",钱,", ",,", ",,")
    outcome = await brought_in(other_service, naming(tmp_path, *people), NAMING)
    assert (outcome.taken, outcome.refused) == (10, [])
    found = await whose(other_service, *range(1, 11))
    assert found[:4] == [member, member, found[2], found[2]]
    assert len({*found}) == len({*found[4:], found[0], found[2]}) == 8
    assert found[2] == await keyring.subject(("phone", "139", "李"))
    assert found[5] == await keyring.subject(("phone", "139", ""))
    assert count(other_service, "private.subjects") == 8
    [received] = await revealed(other_service, imported_case("old-desk", "1"))
    assert "8800123" in str(received["customer"])


async def test_who_was_imported_is_known_when_they_come_again_c_1(other_service: Service, tmp_path: Path) -> None:
    await brought_in(other_service, naming(tmp_path, "8800123,王,138"), NAMING)
    await brought_in(other_service, naming(tmp_path, "8800123,,", first=2), NAMING)
    [first, second] = await whose(other_service, 1, 2)
    assert first == second == await other_service.intake.keyring.subject(("card", "8800123"))


async def test_whose_key_was_destroyed_comes_as_somebody_new_a_3(other_service: Service, tmp_path: Path) -> None:
    """As at a receipt: nothing leads back to who was erased."""
    await brought_in(other_service, naming(tmp_path, "8800123,王,138"), NAMING)
    [erased] = await whose(other_service, 1)
    await other_service.intake.keyring.erase(erased)
    outcome = await brought_in(other_service, naming(tmp_path, "8800123,王,138", "8800123,王,138", first=2), NAMING)
    [second, third] = await whose(other_service, 2, 3)
    assert (outcome.taken, second) == (2, third)
    assert second != erased
    assert second == await other_service.intake.keyring.subject(("card", "8800123"))


async def test_two_imports_at_once_know_the_same_people_c_1(other_service: Service, tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    cards = [f"88{at:05},," for at in range(200)]
    one, two = naming(tmp_path, *cards), naming(tmp_path / "more", *reversed(cards), first=201)
    outcomes = await asyncio.gather(*(brought_in(other_service, file, NAMING) for file in (one, two)))
    assert [outcome.taken for outcome in outcomes] == [200, 200]
    assert await whose(other_service, *range(1, 201)) == (await whose(other_service, *range(201, 401)))[::-1]
    assert count(other_service, "private.subjects") == 200


async def test_what_the_domain_refuses_is_told_with_its_words(other_service: Service, tmp_path: Path) -> None:
    file = tmp_path / "desk.csv"
    file.write_text("\n".join([HEADER, GOOD[0]]), "utf-8")
    forbidding = replace(other_service.intake.policy, steps=other_service.intake.policy.steps[1:])
    parts = replace(other_service.intake, policy=forbidding)
    outcome = await import_cases(file, parse(MAPPING), parts)
    [refused] = outcome.refused
    assert (outcome.taken, refused.line) == (0, 2)
    assert "has no step resolution" in refused.reason


async def test_a_case_is_closed_though_nobody_knows_the_answers_to_its_demands(
    other_service: Service, tmp_path: Path
) -> None:
    file = tmp_path / "desk.csv"
    file.write_text("\n".join([HEADER, GOOD[0]]), "utf-8")
    demanding = MAPPING.replace("resolution:", "  demands: [{column: 内容}, {column: 处理结果}]\nresolution:")
    outcome = await brought_in(other_service, file, demanding)
    case = await state(other_service, "1")
    assert (outcome.refused, case.status, case.demands) == ([], Status.CLOSED, 2)


# ---- the Consumer Complaint Database --------------------------------------------------------------------------------
@needs_cfpb
async def test_the_consumer_complaints_go_in_whole(service: Service) -> None:
    outcome = await import_cases(CFPB, load("cfpb"), service.intake)
    assert (outcome.taken, outcome.already_there, outcome.changed, outcome.refused) == (2067, 0, [], [])
    assert count(service, "private.subjects") == 2067


@needs_cfpb
async def test_a_second_run_adds_nothing(service: Service) -> None:
    await import_cases(CFPB, load("cfpb"), service.intake)
    events = count(service, "log.events")
    outcome = await import_cases(CFPB, load("cfpb"), service.intake)
    assert (outcome.taken, outcome.already_there, outcome.refused) == (0, 2067, [])
    assert (count(service, "log.events"), count(service, "private.subjects")) == (events, 2067)


@needs_cfpb
async def test_every_case_says_what_its_row_says(service: Service) -> None:
    await import_cases(CFPB, load("cfpb"), service.intake)
    with CFPB.open(encoding="utf-8", newline="") as text:
        rows = {row["Complaint ID"]: row for row in csv.DictReader(text)}
    streams = {ref: case_stream(imported_case("cfpb", ref)) for ref in rows}
    states = await service.intake.log.states(list(streams.values()))
    cases = {ref: states[stream] for ref, stream in streams.items()}
    receipts = {ref: case.received for ref, case in cases.items() if case.received}
    assert sum(receipt.narrative is not None for receipt in receipts.values()) == 389
    assert Counter(case.status for case in cases.values()) == {Status.CLOSED: 1451, Status.RECEIVED: 616}
    assert Counter(receipt.channel for receipt in receipts.values()) == {
        Channel.WEB: 2000,
        Channel.HOTLINE: 41,
        Channel.REGULATOR: 17,
        Channel.LETTER: 9,
    }
    unknown = [r for r in receipts.values() if r.demands or r.place or r.merchant or r.happened_at or r.owner or r.team]
    assert unknown == []
    assert all(receipt.day_only for receipt in receipts.values())
    assert receipts["7523056"].received_at == datetime(2023, 8, 25, 4, tzinfo=UTC)
    opener = await service.intake.keyring.opener([receipt.customer.subject for receipt in receipts.values()])
    for ref, receipt in receipts.items():
        narrative = receipt.narrative and opener.open("case.received.narrative", receipt.narrative)
        assert (narrative or "") == rows[ref]["Consumer complaint narrative"]


@needs_cfpb
async def test_no_narrative_can_be_read_in_the_log(service: Service) -> None:
    await import_cases(CFPB, load("cfpb"), service.intake)
    stored = raw(service)
    with CFPB.open(encoding="utf-8", newline="") as text:
        narratives = [row["Consumer complaint narrative"] for row in csv.DictReader(text)]
    assert [told for told in narratives if told and told[:30].encode() in stored] == []
