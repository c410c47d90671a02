"""The facts of the work over the API: orders along their course, and what is recorded in one go (W-1 … W-9)."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from adapters.bootstrap import OPERATOR, operators_command
from application.sealing import ERASED
from application.streams import conduct_stream, fact_stream, order_stream, review_stream
from domain.values import DEFAULT_ZONE, AgentId, Month
from domain.work import facts as f
from tests.adapters.http.facts_given import (
    AT,
    BODIES,
    CALL,
    CONDUCT,
    EXAM,
    FACTS,
    ORDER,
    REASON,
    REVIEW,
    SCORES,
    SEATED,
    ready,
)
from tests.adapters.http.persons_given import erase
from tests.adapters.http.serving import Answer, Service, ago, ahead

WITHDRAWN = [kind for kind in BODIES if kind not in {"conduct-reports", "quality-reviews"}]


@pytest.fixture(autouse=True, scope="module")
def merchants(service: Service) -> None:
    """m1 is signed and key recommended from 2026-03-02 on, m2 neither."""

    async def register() -> None:
        masters = service.services.masters
        for merchant in ("m1", "m2"):
            await masters.register_merchant(merchant, "Lotus", OPERATOR, operators_command())
        day = datetime(2026, 3, 2, tzinfo=UTC).date()
        await masters.change_signing("m1", day, signed=True, actor=OPERATOR, command=operators_command())
        await masters.change_recommendation("m1", day, recommended=True, actor=OPERATOR, command=operators_command())

    service.run(register())


Step = tuple[str, dict[str, Any]]


def post(service: Service, path: str, body: object, who: str = "supervisor", **how: Any) -> Answer:
    return service.post(f"{FACTS}/{path}", body, who=who, **how)


def made(service: Service, kind: str, who: str = "supervisor", **facts: object) -> Answer:
    """A fact of a kind; the facts stand in place of the usual ones."""
    answer = post(service, kind, {**BODIES[kind], **facts}, who)
    assert answer.status == 201, answer.body
    return answer


def shown(service: Service, kind: str, fact: str, who: str = "supervisor", query: str = "") -> dict[str, Any]:
    answer = service.get(f"{FACTS}/{kind}/{fact}{query}", who=who)
    assert answer.status == 200, answer.body
    return dict(answer.body)


def take(service: Service, order: str, *steps: Step, who: str = "supervisor") -> None:
    for step, body in steps:
        answer = post(service, f"orders/{order}/{step}", body, who)
        assert answer.status == 200, answer.body


COMPLETED: Step = ("completion", {})


# ---- every kind -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", BODIES)
def test_a_fact_is_recorded_read_and_listed(service: Service, kind: str) -> None:
    answer = made(service, kind)
    assert {*answer.body} == {"id", "version", "position"}
    assert answer.headers["location"] == f"{FACTS}/{kind}/{answer['id']}"
    assert answer.headers["etag"] == f'"v{answer["version"]}"'
    found = shown(service, kind, answer["id"])
    assert (found["kind"], found["version"], found["position"]) == (kind, answer["version"], answer["position"])
    assert found["history"][-1]["position"] == answer["position"]
    listed = service.get(f"{FACTS}/{kind}?min_position={answer['position']}", who="supervisor")["items"]
    assert listed[0]["id"] == answer["id"]
    assert listed[0]["version"] == answer["version"]


@pytest.mark.parametrize("kind", BODIES)
def test_a_repeated_request_gets_the_first_answer(service: Service, kind: str) -> None:
    headers = {"idempotency-key": f"once-{kind}"}
    body = BODIES[kind] | ({"month": "2026-01"} if kind == "exams" else {})
    first = post(service, kind, body, headers=headers)
    again = post(service, kind, body, headers=headers)
    assert (again.status, again.body) == (201, first.body)
    assert shown(service, kind, first["id"])["version"] == first["version"]
    assert again.headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize("kind", BODIES)
def test_what_has_not_happened_is_not_recorded(service: Service, kind: str) -> None:
    """Each by its own rule: 422."""
    field = {"calls": "ended_at", "exams": "month", "callback-summaries": "week"}.get(kind, "at")
    coming = {"exams": "2199-01", "callback-summaries": "2199-01-07"}.get(kind, ahead())
    rules = {"orders": "W-1", "member-callbacks": "W-2", "callback-summaries": "W-2", "exams": "W-3", "calls": "W-9"}
    rules |= {"missed-calls": "W-5", "phone-tests": "W-4", "phone-faults": "W-4", "points-shortages": "W-7"}
    rules |= {"conduct-reports": "W-6", "quality-reviews": "W-8"}
    refused = post(service, kind, {**BODIES[kind], field: coming})
    assert (refused.kind, refused["rule"]) == ((422, "invalid"), rules[kind])
    assert refused["errors"][0]["pointer"] == f"/{field}"


@pytest.mark.parametrize("kind", WITHDRAWN)
def test_a_fact_is_withdrawn_by_a_supervisor_with_a_reason(service: Service, kind: str) -> None:
    fact = made(service, kind, **({"month": "2025-12"} if kind == "exams" else {}))["id"]
    path = f"{kind}/{fact}/withdrawal"
    assert post(service, path, REASON, "agent").kind == (403, "forbidden")
    assert post(service, path, {}).kind == (422, "invalid")
    withdrawn = post(service, path, REASON, "second")
    assert withdrawn.status == 200, withdrawn.body
    found = shown(service, kind, fact)
    assert (found["withdrawn"], found["version"]) == (True, withdrawn["version"])
    assert found["history"][-1]["data"] == REASON
    rows = service.get(f"{FACTS}/{kind}?min_position={withdrawn['position']}", who="supervisor")["items"]
    assert {row["id"]: row["withdrawn"] for row in rows}[fact] is True


@pytest.mark.parametrize("kind", BODIES)
def test_a_fact_of_another_kind_or_of_none_is_not_found(service: Service, kind: str) -> None:
    other = made(service, "missed-calls" if kind != "missed-calls" else "phone-faults")["id"]
    for named in (other, str(uuid4()), "nothing"):
        assert service.get(f"{FACTS}/{kind}/{named}", who="supervisor").kind == (404, "not_found")
        if kind in WITHDRAWN:
            assert post(service, f"{kind}/{named}/withdrawal", REASON).kind == (404, "not_found")
            assert post(service, f"{kind}/{named}/withdrawal", {"x": 1}).kind == (404, "not_found")


def test_if_match_is_taken_and_not_needed(service: Service) -> None:
    order = made(service, "orders")["id"]
    assert post(service, f"orders/{order}/seating", {}, version=2).kind == (412, "stale")
    assert post(service, f"orders/{order}/seating", {}, version=1).status == 200
    assert post(service, f"orders/{order}/completion", {}).status == 200


# ---- W-1 ------------------------------------------------------------------------------------------------------------
def test_an_order_along_its_whole_course(service: Service) -> None:
    order = made(service, "orders", "agent", gold_card=True)["id"]
    take(
        service,
        order,
        ("merchant-call", {"discount": "八八折", "minimum_spend_fen": 50_000}),
        ("guest-told", {"table": "七号桌", "without_discount": "海鲜"}),
        ("inquiry", {"side": "merchant", "seated": True, "at": ago(minutes=1)}),
        ("late", {"expected_at": ahead()}),
        SEATED,
        ("amount", {"amount_fen": 88_000}),
        ("reported-back", {}),
        COMPLETED,
        who="agent",
    )
    found = shown(service, "orders", order)
    assert found["version"] == 9
    assert [item["type"] for item in found["history"]][-2:] == ["order.reported_back", "order.done"]
    data = found["data"]
    assert (data["valid"], data["seated"], data["missing"], data["amount_fen"]) == (True, True, [], 88_000)
    assert (data["signed"], data["recommended"], data["member_name"]) == (True, True, "王小明")


@pytest.mark.parametrize(
    ("facts", "standing"),
    [
        ({"merchant": "m1"}, (True, True)),
        ({"merchant": "m2"}, (False, False)),
        # the local day counts: one minute before the 2nd of March in Shanghai
        ({"merchant": "m1", "at": "2026-03-01T15:59:00Z"}, (False, False)),
        ({"merchant": "m1", "at": "2026-03-01T16:00:00Z"}, (True, True)),
        ({"merchant": "m1", "signed": False, "recommended": False}, (False, False)),
        ({"merchant": "m2", "signed": True, "recommended": True}, (True, True)),
    ],
)
def test_an_order_has_what_the_merchant_was_that_day(
    service: Service, facts: dict[str, Any], standing: tuple[bool, bool]
) -> None:
    data = shown(service, "orders", made(service, "orders", **facts)["id"])["data"]
    assert (data["signed"], data["recommended"]) == standing


def test_another_merchant_or_day_is_looked_up_anew(service: Service) -> None:
    order = made(service, "orders")["id"]

    def corrected(**facts: object) -> tuple[bool, bool]:
        take(service, order, ("correction", {**REASON, **facts}))
        data = shown(service, "orders", order)["data"]
        return data["signed"], data["recommended"]

    assert corrected(tables=2) == (True, True)
    assert corrected(at="2026-02-01T12:00:00+08:00") == (False, False)
    assert corrected(merchant="m1") == (False, False)
    assert corrected(at=AT) == (True, True)
    assert corrected(merchant="m2") == (False, False)
    assert corrected(merchant="m1", signed=False) == (False, True)


def test_what_is_missing_follows_from_the_order(service: Service) -> None:
    """P-ORDER-FIELD: judged when the course ends."""
    bare: dict[str, Any] = {"card_no": None, "phone": None, "merchant": None, "special": True, "gold_card": True}
    order = made(service, "orders", **bare)["id"]
    take(service, order, SEATED, ("completion", {"wrong": ["member_name", "member_name"]}))
    data = shown(service, "orders", order)["data"]
    assert data["missing"] == ["merchant", "card_no", "phone", "gold_amount", "remarks"]
    assert (data["wrong"], data["valid"]) == (["member_name"], False)


def test_an_order_finished_elsewhere_is_one_command_as_stated(service: Service) -> None:
    """scenarios/README.md: at, agent, merchant, signed, recommended, missing, wrong, seated."""
    facts = {"at": AT, "agent": "a1001", "merchant": "m1", "signed": True, "recommended": False}
    stated = {"seated": True, "missing": ["phone", "dining_time"], "wrong": ["card_no", "phone"]}
    answer = post(service, "orders", {**facts, **stated})
    assert (answer.status, answer["version"]) == (201, 2)
    state = service.run(service.services.log.states([order_stream(UUID(answer["id"]))]))
    assert state[order_stream(UUID(answer["id"]))].fact() == f.Order(
        at=datetime(2026, 3, 2, 18, tzinfo=ZoneInfo(DEFAULT_ZONE)),
        agent=AgentId("a1001"),
        merchant="m1",
        signed=True,
        recommended=False,
        missing=frozenset({f.OrderField.PHONE, f.OrderField.DINING_TIME}),
        wrong=frozenset({f.OrderField.CARD_NO, f.OrderField.PHONE}),
    )
    assert shown(service, "orders", made(service, "orders", seated=True)["id"])["data"]["valid"] is True
    assert shown(service, "orders", made(service, "orders", seated=False)["id"])["data"]["valid"] is False


def test_of_an_order_finished_elsewhere_what_is_missing_is_stated_or_follows_from_its_items(service: Service) -> None:
    """P-ORDER-FIELD, W-1: who states items and not what is missing has it worked out, as at the end of a course."""
    of_scenarios = {"at": AT, "agent": "a1001", "merchant": "m1", "seated": True}
    facts = {**of_scenarios, "member_name": "王小明"}

    def missing(facts: dict[str, object] = facts, **stated: object) -> list[str]:
        answer = post(service, "orders", {**facts, **stated})
        assert answer.status == 201, answer.body
        return list(shown(service, "orders", answer["id"])["data"]["missing"])

    assert missing() == ["card_no", "phone", "dining_time"]
    assert missing(gold_card=True, card_no="G1") == ["phone", "dining_time", "gold_amount"]
    assert missing(missing=[]) == []
    assert missing(of_scenarios) == []


def test_items_are_stated_of_finished_orders_alone(service: Service) -> None:
    for field in ("missing", "wrong"):
        refused = post(service, "orders", {**ORDER, field: ["phone"]})
        assert (refused.kind, refused["errors"][0]["pointer"]) == ((422, "invalid"), f"/{field}")


def test_what_an_order_names_is_known(service: Service) -> None:
    for field in ("agent", "follow_up"):
        refused = post(service, "orders", {**ORDER, field: "a9999"})
        assert (refused.kind, refused["errors"][0]["pointer"]) == ((409, "agent_unknown"), f"/{field}")
    refused = post(service, "orders", {**ORDER, "merchant": "m9"})
    assert (refused.kind, refused["rule"]) == ((409, "merchant_unknown"), "W-1")
    order = made(service, "orders")["id"]
    assert post(service, f"orders/{order}/correction", {**REASON, "merchant": "m9"}).kind == (409, "merchant_unknown")
    assert post(service, f"orders/{order}/correction", {**REASON, "agent": "a9"}).kind == (409, "agent_unknown")


def test_a_step_out_of_order_is_refused(service: Service) -> None:
    order = made(service, "orders")["id"]
    refused = post(service, f"orders/{order}/guest-told", {"table": "7"})
    assert (refused.kind, refused["rule"]) == ((409, "out_of_order"), "W-1")
    assert post(service, f"orders/{order}/completion", {}).kind == (409, "outcome_unknown")
    take(service, order, ("cancellation", REASON))
    assert post(service, f"orders/{order}/seating", {}).kind == (409, "out_of_order")
    take(service, order, COMPLETED)
    assert post(service, f"orders/{order}/seating", {}).kind == (409, "order_done")


def test_an_order_is_worked_on_by_who_entered_it_who_follows_it_up_and_supervisors(service: Service) -> None:
    order = made(service, "orders", "agent", follow_up="a1002")["id"]
    step = f"orders/{order}/merchant-call"
    body = {"discount": "九折"}
    assert post(service, step, body, "stranger").kind == (403, "not_your_fact")
    assert post(service, step, {}, "stranger").kind == (403, "not_your_fact")
    assert service.get(f"{FACTS}/orders/{order}", who="stranger").kind == (403, "not_your_fact")
    for who in ("agent", "colleague", "supervisor", "admin"):
        assert post(service, step, body, who).status == 200
    for who in ("payroll", "auditor"):
        assert post(service, step, body, who).kind == (403, "forbidden")


def test_an_ended_order_is_corrected_by_a_supervisor(service: Service) -> None:
    order = made(service, "orders", "agent", phone=None)["id"]
    take(service, order, ("correction", {**REASON, "tables": 2}), SEATED, COMPLETED, who="agent")
    correction = {**REASON, "phone": "13912345678"}
    assert post(service, f"orders/{order}/correction", correction, "agent").kind == (403, "corrected_by_supervisor")
    take(service, order, ("correction", correction))
    data = shown(service, "orders", order)["data"]
    assert (data["missing"], data["valid"], data["phone"]) == ([], True, "13912345678")


def test_the_same_card_is_the_same_person_in_orders_and_cases(service: Service) -> None:
    """A-3: who erases the customer erases the member."""
    order = shown(service, "orders", made(service, "orders", card_no="C-77")["id"])["data"]
    case = service.receive(customer={"name": "王小明", "card_no": "C-77"})
    assert service.get(case.url)["customer"]["subject"] == order["subject"]
    other = made(service, "orders", card_no="C-78")["id"]
    take(service, other, ("correction", {**REASON, "card_no": "C-77"}))
    assert shown(service, "orders", other)["data"]["subject"] == order["subject"]
    assert shown(service, "orders", other)["data"]["card_no"] == "C-77"


def test_the_same_card_is_the_same_person_in_callbacks_and_cases(service: Service) -> None:
    """A-3: who erases the customer erases what was said to the member."""
    name = {"member_name": "王小明", "phone": "13812349999"}
    called = shown(service, "member-callbacks", made(service, "member-callbacks", card_no="C-79", **name)["id"])["data"]
    case = service.case("withdrawn", customer={"name": "王小明", "card_no": "C-79"})
    assert service.get(case.url)["customer"]["subject"] == called["subject"]
    without = shown(service, "member-callbacks", made(service, "member-callbacks", **name)["id"])["data"]
    other = service.receive(customer={"name": "王小明", "phone": "13812349999"})
    assert service.get(other.url)["customer"]["subject"] == without["subject"] != called["subject"]


def test_an_erased_member_is_erased_in_callbacks_a_3(service: Service) -> None:
    card = "C-80"
    callback = made(service, "member-callbacks", card_no=card, phone="13812348888", words="下次订海边的位子")["id"]
    before = shown(service, "member-callbacks", callback)["data"]
    assert (before["card_no"], before["words"]) == (card, "下次订海边的位子")
    erase(service, before["subject"])
    after = shown(service, "member-callbacks", callback)["data"]
    assert {after[field] for field in ("card_no", "member_name", "phone", "words")} == {ERASED}


# ---- W-2, W-3 -------------------------------------------------------------------------------------------------------
def test_callbacks_are_calls_or_a_months_number(service: Service) -> None:
    tally = {"agent": "a1001", "month": "2026-02", "count": 75, "full_weeks": 3}
    first = post(service, "member-callbacks", tally)
    assert first.status == 201, first.body
    assert post(service, "member-callbacks", tally)["version"] == 1
    assert post(service, "member-callbacks", {**tally, "count": 80}).kind == (409, "already_recorded")
    corrected = post(service, "member-callbacks", {**tally, "count": 80, **REASON})
    assert (corrected.status, corrected["id"], corrected["version"]) == (201, first["id"], 2)
    state = service.run(service.services.log.states([fact_stream(UUID(first["id"]))]))
    known = state[fact_stream(UUID(first["id"]))].fact()
    assert known == f.MemberCallbacks(month=Month(2026, 2), agent=AgentId("a1001"), count=80, full_weeks=3)
    for body in (
        {"agent": "a1001"},
        {"agent": "a1001", "at": AT},
        {**tally, "at": AT, "reached": True},
        {"agent": "a1001", "month": "2026-02"},
        {**BODIES["member-callbacks"], "reason": "x"},
        {**tally, "full_weeks": 5},
    ):
        assert post(service, "member-callbacks", body).kind == (422, "invalid"), body


def test_an_exam_is_corrected_with_a_reason_w_3(service: Service) -> None:
    first = made(service, "exams", month="2026-02")
    assert made(service, "exams", month="2026-02")["version"] == 1
    other = {**EXAM, "month": "2026-02", "typing": "79.99"}
    assert post(service, "exams", other).kind == (409, "already_recorded")
    assert post(service, "exams", {**other, **REASON})["id"] == first["id"]
    assert shown(service, "exams", first["id"])["data"]["typing"] == "79.99"


def test_nobody_corrects_their_own_exam_l_0(service: Service) -> None:
    own = {**EXAM, "month": "2026-01", "agent": "a1001"}
    assert post(service, "exams", own, "agent").status == 201
    better = {**own, "typing": 99, "knowledge": 99, "service": 99}
    for body in (better, {**better, **REASON}):
        refused = post(service, "exams", body, "agent")
        assert (refused.kind, refused["rule"]) == ((403, "about_you"), "L-0")
    assert post(service, "exams", {**better, **REASON})["version"] == 2


@pytest.mark.parametrize("score", [101, "100.01", -1])
def test_an_exam_part_beyond_the_range_is_422_by_its_rule_w_3(service: Service, score: object) -> None:
    refused = post(service, "exams", {**EXAM, "knowledge": score})
    assert (refused.kind, refused["rule"]) == ((422, "invalid"), "W-3")
    assert refused["errors"][0]["pointer"] == "/knowledge"


@pytest.mark.parametrize("score", [True, "eighty", "1e2", "８０", "80.00001", 80.12345, None, "", [80], "NaN"])
def test_what_is_no_exact_number_is_422(service: Service, score: object) -> None:
    assert post(service, "exams", {**EXAM, "typing": score}).kind == (422, "invalid")


@pytest.mark.parametrize("month", ["2026-13", "2026-3", "2026-03-01", "1800-01", "９０２６-01", 202603])
def test_what_is_no_month_is_422(service: Service, month: object) -> None:
    assert post(service, "exams", {**EXAM, "month": month}).kind == (422, "invalid")
    assert service.get(f"{FACTS}/exams?month={month}").kind == (422, "invalid")


# ---- W-6 ------------------------------------------------------------------------------------------------------------
def test_a_conduct_report_is_decided_by_a_supervisor_it_is_not_about_w_6(service: Service) -> None:
    case = service.receive()
    report = made(service, "conduct-reports", agent="s2001", case=case.id)["id"]
    path = f"conduct-reports/{report}/decision"
    confirmed = {"decision": "confirmed"}
    assert post(service, path, confirmed, "agent").kind == (403, "forbidden")
    assert post(service, path, confirmed, "supervisor").kind == (403, "about_you")
    refused = post(service, path, {"decision": "dismissed"}, "second")
    assert (refused.kind, refused["rule"]) == ((422, "invalid"), "W-6")
    assert post(service, path, confirmed, "second").status == 200
    assert shown(service, "conduct-reports", report)["status"] == "confirmed"
    state = service.run(service.services.log.states([conduct_stream(UUID(report))]))
    assert state[conduct_stream(UUID(report))].fact() is not None
    assert post(service, path, {"decision": "dismissed", **REASON}, "second").status == 200
    assert post(service, path, confirmed, "second").kind == (409, "report_dismissed")
    found = shown(service, "conduct-reports", report)
    assert (found["status"], found["data"]["case"]) == ("dismissed", case.id)


def test_a_conduct_report_names_a_known_case_and_agent_w_6(service: Service) -> None:
    refused = post(service, "conduct-reports", {**CONDUCT, "case": str(uuid4())})
    assert (refused.kind, refused["rule"]) == ((409, "case_unknown"), "W-6")
    assert post(service, "conduct-reports", {**CONDUCT, "agent": "a9999"}).kind == (409, "agent_unknown")
    assert post(service, "conduct-reports", {**CONDUCT, "code": "P-NAP"}).kind == (422, "invalid")
    assert made(service, "conduct-reports", code="hung_up").status == 201


# ---- W-8 ------------------------------------------------------------------------------------------------------------
def test_a_review_is_seen_disputed_once_and_answered_w_8(service: Service) -> None:
    review = made(service, "quality-reviews")["id"]
    assert shown(service, "quality-reviews", review, "agent")["data"]["total"] == "80.5"
    dispute, answer = (f"quality-reviews/{review}/{step}" for step in ("dispute", "answer"))
    assert post(service, answer, {"words": "维持"}).kind == (409, "not_disputed")
    assert post(service, dispute, REASON, "colleague").kind == (403, "not_your_fact")
    assert post(service, dispute, REASON, "supervisor").kind == (403, "not_your_review")
    assert post(service, dispute, REASON, "agent").status == 200
    assert post(service, dispute, REASON, "agent").kind == (409, "already_disputed")
    scores = [{**score, "score": 100} for score in SCORES]
    assert post(service, answer, {"words": "有理", "scores": scores}).status == 200
    found = shown(service, "quality-reviews", review)
    assert (found["status"], found["data"]["total"], found["data"]["words"]) == ("answered", "100", "尚可")
    assert found["history"][-1]["data"]["words"] == "有理"
    state = service.run(service.services.log.states([review_stream(UUID(review))]))
    assert str(state[review_stream(UUID(review))].total) == "100"


def test_a_review_follows_its_form_w_8(service: Service) -> None:
    failed = made(service, "quality-reviews", failed=["taboos"])["id"]
    assert shown(service, "quality-reviews", failed)["data"]["total"] == "0"
    for change in ({"form": "default-9"}, {"scores": SCORES[1:]}, {"failed": ["smiling"]}):
        refused = post(service, "quality-reviews", {**REVIEW, **change})
        assert (refused.kind, refused["rule"]) == ((422, "invalid"), "W-8")
    assert post(service, "quality-reviews", {**REVIEW, "agent": "s2001"}).kind == (403, "about_you")
    assert post(service, "quality-reviews", REVIEW, "agent").kind == (403, "forbidden")
    disputed = made(service, "quality-reviews")["id"]
    assert post(service, f"quality-reviews/{disputed}/dispute", REASON, "agent").status == 200
    assert post(service, f"quality-reviews/{disputed}/answer", {"words": "维持"}).status == 200
    assert shown(service, "quality-reviews", disputed)["data"]["total"] == "80.5"


# ---- W-9 ------------------------------------------------------------------------------------------------------------
def test_the_same_call_of_the_telephone_system_is_one_call_w_9(service: Service) -> None:
    first = made(service, "calls", external_ref="tel-1")
    assert made(service, "calls", external_ref="tel-1").body["id"] == first["id"]
    assert made(service, "calls", external_ref="tel-1")["version"] == 1
    refused = post(service, "calls", {**CALL, "external_ref": "tel-1", "rings": 9})
    assert (refused.kind, refused["rule"]) == ((409, "already_recorded"), "W-9")
    refused = post(service, "calls", {**CALL, "answered_at": "2026-03-02T17:00:00+08:00"})
    assert (refused.kind, refused["rule"]) == ((422, "invalid"), "W-9")


# ---- who may --------------------------------------------------------------------------------------------------------
OWN = {"orders": "agent", "points-shortages": "order_agent"}


@pytest.mark.parametrize("kind", [kind for kind in BODIES if kind not in {"missed-calls", "phone-faults"}])
def test_agents_record_their_own_a_4(service: Service, kind: str) -> None:
    if kind == "quality-reviews":
        return
    others = {OWN.get(kind, "agent"): "a1002"}
    assert post(service, kind, {**BODIES[kind], **others}, "agent").kind == (403, "not_your_fact")
    own = {"month": "2025-11"} if kind == "exams" else {}
    assert post(service, kind, {**BODIES[kind], **own}, "agent").status == 201
    assert post(service, kind, BODIES[kind], "payroll").kind == (403, "forbidden")
    assert post(service, kind, BODIES[kind], "auditor").kind == (403, "forbidden")


@pytest.mark.parametrize("kind", ["missed-calls", "phone-faults"])
def test_everybody_at_work_logs_what_is_nobodys(service: Service, kind: str) -> None:
    fact = made(service, kind, "agent")["id"]
    assert shown(service, kind, fact, "stranger")["id"] == fact


def test_a_phone_test_is_by_who_records_it_unless_said_otherwise_w_4(service: Service) -> None:
    test = made(service, "phone-tests", "agent")["id"]
    assert shown(service, "phone-tests", test)["data"]["agent"] == "a1001"
    other = made(service, "phone-tests", agent="a1002")["id"]
    assert shown(service, "phone-tests", other)["data"]["agent"] == "a1002"


def test_nobody_withdraws_their_own_l_0(service: Service) -> None:
    fact = made(service, "points-shortages", duty_agent="s2001")["id"]
    assert post(service, f"points-shortages/{fact}/withdrawal", REASON).kind == (403, "about_you")
    assert post(service, f"points-shortages/{fact}/withdrawal", REASON, "second").status == 200


def test_agents_list_and_read_what_concerns_them_a_4(service: Service) -> None:
    shortage = made(service, "points-shortages")
    theirs = made(service, "points-shortages", order_agent="a1003", duty_agent="a1003")
    query = f"points-shortages?min_position={theirs['position']}&limit=500"
    for who in ("agent", "colleague"):
        found = {row["id"] for row in service.get(f"{FACTS}/{query}", who=who)["items"]}
        assert shortage["id"] in found
        assert theirs["id"] not in found
        assert shown(service, "points-shortages", shortage["id"], who)["id"] == shortage["id"]
        assert service.get(f"{FACTS}/points-shortages/{theirs['id']}", who=who).kind == (403, "not_your_fact")
    for who in ("supervisor", "payroll", "auditor"):
        found = {row["id"] for row in service.get(f"{FACTS}/{query}", who=who)["items"]}
        assert {shortage["id"], theirs["id"]} <= found
    assert service.get(f"{FACTS}/{query}", who="admin").kind == (403, "forbidden")


def test_personal_data_is_masked_for_payroll_and_opened_for_an_auditors_reason_a_4(service: Service) -> None:
    order = made(service, "orders", remarks="生日蛋糕", special=True)["id"]
    personal = ("card_no", "member_name", "phone", "remarks")

    def seen(who: str, query: str = "") -> set[str]:
        data = shown(service, "orders", order, who, query)["data"]
        return {data[name] for name in personal}

    opened = {"C-1", "王小明", "13812345678", "生日蛋糕"}
    assert seen("agent") == seen("supervisor") == opened
    assert seen("auditor") == seen("payroll") == seen("payroll", "?reason=curious") == {"***"}
    assert seen("auditor", "?reason=complaint") == opened
    kept = service.get(f"/api/v1/audit/reads?resource={order}", who="auditor")["items"]
    assert [(one["actor"], one["reason"]) for one in kept if one["reason"]] == [("u4001", "complaint")]
    listed = service.get(f"{FACTS}/orders?limit=500&min_position=0", who="supervisor").raw.decode()
    assert not any(word in listed for word in opened)


# ---- lists ----------------------------------------------------------------------------------------------------------
def test_lists_by_page_month_and_agent(service: Service) -> None:
    facts = [made(service, "missed-calls", at=f"2020-02-{day:02}T08:00:00+08:00") for day in (1, 2, 3)]
    there = f"missed-calls?month=2020-02&min_position={facts[-1]['position']}"
    first = service.get(f"{FACTS}/{there}&limit=2", who="supervisor")
    assert [row["id"] for row in first["items"]] == [facts[2]["id"], facts[1]["id"]]
    assert f"after={first['next']}" in first.headers["link"]
    rest = service.get(f"{FACTS}/{there}&limit=2&after={first['next']}", who="supervisor")
    assert ([row["id"] for row in rest["items"]], rest["next"]) == ([facts[0]["id"]], None)
    for after in ("x", "-1", "９", "9" * 19):
        assert service.get(f"{FACTS}/{there}&after={after}").kind == (422, "invalid")
    order = made(service, "orders", agent="a1003", at="2020-02-01T08:00:00+08:00")
    query = f"orders?month=2020-02&agent=a1003&min_position={order['position']}"
    assert [row["id"] for row in service.get(f"{FACTS}/{query}", who="payroll")["items"]] == [order["id"]]


def test_conduct_reports_and_reviews_are_listed_by_how_far_they_have_come_w_6_w_8(service: Service) -> None:
    open_report, decided = ready(service, "conduct-reports"), ready(service, "conduct-reports")
    done = service.post(
        f"{FACTS}/conduct-reports/{decided}/decision", {"decision": "dismissed", **REASON}, who="supervisor"
    )

    def listed(kind: str, status: str) -> set[str]:
        asked = f"{FACTS}/{kind}?status={status}&limit=500&min_position={done['position']}"
        return {item["id"] for item in service.get(asked, who="supervisor")["items"]}

    reported = listed("conduct-reports", "reported")
    assert (open_report in reported, decided in reported) == (True, False)
    assert decided in listed("conduct-reports", "dismissed")
    assert listed("quality-reviews", "reported") == set()


def test_a_time_of_now_is_when_nothing_is_said(service: Service) -> None:
    before = datetime.now(UTC)
    order = made(service, "orders")["id"]
    take(service, order, SEATED)
    at = datetime.fromisoformat(shown(service, "orders", order)["history"][-1]["data"]["at"])
    assert before <= at <= before + timedelta(minutes=1)
