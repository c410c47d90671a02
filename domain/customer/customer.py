"""A customer as far as decisions go: class and the "do not text" mark. The person stands sealed in the cases."""

from dataclasses import dataclass, replace

from domain.case.words import CustomerClass
from domain.customer import events as e
from domain.kernel import Decider, Event


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer's class once evaluated (None: as stated at receipt), and whether texts may be sent."""

    customer_class: CustomerClass | None = None
    texts_allowed: bool = True


def evolve(customer: Customer, event: Event) -> Customer:
    """Fold one event into the state."""
    match event:
        case e.ClassChanged():
            return replace(customer, customer_class=event.customer_class)
        case e.TextingChanged():
            return replace(customer, texts_allowed=event.allowed)
        case _:
            return customer


CUSTOMER = Decider("customer", Customer(), evolve)


def change_class(_: Customer, changed: e.ClassChanged) -> list[Event]:
    """C-9: record an evaluation; also one that confirms the class stays on record with its grounds."""
    return [changed]


def allow_texts(customer: Customer, *, allowed: bool) -> list[Event]:
    """Mark whether the customer may be sent texts; a repeat is nothing."""
    return [] if customer.texts_allowed is allowed else [e.TextingChanged(allowed=allowed)]
