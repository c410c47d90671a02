"""What is wrong with a field, as people read it."""

import pytest

from adapters.web.faults import fault, place
from adapters.web.languages import languages, with_offset


@pytest.mark.parametrize(
    ("detail", "path", "said"),
    [
        ("is needed", "narrative", "此项必填。"),
        ("list should have at least 2 items after validation, not 1", "options", "至少需要 2 项。"),
        (
            "input should be a valid integer, unable to parse string as an integer",
            "cost_fen",
            "请以元为单位填写金额，例如 1234.50。",
        ),
        ("input should be greater than or equal to 50", "cost_fen", "请填写不小于 0.5 的数值。"),
        ("input should be a valid integer, unable to parse string as an integer", "demand", "请填写数字。"),
    ],
)
def test_a_general_fault_is_told_in_ones_language(detail: str, path: str, said: str) -> None:
    assert str(fault(languages()["zh"].text, detail, path)) == said


def test_what_a_rule_says_stands_as_it_is_and_harmless() -> None:
    said = str(fault(languages()["zh"].text, "<b>due_at</b> has passed", "due_at"))
    assert said == '<span lang="en">&lt;b&gt;due_at&lt;/b&gt; has passed</span>'


@pytest.mark.parametrize(
    ("pointer", "found"),
    [("/answers/0/decision", ("answers.0.decision", "decision")), ("as_of", ("as_of", "as_of")), ("", ("", ""))],
)
def test_a_pointer_names_a_field(pointer: str, found: tuple[str, str]) -> None:
    assert place(pointer) == found


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("2026-03-06 16:30", "2026-03-06T16:30:00+08:00"),
        ("2026-03-06T16:30:00Z", "2026-03-06T16:30:00+00:00"),
        ("soon", "soon"),
        ("", ""),
    ],
)
def test_a_time_is_of_the_consoles_zone_where_it_names_no_other(typed: str, moment: str) -> None:
    assert with_offset(typed) == moment
