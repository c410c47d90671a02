"""Pages to print: one HTML document in one language that needs nothing beside itself."""

from collections.abc import Mapping
from enum import StrEnum

from jinja2 import Environment, PackageLoader, StrictUndefined

Words = Mapping[str, tuple[str, str]]
"""What stands on a page, by name, in the order of Language."""


class Language(StrEnum):
    """What the users read."""

    ZH = "zh"
    EN = "en"


def words_in(language: Language, words: Words) -> dict[str, str]:
    """The words of a page in one language."""
    at = list(Language).index(language)
    return {name: said[at] for name, said in words.items()}


def templates_of(package: str) -> Environment:
    """The templates that lie in a package."""
    return Environment(
        loader=PackageLoader(package, "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
