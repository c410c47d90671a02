"""What the environment sets, read once and checked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from adapters.auth.provider import Client
from adapters.embedded_postgres import default_home
from adapters.mail.outbox import Post
from adapters.mail.smtp import BadMailServer, MailServer
from adapters.webhooks.guard import Allowed, BadAllowed

LOOPBACK = "127.0.0.1"
_ADDRESS = re.compile(r"[^\s@,<>]+@[^\s@,<>]+")


class BadSetting(ValueError):
    """A setting that cannot be used; the message names the variable and what it takes."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The service's settings.

    home: folder of the embedded server and the master key (REDRESS_HOME).
    host: the address at which the console and the API answer (REDRESS_HOST).
    port: of the console and the API there (PORT).
    database_url: a PostgreSQL of the operator's instead of the embedded one (REDRESS_DATABASE_URL).
    keys_database_url: a PostgreSQL of its own for the keys of persons (REDRESS_KEYS_DATABASE_URL); None: with the log.
    requests_per_minute: how many requests one caller may send (REDRESS_REQUESTS_PER_MINUTE).
    post: through which mail server the digest of a day's report goes to whom (REDRESS_SMTP_URL, REDRESS_MAIL_FROM,
    REDRESS_REPORT_RECIPIENTS); None: reports are kept and shown.
    time_stamps: the address of an authority that stamps signed heads, RFC 3161 (REDRESS_TIME_STAMP_URL); None: nobody.
    provider: the identity provider at which people sign in (REDRESS_OIDC_ISSUER, REDRESS_OIDC_CLIENT_ID,
    REDRESS_OIDC_CLIENT_SECRET, REDRESS_OIDC_CLAIM); None: nobody does.
    local_sign_in: whether people sign in with local passwords and keys at the console (REDRESS_LOCAL_SIGN_IN: on, off).
    public_url: where people reach the console, for addresses that go out (REDRESS_PUBLIC_URL); None: as they asked.
    webhook_allowed: to which internal hosts and networks webhooks may go (REDRESS_WEBHOOK_ALLOWED).
    """

    home: Path
    host: str = LOOPBACK
    port: int = 8000
    database_url: str | None = None
    keys_database_url: str | None = None
    requests_per_minute: int = 120_000
    post: Post | None = None
    time_stamps: str | None = None
    provider: Client | None = None
    local_sign_in: bool = True
    public_url: str | None = None
    webhook_allowed: Allowed = field(default_factory=Allowed)

    @property
    def public(self) -> bool:
        """Whether other machines reach it."""
        return not ip_address(self.host).is_loopback


def settings(env: Mapping[str, str]) -> Settings:
    """The settings of an environment. Raises BadSetting."""
    return Settings(
        home=Path(env["REDRESS_HOME"]).expanduser() if env.get("REDRESS_HOME") else default_home(),
        host=_host(env),
        port=_whole(env, "PORT", 8000, most=65535),
        database_url=_database(env, "REDRESS_DATABASE_URL"),
        keys_database_url=_database(env, "REDRESS_KEYS_DATABASE_URL"),
        requests_per_minute=_whole(env, "REDRESS_REQUESTS_PER_MINUTE", 120_000, most=10**9),
        post=_post(env),
        time_stamps=_address(env, "REDRESS_TIME_STAMP_URL"),
        provider=_provider(env),
        local_sign_in=_local_sign_in(env),
        public_url=_address(env, "REDRESS_PUBLIC_URL"),
        webhook_allowed=_allowed(env, "REDRESS_WEBHOOK_ALLOWED"),
    )


def _database(env: Mapping[str, str], name: str) -> str | None:
    url = env.get(name)
    try:
        conninfo_to_dict(url or "")
    except ProgrammingError as error:
        # not its text, which may hold a password
        raise BadSetting(f"{name} is no address of a database: write it as postgresql://NAME@HOST/DATABASE") from error
    return url or None


def _host(env: Mapping[str, str]) -> str:
    text = env.get("REDRESS_HOST") or LOOPBACK
    try:
        return str(ip_address(text))
    except ValueError as error:
        raise BadSetting(f"REDRESS_HOST is {text!r}: give an address of this machine such as 0.0.0.0") from error


def _post(env: Mapping[str, str]) -> Post | None:
    url, recipients = env.get("REDRESS_SMTP_URL"), env.get("REDRESS_REPORT_RECIPIENTS", "")
    named = tuple(one for text in recipients.split(",") if (one := text.strip()))
    if not url and not named:
        return None
    sender = env.get("REDRESS_MAIL_FROM")
    if not (url and named and sender):
        raise BadSetting("mail needs REDRESS_SMTP_URL, REDRESS_MAIL_FROM and REDRESS_REPORT_RECIPIENTS: set all three")
    for name, address in [("REDRESS_MAIL_FROM", sender), *(("REDRESS_REPORT_RECIPIENTS", one) for one in named)]:
        if not _ADDRESS.fullmatch(address):
            raise BadSetting(f"{name} has {address!r}: write addresses as name@example.org, with commas between them")
    try:
        return Post(MailServer.parse(url), sender, named)
    except BadMailServer as error:
        raise BadSetting(f"REDRESS_SMTP_URL: {error}") from error


def _provider(env: Mapping[str, str]) -> Client | None:
    issuer = _address(env, "REDRESS_OIDC_ISSUER")
    if issuer is None:
        return None
    if not issuer.startswith("https://") and not re.match(r"http://(127\.0\.0\.1|localhost)[:/]", issuer):
        raise BadSetting(f"REDRESS_OIDC_ISSUER is {issuer!r}: secrets go there, so it must be https")
    client, secret = env.get("REDRESS_OIDC_CLIENT_ID"), env.get("REDRESS_OIDC_CLIENT_SECRET")
    if not (client and secret):
        raise BadSetting(
            "REDRESS_OIDC_ISSUER needs REDRESS_OIDC_CLIENT_ID and REDRESS_OIDC_CLIENT_SECRET: set all three"
        )
    return Client(issuer, client, secret, env.get("REDRESS_OIDC_CLAIM") or "preferred_username")


def _local_sign_in(env: Mapping[str, str]) -> bool:
    """Without a provider there is no other way in."""
    text = env.get("REDRESS_LOCAL_SIGN_IN") or "on"
    if text not in {"on", "off"} or (text == "off" and not env.get("REDRESS_OIDC_ISSUER")):
        raise BadSetting(f"REDRESS_LOCAL_SIGN_IN is {text!r}: say on, or off where REDRESS_OIDC_ISSUER is set")
    return text == "on"


def _address(env: Mapping[str, str], name: str) -> str | None:
    address = env.get(name) or None
    if address is not None and not re.fullmatch(r"https?://[^\s/]\S*", address):
        raise BadSetting(f"{name} is {address!r}: write an address as https://stamps.example.org/")
    return address


def _allowed(env: Mapping[str, str], name: str) -> Allowed:
    try:
        return Allowed.parse(env.get(name, ""))
    except BadAllowed as error:
        raise BadSetting(f"{name}: {error}; write hosts and networks with commas between them") from error


def _whole(env: Mapping[str, str], name: str, default: int, *, most: int) -> int:
    text = env.get(name) or str(default)
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise BadSetting(f"{name} is {text!r}: give a whole number from 1 to {most}")
    return int(text)
