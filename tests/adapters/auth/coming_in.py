"""Coming in at the console without a browser: forms, and the cookie of the session."""

import re
from collections.abc import Callable, Mapping
from time import monotonic, sleep
from urllib.parse import urlencode

from adapters.auth.sessions import COOKIE
from domain.values import AgentId
from tests.adapters.http.serving import Answer, Service

GOOD = "walrus-copper-lantern-9"
OTHER = "violet-anchor-thunder-3"


def give_password(service: Service, number: str = "a1001", password: str = GOOD, *, temporary: bool = False) -> None:
    """Set a password as an operator does."""
    service.run(service.services.passwords.give(AgentId(number), password, temporary=temporary))


def send(service: Service, path: str, fields: Mapping[str, str], cookie: str = "", **headers: str) -> Answer:
    """Send a form, as a page of our own does."""
    sent = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin", **headers}
    sent |= {"cookie": cookie} if cookie else {}
    return service.ask("POST", path, who=None, raw=urlencode(fields).encode(), headers=sent)


def look(service: Service, path: str, cookie: str = "") -> Answer:
    """Open a page."""
    return service.ask("GET", path, who=None, headers={"cookie": cookie} if cookie else {})


def sign_in(service: Service, number: str = "a1001", password: str = GOOD) -> Answer:
    """Come in with a password."""
    return send(service, "/sign-in", {"number": number, "password": password})


def session_of(answer: Answer) -> str:
    """The cookie of the session that an answer begins."""
    begun = re.search(rf"{COOKIE}=([^;]+)", answer.headers.get("set-cookie", ""))
    assert begun, (answer.status, answer.headers)
    return f"{COOKIE}={begun[1]}"


def is_in(service: Service, cookie: str) -> bool:
    """Whether the session lets in, at the API and at a page."""
    answers = look(service, "/api/v1/teams", cookie).status, look(service, "/settings/access", cookie).status
    assert answers in {(200, 200), (401, 303)}, answers
    return answers == (200, 200)


def eventually(holds: Callable[[], bool], within_s: float = 30.0) -> None:
    """Wait until something holds, however busy the machine is."""
    until = monotonic() + within_s
    while not holds():
        assert monotonic() < until, "it never came to be"
        sleep(0.05)
