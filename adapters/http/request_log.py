"""One log line a request, its correlation id in the answer, and a problem in place of a fault of ours.

A plain ASGI middleware: the framework's own kind runs every request in a task of its own, with streams between.
"""

from time import perf_counter
from uuid import UUID, uuid4

import structlog
from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger()
HUNG_UP = 499
"""The status in the log of a request that was never whole, because its caller hung up; nobody is answered so."""


class RequestLog:
    """Says route, status, time and who as soon as an answer begins; never what was sent."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request, began, begun = Request(scope), perf_counter(), False
        request.state.correlation_id = _correlation_id(request)
        error: Exception | None = None

        async def send_logged(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                own = (b"x-correlation-id", str(request.state.correlation_id).encode())
                message = {**message, "headers": [*message["headers"], own]}
                _log_line(request, message["status"], perf_counter() - began, error)
            await send(message)

        try:
            await self._app(scope, receive, send_logged)
        except ClientDisconnect:
            if not begun:
                _log_line(request, HUNG_UP, perf_counter() - began, None)
        except Exception as fault:
            if begun:
                raise
            error = fault
            await request.app.state.of_bug(request, fault)(scope, receive, send_logged)


def _log_line(request: Request, status: int, seconds: float, error: Exception | None) -> None:
    request.app.state.answered[status] += 1
    route = request.scope.get("route")
    caller = getattr(request.state, "caller", None)
    say = log.error if error else log.info
    say(
        "request",
        method=request.method,
        route=getattr(route, "path", None),
        status=status,
        ms=round(seconds * 1000, 2),
        actor=caller.actor.id if caller else None,
        correlation_id=str(request.state.correlation_id),
        error=type(error).__name__ if error else None,
        traceback=_places(error) if error else None,
    )


def _places(error: Exception) -> list[str]:
    """Where it happened, without any value."""
    places, trace = [], error.__traceback__
    while trace is not None:
        places.append(f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}")
        trace = trace.tb_next
    return places[-8:]


def _correlation_id(request: Request) -> UUID:
    """The caller's own, where it is a UUID; else a new one."""
    try:
        return UUID(request.headers.get("x-correlation-id", ""))
    except ValueError:
        return uuid4()
