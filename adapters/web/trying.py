"""What if another tariff had held: tried on the facts on record, beside what stands in the ledgers (L-7)."""

from collections.abc import Mapping
from datetime import date

from fastapi import APIRouter, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from adapters.web.asking import Refused
from adapters.web.directory import people
from adapters.web.giving import check_may
from adapters.web.languages import utc_now
from adapters.web.pages import Page, Signed, Visitor, back_to, page
from adapters.web.published import newest
from domain.values import local_day

router = APIRouter(prefix="/payroll/try", route_class=Page, include_in_schema=False)
LONGEST = 200_000
"""Bytes of a file that are read; the API takes no longer document."""


@router.get("")
async def begin(request: Request, v: Signed) -> Response:
    """Which tariff, for which days: at first the one in force, for the month before."""
    check_may(request, "/tariff-trials")
    last = local_day(utc_now()).replace(day=1)
    first = date(last.year - (last.month == 1), (last.month - 2) % 12 + 1, 1)
    typed = {"yaml": await newest(v, "tariffs"), "from": first.isoformat(), "to": _before(last).isoformat()}
    return _form_page(request, typed)


def _before(day: date) -> date:
    return date.fromordinal(day.toordinal() - 1)


@router.post("")
async def try_it(request: Request, v: Signed) -> Response:
    """Begin the trial; what is wrong with the document is told with line, path and reason."""
    async with request.form() as form:
        typed = {name: str(form.get(name, "")) for name in ("yaml", "from", "to")}
        file = form.get("file")
        if isinstance(file, UploadFile) and file.filename:
            typed["yaml"] = (await file.read(LONGEST)).decode("utf-8", "replace")
    try:
        trial = await v.api.post("/tariff-trials", typed)
    except Refused as refused:
        return _form_page(request, typed, refused)
    return back_to(f"/payroll/try/{trial['id']}")


def _form_page(request: Request, typed: Mapping[str, str], refused: Refused | None = None) -> Response:
    problem = refused.problem if refused else None
    return page(request, "try.html", status=refused.status if refused else 200, typed=typed, problem=problem)


@router.get("/{trial}")
async def compared(request: Request, trial: str, v: Signed) -> Response:
    """How far the trial is; then both sides, by agent and code."""
    found = await v.api.get(f"/tariff-trials/{trial}")
    return page(request, "trial.html", trial=found, names=await _named(v, found["status"]))


async def _named(v: Visitor, status: str) -> Mapping[str, str]:
    """Names, once there are rows: a page that asks again every second needs none."""
    return await people(v) if status == "done" else {}
