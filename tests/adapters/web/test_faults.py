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
        (
            "30050 fen exceed the 20000 fen you may grant: escalate, and have the cost approved (C-6)",
            "cost_fen",
            "300.5 元超出您可批准的 200 元：请升级，由上级批准金额（C-6）。",
        ),
        (
            "say what stays of the 1000 fen: more than 0 and less than all of it",
            "reduced_to_fen",
            "请填写 10 元中保留多少：大于 0，且小于全额。",
        ),
        (
            "hear_back_by has already passed: name a time to come",
            "hear_back_by",
            "这个时间已经过去，请填写将来的时间。",
        ),
        (
            "begins like a spreadsheet formula: put a word before it",
            "narrative",
            "开头像电子表格公式，请在前面加一个字。",
        ),
    ],
)
def test_a_general_fault_is_told_in_ones_language(detail: str, path: str, said: str) -> None:
    assert str(fault(languages()["zh"], detail, path)) == said


def test_what_a_rule_says_stands_as_it_is_and_harmless() -> None:
    said = str(fault(languages()["zh"], "<b>due_at</b> has passed", "due_at"))
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
