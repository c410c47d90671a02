"""Daily reports over the API: what they say, who makes them, who passes what on; and their digest by mail (S-4)."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from adapters.mail.outbox import Post
from adapters.mail.smtp import MailServer
from domain.values import DEFAULT_ZONE
from tests.adapters.http.bodies import HOUR, SHIFTS, planned
from tests.adapters.http.facts_given import FACTS, ORDER
from tests.adapters.http.serving import Factory, Service, ago, running_service

REPORTS = "/api/v1/daily-reports"
DAYS = (date(2025, 3, 1) + timedelta(days=number) for number in count())
PATIENCE_S = 20.0


@pytest.fixture
def day() -> date:
    """A day gone by, of its own for every test: it has one report."""
    return next(DAYS)


def noon(day: date) -> str:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC).isoformat()


def made(service: Service, day: date, who: str = "supervisor", **facts: object) -> Any:
    answer = service.post(REPORTS, {"date": day.isoformat(), **facts}, who=who)
    assert answer.status == 201, answer.body
    return answer


def without_head(report: dict[str, Any]) -> dict[str, Any]:
    """What stays of a report: all but the newest head over it."""
    return {name: value for name, value in report.items() if name != "head"}


def order(service: Service, day: date, **facts: object) -> None:
    body = {**ORDER, "at": noon(day), "dining_time": noon(day), **facts}
    answer = service.post(f"{FACTS}/orders", {name: value for name, value in body.items() if value is not None})
    assert answer.status == 201, answer.body


@pytest.fixture(scope="module")
def merchant(service: Service) -> None:
    """The one that orders name."""
    service.post("/api/v1/merchants", {"id": "m1", "name": "江南小馆"}, who="admin")


# ---- what it says ---------------------------------------------------------------------------------------------------
@pytest.mark.usefixtures("merchant")
def test_the_figures_of_the_day_s_4(service: Service, day: date) -> None:
    order(service, day, seated=True, tables=2, new_member=True)
    order(service, day, seated=True, tables=3, new_member=False)
    order(service, day, seated=False, tables=1)
    order(service, day - timedelta(days=30), seated=True, tables=9)
    shown = made(service, day) and service.get(f"{REPORTS}/{day}")
    assert shown["orders"] == {
        "orders": 3,
        "tables": 6,
        "reported_back": 0,
        "cancelled": 0,
        "seated": 2,
        "new_members": 1,
        "existing_members": 1,
    }
    assert shown["digest"] == {
        "orders": 3,
        "tables": 6,
        "dined": 2,
        "cancelled": 0,
        "new_members": 1,
        "existing_members": 1,
    }
    assert (shown["made_by"], shown["version"], shown.headers["etag"]) == ("s2001", 1, '"v1"')


def test_case_figures_and_what_the_next_day_must_see_to_s_4(service: Service) -> None:
    today = datetime.now(UTC).astimezone(ZoneInfo(DEFAULT_ZONE)).date()
    before = service.get(f"{REPORTS}/{today}")
    assert (before["made_by"], before["version"]) == (None, 0)
    late = service.receive(received_at=ago(days=400))
    case = service.case("analysed")
    service.give(case, "escalations", {**_escalation(), "hear_back_by": (datetime.now(UTC) + HOUR).isoformat()})
    missed = service.post(f"{FACTS}/missed-calls", {"at": ago(minutes=1)}, who="supervisor")["id"]
    answer = made(service, today, words=["打印机坏了"])
    shown = service.get(f"{REPORTS}/{today}?min_position={answer['position']}")
    assert shown["cases"]["received"] - before["cases"]["received"] == 2
    assert shown["cases"]["escalated"] - before["cases"]["escalated"] == 1
    assert shown["open_cases"] == before["open_cases"] + 2
    found = {(item["kind"], item["ref"] or item["words"]) for item in shown["items"]}
    assert {
        ("overdue", late.number),
        ("escalation", case.number),
        ("missed_call", missed),
        ("phone_test_missing", "early"),
        ("phone_test_missing", "middle"),
        ("words", "打印机坏了"),
    } <= found
    masked = service.get(f"{REPORTS}/{today}", who="auditor")
    assert [item["words"] for item in masked["items"] if item["kind"] == "words"] == ["***"]


def _escalation() -> dict[str, Any]:
    scenarios = [{"if": "不接受", "answer": "再谈"}]
    return {"to": "marketing", "reason": "超权限", "scenarios": scenarios, "options": ["a", "b"], "bottom_line": "c"}


def test_made_it_stays_as_it_is_s_4(service: Service, day: date) -> None:
    made(service, day)
    before = without_head(service.get(f"{REPORTS}/{day}").body)
    service.post(f"{FACTS}/missed-calls", {"at": noon(day)}, who="supervisor")
    assert without_head(service.get(f"{REPORTS}/{day}").body) == before


# ---- who does what --------------------------------------------------------------------------------------------------
def test_the_managers_find_it_among_their_notices_s_4(service: Service, day: date) -> None:
    position = made(service, day)["position"]
    for who, told in (("supervisor", True), ("second", True), ("agent", False)):
        notices = service.get(f"/api/v1/notices?min_position={position}&limit=500", who=who)["items"]
        assert ([n["type"] for n in notices if n["position"] == position] == ["daily_report.made"]) is told


def test_the_late_shift_makes_it_once_s_4(service: Service, day: date) -> None:
    service.post(SHIFTS, planned(day, agents=["a1002"], supervisor=None), who="admin")
    refused = service.post(REPORTS, {"date": day.isoformat()})
    assert (*refused.kind, refused["rule"]) == (403, "not_late_shift", "S-4")
    made(service, day, "colleague")
    again = service.post(REPORTS, {"date": day.isoformat()}, who="supervisor")
    assert (*again.kind, again["rule"], again["errors"][0]["pointer"]) == (409, "already_made", "S-4", "/date")
    assert "a1002 has made the report" in again["detail"]
    assert "notes of the next handover" in again["detail"]
    assert service.post(REPORTS, {"date": day.isoformat()}, who="auditor").kind == (403, "forbidden")


def test_items_are_passed_on_and_ticked_off_s_4(service: Service, day: date) -> None:
    made(service, day, words=["跟进七号桌"])
    items = service.get(f"{REPORTS}/{day}")["items"]
    number = items[-1]["number"]
    path = f"{REPORTS}/{day}/items/{number}"
    assert service.post(f"{path}/passing", {"to": "a9999"}).kind == (409, "agent_unknown")
    assert service.post(f"{path}/passing", {"to": "a1002"}).status == 200
    assert service.post(f"{path}/tick", {}, who="colleague").status == 200
    assert service.post(f"{path}/passing", {"to": "a1003"}).kind == (409, "ticked_off")
    item = service.get(f"{REPORTS}/{day}")["items"][-1]
    assert (item["to"], item["done"], item["words"]) == ("a1002", True, "跟进七号桌")


def test_what_is_not_there_is_not_found_s_4(service: Service, day: date) -> None:
    for path in ("2025-02-30", "x", "20250301", "2999-01-01"):
        assert service.get(f"{REPORTS}/{path}").kind == (404, "not_found"), path
    for path in (f"{day}/items/1/tick", "x/items/1/tick", f"{day}/items/x/passing"):
        for body in ({}, {"no": "such field"}):
            assert service.post(f"{REPORTS}/{path}", body).kind == (404, "not_found"), path
    refused = service.post(REPORTS, {"date": "2999-01-01"}, who="supervisor")
    assert (*refused.kind, refused["rule"]) == (422, "invalid", "S-4")


# ---- by mail --------------------------------------------------------------------------------------------------------
@dataclass
class Taken:
    """What a mail server has taken; refusing: it takes nothing."""

    mails: list[tuple[EmailMessage, list[str]]] = field(default_factory=list)
    refusing: bool = False

    async def handle_DATA(self, _: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's name
        """Take a mail of who has logged in."""
        if self.refusing or not session.authenticated:
            return "451 try again later"
        assert isinstance(envelope.content, bytes)
        self.mails.append((message_from_bytes(envelope.content, policy=policy.default), envelope.rcpt_tos))
        return "250 OK"


def _authenticated(_: SMTP, __: Session, ___: Envelope, ____: str, login: Any) -> AuthResult:
    return AuthResult(success=(login.login, login.password) == (b"redress", b"p@ss"))


@contextmanager
def mail_server(taken: Taken) -> Iterator[int]:
    """A real mail server; its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(
        taken,
        hostname="127.0.0.1",
        port=port,
        authenticator=_authenticated,
        auth_require_tls=False,
    )
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def awaited(service: Service, day: date) -> None:
    """Wait until the digest of a day has gone out."""
    until = time.monotonic() + PATIENCE_S
    while not service.get(f"{REPORTS}/{day}")["sent"]:
        assert time.monotonic() < until, "no mail went out"
        time.sleep(0.05)


def test_the_digest_goes_out_by_mail_once_the_server_takes_it_s_4(database_factory: Factory, tmp_path: Path) -> None:
    taken = Taken(refusing=True)
    day = datetime.now(UTC).astimezone(ZoneInfo(DEFAULT_ZONE)).date()
    recipients = ("boss@example.org", "head@example.org")
    with database_factory() as database, mail_server(taken) as port:
        server = MailServer.parse(f"smtp://redress:p%40ss@127.0.0.1:{port}")
        post = Post(server, "redress@example.org", recipients)
        with running_service(database, tmp_path, post=post) as service:
            made(service, day - timedelta(days=30))
            made(service, day, words=["内部的话"])
            assert not service.get(f"{REPORTS}/{day}")["sent"]
            taken.refusing = False
            awaited(service, day)
            assert not service.get(f"{REPORTS}/{day - timedelta(days=30)}")["sent"]
        [(mail, to)] = taken.mails
    assert to == [*recipients]
    assert mail["Subject"] == f"日报 / Daily report {day}"
    assert mail["From"] == "redress@example.org"
    assert mail["To"] == ", ".join(recipients)
    assert mail["Message-ID"].endswith("@redress>")
    lines = mail.get_content().splitlines()
    assert lines == [
        f"日报 / Daily report {day}",
        "",
        "订单 / Orders: 0",
        "桌数 / Tables: 0",
        "已用餐 / Dined: 0",
        "取消 / Cancelled: 0",
        "新会员 / New members: 0",
        "老会员 / Existing members: 0",
    ]
