"""The items of a handover are called by what they are, in the reader's words, where they are asked about (S-3)."""

from datetime import UTC, datetime, timedelta

from tests.adapters.http.bodies import SHIFTS
from tests.adapters.http.serving import Service
from tests.adapters.web.desk_given import running_shift
from tests.adapters.web.reading import html, part


def test_what_is_ticked_and_questioned_is_named_by_its_own_line_s_3(service: Service) -> None:
    shift = running_shift(service, "start")
    at = (datetime.now(UTC) - timedelta(minutes=5)).replace(second=0, microsecond=0)
    then = (at + timedelta(hours=8)).strftime("%m-%d %H:%M")
    report = {"at": at.isoformat(), "agent": "a1002", "code": "P-MINOR"}
    service.post("/api/v1/facts/missed-calls", {"at": at.isoformat()}, who="supervisor")
    service.post("/api/v1/facts/conduct-reports", report, who="supervisor")
    service.post(f"{SHIFTS}/{shift}/handover", {}, version=2)
    page = html(service, f"/shifts/{shift}/handover", "colleague")
    names = ("线路测试, 早班", f"漏接电话 {then}", f"轻微违纪, who-is-colleague {then}")
    for name in names:
        assert f'aria-label="对{name}的疑问"' in page
    sheet = service.get(f"{SHIFTS}/{shift}/handover", who="colleague")
    told = [one["item"] for group in ("phone_tests", "missed_calls", "conduct") for one in sheet[group]]
    body = {"questioned": [{"item": item, "words": "何故"} for item in told]}
    answer = service.post(f"{SHIFTS}/{shift}/acceptance", body, version=3, who="colleague")
    assert answer.status == 200, answer.body
    asked = part(html(service, f"/shifts/{shift}/handover", "colleague"), 'class="pairs"', "</dl>")
    assert all(name in asked for name in names)
