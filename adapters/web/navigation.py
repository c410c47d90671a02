"""Where one can go: the rail, the palette and the single-key shortcuts are made from this table."""

from collections.abc import Iterator
from dataclasses import dataclass

from application.permissions import Action, allowed
from domain.values import Actor


@dataclass(frozen=True, slots=True)
class Entry:
    """A page of the rail. name: msgid; icon: of `icons.svg`; action: what one must be allowed to see it.

    counted: which figure of GET /worklist stands beside it; key: goes there after `g`.
    """

    name: str
    path: str
    icon: str
    action: Action
    counted: str = ""
    key: str = ""


def N_(message: str) -> str:  # noqa: N802  the name by which extraction knows messages that are said later
    """Mark a message for the catalogue."""
    return message


SECTIONS: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "",
        (
            Entry(N_("Inbox"), "/", "inbox", Action.READ_CASE, "mine", "i"),
            Entry(N_("New case"), "/cases/new", "square-pen", Action.OPEN_CASE, "", "n"),
            Entry(N_("Search"), "/search", "search", Action.READ_CASE, "", "s"),
            Entry(N_("Notices"), "/notices", "bell", Action.READ_NOTICES, "notices", "o"),
        ),
    ),
)
"""Sections of the rail, each with its heading."""


def sections_for(actor: Actor) -> Iterator[tuple[str, list[Entry]]]:
    """What an actor may see, without empty sections."""
    for heading, entries in SECTIONS:
        seen = [entry for entry in entries if allowed(actor, entry.action)]
        if seen:
            yield heading, seen
