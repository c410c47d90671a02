"""What is stored comes back: every event through bytes and through sealing (contract part 4)."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from application import wire
from application.envelope import Meta
from application.sealing import ERASED, Tampered, opened, reveal, seal, subjects
from domain.case import events as e
from domain.kernel import EVENTS, Event
from domain.values import AgentId, Private, SubjectId
from tests.support.cases import CLARIFIED, ESCALATED, RECEIVED
from tests.support.strategies import facts_of, values_of

META = Meta(AgentId("a1"), datetime(2024, 5, 6, tzinfo=UTC), UUID(int=1), UUID(int=2), UUID(int=3))
KINDS: Mapping[str, Any] = EVENTS
few = settings(max_examples=30, deadline=None, derandomize=True)
every_event = pytest.mark.parametrize("topic", sorted(EVENTS))
PERSON = SubjectId("5f0c8f2e-0000-4000-8000-000000000001")


class FakeSealer:
    """Writes person and place into the box, readable, and knows them again."""

    subject = PERSON

    def seal(self, place: str, text: str) -> Private:
        """Box a text."""
        return Private(PERSON, base64.b64encode(f"{PERSON}\0{place}\0{text}".encode()))

    def open(self, place: str, private: Private) -> str | None:
        """Open what was boxed for this person under this place."""
        person, written, text = base64.b64decode(private.box).decode().split("\0", 2)
        if (person, written) != (private.subject, place):
            raise Tampered(place)
        return text


class NoKeys(FakeSealer):
    """All persons are erased."""

    def open(self, place: str, private: Private) -> str | None:  # noqa: ARG002
        """Nothing opens."""
        return None


def stored(event: Event) -> bytes:
    """The stored bytes."""
    return wire.encode(event, wire.encode_meta(META))


# ---- bytes ----------------------------------------------------------------------------------------------------------
@every_event
@few
@given(data=st.data())
def test_every_event_comes_back_as_it_was_stored(topic: str, data: st.DataObject) -> None:
    event = data.draw(values_of(KINDS[topic]))
    assert wire.decode(topic, stored(event)) == (event, META)
    assert wire.decode_event(topic, stored(event)) == event


@every_event
@few
@given(data=st.data())
def test_an_event_has_one_stored_form(topic: str, data: st.DataObject) -> None:
    first = stored(data.draw(values_of(KINDS[topic])))
    assert stored(wire.decode_event(topic, first)) == first


# ---- sealing --------------------------------------------------------------------------------------------------------
def normal(value: Any) -> Any:
    """Facts as `reveal` shows them."""
    if isinstance(value, dict):
        return {str(name): normal(item) for name, item in value.items()}
    if is_dataclass(value):
        return {field.name: normal(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, list | tuple):
        return [normal(item) for item in value]
    return value.isoformat().replace("+00:00", "Z") if hasattr(value, "isoformat") else value


@every_event
@few
@given(data=st.data())
def test_what_is_sealed_is_revealed_again(topic: str, data: st.DataObject) -> None:
    facts = data.draw(facts_of(KINDS[topic]))
    event = seal(KINDS[topic], facts, FakeSealer())
    assert reveal(wire.decode_event(topic, stored(event)), opened(FakeSealer())) == shown(normal(facts))


def shown(facts: Any) -> Any:
    """Facts under the names by which readers know them: a scenario's `case` is its `if` (contract part 3)."""
    if isinstance(facts, dict) and "scenarios" in facts:
        scenarios = [{"if": one["case"], "answer": one["answer"]} for one in facts["scenarios"]]
        return {**facts, "scenarios": scenarios}
    return facts


@every_event
@few
@given(data=st.data())
def test_the_persons_in_an_event_are_those_it_was_sealed_for(topic: str, data: st.DataObject) -> None:
    facts = data.draw(facts_of(KINDS[topic]))
    shown: list[str] = []

    def show(_: str, private: Private) -> None:
        shown.append(private.subject)

    event = seal(KINDS[topic], facts, FakeSealer())
    reveal(event, show)
    assert subjects(event) == set(shown) <= {PERSON}


def moved(event: Event, of: str, to: str) -> Event:
    """The event with the box of one field in another field."""
    values = {field.name: getattr(event, field.name) for field in fields(event)}  # type: ignore[arg-type]
    return type(event)(**{**values, to: values[of]})


CLARIFICATION = seal(
    e.Clarified,
    {
        **{field.name: getattr(CLARIFIED, field.name) for field in fields(CLARIFIED)},
        **dict.fromkeys(("what", "when", "where", "who", "why", "how"), "the words"),
    },
    FakeSealer(),
)


def test_a_box_in_another_field_is_noticed() -> None:
    """A-1: the field is part of what the cipher binds."""
    with pytest.raises(Tampered, match=r"case\.clarified\.when"):
        reveal(moved(CLARIFICATION, "what", "when"), opened(FakeSealer()))


def test_a_box_in_another_kind_of_event_is_noticed() -> None:
    with pytest.raises(Tampered, match=r"case\.noted\.text"):
        reveal(e.Noted(text=CLARIFICATION.what), opened(FakeSealer()))


def test_a_box_of_another_person_is_noticed() -> None:
    stolen = Private(SubjectId("somebody else"), CLARIFICATION.what.box)
    event = moved(e.Noted(text=stolen, temperament=None), "text", "text")
    with pytest.raises(Tampered):
        reveal(event, opened(FakeSealer()))


def test_a_nested_field_has_its_own_place() -> None:
    places: list[str] = []

    def show(place: str, _: Private) -> None:
        places.append(place)

    reveal(ESCALATED, show)
    assert places == [
        "case.escalated.reason",
        "case.escalated.scenarios.case",
        "case.escalated.scenarios.answer",
        "case.escalated.options",
        "case.escalated.options",
        "case.escalated.bottom_line",
    ]


def test_of_an_erased_person_nothing_is_shown() -> None:
    """A-3: and the event can still be read."""
    shown = reveal(RECEIVED, opened(NoKeys()))
    assert shown["demands"] == [ERASED, ERASED]
    assert shown["number"] == RECEIVED.number


# ---- what cannot be read --------------------------------------------------------------------------------------------
BROKEN: list[tuple[str, Callable[[bytes], bytes], str]] = [
    ("case.noted", lambda state: state.replace(b'{"v":1', b'{"v":2'), "newer than this code"),
    ("case.noted", lambda state: state.replace(b'"text"', b'"words"'), "missing required field"),
    ("case.noted", lambda state: state[:-1], "truncated"),
    ("case.unheard_of", lambda state: state, "written by newer code"),
]


@pytest.mark.parametrize("read", [wire.decode, wire.decode_event])
@pytest.mark.parametrize(("topic", "spoil", "saying"), BROKEN)
def test_what_cannot_be_read_whole_is_not_read(
    topic: str, spoil: Callable[[bytes], bytes], saying: str, read: Callable[[str, bytes], object]
) -> None:
    state = spoil(stored(e.Noted(text=CLARIFICATION.what)))
    with pytest.raises(wire.Unreadable, match=saying):
        read(topic, state)
