"""Bodies of shifts, tariffs, payroll policies and wages that are taken, each with a key of its own."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from adapters.bootstrap import OPERATOR, operators_command
from adapters.intake import tariffs
from application.published import Publishing
from domain.payroll.policy import PayrollPolicy
from domain.published import Dated
from domain.tariff.tariff import Tariff
from domain.values import DEFAULT_ZONE, Actor, AgentId, Month, Role
from tests.adapters.http.serving import Service

D = TypeVar("D", bound=Dated)
SHIFTS, TARIFFS, POLICIES, WAGES = (f"/api/v1/{kind}" for kind in ("shifts", "tariffs", "payroll-policies", "wages"))
HOUR = timedelta(hours=1)
NUMBERS = count(2)


def today() -> date:
    """The local day."""
    return datetime.now(UTC).astimezone(ZoneInfo(DEFAULT_ZONE)).date()


def planned(day: date, **facts: object) -> dict[str, Any]:
    """A late shift, 16:00 to midnight in Shanghai."""
    start = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
    usual = {"date": day.isoformat(), "kind": "late", "start": start.isoformat(), "end": (start + 8 * HOUR).isoformat()}
    return {**usual, "agents": ["a1001", "a1002"], "supervisor": "s2001", **facts}


def begun(hours: float = 2, **facts: object) -> dict[str, Any]:
    """A shift that began some hours ago, and lasts eight."""
    start = datetime.now(UTC) - hours * HOUR
    times = {"start": start.isoformat(), "end": (start + 8 * HOUR).isoformat()}
    return planned(start.date(), **{**times, **facts})


def tariff(**changes: object) -> dict[str, Any]:
    """A tariff with a version and a first day of its own."""
    number = next(NUMBERS)
    first = (today() + timedelta(days=number)).isoformat()
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(tariffs.shipped()))
    order = [{"first": changes.get("valid_from", first), "signed_fen": 25, "unsigned_fen": 15}]
    return {**plain, "version": f"v-{number}", "valid_from": first, "order": order, **changes}


def policy(**changes: object) -> dict[str, Any]:
    """A payroll policy with a version and a first month of its own."""
    number, month = next(NUMBERS), Month.of(today())
    for _ in range(number):
        month = month.after
    first = month.first_day.isoformat()
    return {"version": f"v-{number}", "valid_from": first, "mode": "points_only", "basis": "试行期不扣款", **changes}


def wage(**facts: object) -> dict[str, Any]:
    """A wage of an agent in a month."""
    return {"agent": "a1001", "month": "2026-03", "gross_fen": 500_000, **facts}


def in_force(service: Service, publishing: Publishing[D], document: D) -> None:
    """Put a document in force, as two people did two days before its first one."""
    day = document.valid_from - timedelta(days=2)
    at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    proposing, confirming = operators_command(), operators_command()
    service.run(publishing.propose(document, OPERATOR, replace(proposing, meta=replace(proposing.meta, at=at))))
    other = Actor(AgentId("other"), Role.ADMIN)
    service.run(publishing.publish(document.version, other, replace(confirming, meta=replace(confirming.meta, at=at))))


# ---- things to act upon ---------------------------------------------------------------------------------------------
def a_shift(service: Service) -> str:
    """The id of a new shift that has begun; `a1001` is on it."""
    return str(service.post(SHIFTS, begun(), who="second")["id"])


def a_proposed_tariff(service: Service) -> str:
    """The version of a new proposal, made by nobody who has a key."""
    document = msgspec.convert(tariff(), Tariff, strict=False)
    service.run(service.services.tariffs.propose(document, OPERATOR, operators_command()))
    return document.version


def a_proposed_policy(service: Service) -> str:
    """The version of a new proposal, made by nobody who has a key."""
    document = msgspec.convert(policy(), PayrollPolicy)
    service.run(service.services.payroll_policies.propose(document, OPERATOR, operators_command()))
    return document.version


def a_wage(service: Service) -> str:
    """The id of a wage that is there to be read."""
    return str(service.post(WAGES, wage(), who="payroll")["id"])
