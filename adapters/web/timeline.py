"""A case's history on its page: the newest first, a page at a time, by what one looks for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.web.navigation import N_
from adapters.web.pages import Visitor
from adapters.web.telling import Told, tell

SHOWN = 50
"""Events of a page."""
_AT_ONCE = 500
_QUIET = frozenset({"number", "stopped_at"})
_CLOCKS = (
    *("case.deadline_set", "case.deadline_warned", "case.deadline_breached", "case.deadline_met", "case.alerted"),
    *("case.deadline_extended", "case.paused", "case.resumed", "case.promise_made"),
)
_CONTACTS = (
    *("case.acknowledged", "case.customer_contacted", "case.interim_reply_sent", "case.callback_done"),
    *("case.promise_made", "case.resolved"),
)
_STEPS = (
    *("case.received", "case.acknowledged", "case.clarified", "case.investigated", "case.analysed", "case.escalated"),
    *("case.escalation_answered", "case.solution_proposed", "case.answer_reviewed", "case.resolved", "case.fulfilled"),
    *("case.callback_done", "case.reopened", "case.summarised", "case.closed", "case.withdrawn", "case.merged"),
    *("case.unmerged", "case.linked", "case.reassigned", "case.review_requested"),
)
CHIPS: Mapping[str, tuple[str, Sequence[str]]] = {
    "": (N_("Everything"), ()),
    "steps": (N_("Steps"), _STEPS),
    "contacts": (N_("Contacts"), _CONTACTS),
    "clocks": (N_("Clocks"), _CLOCKS),
    "money": (N_("Money"), ("case.solution_proposed", "case.resolved", "case.fulfilled")),
    "notes": (N_("Notes and evidence"), ("case.noted", "case.evidence_attached")),
}
"""What one can look for: its name, and the topics that are shown."""


@dataclass(frozen=True, slots=True)
class Events:
    """Events as they are shown, the newest first. since: position of the oldest; earlier: `before` of the next page."""

    items: Sequence[Mapping[str, Any]]
    show: str
    since: int
    earlier: str | None


def asked(show: str, before: str | None) -> dict[str, Any]:
    """How a page of what one looks for is asked for: what was before a position, or the newest."""
    return {"type": list(CHIPS.get(show, CHIPS[""])[1]), "limit": SHOWN, "after": before}


def events_of(history: Mapping[str, Any], show: str) -> Events:
    """A page of a history, the latest first, as it is shown."""
    items = [told(item) for item in history["items"]]
    show = show if show in CHIPS else ""
    return Events(items, show, items[-1]["position"] if items else 0, history["next"])


async def newest(visitor: Visitor, case_id: str, show: str, before: str | None) -> Events:
    """A page of what happened before a position, or of the newest."""
    return events_of(await visitor.api.get(f"/cases/{case_id}/history", newest="true", **asked(show, before)), show)


async def since(visitor: Visitor, case_id: str, show: str, position: int) -> Sequence[Mapping[str, Any]]:
    """All from a position on, the newest first: what a page shows that has been open for a while."""
    show = show if show in CHIPS else ""
    found = await visitor.api.get(
        f"/cases/{case_id}/history", type=list(CHIPS[show][1]), limit=_AT_ONCE, after=str(max(position - 1, 0))
    )
    return [told(item) for item in reversed(found["items"])]


def told(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """An event with what it says, for people; who did it, and which clock of its name it was, is said elsewhere."""
    says = tell(item["type"], item["data"])
    return {**item, "told": [one for one in says if one.name not in _QUIET and not _its_actor(one, item)]}


def _its_actor(one: Told, item: Mapping[str, Any]) -> bool:
    return one.name == "by" and one.value == item["actor"]
