"""Reading rows: encodings, lines, and quotes that are never closed."""

import codecs
from pathlib import Path

import pytest

from adapters.intake.mapping import CaseMapping, parse
from adapters.intake.mapping_file import Encoding
from adapters.intake.records import Broken, CsvFile, Record, Unreadable, detect

FIELDS = "fields: {received_at: {column: b, format: '%Y'}, channel: {constant: web}}"
TEXT = "source: s\ntime_zone: UTC\nkey: a\n" + FIELDS
MAPPING = parse(TEXT)


def written(folder: Path, content: bytes) -> Path:
    file = folder / "in.csv"
    file.write_bytes(content)
    return file


def rows(folder: Path, content: bytes, mapping: CaseMapping = MAPPING) -> list[Record | Broken]:
    file = CsvFile(written(folder, content), mapping)
    try:
        return list(file)
    finally:
        file.close()


def good(read: list[Record | Broken]) -> list[tuple[int, list[str]]]:
    return [(row.line, row.cells) for row in read if isinstance(row, Record)]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"a,b\n1,2\n", Encoding.UTF_8),
        (codecs.BOM_UTF8 + "a,b\n一,2\n".encode(), Encoding.UTF_8),
        ("a,b\n订位,2\n".encode("gb18030"), Encoding.GB18030),
        ("a,b\n一,2\n二,3\n".encode() + "订位,4\n".encode("gb18030"), Encoding.UTF_8),
        ("a,b\n订位,2\n包间,3\n".encode("gb18030") + b"\xff,4\n", Encoding.GB18030),
        (b"a,b\ncaf\xe9,2\n", Encoding.UTF_8),
    ],
)
def test_the_encoding_is_found_out(tmp_path: Path, content: bytes, encoding: Encoding) -> None:
    assert detect(written(tmp_path, content)) is encoding


def test_a_named_encoding_is_taken_at_its_word(tmp_path: Path) -> None:
    mapping = parse(TEXT + "\nencoding: gb18030")
    assert good(rows(tmp_path, "a,b\n订位,2\n".encode("gb18030"), mapping)) == [(2, ["订位", "2"])]


@pytest.mark.parametrize("encoding", Encoding)
@pytest.mark.parametrize("header", ['"a",b', "a,b", '"a","b"'])
def test_a_byte_order_mark_is_no_part_of_the_first_heading(tmp_path: Path, encoding: Encoding, header: str) -> None:
    read = rows(tmp_path, f"\ufeff{header}\n订位,2\n".encode(encoding))
    assert good(read) == [(2, ["订位", "2"])]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_an_editor_counts_them(tmp_path: Path, end: str) -> None:
    text = end.join(["a,b", '1,"two', 'lines"', "", "3,4", ""])
    assert good(rows(tmp_path, text.encode())) == [(2, ["1", f"two{end}lines"]), (5, ["3", "4"])]


def test_a_lone_quote_harms_no_other_row(tmp_path: Path) -> None:
    read = rows(tmp_path, b'a,b\n1,2\n3,"four\n5,6\n7,"eight"\n9,10\n')
    assert good(read) == [(2, ["1", "2"]), (4, ["5", "6"]), (5, ["7", "eight"]), (6, ["9", "10"])]
    assert [row.line for row in read if isinstance(row, Broken)] == [3]


def test_a_quote_that_nothing_closes_is_found_at_once(tmp_path: Path) -> None:
    read = rows(tmp_path, b'a,b\n1,"two\n' + b"3,4\n" * 100_000)
    assert [row.line for row in read if isinstance(row, Broken)] == [2]
    assert len(good(read)) == 100_000


def test_a_row_of_another_width_is_broken(tmp_path: Path) -> None:
    [short, long] = rows(tmp_path, b"a,b\n1\n1,2,3\n")
    assert isinstance(short, Broken)
    assert isinstance(long, Broken)
    assert (short.line, long.line) == (2, 3)
    assert "the row has 1 columns, the header 2" in short.reason


def test_another_delimiter(tmp_path: Path) -> None:
    assert good(rows(tmp_path, b"a\tb\n1\t2,3\n", parse(TEXT + '\ndelimiter: "\\t"'))) == [(2, ["1", "2,3"])]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "the file is empty"),
        (b"a,a,b\n", "'a' stands twice"),
        (b"a,c\n", "no column 'b': the file has a, c"),
        (b'a,"b\n', "there is no header: a quote"),
        (b"a,b,\xff\n", "the header has bytes that are not utf-8"),
        (codecs.BOM_UTF16_LE + "a,b".encode("utf-16-le"), "UTF-16"),
    ],
)
def test_an_unreadable_file_says_why(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(Unreadable) as error:
        rows(tmp_path, content)
    assert said in str(error.value)
