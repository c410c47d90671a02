"""The ledgers and statements as they stood: what was read at a moment is read again as of it, come what may (A-2).

Every step of a year's books is followed by a look at all of them; in the end each look is compared with what the log
says of that moment.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest

from tests.adapters.http.ledgers import (
    closed,
    confirmed,
    contested,
    finished_order,
    found,
    frozen,
    line,
    month_of,
    penalty,
    ruled,
    taken,
)
from tests.adapters.http.serving import Service

JANUARY, FEBRUARY = "2005-01", "2005-02"
AGENT = "a1002"
Seen = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Look:
    """What stood at a position, and the moment of recording of the event there."""

    position: int
    moment: str
    seen: Seen


def asked(service: Service, then: str = "") -> Seen:
    """Lines by agent and by month, and statements; None where there is none."""
    seen: Seen = {}
    for kind in ("bonuses", "penalties"):
        for narrowed in (f"agent={AGENT}", f"month={JANUARY}", f"month={FEBRUARY}", f"agent={AGENT}&status=confirmed"):
            answer = service.get(f"/api/v1/ledgers/{kind}?{narrowed}&limit=500{then}", who="payroll")
            assert answer.status == 200, answer.body
            seen[f"{kind} {narrowed}"] = answer["items"]
    for month in (JANUARY, FEBRUARY):
        answer = service.get(f"{month_of(month)}/statements/{AGENT}?{then[1:]}", who="payroll")
        assert answer.status in {200, 404}, answer.body
        seen[f"statement {month}"] = answer.body if answer.status == 200 else None
    return seen


def head(service: Service) -> tuple[int, str]:
    [row] = service.rows(
        "SELECT notification_id, convert_from(state, 'UTF8')::jsonb -> 'meta' ->> 'at'"
        " FROM log.events ORDER BY 1 DESC LIMIT 1"
    )
    return row


def looked(service: Service) -> Look:
    """Look at everything, between two events."""
    while True:
        position, moment = head(service)
        found(service, "bonuses", position, agent=AGENT)
        look = Look(position, moment, asked(service))
        if head(service)[0] == position:
            return look


@pytest.fixture(scope="module")
def looks(service: Service) -> list[Look]:
    """A bonus, a penalty, an appeal decided partly, a month frozen and closed, and what came late for it."""
    looks = [looked(service)]
    finished_order(service, f"{JANUARY}-10T12:00:00+08:00")
    finished_order(service, f"{FEBRUARY}-10T12:00:00+08:00", agent="a1001")
    looks.append(looked(service))
    entry = penalty(service, f"{JANUARY}-11")
    looks.append(looked(service))
    confirmed(service, entry, who="second")
    looks.append(looked(service))
    appeal = contested(service, entry)
    looks.append(looked(service))
    assert ruled(service, appeal, "supervisor", "partly", reduced_to_fen=400).status == 200
    looks.append(looked(service))
    dismissed = penalty(service, f"{JANUARY}-12")
    taken(service, "/api/v1/ledgers/penalties/dismissals", {"entries": [dismissed], "reason": "无据"}, "supervisor")
    looks.append(looked(service))
    frozen(service, JANUARY)
    looks.append(looked(service))
    closed(service, JANUARY)
    looks.append(looked(service))
    finished_order(service, f"{JANUARY}-13T12:00:00+08:00")
    confirmed(service, penalty(service, f"{JANUARY}-14"), who="second")
    looks.append(looked(service))
    return looks


def test_at_every_position_the_ledgers_stand_as_they_then_stood_a_2(service: Service, looks: list[Look]) -> None:
    for look in looks:
        assert asked(service, f"&as_of={look.position}") == look.seen


def test_at_every_moment_of_recording_they_stand_as_they_then_stood_a_2(service: Service, looks: list[Look]) -> None:
    for look in looks:
        assert asked(service, f"&as_of={quote(look.moment)}") == look.seen


def test_the_looks_differ_in_what_was_done(looks: list[Look]) -> None:
    """So that the comparisons say something."""
    stood = [[one["status"] for one in look.seen[f"penalties agent={AGENT}"]] for look in looks]
    assert stood[1:5] == [[], ["proposed"], ["confirmed"], ["confirmed"]]
    assert [one["appeal"] for one in looks[4].seen[f"penalties agent={AGENT}"]] == ["open"]
    statements = [look.seen[f"statement {JANUARY}"] for look in looks]
    assert [one and one["status"] for one in statements] == [None, *["open"] * 6, "frozen", "closed", "closed"]
    late = {one["code"] for one in looks[-1].seen[f"penalties month={FEBRUARY}"]}
    assert late == {"P-MINOR", "P-OFFSET"}


def test_a_line_as_it_stood_a_2(service: Service, looks: list[Look]) -> None:
    for look in looks:
        for shown in look.seen[f"penalties agent={AGENT}"]:
            path = f"/api/v1/ledgers/entries/{shown['entry_id']}?as_of={look.position}"
            assert service.get(path, who="payroll").body == shown
    [entry] = [one["entry_id"] for one in looks[2].seen[f"penalties agent={AGENT}"]]
    path = f"/api/v1/ledgers/entries/{entry}?as_of={looks[1].position}"
    assert service.get(path, who="payroll").kind == (404, "not_found")
    assert line(service, entry)["reversed_by"]


def test_pages_of_what_stood_follow_each_other(service: Service, looks: list[Look]) -> None:
    last = looks[-1]
    items, path = [], f"/api/v1/ledgers/penalties?agent={AGENT}&limit=2&as_of={last.position}"
    while path:
        page = service.get(path, who="payroll")
        items += page["items"]
        path = (
            page["next"]
            and f"/api/v1/ledgers/penalties?agent={AGENT}&limit=2&as_of={last.position}&after={page['next']}"
        )
    assert items == last.seen[f"penalties agent={AGENT}"]
    assert len(items) > 3


def test_agents_see_of_what_stood_their_own_alone(service: Service, looks: list[Look]) -> None:
    then = f"as_of={looks[3].position}"
    assert service.get(f"/api/v1/ledgers/penalties?agent={AGENT}&{then}", who="agent")["items"] == []
    own = service.get(f"/api/v1/ledgers/penalties?agent={AGENT}&{then}", who="colleague")
    assert own["items"] == looks[3].seen[f"penalties agent={AGENT}"]
    [entry] = [one["entry_id"] for one in own["items"]]
    assert service.get(f"/api/v1/ledgers/entries/{entry}?{then}", who="agent").status == 404
    assert service.get(f"{month_of(JANUARY)}/statements/{AGENT}?{then}", who="agent").status == 404


def test_without_an_agent_or_a_month_what_stood_is_not_asked_rightly(service: Service) -> None:
    for kind in ("bonuses", "penalties"):
        refused = service.get(f"/api/v1/ledgers/{kind}?as_of=1", who="payroll")
        assert (refused.kind, refused["errors"][0]["pointer"]) == ((422, "invalid"), "/as_of")
        assert service.get(f"/api/v1/ledgers/{kind}?as_of=soon&agent=a1", who="payroll").kind == (422, "invalid")
    path = f"{month_of(JANUARY)}/statements/{AGENT}?as_of=2026-01-01"
    assert service.get(path, who="payroll").kind == (422, "invalid")
    # what is not there is told first
    assert service.get("/api/v1/ledgers/entries/x.1?as_of=2026-01-01", who="payroll").kind == (404, "not_found")


def test_of_what_never_was_there_is_nothing_then(service: Service) -> None:
    for entry in ("x", "x.1", "00000000-0000-0000-0000-000000000000.1"):
        assert service.get(f"/api/v1/ledgers/entries/{entry}?as_of=5", who="payroll").kind == (404, "not_found")
    assert service.get(f"{month_of(JANUARY)}/statements/nobody?as_of=5", who="payroll").kind == (404, "not_found")
