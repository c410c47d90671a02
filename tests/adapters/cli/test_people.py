"""Who works here, registered from the command line: from today on, or from the first day that is told."""

from tests.adapters.cli.conftest import Beside
from tests.adapters.http.bodies import today


def joined_on(beside: Beside, agent: str, *told: str) -> str:
    said = beside.redress("user", "add", agent, "--name", "赵敏", "--role", "agent", *told, "--json")
    assert said.code == 0, said.err
    return str(beside.service.get(f"/api/v1/agents/{agent}?min_position={said.document['position']}")["joined_on"])


def test_who_works_here_already_is_registered_with_their_first_day(beside: Beside) -> None:
    assert joined_on(beside, "a7201", "--joined-on", "2019-03-01") == "2019-03-01"
    assert joined_on(beside, "a7202") <= str(today())


def test_a_first_day_that_is_none_is_told(beside: Beside) -> None:
    said = beside.redress("user", "add", "a7203", "--name", "x", "--role", "agent", "--joined-on", "1. März")
    assert (said.code, said.out) == (2, "")
    assert "--joined-on" in said.err
