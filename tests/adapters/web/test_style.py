"""The stylesheet that every page asks for: one file to a browser, several to a reader."""

from pathlib import Path

import pytest

from adapters.web.assets import STATIC, STYLE, asset, style
from tests.adapters.http.serving import Service

READABLE = 350
SHEETS = sorted(STATIC.glob("*.css"), key=lambda sheet: sheet.name)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_no_sheet_is_left_out_nor_longer_than_one_reads_in_one_sitting(sheet: Path) -> None:
    text = sheet.read_bytes()
    assert text in style()
    assert text.count(b"\n") <= READABLE


def test_the_stylesheet_is_served_as_one_and_for_good(service: Service) -> None:
    answer = service.get(asset(STYLE), who=None)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert "immutable" in answer.headers["cache-control"]
    assert answer.raw == style()
