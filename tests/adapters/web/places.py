"""Every page of the console, and who opens it: what is checked of each stands in test_every_page.py."""

from collections.abc import Callable
from dataclasses import dataclass
from secrets import token_hex

from domain.values import AgentId, CaseId
from tests.adapters.http.serving import Service
from tests.adapters.web import desk_given as desk
from tests.adapters.web import house_given as house


def _plain(path: str) -> Callable[[Service], str]:
    return lambda _: path


def _listed(path: str) -> Callable[[Service], str]:
    def ready(service: Service) -> str:
        service.seen(service.case("clarified").position)
        return path

    return ready


def _case(suffix: str = "") -> Callable[[Service], str]:
    return lambda service: f"/cases/{service.case('clarified').id}{suffix}"


def _access(service: Service) -> str:
    """Password and keys, with one of each."""
    service.run(service.services.passwords.give(AgentId("a1001"), "walrus-copper-lantern-9"))
    service.ask("PUT", f"/api/v1/own-keys/{token_hex(4)}", {"label": "报表", "scopes": ["read"]})
    return "/settings/access"


def _complaint_status(service: Service) -> str:
    """How far a complaint has come, as its customer sees it."""
    case = CaseId(service.case("clarified").id)
    return f"/status/{service.run(service.app.state.parts.complaint_links.make(case))}"


@dataclass(frozen=True, slots=True)
class Place:
    """A page. name: of its pictures; who: a name of PEOPLE; path: made where it needs something to be there first."""

    name: str
    who: str
    path: Callable[[Service], str]


PLACES = (
    Place("inbox", "agent", _listed("/?view=all")),
    Place("inbox-filtered", "agent", _listed("/?status=open&channel=hotline")),
    Place("search", "agent", _listed("/search?q=账单")),
    Place("new-case", "agent", _plain("/cases/new")),
    Place("case", "agent", _case()),
    Place("case-step", "agent", _case("/do/investigation")),
    Place("escalations", "supervisor", desk.escalations),
    Place("escalation-answer", "supervisor", desk.escalation_answer),
    Place("answers", "supervisor", desk.answers),
    Place("answer-review", "supervisor", desk.answer_review),
    Place("penalties", "supervisor", desk.penalties),
    Place("dismissal-reviews", "supervisor", _plain("/dismissal-reviews")),
    Place("appeals", "supervisor", desk.appeals),
    Place("appeal", "supervisor", desk.appeal),
    Place("conduct", "supervisor", desk.conduct),
    Place("conduct-report", "supervisor", desk.conduct_report),
    Place("conduct-new", "supervisor", _plain("/conduct/new")),
    Place("reviews", "agent", desk.reviews),
    Place("review", "agent", desk.review),
    Place("review-disputed", "supervisor", desk.disputed_review),
    Place("review-new", "supervisor", _plain("/reviews/new")),
    Place("workload", "supervisor", desk.workload),
    Place("indicators", "supervisor", desk.indicators),
    Place("analysis", "supervisor", desk.analysis),
    Place("ledger", "colleague", desk.ledger),
    Place("appeal-form", "colleague", desk.appeal_form),
    Place("notices", "supervisor", _plain("/notices?view=all")),
    Place("settings", "agent", _plain("/settings")),
    Place("access", "agent", _access),
    Place("complain", "agent", _plain("/complain")),
    Place("complaint-status", "agent", _complaint_status),
    Place("roster", "supervisor", desk.roster),
    Place("shift", "supervisor", desk.shift),
    Place("shift-form", "supervisor", desk.shift_form),
    Place("handover", "agent", desk.handover),
    Place("handover-to-accept", "colleague", desk.handover_to_accept),
    Place("swaps", "supervisor", desk.swaps),
    Place("swap-form", "agent", desk.swap_form),
    Place("daily", "supervisor", desk.daily),
    Place("daily-open", "supervisor", desk.daily_open),
    Place("payroll", "payroll", _plain("/payroll")),
    Place("payroll-closed", "payroll", house.closed_month),
    Place("payroll-frozen", "payroll", house.frozen_month),
    Place("payroll-lines", "payroll", house.lines),
    Place("payroll-line", "payroll", house.line),
    Place("statement", "payroll", house.statement),
    Place("tariff-try", "payroll", _plain("/payroll/try")),
    Place("replay-cases", "auditor", _plain("/replay")),
    Place("replay", "auditor", house.replay),
    Place("proofs", "auditor", house.event),
    Place("reads", "auditor", house.reads),
    Place("subjects", "auditor", house.persons),
    Place("subject", "auditor", house.person),
    Place("agents", "admin", _plain("/agents")),
    Place("agent", "admin", _plain("/agents/a1001")),
    Place("agent-new", "admin", _plain("/agents/new")),
    Place("agent-change", "admin", _plain("/agents/a1001/do/limit")),
    Place("merchants", "admin", _plain("/merchants")),
    Place("tariffs", "admin", _plain("/tariffs")),
    Place("tariff-proposed", "admin", house.proposed_tariff),
    Place("tariff-new", "admin", _plain("/tariffs/new")),
    Place("payroll-policy-new", "admin", _plain("/payroll-policies/new")),
    Place("deadline-policies", "admin", _plain("/deadline-policies")),
    Place("calendars", "admin", _plain("/calendars")),
    Place("webhooks", "admin", _plain("/webhooks")),
    Place("keys", "admin", house.keys),
    Place("key-new", "admin", house.key_to_replace),
    Place("rules", "agent", _plain("/rules")),
    Place("rule", "agent", _plain("/rules/L-4")),
)
