"""Forms as they are shown again: a row more, wherever its list stands in the body."""

from typing import Any

import pytest

from adapters.web.forms import Field, Form, refused

ITEM = {"text": "清蒸鲈鱼"}


@pytest.mark.parametrize(
    ("values", "path", "rows"),
    [
        ({"demands": ["退款"]}, "demands", ["退款", None]),
        ({}, "demands", [None, None]),
        ({"bill": {"items": [ITEM]}}, "bill.items", [ITEM, None]),
        ({}, "bill.items", [None, None]),
        ({"options": [{"steps": ["一"]}, {"steps": ["二"]}]}, "options.1.steps", ["二", None]),
    ],
)
def test_another_row_goes_where_its_list_stands(values: dict[str, Any], path: str, rows: list[Any]) -> None:
    form = Form((), "/", "investigation", values).with_row(path)
    assert form.value(path) == rows


def test_what_stands_beside_the_row_stays() -> None:
    form = Form((), "/", "investigation", {"findings": "查了", "bill": {"items": [ITEM], "minimum_spend_met": True}})
    assert form.with_row("bill.items").values == {
        "findings": "查了",
        "bill": {"items": [ITEM, None], "minimum_spend_met": True},
    }


# ---- where what is wrong stands -------------------------------------------------------------------------------------
AGENT = Field("agent", "agent", "line", needed=True)
FAULTS = Field("faults", "faults", "rows", needed=True, fields=(Field("", "", "group", needed=True, fields=(AGENT,)),))
RISKS = Field("risks", "risks", "choices", needed=True, choices=("legal",))


def wrong(pointer: str) -> dict[str, str]:
    """The errors of a form with two faults named, one of which is at a pointer."""
    form = Form((FAULTS, RISKS), "/", "analysis", {"faults": [{"agent": "a1"}, {"agent": "a2"}]})
    return dict(refused(form, {"errors": [{"pointer": pointer, "detail": "odd"}]}).errors)


@pytest.mark.parametrize(
    ("pointer", "path"),
    [
        ("/faults/1/agent", "faults.1.agent"),
        ("/faults/1/ref", "faults.1"),
        ("/faults/1", "faults.1"),
        ("/faults/7", "faults"),
        ("/faults", "faults"),
        ("/risks/0", "risks"),
        ("/basis", ""),
        ("", ""),
    ],
)
def test_what_is_wrong_stands_at_the_innermost_field_that_it_is_about(pointer: str, path: str) -> None:
    assert wrong(pointer) == {path: "odd"}


def test_what_names_no_field_is_told_of_the_whole_form() -> None:
    assert refused(Form((RISKS,), "/", "analysis", {}), {"detail": "not now"}).errors == {"": "not now"}
