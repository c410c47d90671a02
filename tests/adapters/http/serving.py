"""The whole service over a real database, in this process, driven by plain calls; and a case taken as far as wanted."""

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import AbstractContextManager, AsyncExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import uvicorn
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from adapters.bootstrap import OPERATOR, Services, following, http_parts, open_services, operators_command
from adapters.http.app import create_app
from adapters.http.protocol import ProblemProtocol
from adapters.mail.outbox import Post
from adapters.settings import Settings
from adapters.webhooks.guard import Allowed
from domain.values import AgentId
from tests.support.database import Database

T = TypeVar("T")
Factory = Callable[[], AbstractContextManager[Database]]
CASES = "/api/v1/cases"
PEOPLE: dict[str, tuple[str, str, str | None]] = {
    "agent": ("a1001", "agent", "t1"),
    "colleague": ("a1002", "agent", "t1"),
    "stranger": ("a1003", "agent", "t2"),
    "supervisor": ("s2001", "supervisor", "t1"),
    "second": ("s2002", "supervisor", "t2"),
    "payroll": ("p3001", "payroll", None),
    "paymaster": ("p3002", "payroll", None),
    "auditor": ("u4001", "auditor", None),
    "admin": ("d5001", "admin", None),
}
"""Who the tests know people by: employee number, role, team."""


def ahead(**step: float) -> str:
    """A time to come."""
    return (datetime.now(UTC) + timedelta(**(step or {"days": 1}))).isoformat()


def ago(**step: float) -> str:
    """A time gone by."""
    return (datetime.now(UTC) - timedelta(**(step or {"days": 1}))).isoformat()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `body` is the decoded JSON, or the text where it is none."""

    status: int
    headers: Mapping[str, str]
    body: Any
    raw: bytes

    def __getitem__(self, name: str) -> Any:
        return self.body[name]

    @property
    def kind(self) -> tuple[int, str | None]:
        """The status, and the code of a problem."""
        return self.status, self.body.get("code") if isinstance(self.body, dict) else None


@dataclass
class Case:
    """A case and what the last command said of it."""

    id: str
    version: int
    position: int
    status: str = "received"
    number: str = ""

    @property
    def url(self) -> str:
        """Where it stands."""
        return f"{CASES}/{self.id}"


@dataclass
class Service:
    """A running service. `who` in its methods is a name of PEOPLE; None sends no key."""

    app: FastAPI
    services: Services
    client: AsyncClient
    loop: asyncio.AbstractEventLoop
    admin_dsn: str
    keys: dict[str, str] = field(default_factory=dict, repr=False)

    def run(self, coroutine: Coroutine[Any, Any, T], timeout_s: float = 90) -> T:
        """Run something in the service's own loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(timeout_s)

    async def asked(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        who: str | None = "agent",
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request."""
        sent = {"content-type": "application/json"} if raw is not None or body is not None else {}
        sent |= {"authorization": f"Bearer {self.keys[who]}"} if who else {}
        content = raw if raw is not None else json.dumps(body).encode() if body is not None else None
        response = await self.client.request(method, path, content=content, headers={**sent, **(headers or {})})
        try:
            decoded = json.loads(response.content)
        except ValueError:
            decoded = response.text
        return Answer(response.status_code, response.headers, decoded, response.content)

    def ask(self, method: str, path: str, body: object = None, **how: Any) -> Answer:
        """Send one request and wait for its answer."""
        return self.run(self.asked(method, path, body, **how))

    def get(self, path: str, **how: Any) -> Answer:
        """Read."""
        return self.ask("GET", path, **how)

    def post(self, path: str, body: object = None, *, version: int | None = None, **how: Any) -> Answer:
        """Give a command; `version` becomes If-Match."""
        match = {} if version is None else {"if-match": f'"v{version}"'}
        how["headers"] = {**match, **how.get("headers", {})}
        return self.ask("POST", path, body, **how)

    def give(self, case: Case, command: str, body: object = None, **how: Any) -> Answer:
        """Give a command on a case at the version last seen, which must be taken."""
        answer = self.post(f"{case.url}/{command}", {} if body is None else body, version=case.version, **how)
        assert answer.status in {200, 201}, answer.body
        if answer["id"] == case.id:
            case.version, case.position, case.status = answer["version"], answer["position"], answer["status"]
        return answer

    def receive(self, who: str = "agent", **facts: object) -> Case:
        """Put a complaint on record; the facts stand in place of the usual ones."""
        answer = self.post(CASES, receipt(**facts), who=who)
        assert answer.status == 201, answer.body
        return Case(answer["id"], answer["version"], answer["position"], answer["status"], answer["number"])

    def case(self, status: str = "received", who: str = "agent", **facts: object) -> Case:
        """A case that has come as far as `status`."""
        case = self.receive(who, **facts)
        if status in BESIDE:
            for command, body in BESIDE[status](self):
                self.give(case, command, body, who=who)
        else:
            for _, command, make in WAY[: STATUSES.index(status) + 1] if status != "received" else ():
                self.give(case, command, make(), who=who)
        assert case.status == status
        return case

    def history(self, case: Case) -> list[dict[str, Any]]:
        """What somebody has recorded of a case, oldest first; not what the scheduler has recorded of its clocks."""
        items = self.get(f"{case.url}/history?limit=500")["items"]
        return [item for item in items if item["actor"] != "scheduler"]

    def seen(self, position: int) -> None:
        """Wait until the lists reflect a position."""
        answer = self.get(f"{CASES}?limit=1&min_position={position}", who="supervisor")
        assert answer.status == 200, answer.body

    def rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        """What a query gives to a superuser."""
        with psycopg.connect(self.admin_dsn, autocommit=True) as connection:
            cursor = connection.execute(query.encode(), parameters)
            return cursor.fetchall() if cursor.description else []

    def events(self) -> int:
        """How many events somebody has recorded; what the scheduler records comes in its own time."""
        by_somebody = "position(convert_to('\"actor\":\"scheduler\"', 'UTF8') in state) = 0"
        return int(self.rows(f"SELECT count(*) FROM log.events WHERE {by_somebody}")[0][0])  # noqa: S608  a constant


# ---- a complaint, and the way ---------------------------------------------------------------------------------------
CLARIFICATION = {
    **dict.fromkeys(("what", "when", "where", "who", "why", "how"), "一句话"),
    "type": "service",
    "dimension": "reliability",
    "confirmed_by_customer": True,
}
ANALYSIS = {"attribution": "merchant", "severity": "ordinary", "risks": [], "basis": "与商家核实", "faults": []}
OPTION = {"text": "退差价", "cost_fen": 3000, "concession": "principled", "policy_ref": "PR-7"}
RESOLUTION = {
    "option": 1,
    "solution": "三日内退回差价",
    "cost_fen": 3000,
    "policy_ref": "PR-7",
    "answers": [{"demand": 1, "decision": "granted"}],
}
ESCALATION = {
    "to": "marketing",
    "reason": "超出权限",
    "scenarios": [{"if": "不接受", "answer": "再谈"}],
    "options": ["退差价", "送券"],
    "bottom_line": "不超过一百元",
}
SUMMARY = dict.fromkeys(("cause", "learned", "prevention", "improvement"), "记下了")


def receipt(**facts: object) -> dict[str, Any]:
    """The body of a complaint."""
    usual: dict[str, Any] = {
        "channel": "hotline",
        "customer": {"name": "王小明", "phone": "13812345678"},
        "narrative": "账单没有打折",
        "demands": ["退还差价"],
    }
    return usual | facts


def escalation() -> dict[str, Any]:
    """The body of an escalation."""
    return {**ESCALATION, "hear_back_by": ahead()}


WAY: list[tuple[str, str, Callable[[], dict[str, Any]]]] = [
    ("received", "acknowledgement", dict),  # on the way, but the status stays
    ("clarified", "clarification", lambda: CLARIFICATION),
    ("investigated", "investigation", lambda: {"findings": "查了账单", "evidence": []}),
    ("analysed", "analysis", lambda: ANALYSIS),
    ("proposed", "proposals", lambda: {"options": [OPTION]}),
    ("resolved", "resolution", lambda: RESOLUTION),
    ("called_back", "callbacks", lambda: {"reached": True, "satisfied": True, "score": 5}),
    ("summarised", "summary", lambda: SUMMARY),
    ("closed", "closing", dict),
]
"""The default way: the status a command leads to, the command, its body."""
BESIDE: dict[str, Callable[[Service], list[tuple[str, dict[str, Any]]]]] = {
    "withdrawn": lambda _: [("withdrawal", {"reason": "客户撤回"})],
    "merged": lambda service: [("merge", {"into": service.receive().id})],
}
STATUSES = [*(row[0] for row in WAY), *BESIDE]

REASON = {"reason": "写明原因"}
GIVEN: dict[str, tuple[str, dict[str, Any]]] = {
    "acknowledgement": ("received", {"answer_by": ahead(days=3), "channel": "hotline"}),
    "clarification": ("received", CLARIFICATION),
    "investigation": ("clarified", {"findings": "查了", "evidence": [{"kind": "photo", "ref": "p/1"}]}),
    "analysis": ("investigated", ANALYSIS),
    "escalations": ("analysed", escalation()),
    "proposals": ("analysed", {"options": [OPTION]}),
    "resolution": ("proposed", RESOLUTION),
    "fulfilments": ("resolved", {"demand": 1, "words": "已退"}),
    "callbacks": ("resolved", {"reached": True, "satisfied": True, "score": 4}),
    "summary": ("called_back", SUMMARY),
    "closing": ("summarised", {}),
    "reopening": ("closed", REASON),
    "withdrawal": ("analysed", REASON),
    "assignment": ("received", {"agent": "a1002", **REASON}),
    "pause": ("received", {"category": "customer", **REASON}),
    "unmerge": ("merged", {}),
    "extension": ("received", {"clock": "resolve", "until": ahead(days=9), **REASON}),
    "promises": ("received", {"text": "明日答复", "due_at": ahead()}),
    "contacts": ("received", {"direction": "in", "channel": "hotline", "words": "催问"}),
    "notes": ("received", {"text": "性急", "temperament": "red"}),
    "evidence": ("received", {"kind": "photo", "ref": "p/2", "note": "账单"}),
    "interim-replies": ("received", {"words": "正在核实", "answer_by": ahead()}),
}
"""A status in which a command is taken, and its body; commands that need more stand in tests of their own."""


# ---- starting and ending --------------------------------------------------------------------------------------------
@contextmanager
def running_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="service", daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@contextmanager
def running_service(
    database: Database,
    home: Path,
    requests_per_minute: int = 10**9,
    post: Post | None = None,
    webhook_allowed: str = "",
) -> Iterator[Service]:
    """The service over a migrated database, with its projector and the people of PEOPLE."""
    settings = Settings(home=home, database_url=database.app, requests_per_minute=requests_per_minute, post=post)
    settings = replace(settings, webhook_allowed=Allowed.parse(webhook_allowed))
    with running_loop() as loop:
        stop, started = asyncio.Event(), threading.Event()
        made: list[Service] = []
        ended = asyncio.run_coroutine_threadsafe(_serve(settings, database, made, started, stop), loop)
        ended.add_done_callback(lambda _: started.set())
        started.wait(60)
        if not made:
            ended.result(1)
        try:
            yield made[0]
        finally:
            loop.call_soon_threadsafe(stop.set)
            ended.result(60)


async def _serve(
    settings: Settings, database: Database, made: list[Service], started: threading.Event, stop: asyncio.Event
) -> None:
    async with AsyncExitStack() as stack:
        services = await stack.enter_async_context(open_services(settings))
        positions = await stack.enter_async_context(following(services, settings.post))
        app = create_app(http_parts(services, positions, settings))
        client = AsyncClient(transport=ASGITransport(app), base_url="http://redress.test", timeout=60)
        await stack.enter_async_context(client)
        service = Service(app, services, client, asyncio.get_running_loop(), database.admin)
        service.keys |= await hired(services)
        made.append(service)
        started.set()
        await stop.wait()


@contextmanager
def listening(service: Service) -> Iterator[str]:
    """The same service on a socket of this machine; the beginning of its addresses."""
    config = uvicorn.Config(service.app, http=ProblemProtocol, log_config=None, access_log=False, lifespan="off")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        server = uvicorn.Server(config)
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        ended = asyncio.run_coroutine_threadsafe(server.serve(sockets=[listener]), service.loop)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            ended.result(30)


async def hired(services: Services) -> dict[str, str]:
    """Register PEOPLE and their teams; a key for each."""
    for team in ("t1", "t2"):
        await services.masters.register_team(team, f"team {team}", OPERATOR, operators_command())
    for name, (agent, role, its_team) in PEOPLE.items():
        facts = {"name": f"who-is-{name}", "role": role, "rank": None, "team": its_team, "joined_on": date(2024, 1, 1)}
        await services.masters.register_agent(AgentId(agent), facts, OPERATOR, operators_command())
    return {name: await services.keys.create(AgentId(agent)) for name, (agent, *_) in PEOPLE.items()}
