"""The page to print: whole, in both languages, beside expected files; as PDF through a real Chromium (S-3).

The expected files are written anew by `REDRESS_WRITE_EXPECTED=1`, and read by a person before they are kept.
"""

import os
import re
from dataclasses import fields, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from adapters.handover_print.page import _WORDS, page
from adapters.handover_print.pdf import NoChromium, chromium, pdf
from adapters.printing import Language
from application.cases import ACROSS, COMMANDS
from application.handover_reads import HandoverShown, QuestionShown
from domain.case.words import Status
from domain.kernel import Event
from domain.shift.handover import Handover
from domain.shift.shift import SHIFT
from domain.shift.words import NoticeKind, ShiftKind, StepKind
from domain.work.words import ConductKind
from tests.support.shifts import ACCEPTED, HANDOVER, PLANNED, PREPARED, RELEASED, STARTED, URGENT

EXPECTED = Path(__file__).parent / "expected"
NAMES: dict[str, str | None] = {"a1": "李雷", "a3": "韩梅梅", "s2": "Peter <Cole>"}
NOTES = "七号桌的客人明早来电\n<script>alert(1)</script>"
HEAD = "redress.example/log\n4711\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— redress.example/log Az3grl…\n"
QUESTION = QuestionShown("case:2024-000002", "谁来跟进?")
"""A name and notes that would be markup, were they not escaped."""


def shown(*history: Event, handover: Handover = HANDOVER) -> HandoverShown:
    shift = SHIFT.fold([PLANNED, STARTED, PREPARED, *history])
    questions = [QUESTION] if history else []
    return HandoverShown("x", 1, shift, None, handover, bool(history), NOTES, None, questions)


class Tags(HTMLParser):
    """Every element, and what is left open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, _: object) -> None:
        self.seen.add(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", [*Language])
@pytest.mark.parametrize(("name", "history"), [("live", ()), ("accepted", (ACCEPTED,)), ("released", (RELEASED,))])
def test_the_page_is_as_expected_s_3(language: Language, name: str, history: tuple[Event, ...]) -> None:
    written = page(language, shown(*history), NAMES, HEAD)
    file = EXPECTED / f"handover-{name}-{language.value}.html"
    if os.environ.get("REDRESS_WRITE_EXPECTED"):
        file.write_text(written, "utf-8")
    assert written == file.read_text("utf-8")


@pytest.mark.parametrize("language", [*Language])
def test_nothing_of_what_people_wrote_becomes_markup(language: Language) -> None:
    tags = Tags()
    written = page(language, shown(RELEASED), NAMES, None)
    tags.feed(written)
    assert tags.open == []
    assert "script" not in tags.seen
    assert "Peter &lt;Cole&gt;" in written


def test_an_empty_handover_has_a_page_too() -> None:
    nothing: dict[str, Any] = {
        field.name: () for field in fields(Handover) if field.name not in {"team", "after", "upto", "until"}
    }
    written = page(Language.EN, shown(handover=replace(HANDOVER, **nothing)), {}, None)
    assert written.count(">None<") == 7


def test_every_word_there_is_can_be_printed() -> None:
    kinds = {
        "": StepKind,
        "kind_": ShiftKind,
        "status_": Status,
        "notice_": NoticeKind,
        "conduct_": ConductKind,
    }
    wanted = {f"{prefix}{word.value}" for prefix, words in kinds.items() for word in words}
    assert wanted <= _WORDS.keys()
    commands = {name.removeprefix("do_") for name in _WORDS if name.startswith("do_")}
    assert commands <= {*COMMANDS, *ACROSS}


def test_the_pdf_is_of_a4_and_has_the_texts_s_3() -> None:
    try:
        chromium(os.environ)
    except NoChromium as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(missing))
    many = replace(HANDOVER, cases=tuple(replace(URGENT, number=f"2024-{number:06}") for number in range(80)))
    made = pdf(page(Language.ZH, shown(ACCEPTED, handover=many), NAMES, HEAD), os.environ)
    assert made.startswith(b"%PDF-")
    [box] = set(re.findall(rb"/MediaBox \[([^]]*)\]", made))
    width, height = map(float, box.split()[2:])
    assert (round(width), round(height)) == (595, 842)
    assert len(re.findall(rb"/Type /Page\b", made)) >= 3


def test_without_chromium_the_way_out_is_told() -> None:
    with pytest.raises(NoChromium, match="set REDRESS_CHROMIUM"):
        pdf("", {"REDRESS_CHROMIUM": "/nowhere/chromium"})
