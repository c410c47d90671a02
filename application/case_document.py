"""A whole case as readers see it, put together from its events: nothing is left out, nothing decided."""

from collections.abc import Sequence
from typing import Any

from application.envelope import Recorded, written
from application.sealing import Show, reveal
from domain.case import events as e
from domain.case.case import Case
from domain.kernel import Event

_LATEST: dict[type[Event], str] = {
    e.Acknowledged: "acknowledgement",
    e.Clarified: "clarification",
    e.Investigated: "investigation",
    e.Analysed: "analysis",
    e.SolutionProposed: "proposal",
    e.AnswerReviewed: "answer_review",
    e.Resolved: "resolution",
    e.Summarised: "summary",
    e.Closed: "closing",
    e.Withdrawn: "withdrawal",
    e.ReviewRequested: "review_request",
}
_LISTED: dict[type[Event], str] = {
    e.Escalated: "escalations",
    e.CallbackDone: "callbacks",
    e.Reassigned: "assignments",
    e.Paused: "pauses",
    e.DeadlineExtended: "extensions",
    e.PromiseMade: "promises",
    e.CustomerContacted: "contacts",
    e.InterimReplySent: "interim_replies",
    e.Noted: "notes",
    e.Linked: "links",
    e.Fulfilled: "fulfilments",
}


def document(case: Case, history: Sequence[Recorded], show: Show) -> dict[str, Any]:
    """The case that `history` folds to; the history begins with its receipt, `show` opens or masks what is sealed.

    Parts that have not happened are None or empty; `version` and `position` are those of the last event.
    """
    found: dict[str, Any] = dict.fromkeys(_LATEST.values()) | {
        name: [] for name in (*_LISTED.values(), "evidence", "reopenings")
    }
    for recorded in history:
        _place(found, recorded, show)
    last = history[-1]
    return {
        **_head(case),
        "version": last.version,
        "position": last.position,
        "last_at": written(last.meta.at),
        **found,
        "demands": _demands(case, found),
    }


def _head(case: Case) -> dict[str, Any]:
    return {
        "status": case.status,
        "acknowledged": case.acknowledged,
        "paused": case.paused,
        "escalated": case.escalated,
        "valid": case.valid,
        "owner": case.owner,
        "handler": case.handler,
        "team": case.team,
        "merged_into": case.merged_into,
        "review": case.review,
        "courtesies": sorted(case.courtesies),
        "barred": list(case.barred),
    }


def _place(found: dict[str, Any], recorded: Recorded, show: Show) -> None:
    event, meta = recorded.event, recorded.meta
    stamp = {"by": meta.actor, "at": written(meta.at)}
    match event:
        case e.Received():
            received = reveal(event, show)
            team, owner, handler = (received.pop(name) for name in ("team", "owner", "handler"))
            found |= received | {"received_by": meta.actor, "first_team": team, "first_handler": handler or owner}
        case e.EscalationAnswered():
            found["escalations"][event.number - 1]["answer"] = stamp | reveal(event, show)
        case e.EvidenceAttached():
            found["evidence"].append(stamp | reveal(event, show)["evidence"])
        case e.Reopened():
            # what was proposed before holds no longer
            found |= {"proposal": None, "answer_review": None}
            found["reopenings"].append(stamp | reveal(event, show))
        case e.Closed() | e.Withdrawn():
            if found["pauses"]:
                found["pauses"][-1].setdefault("until", stamp["at"])
            found[_LATEST[type(event)]] = stamp | reveal(event, show)
        case e.Resumed():
            found["pauses"][-1]["until"] = reveal(event, show)["resumed_at"]
        case _ if name := _LATEST.get(type(event)):
            found[name] = stamp | reveal(event, show)
        case _ if name := _LISTED.get(type(event)):
            found[name].append(stamp | reveal(event, show))
        case _:
            pass


def _demands(case: Case, found: dict[str, Any]) -> list[dict[str, Any]]:
    answers = {answer["demand"]: answer for answer in (found["resolution"] or {}).get("answers", ())}
    return [
        {
            "number": number,
            "text": text,
            "decision": answers.get(number, {}).get("decision"),
            "reason": answers.get(number, {}).get("reason"),
            "due": answers.get(number, {}).get("due"),
            "fulfilled": case.grants.get(number),
        }
        for number, text in enumerate(found["demands"], 1)
    ]
