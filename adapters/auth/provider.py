"""Signing in at an identity provider: OpenID Connect, authorization code with PKCE, state and nonce.

Nonce and verifier are made from a secret that only the browser keeps, in a cookie; the database knows which state went
out to which browser, so that each comes back once. What the provider's address answers is trusted no further than its
signature: issuer, audience, algorithm, time and nonce of every ID token are checked.
"""

import asyncio
import base64
import hashlib
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import httpx2
from authlib.common.errors import AuthlibBaseError  # type: ignore[import-untyped]
from authlib.integrations.httpx_client import AsyncOAuth2Client  # type: ignore[import-untyped]
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from adapters.postgres.pool import Pool

COOKIE = "__Host-redress-oidc"
GOOD_FOR = timedelta(minutes=10)
"""How long somebody may take at the provider."""
KEPT_S = 3600.0
"""How long what the provider says of itself, and its keys, are kept."""
ASK_AGAIN_S = 10.0
"""How long its keys are kept at least, even where a token names one that is not among them."""
TIMEOUT_S = 5.0
LEEWAY_S = 60
"""How far the provider's clock may differ."""
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""How ID tokens may be signed: by keys of the provider's own; never with `none`, never with a shared secret."""

_BEGIN = "INSERT INTO access.oidc_sign_ins (state, browser) VALUES (%s, %s)"
_FORGET = "DELETE FROM access.oidc_sign_ins WHERE begun_at < now() - %s"
_COME_BACK = """
DELETE FROM access.oidc_sign_ins WHERE state = %s AND browser = %s AND begun_at > now() - %s RETURNING true"""


class ProviderDown(Exception):
    """The provider does not answer, or not as it should."""


class SignInRefused(Exception):
    """What has come back from the provider lets nobody in."""


@dataclass(frozen=True, slots=True)
class Client:
    """Who we are to the provider. claim: which claim of the ID token is the employee number."""

    issuer: str
    id: str
    secret: str
    claim: str


@dataclass(frozen=True, slots=True)
class Leaving:
    """Where somebody goes to sign in, and the secret that their browser keeps meanwhile."""

    address: str
    secret: str


class Provider:
    """Sends people to the provider and takes them back. transport: by which it is asked; None: the network."""

    def __init__(self, client: Client, pool: Pool, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        self.client = client
        self._pool, self._transport = pool, transport
        self._said: tuple[float, Mapping[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None
        self._asking = asyncio.Lock()

    async def leave(self, back: str) -> Leaving:
        """Where to go for signing in, to come back at the address `back`. Raises ProviderDown."""
        said = await self._metadata()
        secret, state = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        async with self._pool.connection() as connection:
            await connection.execute(_FORGET, (GOOD_FOR,))
            await connection.execute(_BEGIN, (_sha256(state), _sha256(secret)))
        async with self._oauth(back) as oauth:
            address, _ = oauth.create_authorization_url(
                said["authorization_endpoint"],
                state=state,
                nonce=_made(secret, "nonce"),
                code_verifier=_made(secret, "verifier"),
            )
        return Leaving(str(address), secret)

    async def come_back(self, given: Mapping[str, str], secret: str, back: str) -> str:
        """The employee number of who has come back with this query and cookie. Raises SignInRefused, ProviderDown."""
        await self._check_state(given.get("state", ""), secret)
        if "iss" in given and given["iss"] != self.client.issuer:
            raise SignInRefused("the answer comes from another provider")
        if "code" not in given:
            raise SignInRefused(f"the provider let nobody in ({given.get('error', 'no code')[:40]})")
        token = await self._token(given["code"], _made(secret, "verifier"), back)
        claims = await self.claims(str(token.get("id_token", "")), _made(secret, "nonce"))
        number = claims.get(self.client.claim)
        if not isinstance(number, str) or not number:
            raise SignInRefused(f"the ID token has no claim {self.client.claim}")
        return number

    async def _check_state(self, state: str, secret: str) -> None:
        """Each state is good once, and in the browser it was made for alone."""
        async with self._pool.connection() as connection:
            found = await connection.execute(_COME_BACK, (_sha256(state), _sha256(secret), GOOD_FOR))
            if await found.fetchone() is None:
                raise SignInRefused("this sign-in was not begun in this browser, or is over: begin again")

    async def _token(self, code: str, verifier: str, back: str) -> Mapping[str, Any]:
        said = await self._metadata()
        try:
            async with self._oauth(back) as oauth:
                token: Mapping[str, Any] = await oauth.fetch_token(
                    said["token_endpoint"], code=code, code_verifier=verifier, grant_type="authorization_code"
                )
        except AuthlibBaseError as error:
            raise SignInRefused("the provider does not take this code") from error
        except (httpx2.HTTPError, ValueError) as error:
            raise ProviderDown from error
        return token

    async def claims(self, id_token: str, nonce: str) -> Mapping[str, Any]:
        """What an ID token says, once all of it is checked. Raises SignInRefused, ProviderDown."""
        try:
            decoded = await self._decoded(id_token)
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                options={
                    "iss": {"essential": True, "value": self.client.issuer},
                    "aud": {"essential": True, "value": self.client.id},
                    "exp": {"essential": True},
                    "nonce": {"essential": True},
                },
                params={"nonce": nonce, "client_id": self.client.id},
            )
            claims.validate(now=int(time.time()), leeway=LEEWAY_S)
        except (JoseError, AuthlibBaseError, ValueError) as error:
            raise SignInRefused("the ID token is not for us, not of this provider, or over") from error
        return dict(claims)

    async def _decoded(self, id_token: str) -> jwt.Token:
        """Signed by a key of the provider's; who does not know the key yet asks for its keys once more."""
        keys = await self._key_set(KEPT_S)
        try:
            return jwt.decode(id_token, keys, algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            newer = await self._key_set(ASK_AGAIN_S)
            if newer is keys:
                raise
            return jwt.decode(id_token, newer, algorithms=ALGORITHMS)

    async def end_address(self, back: str) -> str | None:
        """Where one signs out at the provider as well; None where it has no such place, or is down."""
        try:
            ending = (await self._metadata()).get("end_session_endpoint")
        except ProviderDown:
            return None
        query = urlencode({"client_id": self.client.id, "post_logout_redirect_uri": back})
        return f"{ending}?{query}" if ending else None

    def _oauth(self, back: str) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            client_id=self.client.id,
            client_secret=self.client.secret,
            scope="openid profile",
            redirect_uri=back,
            code_challenge_method="S256",
            transport=self._transport,
            timeout=TIMEOUT_S,
            trust_env=False,
        )

    # ---- what the provider says of itself ---------------------------------------------------------------------------
    async def _metadata(self) -> Mapping[str, Any]:
        async with self._asking:
            if self._said is None or self._said[0] + KEPT_S < time.monotonic():
                said = await self._get(self.client.issuer.rstrip("/") + "/.well-known/openid-configuration")
                if said.get("issuer") != self.client.issuer:
                    raise ProviderDown("the provider calls itself by another name than the setting")
                self._said = time.monotonic(), said
            return self._said[1]

    async def _key_set(self, kept_s: float) -> KeySet:
        said = await self._metadata()
        async with self._asking:
            if self._keys is None or self._keys[0] + kept_s < time.monotonic():
                found: Any = await self._get(said["jwks_uri"])
                self._keys = time.monotonic(), KeySet.import_key_set(found)
            return self._keys[1]

    async def _get(self, address: str) -> dict[str, Any]:
        try:
            async with httpx2.AsyncClient(transport=self._transport, timeout=TIMEOUT_S, trust_env=False) as client:
                answer = (await client.get(address)).raise_for_status().json()
        except (httpx2.HTTPError, ValueError) as error:
            raise ProviderDown(f"the identity provider does not answer ({type(error).__name__})") from error
        if not isinstance(answer, dict):
            raise ProviderDown("the identity provider answers something else")
        return answer


def _made(secret: str, purpose: str) -> str:
    """What is made from the browser's secret for one purpose; nobody makes the secret of it."""
    return base64.urlsafe_b64encode(hashlib.sha256(f"{purpose}:{secret}".encode()).digest()).decode().rstrip("=")


def _sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
