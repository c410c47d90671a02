"""Where one can go: the rail, the palette and the single-key shortcuts are made from this table."""

from collections.abc import Iterator
from dataclasses import dataclass

from application.permissions import Action, allowed
from domain.values import Actor, Role


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
    (
        N_("Supervisor"),
        (
            Entry(N_("Escalations"), "/escalations", "trending-up", Action.ANSWER_ESCALATION, "escalations", "e"),
            Entry(N_("Answers to review"), "/answers", "clipboard-check", Action.ANSWER_ESCALATION, "answers"),
            Entry(N_("Penalties to confirm"), "/penalties", "gavel", Action.DECIDE_LINES, "penalties", "b"),
            Entry(N_("Appeals"), "/appeals", "scale", Action.DECIDE_LINES, "appeals"),
            Entry(N_("Dismissal reviews"), "/dismissal-reviews", "shield", Action.DECIDE_LINES),
            Entry(N_("Conduct reports"), "/conduct", "message-square-warning", Action.DECIDE_CONDUCT, "conduct"),
            Entry(N_("Workload"), "/workload", "activity", Action.READ_WORKLOAD, "", "w"),
            Entry(N_("Indicators"), "/indicators", "chart-column", Action.READ_INDICATORS, "", "k"),
            Entry(N_("Complaint analysis"), "/analysis", "list-checks", Action.READ_INDICATORS, "", "y"),
        ),
    ),
    (
        N_("Shifts"),
        (
            Entry(N_("Handover"), "/shifts/handover", "clipboard-list", Action.RUN_SHIFTS, "", "h"),
            Entry(N_("Roster"), "/shifts", "calendar-days", Action.READ_HANDOVERS, "", "d"),
            Entry(N_("Swaps"), "/swaps", "arrow-left-right", Action.REQUEST_SWAPS, "swaps"),
            Entry(N_("Daily report"), "/daily", "file-text", Action.READ_HANDOVERS),
        ),
    ),
    (
        N_("Own"),
        (
            Entry(N_("My ledger"), "/ledger", "wallet", Action.APPEAL, "", "l"),
            Entry(N_("Quality reviews"), "/reviews", "star", Action.READ_FACTS, "", "q"),
        ),
    ),
    (
        N_("Payroll"),
        (
            Entry(N_("Months"), "/payroll", "wallet", Action.EXPORT_MONTHS, "", "m"),
            Entry(N_("Try a tariff"), "/payroll/try", "scale", Action.TRY_TARIFFS),
        ),
    ),
    (
        N_("Audit"),
        (
            Entry(N_("Replay"), "/replay", "history", Action.AUDIT, "", "r"),
            Entry(N_("Proofs"), "/audit", "fingerprint", Action.AUDIT, "", "p"),
            Entry(N_("Who read what"), "/audit/reads", "eye", Action.AUDIT_READS),
            Entry(N_("Erasures"), "/subjects", "user-x", Action.READ_ERASURES),
        ),
    ),
    (
        N_("Administration"),
        (
            Entry(N_("Agents"), "/agents", "users", Action.CHANGE_MASTERS, "", "a"),
            Entry(N_("Teams"), "/teams", "layout-list", Action.CHANGE_MASTERS),
            Entry(N_("Merchants"), "/merchants", "store", Action.CHANGE_MASTERS),
            Entry(N_("Departments"), "/departments", "building-2", Action.CHANGE_MASTERS),
            Entry(N_("Tariffs"), "/tariffs", "banknote", Action.PUBLISH, "", "t"),
            Entry(N_("Payroll policies"), "/payroll-policies", "receipt", Action.PUBLISH),
            Entry(N_("Deadline policies"), "/deadline-policies", "timer", Action.PUBLISH),
            Entry(N_("Calendars"), "/calendars", "calendar-days", Action.PUBLISH),
            Entry(N_("Webhooks"), "/webhooks", "webhook", Action.MANAGE_WEBHOOKS),
            Entry(N_("Keys"), "/keys", "key-round", Action.READ_ALL_KEYS),
        ),
    ),
)
"""Sections of the rail, each with its heading."""


HOMES = {Role.PAYROLL: "/payroll", Role.ADMIN: "/agents"}
"""Where those begin who read no cases; the others in the inbox."""


def sections_for(actor: Actor) -> Iterator[tuple[str, list[Entry]]]:
    """What an actor may see, without empty sections."""
    for heading, entries in SECTIONS:
        seen = [entry for entry in entries if allowed(actor, entry.action)]
        if seen:
            yield heading, seen
