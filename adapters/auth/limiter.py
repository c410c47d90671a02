"""How many requests one caller may send."""

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from adapters.http.problems import ApiError


class Limiter:
    """A fixed window of a minute per caller and process."""

    def __init__(self, requests_per_minute: int) -> None:
        self._item = RateLimitItemPerMinute(requests_per_minute)
        self._windows = FixedWindowRateLimiter(MemoryStorage())

    def hit(self, caller: str) -> None:
        """Count a request. Raises ApiError 429."""
        if not self._windows.hit(self._item, caller):
            raise ApiError(429, "too_many_requests", f"at most {self._item.amount} requests a minute: wait a little")
