"""How many requests one caller may send, and how many wrong keys one address."""

import math
import time

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

FAILURES_PER_MINUTE = 600
"""Failed keys of one address. Several honest callers may share it; nobody guesses a key at this pace."""

PASSWORDS_PER_MINUTE = 30
"""Passwords tried from one address, a call centre's at the change of shifts among them."""
COMPLAINTS_PER_HOUR = 10
"""Complaints sent by the public form from one address."""


class TooManyRequests(Exception):
    """The limit of this minute is used up; `retry_after_s` is how long to wait, in whole seconds."""

    def __init__(self, detail: str, retry_after_s: int) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class Limiter:
    """A fixed window of a minute per caller or address and process."""

    def __init__(self, requests_per_minute: int, failures_per_minute: int = FAILURES_PER_MINUTE) -> None:
        self._requests = RateLimitItemPerMinute(requests_per_minute, namespace="caller")
        self._failures = RateLimitItemPerMinute(failures_per_minute, namespace="address")
        self._passwords = RateLimitItemPerMinute(PASSWORDS_PER_MINUTE, namespace="passwords")
        self._complaints = RateLimitItemPerHour(COMPLAINTS_PER_HOUR, namespace="complaints")
        self._windows = FixedWindowRateLimiter(MemoryStorage())

    def hit(self, caller: str) -> None:
        """Count a request of a caller. Raises TooManyRequests."""
        self._hit(self._requests, caller, "requests")

    def hit_address(self, address: str) -> None:
        """Count a key from this address that let nobody in. Raises TooManyRequests."""
        self._hit(self._failures, address, "failed keys from one address")

    def hit_password(self, address: str) -> None:
        """Count a password tried from this address. Raises TooManyRequests."""
        self._hit(self._passwords, address, "passwords from one address")

    def hit_complaint(self, address: str) -> None:
        """Count a complaint sent from this address. Raises TooManyRequests."""
        self._hit(self._complaints, address, "complaints from one address")

    def _hit(self, limit: RateLimitItem, whose: str, what: str) -> None:
        if not self._windows.hit(limit, whose):
            ends = self._windows.get_window_stats(limit, whose).reset_time
            detail = f"at most {limit.amount} {what} {_per(limit)}: wait as long as Retry-After says"
            raise TooManyRequests(detail, max(1, math.ceil(ends - time.time())))


def _per(limit: RateLimitItem) -> str:
    return "an hour" if isinstance(limit, RateLimitItemPerHour) else "a minute"
