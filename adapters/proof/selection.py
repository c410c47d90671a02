"""Which events a bundle holds: all, those of a case, of an agent, or of a month."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from application.clocks import streams_of
from domain.values import DEFAULT_ZONE


class _Meta(msgspec.Struct):
    at: datetime


class _Body(msgspec.Struct):
    meta: _Meta


class Kind(StrEnum):
    """What is selected by."""

    ALL = "all"
    CASE = "case"
    AGENT = "agent"
    MONTH = "month"


_decode = msgspec.json.Decoder(_Body).decode
_CONDITIONS = {Kind.CASE: "originator_id = ANY (%(sought)s)", Kind.AGENT: "position(%(sought)s::bytea in state) > 0"}


@dataclass(frozen=True, slots=True)
class Selection:
    """A choice of events. Written as `all`, `case=<id>`, `agent=<employee number>` or `month=<yyyy-mm>`.

    case: with what is recorded of its clocks. agent: every event that names the person, as who acted or as whom it
    concerns. month: recorded in that month of DEFAULT_ZONE.
    """

    kind: Kind
    value: str = ""

    def __str__(self) -> str:
        return f"{self.kind}={self.value}" if self.value else str(self.kind)

    @property
    def condition(self) -> str:
        """What SQL can say of it; `%(sought)s` is `sought`."""
        return _CONDITIONS.get(self.kind, "true")

    @property
    def sought(self) -> object:
        """The parameter of `condition`."""
        return list(streams_of(UUID(self.value))) if self.kind is Kind.CASE else msgspec.json.encode(self.value)

    def holds(self, state: bytes | None) -> bool:
        """What SQL cannot say of it. A body that cannot be read is taken in, so that it is seen."""
        if self.kind is not Kind.MONTH:
            return True
        try:
            at = _decode(state or b"").meta.at
        except (msgspec.DecodeError, UnicodeDecodeError):
            return True
        return f"{at.astimezone(ZoneInfo(DEFAULT_ZONE)):%Y-%m}" == self.value


ALL = Selection(Kind.ALL)
