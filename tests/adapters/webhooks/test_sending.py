"""Over TLS: to the address that was checked, by the name that was registered, and to nobody else."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from adapters.webhooks import sending
from adapters.webhooks.guard import Allowed, Guard
from adapters.webhooks.sending import Message, Outcome, send
from tests.adapters.webhooks.receiver import receiving

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105  the example of the specification
GUARD = Guard(Allowed.parse("127.0.0.0/8, ::1/128"))


def certified(folder: Path, *names: str) -> Path:
    """A certificate of its own for these names, with its key."""
    key, began = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC) - timedelta(hours=1)
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    san = [x509.DNSName(name) if name[0].isalpha() else x509.IPAddress(ip_address(name)) for name in names]
    builder = x509.CertificateBuilder().subject_name(who).issuer_name(who).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(began).not_valid_after(began + timedelta(days=2))
    made = builder.add_extension(x509.SubjectAlternativeName(san), critical=False).sign(key, hashes.SHA256())
    file = folder / "certificate.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(made.public_bytes(Encoding.PEM) + private)
    return file


async def delivered(certificate: Path) -> tuple[Outcome, int]:
    """What comes of a message to `localhost`, and how many came in."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    async with receiving(context) as receiver:
        url = f"https://localhost:{receiver.port}/hook?a=b"
        outcome = await send(Message("msg_1", url, '{"test": 2432232314}'), SECRET, NOW, GUARD)
        assert all(request.line == "POST /hook?a=b HTTP/1.1" for request in receiver.requests)
        assert all(request.signed_by(SECRET) for request in receiver.requests)
        return outcome, len(receiver.requests)


def trusted(monkeypatch: pytest.MonkeyPatch, certificate: Path) -> None:
    context = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(sending, "_tls", lambda: context)


def test_the_certificate_is_for_the_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    certificate = certified(tmp_path, "localhost")
    trusted(monkeypatch, certificate)
    assert asyncio.run(delivered(certificate)) == (Outcome(status=204), 1)


def test_a_certificate_for_the_address_alone_does_not_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    certificate = certified(tmp_path, "127.0.0.1", "::1")
    trusted(monkeypatch, certificate)
    outcome, came = asyncio.run(delivered(certificate))
    assert (outcome.fault, came) == ("the certificate, or the encryption, is not accepted", 0)


def test_who_vouches_for_itself_is_not_believed(tmp_path: Path) -> None:
    outcome, came = asyncio.run(delivered(certified(tmp_path, "localhost")))
    assert (outcome.fault, came) == ("the certificate, or the encryption, is not accepted", 0)
