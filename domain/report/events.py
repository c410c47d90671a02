"""The events of a day's report (日报, S-4). Stored for ever; free words are sealed to who wrote them."""

from dataclasses import dataclass
from datetime import date, datetime

from domain.kernel import Event, event
from domain.report.words import ItemKind
from domain.shift.words import StepKind
from domain.values import AgentId, Private


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFigures:
    """The service orders entered on the day, those withdrawn left out."""

    orders: int
    tables: int
    reported_back: int
    cancelled: int
    seated: int
    new_members: int
    existing_members: int

    @property
    def digest(self) -> dict[str, int]:
        """The six figures that go out (S-4)."""
        names = ("orders", "tables", "seated", "cancelled", "new_members", "existing_members")
        return {"dined" if name == "seated" else name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFigure:
    """How often something happened to cases on the day."""

    kind: StepKind
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something that the next day must see to; ref: the number of a case, or the id of a fact."""

    number: int
    kind: ItemKind
    ref: str | None = None
    words: Private | None = None


@event("daily_report.made")
class Made(Event):
    """S-4: the late shift has made the report of a local day, from all that is recorded up to a position."""

    date: date
    by: AgentId
    at: datetime
    upto: int
    orders: OrderFigures
    cases: tuple[CaseFigure, ...]
    open_cases: int
    items: tuple[Item, ...]


@event("daily_report.item_passed_on")
class ItemPassedOn(Event):
    """S-4: the early shift has passed an item to whom it concerns."""

    number: int
    to: AgentId
    by: AgentId
    at: datetime


@event("daily_report.item_ticked_off")
class ItemTickedOff(Event):
    """S-4: an item is seen to."""

    number: int
    by: AgentId
    at: datetime


@event("daily_report.sent")
class Sent(Event):
    """S-4: the digest went out to so many recipients; they stand in the settings."""

    recipients: int
