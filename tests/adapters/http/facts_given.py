"""A right body for every command on the facts of the work, and facts that are ready for each."""

from collections.abc import Callable
from itertools import count
from typing import Any

from tests.adapters.http.serving import Answer, Service

FACTS = "/api/v1/facts"
AT = "2026-03-02T18:00:00+08:00"
REASON = {"reason": "写明原因"}
MEMBER = {"card_no": "C-1", "member_name": "王小明", "phone": "13812345678"}
ORDER = {"at": AT, "agent": "a1001", "merchant": "m1", **MEMBER, "dining_time": "2026-03-02T19:00:00+08:00"}
EXAM = {"agent": "a1001", "month": "2026-03", "typing": 80, "knowledge": "92.5", "service": 100}
CALL = {
    "began_at": AT,
    "rings": 2,
    "answered_at": "2026-03-02T18:00:10+08:00",
    "holds": [{"began_at": "2026-03-02T18:00:20+08:00", "ended_at": "2026-03-02T18:00:30+08:00"}],
    "ended_at": "2026-03-02T18:01:00+08:00",
    "kind": "booking",
    "agent": "a1001",
    "settled": True,
}
CONDUCT = {"agent": "a1001", "at": AT, "code": "P-IDLE", "words": "看电影"}
SCORES = [{"item": item, "score": "80.5"} for item in ("greeting", "answering", "parting", "hold", "forbidden_phrases")]
REVIEW = {"agent": "a1001", "at": AT, "scores": SCORES, "words": "尚可"}
BODIES: dict[str, dict[str, Any]] = {
    "orders": ORDER,
    "member-callbacks": {"agent": "a1001", "at": AT, "reached": True, "member_name": "王小明", "words": "满意"},
    "callback-summaries": {"agent": "a1001", "week": "2026-03-02", "words": "一周平静"},
    "exams": EXAM,
    "missed-calls": {"at": AT},
    "phone-tests": {"shift": "early", "at": AT, "ok": True, "note": "正常"},
    "phone-faults": {"at": AT},
    "points-shortages": {"at": AT, "order_agent": "a1001", "duty_agent": "a1002", "points": 3},
    "calls": CALL,
    "conduct-reports": CONDUCT,
    "quality-reviews": REVIEW,
}
"""A right body for each kind of fact."""
SEATED: tuple[str, dict[str, Any]] = ("seating", {})
CALLED: tuple[str, dict[str, Any]] = ("merchant-call", {"discount": "八八折", "minimum_spend_fen": 50_000})
STEPS: dict[str, dict[str, Any]] = {
    **dict([CALLED, SEATED]),
    "guest-told": {"table": "七号桌", "without_discount": "海鲜"},
    "inquiry": {"side": "merchant", "seated": True},
    "cancellation": REASON,
    "late": {},
    "amount": {"amount_fen": 88_000},
    "reported-back": {},
    "completion": {"wrong": ["phone"]},
    "correction": {**REASON, "tables": 2},
    "withdrawal": REASON,
    "decision": {"decision": "dismissed", **REASON},
    "dispute": REASON,
    "answer": {"words": "维持"},
}
"""A right body for each step."""
BEFORE: dict[str, list[tuple[str, dict[str, Any]]]] = {"guest-told": [CALLED], "completion": [SEATED]}
"""What an order needs before a step."""
_months = count(1)


def ready(service: Service, kind: str, step: str | None = None, **facts: object) -> str:
    """The id of a new fact for which a step is right; the facts stand in place of the usual ones."""
    year, month = divmod(next(_months), 12)
    body = BODIES[kind] | ({"month": f"{2001 + year}-{month + 1:02}"} if kind == "exams" else {}) | facts
    made = service.post(f"{FACTS}/{kind}", body, who="supervisor")
    assert made.status == 201, made.body
    before = [("dispute", REASON)] if step == "answer" else BEFORE.get(step or "", [])
    for name, needed in before:
        taken: Answer = service.post(
            f"{FACTS}/{kind}/{made['id']}/{name}", needed, who="agent" if name == "dispute" else "supervisor"
        )
        assert taken.status == 200, taken.body
    return str(made["id"])


def right_body(path: str) -> Callable[[], dict[str, Any]] | None:
    """What makes a right body for a path of the API, where it is one of a fact."""
    _, _, fact = path.partition(f"{FACTS}/")
    if not fact:
        return None
    kind, _, rest = fact.partition("/")
    return lambda: STEPS[rest.rpartition("/")[2]] if rest else BODIES[kind]
