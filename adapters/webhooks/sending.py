"""One message over HTTP: signed (Standard Webhooks), to the address that was checked, within limits, not redirected."""

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from urllib.parse import SplitResult, urlsplit

import h11
from standardwebhooks.webhooks import Webhook

from adapters.webhooks.guard import PORTS, Guard, GuardError

TIMEOUT_S = 10.0
"""From the look-up of the name to the status of the answer."""
MOST_BYTES = 16_384
"""Of the answer no more is read: its status is all that counts."""
_AGENT = "Redress"


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent where. id: the same whenever it is sent, for the receiver to know it again."""

    id: str
    url: str
    body: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The status that was answered, or why there was no answer."""

    status: int | None = None
    fault: str | None = None

    @property
    def delivered(self) -> bool:
        """Whether the receiver has taken it."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004  success

    @property
    def unwanted(self) -> bool:
        """Whether the receiver wants no more of it: 410 Gone."""
        return self.status == 410  # noqa: PLR2004


async def send(message: Message, secret: str, at: datetime, guard: Guard) -> Outcome:
    """Send a message, signed at a moment. Whatever goes wrong is its outcome."""
    try:
        async with asyncio.timeout(TIMEOUT_S):
            return Outcome(status=await _posted(message, secret, at, guard))
    except GuardError as error:
        return Outcome(fault=str(error))
    except TimeoutError:
        return Outcome(fault=f"no answer within {TIMEOUT_S:g} s")
    except ssl.SSLError:
        return Outcome(fault="the certificate, or the encryption, is not accepted")
    except OSError:
        return Outcome(fault="no connection")
    except h11.RemoteProtocolError:
        return Outcome(fault="the answer is no HTTP, or too long")


async def _posted(message: Message, secret: str, at: datetime, guard: Guard) -> int:
    target = urlsplit(message.url)
    host, port = target.hostname or "", target.port or PORTS[target.scheme]
    address = await guard.checked(host, port)
    encrypted = {"ssl": _tls(), "server_hostname": host} if target.scheme == "https" else {}
    reader, writer = await asyncio.open_connection(address, port, **encrypted)  # type: ignore[arg-type]
    try:
        connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=MOST_BYTES)
        for event in _request(target, message, secret, at):
            writer.write(connection.send(event) or b"")
        await writer.drain()
        return await _status(connection, reader)
    finally:
        writer.close()


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _request(target: SplitResult, message: Message, secret: str, at: datetime) -> Sequence[h11.Event]:
    body = message.body.encode()
    path = (target.path or "/") + (f"?{target.query}" if target.query else "")
    headers = [
        ("host", target.netloc),
        ("user-agent", _AGENT),
        ("content-type", "application/json"),
        ("content-length", str(len(body))),
        ("connection", "close"),
        ("webhook-id", message.id),
        ("webhook-timestamp", str(int(at.timestamp()))),
        ("webhook-signature", Webhook(secret).sign(message.id, at, message.body)),
    ]
    return [h11.Request(method="POST", target=path, headers=headers), h11.Data(data=body), h11.EndOfMessage()]


async def _status(connection: h11.Connection, reader: asyncio.StreamReader) -> int:
    """The status of the answer; what an answer announces before itself is passed over. Raises RemoteProtocolError."""
    seen = 0
    while True:
        event = connection.next_event()
        if isinstance(event, h11.Response):
            return event.status_code
        if event is h11.NEED_DATA:
            data = await reader.read(4_096)
            seen += len(data)
            if seen > MOST_BYTES:
                raise h11.RemoteProtocolError("too long")
            connection.receive_data(data)
        elif not isinstance(event, h11.InformationalResponse):
            raise h11.RemoteProtocolError("no answer")
