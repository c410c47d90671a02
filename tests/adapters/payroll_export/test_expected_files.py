"""A closed month is produced again byte for byte (L-4): the files of a small one are kept in `expected/`."""

from io import BytesIO
from zipfile import ZipFile

import pytest
from hypothesis import given, settings

from adapters.payroll_export.export import Format, file_name, write
from tests.adapters.payroll_export.months import DRAFT, EXPECTED, SMALL, Given, months

TEXTS = sorted(set(Format) - {Format.XLSX})


def members(content: bytes) -> dict[str, bytes]:
    """The parts of a workbook; how they are compressed differs from one zlib to the next."""
    with ZipFile(BytesIO(content)) as workbook:
        return {name: workbook.read(name) for name in workbook.namelist()}


@pytest.mark.parametrize("month", [SMALL, DRAFT], ids=["closed", "draft"])
@pytest.mark.parametrize("form", TEXTS)
def test_a_month_has_exactly_its_bytes(month: Given, form: Format) -> None:
    assert month.written(form) == (EXPECTED / file_name(month.month, form)).read_bytes()


@pytest.mark.parametrize("month", [SMALL, DRAFT], ids=["closed", "draft"])
def test_a_workbook_has_exactly_its_parts(month: Given) -> None:
    kept = (EXPECTED / file_name(month.month, Format.XLSX)).read_bytes()
    assert members(month.written(Format.XLSX)) == members(kept)


@pytest.mark.parametrize("form", Format)
def test_the_manifest_is_the_same_every_time(form: Format) -> None:
    manifests = [write(SMALL.month, SMALL.lines, form, BytesIO()) for _ in range(2)]
    assert manifests[0] == manifests[1]
    assert manifests[0] is not None


def test_every_expected_file_is_of_a_format_there_is() -> None:
    made = {file_name(month.month, form) for month in (SMALL, DRAFT) for form in Format}
    assert {file.name for file in EXPECTED.iterdir()} == made | {"manifest.json"}


@settings(max_examples=20, deadline=None)
@given(month=months())
def test_any_month_gives_the_same_bytes_twice(month: Given) -> None:
    assert [month.written(form) for form in Format] == [month.written(form) for form in Format]
