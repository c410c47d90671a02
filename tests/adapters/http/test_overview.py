"""The overview says what the reads of a case say one by one; a history comes by pages from either end, by topics."""

import time
from typing import Any

from tests.adapters.http.serving import Case, Service

APART: dict[str, list[object]] = {"notes": [], "contacts": [], "interim_replies": []}


def talked(service: Service) -> Case:
    """A case of which much has been said."""
    case = service.case("clarified")
    for number in range(5):
        service.give(case, "notes", {"text": f"第 {number} 条"})
    service.give(case, "contacts", {"direction": "in", "channel": "hotline", "words": "催问"})
    return case


def pages(service: Service, path: str, **how: Any) -> list[dict[str, Any]]:
    """All items of a list that comes two at a time."""
    items, following = [], ""
    while following is not None:
        page = service.get(f"{path}&limit=2{following and '&after=' + following}", **how)
        items += page["items"]
        following = page["next"]
    return items


def met_recorded(service: Service, case: Case) -> None:
    """Wait until the verdicts on its clocks are recorded, which else happens between two reads."""

    def recorded() -> bool:
        return all(one["recorded"] for one in service.get(f"{case.url}/clocks")["items"] if one["verdict"])

    until = time.monotonic() + 30
    while not recorded():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_it_says_what_the_reads_say_one_by_one(service: Service) -> None:
    case = talked(service)
    met_recorded(service, case)
    whole, steps = service.get(f"{case.url}/overview"), service.get(f"{case.url}/next-steps")
    assert whole["case"] == service.get(case.url).body | APART
    assert whole["clocks"] == service.get(f"{case.url}/clocks")["items"]
    assert (whole["next_steps"], whole["reminder"]) == (steps["items"], steps["reminder"])
    assert whole["history"]["items"] == service.get(f"{case.url}/history")["items"][::-1]


def test_who_may_not_open_personal_data_sees_it_masked_a_4(service: Service) -> None:
    case = service.receive()
    assert service.get(f"{case.url}/overview", who="auditor")["case"]["narrative"] == "***"
    shown = service.get(f"{case.url}/overview?reason=核查证据", who="auditor")
    assert shown["case"]["narrative"] == "账单没有打折"
    assert service.get(f"{case.url}/overview", who="stranger").kind == (403, "not_your_team")


def test_its_history_comes_by_pages(service: Service) -> None:
    case = talked(service)
    first = service.get(f"{case.url}/overview?limit=3&type=case.noted")["history"]
    rest = service.get(f"{case.url}/overview?limit=3&type=case.noted&after={first['next']}")["history"]
    told = [item["data"]["text"] for item in (*first["items"], *rest["items"])]
    assert (told, rest["next"]) == ([f"第 {number} 条" for number in (4, 3, 2, 1, 0)], None)


def test_a_history_is_the_same_from_either_end(service: Service) -> None:
    case = talked(service)
    oldest = pages(service, f"{case.url}/history?newest=false")
    assert pages(service, f"{case.url}/history?newest=true") == oldest[::-1]
    assert len(oldest) == len({item["position"] for item in oldest})


def test_a_history_of_some_topics_keeps_their_versions(service: Service) -> None:
    case = talked(service)
    whole = service.get(f"{case.url}/history")["items"]
    some = pages(service, f"{case.url}/history?type=case.received&type=case.customer_contacted")
    assert some == [item for item in whole if item["type"] in {"case.received", "case.customer_contacted"}]
    assert len(some) == 2
