"""A-2: what had been recorded by a moment is the beginning of a history, never a history with holes."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from application.envelope import Meta, Recorded, recorded_by, written
from domain.team.events import Renamed
from domain.values import AgentId

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOBODY = UUID(int=0)


def recorded(version: int, minutes: int) -> Recorded:
    meta = Meta(AgentId("a1"), NOON + timedelta(minutes=minutes), NOBODY, NOBODY, NOBODY)
    return Recorded(version, NOBODY, version, Renamed(name="x"), meta)


def test_where_two_clocks_disagreed_a_later_version_never_stands_without_the_one_before() -> None:
    history = [recorded(1, 0), recorded(2, 5), recorded(3, 1), recorded(4, 9)]
    assert recorded_by(history, NOON + timedelta(minutes=2)) == history[:1]
    assert recorded_by(history, NOON + timedelta(minutes=5)) == history[:3]
    assert recorded_by(history, NOON - timedelta(minutes=1)) == []


def test_a_moment_is_written_in_utc() -> None:
    assert written(datetime.fromisoformat("2026-03-01T20:00:00+08:00")) == "2026-03-01T12:00:00Z"
