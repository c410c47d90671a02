"""Asking the API from within: the console is one of its clients, so that a page may exactly what its visitor may."""

import asyncio
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from fastapi import FastAPI, Request
from httpx2 import Response
from starlette.types import Message

from adapters.http.door import VISITOR
from domain.values import Actor

API = "/api/v1"


class Refused(Exception):
    """The API answered with a problem (RFC 9457), or something that is not ours did."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        super().__init__(problem.get("detail", ""))
        self.problem = problem

    @property
    def status(self) -> int:
        """The HTTP status."""
        return int(self.problem["status"])

    @property
    def code(self) -> str:
        """The stable word for programs."""
        return str(self.problem["code"])


@dataclass(slots=True)
class Seen:
    """How far the visitor knows the log: reads wait for that. moved: by a command of this request."""

    position: int | None = None
    moved: bool = False

    def move(self, answer: Any) -> None:
        """Take note of what a command has answered."""
        if isinstance(answer, dict) and isinstance(position := answer.get("position"), int):
            self.position, self.moved = max(position, self.position or 0), True


PAGE = 500
"""The longest page of a list that the API gives."""


@dataclass(frozen=True, slots=True)
class Api:
    """The API as one visitor sees it. Paths are those behind `/api/v1`; every method raises Refused."""

    app: FastAPI
    actor: Actor
    correlation_id: str
    seen: Seen = field(default_factory=Seen)

    async def get(self, path: str, **query: Any) -> Any:
        """What a read answers, decoded; parameters that are None or empty are left out."""
        asked = {"min_position": self.seen.position, **query}
        response = await self._asked("GET", path, query=_given(asked))
        return msgspec.json.decode(response.content)

    async def whole(self, path: str, **query: Any) -> list[Any]:
        """Every item of a list, page by page."""
        found = await self.get(path, limit=PAGE, **query)
        items: list[Any] = found["items"]
        while found["next"]:
            found = await self.get(path, limit=PAGE, after=found["next"], **query)
            items += found["items"]
        return items

    async def file(self, path: str, **query: Any) -> Response:
        """An answer that is no JSON: an export, a bundle, a PDF."""
        return await self._asked("GET", path, query=_given(query))

    async def post(
        self,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        version: int | None = None,
        key: str | None = None,
        **query: Any,
    ) -> Any:
        """What a command answers, decoded. version: of the resource as the visitor saw it. key: Idempotency-Key."""
        headers = {"content-type": "application/json"}
        if version is not None:
            headers["if-match"] = f'"v{version}"'
        if key:
            headers["idempotency-key"] = key
        response = await self._asked(
            "POST", path, query=_given(query), headers=headers, content=msgspec.json.encode(body or {})
        )
        answer = msgspec.json.decode(response.content) if response.content else None
        self.seen.move(answer)
        return answer

    async def put(self, path: str, body: Mapping[str, Any]) -> Any:
        """What keeping something of one's own answers, decoded."""
        headers = {"content-type": "application/json"}
        response = await self._asked("PUT", path, query={}, headers=headers, content=msgspec.json.encode(body))
        return msgspec.json.decode(response.content)

    async def put_file(self, path: str, content: bytes) -> Any:
        """What keeping a file answers, decoded."""
        headers = {"content-type": "application/octet-stream"}
        response = await self._asked("PUT", path, query={}, headers=headers, content=content)
        return msgspec.json.decode(response.content)

    async def delete(self, path: str) -> None:
        """Keep something of one's own no longer."""
        await self._asked("DELETE", path, query={})

    async def _asked(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any],
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Response:
        sent = {**(headers or {}), "x-correlation-id": self.correlation_id, "content-length": str(len(content or b""))}
        call = Call(content or b"")
        await self.app(self._scope(method, path, query, sent), call.receive, call.send)
        response = Response(call.status, headers=call.headers, content=bytes(call.body))
        if response.status_code >= 400:  # noqa: PLR2004  client and server errors (RFC 9110)
            raise Refused(msgspec.json.decode(response.content))
        return response

    def _scope(
        self, method: str, path: str, query: Mapping[str, Any], headers: Mapping[str, str]
    ) -> MutableMapping[str, Any]:
        """The request as ASGI has it; its host is the one name that no proxy and no visitor's browser can change."""
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": API + path,
            "raw_path": quote(API + path).encode(),
            "query_string": urlencode(query, doseq=True).encode(),
            "root_path": "",
            "headers": [(b"host", b"redress"), *((name.encode(), value.encode()) for name, value in headers.items())],
            "client": ("console", 0),
            "server": ("redress", 80),
            VISITOR: self.actor,
        }


class Call:
    """One request to an application in this process, and its answer: without a client and its sockets between."""

    def __init__(self, content: bytes) -> None:
        self._content: bytes | None = content
        self.status, self.headers, self.body = 500, list[tuple[bytes, bytes]](), bytearray()

    async def receive(self) -> Message:
        """The body, whole; then nothing: the asker does not hang up."""
        if self._content is None:
            await asyncio.Event().wait()
        content, self._content = self._content, None
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(self, message: Message) -> None:
        """Take the answer in."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message.get("headers", ()))
        else:
            self.body += message.get("body", b"")


def _given(query: Mapping[str, Any]) -> dict[str, Any]:
    said = {name: value for name, value in query.items() if value is not None and value not in ("", [])}
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in said.items()}


def api_of(request: Request, actor: Actor, seen: int | None = None) -> Api:
    """The API for a request's visitor, whose reads wait for the position `seen`; both carry one correlation id."""
    return Api(request.app, actor, str(request.state.correlation_id), Seen(seen))
