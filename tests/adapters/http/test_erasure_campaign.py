"""Two customers and everybody of the staff are erased and looked for; more: `./dev test --campaign erasure`."""

from pathlib import Path

from tests.campaigns.erasure import STAFF, erase_and_look


def test_nothing_is_found_of_who_is_erased_a_3(postgres_server: str, tmp_path: Path) -> None:
    outcome = erase_and_look(postgres_server, tmp_path, 2)
    assert (outcome.traces, outcome.wrong) == ({}, [])
    assert outcome.persons >= 2 + len(STAFF)
    assert outcome.said > 120
