"""A day of payroll: one freezes, another closes, a statement is opened, the bytes of an export are checked (L-4)."""

import hashlib
from pathlib import Path

from playwright.sync_api import expect

from tests.adapters.http.ledgers import month_of
from tests.adapters.http.ledgers_given import a_closed_month, a_month_to_freeze
from tests.adapters.http.serving import Service
from tests.adapters.web import house_given as house
from tests.adapters.web.looking import Console

PATIENCE_MS = 30_000


def leave(console: Console) -> None:
    """Sign out."""
    console.page.click("form[action='/sign-out'] button")
    console.page.wait_for_url("**/sign-in")


def test_a_month_is_frozen_by_one_and_closed_by_another_l_4(console: Console, service: Service) -> None:
    a_closed_month(service)
    month = a_month_to_freeze(service)
    page = console.page
    console.sign_in("payroll", f"/payroll/{month}")
    page.click("main .btn.pri")
    expect(page.locator("main h1 + .tag")).to_have_text("已冻结")
    # who has frozen it does not close it: the rule is told on the same page, and links to what it says
    console.watch.allow("403|409")
    page.click("main .btn.pri")
    alert = page.locator("[role=alert]")
    expect(alert).to_contain_text("L-4")
    alert.locator("a").click()
    expect(page.locator("h1")).to_have_text("冻结与关账")
    leave(console)

    console.sign_in("paymaster", f"/payroll/{month}")
    page.click("main .btn.pri")
    expect(page.locator("main h1 + .tag")).to_have_text("已关账")
    expect(page.locator("main .btn.pri")).to_have_count(0)
    found = service.get(month_of(month), who="payroll")
    assert (found["status"], found["frozen_by"], found["closed_by"]) == ("closed", "p3001", "p3002")
    expect(page.locator(".seal dd")).to_have_text(found["digest"])
    leave(console)


def test_a_statement_leads_down_to_the_event_behind_a_line_l_1(console: Console, service: Service) -> None:
    path = house.closed_month(service)
    page = console.page
    console.sign_in("payroll", path)
    page.click("main tbody a >> nth=0")
    expect(page.locator(".sheet .net b")).to_have_text("¥0.15")
    page.emulate_media(media="print")
    expect(page.locator(".rail")).to_be_hidden()
    expect(page.locator(".sheet")).to_be_visible()
    page.emulate_media(media="screen")
    page.click(".sheet tbody a >> nth=0")
    expect(page.locator(".timeline >> nth=0")).to_contain_text("who-is-colleague")
    position = page.locator(".timeline .evm span >> nth=0").inner_text()
    cause = service.get(f"/api/v1/ledgers/entries/{page.url.rpartition('/')[2]}", who="payroll")["causes"][0]
    assert position == f"#{cause['position']}"


def test_an_export_has_the_bytes_of_its_manifest(console: Console, service: Service, tmp_path: Path) -> None:
    path = house.closed_month(service)
    month = path.rpartition("/")[2]
    page = console.page
    console.sign_in("payroll", path)
    page.click(".menu summary")
    with page.expect_download() as coming:
        page.click(".menu a[href$='format=csv']")
    coming.value.save_as(tmp_path / "month.csv")
    manifest = service.get(f"{month_of(month)}/export/manifest?format=csv", who="payroll")
    assert coming.value.suggested_filename == manifest["file"] == f"payroll-{month}.csv"
    assert hashlib.sha256((tmp_path / "month.csv").read_bytes()).hexdigest() == manifest["sha256"]


def test_an_open_month_is_exported_as_a_draft(console: Console, service: Service) -> None:
    a_closed_month(service)
    month = a_month_to_freeze(service)
    page = console.page
    console.sign_in("payroll", f"/payroll/{month}")
    page.click(".menu summary")
    expect(page.locator(".menu summary .tag")).to_have_text("草稿")
    with page.expect_download() as coming:
        page.click(".menu a[href*='format=jsonl&']")
    assert coming.value.suggested_filename == f"payroll-{month}-draft.jsonl"


def test_a_tariff_is_tried_on_history_l_7(console: Console, service: Service) -> None:
    a_closed_month(service)
    page = console.page
    console.sign_in("payroll", "/payroll/try")
    page.fill("#from", "2007-03-01")
    page.fill("#to", "2007-03-31")
    text = page.input_value("#yaml")
    console.watch.allow("422")
    page.fill("#yaml", text.replace("minor_fen: 1000", "minor_fen: many"))
    page.click("main .btn.pri")
    expect(page.get_by_role("alert")).to_contain_text("line ")
    expect(page.get_by_role("alert")).to_contain_text("minor_fen")
    assert "minor_fen: many" in page.input_value("#yaml")
    page.fill("#yaml", text.replace("signed_fen: 25", "signed_fen: 45").replace("unsigned_fen: 15", "unsigned_fen: 35"))
    page.click("main .btn.pri")
    row = page.locator("#trial tbody tr", has_text="B-ORDER")
    expect(row).to_contain_text("¥0.15", timeout=PATIENCE_MS)
    expect(row.locator("td >> nth=-1")).to_have_text("¥0.20")
