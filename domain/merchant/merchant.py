"""A partner merchant: registered once; signed and key recommended, each from a day."""

from dataclasses import dataclass, replace
from datetime import date

from domain.kernel import Decider, Event, Refusal, Unknown
from domain.merchant import events as e

Dated = tuple[tuple[date, bool], ...]


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


class NoSuchMerchant(Unknown):
    """There is no merchant with this id."""


def register(merchant: Merchant, merchant_id: str, name: str) -> list[Event]:
    """Register a merchant. Raises AlreadyRegistered for an id that was given before."""
    if merchant.name is not None:
        raise AlreadyRegistered("a merchant with this id exists: choose another id", pointer="/id")
    return [e.Registered(id=merchant_id, name=name)]


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
