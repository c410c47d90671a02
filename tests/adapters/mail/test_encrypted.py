"""Mail goes out encrypted where the server can, and only to the server that is meant (RFC 3207)."""

import asyncio
import socket
import ssl
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapters.mail.smtp import MailServer


class Taken:
    """Takes mail that comes encrypted; how many came."""

    def __init__(self) -> None:
        self.encrypted: list[bool] = []

    async def handle_DATA(self, _: SMTP, session: Session, __: Envelope) -> str:  # noqa: N802  aiosmtpd's name
        """Note whether it came encrypted."""
        self.encrypted.append(session.ssl is not None)
        return "250 OK"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of 127.0.0.1 that vouches for itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = tmp_path / "mail.pem"
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def unused_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def sent_through(certificate: Path, port: int) -> Taken:
    """What a server that offers STARTTLS takes of one mail."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    taken = Taken()
    server = Controller(taken, hostname="127.0.0.1", port=port, tls_context=context, require_starttls=True)
    server.start()
    try:
        message = EmailMessage()
        message.set_content("六个数字")
        sending = MailServer.parse(f"smtp://127.0.0.1:{port}").send(message, "a@example.org", ["b@example.org"])
        asyncio.run(sending)
    finally:
        server.stop()
    return taken


def test_mail_goes_out_by_starttls_to_a_server_that_is_vouched_for(
    certificate: Path, unused_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert sent_through(certificate, unused_port).encrypted == [True]


def test_nothing_goes_to_a_server_that_nobody_vouches_for(certificate: Path, unused_port: int) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        sent_through(certificate, unused_port)
