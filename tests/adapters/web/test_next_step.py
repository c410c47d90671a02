"""The page of a case names the step that leads on, also where that is another person's, and where others come first."""

import pytest

from tests.adapters.http.serving import ANALYSIS, OPTION, WAY, Case, Service, escalation
from tests.adapters.web.reading import html, part, words


def analysed(service: Service, **facts: object) -> Case:
    """A case with such an analysis."""
    case = service.receive()
    for _, command, make in WAY[:3]:
        service.give(case, command, make())
    service.give(case, "analysis", {**ANALYSIS, **facts})
    return case


def next_step(service: Service, case: Case, who: str = "agent") -> tuple[str, str]:
    """What the card names as the next step, and where its button leads; empty without one."""
    card = html(service, f"/cases/{case.id}", who).partition('class="card accent"')[2].partition("</section>")[0]
    _, _, button = card.partition('class="btn pri wide" href="')
    return part(card, '<p class="lead">', "</p>").removesuffix(" "), button.partition('"')[0]


def ready(service: Service, **facts: object) -> Case:
    """A case with such an analysis and a proposal."""
    case = analysed(service, **facts)
    service.give(case, "proposals", {"options": [OPTION]})
    return case


@pytest.mark.parametrize("facts", [{"severity": "critical"}, {"risks": ["media"]}])
def test_where_a_superior_is_needed_the_escalation_comes_first_c_6(service: Service, facts: dict[str, object]) -> None:
    case = ready(service, **facts)
    assert next_step(service, case) == ("升级", f"/cases/{case.id}/do/escalations")


def test_a_step_that_is_somebody_elses_is_named_and_not_offered_c_6(service: Service) -> None:
    case = ready(service, risks=["media"])
    service.give(case, "escalations", escalation())
    card = part(html(service, f"/cases/{case.id}"), 'class="card accent"', "</section>")
    assert "答复升级 由其他人办理。" in card
    assert next_step(service, case) == ("答复升级", "")
    assert next_step(service, case, "supervisor") == ("答复升级", f"/cases/{case.id}/escalations/1/answer")


def test_what_waits_is_resumed_first_and_of_what_has_ended_nothing_is_left_c_11(service: Service) -> None:
    case = service.case("clarified")
    assert next_step(service, case)[1] == f"/cases/{case.id}/do/investigation"
    service.give(case, "pause", {"category": "customer", "reason": "等票据"})
    assert next_step(service, case)[1] == f"/cases/{case.id}/do/resumption"
    service.give(case, "withdrawal", {"reason": "客户撤回"})
    assert next_step(service, case) == ("这里没有需要你处理的事。", "")
    assert "由其他人办理" not in words(html(service, f"/cases/{case.id}"))


# ---- why not something else -----------------------------------------------------------------------------------------
def test_what_is_done_already_says_so_and_not_that_something_is_to_be_done_first_c_1a(service: Service) -> None:
    case = service.receive()
    service.give(case, "acknowledgement", {})
    told = "投诉已确认受理；请改为登记联系客户或发送阶段性答复。"
    assert told in part(html(service, f"/cases/{case.id}"), 'id="barred-steps"', "</details>")
    assert told in part(html(service, f"/cases/{case.id}/do/acknowledgement"), 'class="compose-form"', "<form")
