"""Whether what a path names exists: told, as 404, before a malformed request is told so."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from fastapi import Request

from application.webhooks import NoSuchMessage
from domain.case.case import NoSuchCase
from domain.kernel import Unknown
from domain.ledger.decisions import NoSuchLine
from domain.notice.notice import NoSuchNotice
from domain.values import Actor, CaseId, Month

_KNOWN: Mapping[str, Callable[[Any, str], Awaitable[bool]]] = {
    "shifts": lambda parts, item: parts.shifts.known(item),
    "tariffs": lambda parts, item: parts.tariffs.known(item),
    "payroll-policies": lambda parts, item: parts.payroll_policies.known(item),
    "policies": lambda parts, item: parts.deadline_policies.known(item),
    "calendars": lambda parts, item: parts.calendars.known(item),
    "tariff-trials": lambda parts, item: parts.trials.known(item),
    "subjects": lambda parts, item: parts.subjects.known(item),
    "wages": lambda parts, item: parts.lists.is_wage(item),
    "webhooks": lambda parts, item: parts.webhooks.commands.known(item),
    "key-proposals": lambda parts, item: parts.key_proposals.known(item),
}
"""Who knows whether an item of a kind exists, by the word in the path; masters know the rest."""
_ONE = {
    "payroll-policies": "payroll policy",
    "policies": "policy",
    "tariff-trials": "trial",
    "key-proposals": "proposed key",
}


def case_id_of(request: Request) -> CaseId:
    """The case in the path. What is no UUID names no case: NoSuchCase."""
    try:
        return CaseId(str(UUID(request.path_params["case_id"])))
    except ValueError:
        raise NoSuchCase("there is no such case") from None


async def check_exists(request: Request, actor: Actor) -> None:
    """Nothing, where all that the path names exists and the actor may reach it. Raises Unknown and NotYourTeam."""
    named = request.path_params
    if "case_id" in named:
        await request.app.state.parts.reads.reachable(case_id_of(request), actor)
    if "number" in named:
        await _check_escalation(request, actor, named["number"])
    if "fact_id" in named:
        await fact_of(request, actor)
    await _check_line(request, named)
    if "swap_id" in named and not await request.app.state.parts.shift_work.swaps.known(named["swap_id"]):
        raise Unknown("there is no such swap")
    if "day" in named:
        await _check_report(request, named)
    if "month" in named:
        month_of(named["month"])
    if "notice" in named and not await request.app.state.parts.notices.known(named["notice"], actor):
        raise NoSuchNotice("there is no such notice to you")
    if "message" in named:
        await check_message(request)
    if "item" in named:
        await _check_item(request, request.url.path.split("/")[3], named["item"])


async def fact_of(request: Request, actor: Actor) -> UUID:
    """The fact in the path, of the kind that stands before it. Raises NoSuchFact and NotYourFact."""
    kind, fact = request.url.path.split("/")[4], request.path_params["fact_id"]
    found: UUID = await request.app.state.parts.fact_reads.reachable(kind, fact, actor)
    return found


async def _check_line(request: Request, named: Mapping[str, str]) -> None:
    if "entry_id" in named and not await request.app.state.parts.ledgers.known(named["entry_id"]):
        raise NoSuchLine("there is no such line")
    if "appeal_id" in named and not await request.app.state.parts.ledgers.appeal_known(named["appeal_id"]):
        raise NoSuchLine("there is no such appeal")


async def _check_escalation(request: Request, actor: Actor, number: str) -> None:
    asked = await request.app.state.parts.reads.escalations(case_id_of(request), actor)
    if number not in {str(n) for n in range(1, asked + 1)}:
        raise Unknown("the case has no such escalation")


async def _check_item(request: Request, kind: str, item: str) -> None:
    parts = request.app.state.parts
    known = _KNOWN.get(kind)
    if known is not None:
        found = await known(parts, item)
    else:
        found = await parts.masters.known(kind, str(customer_of(item)) if kind == "customers" else item)
    if not found:
        raise Unknown(f"there is no such {_ONE.get(kind, kind[:-1])}")


async def check_message(request: Request) -> None:
    """Nothing, where the message in the path goes to the webhook before it. Raises NoSuchMessage."""
    webhook, message = request.path_params["item"], request.path_params["message"]
    if not await request.app.state.parts.lists.is_message(webhook, message):
        raise NoSuchMessage("no such message goes to this webhook")


async def _check_report(request: Request, named: Mapping[str, Any]) -> None:
    day = day_of(named["day"])
    if "item_number" in named:
        await request.app.state.parts.shift_work.reports.check_item(day, named["item_number"])


def day_of(text: str) -> date:
    """The local day in the path. Raises Unknown for what is none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or text != day.isoformat():
        raise Unknown("there is no such day: write it as 2026-03-05")
    return day


def month_of(text: str) -> Month:
    """The month in the path. Raises Unknown for what is none."""
    try:
        return Month.parse(text)
    except ValueError:
        raise Unknown("there is no such month: write it as 2026-03") from None


def customer_of(item: str) -> UUID:
    """The customer in the path. Raises Unknown for what is no id."""
    try:
        return UUID(item)
    except ValueError:
        raise Unknown("there is no such customer") from None
