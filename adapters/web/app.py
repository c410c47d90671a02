"""The console's routes on the service's own application."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from adapters.http import problems
from adapters.web import (
    access,
    appeals,
    audit,
    cases,
    conduct,
    daily,
    drafts,
    escalations,
    evidence,
    figures,
    handover,
    hooks,
    inbox,
    keys,
    live,
    masters,
    notices,
    own,
    payroll,
    penalties,
    provider,
    public,
    published,
    replay,
    reviews,
    rules,
    search,
    settings,
    shifts,
    sign_in,
    subjects,
    swaps,
    trying,
    workload,
)
from adapters.web.asking import API
from adapters.web.assets import STATIC, Assets
from adapters.web.pages import error_page

ROUTERS = (
    sign_in.router,
    provider.router,
    public.router,
    access.router,
    drafts.router,
    evidence.router,
    live.router,
    search.router,
    inbox.router,
    cases.router,
    trying.router,
    payroll.router,
    replay.router,
    audit.router,
    subjects.router,
    masters.router,
    published.router,
    hooks.router,
    keys.router,
    rules.router,
    notices.router,
    settings.router,
    own.router,
    reviews.router,
    escalations.router,
    penalties.router,
    appeals.router,
    conduct.router,
    workload.router,
    figures.router,
    shifts.router,
    handover.router,
    swaps.router,
    daily.router,
)


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody as whom anybody may sign in, in a demonstration."""

    agent: str
    name: str
    role: str


def add_console(app: FastAPI, demo: Sequence[DemoPerson] = ()) -> None:
    """Let an application show pages beside its API. demo: who can be signed in as without a key."""
    app.state.demo = demo
    app.state.of_bug = _shown(problems.of_bug)
    app.add_exception_handler(HTTPException, _shown(problems.of_http_exception))
    app.mount("/static", Assets(directory=STATIC), name="static")
    for router in ROUTERS:
        app.include_router(router)


def _shown(told: Callable[[Request, Exception], Response]) -> Callable[[Request, Exception], Response]:
    """What is told to programs as a problem, as a page to who looks for a page where none is."""

    def shown(request: Request, error: Exception) -> Response:
        answer = told(request, error)
        if request.url.path.startswith(API) or "text/html" not in request.headers.get("accept", ""):
            return answer
        said = msgspec.json.decode(answer.body)
        page = error_page(request, said if said["status"] >= 500 else {**said, "detail": request.url.path})  # noqa: PLR2004
        page.headers.update({name: value for name, value in answer.headers.items() if name == "allow"})
        return page

    return shown
