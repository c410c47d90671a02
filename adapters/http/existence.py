"""Whether what a path names exists: told, as 404, before a malformed request is told so."""

from uuid import UUID

from fastapi import Request

from domain.case.case import NoSuchCase
from domain.kernel import Unknown
from domain.values import Actor, CaseId


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
    if "item" in named:
        await _check_item(request, request.url.path.split("/")[3], named["item"])


async def _check_escalation(request: Request, actor: Actor, number: str) -> None:
    asked = await request.app.state.parts.reads.escalations(case_id_of(request), actor)
    if number not in {str(n) for n in range(1, asked + 1)}:
        raise Unknown("the case has no such escalation")


async def _check_item(request: Request, kind: str, item: str) -> None:
    key = str(customer_of(item)) if kind == "customers" else item
    if not await request.app.state.parts.masters.known(kind, key):
        raise Unknown(f"there is no such {kind[:-1]}")


def customer_of(item: str) -> UUID:
    """The customer in the path. Raises Unknown for what is no id."""
    try:
        return UUID(item)
    except ValueError:
        raise Unknown("there is no such customer") from None
