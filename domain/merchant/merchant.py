"""A partner merchant: registered once; signed and key recommended, each from a day."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import reduce
from itertools import pairwise

from domain.kernel import Decider, Event, Malformed, Refusal, Unknown
from domain.merchant import events as e

Dated = tuple[tuple[date, bool], ...]
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Local days from the first to the last, both included; to_day is None where there is no end yet."""

    from_day: date
    to_day: date | None = None


@dataclass(frozen=True, slots=True)
class Merchant:
    """What decisions need to know of a merchant; `name` is None before it is registered."""

    name: str | None = None
    signings: Dated = ()
    recommendations: Dated = ()

    def signed_on(self, day: date) -> bool:
        """Whether the merchant was signed on a local day."""
        return _on(self.signings, day)

    def recommended_on(self, day: date) -> bool:
        """Whether the merchant was key recommended on a local day."""
        return _on(self.recommendations, day)


def _on(dated: Dated, day: date) -> bool:
    return max((entry for entry in dated if entry[0] <= day), key=lambda entry: entry[0], default=(day, False))[1]


def _with(dated: Dated, from_day: date, *, value: bool) -> Dated:
    return (*(entry for entry in dated if entry[0] != from_day), (from_day, value))


def evolve(merchant: Merchant, event: Event) -> Merchant:
    """Fold one event into the state."""
    match event:
        case e.Registered():
            return Merchant(event.name)
        case e.SigningChanged():
            return replace(merchant, signings=_with(merchant.signings, event.from_day, value=event.signed))
        case e.RecommendationChanged():
            recommendations = _with(merchant.recommendations, event.from_day, value=event.recommended)
            return replace(merchant, recommendations=recommendations)
        case _:
            return merchant


MERCHANT = Decider("merchant", Merchant(), evolve)


class AlreadyRegistered(Refusal):
    """A merchant's id is given once."""

    code = "already_registered"


class OnRecordOtherwise(Refusal):
    """The merchant is on record under another name, or with other periods than stated."""

    code = "merchant_otherwise"


class NoSuchMerchant(Unknown):
    """There is no merchant with this id."""


def register(merchant: Merchant, merchant_id: str, name: str) -> list[Event]:
    """Register a merchant. Raises AlreadyRegistered for an id that was given before."""
    if merchant.name is not None:
        raise AlreadyRegistered("a merchant with this id exists: choose another id", pointer="/id")
    return [e.Registered(id=merchant_id, name=name)]


def take_over(
    merchant: Merchant, merchant_id: str, name: str, signed: Sequence[Period], recommended: Sequence[Period]
) -> list[Event]:
    """W-1: put a merchant on record as another system has it, with its periods; a repeat is nothing.

    Of what is not stated nothing is recorded. Raises Malformed for periods that end before they begin or overlap, and
    OnRecordOtherwise for what is on record and not among what is stated.
    """
    if merchant.name not in {None, name}:
        detail = f"this merchant is on record as {merchant.name}: correct the name in the file"
        raise OnRecordOtherwise(detail, rule="W-1", pointer="/name")
    signings = _stated(merchant.signings, signed, "signed")
    recommendations = _stated(merchant.recommendations, recommended, "recommended")
    return [
        *([] if merchant.name else register(merchant, merchant_id, name)),
        *(e.SigningChanged(from_day=day, signed=value) for day, value in signings),
        *(e.RecommendationChanged(from_day=day, recommended=value) for day, value in recommendations),
    ]


def _stated(known: Dated, periods: Sequence[Period], field: str) -> Dated:
    """The changes that are not on record yet."""
    _check(sorted(periods, key=lambda period: period.from_day), field)
    changes = _changes(periods)
    after = reduce(lambda dated, change: _with(dated, change[0], value=change[1]), changes, known)
    if periods and _turns(after) != _turns(changes):
        begun = "、".join(f"{day} {'yes' if value else 'no'}" for day, value in _turns(known))
        detail = f"on record is {begun}: correct the file, or what is on record, so that both say the same"
        raise OnRecordOtherwise(detail, rule="W-1", pointer=f"/{field}")
    return tuple(change for change in changes if change not in known)


def _check(periods: Sequence[Period], field: str) -> None:
    for period in periods:
        if period.to_day and period.to_day < period.from_day:
            detail = f"the period from {period.from_day} ends before it begins: correct one of its days"
            raise Malformed(detail, rule="W-1", pointer=f"/{field}")
    for period, later in pairwise(periods):
        if period.to_day is None or later.from_day <= period.to_day:
            detail = f"the period from {later.from_day} begins before that from {period.from_day} has ended: join them"
            raise Malformed(detail, rule="W-1", pointer=f"/{field}")


def _changes(periods: Sequence[Period]) -> Dated:
    begins = {period.from_day for period in periods}
    ends = {period.to_day + DAY for period in periods if period.to_day}
    return (*((day, True) for day in sorted(begins)), *((day, False) for day in sorted(ends - begins)))


def _turns(dated: Dated) -> Dated:
    """The days on which something becomes otherwise, in their order."""
    turns: Dated = ()
    for day, value in sorted(dated):
        if value != (turns[-1][1] if turns else False):
            turns = (*turns, (day, value))
    return turns


def change_signing(merchant: Merchant, from_day: date, *, signed: bool) -> list[Event]:
    """Say from which day on the merchant is signed or not; a repeat is nothing. Raises NoSuchMerchant."""
    _known(merchant)
    return [] if (from_day, signed) in merchant.signings else [e.SigningChanged(from_day=from_day, signed=signed)]


def change_recommendation(merchant: Merchant, from_day: date, *, recommended: bool) -> list[Event]:
    """Say from which day on the merchant is key recommended or not; a repeat is nothing. Raises NoSuchMerchant."""
    _known(merchant)
    if (from_day, recommended) in merchant.recommendations:
        return []
    return [e.RecommendationChanged(from_day=from_day, recommended=recommended)]


def _known(merchant: Merchant) -> None:
    if merchant.name is None:
        raise NoSuchMerchant("there is no such merchant")
