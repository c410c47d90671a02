"""The figures of what there is to do: of the caller's own team, where lines are only their team's to see (A-4)."""

import pytest

from tests.adapters.http.serving import PEOPLE, Service

REPORTS = "/api/v1/facts/conduct-reports"


def penalties(service: Service, who: str, position: int = 0) -> int:
    listed = f"/api/v1/ledgers/penalties?month=2007-05&min_position={position}"
    assert service.get(listed, who="payroll").status == 200  # judged up to there, and in the view that is counted
    return int(service.get("/api/v1/worklist", who=who)["penalties"])


@pytest.mark.parametrize(("whose", "mores"), [("agent", (1, 0)), ("stranger", (0, 1))])
def test_penalties_to_decide_are_those_of_ones_team_a_4(service: Service, whose: str, mores: tuple[int, int]) -> None:
    supervisors = ("supervisor", "second")
    before = [penalties(service, who) for who in supervisors]
    body = {"agent": PEOPLE[whose][0], "at": "2007-05-10T10:00:00+08:00", "code": "P-MINOR", "words": "看报"}
    position = service.post(REPORTS, body, who="supervisor")["position"]
    after = [penalties(service, who, position) for who in supervisors]
    assert [now - then for now, then in zip(after, before, strict=True)] == [*mores]
