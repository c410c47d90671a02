"""Numbers that people write: read where they are plain, and never taken for another amount."""

import pytest

from adapters.web.languages import languages
from adapters.web.numbers import fen, whole


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("30", 3000),
        ("30.5", 3050),
        ("¥ 1,234.56", 123456),
        ("￥12元", 1200),
        ("１２.３０", 1230),
        ("-0.01", -1),
    ],
)
def test_an_amount_in_yuan_is_whole_fen(typed: str, amount: int) -> None:
    assert fen(typed) == amount


@pytest.mark.parametrize(
    "typed", ["12,50", "1,2345", "12.345", "1e9", "1e999999999", "Infinity", "NaN", "", "9" * 5000]
)
def test_what_may_be_meant_otherwise_is_no_amount(typed: str) -> None:
    assert fen(typed) is None


@pytest.mark.parametrize(("typed", "number"), [("0", 0), ("12", 12), ("-1", None), ("²", None), ("9" * 5000, None)])
def test_a_position_has_digits_as_the_database_holds_them(typed: str, number: int | None) -> None:
    assert whole(typed) == number


@pytest.mark.parametrize("language", ["zh", "en"])
def test_money_has_the_one_sign_in_both_languages(language: str) -> None:
    assert languages()[language].money(-123456) == "-¥1,234.56"
