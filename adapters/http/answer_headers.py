"""The headers of answers, for OpenAPI."""

from collections.abc import Iterator
from typing import Any

_TEXT = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 1}
_CORRELATION = {"description": "id under which this request stands in the log", "schema": {**_TEXT, "format": "uuid"}}
_RETRY_AFTER = {"description": "seconds to wait before asking again", "required": True, "schema": _COUNT}
_OF_ERRORS = {
    "401": {"WWW-Authenticate": {"description": "how to sign in", "required": True, "schema": {"const": "Bearer"}}},
    "429": {"Retry-After": _RETRY_AFTER},
    "503": {"Retry-After": _RETRY_AFTER},
}
_ETAG = {"description": '`"v<version>"`, to be sent as If-Match', "schema": {**_TEXT, "pattern": '^"v[0-9]+"$'}}
_LOCATION = {"description": "where the new resource stands", "required": True, "schema": _TEXT}
_REPLAYED = {"description": "`true`: the first answer to this Idempotency-Key, again", "schema": {"const": "true"}}
_LINK = {"description": 'the next page as `<address>; rel="next"`; absent on the last', "schema": _TEXT}

UNVERSIONED = "x-unversioned"
"""Marks an operation whose answer has no version of its own, and so no ETag."""


def declare_headers(made: dict[str, Any]) -> None:
    """Write the headers of every answer of the API into its document."""
    for path, operations in made["paths"].items():
        for method, operation in operations.items():
            for status, response in operation["responses"].items():
                headers = _OF_ERRORS.get(status, {}) if path.startswith("/api/") else {}
                taken = dict(_of_taken(method, operation, status)) if status < "3" and path.startswith("/api/") else {}
                response["headers"] = {"X-Correlation-Id": _CORRELATION, **headers, **taken}


def _of_taken(method: str, operation: dict[str, Any], status: str) -> Iterator[tuple[str, Any]]:
    named = {parameter["name"] for parameter in operation.get("parameters", ())}
    if method == "post":
        yield "Idempotency-Replayed", _REPLAYED
    if "limit" in named:
        yield "Link", _LINK
    elif UNVERSIONED not in operation:
        yield "ETag", _ETAG
    if status == "201":
        yield "Location", _LOCATION
