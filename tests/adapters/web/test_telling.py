"""What the history says: a no and a zero as well as a yes, in the words of people, cases by their numbers."""

from adapters.web.telling import Told, tell
from tests.adapters.http.serving import RESOLUTION, Service
from tests.adapters.web.reading import html, part, words

BILL = {"items": [{"text": "套餐", "amount_fen": 0, "discountable": False}], "minimum_spend_met": False}
DECIDED = ("ledger.appeal_decided", "case.answer_reviewed")


def said(topic: str, **data: object) -> dict[str, object]:
    return {one.name: one.value for one in tell(topic, data)}


def timeline(service: Service, path: str) -> str:
    return part(html(service, path), 'class="timeline', "</ol>")


# ---- a no and a zero ------------------------------------------------------------------------------------------------
def test_a_no_and_a_zero_are_said() -> None:
    called = {"reached": False, "ends_step": False, "satisfied": False}
    assert said("case.callback_done", **called, score=None) == called
    assert said("case.resolved", cost_fen=0, hits=[]) == {"cost_fen": 0}
    (bill,) = tell("case.investigated", {"bill": BILL})
    assert Told("minimum_spend_met", "truth", value=False) in bill.value


def test_a_no_that_nobody_has_said_is_not_said_either() -> None:
    assert said("case.received", day_only=False, on_site=False, apology_given=False) == {}
    assert said("case.received", on_site=True) == {"on_site": True}
    assert said("order.entered", steered=False, signed=False) == {"signed": False}
    assert said("order.corrected", steered=False) == {"steered": False}  # what was corrected somebody did say


def test_the_history_says_not_reached_and_that_it_costs_nothing_c_8(service: Service) -> None:
    case = service.case("proposed")
    service.give(case, "resolution", {**RESOLUTION, "cost_fen": 0})
    service.give(case, "callbacks", {"reached": False})
    told = timeline(service, f"/cases/{case.id}")
    assert "已接通 否" in told
    assert "成本 ¥0.00" in told


# ---- words and numbers ----------------------------------------------------------------------------------------------
def test_words_of_classes_that_are_called_alike_are_those_of_their_package() -> None:
    kinds = {one.word_kind: topic for topic in DECIDED for one in tell(topic, {"verdict": "partly"})}
    assert kinds == {"ledger_verdict": "ledger.appeal_decided", "verdict": "case.answer_reviewed"}


def test_the_kind_of_a_piece_of_evidence_is_said_in_words_c_11(service: Service) -> None:
    case = service.receive()
    service.give(case, "evidence", {"kind": "bill", "ref": "p/7"})
    assert "类别: 账单" in timeline(service, f"/cases/{case.id}")


def test_cases_are_told_by_their_numbers_c_11_c_15(service: Service) -> None:
    case, other = service.receive(), service.receive()
    service.give(case, "merge", {"into": other.id})
    for path in (f"/cases/{case.id}", f"/cases/{case.id}/timeline", f"/replay/{case.id}"):
        assert f"并入个案 {other.number}" in timeline(service, path)
    assert other.id not in words(html(service, f"/replay/{case.id}"))


def test_a_reopening_is_replayed_in_words_c_8(service: Service) -> None:
    case = service.case("resolved")
    service.give(case, "callbacks", {"reached": True, "satisfied": False, "words": "还要道歉"})
    then = part(html(service, f"/replay/{case.id}"), 'class="leaves"', "</dl>")
    for told in ("原因 客户不满意", "原状态 已处理", "新状态 已分析"):
        assert f"› {told}" in then


def test_a_case_that_was_merged_for_a_while_is_told_by_its_number_still_c_11(service: Service) -> None:
    case, other = service.receive(), service.receive()
    service.give(case, "merge", {"into": other.id})
    service.give(case, "unmerge", {})
    position = service.history(case)[-1]["position"]
    for path in (f"/cases/{case.id}", f"/cases/{case.id}/timeline", f"/cases/{case.id}/now?since=1"):
        shown = html(service, path)
        assert f"拆出自 {other.number}" in words(shown), path
        assert f">{other.id[:8]}<" not in shown
    assert other.number in words(html(service, f"/replay/{case.id}?at={position}"))


def test_a_phrase_better_not_said_is_told_with_its_field_and_place_c_13() -> None:
    hit = {"field": "words", "phrase": "绝对", "at": 4}
    (hits,) = tell("case.customer_contacted", {"hits": [hit]})
    (told,) = hits.value
    assert [(one.name, one.kind, one.value, one.word_kind) for one in told.value] == [
        ("field", "word", "words", "field"),
        ("phrase", "text", "绝对", ""),
        ("position", "text", 4, ""),
    ]
