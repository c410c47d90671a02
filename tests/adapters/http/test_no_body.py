"""Commands without fields take `{}` or nothing; whatever else is sent with them is refused, never passed over."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.adapters.http.bodies import a_proposed_policy, a_proposed_tariff
from tests.adapters.http.ledgers_given import MONTHS, a_month_to_freeze, an_open_appeal
from tests.adapters.http.serving import Answer, Service

CASES = "/api/v1/cases"


@dataclass(frozen=True, slots=True)
class Ready:
    """Where a command is right, who may give it, and the version it needs."""

    path: str
    who: str
    version: int | None = None


def of_case(service: Service, status: str, command: str, before: str | None = None) -> Ready:
    case = service.case(status)
    if before:
        service.give(case, before, {"category": "customer", "reason": "等客户"})
    return Ready(f"{case.url}/{command}", "agent", case.version)


def absent(service: Service) -> Ready:
    assert service.post("/api/v1/agents/a1003/absence", {}, who="second").status == 200
    return Ready("/api/v1/agents/a1003/presence", "second")


READY: dict[str, Callable[[Service], Ready]] = {
    f"{CASES}/{{case_id}}/closing": lambda s: of_case(s, "summarised", "closing"),
    f"{CASES}/{{case_id}}/resumption": lambda s: of_case(s, "received", "resumption", before="pause"),
    f"{CASES}/{{case_id}}/unmerge": lambda s: of_case(s, "merged", "unmerge"),
    "/api/v1/agents/{item}/presence": absent,
    "/api/v1/tariffs/{item}/publication": lambda s: Ready(
        f"/api/v1/tariffs/{a_proposed_tariff(s)}/publication", "admin"
    ),
    "/api/v1/payroll-policies/{item}/publication": lambda s: Ready(
        f"/api/v1/payroll-policies/{a_proposed_policy(s)}/publication", "admin"
    ),
    "/api/v1/payroll-policies/{item}/acknowledgement": lambda _: Ready(
        "/api/v1/payroll-policies/default-1/acknowledgement", "agent"
    ),
    "/api/v1/appeals/{appeal_id}/withdrawal": lambda s: Ready(
        f"/api/v1/appeals/{an_open_appeal(s)}/withdrawal", "colleague"
    ),
    "/api/v1/payroll/months/{month}/freeze": lambda s: Ready(f"{MONTHS}/{a_month_to_freeze(s)}/freeze", "payroll", 0),
}
"""Commands without fields, by their paths."""
WRONG = (b'{"reason": "why"}', b"{", b"nothing", b"[]", b"null", b'""', b"{} {}", b"\xff", b'{"a": 1, "a": 1}')


def sent(service: Service, ready: Ready, raw: bytes | None) -> Answer:
    return service.post(ready.path, raw=raw, who=ready.who, version=ready.version)


@pytest.mark.parametrize("path", READY)
def test_what_no_command_reads_is_refused(service: Service, path: str) -> None:
    ready = READY[path](service)
    before = service.events()
    for raw in WRONG:
        assert sent(service, ready, raw).kind == (422, "invalid"), raw
    named = sent(service, ready, WRONG[0])
    assert [one["pointer"] for one in named["errors"]] == ["/reason"]
    assert service.events() == before


@pytest.mark.parametrize("raw", [b"{}", b" {}\n", None])
@pytest.mark.parametrize("path", READY)
def test_braces_and_nothing_are_the_same(service: Service, path: str, raw: bytes | None) -> None:
    answer = sent(service, READY[path](service), raw)
    assert answer.status == 200, answer.body
