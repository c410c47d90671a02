"""Open pages and a service that ends and comes back, as people start it: nothing is waited for, nothing is missed."""

import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from adapters.serve import GRACE_S
from tests.adapters.http.serving import CASES, Factory, receipt
from tests.adapters.http.test_served import Served, free_port, serving

Running = tuple[Served, str, Path]
"""A process; where its database and its home are."""
ENOUGH_MS = 60_000
"""For a process to start on a busy machine, and a page to look for it again."""


@pytest.fixture(scope="module")
def elsewhere(database_factory: Factory, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One that goes on while others end."""
    home = tmp_path_factory.mktemp("home")
    with database_factory() as database, serving(database.app, home, "--demo") as served:
        yield served, database.app, home


def _a_case(served: Served) -> str:
    with served.client("agent") as agent:
        made = agent.post(CASES, json=receipt(narrative="账单没有打折"))
        assert made.status_code == 201, made.text
        return str(made.json()["id"])


def _note(other: Served, served: Served, case: str, text: str) -> None:
    """A note of the first agent at another process; the demonstration that began last has the keys."""
    with replace(other, keys=served.keys).client("agent") as agent:
        answer = agent.post(f"{CASES}/{case}/notes", json={"text": text})
    assert answer.status_code == 200, answer.text


def _open(page: Page, served: Served, path: str) -> None:
    """Open a page as the first agent of the demonstration, with its stream."""
    with page.expect_response(lambda answer: "/live?" in answer.url and answer.status == 200):
        page.goto(f"{served.url}/sign-in?next={path}")
        page.click(f"button[name=agent][value={served.keys['agent'][0][0]}]")


def _end(served: Served) -> None:
    """End the service as its operator does: at once, in order, whoever listens."""
    began = time.monotonic()
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(GRACE_S) == 0
    assert time.monotonic() - began < GRACE_S / 2


def test_a_page_goes_on_when_the_service_is_back_and_shows_what_it_missed(page: Page, elsewhere: Running) -> None:
    other, database, home = elsewhere
    port = free_port()
    with serving(database, home, "--demo", port=port) as served:
        case = _a_case(served)
        _open(page, served, f"/cases/{case}")
        page.fill("#note", "写了一半")
        _note(other, served, case, "断线以前")
        expect(page.locator("#timeline")).to_contain_text("断线以前", timeout=ENOUGH_MS)
        _end(served)
    _note(other, served, case, "断线之间")
    with serving(database, home, "--demo", port=port) as served:
        expect(page.locator("#timeline")).to_contain_text("断线之间", timeout=ENOUGH_MS)
        expect(page.locator("#note")).to_have_value("写了一半")
        expect(page.locator("#note")).to_be_focused()
        _note(other, served, case, "断线以后")
        expect(page.locator("#timeline")).to_contain_text("断线以后", timeout=ENOUGH_MS)
        _end(served)


def test_the_service_ends_at_once_with_many_pages_open(page: Page, elsewhere: Running) -> None:
    _, database, home = elsewhere
    with serving(database, home, "--demo") as served:
        case = _a_case(served)
        _open(page, served, f"/cases/{case}")
        for path in ("/", f"/cases/{case}", "/notices"):
            tab = page.context.new_page()
            tab.goto(served.url + path)
        _end(served)
