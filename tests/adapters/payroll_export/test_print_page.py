"""The page to print: read back as a browser reads it."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings

from adapters.payroll_export.export import Format
from adapters.payroll_export.lines import yuan
from domain.payroll.settlement import Mode, Terms
from tests.adapters.payroll_export.months import DRAFT, SMALL, Given, months, statement

PAGES = [Format.PRINT_ZH, Format.PRINT_EN]


class Page(HTMLParser):
    """The texts of a page by section, its elements, and everything it refers to."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.sections: list[list[str]] = []
        self.elements: set[str] = set()
        self.references: list[str] = []
        self.feed(content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.references += [name for name, _ in attrs if name in {"src", "href", "action"} or name.startswith("on")]
        if tag == "section":
            self.sections.append([])

    def handle_data(self, data: str) -> None:
        if self.sections and data.strip("\n"):
            self.sections[-1].append(data)


def texts(month: Given, form: Format) -> list[list[str]]:
    return Page(month.written(form)).sections


@pytest.mark.parametrize("form", PAGES)
def test_every_agent_has_a_section_with_lines_sums_mode_basis_and_cut(form: Format) -> None:
    first, second, third = texts(SMALL, form)
    assert {"a1001", "B-EXAM", "default-2", "50.40", "-10.00", "40.40", "员工手册第5章"} <= set(first)
    assert {"b-2_x", "2007-02-27", "-0.40", "3.00", "7.55", "-10.55", '+8 "handbook" \\ <i>5</i>'} <= set(second)
    assert "c3" in third
    assert all("1234" in section[-1] for section in (first, second, third))


def test_each_page_is_in_its_language() -> None:
    english, chinese = (SMALL.written(form).decode() for form in (Format.PRINT_EN, Format.PRINT_ZH))
    assert '<html lang="en">' in english
    assert '<html lang="zh-CN">' in chinese
    assert "有效订单一份" in chinese
    assert "有效订单一份" not in english
    assert "a valid order" in english
    assert "a valid order" not in chinese
    assert re.findall("[一-鿿]+", english.replace("员工手册第", "").replace("章", "")) == []


@settings(max_examples=30, deadline=None)
@given(month=months())
def test_whatever_is_said_is_text_and_nothing_is_fetched(month: Given) -> None:
    page = Page(month.written(Format.PRINT_EN))
    ours = Page(SMALL.written(Format.PRINT_EN))
    assert page.elements <= ours.elements
    assert page.references == []
    assert len(page.sections) == len(month.month.statements)
    for statement_, section in zip(month.month.statements, page.sections, strict=True):
        assert {statement_.agent, yuan(statement_.net_fen)} <= set(section)


def test_markup_in_a_text_is_shown_as_it_was_said() -> None:
    assert 'say "no" \\ <b>&</b>\n+2' in texts(SMALL, Format.PRINT_EN)[0]
    assert {"b", "i", "script"} & Page(SMALL.written(Format.PRINT_EN)).elements == set()


@pytest.mark.parametrize(("form", "mark"), [(Format.PRINT_ZH, "草稿"), (Format.PRINT_EN, "Draft")])
def test_a_draft_says_so_in_every_section(form: Format, mark: str) -> None:
    assert all(any(mark in text for text in section) for section in texts(DRAFT, form))
    assert not any(mark in text for section in texts(SMALL, form) for text in section)


@pytest.mark.parametrize(("form", "mark"), [(Format.PRINT_ZH, "待确认"), (Format.PRINT_EN, "proposed")])
def test_a_proposed_line_is_shown_as_not_counted(form: Format, mark: str) -> None:
    sections = texts(DRAFT, form)
    assert [any(mark in text for text in section) for section in sections] == [False, False, True]


@pytest.mark.parametrize("form", PAGES)
@pytest.mark.parametrize("mode", Mode)
def test_every_mode_has_its_words(mode: Mode, form: Format) -> None:
    terms = Terms(mode=mode)
    month = replace(SMALL, lines=[]).changed(statements=(statement("a", [], terms),))
    [section] = texts(month, form)
    assert mode.value not in section
    assert len(section) == len(texts(SMALL, form)[2])


def test_the_head_stands_at_the_end() -> None:
    sections = texts(SMALL.changed(head="redress\n7\n<root>\n"), Format.PRINT_EN)
    assert sections[-1][-1] == "redress\n7\n<root>\n"
    assert len(sections) == 1 + len(texts(SMALL, Format.PRINT_EN))
