"""Events, refusals and the fixed words."""

from dataclasses import replace

import pytest

from domain.case.case import CASE
from domain.case.words import Status, Temperament
from domain.kernel import EVENTS, Event, Forbidden, Malformed, Refusal, Unknown, changed, event
from domain.values import Month, Role
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


def test_a_changed_state_is_a_new_one_and_the_old_one_stays() -> None:
    before = replace(CASE.initial, team="t1")
    after = changed(before, status=Status.CLARIFIED, paused=True)
    assert after == replace(before, status=Status.CLARIFIED, paused=True)
    assert before == replace(CASE.initial, team="t1")


def test_a_state_has_no_fields_but_its_own() -> None:
    with pytest.raises(AssertionError, match=r"Case has not all of \['stauts'\]"):
        changed(CASE.initial, stauts=Status.CLARIFIED)


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


def test_a_month_is_read_as_it_is_written() -> None:
    assert Month.parse("2026-03") == Month(2026, 3)
    with pytest.raises(ValueError, match="month must be in"):
        Month.parse("2026-13")
    for year in ("1899", "9001"):
        with pytest.raises(ValueError, match="outside the years 1900 to 9000"):
            Month.parse(f"{year}-06")


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
