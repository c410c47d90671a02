"""Notices are read once by whom they are to (D-4)."""

from domain.notice import events as e
from domain.notice.notice import READER, Reader, read
from domain.values import AgentId
from tests.support.cases import NOTED, NOW
from tests.support.spec import given_of

ONE = AgentId("a1")


def test_notices_are_marked_as_read_in_the_order_of_the_log() -> None:
    given_of(READER).when(read, ONE, [9, 4]).then(e.Read(by=ONE, notices=(4, 9)))


def test_what_is_read_is_not_read_again() -> None:
    given_of(READER, e.Read(by=ONE, notices=(4,))).when(read, ONE, [4, 9]).then(e.Read(by=ONE, notices=(9,)))
    given_of(READER, e.Read(by=ONE, notices=(4, 9))).when(read, ONE, [4, 9]).then()


def test_nothing_else_counts_as_read() -> None:
    closed = e.SignInClosed(to=ONE, until=NOW)
    assert READER.fold([NOTED, closed]) == Reader()
