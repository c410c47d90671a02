"""The console's routes on the service's own application."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import FastAPI

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
from adapters.web.assets import STATIC, Assets

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
    app.mount("/static", Assets(directory=STATIC), name="static")
    for router in ROUTERS:
        app.include_router(router)
