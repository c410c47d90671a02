"""Whether the service lives, is ready, which version it is, and its figures; no key needed."""

from importlib.metadata import version as version_of
from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from adapters.http.answers import Answer
from adapters.http.conventions import json

VERSION = version_of("redress")
router = APIRouter(tags=["system"])


class Alive(Answer):
    """The process answers."""

    status: str = Field(description="always `ok`")


class ViewState(Answer):
    """One projection."""

    view: str = Field(description="its name")
    position: int = Field(description="how far it has read")
    lag_events: int = Field(description="events it is behind")
    lag_seconds: float = Field(description="how long ago the first of them was recorded, in seconds; 0 without any")
    failed: str | None = Field(None, description="the error at which it stopped, at `position` + 1 or later")


class Ready(Answer):
    """Whether the service takes work."""

    status: str = Field(description="`ready`, or `failing` where a projection has stopped")
    position: int = Field(description="the log's newest position")
    followed: bool = Field(
        description="whether a process takes what is recorded into the projections; while none does, they fall behind"
    )
    sealing: str = Field(
        description="`sealing`, or `refused` where what is stored does not continue what was signed: see the log lines "
        "and tell the auditors; the service goes on"
    )
    views: list[ViewState] = Field(description="every projection")


class Version(Answer):
    """What runs here."""

    version: str = Field(description="version of the service")


@router.get("/livez", response_model=Alive, summary="Is the process alive?")
async def livez() -> Response:
    """Answers as long as the process does."""
    return json({"status": "ok"})


@router.get(
    "/readyz",
    response_model=Ready,
    responses={503: {"model": Ready, "description": "a projection has stopped"}},
    summary="Does the service take work?",
)
async def readyz(request: Request) -> Response:
    """503 where a projection has stopped: its lists no longer follow the log."""
    state = await request.app.state.parts.ready()
    return json(state, status=200 if state["status"] == "ready" else 503)


@router.get("/version", response_model=Version, summary="Which version runs?")
async def version() -> Response:
    """The version of the service."""
    return json({"version": VERSION})


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "text format 0.0.4"}},
    response_class=Response,
)
async def metrics(request: Request) -> Response:
    """The log's position, each projection's lag, whether it is followed and sealed, and requests by status."""
    state = await request.app.state.parts.ready()
    return Response("\n".join(_lines(state, request.app.state.answered)) + "\n", media_type="text/plain; version=0.0.4")


def _lines(state: dict[str, Any], answered: dict[int, int]) -> list[str]:
    return [
        "# TYPE redress_log_position gauge",
        f"redress_log_position {state['position']}",
        "# TYPE redress_view_lag_events gauge",
        *(f'redress_view_lag_events{{view="{view["view"]}"}} {view["lag_events"]}' for view in state["views"]),
        "# TYPE redress_view_lag_seconds gauge",
        *(f'redress_view_lag_seconds{{view="{view["view"]}"}} {view["lag_seconds"]}' for view in state["views"]),
        "# TYPE redress_view_failed gauge",
        *(f'redress_view_failed{{view="{view["view"]}"}} {int(bool(view["failed"]))}' for view in state["views"]),
        "# TYPE redress_followed gauge",
        f"redress_followed {int(state['followed'])}",
        "# TYPE redress_sealing_refused gauge",
        f"redress_sealing_refused {int(state['sealing'] == 'refused')}",
        "# TYPE redress_requests_total counter",
        *(f'redress_requests_total{{status="{status}"}} {count}' for status, count in sorted(answered.items())),
    ]
