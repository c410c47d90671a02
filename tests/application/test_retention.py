"""The shipped retention schedule holds, says where its figures come from, and one that cannot hold is refused (A-3)."""

import pytest

from application.retention import BadSchedule, parse, shipped
from domain.subject.words import SubjectKind

GOOD = """
version = "own-1"
[[terms]]
kind = "complaint"
of = "customer"
at_least_days = 30
at_most_days = 60
source = "a law"
read_on = 2026-03-01
[[terms]]
kind = "work"
of = "staff"
at_least_days = 0
at_most_days = 0
source = "a law"
read_on = 2026-03-01
"""


def test_the_shipped_schedule_has_terms_for_everybody_and_names_its_sources() -> None:
    schedule = shipped()
    assert {term.of for term in schedule.terms} == {*SubjectKind}
    assert all(term.source and term.read_on.year >= 2026 for term in schedule.terms)


def test_a_schedule_of_ones_own_is_read() -> None:
    assert [(term.kind, term.at_least_days) for term in parse(GOOD).terms] == [("complaint", 30), ("work", 0)]


@pytest.mark.parametrize(
    ("good", "bad", "saying"),
    [
        ("at_most_days = 60", "at_most_days = 29", "own-1: complaint: it takes 0 <= at_least_days <= at_most_days"),
        ('of = "staff"', 'of = "customer"', "own-1: staff: the last term must cover every matter"),
        ("at_least_days = 30", "at_least_days = 'thirty'", "own-1: Expected `int`"),
    ],
)
def test_what_cannot_hold_is_refused(good: str, bad: str, saying: str) -> None:
    with pytest.raises(BadSchedule, match=saying):
        parse(GOOD.replace(good, bad))
