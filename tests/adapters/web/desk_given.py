"""What supervisors and everybody find on their pages: each function makes it and gives the page's address."""

from datetime import UTC, datetime, timedelta

from tests.adapters.http.bodies import HOUR, SHIFTS, planned
from tests.adapters.http.facts_given import ready
from tests.adapters.http.ledgers_given import a_confirmed_line, a_proposed_line, an_open_appeal
from tests.adapters.http.serving import ANALYSIS, OPTION, WAY, Case, Service, ago, escalation


def escalated(service: Service) -> Case:
    """A case with an escalation that waits for its answer."""
    case = service.case("analysed", narrative="婚宴订金不退，客人在大堂等候")
    service.give(case, "escalations", escalation())
    return case


def to_review(service: Service) -> Case:
    """A major case whose proposal nobody has reviewed (C-16)."""
    case = service.receive(narrative="聚餐账单多收一千二百元")
    for _, command, make in WAY[:3]:
        service.give(case, command, make())
    service.give(case, "analysis", {**ANALYSIS, "severity": "major"})
    option = {**OPTION, "text": "退还多收部分并赠送代金券", "cost_fen": 26_000}
    service.give(case, "proposals", {"options": [OPTION, option]})
    return case


def a_shift(service: Service, begin: datetime, agent: str, kind: str, supervisor: str | None = None) -> str:
    """A shift of eight hours of team t1; its id."""
    times = {"start": begin.isoformat(), "end": (begin + 8 * HOUR).isoformat()}
    day = (begin + 8 * HOUR).date()  # the local day of Shanghai
    body = planned(day, team="t1", kind=kind, agents=[agent], supervisor=supervisor, **times)
    answer = service.post(SHIFTS, body, who="admin")
    assert answer.status == 201, answer.body
    return str(answer["id"])


def running_shift(service: Service, *commands: str, supervisor: str = "s2001") -> str:
    """A shift of `agent` that began an hour ago, taken on by commands; `colleague` has the next one."""
    begin = datetime.now(UTC) - HOUR
    first = a_shift(service, begin, "a1001", "early", supervisor)
    a_shift(service, begin + 8 * HOUR, "a1002", "middle")
    for version, command in enumerate(commands, 1):
        body = {"notes": "七号桌客人十八点再来电\n新菜单明日生效"} if command == "handover" else {}
        answer = service.post(f"{SHIFTS}/{first}/{command}", body, version=version)
        assert answer.status == 200, answer.body
    return first


# ---- pages ----------------------------------------------------------------------------------------------------------
def escalations(service: Service) -> str:
    service.seen(escalated(service).position)
    return "/escalations"


def escalation_answer(service: Service) -> str:
    return f"/cases/{escalated(service).id}/escalations/1/answer"


def answers(service: Service) -> str:
    service.seen(to_review(service).position)
    return "/answers"


def answer_review(service: Service) -> str:
    return f"/answers/{to_review(service).id}"


def penalties(service: Service) -> str:
    a_proposed_line(service)
    a_proposed_line(service)
    return "/penalties"


def appeals(service: Service) -> str:
    an_open_appeal(service)
    return "/appeals"


def appeal(service: Service) -> str:
    return f"/appeals/{an_open_appeal(service)}"


def conduct(service: Service) -> str:
    ready(service, "conduct-reports")
    return "/conduct"


def conduct_report(service: Service) -> str:
    return f"/conduct/{ready(service, 'conduct-reports')}"


def reviews(service: Service) -> str:
    ready(service, "quality-reviews")
    return "/reviews"


def review(service: Service) -> str:
    return f"/reviews/{ready(service, 'quality-reviews')}"


def disputed_review(service: Service, **facts: object) -> str:
    return f"/reviews/{ready(service, 'quality-reviews', 'answer', **facts)}"


def workload(service: Service) -> str:
    running_shift(service)
    service.seen(service.receive(on_site=True).position)
    return "/workload"


def indicators(service: Service) -> str:
    service.seen(service.case("called_back").position)
    return "/indicators?period=month&show=callback_rate"


def analysis(service: Service) -> str:
    service.receive(received_at=ago(days=31), channel="letter")
    customers = [{"name": name, "email": "x@example.com"} for name in ("王小明", "李娜", "Daniel Price")]
    cases = [service.case("clarified", merchant="m1", customer=customer) for customer in customers]
    service.seen(cases[-1].position)
    return "/analysis"


def ledger(service: Service) -> str:
    a_confirmed_line(service)
    a_proposed_line(service)
    return "/ledger"


def appeal_form(service: Service) -> str:
    return f"/ledger/{a_confirmed_line(service)}/appeal"


def roster(service: Service) -> str:
    running_shift(service)
    return "/shifts"


def shift(service: Service) -> str:
    return f"/shifts/{running_shift(service, 'start')}"


def shift_form(service: Service) -> str:
    return f"/shifts/{running_shift(service)}/do/roster"


def handover(service: Service) -> str:
    escalated(service)
    service.case("resolved", received_at=ago(minutes=40))
    return f"/shifts/{running_shift(service, 'start')}/handover"


def handover_to_accept(service: Service) -> str:
    escalated(service)
    return f"/shifts/{running_shift(service, 'start', 'handover')}/handover"


def swaps(service: Service) -> str:
    at = datetime.now(UTC) + timedelta(days=3)
    asked = {"shift": a_shift(service, at, "a1001", "early"), "to": "a1003", "reason": "家里有事"}
    answer = service.post(f"{SHIFTS}/swaps", asked)
    assert answer.status == 201, answer.body
    return "/swaps"


def swap_form(service: Service) -> str:
    a_shift(service, datetime.now(UTC) + timedelta(days=4), "a1001", "early")
    return "/swaps/new"


def daily(service: Service) -> str:
    service.seen(escalated(service).position)
    day = (datetime.now(UTC) + timedelta(hours=8)).date()
    service.post(
        "/api/v1/daily-reports", {"date": day.isoformat(), "words": ["电梯检修，明日贴告示"]}, who="supervisor"
    )
    return f"/daily/{day}"


def daily_open(_: Service) -> str:
    return f"/daily/{(datetime.now(UTC) + timedelta(hours=8, days=-40)).date()}"
