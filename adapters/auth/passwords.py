"""Local passwords: argon2id, refused where everybody would guess them, and closed for a while after failed tries.

A try is counted before the password is looked at, so that many at once are not more than one after the other; a
number that nobody has costs as much time, and is closed as soon, as one that somebody has.
"""

import asyncio
import hashlib
import secrets
import string
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import TypeVar

import structlog
from psycopg.rows import class_row
from pwdlib import PasswordHash

from adapters.auth.actors import Actors
from adapters.auth.admitted import Admitted
from adapters.auth.service_accounts import check_person
from adapters.postgres.pool import Pool
from domain.values import Actor, AgentId

T = TypeVar("T")
Tell = Callable[[AgentId, datetime], Awaitable[None]]
_log = structlog.get_logger()
SHORTEST, LONGEST = 12, 200
FREE_TRIES = 5
"""How many tries may fail before the account is closed: for a minute, and for twice as long after each further one."""
LONGEST_CLOSED = timedelta(hours=1)
FORGOTTEN_AFTER = timedelta(days=1)
"""After how long without a try the failed ones are forgotten."""
TEMPORARY_FOR = timedelta(days=7)
"""How long a password is good that somebody else has set."""
AT_ONCE = 2
"""How many passwords are looked at at the same time: each takes a processor and 64 MiB."""
_GENERATED = string.ascii_lowercase + string.digits
_LEET = str.maketrans("013457@$", "oieastas")
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiopasdfghjklzxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm")

_TRY = """
INSERT INTO access.sign_in_tries AS t (account, failed, last_at) VALUES (%(account)s, 1, now())
ON CONFLICT (account) DO UPDATE SET last_at = now(),
    failed = CASE WHEN t.last_at < now() - %(forgotten)s THEN 1 ELSE t.failed + 1 END,
    closed_until = CASE WHEN t.last_at >= now() - %(forgotten)s AND t.failed + 1 >= %(free)s
        THEN now() + least(%(longest)s, interval '1 minute' * 2 ^ least(t.failed + 1 - %(free)s, 20)) END
WHERE t.closed_until IS NULL OR t.closed_until <= now()
RETURNING failed, closed_until"""
_CLOSED = "SELECT closed_until FROM access.sign_in_tries WHERE account = %s"
_FORGET = "DELETE FROM access.sign_in_tries WHERE last_at < now() - %s"
_FIND = """
SELECT hash FROM access.passwords WHERE agent = %s AND NOT (temporary AND changed_at < now() - %s)"""
_GIVE = """
INSERT INTO access.passwords (agent, hash, temporary) VALUES (%s, %s, %s)
ON CONFLICT (agent) DO UPDATE SET hash = excluded.hash, temporary = excluded.temporary, changed_at = now()"""
_END_SESSIONS = "UPDATE access.sessions SET ended_at = now() WHERE agent = %s AND ended_at IS NULL"
_LET_IN = """
WITH failed AS (DELETE FROM access.sign_in_tries WHERE account = %(account)s RETURNING failed - 1 AS tries)
UPDATE access.passwords SET failed_before = failed.tries, signed_in_at = now() FROM failed WHERE agent = %(agent)s"""
_SEEN = "SELECT temporary, changed_at, failed_before, signed_in_at FROM access.passwords WHERE agent = %s"


class Fault(StrEnum):
    """Why a password is refused."""

    LENGTH = "has a wrong length: take 12 to 200 characters, such as four words"
    OWN_NUMBER = "contains your employee number: take something that nobody knows of you"
    COMMON = "is one of those that everybody tries first: take four words that do not belong together"


class WeakPassword(Exception):
    """A password that would be guessed."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"this password {fault}")
        self.fault = fault


class SignInClosed(Exception):
    """Too many tries have failed; until: when the next one is looked at."""

    def __init__(self, until: datetime) -> None:
        super().__init__("too many tries with this number have failed: wait, or come in another way")
        self.until = until


@dataclass(frozen=True, slots=True)
class Kept:
    """What its owner sees of a password. failed_before: tries that had failed before the last sign-in."""

    temporary: bool
    changed_at: datetime
    failed_before: int
    signed_in_at: datetime | None

    @property
    def was_closed(self) -> bool:
        """Whether so many tries had failed that the account was closed for a while."""
        return self.failed_before >= FREE_TRIES


class Passwords:
    """Gives, changes and checks passwords. tell: lets somebody know that their number was closed, until when."""

    def __init__(self, pool: Pool, actors: Actors, admitted: Admitted, tell: Tell | None = None) -> None:
        self._pool, self._actors, self._admitted, self._tell = pool, actors, admitted, tell
        self._telling: set[asyncio.Task[None]] = set()
        self._hashing = PasswordHash.recommended()
        self._dummy = self._hashing.hash(secrets.token_urlsafe())
        self._free = asyncio.Semaphore(AT_ONCE)

    async def give(self, agent: AgentId, password: str, *, temporary: bool = False) -> None:
        """Set a password; every session of the agent ends. Raises WeakPassword, NotForPrograms."""
        check_person(agent)
        check_strength(agent, password)
        hashed = await self._aside(lambda: self._hashing.hash(password))
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute(_GIVE, (agent, hashed, temporary))
            await connection.execute(_END_SESSIONS, (agent,))
        self._admitted.forget()

    async def actor(self, number: str, password: str) -> Actor | None:
        """Who has this number and this password; None for a wrong one, or somebody who has left.

        Raises SignInClosed.
        """
        account = hashlib.sha256(number.encode()).digest()
        closed = await self._count(account)
        if not await self._right(number, password):
            if closed and self._tell:
                # aside: nobody learns from the time it takes whether somebody has this number
                telling = asyncio.create_task(self._told(AgentId(number), closed, self._tell))
                self._telling.add(telling)
                telling.add_done_callback(self._telling.discard)
            return None
        async with self._pool.connection() as connection:
            await connection.execute(_LET_IN, {"account": account, "agent": number})
        return await self._actors.of(AgentId(number))

    async def _told(self, agent: AgentId, until: datetime, tell: Tell) -> None:
        try:
            if await self._actors.of(agent):
                await tell(agent, until)
        except Exception as error:  # noqa: BLE001  they are told at the next sign-in besides
            _log.warning("closure_not_told", error=type(error).__name__)

    async def _count(self, account: bytes) -> datetime | None:
        """Count the try as failed, until it turns out to be right; until when the account closed, where it just did."""
        tried = {"account": account, "forgotten": FORGOTTEN_AFTER, "free": FREE_TRIES, "longest": LONGEST_CLOSED}
        async with self._pool.connection() as connection:
            await connection.execute(_FORGET, (FORGOTTEN_AFTER,))
            counted = await (await connection.execute(_TRY, tried)).fetchone()
            if counted is None:
                row = await (await connection.execute(_CLOSED, (account,))).fetchone()
                assert row is not None
                raise SignInClosed(row[0])
        failed, until = counted
        return until if failed == FREE_TRIES else None

    async def _right(self, number: str, password: str) -> bool:
        async with self._pool.connection() as connection:
            # what PostgreSQL takes for no text is nobody's number
            named = number if number.isprintable() else ""
            row = await (await connection.execute(_FIND, (named, TEMPORARY_FOR))).fetchone()
        looked_at = password[:LONGEST]
        matches = await self._aside(lambda: self._hashing.verify(looked_at, row[0] if row else self._dummy))
        return matches and row is not None and password == looked_at

    async def _aside(self, work: Callable[[], T]) -> T:
        async with self._free:
            return await asyncio.to_thread(work)

    async def kept(self, agent: AgentId) -> Kept | None:
        """What an agent sees of the own password; None where there is none."""
        async with self._pool.connection() as connection, connection.cursor(row_factory=class_row(Kept)) as cursor:
            return await (await cursor.execute(_SEEN, (agent,))).fetchone()


def generated() -> str:
    """A password that nobody chose: four groups of five letters and digits, 103 bits."""
    return "-".join("".join(secrets.choice(_GENERATED) for _ in range(5)) for _ in range(4))


def check_strength(agent: AgentId, password: str) -> None:
    """Raises WeakPassword for a password that is short, or one of those that are tried first."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword(Fault.LENGTH)
    plain = password.casefold()
    if agent.casefold() in plain:
        raise WeakPassword(Fault.OWN_NUMBER)
    core = plain.strip(string.digits + string.punctuation + string.whitespace)
    if not core or _is_known(core) or _is_pattern(plain):
        raise WeakPassword(Fault.COMMON)


def _is_known(core: str) -> bool:
    return bool({core, core.translate(_LEET)} & _tried_first())


def _is_pattern(plain: str) -> bool:
    """Few characters over and over, or a walk along the alphabet or the keyboard."""
    walks = [row + row for row in (*_ROWS, *(row[::-1] for row in _ROWS))]
    return len({*plain}) < 5 or any(plain in walk for walk in walks)  # noqa: PLR2004  abcabcabcabc, 112112112112


@cache
def _tried_first() -> frozenset[str]:
    lines = files("adapters.auth").joinpath("common_passwords.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))
