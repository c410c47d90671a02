"""Lists that must not leave anybody out are read to their end, however long they are (C-6, S-3)."""

import pytest

from adapters.web import asking
from tests.adapters.http.bodies import SHIFTS
from tests.adapters.http.serving import Service
from tests.adapters.web.desk_given import escalated, running_shift, to_review
from tests.adapters.web.reading import html


@pytest.fixture(autouse=True)
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "PAGE", 2)


def test_every_escalation_that_waits_is_shown_c_6(service: Service) -> None:
    cases = [escalated(service) for _ in range(5)]
    service.seen(cases[-1].position)
    page = html(service, "/escalations", "supervisor")
    assert [case.number for case in cases if case.number not in page] == []


def test_every_answer_to_review_is_shown_c_16(service: Service) -> None:
    cases = [to_review(service) for _ in range(3)]
    service.seen(cases[-1].position)
    page = html(service, "/answers", "supervisor")
    assert [case.number for case in cases if case.number not in page] == []


def test_of_every_case_of_a_handover_it_says_what_happened_s_3(service: Service) -> None:
    cases = [service.receive(narrative=f"第{number}件：等位太久") for number in range(3)]
    service.seen(cases[-1].position)
    shift = running_shift(service, "start")
    service.post(f"{SHIFTS}/{shift}/handover", {}, version=2)
    page = html(service, f"/shifts/{shift}/handover")
    assert [number for number in range(3) if f"第{number}件" not in page] == []
