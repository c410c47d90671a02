"""Texts that stand nowhere else, said in every field of every command, and where they are looked for afterwards."""

import base64
import json
from itertools import count

from tests.adapters.http.bodies import a_shift, wage
from tests.adapters.http.facts_given import AT, CONDUCT, EXAM, ORDER, REVIEW
from tests.adapters.http.ledgers_given import a_confirmed_line, a_proposed_line
from tests.adapters.http.serving import (
    ANALYSIS,
    CLARIFICATION,
    OPTION,
    RESOLUTION,
    Case,
    Service,
    ahead,
    escalation,
)

_numbers = count(1)


class Canaries:
    """Makes texts that stand nowhere else and finds them; `mark`: one sign that tells those of one maker from others.

    phones: three digits with which its telephone numbers begin.
    """

    def __init__(self, mark: str = "雀", phones: str = "199") -> None:
        self.made: list[str] = []
        self._heads = {"text": f"金丝{mark}", "phone": f"{phones}7355", "card": f"CARD-{ord(mark)}-"}

    def __call__(self, kind: str = "text") -> str:
        """A text, a telephone number or a card number that stands nowhere else."""
        number = f"{next(_numbers):04}"
        made = self._heads[kind] + (f"{number}canary" if kind == "text" else number)
        self.made.append(made)
        return made

    def hits(self, hay: bytes) -> list[str]:
        """Those that stand in it: as they are, escaped, in hexadecimal or base64."""
        low = hay.lower()
        return [made for made in self.made if any(form.lower() in low for form in _forms(made))]

    def traces(self, hay: bytes) -> int:
        """How often the beginning of any of them stands in it, in any of those forms: fast over a great deal."""
        low = hay.lower()
        return sum(low.count(form.lower()) for head in self._heads.values() for form in _forms(head))


def _forms(text: str) -> list[bytes]:
    plain = text.encode()
    escaped = json.dumps(text).strip('"').encode()
    middles = [base64.b64encode(b"\0" * skip + plain)[4:-4] for skip in range(3)]
    forms = {plain, escaped, plain.hex().encode(), text.encode("utf-16-le"), *middles}
    return sorted(form for form in forms if len(form) >= SHORTEST)


SHORTEST = 7
"""Bytes that do not come together by chance in what is searched."""


def say_a_case(service: Service, canary: Canaries, card_no: str | None = None) -> Case:
    """A case with a canary in every text of every command, closed, and the evaluation of its customer."""
    case = service.receive(
        customer={
            "name": canary(),
            "phone": canary("phone"),
            "card_no": card_no or canary("card"),
            "email": f"{canary()}@x.cn",
        },
        narrative=canary(),
        place=canary(),
        demands=[canary(), canary()],
    )
    reason = {"reason": canary()}
    service.give(case, "acknowledgement", {})
    six = {name: canary() for name in ("what", "when", "where", "who", "why", "how")}
    service.give(case, "clarification", {**CLARIFICATION, **six, "type": "price"})
    photo = {"kind": "photo", "ref": canary(), "note": canary()}
    item = {"text": canary(), "amount_fen": 100, "discountable": True}
    bill = {"items": [item], "minimum_spend_met": True}
    findings = {"findings": canary(), "evidence": [photo], "bill": bill, "bill_unavailable": canary()}
    service.give(case, "investigation", findings)
    service.give(case, "analysis", {**ANALYSIS, "severity": "major", "basis": canary()})
    asked = {"scenarios": [{"if": canary(), "answer": canary()}], "options": [canary(), canary()]}
    service.give(case, "escalations", {**escalation(), **reason, **asked, "bottom_line": canary()})
    service.give(case, "escalations/1/answer", {"words": canary(), "approved_cost_fen": 9000}, who="supervisor")
    service.give(case, "proposals", {"options": [{**OPTION, "text": canary()}]})
    verdict = {"option": 1, "verdict": "returned", "reason": canary()}
    service.give(case, "answer-reviews", verdict, who="colleague")
    service.give(case, "answer-reviews", {**verdict, "verdict": "passed"}, who="colleague")
    service.give(case, "interim-replies", {"words": canary(), "answer_by": ahead()})
    answers = [{"demand": n, "decision": "partly", "reason": canary()} for n in (1, 2)]
    service.give(case, "resolution", {**RESOLUTION, "solution": canary(), "answers": answers})
    service.give(case, "fulfilments", {"demand": 1, "words": canary()})
    service.give(case, "promises", {"text": canary(), "due_at": ahead()})
    service.give(case, "contacts", {"direction": "out", "channel": "chat", "words": canary()})
    service.give(case, "notes", {"text": canary(), "temperament": "red"})
    service.give(case, "evidence", {**photo, "ref": canary(), "note": canary()})
    service.give(case, "pause", {"category": "customer", "reason": canary()})
    service.give(case, "resumption", {})
    service.give(case, "extension", {"clock": "callback", "until": ahead(hours=240), "reason": canary()})
    service.give(case, "assignment", {"agent": "a1002", "reason": canary()})
    service.give(case, "callbacks", {"reached": True, "satisfied": False, "score": 1, "words": canary()})
    service.give(case, "withdrawal", {"reason": canary()})
    service.give(case, "reopening", {"reason": canary()})
    service.give(case, "proposals", {"options": [{**OPTION, "text": canary()}]})
    service.give(case, "answer-reviews", {"option": 1, "verdict": "passed"}, who="colleague")
    service.give(case, "resolution", {**RESOLUTION, "answers": answers})
    service.give(case, "review-requests", {"reason": canary()})
    case.version += 2
    service.give(case, "callbacks", {"reached": True, "satisfied": True, "words": canary()})
    service.give(case, "summary", {name: canary() for name in ("cause", "learned", "prevention", "improvement")})
    service.give(case, "closing", {})
    subject = service.get(case.url)["customer"]["subject"]
    steps = {name: canary() for name in ("collected", "planned", "evaluated", "decided", "adjusted")}
    service.post(f"/api/v1/customers/{subject}/class", {"customer_class": "top", **steps})
    return case


def say_the_work(service: Service, canary: Canaries) -> None:
    """Facts, roster, wages, ledgers: their free texts, and who the members are."""
    person = {"id": "a77", "name": canary(), "role": "agent", "joined_on": "2026-01-01"}
    service.seen(service.post("/api/v1/agents", person, who="admin")["position"])
    service.post("/api/v1/merchants", {"id": "m1", "name": "m"}, who="admin")
    say_an_order(service, canary, canary("card"))
    callback = {"agent": "a1001", "at": AT, "reached": True}
    texts = {"member_name": canary(), "phone": canary("phone"), "words": canary()}
    fact = made(service, "facts/member-callbacks", callback | texts)
    made(service, f"facts/member-callbacks/{fact}/withdrawal", {"reason": canary()}, "second")
    made(service, "facts/callback-summaries", {"agent": "a1001", "week": "2026-03-02", "words": canary()})
    made(service, "facts/exams", {**EXAM, "month": "2025-12"})
    made(service, "facts/exams", {**EXAM, "month": "2025-12", "typing": 70, "reason": canary()})
    made(service, "facts/phone-tests", {"shift": "early", "at": AT, "ok": True, "note": canary()})
    report = made(service, "facts/conduct-reports", {**CONDUCT, "words": canary()})
    made(service, f"facts/conduct-reports/{report}/decision", {"decision": "dismissed", "reason": canary()})
    review = made(service, "facts/quality-reviews", {**REVIEW, "words": canary()})
    made(service, f"facts/quality-reviews/{review}/dispute", {"reason": canary()}, "agent")
    made(service, f"facts/quality-reviews/{review}/answer", {"words": canary()})
    shift = a_shift(service)
    changes: dict[str, dict[str, object]] = {"roster": {"agents": ["a1002"]}, "absences": {"agent": "a1002"}}
    for version, (what, change) in enumerate(changes.items(), 1):
        made(service, f"shifts/{shift}/{what}", {**change, "reason": canary()}, version=version)
    made(service, "wages", wage(month="2025-12"), "payroll")
    made(service, "wages", wage(month="2025-12", gross_fen=1, reason=canary()), "payroll")
    deputy = {"from": "2026-01-01", "to": "2999-01-01", "reason": canary()}
    made(service, "agents/a1002/deputy", deputy, "admin")
    made(service, "ledgers/penalties/dismissals", {"entries": [a_proposed_line(service)], "reason": canary()})
    line = a_confirmed_line(service)
    appeal = made(service, f"ledgers/entries/{line}/appeals", {"reason": canary()}, "colleague")
    made(service, f"appeals/{appeal}/decision", {"decision": "rejected", "reason": canary()})


def say_an_order(service: Service, canary: Canaries, card_no: str) -> None:
    """A service order of a member, with all its steps that have words; the merchant `m1` must be there."""
    member = {"card_no": card_no, "member_name": canary(), "phone": canary("phone")}
    order = made(service, "facts/orders", {**ORDER, **member, "remarks": canary()})
    told = {"table": canary(), "without_discount": canary()}
    for step, body in (("merchant-call", {"discount": canary()}), ("guest-told", told)):
        made(service, f"facts/orders/{order}/{step}", body)
    made(service, f"facts/orders/{order}/correction", {"reason": canary(), **member, "member_name": canary()})
    made(service, f"facts/orders/{order}/cancellation", {"reason": canary()})
    made(service, f"facts/orders/{order}/withdrawal", {"reason": canary()}, "second")


def made(service: Service, path: str, body: object, who: str = "supervisor", version: int | None = None) -> str:
    """Send what must be taken; the id that was answered, if one was."""
    answer = service.post(f"/api/v1/{path}", body, who=who, version=version)
    assert answer.status in {200, 201}, answer.body
    return str(answer.body.get("id"))
