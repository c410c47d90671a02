"""What refusals say to readers of Chinese: every sentence of the code has its Chinese, and none stands for nothing."""

import re

import pytest
import yaml

from adapters.web.faults import DETAILS, fault
from adapters.web.languages import languages
from tests.adapters.web.refusing import plain, sentences, sources

CHINESE = re.compile(r"[\u4e00-\u9fff]")
PLACE = re.compile(r"\{(\w+)\}")
OF_DOCUMENTS = frozenset({"{}: {}"})
"""The path and the fault of a field within a document of YAML: both are told as they stand there."""


def told() -> dict[str, str]:
    """The file: English and Chinese."""
    return dict(yaml.safe_load(DETAILS.read_text("utf-8")))


def said(detail: str) -> str:
    return str(fault(languages()["zh"], detail, ""))


# ---- the file -------------------------------------------------------------------------------------------------------
def test_every_sentence_of_a_refusal_has_its_chinese() -> None:
    known = {plain(english) for english in told()}
    missing = [
        place
        for sentence, place in sentences().items()
        if sentence not in known | OF_DOCUMENTS and not CHINESE.search(said(sentence.replace("{}", "7")))
    ]
    assert missing == []


def test_none_stands_for_nothing() -> None:
    made, written = sentences(), "\n".join(file.read_text("utf-8") for file in sources())
    assert [english for english in told() if plain(english) not in made and english not in written] == []


def test_chinese_is_chinese_and_puts_in_what_the_english_has() -> None:
    odd = [
        english
        for english, chinese in told().items()
        if not {*PLACE.findall(chinese)} <= {*PLACE.findall(english)}
        or (not CHINESE.search(chinese) and english != "url: {then}")
    ]
    assert odd == []


# ---- what is put in -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("detail", "chinese"),
    [
        ("the line is earned: only a proposed one can be confirmed or dismissed", "该明细的状态为“已获得”"),
        ("resolution does not follow received: possible now are acknowledgement, notes", "目前可以办理：确认受理、"),
        (
            "role agent may not read cases and their history: this is for payroll, supervisor",
            "客服代表无权：查看个案及经过；有此权限的是：薪资、客服主管。",
        ),
        ("2026-03 is being drawn up: only a frozen month with its statements can be closed", "2026年3月的明细正在出具"),
        ("the time to appeal ended with 2026-03-05: ask payroll or a supervisor to look into it", "2026-03-05"),
        ("the term stands at 2026-03-05T01:00:00+00:00: name a later time", "03-05 09:00"),
        ("the review has passed option 2 at 26050 fen: resolve by it, or have another one passed", "260.5 元"),
    ],
)
def test_what_is_put_in_is_said_as_everywhere(detail: str, chinese: str) -> None:
    assert chinese in said(detail)


@pytest.mark.parametrize("detail", ["there is something new", "clocks/0/after: 3 is no term", "it is odd: really"])
def test_what_there_is_no_chinese_for_is_marked_as_english(detail: str) -> None:
    assert said(detail) == f'<span lang="en">{detail}</span>'


def test_a_reader_of_english_reads_what_the_api_says() -> None:
    assert "there is no such team" in str(fault(languages()["en"], "there is no such team", ""))
