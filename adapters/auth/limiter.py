"""How many requests one caller may send, and how many wrong keys one address."""

import math
from dataclasses import dataclass
from time import monotonic

FAILURES_PER_MINUTE = 600
"""Failed keys of one address. Several honest callers may share it; nobody guesses a key at this pace."""

PASSWORDS_PER_MINUTE = 30
"""Passwords tried from one address, a call centre's at the change of shifts among them."""
COMPLAINTS_PER_HOUR = 10
"""Complaints sent by the public form from one address."""

MINUTE_S, HOUR_S = 60, 3600
WINDOWS_MOST = 10_000
"""From how many windows on those that have ended are looked for."""


class TooManyRequests(Exception):
    """The limit of this minute is used up; `retry_after_s` is how long to wait, in whole seconds."""

    def __init__(self, detail: str, retry_after_s: int) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True)
class _Limit:
    """At most `amount` of something in `seconds`."""

    amount: int
    seconds: int
    what: str

    def __str__(self) -> str:
        return f"at most {self.amount} {self.what} {'an hour' if self.seconds == HOUR_S else 'a minute'}"


@dataclass(slots=True)
class _Window:
    """How many there were in the window that ends then, by the monotonic clock."""

    ends: float
    count: int = 0


class Limiter:
    """A fixed window per caller or address and process; it begins with the first that comes in it."""

    def __init__(self, requests_per_minute: int) -> None:
        self._requests = _Limit(requests_per_minute, MINUTE_S, "requests")
        self._failures = _Limit(FAILURES_PER_MINUTE, MINUTE_S, "failed keys from one address")
        self._passwords = _Limit(PASSWORDS_PER_MINUTE, MINUTE_S, "passwords from one address")
        self._complaints = _Limit(COMPLAINTS_PER_HOUR, HOUR_S, "complaints from one address")
        self._windows: dict[tuple[str, str], _Window] = {}
        self._many = WINDOWS_MOST

    def hit(self, caller: str) -> None:
        """Count a request of a caller. Raises TooManyRequests."""
        self._hit(self._requests, caller)

    def hit_address(self, address: str) -> None:
        """Count a key from this address that let nobody in. Raises TooManyRequests."""
        self._hit(self._failures, address)

    def hit_password(self, address: str) -> None:
        """Count a password tried from this address. Raises TooManyRequests."""
        self._hit(self._passwords, address)

    def hit_complaint(self, address: str) -> None:
        """Count a complaint sent from this address. Raises TooManyRequests."""
        self._hit(self._complaints, address)

    def _hit(self, limit: _Limit, whose: str) -> None:
        now = monotonic()
        window = self._windows.get((limit.what, whose))
        if window is None or window.ends <= now:
            self._forget_old(now)
            window = self._windows[limit.what, whose] = _Window(now + limit.seconds)
        window.count += 1
        if window.count > limit.amount:
            detail = f"{limit}: wait as long as Retry-After says"
            raise TooManyRequests(detail, max(1, math.ceil(window.ends - now)))

    def _forget_old(self, now: float) -> None:
        if len(self._windows) >= self._many:
            self._windows = {key: window for key, window in self._windows.items() if window.ends > now}
            # as many again must come before it is worth another look
            self._many = max(WINDOWS_MOST, 2 * len(self._windows))
