"""Key indicators and the monthly analysis over the API, for supervisors (Q-1, Q-6, Q-7)."""

from datetime import UTC, datetime, timedelta

import pytest

from projections.indicators import INDICATORS, USUAL
from tests.adapters.http.serving import Service

INDICATED, ANALYSED = "/api/v1/indicators", "/api/v1/complaint-analysis"
RECURRING = "/api/v1/recurring-problems"
LONG_AGO = "2011-03-10T10:00:00+08:00"


def test_five_to_ten_at_a_time_each_with_formula_source_and_period_q_1(service: Service) -> None:
    found = service.get(INDICATED, who="supervisor")
    assert [one["name"] for one in found["items"]] == list(USUAL)
    assert 5 <= len(USUAL) <= 10
    assert found["period"] == "week"
    assert all(one["formula"] == f"{one['above']} / {one['below']}" and one["source"] for one in found["items"])
    assert {len(one["figures"]) for one in found["items"]} == {12}
    today = (datetime.now(UTC) + timedelta(hours=8)).date()
    assert found["first"] == f"{today - timedelta(days=today.weekday())}"


def test_a_month_of_one_indicator_with_the_month_before_q_1(service: Service) -> None:
    case = service.receive(received_at=LONG_AGO)
    query = f"period=month&day=2011-03-31&name=escalation_rate&periods=2&min_position={case.position}"
    found = service.get(f"{INDICATED}?{query}", who="supervisor")
    assert (found["first"], found["last"]) == ("2011-03-01", "2011-03-31")
    [one] = found["items"]
    assert (one["value"], one["before"], one["good"]) == (0.0, None, False)
    assert one["figures"] == [
        {"begin": "2011-02-01", "above": 0.0, "below": 0.0, "value": None},
        {"begin": "2011-03-01", "above": 0.0, "below": 1.0, "value": 0.0},
    ]


@pytest.mark.parametrize(
    "query", ["name=luck", "&".join(["name=in_time"] * 11), "period=year", "day=0001-01-01", "periods=1"]
)
def test_what_cannot_be_asked_is_told(service: Service, query: str) -> None:
    assert service.get(f"{INDICATED}?{query}", who="supervisor").kind == (422, "invalid")


def test_the_complaints_of_a_month_by_every_aspect_q_7(service: Service) -> None:
    case = service.receive(received_at="2012-07-10T10:00:00+08:00", channel="letter", merchant="m1")
    found = service.get(f"{ANALYSED}?month=2012-07&months=3&min_position={case.position}", who="supervisor")
    assert (found["months"], found["received"]) == (["2012-05", "2012-06", "2012-07"], [0, 0, 1])
    assert list(found["by"]) == ["type", "cause", "merchant", "dimension", "channel", "agent", "class"]
    assert found["by"]["channel"] == [{"value": "letter", "count": 1, "before": 0, "share": 1.0, "trend": [0, 0, 1]}]
    assert [one["value"] for one in found["by"]["type"]] == [None]
    assert [one["value"] for one in found["by"]["agent"]] == ["a1001"]
    assert service.get(f"{ANALYSED}?month=2012-07&team=t2", who="supervisor")["received"][-1] == 0


def test_what_several_customers_complain_of_is_told_q_6(service: Service) -> None:
    cases = [
        service.case("clarified", merchant="again", customer={"name": f"客人{n}", "phone": f"1380000000{n}"})
        for n in "123"
    ]
    found = service.get(f"{RECURRING}?least=3&min_position={cases[-1].position}", who="supervisor")
    [one] = [one for one in found["items"] if one["merchant"] == "again"]
    assert (one["type"], one["dimension"], one["customers"], one["count"], one["before"]) == ("service", None, 3, 3, 0)
    assert one["latest"] == [{"id": case.id, "number": case.number} for case in reversed(cases)]


@pytest.mark.parametrize("who", ["agent", "payroll", "auditor", "admin"])
@pytest.mark.parametrize("path", [INDICATED, ANALYSED, RECURRING])
def test_the_figures_are_for_supervisors_a_4(service: Service, path: str, who: str) -> None:
    assert service.get(path, who=who).kind == (403, "forbidden")


def test_every_indicator_can_be_asked_for_q_1(service: Service) -> None:
    names = list(INDICATORS)
    for some in (names[:6], names[6:]):
        found = service.get(f"{INDICATED}?{'&'.join(f'name={name}' for name in some)}", who="supervisor")
        assert [one["name"] for one in found["items"]] == some
