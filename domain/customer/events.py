"""The events of a customer (客户 / 会员). Stored for ever; the grounds are sealed to the person."""

from domain.case.words import CustomerClass
from domain.kernel import Event, event
from domain.values import Private


@event("customer.class_changed")
class ClassChanged(Event):
    """C-9: the outcome of an evaluation, with each of its steps on record."""

    customer_class: CustomerClass
    collected: Private
    planned: Private
    evaluated: Private
    decided: Private
    adjusted: Private | None = None


@event("customer.texting_changed")
class TextingChanged(Event):
    """Rulebook part 1: whether the customer may be sent text messages."""

    allowed: bool
