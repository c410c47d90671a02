"""Another tariff tried on history over the API (L-7): begun, compared; nobody else's, and nothing recorded."""

import time
from typing import Any

import pytest

from adapters.intake.tariffs import shipped_text
from adapters.ledger_check import Stage
from adapters.rejudged import Rejudge
from adapters.trials import Trials
from domain.values import AgentId
from tests.adapters.http.ledgers import confirmed, finished_order, found, penalty
from tests.adapters.http.serving import Service

TRIALS = "/api/v1/tariff-trials"
DEARER = shipped_text().replace("default-1", "dearer-1").replace("minor_fen: 1000", "minor_fen: 1500")
PATIENCE_S = 30.0


def trial(yaml: str = DEARER, first: str = "2006-05-01", last: str = "2006-05-31") -> dict[str, str]:
    """The body of a trial."""
    return {"yaml": yaml, "from": first, "to": last}


def ended(service: Service, path: str, who: str = "payroll") -> dict[str, Any]:
    """A trial once it has come to its end."""
    deadline = time.monotonic() + PATIENCE_S
    while (found := service.get(path, who=who))["status"] in {"waiting", "running"}:
        assert time.monotonic() < deadline, found.body
        time.sleep(0.05)
    return dict(found.body)


def test_who_would_have_got_what_beside_what_they_got_l_7(service: Service) -> None:
    confirmed(service, penalty(service, "2006-05-10"))
    found(service, "bonuses", finished_order(service, "2006-05-11T12:00:00+08:00"))
    before = service.events()
    begun = service.post(TRIALS, trial(), who="payroll")
    assert (begun.status, begun["tariff"], begun["rows"], begun["total"]) == (201, "dearer-1", [], None)
    tried = ended(service, begun.headers["location"])
    assert tried["status"] == "done"
    assert [
        (row["agent"], row["code"], row["recorded"], row["tried"], row["difference_fen"]) for row in tried["rows"]
    ] == [
        ("a1002", "B-ORDER", {"lines": 1, "amount_fen": 20}, {"lines": 1, "amount_fen": 20}, 0),
        ("a1002", "P-MINOR", {"lines": 1, "amount_fen": -1000}, {"lines": 1, "amount_fen": -1500}, -500),
    ]
    assert tried["total"]["difference_fen"] == -500
    assert service.events() == before


def test_a_tariff_that_cannot_be_used_is_told_with_line_path_and_reason(service: Service) -> None:
    refused = service.post(TRIALS, trial(yaml=DEARER.replace("minor_fen: 1500", "minor_fen: many")), who="payroll")
    assert refused.kind == (422, "invalid")
    [error] = refused["errors"]
    assert error["pointer"] == "/yaml"
    assert "line " in error["detail"]
    assert "minor_fen" in error["detail"]


@pytest.mark.parametrize(("who", "kind"), [("supervisor", (403, "forbidden")), ("admin", (403, "forbidden"))])
def test_trials_are_for_who_sees_every_line_a_4(service: Service, who: str, kind: tuple[int, str]) -> None:
    assert service.post(TRIALS, trial(), who=who).kind == kind


def test_days_come_in_their_order(service: Service) -> None:
    assert service.post(TRIALS, trial(first="2006-05-31", last="2006-05-01"), who="payroll").kind == (422, "invalid")


def test_a_trial_is_its_own_persons(service: Service) -> None:
    begun = service.post(TRIALS, trial(), who="payroll")
    assert service.get(f"{TRIALS}/{begun['id']}", who="paymaster").kind == (404, "not_found")
    ended(service, f"{TRIALS}/{begun['id']}")


def test_the_same_request_with_its_key_begins_one_trial(service: Service) -> None:
    key = {"idempotency-key": "trial-of-may"}
    once, again = (service.post(TRIALS, trial(), who="payroll", headers=key) for _ in range(2))
    assert once["id"] == again["id"]
    other = service.post(TRIALS, trial(last="2006-05-30"), who="payroll", headers=key)
    assert other.kind == (422, "idempotency_key_reused")
    ended(service, f"{TRIALS}/{once['id']}")


def test_another_process_knows_how_far_it_is_and_when_its_own_has_died(service: Service) -> None:
    begun = service.post(TRIALS, trial(), who="payroll")
    tried = ended(service, f"{TRIALS}/{begun['id']}")
    elsewhere = Trials(service.services.pool, never)
    assert service.run(elsewhere.of(AgentId("p3001"), begun["id"])) == tried
    unended = "jsonb_set(shown, '{status}', '\"running\"')"
    silent = f"UPDATE access.trials SET shown = {unended}, beat_at = now() - interval '2 minutes' WHERE id = %s"  # noqa: S608
    service.rows(silent, begun["id"])
    found = service.get(f"{TRIALS}/{begun['id']}", who="payroll")
    assert (found["status"], "try it again" in found["fault"]) == ("failed", True)


def never(stage: Stage) -> Rejudge:
    """What a process never does that only tells of the trials of others."""
    raise AssertionError(stage)
