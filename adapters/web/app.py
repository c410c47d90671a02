"""The console's routes on the service's own application."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import FastAPI

from adapters.web import cases, inbox, sign_in
from adapters.web.assets import STATIC, Assets

ROUTERS = (sign_in.router, inbox.router, cases.router)


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
