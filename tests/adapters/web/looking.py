"""Looking at the console: a tab that signs in, and what is checked of every page."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from adapters.auth.sessions import COOKIE, Way
from domain.values import AgentId
from tests.adapters.http.serving import PEOPLE, Service

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_VIOLATIONS = """async (rules) =>
  (await axe.run(document, {runOnly: rules, resultTypes: ["violations"]})).violations"""
"""These alone: what passes is hundreds of times as much, and takes longer to be told than to be looked at."""
PICTURES = Path(__file__).resolve().parents[3] / "build" / "screenshots"


class Watch:
    """What a tab says on its console, and whom it asks."""

    def __init__(self, page: Page, address: str) -> None:
        self.said: list[str] = []
        self.foreign: list[str] = []
        self.expected: list[str] = []
        page.on("console", lambda message: self._hear(message.type, message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", lambda request: self._see(request.url, address))

    def _hear(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.said.append(text)

    def _see(self, url: str, address: str) -> None:
        if not url.startswith((address, "data:", "blob:")):
            self.foreign.append(url)

    def allow(self, pattern: str) -> None:
        """Chromium itself reports answers of 4xx to a page's request: say which are meant."""
        self.expected.append(pattern)

    def check(self) -> None:
        """Nothing unexpected was said, nobody else asked."""
        unexpected = [text for text in self.said if not any(re.search(known, text) for known in self.expected)]
        assert (unexpected, self.foreign) == ([], [])


@dataclass
class Console:
    """A tab. `who` is a name of PEOPLE."""

    page: Page
    service: Service
    address: str
    watch: Watch = field(repr=False)

    def look(self, *, language: str = "zh", theme: str = "light", width: int = 1440) -> None:
        """Choose how it looks."""
        cookies: list[Any] = [
            {"name": "redress-language", "value": language, "url": self.address},
            {"name": "redress-theme", "value": theme, "url": self.address},
        ]
        self.page.context.add_cookies(cookies)
        self.page.set_viewport_size({"width": width, "height": 900})

    def sign_in(self, who: str = "agent", path: str = "/") -> None:
        """Sign in with one click, and open a page."""
        self.page.goto(f"{self.address}/sign-in?next={path}")
        self.page.click(f"button[name=agent][value={PEOPLE[who][0]}]")
        self.page.wait_for_load_state("load")

    def come_in(self, who: str) -> None:
        """Be signed in, without the way there."""
        token = self.service.run(self.service.app.state.parts.sessions.begin(AgentId(PEOPLE[who][0]), Way.DEMO))
        host = self.address.removeprefix("http://").partition(":")[0]
        session: Any = {"name": COOKIE, "value": token, "domain": host, "path": "/", "secure": True, "httpOnly": True}
        self.page.context.add_cookies([session])

    def sign_out(self) -> None:
        """Sign out by the button in the rail; afterwards the tab is at the door, and nothing else can be opened."""
        self.page.click("form[action='/sign-out'] button")
        self.page.wait_for_url("**/sign-in")
        self.page.goto(self.address)
        assert "/sign-in" in self.page.url

    def open(self, path: str) -> None:
        """Open a page, which must be there."""
        answer = self.page.goto(self.address + path)
        assert answer is not None
        assert answer.status < 400, (path, answer.status)

    def violations(self) -> list[tuple[str, str, str]]:
        """What axe-core finds: rule, place, what to do."""
        self.page.evaluate(AXE)  # the policy of the page does not bind the debugger's door
        found = self.page.evaluate(_VIOLATIONS, RULES)
        return [
            (violation["id"], str(node["target"]), node["failureSummary"][:200])
            for violation in found
            for node in violation["nodes"]
        ]

    def picture(self, name: str) -> None:
        """Keep what it looks like under build/screenshots; of a page that scrolls as a whole, all of it."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
