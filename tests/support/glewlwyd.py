"""A real identity provider for tests: Debian's glewlwyd, with a database, a client and people of its own."""

import os
import shutil
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

SCHEMA = Path("/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3")
ADMIN = {"username": "admin", "password": "password"}
"""As its schema has it."""
PASSWORD = "copper-walrus-lantern"  # noqa: S105  of people of the tests
CLIENT, SECRET = "redress", "a secret of the client's own"
BACK = "http://redress.test/sign-in/provider/back"
CONFIG = """
port={port}
bind_address="127.0.0.1"
external_url="http://127.0.0.1:{port}"
api_prefix="api"
log_mode="file"
log_level="WARNING"
log_file="{folder}/glewlwyd.log"
cookie_secure=0
session_expiration=3600
session_key="GLEWLWYD2_SESSION_ID"
login_api_enabled=true
admin_scope="g_admin"
profile_scope="g_profile"
user_module_path="/usr/lib/glewlwyd/user"
client_module_path="/usr/lib/glewlwyd/client"
user_auth_scheme_module_path="/usr/lib/glewlwyd/scheme"
plugin_module_path="/usr/lib/glewlwyd/plugin"
hash_algorithm="SHA512"
database={{ type="sqlite3"; path="{folder}/glewlwyd.db"; }};
"""


@dataclass(frozen=True, slots=True)
class Glewlwyd:
    """A running provider, and the browser of somebody there."""

    address: str
    process: subprocess.Popen[bytes]

    @property
    def issuer(self) -> str:
        """What it calls itself."""
        return f"{self.address}/api/oidc"

    def signed_in(self, going_to: str, username: str) -> dict[str, str]:
        """Sign somebody in where we have sent them, and agree; the query with which they are sent back."""
        with httpx2.Client(base_url=self.address, trust_env=False) as browser:
            _ok(browser.post("/api/auth/", json={"username": username, "password": PASSWORD}))
            _ok(browser.put(f"/api/auth/grant/{CLIENT}", json={"scope": "openid"}))
            answer = browser.get(going_to + "&g_continue")
        assert answer.status_code == 302, answer.text
        back = answer.headers["location"]
        assert back.startswith(BACK), back
        return dict(parse_qsl(urlsplit(back).query))


@contextmanager
def running_provider(folder: Path, people: list[str]) -> Iterator[Glewlwyd]:
    """glewlwyd with these people; skipped loudly where it is not installed, a failure in CI."""
    program = shutil.which("glewlwyd")
    if program is None:
        message = "no identity provider to sign in at: apt install glewlwyd"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with sqlite3.connect(folder / "glewlwyd.db") as database:
        database.executescript(SCHEMA.read_text())
    database.close()
    port = _free_port()
    config = folder / "glewlwyd.conf"
    config.write_text(CONFIG.format(port=port, folder=folder))
    process = subprocess.Popen([program, "--config-file", str(config)], stdout=subprocess.DEVNULL)
    provider = Glewlwyd(f"http://127.0.0.1:{port}", process)
    try:
        _furnish(provider, people)
        yield provider
    finally:
        process.terminate()
        process.wait(20)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _furnish(provider: Glewlwyd, people: list[str]) -> None:
    with httpx2.Client(base_url=provider.address, trust_env=False, timeout=20) as admin:
        for _ in range(200):
            try:
                _ok(admin.post("/api/auth/", json=ADMIN))
                break
            except httpx2.TransportError:
                time.sleep(0.1)
        _ok(admin.post("/api/mod/plugin/", json=_plugin(provider)))
        _ok(admin.post("/api/client/", json=_client()))
        for name in people:
            user = {"username": name, "password": PASSWORD, "scope": ["openid"], "enabled": True, "name": name}
            _ok(admin.post("/api/user/", json=user))


def _plugin(provider: Glewlwyd) -> dict[str, Any]:
    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    parameters = {
        "iss": provider.issuer,
        "jwt-type": "rsa",
        "jwt-key-size": "256",
        "key": private.decode(),
        "cert": public.decode(),
        "access-token-duration": 600,
        "refresh-token-duration": 600,
        "code-duration": 60,
        "auth-type-code-enabled": True,
        "auth-type-implicit-enabled": False,
        "auth-type-refresh-enabled": False,
        "jwks-show": True,
        "pkce-allowed": True,
        "pkce-method-plain-allowed": False,
        "subject-type": "public",
        "session-management-allowed": True,
        "session-cookie-name": "SESSION",
        "session-cookie-expiration": 600,
        "claims": [{"name": "preferred_username", "type": "string", "user-property": "username", "mandatory": True}],
    }
    return {"module": "oidc", "name": "oidc", "display_name": "oidc", "parameters": parameters}


def _client() -> dict[str, Any]:
    return {
        "client_id": CLIENT,
        "name": "Redress",
        "confidential": True,
        "password": SECRET,
        "client_secret": SECRET,
        "redirect_uri": [BACK],
        "authorization_type": ["code"],
        "token_endpoint_auth_method": ["client_secret_basic"],
        "scope": ["openid"],
        "enabled": True,
    }


def _ok(answer: httpx2.Response) -> None:
    assert answer.status_code == 200, (answer.request.url, answer.status_code, answer.text)
