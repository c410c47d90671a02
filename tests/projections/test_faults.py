"""What is told of an error: enough to find its place, nothing that a person said."""

import asyncio
import re
from collections.abc import Callable, Iterable
from dataclasses import replace

import psycopg
import pytest

from adapters.keyring import MemoryKeyring
from application import wire
from application.sealing import Tampered
from projections.faults import described, transient
from projections.search import searchable
from tests.projections.projecting import META
from tests.support import cases as c

SECRET = '王小明\'s "card"\n6222'  # noqa: S105  what a person said


def told(act: Callable[[], object], kind: type[Exception]) -> str:
    with pytest.raises(kind) as raised:
        act()
    return described(raised.value)


def test_which_errors_may_pass() -> None:
    assert transient(psycopg.OperationalError("server closed the connection"))
    assert transient(psycopg.errors.AdminShutdown())
    assert transient(TimeoutError())
    assert not transient(psycopg.errors.ProgramLimitExceeded())
    assert not transient(psycopg.errors.UniqueViolation())
    assert not transient(psycopg.DataError("NUL"))
    assert not transient(wire.Unreadable("newer"))


def test_an_error_is_told_by_its_class_and_our_innermost_line() -> None:
    def said() -> Iterable[str]:
        raise ValueError(SECRET)
        yield ""

    assert re.fullmatch(r"ValueError at projections/search\.py:\d+", told(lambda: searchable(said()), ValueError))
    assert described(KeyError(SECRET)) == "KeyError"
    assert described(psycopg.errors.UniqueViolation(f"Key (name)=({SECRET}) already exists")) == "UniqueViolation 23505"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (b'"hotline"', wire._encode(SECRET), "case.received: Invalid enum value … - at `$.channel`"),  # noqa: SLF001
        (b'"2024-000001"', b"13812345678", "case.received: Expected `str`, got `int` - at `$.number`"),
        (b'"v":1', b'"v":9', "case.received version 9 is newer than this code, which knows version 1"),
    ],
)
def test_of_what_cannot_be_read_the_path_is_told_not_the_value(old: bytes, new: bytes, expected: str) -> None:
    state = wire.encode(replace(c.RECEIVED), wire.encode_meta(META))
    assert old in state
    assert (
        told(lambda: wire.decode("case.received", state.replace(old, new)), wire.Unreadable)
        == f"Unreadable: {expected}"
    )


def test_of_a_box_in_the_wrong_place_the_place_is_told_not_whose_it_is() -> None:
    async def moved() -> str | None:
        keyring = MemoryKeyring()
        subject = await keyring.subject(())
        box = (await keyring.sealer(subject)).seal("case.noted.text", SECRET)
        return (await keyring.opener([subject])).open("case.received.narrative", box)

    words = told(lambda: asyncio.run(moved()), Tampered)
    assert words == "Tampered: case.received.narrative: this box was not sealed for … in this place"
