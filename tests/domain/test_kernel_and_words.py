"""Events, refusals and the fixed words."""

import pytest

from domain.case.words import Temperament
from domain.kernel import EVENTS, Event, Forbidden, Malformed, Refusal, Unknown, event
from domain.values import Role
from tests.support.cases import NOTED, OWNER, PAYROLL, SUPERVISOR


def test_a_topic_belongs_to_one_event() -> None:
    with pytest.raises(ValueError, match=r"the topic case\.noted belongs to Noted"):

        @event("case.noted")
        class _Another(Event):
            pass


def test_a_topic_names_its_event() -> None:
    assert EVENTS["case.noted"] is type(NOTED)
    assert (NOTED.topic, NOTED.version) == ("case.noted", 1)


def test_a_shape_nobody_has_rewritten_is_not_guessed_at() -> None:
    with pytest.raises(NotImplementedError, match=r"no upcast from version 1 of \['text'\]"):
        type(NOTED).upcast({"text": "x"}, 1)


@pytest.mark.parametrize(
    ("kind", "code", "status"),
    [
        (Refusal, "refused", 409),
        (Forbidden, "forbidden", 403),
        (Malformed, "invalid", 422),
        (Unknown, "not_found", 404),
    ],
)
def test_a_refusal_says_its_code_and_status(kind: type[Refusal], code: str, status: int) -> None:
    refusal = kind("do this instead", rule="C-1", pointer="/x")
    assert (str(refusal), refusal.rule, refusal.pointer) == ("do this instead", "C-1", "/x")
    assert (refusal.code, refusal.status) == (code, status)


def test_supervisors_supervise() -> None:
    assert SUPERVISOR.supervises
    assert not OWNER.supervises
    assert not PAYROLL.supervises
    assert [role.value for role in Role] == ["agent", "supervisor", "payroll", "auditor", "admin"]


def test_every_temperament_has_its_hint() -> None:
    """C-14."""
    hints = [temperament.hint for temperament in Temperament]
    assert all(": " in hint for hint in hints)
    assert len(set(hints)) == len(Temperament)
