"""Forms as they are shown again: a row more, wherever its list stands in the body."""

from typing import Any

import pytest

from adapters.web.forms import Form

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
