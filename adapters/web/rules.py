"""What the rules say: the pages that refusals, statements and proofs link to."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml
from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.http.problems import ApiError
from adapters.web.pages import Page, Signed, page

router = APIRouter(prefix="/rules", route_class=Page, include_in_schema=False)
FILE = files("adapters.web").joinpath("rules.yaml")


@cache
def rules() -> Mapping[str, Mapping[str, str]]:
    """The text of each rule by its id and the short name of the language, in the rulebook's order."""
    read: Mapping[str, Mapping[str, str]] = yaml.safe_load(FILE.read_text("utf-8"))
    return read


@router.get("")
async def every_rule(request: Request, v: Signed) -> Response:  # noqa: ARG001  only who is signed in
    """All of them."""
    return page(request, "rules.html", rules=rules())


@router.get("/{rule}")
async def one_rule(request: Request, rule: str, v: Signed) -> Response:  # noqa: ARG001  only who is signed in
    """One, in both languages."""
    if rule not in rules():
        raise ApiError(404, "not_found", f"there is no rule {rule}")
    return page(request, "rule.html", rule=rule, text=rules()[rule])
