"""What commands on the facts of the work answer, and the shapes in which they are read, for OpenAPI."""

from datetime import date, datetime
from typing import Any

from pydantic import Field

from adapters.http.answers import Answer
from adapters.http.case_answers import HistoryItem
from domain.case.words import Channel
from domain.work.facts import OrderField


class FactAnswered(Answer):
    """What a command on a fact answers."""

    id: str = Field(description="its id")
    version: int = Field(description="number of events, as in the ETag")
    position: int = Field(description="position of the log that holds this, for `min_position`")


class _Listed(Answer, extra="forbid"):
    """What every fact in a list has."""

    id: str = Field(description="its id")
    version: int = Field(description="number of events")
    position: int = Field(description="position of its last event in the log")
    month: str = Field(description="the local month it counts for", examples=["2026-03"])
    withdrawn: bool = Field(description="it should never have been recorded")


class OrderInList(_Listed):
    """A service order without personal data."""

    subject: str = Field(description="the member, as a person of `/subjects`")
    agent: str = Field(description="who entered it")
    follow_up: str | None = Field(description="who follows it up")
    at: datetime = Field(description="when it was entered, UTC")
    day: date = Field(description="the local day of that")
    merchant: str | None = Field(description="id of the merchant")
    signed: bool = Field(description="the merchant was signed")
    recommended: bool = Field(description="the merchant was key recommended")
    steered: bool = Field(description="placed away from a signed merchant")
    channel: Channel | None = Field(description="where it came in")
    tables: int | None = Field(description="number of tables")
    new_member: bool | None = Field(description="new member or existing one")
    gold_card: bool = Field(description="gold-card member")
    dining_time: datetime | None = Field(description="when the guest dines, UTC")
    amount_fen: int | None = Field(description="amount spent, whole fen")
    special: bool = Field(description="there is something special")
    step: str = Field(description="the last step taken")
    seated: bool | None = Field(description="the guest was seated; null: not known")
    cancelled: bool = Field(description="it was cancelled")
    reported_back: bool = Field(description="the guest heard how it stands")
    done: bool = Field(description="its course has ended")
    valid: bool | None = Field(description="complete, right and seated (W-1); null until its course has ended")
    missing: list[OrderField] = Field(description="items missing")
    wrong: list[OrderField] = Field(description="items wrong")


class FactInList(_Listed):
    """A fact of W-2 to W-9 without personal data."""

    kind: str = Field(description="which kind of fact")
    agent: str | None = Field(description="whose it is")
    at: datetime | None = Field(description="when it happened, UTC; null for what is of a week or month")
    case: str | None = Field(description="id of its case")
    status: str | None = Field(description="of conduct reports and quality reviews: how far they have come")
    data: dict[str, Any] = Field(description="its other fields, as far as they are not personal")


class OrderList(Answer):
    """A page of orders."""

    items: list[OrderInList] = Field(description="the last recorded first")
    next: str | None = Field(description="`after` of the next page; null on the last")


class FactList(Answer):
    """A page of facts."""

    items: list[FactInList] = Field(description="the last recorded first")
    next: str | None = Field(description="`after` of the next page; null on the last")


class FactShown(Answer, extra="forbid"):
    """A fact as it stands, with its history; personal data is opened or masked by who reads."""

    id: str = Field(description="its id")
    kind: str = Field(description="which kind of fact", examples=["orders"])
    version: int = Field(description="number of events, as in the ETag")
    position: int = Field(description="position of its last event in the log")
    status: str | None = Field(description="of conduct reports and quality reviews: how far they have come")
    withdrawn: bool = Field(description="it should never have been recorded")
    data: dict[str, Any] = Field(description="its fields as they stand")
    history: list[HistoryItem] = Field(description="its events, oldest first")
