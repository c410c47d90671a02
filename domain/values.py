"""Values that several aggregates share: frozen, checked where they are made."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NewType
from zoneinfo import ZoneInfo

from domain.kernel import Malformed

AgentId = NewType("AgentId", str)
"""An employee number (工号): names a person at work without saying who it is."""
CaseId = NewType("CaseId", str)
"""The UUID of a case's stream in its canonical text form."""
SubjectId = NewType("SubjectId", str)
"""A random UUID for a person about whom something is stored; never derived from a name or a number."""

DEFAULT_ZONE = "Asia/Shanghai"
"""Whose local days count where nothing else is said (rulebook, introduction)."""
FIRST_YEAR, LAST_YEAR = 1900, 9000
"""The years of which anything can be said: there is room before and after them to reckon in."""
FIRST_TARIFF_DAY = date(2000, 1, 1)
"""From when on the default tariff holds (rulebook, part 5): no tariff speaks of a day before."""
CLOCK_SKEW = timedelta(minutes=5)
"""How far in the future a stated time may lie (C-1)."""


def local_day(at: datetime, zone: str = DEFAULT_ZONE) -> date:
    """The day on which a moment falls in a time zone."""
    return at.astimezone(ZoneInfo(zone)).date()


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month, written `2026-03`."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> "Month":
        """The month of a day."""
        return cls(day.year, day.month)

    @property
    def last_day(self) -> date:
        """Its last day."""
        return date(self.year, self.number, monthrange(self.year, self.number)[1])

    @property
    def before(self) -> "Month":
        """The calendar month before."""
        return Month.of(date(self.year, self.number, 1) - timedelta(days=1))

    @property
    def after(self) -> "Month":
        """The calendar month after."""
        return Month.of(self.last_day + timedelta(days=1))

    @property
    def first_day(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @classmethod
    def parse(cls, text: str) -> "Month":
        """A month written `2026-03`. Raises ValueError, also outside the years of which anything can be said."""
        month = cls.of(date.fromisoformat(f"{text}-01"))
        if not FIRST_YEAR <= month.year <= LAST_YEAR:
            raise ValueError(f"{text} lies outside the years {FIRST_YEAR} to {LAST_YEAR}")
        return month

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


class Role(StrEnum):
    """What a person may do; the one permission table goes by it (A-4)."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    PAYROLL = "payroll"
    AUDITOR = "auditor"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Private:
    """A personal datum as it is stored: whose it is, and nonce + ciphertext + tag (AES-256-GCM).

    The associated data is the subject and the field's name, so a box cannot be moved to another place unnoticed.
    """

    subject: SubjectId
    box: bytes


@dataclass(frozen=True, slots=True)
class Actor:
    """Who gives a command: person, role, team and the limit of their authority in whole fen (C-7).

    deputy: an admin has named them to stand in for a supervisor today (L-0). scopes: what the key by which they come is
    narrowed to; None: nothing is taken from the role.
    """

    id: AgentId
    role: Role
    team: str | None = None
    limit_fen: int | None = None
    deputy: bool = False
    scopes: frozenset[str] | None = None

    @property
    def supervises(self) -> bool:
        """Whether a supervisor's authority stands behind the command."""
        return self.role is Role.SUPERVISOR


def not_in_future(at: datetime, now: datetime, pointer: str) -> None:
    """Refuse a time of something that has happened but lies more than 5 minutes ahead (C-1)."""
    if at > now + CLOCK_SKEW:
        detail = f"{pointer[1:]} lies in the future: give the time at which it happened"
        raise Malformed(detail, rule="C-1", pointer=pointer)


def in_future(at: datetime, now: datetime, pointer: str, rule: str) -> None:
    """Refuse a promised time that has already passed."""
    if at <= now:
        raise Malformed(f"{pointer[1:]} has already passed: name a time to come", rule=rule, pointer=pointer)
