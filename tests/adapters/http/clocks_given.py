"""Deadline policies, calendars, notices, webhooks and cases that are ready for each command, each of its own."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import msgspec

from adapters.bootstrap import OPERATOR, operators_command
from application import calendars, deadline_policies
from application.deadline_policies.writing import written
from application.documents import read
from domain.time.events import BusinessCalendar
from tests.adapters.http.bodies import NUMBERS, today
from tests.adapters.http.ledgers_given import Ready
from tests.adapters.http.serving import Service, ago, escalation

WEBHOOKS = "/api/v1/webhooks"
TRIES = 5_000


def ahead(days: int = 2) -> str:
    """A day to come."""
    return (today() + timedelta(days=days)).isoformat()


def policy(**changes: object) -> dict[str, Any]:
    """The default policy as a version with a first day of its own."""
    number = next(NUMBERS)
    own = {"version": f"default-{number}", "valid_from": ahead(number)}
    return {**written(deadline_policies.shipped()), **own, **changes}


def calendar(**changes: object) -> dict[str, Any]:
    """A calendar as a version of its own."""
    number = next(NUMBERS)
    week = {"mon-fri": "09:00-17:00"}
    return {"version": f"office-{number}", "time_zone": "Europe/London", "week": week, "valid_from": ahead(), **changes}


def webhook(**changes: object) -> dict[str, Any]:
    """An address of its own, where nobody listens."""
    return {"url": f"https://{uuid4().hex}.invalid/hook", "kinds": ["escalation"], **changes}


# ---- things to act upon ---------------------------------------------------------------------------------------------
def a_proposed_policy(service: Service) -> str:
    """The version of a new proposal, made by nobody who has a key."""
    document = deadline_policies.parse(read("policy", msgspec.json.encode(policy()).decode()))
    service.run(service.services.deadline_policies.propose(document, OPERATOR, operators_command()))
    return document.version


def a_proposed_calendar(service: Service) -> str:
    """The version of a new proposal, made by nobody who has a key."""
    document = BusinessCalendar(calendar=calendars.parse(read("calendar", msgspec.json.encode(calendar()).decode())))
    service.run(service.services.calendars.propose(document, OPERATOR, operators_command()))
    return document.version


def a_webhook(service: Service) -> str:
    """The id of a new webhook."""
    return str(service.post(WEBHOOKS, webhook(), who="admin")["id"])


def a_message(service: Service) -> tuple[str, int]:
    """A new webhook, and the position of a message that goes there."""
    named = a_webhook(service)
    position = service.give(service.case("analysed"), "escalations", escalation())["position"]
    answer = service.get(f"{WEBHOOKS}/{named}/deliveries?min_position={position}", who="admin")
    assert answer.status == 200, answer.body
    return named, position


def a_notice(service: Service) -> str:
    """The id of an unread notice to `stranger`, or of a digest with one."""
    service.receive(who="stranger", received_at=ago(days=1, hours=2))
    for _ in range(TRIES):
        if items := service.get("/api/v1/notices?unread=true&limit=1", who="stranger")["items"]:
            return str(items[0]["id"])
    raise AssertionError("nobody was told")


# ---- for the campaign over the whole document -----------------------------------------------------------------------
def _read_notice(service: Service) -> Ready:
    return Ready(["stranger"], {"notice": a_notice(service)}, {})


def _redelivery(service: Service) -> Ready:
    named, position = a_message(service)
    return Ready(["admin"], {"item": named, "message": str(position)}, {})


def _acknowledgement(service: Service) -> Ready:
    case = service.receive()
    return Ready(["agent"], {"case_id": case.id}, {"channel": "hotline"}, case.version)


def _callback(service: Service) -> Ready:
    case = service.case("resolved")
    return Ready(["agent"], {"case_id": case.id}, {"reached": True, "satisfied": True, "score": 4}, case.version)


READY: dict[str, Callable[[Service], Ready]] = {
    "GET /api/v1/policies/{version}": lambda _: Ready(["agent", "admin"], {"version": "default-1"}),
    "POST /api/v1/notices/{notice}/read": _read_notice,
    "POST /api/v1/webhooks/{item}/deliveries/{message}/redelivery": _redelivery,
    "POST /api/v1/cases/{case_id}/acknowledgement": _acknowledgement,
    "POST /api/v1/cases/{case_id}/callbacks": _callback,
}
MADE = {"policies": a_proposed_policy, "calendars": a_proposed_calendar, "webhooks": a_webhook}
BODIES = {"POST /api/v1/policies": policy, "POST /api/v1/calendars": calendar, "POST /api/v1/webhooks": webhook}
