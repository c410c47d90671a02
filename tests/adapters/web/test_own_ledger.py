"""The own ledger adds up all of a month, whatever part of it the page lists."""

import pytest

from adapters.web import own
from tests.adapters.http.ledgers import confirmed, finished_order, penalty
from tests.adapters.http.serving import Service
from tests.adapters.web.reading import html, part

MONTH = "2026-02"


def test_what_a_month_comes_from_is_counted_over_all_its_lines_l_1(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own, "MOST", 1)
    for day in ("03", "04", "05"):
        finished_order(service, f"{MONTH}-{day}T12:00:00+08:00")
    entries = [penalty(service, f"{MONTH}-{day}") for day in ("06", "07", "08")]
    position = confirmed(service, *entries[:2], who="second")
    service.get(f"/api/v1/ledgers/penalties?limit=1&min_position={position}", who="payroll")
    sums = part(html(service, f"/ledger?month={MONTH}", "colleague"), 'id="sums"', "</table>")
    assert "B-ORDER 有效订单 3 ¥" in sums
    assert "P-MINOR 轻微违纪 2 " in sums
