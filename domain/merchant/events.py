"""The events of a partner merchant (合作商家). Stored for ever."""

from datetime import date

from domain.kernel import Event, event


@event("merchant.registered")
class Registered(Event):
    """A merchant is known from now on, under an id that is never given again."""

    id: str
    name: str


@event("merchant.signing_changed")
class SigningChanged(Event):
    """From a local day on the merchant is signed (签约), or is not."""

    from_day: date
    signed: bool


@event("merchant.recommendation_changed")
class RecommendationChanged(Event):
    """From a local day on the merchant is key recommended (重点推荐), or is not."""

    from_day: date
    recommended: bool
