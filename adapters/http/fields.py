"""The kinds of field in requests, checked at the door: what cannot be stored, shown or exported safely stays out."""

import re
from datetime import UTC, date
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from domain.values import FIRST_YEAR, LAST_YEAR

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_FORMULA = re.compile(r"^\s*(=|@\w+\(|[+\-]\s*[A-Za-z_]+\(|[=+\-@].*\|.*!)")
_UNSEEN = re.compile("[\\s\u200b-\u200f\u2060\ufeff]+")
_NUMBER = re.compile(r"[1-9][0-9]*")
_DAY = re.compile(r"^\d{4}-\d\d-\d\d$")
_RFC3339 = re.compile(r"^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$")


class Body(BaseModel):
    """A request body: unknown fields are refused, so that a misspelt one is never lost in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _clean(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("contains a control character or a character that turns the writing direction: remove it")
    if _FORMULA.match(text):
        raise ValueError("begins like a spreadsheet formula: put a word before it")
    if not _UNSEEN.sub("", text):
        raise ValueError("is empty: say it in words")
    return text


def _written_time(value: Any) -> Any:
    """Times come as RFC 3339 text with their offset; numbers, days and naive times are refused."""
    if isinstance(value, str) and _RFC3339.match(value):
        return value
    raise ValueError('write the time with its offset, such as "2026-03-01T09:30:00+08:00" (RFC 3339)')


def _written_number(value: Any) -> Any:
    """A number in a path, written in one way alone: `1`, not `01` or `1.0`."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return value
    raise ValueError("write the number in digits, such as 1")


def _written_day(value: Any) -> Any:
    """Days come as ISO 8601 text; numbers and moments are refused."""
    if isinstance(value, str) and _DAY.match(value):
        return value
    raise ValueError('write the day as "2026-03-01" (ISO 8601)')


D = TypeVar("D", bound=date)


def _within_calendar(value: D) -> D:
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise ValueError(f"lies outside the years {FIRST_YEAR} to {LAST_YEAR}")
    return value


def _written_month(value: str) -> str:
    if not 1 <= int(value[5:]) <= 12:  # noqa: PLR2004  months of a year
        raise ValueError('write the month as "2026-03"')
    return value


Line = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_clean)]
"""One line about a person or a thing."""
Text = Annotated[str, Field(min_length=1, max_length=20_000), AfterValidator(_clean)]
"""Free text."""
Reference = Annotated[str, Field(pattern=r"^[\w][\w .:/#+\-]{0,99}$", examples=["PR-7"])]
"""An id or reference of another system or book: letters, digits and `.:/#+-` and spaces, at most 100."""
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_\-]{0,39}$", examples=["a1001"])]
"""An id given by people here, such as an employee number."""
Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", examples=["photo"])]
"""A kind, in snake_case."""
NumberInPath = Annotated[int, BeforeValidator(_written_number)]
"""A number by which something is named, from 1."""
Time = Annotated[
    AwareDatetime,
    BeforeValidator(_written_time),
    AfterValidator(_within_calendar),
    # PostgreSQL reads no offset of 16 hours and more
    AfterValidator(lambda time: time.astimezone(UTC)),
]
"""A moment, RFC 3339 with offset."""
Day = Annotated[date, BeforeValidator(_written_day), AfterValidator(_within_calendar)]
"""A local day, ISO 8601."""
MonthText = Annotated[str, Field(pattern=r"^(19|[2-8]\d)\d\d-\d\d$"), AfterValidator(_written_month)]
"""A local month, written `2026-03`."""
Fen = Annotated[int, Field(ge=0, le=10**12, strict=True)]
"""Money in whole fen."""
Number = Annotated[int, Field(ge=1, le=10_000, strict=True)]
"""The number of a demand, option or escalation, counted from 1."""
Truth = Annotated[bool, Field(strict=True)]
"""true or false, nothing that merely looks like it."""
