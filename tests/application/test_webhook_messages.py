"""What goes out to webhooks: ids, numbers, kinds and times, and nothing of what people said."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from application.envelope import Meta, Recorded
from application.webhooks import body, told
from domain.case import events as c
from domain.kernel import EVENTS, Event
from domain.values import AgentId
from domain.webhook.words import Kind
from tests.support import cases
from tests.support.clocks import breach
from tests.support.goldens import sample

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
CLOCKS = UUID(int=7)


def recorded(event: Event) -> Recorded:
    command = uuid4()
    return Recorded(41, CLOCKS, 1, event, Meta(AgentId("scheduler"), NOW, command, command, command))


def warned(clock: str) -> c.DeadlineWarned:
    return c.DeadlineWarned(clock=clock, number=2, policy="default-1", warn_at=NOW, due_at=NOW, to=AgentId("a1"))


def test_a_breach_d_4() -> None:
    found = told(recorded(breach("resolve", "2026-03-02T17:00")))
    assert found is not None
    assert (found.kind, found.clocks) == (Kind.BREACH, CLOCKS)
    assert found.data == {
        "event": "case.deadline_breached",
        "position": 41,
        "clock": "resolve",
        "number": 1,
        "policy": "default-1",
        "kind": "internal",
        "due_at": "2026-03-02T09:00:00Z",
        "breached_at": "2026-03-02T09:00:00Z",
    }


def test_the_ladder_is_an_escalation_too_d_3d() -> None:
    found = told(recorded(c.Alerted(clock="resolve", number=1, policy="default-1", level=2, to=AgentId("m1"))))
    assert found is not None
    assert (found.kind, found.clocks) == (Kind.ESCALATION, CLOCKS)
    where = {"event": "case.alerted", "position": 41}
    assert found.data == where | {"clock": "resolve", "number": 1, "policy": "default-1", "level": 2}


def test_of_an_escalation_the_case_and_the_time_c_6() -> None:
    found = told(recorded(cases.ESCALATED))
    assert found is not None
    assert (found.kind, found.clocks) == (Kind.ESCALATION, None)
    assert set(found.data) == {"event", "position", "case_id", "number", "hear_back_by"}


@pytest.mark.parametrize(("clock", "kind"), [("promise", Kind.PROMISE_DUE), ("answer", None)])
def test_only_of_promises_the_warning_goes_out_c_11(clock: str, kind: Kind | None) -> None:
    found = told(recorded(warned(clock)))
    assert (found.kind if found else None) == kind


def test_a_message_is_the_same_text_whenever_it_is_made() -> None:
    one = body("breach", NOW, {"b": 1, "a": "x"})
    assert one == body("breach", NOW, {"a": "x", "b": 1})
    assert one == '{"data":{"a":"x","b":1},"timestamp":"2026-03-02T09:30:00Z","type":"breach"}'


@pytest.mark.parametrize("kind", EVENTS.values(), ids=lambda kind: kind.topic)
def test_nothing_sealed_and_nobody_goes_out_of_any_event(kind: type[Event]) -> None:
    found = told(recorded(sample(kind, "event")))
    assert set(found.data if found else ()) <= {
        *("event", "position", "case_id", "clock", "number", "policy", "kind", "level", "due_at", "breached_at"),
        *("hear_back_by", "date", "open_cases", "figures"),
    }
