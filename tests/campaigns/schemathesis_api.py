"""The API against its own OpenAPI document: thousands of generated requests, and a log that can still be read.

Every answer must have a declared status, the declared content type, headers and shape, and never be a 5xx. Three
requests in five are mended so that rules admit them (a case in a fitting status, its version, times that lie where they
must), one is sent as the schema gives it, and one is spoilt on purpose and must be refused. Over a real socket.
"""

import argparse
import random
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from pydantic import TypeAdapter, ValidationError
from schemathesis import GenerationMode
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from adapters import logging
from adapters.bootstrap import FOLLOWERS
from adapters.http.app import document
from adapters.http.fields import Line
from application import wire
from application.permissions import PERMISSIONS, Action
from domain.case.case import CASE
from projections import tracking
from tests.adapters.http import bodies, clocks_given, facts_given, ledgers_given, shifts_given
from tests.adapters.http.serving import (
    PEOPLE,
    STATUSES,
    Case,
    Service,
    ago,
    ahead,
    escalation,
    listening,
    running_service,
)
from tests.support.database import fresh_database, running_server

CI_CASES, CI_SEED = 1_500, 20_070_301
"""A few operations have fewer different requests than their share: that many give 1,400, six for each."""
CASES_EACH = 3
"""How many cases stand ready in every status, and are made anew when they have moved on."""


def no_server_error(_: Any, response: Any, case: Any) -> None:
    """No 5xx but the one a caller asks for: a position that the log has not reached yet."""
    behind = response.status_code == 503 and response.json()["code"] == "behind"
    if response.status_code >= 500 and not (behind and "min_position" in case.query):
        raise AssertionError(f"answered {response.status_code}")


CHECKS: list[Any] = [
    no_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
AHEAD = {"until", "hear_back_by", "answer_by", "due_at"}
AGO = {"received_at", "happened_at", "since"}
KNOWN: Mapping[str, Any] = {
    "agent": "a1002",
    "team": "t1",
    "demand": 1,
    "option": 1,
    "confirmed_by_customer": True,
    "cost_fen": 100,
    "approved_cost_fen": 100,
    "faults": [],
    "due": None,
    "satisfied": True,
    "reached": True,
    "reason": "写明原因",
    "answers": [{"demand": 1, "decision": "granted"}],
    "bill_unavailable": "商家不给",
}
WHO = {"answer-reviews": ["colleague"], "callbacks": ["agent"]}
"""Who alone can do it to the cases of the pool: not their author, their owner."""
ITEMS = {"teams": "t1", "merchants": "m1", "departments": "d1"}
MADE: Mapping[str, Callable[[Service], str]] = {
    "shifts": bodies.a_shift,
    "tariffs": bodies.a_proposed_tariff,
    "payroll-policies": bodies.a_proposed_policy,
    "wages": bodies.a_wage,
    **clocks_given.MADE,
}
"""How something to act upon comes about, where every command needs a new one."""
BODIES: Mapping[str, Callable[[], dict[str, Any]]] = {
    "POST /api/v1/shifts": bodies.begun,
    "POST /api/v1/shifts/{item}/roster": lambda: {"agents": ["a1001"], "reason": "补录"},
    "POST /api/v1/shifts/{item}/attendance": lambda: {"agent": "a1001", "began_at": ago(minutes=0)},
    "POST /api/v1/tariffs": bodies.tariff,
    "POST /api/v1/payroll-policies": bodies.policy,
    "POST /api/v1/wages": bodies.wage,
    "POST /api/v1/agents/{item}/deputy": lambda: {"from": "2026-01-01", "to": "2999-01-01", "reason": "主管休假"},
    **clocks_given.BODIES,
}
"""Bodies whose fields go together in ways that no schema says."""
QUERIES: Mapping[str, Mapping[str, Any]] = {
    "/api/v1/audit/proofs/inclusion": {"position": 1},
    "/api/v1/audit/proofs/consistency": {"from": 1, "to": 1},
    "/api/v1/audit/bundle": {"agent": "a1001"},
    "/api/v1/payroll/months/{month}/export": {"format": "jsonl"},
    "/api/v1/payroll/months/{month}/export/manifest": {"format": "jsonl"},
}
"""Parameters that name something which is there."""
READY = ledgers_given.READY | shifts_given.READY | clocks_given.READY
"""Requests that are right only where several things are there."""
A_TILE = {"level": "0", "index": "000.p/1"}
NEW_VERSION = 1
Way = Callable[[Any, Any], None]
"""How a generated request is sent: it, and its operation."""
_line = TypeAdapter(Line)


@dataclass
class Found:
    """What came of it: how often each status was answered, and everything that went wrong."""

    statuses: Counter[int] = field(default_factory=Counter)
    operations: Counter[str] = field(default_factory=Counter)
    taken: Counter[str] = field(default_factory=Counter)
    faults: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def requests(self) -> int:
        """How many requests were sent."""
        return sum(self.statuses.values())


@dataclass
class Pool:
    """Cases in every status, renewed as they move on."""

    service: Service
    chance: random.Random
    cases: dict[str, list[Case]] = field(default_factory=dict)

    def any_of(self, statuses: list[str]) -> Case:
        """A case in one of these statuses, as it stands in the log."""
        status = self.chance.choice(statuses)
        ready = self.cases.setdefault(status, [])
        while len(ready) < CASES_EACH:
            ready.append(self.service.case(status))
        case = self.chance.choice(ready)
        shown = self.service.get(case.url, who="supervisor").body
        if shown["status"] != status or shown["version"] > 40:
            ready.remove(case)
            return self.any_of([status])
        case.version = shown["version"]
        return case


def _operations(schema: Any) -> Any:
    return schema.get_all_operations()


class Campaign:
    """One run over all operations of the document."""

    def __init__(self, service: Service, base_url: str, seed_: int) -> None:
        self.service, self.base_url, self.seed = service, base_url, seed_
        self.document = document(service.app)
        self.chance = random.Random(seed_)  # noqa: S311  not for secrets
        self.pool, self.found = Pool(service, self.chance), Found()
        self.policy = service.services.policies["default-1"]

    def run(self, cases: int) -> Found:
        """Send about that many requests, spread evenly over the operations."""
        self._masters()
        began = time.perf_counter()
        schema = schemathesis.openapi.from_dict(self.document)
        operations: list[Any] = [result.ok() for result in _operations(schema)]
        for number, operation in enumerate(operations):
            share = cases * (number + 1) // len(operations) - cases * number // len(operations)
            self._operation(operation, share)
        self.found.seconds = time.perf_counter() - began
        return self.found

    def _masters(self) -> None:
        ledgers_given.a_closed_month(self.service)  # before anything is earlier: payroll begins with it
        self.service.post("/api/v1/merchants", {"id": "m1", "name": "m"}, who="admin")
        self.service.post("/api/v1/departments", {"id": "d1", "name": "d", "matters": []}, who="admin")

    def _operation(self, operation: Any, share: int) -> None:
        mended, given_, spoilt = (max(1, round(share * part)) for part in (0.6, 0.2, 0.2))
        ways: list[Way] = [self._mended] * mended + [self._as_given] * given_
        if operation.body or list(operation.query):
            self._generate(operation, [self._spoilt] * spoilt, GenerationMode.NEGATIVE)
        else:  # nothing can be spoilt
            ways += [self._as_given] * spoilt
        self._generate(operation, ways, GenerationMode.POSITIVE)

    def _generate(self, operation: Any, ways: Sequence[Way], mode: GenerationMode) -> None:
        left = [*ways]

        @seed(self.seed)
        @settings(
            max_examples=len(ways),
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def each(case: Any) -> None:
            if left:  # the first one may be tried again
                left.pop()(case, operation)

        each()

    # ---- the three ways ---------------------------------------------------------------------------------------------
    def _as_given(self, case: Any, operation: Any) -> None:
        self._send(case, operation, self.chance.choice([*PEOPLE]))

    def _spoilt(self, case: Any, operation: Any) -> None:
        roles = self._roles(operation)
        if "case_id" in (case.path_parameters or {}):
            case.path_parameters["case_id"] = self.pool.any_of(["received"]).id
        self._send(case, operation, self.chance.choice(roles), negative_data_rejection)

    def _mended(self, case: Any, operation: Any) -> None:
        roles, version = self._roles(operation), None
        if "case_id" in (case.path_parameters or {}):
            command = operation.path.rsplit("/", 1)[-1]
            chosen = self._fitting("escalation-answers" if command == "answer" else command)
            case.path_parameters["case_id"], version = chosen.id, chosen.version
            roles = WHO.get(command) or [role for role in roles if role != "stranger"]
        if "number" in (case.path_parameters or {}):
            case.path_parameters["number"] = 1
        if "fact_id" in (case.path_parameters or {}):
            _, _, _, _, kind, *rest = operation.path.split("/")
            case.path_parameters["fact_id"] = facts_given.ready(self.service, kind, rest[-1] if rest[1:] else None)
            roles = ["agent"] if rest[-1] == "dispute" else [role for role in roles if role in {"second", "auditor"}]
        if "item" in (case.path_parameters or {}):
            kind = operation.path.split("/")[3]
            case.path_parameters["item"] = self._item(kind) or case.path_parameters["item"]
            version = NEW_VERSION if kind == "shifts" else version
        label = f"{operation.method.upper()} {operation.path}"
        if isinstance(case.body, dict):
            right = BODIES.get(label) or facts_given.right_body(operation.path)
            case.body = right() if right else self._mend(case.body, operation.path)
        if label in READY:
            ready = READY[label](self.service)
            roles, version = ready.who, ready.version
            case.path_parameters = dict(ready.named)
            case.body = ready.body if operation.body else case.body
        case.headers = {} if version is None else {"If-Match": f'"v{version}"'}
        if "level" in (case.path_parameters or {}):
            case.path_parameters |= A_TILE
        case.query = {name: value for name, value in (case.query or {}).items() if self._plain(name)}
        case.query |= QUERIES.get(operation.path, {})
        self._send(case, operation, self.chance.choice(roles))

    def _plain(self, name: str) -> bool:
        return name in {"limit", "status", "check", "class", "severity"}

    def _roles(self, operation: Any) -> list[str]:
        action = self.document["paths"][operation.path][operation.method].get("x-action")
        if action is None:
            return [*PEOPLE]
        return [name for name, (_, role, _) in PEOPLE.items() if role in PERMISSIONS[Action(action)]]

    def _fitting(self, command: str) -> Case:
        step = self.policy.step(command)
        statuses = [status for status in STATUSES if step is None or status in step.after]
        case = self.pool.any_of(statuses)
        if command == "escalation-answers":
            case = self._escalated()
        if command == "resumption":
            body = {"category": "customer", "reason": "等待"}
            self.service.post(f"{case.url}/pause", body, version=case.version)
            case.version = self.service.get(case.url)["version"]
        return case

    def _escalated(self) -> Case:
        case = self.service.case("analysed")
        self.service.give(case, "escalations", escalation())
        return case

    def _item(self, kind: str) -> str | None:
        """Something of the kind to act upon; None where nobody has said how it comes about."""
        if kind == "agents":
            body = {"id": f"x{uuid4().hex[:12]}", "name": "x", "role": "agent", "joined_on": "2026-01-01"}
            made = self.service.post("/api/v1/agents", body, who="admin")
            self.service.seen(made["position"])
            return str(made["id"])
        if kind in MADE:
            return MADE[kind](self.service)
        if kind != "customers":
            return ITEMS.get(kind)
        case = self.pool.any_of(["received"])
        return str(self.service.get(case.url)["customer"]["subject"])

    def _mend(self, body: Any, path: str, name: str = "") -> Any:  # noqa: PLR0911  one for every kind of value
        match body:
            case dict():
                mended = {key: self._mend(value, path, key) for key, value in body.items()}
                return {key: value for key, value in mended.items() if value is not None or body[key] is None}
            case list() if name not in KNOWN:
                return [self._mend(item, path, name) for item in body]
            case _ if name in {"into", "case"}:
                return self.pool.any_of(["received"]).id
            case _ if name == "id":
                return f"x{uuid4().hex[:12]}"
            case _ if name in AHEAD | AGO:
                return None if body is None else ahead() if name in AHEAD else ago(minutes=0)
            case _ if name in KNOWN and not (name == "reason" and body is None):
                return KNOWN[name]
            case str():
                return _harmless(body)
            case _:
                return body

    # ---- sending and judging ----------------------------------------------------------------------------------------
    def _send(self, case: Any, operation: Any, who: str, *checks: Any) -> None:
        if (case.path_parameters or {}).get("item") in {agent for agent, _, _ in PEOPLE.values()}:
            case.path_parameters["item"] = "a9999"  # those who send must not be let go
        if self.chance.random() < 0.97:
            case.headers = {**(case.headers or {}), "Authorization": f"Bearer {self.service.keys[who]}"}
        if case.query and case.query.get("min_position") and self.chance.random() < 0.9:
            case.query = {**case.query, "min_position": 1}
        response = case.call(base_url=self.base_url)
        label = f"{operation.method.upper()} {operation.path}"
        self.found.statuses[response.status_code] += 1
        self.found.operations[label] += 1
        self.found.taken[label] += response.status_code < 300
        try:
            case.validate_response(response, checks=[*CHECKS, *checks])
        except (AssertionError, Failure, FailureGroup) as failure:
            self._fault(label, failure, case, response)

    def _fault(self, label: str, failure: BaseException, case: Any, response: Any) -> None:
        each = failure.exceptions if isinstance(failure, FailureGroup) else [failure]
        for one in each:
            told = f"{label}: {type(one).__name__} {response.status_code}"
            sent = (
                f"path={case.path_parameters} query={case.query} headers={dict(case.headers or {})} body={case.body!r}"
            )
            self.found.faults.setdefault(told, f"{str(one)[:400]}\n  sent {sent[:600]}\n  got {response.text[:400]}")


def _harmless(text: str) -> str:
    """The text where the door takes it, else some other."""
    try:
        return str(_line.validate_python(text))
    except ValidationError:
        return "一句话"


def unreadable_streams(service: Service) -> list[str]:
    """The streams that no longer fold, and the views that have stopped."""
    broken = []
    for stream, topic in service.rows("SELECT DISTINCT originator_id, split_part(topic, '.', 1) FROM log.events"):
        rows = service.rows(
            "SELECT topic, state FROM log.events WHERE originator_id = %s ORDER BY originator_version", stream
        )
        try:
            events = [wire.decode_event(row[0], bytes(row[1])) for row in rows]
            if topic == "case":
                CASE.fold(events)
        except Exception as error:  # noqa: BLE001  whatever it is, the stream cannot be read
            broken.append(f"{stream}: {error!r}")
    return broken + [f"{view.view}: {view.failed.error}" for view in _views(service) if view.failed]


def _views(service: Service) -> list[tracking.ViewStatus]:
    async def look() -> list[tracking.ViewStatus]:
        async with service.services.pool.connection() as connection:
            return await tracking.status(connection, FOLLOWERS)

    return service.run(look())


def explore(service: Service, cases: int, seed_: int) -> Found:
    """Run the campaign on a service; what it found, unreadable streams among it."""
    with listening(service) as base_url, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = Campaign(service, base_url, seed_).run(cases)
    for broken in unreadable_streams(service):
        found.faults[broken] = "the log cannot be read any more"
    return found


def report(found: Found, seed_: int) -> str:
    """What a reader wants to know."""
    statuses = " ".join(f"{status}:{count}" for status, count in sorted(found.statuses.items()))
    never = sorted(label for label in found.operations if not found.taken[label])
    lines = [
        f"seed {seed_}: {found.requests} requests to {len(found.operations)} operations in {found.seconds:.0f} s",
        f"statuses {statuses}; 2xx {sum(found.taken.values()) / max(found.requests, 1):.0%}",
        f"operations never taken: {', '.join(never) or 'none'}",
        *(f"FAULT {told}\n  {more}" for told, more in found.faults.items()),
    ]
    return "\n".join(lines)


def main() -> int:
    """Run it by hand."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=CI_CASES)
    parser.add_argument("--seed", type=int, default=CI_SEED)
    parser.add_argument("--database", help="a superuser's connection string; default: a server of our own")
    asked = parser.parse_args()
    logging.configure(sys.stderr)
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(running_server(asked.database))
        database = stack.enter_context(fresh_database(server))
        found = explore(stack.enter_context(running_service(database, home)), asked.cases, asked.seed)
    print(report(found, asked.seed))  # noqa: T201  what a campaign is for
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main())
