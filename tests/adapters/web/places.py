"""Every page of the console, and who opens it: what is checked of each stands in test_every_page.py."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.adapters.http.serving import Service


def _plain(path: str) -> Callable[[Service], str]:
    return lambda _: path


def _case(suffix: str = "") -> Callable[[Service], str]:
    return lambda service: f"/cases/{service.case('clarified').id}{suffix}"


@dataclass(frozen=True, slots=True)
class Place:
    """A page. name: of its pictures; who: a name of PEOPLE; path: made where it needs something to be there first."""

    name: str
    who: str
    path: Callable[[Service], str]


PLACES = (
    Place("inbox", "agent", _plain("/?view=all")),
    Place("new-case", "agent", _plain("/cases/new")),
    Place("case", "agent", _case()),
    Place("case-step", "agent", _case("/do/investigation")),
)
