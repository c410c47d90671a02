"""The HTTP service: routes, error handling, log lines, and an OpenAPI document that says all of it."""

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, TypedDict

import msgspec
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from psycopg import OperationalError
from psycopg.errors import ReadOnlySqlTransaction
from psycopg_pool import PoolClosed, PoolTimeout
from psycopg_pool import TooManyRequests as PoolFull
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import compile_path

from adapters.auth.limiter import TooManyRequests
from adapters.http import (
    audit,
    audited_reads,
    case_commands,
    clock_reads,
    daily_reports,
    desk,
    fact_commands,
    fact_reads,
    files,
    handovers,
    indicators,
    key_proposals,
    keys,
    ledgers,
    line_history,
    master_commands,
    notices,
    overview,
    payroll,
    policy_reads,
    problems,
    published_commands,
    reads,
    shift_commands,
    shift_reads,
    subjects,
    swaps,
    system,
    tariff_trials,
    wages,
    webhooks,
    workload,
)
from adapters.http.answer_headers import declare_headers
from adapters.http.conventions import json
from adapters.http.door import Door
from adapters.http.parts import Parts
from adapters.http.request_log import RequestLog
from adapters.http.security import SecurityHeaders
from adapters.http.usual import Index
from application.event_log import LogError
from domain.kernel import Refusal

OPENAPI = "/api/v1/openapi.json"
DESCRIPTION = """\
Complaint cases as an auditable log. Every command records an event or is refused with the rule that forbids it.

Send `Authorization: Bearer KEY`. Commands take `Idempotency-Key`; those that say so need `If-Match: "v<version>"`.
A command answers with `position`; a read takes `min_position` to reflect it. Times are RFC 3339 with offset, money is
whole fen, days are local. Errors are `application/problem+json`."""

ROUTERS = (
    system.router,
    case_commands.router,
    reads.router,
    clock_reads.router,
    overview.router,
    policy_reads.router,
    notices.router,
    workload.router,
    indicators.router,
    desk.router,
    files.router,
    webhooks.router,
    keys.router,
    key_proposals.router,
    master_commands.router,
    fact_commands.router,
    fact_reads.router,
    swaps.router,
    shift_commands.router,
    handovers.router,
    shift_reads.router,
    daily_reports.router,
    published_commands.router,
    tariff_trials.router,
    wages.router,
    audited_reads.router,
    audit.router,
    subjects.router,
    ledgers.router,
    line_history.router,
    payroll.router,
)


def create_app(parts: Parts) -> FastAPI:
    """The application over its parts."""
    app = FastAPI(
        title="Redress",
        version=system.VERSION,
        description=DESCRIPTION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.parts, app.state.document, app.state.written = parts, None, None
    app.state.answered = Counter()
    app.state.methods = _Methods(app)
    app.state.of_bug = problems.of_bug
    # taken over as they are: what the framework makes of an included router is every route once more
    routes = [route for router in ROUTERS for route in router.routes]
    app.router.routes += [Index(routes), *routes]
    _handle_errors(app)
    app.add_middleware(RequestLog)
    app.add_middleware(SecurityHeaders)
    app.add_api_route(OPENAPI, _openapi_route(app), include_in_schema=False)
    return app


def _handle_errors(app: FastAPI) -> None:
    app.add_exception_handler(problems.ApiError, problems.of_api_error)
    app.add_exception_handler(Refusal, problems.of_refusal)
    app.add_exception_handler(LogError, problems.of_log_error)
    app.add_exception_handler(RequestValidationError, problems.of_validation)
    app.add_exception_handler(HTTPException, problems.of_http_exception)
    app.add_exception_handler(TooManyRequests, problems.of_too_many)
    for error in (PoolTimeout, PoolFull, PoolClosed, OperationalError, ReadOnlySqlTransaction):
        app.add_exception_handler(error, problems.of_overload)


class _Methods:
    """Which methods a path takes, read off the OpenAPI document; of several matching paths the most literal counts."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    def __call__(self, path: str) -> set[str]:
        """The methods, in capitals."""
        paths = {OPENAPI: {"get": {}}, **document(self._app)["paths"]}
        matching = [at for at in sorted(paths, key=lambda at: at.count("{")) if compile_path(at)[0].match(path)]
        return {method.upper() for method in paths[matching[0]]} if matching else set()


def _openapi_route(app: FastAPI) -> Callable[[], Awaitable[Response]]:
    async def openapi() -> Response:
        written: bytes | None = app.state.written
        return Response(written, media_type="application/json") if written else json(document(app))

    return openapi


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI 3.1 document, with the problem schema and how callers sign in; made once, which takes seconds.

    A server has it made by a process of its own (adapters.serve): what is left of making it is more than itself. There
    what answers look like is left out.
    """
    if app.state.document is None:
        app.state.document = _made_document(app)
    made: dict[str, Any] = app.state.document
    return made


_Operation = TypedDict("_Operation", {"x-action": str, "parameters": list[Any], "requestBody": Any}, total=False)


class _Asked(TypedDict):
    """What forms and methods need of the document, a quarter of it."""

    paths: dict[str, dict[str, _Operation]]
    components: Any


def take_document(app: FastAPI, written: bytes) -> None:
    """Answer with this document from now on."""
    app.state.document = msgspec.json.decode(written, type=_Asked)
    app.state.written = msgspec.json.format(written, indent=-1)


def _made_document(app: FastAPI) -> dict[str, Any]:
    routes = [route.declared() if isinstance(route, Door) else route for route in app.routes]
    made = get_openapi(title=app.title, version=app.version, description=app.description, routes=routes)
    components = made.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    problem = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs", {}) | {"Problem": problem}
    components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer", "description": "an API key"}}
    for path, operations in made["paths"].items():
        for operation in operations.values():
            operation["security"] = [{"key": []}] if path.startswith("/api/") else []
            operation["responses"].setdefault("500", problems.declared(500)[500])
    declare_headers(made)
    return made
