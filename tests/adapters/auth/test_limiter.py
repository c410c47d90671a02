"""How many requests one caller may send, and how many wrong keys one address."""

from collections.abc import Callable

import pytest

from adapters.auth import limiter
from adapters.auth.limiter import COMPLAINTS_PER_HOUR, FAILURES_PER_MINUTE, Limiter, TooManyRequests


class Clock:
    """Stands still until it is moved."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(limiter, "monotonic", found)
    return found


def taken(hit: Callable[[str], None], whose: str, tries: int) -> int:
    """How many of so many tries are let through."""
    through = 0
    for _ in range(tries):
        try:
            hit(whose)
        except TooManyRequests:
            continue
        through += 1
    return through


def test_a_caller_may_send_so_many_requests_a_minute_and_again_in_the_next(clock: Clock) -> None:
    one = Limiter(3)
    assert taken(one.hit, "a1", 5) == 3
    clock.now += 59.5
    assert taken(one.hit, "a1", 1) == 0
    clock.now += 0.5
    assert taken(one.hit, "a1", 5) == 3


def test_callers_and_addresses_are_counted_each_by_itself(clock: Clock) -> None:
    one = Limiter(2)
    del clock  # it stands still
    assert [taken(one.hit, caller, 3) for caller in ("a1", "a2")] == [2, 2]
    assert taken(one.hit_address, "a1", FAILURES_PER_MINUTE + 1) == FAILURES_PER_MINUTE


def test_who_is_refused_hears_how_long_to_wait(clock: Clock) -> None:
    one = Limiter(1)
    one.hit("a1")
    clock.now += 12.2
    with pytest.raises(TooManyRequests, match="at most 1 requests a minute") as refused:
        one.hit("a1")
    assert refused.value.retry_after_s == 48
    assert taken(one.hit_complaint, "::1", COMPLAINTS_PER_HOUR) == COMPLAINTS_PER_HOUR
    with pytest.raises(TooManyRequests, match="an hour") as refused:
        one.hit_complaint("::1")
    assert refused.value.retry_after_s == 3600


def test_windows_that_have_ended_are_not_kept_for_ever(clock: Clock) -> None:
    one = Limiter(1)
    for caller in range(3 * limiter.WINDOWS_MOST):
        clock.now += 0.01
        one.hit(f"a{caller}")
    assert len(one._windows) < limiter.WINDOWS_MOST + 1  # noqa: SLF001  it is memory that is looked at
    assert taken(one.hit, f"a{3 * limiter.WINDOWS_MOST - 1}", 1) == 0
