"""One batch in flight at a time: what comes in meanwhile is the next one.

There is no timer. Whoever comes alone flies at once, so that an idle service adds nothing to a command's time; the
busier it is, the larger batches become by themselves.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, Generic, NamedTuple, TypeVar

from application.event_log import Busy, Unavailable

Item = TypeVar("Item")
Result = TypeVar("Result")

BATCH_MOST = 256
"""Items in one batch, where nothing else is said."""
QUEUE_MOST = 4096
"""Items that may wait; more are refused."""
WAIT_S = 5.0
"""How long an item may wait for its flight; one that has waited longer is refused instead. `work` limits itself."""


class _Waiting(NamedTuple, Generic[Item, Result]):
    item: Item
    future: asyncio.Future[Result]
    until: float


class SingleFlight(Generic[Item, Result]):
    """Hands items to `work` in batches. It outlives whatever `work` raises, and leaves nobody without an answer.

    work: gives one result for each item, in order; an exception among them goes to that item alone, a raised one to
    the whole batch. most: items in one batch.
    """

    def __init__(
        self, work: Callable[[Sequence[Item]], Awaitable[Sequence[Result | Exception]]], most: int = BATCH_MOST
    ) -> None:
        self._work = work
        self._most = most
        self._waiting: deque[_Waiting[Item, Result]] = deque()
        self._flying: asyncio.Task[None] | None = None
        self._closed = False

    async def submit(self, item: Item) -> Result:
        """The result of an item. Raises what `work` gives for it, Busy when too many wait, Unavailable.

        Who is cancelled takes the item back as long as it has not left; afterwards it may have been done all the same.
        """
        if self._closed:
            raise _stopping()
        if len(self._waiting) >= QUEUE_MOST:
            raise Busy("too many requests are waiting: try again")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        self._waiting.append(_Waiting(item, future, loop.time() + WAIT_S))
        if self._flying is None:
            self._flying = loop.create_task(self._fly_on())
        return await future

    async def close(self) -> None:
        """Take nothing more in, and wait until all that was taken in is answered."""
        self._closed = True
        while self._flying is not None:
            with suppress(Exception):
                await asyncio.shield(self._flying)

    async def _fly_on(self) -> None:
        try:
            # whoever is ready in this moment comes along
            await asyncio.sleep(0)
            while batch := self._boarded():
                await self._fly(batch)
        finally:
            self._flying = None
            _strand(self._waiting)

    def _boarded(self) -> list[_Waiting[Item, Result]]:
        """The next batch, without those whose callers have gone and those who have waited for too long."""
        now, batch = asyncio.get_running_loop().time(), list[_Waiting[Item, Result]]()
        while self._waiting and len(batch) < self._most:
            one = self._waiting.popleft()
            if one.until < now:
                _tell(one.future, Busy("too many requests are waiting: try again"))
            elif not one.future.done():
                batch.append(one)
        return batch

    async def _fly(self, batch: Sequence[_Waiting[Item, Result]]) -> None:
        try:
            results = await self._work([one.item for one in batch])
            for one, result in zip(batch, results, strict=True):
                _tell(one.future, result)
        except Exception as error:  # noqa: BLE001  whatever it was, each is told, and the next batch flies
            for one in batch:
                _tell(one.future, error)
        except BaseException:
            _strand(batch)
            raise


def _tell(future: asyncio.Future[Result], result: Result | Exception) -> None:
    """Answer who still waits."""
    if future.done():
        return
    if isinstance(result, Exception):
        future.set_exception(result)
    else:
        future.set_result(result)


def _strand(waiting: Iterable[_Waiting[Any, Any]]) -> None:
    """Tell those who wait that the loop ends under them."""
    for one in waiting:
        _tell(one.future, _stopping())


def _stopping() -> Unavailable:
    return Unavailable("the service is stopping: send the command again with the same key")
