"""What the environment says of signing in; what is half said is refused with the way out."""

import pytest

from adapters.auth.provider import Client
from adapters.settings import BadSetting, settings

WHOLE = {
    "REDRESS_OIDC_ISSUER": "https://id.example.org/realm",
    "REDRESS_OIDC_CLIENT_ID": "redress",
    "REDRESS_OIDC_CLIENT_SECRET": "s",
}


def test_a_provider_has_an_issuer_a_client_and_a_claim() -> None:
    read = settings({**WHOLE, "REDRESS_OIDC_CLAIM": "employee", "REDRESS_LOCAL_SIGN_IN": "off"})
    assert read.provider == Client("https://id.example.org/realm", "redress", "s", "employee")
    assert not read.local_sign_in


def test_without_settings_people_sign_in_here_alone() -> None:
    read = settings({})
    assert (read.provider, read.local_sign_in, read.public_url) == (None, True, None)


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({**WHOLE, "REDRESS_OIDC_CLIENT_SECRET": ""}, "REDRESS_OIDC_CLIENT_SECRET"),
        ({**WHOLE, "REDRESS_OIDC_ISSUER": "http://id.example.org"}, "https"),
        ({**WHOLE, "REDRESS_OIDC_ISSUER": "id.example.org"}, "REDRESS_OIDC_ISSUER"),
        ({**WHOLE, "REDRESS_LOCAL_SIGN_IN": "maybe"}, "REDRESS_LOCAL_SIGN_IN"),
        ({"REDRESS_LOCAL_SIGN_IN": "off"}, "REDRESS_LOCAL_SIGN_IN"),
        ({"REDRESS_PUBLIC_URL": "redress.example.org"}, "REDRESS_PUBLIC_URL"),
        ({"REDRESS_DATABASE_URL": "the one downstairs"}, "REDRESS_DATABASE_URL"),
        ({"REDRESS_KEYS_DATABASE_URL": "postgresql://host/%zz"}, "REDRESS_KEYS_DATABASE_URL"),
    ],
)
def test_what_is_half_said_is_refused(env: dict[str, str], named: str) -> None:
    with pytest.raises(BadSetting, match=named):
        settings(env)
