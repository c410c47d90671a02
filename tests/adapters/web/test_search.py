"""Looking for cases: two characters, a number, the end of a telephone; on the page and in the palette."""

import pytest
from playwright.sync_api import expect

from tests.adapters.http.serving import Service
from tests.adapters.web.looking import Console


@pytest.mark.parametrize(("words", "marked"), [("漏水", "漏水"), ("8893", "8893")])
def test_what_was_looked_for_is_marked(console: Console, service: Service, words: str, marked: str) -> None:
    case = service.receive(narrative="天花板漏水三次", customer={"name": "周一", "phone": "13700008893"})
    service.seen(case.position)
    console.sign_in("agent", f"/search?q={words}")
    expect(console.page.locator("tbody tr").first).to_contain_text("天花板漏水三次")
    expect(console.page.locator("mark").first).to_have_text(marked)


def test_the_words_are_shown_as_they_are(console: Console, service: Service) -> None:
    case = service.receive(narrative="<b>粗体</b>价签写错")
    service.seen(case.position)
    console.sign_in("agent", "/search?q=粗体")
    expect(console.page.locator("tbody tr").first).to_contain_text("<b>粗体</b>价签写错")


def test_the_palette_finds_cases_and_pages(console: Console, service: Service) -> None:
    case = service.receive(narrative="调色板要找的那一件")
    service.seen(case.position)
    console.sign_in("agent")
    console.page.keyboard.press("Control+k")
    console.page.keyboard.type("要找的那")
    expect(console.page.locator("#palette-found li[aria-selected=true]")).to_contain_text(case.number)
    console.page.keyboard.press("Enter")
    console.page.wait_for_url(f"**/cases/{case.id}")


def test_nothing_found_says_what_can_be_found(console: Console) -> None:
    console.sign_in("agent", "/search?q=查无此事")
    expect(console.page.locator(".empty")).to_contain_text("两个字")
