"""Outgoing webhooks: registered once for each address, disabled when nobody answers, enabled by a person."""

from dataclasses import replace

from domain.team.events import Renamed
from domain.values import AgentId
from domain.webhook import events as e
from domain.webhook import webhook as w
from domain.webhook.webhook import WEBHOOKS, Webhook
from domain.webhook.words import Kind
from tests.support.spec import given_of

ADMIN = AgentId("d1")
REGISTERED = e.Registered(id="w1", url="https://hooks.example.org/", kinds=(Kind.BREACH,), by=ADMIN)
DISABLED = e.Disabled(id="w1", message=7, to=ADMIN)
ENABLED = e.Enabled(id="w1", by=ADMIN)
REMOVED = e.Removed(id="w1", by=ADMIN)


def test_an_address_is_registered_once() -> None:
    given_of(WEBHOOKS).when(w.register, REGISTERED).then(REGISTERED)
    outcome = given_of(WEBHOOKS, REGISTERED).when(w.register, replace(REGISTERED, id="w2"))
    outcome.then_refused("address_taken", None, "remove that webhook first", "/url")
    given_of(WEBHOOKS, REGISTERED, REMOVED).when(w.register, replace(REGISTERED, id="w2")).then(
        replace(REGISTERED, id="w2")
    )


def test_a_kind_named_twice_counts_once() -> None:
    twice = replace(REGISTERED, kinds=(Kind.ESCALATION, Kind.BREACH, Kind.ESCALATION))
    given_of(WEBHOOKS).when(w.register, twice).then(replace(REGISTERED, kinds=(Kind.BREACH, Kind.ESCALATION)))


def test_it_is_known_until_it_is_removed() -> None:
    assert given_of(WEBHOOKS, REGISTERED).state.known == {"w1": Webhook(REGISTERED.url, REGISTERED.kinds, ADMIN)}
    given_of(WEBHOOKS, REGISTERED).when(w.remove, "w1", ADMIN).then(REMOVED)
    assert given_of(WEBHOOKS, REGISTERED, REMOVED).state.known == {}
    given_of(WEBHOOKS, REGISTERED, REMOVED).when(w.remove, "w1", ADMIN).then_refused("not_found", None, "no such")


def test_who_registered_it_is_told_once_that_it_is_disabled() -> None:
    given_of(WEBHOOKS, REGISTERED).when(w.disable, "w1", 7).then(DISABLED)
    given_of(WEBHOOKS, REGISTERED, DISABLED).when(w.disable, "w1", 8).then()
    given_of(WEBHOOKS, REGISTERED, REMOVED).when(w.disable, "w1", 8).then()


def test_a_person_enables_it_again() -> None:
    given_of(WEBHOOKS, REGISTERED, DISABLED).when(w.enable, "w1", ADMIN).then(ENABLED)
    given_of(WEBHOOKS, REGISTERED, DISABLED, ENABLED).when(w.enable, "w1", ADMIN).then()
    given_of(WEBHOOKS).when(w.enable, "w1", ADMIN).then_refused("not_found", None, "no such webhook")


def test_a_message_is_sent_once_more_while_it_is_enabled() -> None:
    again = e.RedeliveryRequested(id="w1", message=7, by=ADMIN)
    given_of(WEBHOOKS, REGISTERED).when(w.redeliver, "w1", 7, ADMIN).then(again)
    given_of(WEBHOOKS).when(w.redeliver, "w1", 7, ADMIN).then_refused("not_found", None, "no such webhook")
    outcome = given_of(WEBHOOKS, REGISTERED, DISABLED).when(w.redeliver, "w1", 7, ADMIN)
    outcome.then_refused("webhook_disabled", None, "enable it")


def test_an_event_of_another_kind_changes_nothing() -> None:
    again = e.RedeliveryRequested(id="w1", message=7, by=ADMIN)
    assert given_of(WEBHOOKS, REGISTERED, again, Renamed(name="x")).state == given_of(WEBHOOKS, REGISTERED).state
