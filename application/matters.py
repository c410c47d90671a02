"""What a voucher is about, and how its lines are known outside.

A line's id is `<voucher>.<line>`, an appeal's `<voucher>.<line>.<appeal>`: the stream and numbers counted from 1.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from application.event_log import Stream
from application.streams import voucher_stream
from domain.ledger.decisions import NoSuchLine
from domain.ledger.lines import Code
from domain.ledger.voucher import VOUCHER, Voucher
from domain.values import Month


class MatterKind(StrEnum):
    """What kinds of causes have lines."""

    ORDER = "order"
    CASE = "case"
    CONDUCT = "conduct"
    FACT = "fact"
    MONTH = "month"


@dataclass(frozen=True, slots=True, order=True)
class Matter:
    """One cause of lines.

    An order; a case with the reports that name it; another report; another fact; what the facts of a month come to
    under one code.
    """

    kind: MatterKind
    key: str

    @classmethod
    def of(cls, kind: MatterKind, stream: UUID) -> "Matter":
        """What has a stream of its own."""
        return cls(kind, str(stream))

    @classmethod
    def monthly(cls, month: Month, code: Code) -> "Matter":
        """What the facts of a month come to under one code."""
        return cls(MatterKind.MONTH, f"{month}:{code}")

    @classmethod
    def parse(cls, text: str) -> "Matter":
        """A matter in its text form."""
        kind, _, key = text.partition(":")
        return cls(MatterKind(kind), key)

    @property
    def id(self) -> UUID:
        """The stream of the cause, where it is not a month."""
        return UUID(self.key)

    @property
    def month(self) -> tuple[Month, Code]:
        """The month and the code, where it is one."""
        month, code = self.key.split(":")
        return Month.parse(month), Code(code)

    @property
    def voucher(self) -> Stream[Voucher]:
        """The stream of its lines."""
        return voucher_stream(str(self))

    def __str__(self) -> str:
        return f"{self.kind}:{self.key}"


@dataclass(frozen=True, slots=True)
class LineRef:
    """A line by its id."""

    voucher: UUID
    number: int

    @classmethod
    def parse(cls, text: str) -> "LineRef":
        """A line's id. Raises NoSuchLine for what cannot be one."""
        voucher, _, number = text.partition(".")
        return cls(_uuid(voucher), _number(number))

    @property
    def stream(self) -> Stream[Voucher]:
        """The voucher it stands in."""
        return Stream(self.voucher, VOUCHER)

    def __str__(self) -> str:
        return f"{self.voucher}.{self.number}"


def parse_appeal(text: str) -> tuple[LineRef, int]:
    """An appeal's id: the line and the number of the appeal. Raises NoSuchLine for what cannot be one."""
    line, _, appeal = text.rpartition(".")
    return LineRef.parse(line), _number(appeal)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NoSuchLine("there is no such line") from None


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):  # noqa: PLR2004  no voucher is as long
        raise NoSuchLine("there is no such line")
    return int(text)
