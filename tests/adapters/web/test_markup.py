"""What people write is text wherever a page shows it, whatever it looks like (ASVS 5.0, 3.2.2)."""

from playwright.sync_api import expect

from tests.adapters.http.serving import Service
from tests.adapters.web.looking import Console

MARKUP = "<img src=x onerror=alert(1)><b id=bold>粗</b>{{ 7 * 7 }}"


def test_markup_in_what_is_written_is_shown_as_it_was_written(console: Console, service: Service) -> None:
    customer = {"name": MARKUP, "phone": "13812345678"}
    case = service.receive(customer=customer, narrative=MARKUP, demands=[MARKUP], place=MARKUP)
    service.post(f"{case.url}/notes", {"text": MARKUP})
    service.post(f"{case.url}/evidence", {"kind": MARKUP, "ref": MARKUP, "note": MARKUP})
    service.seen(case.position)
    console.sign_in("agent", f"/cases/{case.id}")
    for path in (f"/cases/{case.id}", f"/cases/{case.id}/do/clarification", f"/?q={case.number}", "/search?q=onerror"):
        console.open(path)
        expect(console.page.locator("main")).to_be_visible()
        assert console.page.locator("img[src=x], #bold").count() == 0, path
    console.open(f"/cases/{case.id}")
    shown = console.page.locator("main").inner_text()
    assert shown.count(MARKUP) >= 4
