"""Signing in at an identity provider: at a real one, and what comes back from a false one (ASVS 5.0, 10)."""

import base64
import hmac
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from adapters.auth import provider as signing_in
from adapters.auth.provider import Client, Provider, ProviderDown, SignInRefused
from tests.adapters.auth.coming_in import give_password, is_in, look, session_of, sign_in
from tests.adapters.http.serving import Answer, Service
from tests.support.glewlwyd import CLIENT, SECRET, Glewlwyd, running_provider

NONCE = "a nonce"


@pytest.fixture(scope="module")
def glewlwyd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Glewlwyd]:
    """A provider that knows an agent, somebody who works elsewhere, and a program."""
    with running_provider(tmp_path_factory.mktemp("glewlwyd"), ["a1001", "x9999", "svc-export"]) as running:
        yield running


def with_provider(service: Service, issuer: str, *, local: bool = True) -> None:
    """Let people sign in at this provider."""
    client = Client(issuer, CLIENT, SECRET, "preferred_username")
    parts = service.app.state.parts
    service.app.state.parts = replace(
        parts, provider=Provider(client, service.services.pool), local_sign_in=local, public_url="http://redress.test"
    )


@pytest.fixture
def at(service: Service, glewlwyd: Glewlwyd) -> Glewlwyd:
    """The service, with the provider behind its door."""
    with_provider(service, glewlwyd.issuer)
    return glewlwyd


def leave(service: Service, then: str = "/") -> tuple[str, str]:
    """Where the door sends somebody, and the cookie that they keep."""
    answer = look(service, f"/sign-in/provider?next={then}")
    assert answer.status == 303, answer.body
    return answer.headers["location"], answer.headers["set-cookie"].split(";")[0]


def come_back(service: Service, query: dict[str, str], cookie: str) -> Answer:
    """Come back with what the provider has given."""
    return look(service, "/sign-in/provider/back?" + urlencode(query), cookie)


# ---- at a real one --------------------------------------------------------------------------------------------------
def test_whoever_the_provider_knows_comes_in_and_where_they_wanted_to_go(service: Service, at: Glewlwyd) -> None:
    going_to, cookie = leave(service, "/settings/access")
    asked = parse_qs(urlsplit(going_to).query)
    assert (asked["response_type"], asked["code_challenge_method"]) == (["code"], ["S256"])
    answer = come_back(service, at.signed_in(going_to, "a1001"), cookie)
    assert (answer.status, answer.headers["location"]) == (303, "/settings/access")
    assert is_in(service, session_of(answer))
    logged = service.rows("SELECT actor, resource FROM access.reads WHERE kind = 'logged_in' ORDER BY id DESC LIMIT 1")
    assert logged == [("a1001", "provider")]


def test_an_answer_is_good_once(service: Service, at: Glewlwyd) -> None:
    going_to, cookie = leave(service)
    query = at.signed_in(going_to, "a1001")
    assert [come_back(service, query, cookie).status for _ in range(2)] == [303, 401]


def test_an_answer_is_good_in_the_browser_alone_that_asked_for_it(service: Service, at: Glewlwyd) -> None:
    going_to, _ = leave(service)
    _, cookie_of_another = leave(service)
    query = at.signed_in(going_to, "a1001")
    assert come_back(service, query, cookie_of_another).status == 401
    assert come_back(service, query, "").status == 401


def test_a_code_of_another_sign_in_is_refused_by_its_verifier(service: Service, at: Glewlwyd) -> None:
    going_to, _ = leave(service)
    stolen = at.signed_in(going_to, "a1001")["code"]
    own, cookie = leave(service)
    state = parse_qs(urlsplit(own).query)["state"][0]
    assert come_back(service, {"code": stolen, "state": state}, cookie).status == 401


@pytest.mark.parametrize("who", ["x9999", "svc-export"])
def test_who_works_elsewhere_or_is_a_program_stays_outside(service: Service, at: Glewlwyd, who: str) -> None:
    going_to, cookie = leave(service)
    answer = come_back(service, at.signed_in(going_to, who), cookie)
    assert (answer.status, "__Host-redress=" in answer.headers.get("set-cookie", "")) == (401, False)


def test_after_signing_out_here_one_can_sign_out_there(service: Service, at: Glewlwyd) -> None:
    going_to, cookie = leave(service)
    session = session_of(come_back(service, at.signed_in(going_to, "a1001"), cookie))
    headers = {"sec-fetch-site": "same-origin", "cookie": session}
    out = service.ask("POST", "/sign-out", who=None, headers=headers)
    assert (out.status, out.headers["location"]) == (303, "/sign-in?out=1")
    assert not is_in(service, session)
    assert "/sign-in/provider/out" in look(service, "/sign-in?out=1").body
    there = look(service, "/sign-in/provider/out").headers["location"]
    assert there.startswith(f"{at.issuer}/end_session?")


# ---- one that is down -----------------------------------------------------------------------------------------------
def test_a_provider_that_is_down_is_told_and_the_password_lets_in(service: Service) -> None:
    with_provider(service, "http://127.0.0.1:9/oidc")
    give_password(service)
    answer = look(service, "/sign-in/provider", "redress-language=en")
    assert answer.status == 503
    assert "The identity provider does not answer." in answer.body
    assert 'name="password"' in answer.body
    assert is_in(service, session_of(sign_in(service)))


def test_where_passwords_are_not_allowed_none_lets_in(service: Service) -> None:
    with_provider(service, "http://127.0.0.1:9/oidc", local=False)
    give_password(service)
    assert 'name="password"' not in look(service, "/sign-in/provider").body
    assert sign_in(service).status == 403


# ---- a false one ----------------------------------------------------------------------------------------------------
class Signer:
    """A provider that signs whatever it is told to."""

    issuer = "https://provider.test"

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "one"}, private=True)
        self.asked: list[str] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        """Answer for itself and its keys."""
        self.asked.append(request.url.path)
        if request.url.path == "/keys":
            return httpx2.Response(200, json={"keys": [self.key.as_dict(private=False)]})
        said = {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys"}
        return httpx2.Response(200, json=said)

    def token(self, **claims: Any) -> str:
        """An ID token as it should be, but for these claims; None leaves one out."""
        now = int(time.time())
        usual = {"iss": self.issuer, "aud": CLIENT, "sub": "s", "iat": now, "exp": now + 60, "nonce": NONCE}
        whole = {name: value for name, value in (usual | claims).items() if value is not None}
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, whole, self.key)


@pytest.fixture
def signer() -> Signer:
    return Signer()


def checked(service: Service, signer: Signer, *tokens: str) -> list[dict[str, Any]]:
    """What the tokens say to one and the same service."""
    client = Client(Signer.issuer, CLIENT, SECRET, "preferred_username")
    provider = Provider(client, service.services.pool, httpx2.MockTransport(signer))
    return [dict(service.run(provider.claims(token, NONCE))) for token in tokens]


def test_a_token_as_it_should_be_is_taken_and_keys_are_asked_for_once(service: Service, signer: Signer) -> None:
    assert [claims["sub"] for claims in checked(service, signer, signer.token(), signer.token(aud=[CLIENT]))] == [
        "s"
    ] * 2
    assert signer.asked == ["/.well-known/openid-configuration", "/keys"]


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://other.test"},
        {"aud": "somebody else"},
        {"aud": [CLIENT, "somebody else"], "azp": "somebody else"},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"nbf": int(time.time()) + 3600},
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"sub": None},
    ],
)
def test_a_token_of_another_issuer_audience_time_or_nonce_is_refused(
    service: Service, signer: Signer, claims: dict[str, Any]
) -> None:
    with pytest.raises(SignInRefused):
        checked(service, signer, signer.token(**claims))


def _by_shared_secret(secret: bytes, body: str) -> str:
    """Signed with what everybody knows, the public key, as though it were a secret."""
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"one"}').decode().rstrip("=")
    signature = hmac.digest(secret, f"{head}.{body}".encode(), "sha256")
    return f"{head}.{body}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def test_a_token_of_another_algorithm_or_key_is_refused(service: Service, signer: Signer) -> None:
    head, body, _ = signer.token().split(".")
    false = [
        f"eyJhbGciOiJub25lIn0.{body}.",
        _by_shared_secret(signer.key.as_pem(private=False), body),
        Signer().token(),
        f"{head}.{body}.AAAA",
        "no token",
        "",
    ]
    for token in false:
        with pytest.raises(SignInRefused):
            checked(service, signer, token)


def test_a_new_key_of_the_providers_is_learnt_but_not_asked_for_by_everybody(service: Service, signer: Signer) -> None:
    old = signer.token()
    provider = Provider(
        Client(Signer.issuer, CLIENT, SECRET, "sub"), service.services.pool, httpx2.MockTransport(signer)
    )
    service.run(provider.claims(old, NONCE))
    signer.key = RSAKey.generate_key(2048, {"kid": "two"}, private=True)
    with pytest.raises(SignInRefused):
        service.run(provider.claims(signer.token(), NONCE))
    assert signer.asked.count("/keys") == 1
    with patch.object(signing_in, "ASK_AGAIN_S", 0.0):
        service.run(provider.claims(signer.token(), NONCE))
    assert signer.asked.count("/keys") == 2


def test_a_provider_that_calls_itself_otherwise_is_not_believed(service: Service, signer: Signer) -> None:
    client = Client("https://provider.test/other", CLIENT, SECRET, "sub")
    provider = Provider(client, service.services.pool, httpx2.MockTransport(signer))
    with pytest.raises(ProviderDown):
        service.run(provider.leave("https://redress.test/sign-in/provider/back"))
