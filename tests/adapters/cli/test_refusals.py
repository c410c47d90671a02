"""What a command cannot do it says in a sentence on stderr, and tells it apart by the exit code (contract part 2)."""

import pytest

from tests.adapters.cli.conftest import Beside


@pytest.mark.parametrize("shift", ["00000000-0000-4000-8000-000000000000", "zzz"])
def test_a_shift_that_is_not_there(beside: Beside, shift: str) -> None:
    said = beside.redress("handover", shift, "--json")
    assert (said.code, said.out, said.err) == (3, "", "redress: there is no such shift\n")


def test_a_password_that_nobody_enters(beside: Beside) -> None:
    said = beside.redress("user", "password", "a1001")
    assert (said.code, said.out) == (2, "")
    assert said.err.endswith("redress: nothing was entered, so nothing was done\n")
