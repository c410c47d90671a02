"""Two people at one case: what one does the other sees at once, and nobody's writing is lost."""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.adapters.http.serving import CLARIFICATION, Service
from tests.adapters.web.looking import Console, Watch


@pytest.fixture
def other(browser: Browser, service: Service, address: str) -> Iterator[Console]:
    """A tab of somebody else."""
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
    page: Page = context.new_page()
    watch = Watch(page, address)
    yield Console(page, service, address, watch)
    watch.check()
    context.close()


def test_what_one_writes_the_other_sees_without_losing_the_place(
    console: Console, other: Console, service: Service
) -> None:
    case = service.receive()
    console.sign_in("agent", f"/cases/{case.id}")
    console.page.fill("#note", "写了一半")
    other.sign_in("colleague", f"/cases/{case.id}")
    other.page.fill("#note", "隔壁写的")
    other.page.keyboard.press("Control+Enter")
    expect(console.page.locator("#timeline")).to_contain_text("隔壁写的")
    expect(console.page.locator("#note")).to_have_value("写了一半")
    expect(console.page.locator("#note")).to_be_focused()


def test_a_page_is_live_however_late_its_scripts_come(console: Console, service: Service) -> None:
    case = service.case("received")
    console.page.route(re.compile("hx-sse"), _late)
    console.sign_in("colleague", f"/cases/{case.id}")
    with console.page.expect_response("**/live?*"):
        console.page.reload()


def _late(route: Route) -> None:
    time.sleep(0.5)
    route.continue_()


def test_who_else_looks_is_shown_and_gone_when_they_leave(console: Console, other: Console, service: Service) -> None:
    case = service.receive()
    service.seen(case.position)
    console.sign_in("agent", f"/cases/{case.id}")
    expect(console.page.locator("#presence")).to_have_text("")
    other.sign_in("colleague", f"/cases/{case.id}")
    expect(console.page.locator("#presence")).to_contain_text("who-is-colleague")
    console.open(f"/?q={case.number}")
    expect(console.page.locator("tbody .av")).to_have_attribute("title", "who-is-colleague 正在查看")
    console.open(f"/cases/{case.id}")
    other.open("/")
    expect(console.page.locator("#presence")).to_have_text("")


def test_a_page_that_shows_who_is_there_does_not_ask_for_it(console: Console, other: Console, service: Service) -> None:
    case = service.receive()
    other.sign_in("colleague", f"/cases/{case.id}")
    expect(other.page.locator("#presence")).to_have_text("")
    asked: list[str] = []
    console.page.on("request", lambda request: asked.append(request.url))
    console.sign_in("agent", f"/cases/{case.id}")
    expect(console.page.locator("#presence")).to_contain_text("who-is-colleague")
    service.give(case, "notes", {"text": "流已经开着"})
    expect(console.page.locator("#timeline")).to_contain_text("流已经开着")
    assert [url for url in asked if url.endswith("/presence")] == []


def test_the_next_step_and_the_counts_move_with_the_case(console: Console, service: Service) -> None:
    case = service.case("received")
    service.give(case, "acknowledgement")
    console.sign_in("colleague", f"/cases/{case.id}")
    console.page.click("#barred-steps summary")
    service.give(case, "clarification", CLARIFICATION)
    expect(console.page.locator(".next .lead")).to_contain_text("调查")
    expect(console.page.locator("#barred-steps")).to_have_attribute("open", "")
    mine = console.page.locator("[data-count=mine]")
    before = int(mine.inner_text() or 0)
    service.receive(who="colleague")
    expect(mine).to_have_text(str(before + 1))


def test_a_stale_form_keeps_what_was_typed_and_shows_what_is_new(console: Console, service: Service) -> None:
    case = service.case("clarified")
    console.sign_in("agent", f"/cases/{case.id}/do/investigation")
    console.page.fill("[name=findings]", "监控显示忘了打折")
    service.give(case, "pause", {"category": "customer", "reason": "等客户寄发票"}, who="colleague")
    expect(console.page.locator("#moved")).to_contain_text("有变化")
    console.watch.allow("412")
    console.page.keyboard.press("Control+Enter")
    expect(console.page.locator(".alert.warn[role=alert]")).to_be_visible()
    expect(console.page.locator(".timeline")).to_contain_text("等客户寄发票")
    expect(console.page.locator("[name=findings]")).to_have_value("监控显示忘了打折")
    console.page.keyboard.press("Control+Enter")
    console.page.wait_for_url(f"**/cases/{case.id}")
    assert service.history(case)[-1]["data"]["findings"] == "监控显示忘了打折"


def test_a_form_says_that_its_case_has_changed_only_if_it_has(console: Console, service: Service) -> None:
    case = service.case("clarified")
    console.sign_in("agent", f"/cases/{case.id}/do/investigation")
    with console.page.expect_response(re.compile("/now")):
        service.give(service.receive(), "links", {"case": case.id, "kind": "related"})
    expect(console.page.locator("#moved")).to_be_empty()


def test_a_stream_is_for_those_who_may_see_the_case(console: Console, service: Service) -> None:
    case = service.receive()
    console.sign_in("stranger")
    console.watch.allow("403")
    answer = console.page.goto(f"{console.address}/live?case={case.id}")
    assert answer is not None
    assert answer.status == 403
