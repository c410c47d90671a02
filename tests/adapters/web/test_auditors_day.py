"""A day of an auditor: a case replayed by keyboard, a proof checked in the page, a bundle taken (A-1, A-2, A-4)."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Route, expect

from tests.adapters.http.serving import Service
from tests.adapters.web.looking import Console

SEALED_MS = 20_000


def test_a_case_is_replayed_by_keyboard_and_the_address_can_be_shared_a_2(console: Console, service: Service) -> None:
    case = service.case("resolved")
    positions = [event["position"] for event in service.history(case)]
    page = console.page
    console.sign_in("auditor", f"/replay/{case.id}?at={positions[2]}")
    said = page.locator("#replay-said")
    expect(said).to_contain_text(f"#{positions[2]}")
    page.keyboard.press("ArrowLeft")
    expect(said).to_contain_text(f"#{positions[1]}")
    expect(page.locator("#replay .timeline")).to_contain_text("确认受理")
    expect(page.locator("#replay tbody")).to_contain_text("是")
    page.keyboard.press("ArrowRight")
    expect(said).to_contain_text(f"#{positions[2]}")
    expect(page.locator("#replay")).not_to_contain_text("提出方案")
    page.locator("#step").focus()
    page.keyboard.press("Home")
    expect(said).to_contain_text(f"#{positions[0]}")
    shared = page.url
    assert shared.endswith(f"/replay/{case.id}?at={positions[0]}")
    page.click("form[action='/sign-out'] button")

    console.sign_in("supervisor")
    page.goto(shared)
    expect(page.locator("#replay-said")).to_contain_text(f"#{positions[0]}")
    # to a supervisor the texts stand open, to auditors they are masked until they give a reason
    expect(page.locator("#replay")).to_contain_text("账单没有打折")


def test_two_moments_are_compared_field_by_field(console: Console, service: Service) -> None:
    case = service.case("analysed")
    positions = [event["position"] for event in service.history(case)]
    console.sign_in("auditor", f"/replay/{case.id}")
    console.open(f"/replay/{case.id}?at={positions[-1]}&since={positions[0]}")
    row = console.page.locator("#replay tbody tr", has_text="状态").first
    expect(row.locator("td >> nth=1")).to_have_text("已受理")
    expect(row.locator("td >> nth=2")).to_have_text("已分析")


def test_personal_data_is_opened_with_a_reason_that_stands_among_the_reads_a_4(
    console: Console, service: Service
) -> None:
    case = service.receive()
    page = console.page
    console.sign_in("auditor", f"/replay/{case.id}")
    expect(page.locator("#replay")).not_to_contain_text("账单没有打折")
    page.fill("#reason", "抽查第三季度")
    page.click("#replay form .btn")
    expect(page.locator("#replay")).to_contain_text("账单没有打折")
    console.open(f"/audit/reads?resource={case.id}")
    expect(page.locator("tbody tr").first).to_contain_text("抽查第三季度")


def test_everything_kept_on_a_person_is_taken_away_with_a_reason_a_3(console: Console, service: Service) -> None:
    case = service.receive(narrative="要拿走的话")
    subject = service.get(case.url)["customer"]["subject"]
    console.sign_in("auditor", f"/subjects/{subject}")
    console.page.fill("[name=reason]", "客户来函查询")
    with console.page.expect_download() as taken:
        console.page.click("form.filters .btn")
    with zipfile.ZipFile(taken.value.path()) as archive:
        assert "要拿走的话" in archive.read("person.json").decode()
    (read,) = service.get(f"/api/v1/audit/reads?resource={subject}&kind=exported", who="auditor")["items"]
    assert read["reason"] == "客户来函查询"


def test_a_supervisor_is_not_offered_what_is_kept_on_others_of_the_staff_a_4(
    console: Console, service: Service
) -> None:
    customer = service.get(service.receive().url)["customer"]["subject"]
    console.sign_in("supervisor", "/subjects/a1002")
    offered = console.page.locator("a[href$='/export?format=zip']")
    expect(console.page.locator("h1")).to_contain_text("a1002")
    expect(offered).to_have_count(0)
    for person in (customer, "s2001"):
        console.open(f"/subjects/{person}")
        expect(offered).to_have_count(1)


def _sealed(service: Service, position: int) -> None:
    answer = service.get(f"/api/v1/audit/checkpoint?min_position={position}", who="auditor")
    assert answer.status == 200, answer.body


def _with_another_body(route: Route) -> None:
    """The answer of a server that has changed an event without changing the tree."""
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text().replace('"channel":"hotline"', '"channel":"letter"'))


def _with_another_leaf(route: Route) -> None:
    """The answer of a server that fits the leaf to what it shows."""
    proof: dict[str, Any] = json.loads(route.fetch().text())
    route.fulfill(json={**proof, "hashes": [*reversed(proof["hashes"])]})


def _with_another_size(route: Route) -> None:
    """A head that nobody has signed."""
    proof: dict[str, Any] = json.loads(route.fetch().text())
    note = proof["checkpoint"].replace("— ", "— x", 1)
    route.fulfill(json={**proof, "checkpoint": note})


def test_a_proof_is_checked_in_the_page_and_shown_broken_when_it_is_changed_a_1(
    console: Console, service: Service
) -> None:
    case = service.receive()
    _sealed(service, case.position)
    page, path = console.page, f"/replay/{case.id}?at={case.position}"
    badge = page.locator("[data-proof]")
    console.sign_in("auditor")
    console.open(path)
    expect(badge).to_have_attribute("data-outcome", "proved", timeout=SEALED_MS)
    expect(badge.locator("[data-holds=true]")).to_have_count(4)
    changes = (
        ("**/audit/events?*", _with_another_body, ["event", "leaf"]),
        ("**/audit/proofs/inclusion?*", _with_another_leaf, ["path"]),
        ("**/audit/proofs/inclusion?*", _with_another_size, ["signature"]),
    )
    for address, changed, broken in changes:
        page.route(address, changed)
        console.open(path)
        expect(badge).to_have_attribute("data-outcome", "broken")
        for step in broken[-1:]:
            expect(badge.locator(f"[data-step={step}]")).to_have_attribute("data-holds", "false")
        expect(badge.locator("[data-when=broken]")).to_be_visible()
        assert console.violations() == []
        page.unroute(address)


def test_a_head_that_one_holds_is_checked_against_the_newest(console: Console, service: Service) -> None:
    _sealed(service, service.receive().position)
    held = service.get("/api/v1/audit/checkpoint", who="auditor").body
    _sealed(service, service.receive().position)
    page = console.page
    console.sign_in("auditor", "/audit")
    for note, outcome in (
        (held, "grew"),
        (held.replace(held.splitlines()[2], "A" * 43 + "="), "broken"),
        ("no head", "unread"),
    ):
        page.fill("#held", note)
        page.click("[data-consistency] .btn")
        expect(page.locator("[data-consistency]")).to_have_attribute("data-outcome", outcome)


def test_a_bundle_is_taken_by_the_number_of_a_case_and_verifies(
    console: Console, service: Service, tmp_path: Path
) -> None:
    case = service.case("clarified")
    _sealed(service, case.position)
    page = console.page
    console.sign_in("auditor", "/audit")
    page.fill("#value", case.number)
    with page.expect_download() as coming:
        page.click("form[action='/audit/bundle'] .btn")
    assert coming.value.suggested_filename == f"redress-case-{case.id}.zip"
    coming.value.save_as(tmp_path / "bundle.zip")
    with zipfile.ZipFile(tmp_path / "bundle.zip") as bundle:
        bundle.extractall(tmp_path / "bundle")
    command = [sys.executable, "-I", "-S", str(tmp_path / "bundle" / "verify.py"), str(tmp_path / "bundle")]
    verified = subprocess.run(command, capture_output=True, text=True, check=False)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    console.open("/audit/reads?kind=downloaded")
    expect(page.locator("tbody tr").first).to_contain_text(f"bundle case={case.id}")
    page.click("form[action='/sign-out'] button")
    page.wait_for_url("**/sign-in")
