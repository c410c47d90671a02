"""Sending mail through a server of the operator's: `smtp://` with STARTTLS where it is offered, `smtps://`."""

import asyncio
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

TIMEOUT_S = 20.0
_PORTS = {"smtp": 587, "smtps": 465}


class BadMailServer(ValueError):
    """An address of a mail server that cannot be meant; the message says how it is written."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """A mail server; `tls`: encrypted from the first byte on. Without `user` nobody logs in."""

    host: str
    port: int
    tls: bool
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, text: str) -> "MailServer":
        """A server written `smtp://user:password@host:port`. Raises BadMailServer."""
        parts = urlsplit(text)
        try:
            port = parts.port or _PORTS[parts.scheme]
        except (KeyError, ValueError):
            raise BadMailServer("write it as smtp://user:password@host:port, or smtps://…") from None
        if not parts.hostname:
            raise BadMailServer("write it as smtp://user:password@host:port, or smtps://…")
        user, password = (unquote(one) if one else None for one in (parts.username, parts.password))
        return cls(parts.hostname, port, parts.scheme == "smtps", user, password)

    async def send(self, message: EmailMessage, sender: str, recipients: Sequence[str]) -> None:
        """Hand a message over. Raises OSError and smtplib.SMTPException; then nobody, or not everybody, has it."""
        await asyncio.to_thread(self._send, message, sender, recipients)

    def _send(self, message: EmailMessage, sender: str, recipients: Sequence[str]) -> None:
        with self._connected() as server:
            if not self.tls and server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
                server.ehlo()
            if self.user is not None:
                server.login(self.user, self.password or "")
            refused = server.send_message(message, sender, list(recipients))
        if refused:
            raise smtplib.SMTPRecipientsRefused(refused)

    def _connected(self) -> smtplib.SMTP:
        if self.tls:
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_S, context=context)
        server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_S)
        server.ehlo()
        return server
