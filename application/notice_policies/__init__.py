"""The policy of notices that ships with the project."""

import tomllib
from functools import cache
from importlib import resources

import msgspec

from domain.notice.notice import NoticePolicy


@cache
def shipped() -> NoticePolicy:
    """The shipped policy."""
    text = resources.files(__package__).joinpath("default-1.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), NoticePolicy)
