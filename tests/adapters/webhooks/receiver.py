"""A real receiver of webhooks on this machine: keeps what came, answers as it is told."""

import asyncio
import hashlib
import hmac
import json
import ssl
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

OK = b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n"


@dataclass(frozen=True)
class Request:
    """What came: the first line, the headers by their small names, the body."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    def signed_by(self, secret: str) -> bool:
        """Whether the signature is right: as Standard Webhooks says, by hand."""
        key = b64decode(secret.removeprefix("whsec_"))
        signed = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + self.body
        right = b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        return self.headers["webhook-signature"] == f"v1,{right}"


@dataclass
class Receiver:
    """What came in, and the answers to come; the last one is given for ever."""

    port: int = 0
    requests: list[Request] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=lambda: [OK])

    def url(self, path: str = "/hook", host: str = "127.0.0.1") -> str:
        """Its address."""
        return f"http://{host}:{self.port}{path}"

    def answer(self, *statuses: int) -> None:
        """Answer with these statuses from now on."""
        self.answers = [f"HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n".encode() for status in statuses]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request."""
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        self.requests.append(Request(first, headers, await reader.readexactly(int(headers["content-length"]))))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        writer.write(answer)
        await writer.drain()
        if answer:
            writer.close()
        else:
            # says nothing until the other side gives up
            await reader.read()
            writer.close()


@asynccontextmanager
async def receiving(tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """A receiver that listens."""
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    async with server:
        yield receiver
