"""The catalogue has every message that templates and code say, each in Chinese, and nothing else."""

import re

from tests.checks.write_translations import CHINESE, messages, written


def test_the_catalogue_is_current() -> None:
    assert CHINESE.read_bytes() == written(), "run tests/checks/write_translations.py and translate what is new"


def test_every_message_has_its_chinese() -> None:
    assert [message for message, chinese in messages().items() if not chinese] == []


def test_placeholders_are_the_same_in_both() -> None:
    named = re.compile(r"%\(\w+\)[sd]")
    wrong = {m: c for m, c in messages().items() if sorted(named.findall(m)) != sorted(named.findall(c))}
    assert wrong == {}
