"""The console in a real browser: Debian's Chromium, over a running service with a database of its own."""

import os
import shutil
from collections.abc import Iterator
from typing import Any, cast

import pytest
from playwright.sync_api import Page, expect

from adapters.http.app import create_app, document
from adapters.http.parts import Parts
from adapters.web.app import DemoPerson, add_console
from tests.adapters.http.serving import PEOPLE, Factory, Service, listening, running_service
from tests.adapters.web.looking import Console, Watch

CHROMIUM = os.environ.get("REDRESS_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--no-first-run")
expect.set_options(timeout=30_000)  # a busy machine must not refute what comes a little later


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Chromium as Debian has it; loudly skipped where there is none, and a failure in CI."""
    if CHROMIUM is None:
        message = "no Chromium: apt install chromium, or set REDRESS_CHROMIUM"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": [*FLAGS]}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A Chinese desk."""
    desk = {"viewport": {"width": 1440, "height": 900}, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}
    return {**browser_context_args, **desk}


@pytest.fixture(scope="session")
def api_document() -> dict[str, Any]:
    """The document of the API, of which a form is made: it takes seconds, and every service has the same."""
    return document(create_app(cast("Parts", None)))


@pytest.fixture(scope="module")
def service(
    database_factory: Factory, tmp_path_factory: pytest.TempPathFactory, api_document: dict[str, Any]
) -> Iterator[Service]:
    """The service with its console, as whose people anybody may sign in."""
    home = tmp_path_factory.mktemp("home")
    with database_factory() as database, running_service(database, home) as running:
        add_console(running.app, [DemoPerson(agent, name, role) for name, (agent, role, _) in PEOPLE.items()])
        running.app.state.document = api_document
        yield running


@pytest.fixture(scope="module")
def address(service: Service) -> Iterator[str]:
    """Where it listens."""
    with listening(service) as url:
        yield url


@pytest.fixture
def console(page: Page, service: Service, address: str) -> Iterator[Console]:
    """A tab at the door. Afterwards: nothing was said on its console, and nobody else was asked for anything."""
    watch = Watch(page, address)
    yield Console(page, service, address, watch)
    watch.check()
