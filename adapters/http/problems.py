"""Errors as `application/problem+json` (RFC 9457): what is wrong, by which rule, and the way out."""

from typing import Any

import msgspec
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from adapters.auth.limiter import TooManyRequests
from adapters.http.answers import Answer
from application.event_log import CommandReused, LogError
from domain.kernel import Refusal

MEDIA_TYPE = "application/problem+json"
BODY_MOST = 1 << 20
"""The largest request body, in bytes."""
RETRY_AFTER_S = 1
"""What an overloaded service asks callers to wait, in seconds."""
_TITLES = {
    400: "Bad request",
    401: "Not signed in",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    412: "Stale",
    413: "Too large",
    415: "Unsupported media type",
    422: "Invalid",
    428: "If-Match needed",
    429: "Too many requests",
    500: "Internal error",
    503: "Unavailable",
}


class FieldError(Answer):
    """What is wrong with one field."""

    pointer: str = Field(description="JSON pointer (RFC 6901) into the body; /name of a parameter or header")
    detail: str = Field(description="what is wrong and what to write instead")


class Problem(Answer):
    """An error (RFC 9457)."""

    type: str = Field(description="URI reference of this kind of problem", examples=["/problems/need_unmet"])
    title: str = Field(description="the status in words")
    status: int = Field(description="the HTTP status")
    detail: str = Field(description="what is wrong and the way out")
    code: str = Field(description="stable word for programs", examples=["need_unmet"])
    rule: str | None = Field(None, description="id in the rulebook, where a rule refuses", examples=["C-1a"])
    errors: list[FieldError] | None = Field(None, description="the fields at fault, for 422")
    version: int | None = Field(None, description="the resource's version now, for 409 and 412")


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    rule: str | None = None,
    errors: list[dict[str, str]] | None = None,
    version: int | None = None,
) -> Response:
    """The response for one problem; fields without a value are left out."""
    body = {
        "type": f"/problems/{code}",
        "title": _TITLES.get(status, "Error"),
        "status": status,
        "detail": detail,
        "code": code,
        "rule": rule,
        "errors": errors,
        "version": version,
    }
    content = msgspec.json.encode({name: value for name, value in body.items() if value is not None})
    return Response(content, status, _headers(status), MEDIA_TYPE)


def _headers(status: int) -> dict[str, str]:
    if status in {429, 503}:
        return {"Retry-After": str(RETRY_AFTER_S)}
    return {"WWW-Authenticate": "Bearer"} if status == 401 else {}  # noqa: PLR2004


class ApiError(Exception):
    """An error of the API itself, told as a problem."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: list[dict[str, str]] | None = None,
        retry_after_s: int = RETRY_AFTER_S,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.errors, self.retry_after_s = status, code, errors, retry_after_s


def of_api_error(_: Request, error: Exception) -> Response:
    """The problem of an ApiError."""
    assert isinstance(error, ApiError)
    response = problem(error.status, error.code, str(error), errors=error.errors)
    if "retry-after" in response.headers:
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def of_too_many(_: Request, error: Exception) -> Response:
    """The problem of a limit that is used up."""
    assert isinstance(error, TooManyRequests)
    response = problem(429, "too_many_requests", str(error))
    response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def of_refusal(_: Request, error: Exception) -> Response:
    """The problem of a rule's refusal."""
    assert isinstance(error, Refusal)
    errors = [{"pointer": error.pointer, "detail": str(error)}] if error.pointer else None
    return problem(error.status, error.code, str(error), rule=error.rule, errors=errors, version=error.version)


def of_log_error(_: Request, error: Exception) -> Response:
    """The problem of what the log answered instead of recording."""
    assert isinstance(error, LogError)
    errors = [{"pointer": "/Idempotency-Key", "detail": str(error)}] if isinstance(error, CommandReused) else None
    return problem(error.status, error.code, str(error), errors=errors, version=error.version)


def of_validation(_: Request, error: Exception) -> Response:
    """The problem of a request whose fields are at fault, each with its JSON pointer."""
    assert isinstance(error, RequestValidationError)
    errors = [{"pointer": _pointer(fault), "detail": _said(fault)} for fault in error.errors()]
    detail = "; ".join(f"{e['pointer']}: {e['detail']}".removeprefix(": ") for e in errors[:3])
    return problem(422, "invalid", detail, errors=errors)


def _pointer(fault: dict[str, Any]) -> str:
    _, *path = fault["loc"]
    if fault["type"] == "json_invalid":
        return ""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


_SAID = {
    "extra_forbidden": "there is no such field: leave it out",
    "missing": "is needed",
    "string_unicode": "holds half a character (a lone surrogate): send whole ones",
}


def _said(fault: dict[str, Any]) -> str:
    if fault["loc"] == ("body",) and fault["type"] == "model_attributes_type":
        return "send a JSON object, with Content-Type: application/json"
    if fault["type"] == "json_invalid":
        return f"the body is not readable JSON: {fault['ctx']['error']}"
    said = _SAID.get(fault["type"]) or str(fault["msg"]).removeprefix("Value error, ")
    return said[0].lower() + said[1:]


def of_http_exception(request: Request, error: Exception) -> Response:
    """The problem of what the framework itself refuses: unknown paths, wrong methods, bodies that break off."""
    assert isinstance(error, HTTPException)
    match error.status_code:
        case 400:
            return problem(
                422, "invalid", "the body is not readable JSON", errors=[{"pointer": "", "detail": "broken off"}]
            )
        case 404:
            return problem(404, "not_found", "there is nothing at this path; /api/v1/openapi.json lists what there is")
        case 405:
            return _wrong_method(request)
        case 413:
            return too_large()
        case status:
            return problem(status, "error", str(error.detail))


def _wrong_method(request: Request) -> Response:
    allowed = ", ".join(sorted(request.app.state.methods(request.url.path)))
    response = problem(405, "method_not_allowed", f"this path takes {allowed}")
    response.headers["Allow"] = allowed
    return response


def too_large() -> Response:
    """The problem of a body beyond the limit."""
    return problem(413, "too_large", f"the body has more than {BODY_MOST} bytes: send less")


def of_overload(_: Request, __: Exception) -> Response:
    """The problem of a database that is not to be had in time."""
    return problem(503, "unavailable", "the database did not answer in time: send the request again")


def of_bug(_: Request, __: Exception) -> Response:
    """The problem of a fault of ours: nothing about its inside goes out; the log has it."""
    return problem(500, "internal", "this is a fault of the service; it has been logged")


def declared(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems a route can answer, for OpenAPI."""
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {status: {"description": _TITLES[status], "content": {MEDIA_TYPE: schema}} for status in sorted(statuses)}
