"""Requests read strictly: one meaning for every body and every query, or none."""

import json
import re
from collections.abc import AsyncIterator, Mapping
from typing import Any, NoReturn

from fastapi import Request
from starlette.exceptions import HTTPException

from adapters.http.problems import BODY_MOST, ApiError

_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")
DEPTH_MOST = 32
"""How deep a body may be nested; the deepest of ours has four levels."""


class BadParameter(ApiError):
    """A parameter of the query that nobody reads; or such a one, or a header, that says what cannot be."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(422, "invalid", f"{name}: {detail}", errors=[{"pointer": f"/{name}", "detail": detail}])


class StrictRequest(Request):
    """A request whose body is UTF-8 JSON as RFC 8259 has it, of bounded size, with every name once."""

    async def body(self) -> bytes:
        """The raw body. Raises HTTPException 413 beyond BODY_MOST."""
        if not hasattr(self, "_body"):
            announced = self.headers.get("content-length", "0")
            if announced.isdecimal() and int(announced) > BODY_MOST:
                raise HTTPException(413)
            self._body = b"".join([chunk async for chunk in self._bounded()])
        return self._body

    async def _bounded(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self.stream():
            size += len(chunk)
            if size > BODY_MOST:
                raise HTTPException(413)
            yield chunk

    async def json(self) -> Any:
        """The decoded body. Raises JSONDecodeError, the one error that the framework tells as a fault of the body."""
        try:
            text = (await self.body()).decode("utf-8-sig")
            _check_depth(text)
            return json.loads(text, object_pairs_hook=_once_each, parse_constant=_no_constant)
        except json.JSONDecodeError:
            raise
        except UnicodeDecodeError as error:
            raise json.JSONDecodeError("it is not UTF-8", "", 0) from error
        except ValueError as error:
            raise json.JSONDecodeError(str(error), "", 0) from error


def _check_depth(text: str) -> None:
    """Refuse deep nesting before anything walks it."""
    if text.count("[") + text.count("{") <= DEPTH_MOST:
        return
    depth = 0
    for bracket in _BRACKET.findall(_TEXT.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > DEPTH_MOST:
            raise ValueError(f"nested more than {DEPTH_MOST} levels deep")


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in one object: which of them counts?")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def check_query(request: Request, known: Mapping[str, bool]) -> None:
    """Refuse what no route reads, so that a misspelt parameter is never passed over in silence. Raises BadParameter.

    known: the parameters of the route, and whether each may stand more than once.
    """
    names = [name for name, _ in request.query_params.multi_items()]
    for name, value in request.query_params.multi_items():
        if name not in known:
            raise BadParameter(name[:100], "there is no such parameter here")
        if names.count(name) > 1 and not known[name]:
            raise BadParameter(name, "stands twice: which of them counts?")
        if "\x00" in value:
            raise BadParameter(name, "contains the character NUL: remove it")
        if "\ufffd" in value:
            # what was put in place of bytes that are no text
            raise BadParameter(name, "holds what is no UTF-8, such as half a character: send whole ones")
