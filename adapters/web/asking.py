"""Asking the API from within: the console is one of its clients, so that a page may exactly what its visitor may."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from fastapi import FastAPI, Request
from httpx2 import ASGITransport, AsyncClient, Response
from starlette.types import Receive, Scope, Send

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
        sent = {**(headers or {}), "x-correlation-id": self.correlation_id}
        # host: the one name that no proxy and no setting of a visitor's browser can change
        async with AsyncClient(transport=ASGITransport(self._inside), base_url="http://redress", trust_env=False) as c:
            response = await c.request(method, API + path, params=query, headers=sent, content=content)
        if response.status_code >= 400:  # noqa: PLR2004  client and server errors (RFC 9110)
            raise Refused(msgspec.json.decode(response.content))
        return response

    async def _inside(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app({**scope, VISITOR: self.actor}, receive, send)


def _given(query: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in query.items() if value is not None and value not in ("", [])}


def api_of(request: Request, actor: Actor, seen: int | None = None) -> Api:
    """The API for a request's visitor, whose reads wait for the position `seen`; both carry one correlation id."""
    return Api(request.app, actor, str(request.state.correlation_id), Seen(seen))
