"""What is kept on a person: erasures by two people, restrictions, holds, what was done about it (A-3, A-4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.http.problems import ApiError
from adapters.web.asking import API
from adapters.web.directory import people
from adapters.web.giving import Given, Giving, begun, give
from adapters.web.pages import Page, Signed, back_to, page
from application.permissions import Action, allowed, may_export
from domain.subject.words import ErasureStatus
from domain.values import Actor

router = APIRouter(prefix="/subjects", route_class=Page, include_in_schema=False)
ROWS = 100
_OPEN = frozenset({ErasureStatus.REQUESTED, ErasureStatus.APPROVED, ErasureStatus.CONFIRMED, ErasureStatus.ERASED})
Person = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Deed:
    """A command on a person. after: how far the last erasure must have come; None: it is no step of one.

    flag: the mark it sets, or takes away where `lifts`.
    """

    action: Action
    after: ErasureStatus | None = None
    flag: str = ""
    lifts: bool = False

    def fits(self, person: Person) -> bool:
        """Whether there is anything to do; who may not is told by the API."""
        if self.flag:
            return bool(person[self.flag]) is self.lifts
        return self.after == person["erasure"] if self.after else person["erasure"] not in _OPEN


DEEDS: Mapping[str, Deed] = {
    "erasure": Deed(Action.ASK_FOR_ERASURE),
    "erasure/decision": Deed(Action.DECIDE_ERASURE, ErasureStatus.REQUESTED),
    "erasure/confirmation": Deed(Action.CONFIRM_ERASURE, ErasureStatus.APPROVED),
    "restriction": Deed(Action.RESTRICT, flag="restricted"),
    "restriction/lifting": Deed(Action.RESTRICT, flag="restricted", lifts=True),
    "hold": Deed(Action.RESTRICT, flag="held"),
    "hold/lifting": Deed(Action.RESTRICT, flag="held", lifts=True),
}


@router.get("")
async def subjects(request: Request, v: Signed) -> Response:
    """Persons of whom something was decided; and the way to one by their id."""
    query = request.query_params
    if query.get("person"):
        return back_to(f"/subjects/{quote(query['person'].strip(), safe='')}")
    asked = {"erasure": query.get("erasure", "")}
    found = await v.api.get("/subjects", **asked, limit=ROWS, after=query.get("after"))
    return page(
        request,
        "subjects.html",
        items=found["items"],
        more=found["next"],
        asked=asked,
        statuses=list(ErasureStatus),
        names=await people(v),
    )


@router.get("/{person}")
async def subject(request: Request, person: str, v: Signed) -> Response:
    """How a person stands, and what may be done."""
    found = await v.api.get(f"/subjects/{person}")
    return page(
        request,
        "subject.html",
        person=found,
        deeds=_deeds(v.actor, found),
        may_export=may_export(v.actor, found["agent"]),
        may_open=allowed(v.actor, Action.OPEN_PERSONAL_DATA),
        address=f"{API}/subjects/{found['id']}",
        names=await people(v),
    )


def _deeds(actor: Actor, person: Person) -> list[str]:
    return [name for name, deed in DEEDS.items() if deed.fits(person) and allowed(actor, deed.action)]


@router.get("/{person}/do/{deed:path}")
async def begin(request: Request, person: str, deed: str, v: Signed) -> Response:  # noqa: ARG001  only who is signed in
    """The form of a command."""
    return _form_page(request, Given(begun(request, _giving(person, deed))), person)


@router.post("/{person}/do/{deed:path}")
async def decide(request: Request, person: str, deed: str, v: Signed) -> Response:
    """Give the command."""
    given = await give(request, v, _giving(person, deed))
    return back_to(f"/subjects/{person}") if given.answer else _form_page(request, given, person)


def _giving(person: str, deed: str) -> Giving:
    if deed not in DEEDS:
        raise ApiError(404, "not_found", f"there is no command {deed}")
    return Giving(f"/subjects/{{item}}/{deed}", f"/subjects/{person}/{deed}", deed)


def _form_page(request: Request, given: Given, person: str) -> Response:
    context = {"given": given, "back": f"/subjects/{person}", "subject": person, "suggested": {}}
    return page(request, "command.html", status=given.status, **context)
