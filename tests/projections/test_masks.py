"""What is left of a personal datum."""

import pytest

from application.sealing import ERASED
from projections import masks


@pytest.mark.parametrize(
    ("masked", "left"),
    [
        (masks.mask_name("王小明"), "王**"),
        (masks.mask_name("欧阳"), "欧*"),
        (masks.mask_name("王"), "王*"),
        (masks.mask_name("Alexandra"), "A**"),
        (masks.mask_phone("13812345678"), "138****5678"),
        (masks.mask_phone("12345678"), "***"),
        (masks.mask_card("6222020200001234"), "****1234"),
        (masks.mask_card("1234"), "***"),
        (masks.mask("anything"), "***"),
    ],
)
def test_masks(masked: str, left: str) -> None:
    assert masked == left


@pytest.mark.parametrize("mask", [masks.mask, masks.mask_name, masks.mask_phone, masks.mask_card])
def test_what_is_absent_or_erased_stays_so(mask: object) -> None:
    assert callable(mask)
    assert mask(None) is None
    assert mask(ERASED) == ERASED
