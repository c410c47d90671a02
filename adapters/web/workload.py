"""What agents carry, so that load can be shared and breaks given (Q-8)."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.web.directory import teams
from adapters.web.pages import Page, Signed, page

router = APIRouter(route_class=Page, include_in_schema=False)
Load = Mapping[str, Any]


@router.get("/workload")
async def workload(request: Request, v: Signed) -> Response:
    """Hard cases per agent, by the shift in which they are on duty now."""
    loads = (await v.api.get("/workload"))["items"]
    most = max((load["hard"] for load in loads), default=0)
    return page(request, "workload.html", groups=_by_shift(loads), most=most, total=loads, teams=await teams(v))


def _by_shift(loads: Sequence[Load]) -> Sequence[tuple[Load, Sequence[Load]]]:
    """The loads of each running shift, those that began first on top; who is not on duty at the end."""
    inside = sorted(loads, key=_place)
    groups = [list(group) for _, group in groupby(inside, key=_place)]
    return [(group[0], group) for group in groups]


def _place(load: Load) -> tuple[bool, str, str]:
    return load["shift"] is None, load["shift_start"] or "", load["shift"] or ""
