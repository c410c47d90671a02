"""A handover in plain JSON types (S-3)."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from application.handover_reads import HandoverShown
from domain.shift.handover import CaseLine
from domain.shift.shift import Signed, roster_of

Names = Mapping[str, str | None]
_encode = msgspec.json.Encoder().encode
_SECTIONS = ("due", "callbacks", "granted", "escalated", "messages")
_LISTED = ("cases", "phone_tests", "phone_faults", "missed_calls", "conduct", "notices")


def plain_handover(shown: HandoverShown, names: Names, head: str | None) -> dict[str, Any]:
    """The whole handover; its sections name their items. head: the newest signed one, if it covers the handover."""
    shift, handover, roster = shown.shift, shown.handover, roster_of(shown.shift)
    course = shift.course
    return {
        "shift": shown.id,
        "version": shown.version,
        "date": shift.day,
        "kind": shift.kind,
        "team": shift.team,
        "start": roster.start,
        "end": roster.end,
        "frozen": shown.frozen,
        "after": handover.after,
        "upto": handover.upto,
        "head": head,
        "until": handover.until,
        "prepared": _signed(course.prepared, names),
        "accepted": _signed(course.accepted, names),
        "released": _signed(course.released, names),
        "reason": shown.reason,
        "notes": shown.notes,
        "questions": shown.questions,
        "open_at_start": handover.open_at_start,
        "open_at_end": handover.open_at_end,
        "counts": handover.counts,
        "steps": handover.steps,
        **{name: _items(getattr(handover, name)) for name in _LISTED},
        **{name: _named(getattr(handover, name)) for name in _SECTIONS},
        "names": names,
    }


def _signed(signed: Signed | None, names: Names) -> dict[str, Any] | None:
    return {"by": signed.by, "name": names.get(signed.by), "at": signed.at} if signed else None


def _items(listed: Sequence[Any]) -> list[msgspec.Raw]:
    """Each with what it is ticked by, as JSON: dicts of twenty thousand would take longer than all the rest."""
    return [msgspec.Raw(b'{"item":%b,%b' % (_encode(one.item), _encode(one)[1:])) for one in listed]


def _named(lines: Sequence[CaseLine]) -> list[str]:
    return [line.item for line in lines]
