"""One batch in flight, the next one forming: everybody is answered, whatever the work does."""

import asyncio
from collections.abc import Sequence
from unittest.mock import patch

import pytest

from adapters.postgres import single_flight
from adapters.postgres.single_flight import SingleFlight
from application.event_log import Busy, Unavailable

pytestmark = pytest.mark.anyio


class Gate:
    """Doubles numbers once it is open; keeps the batches it was given. Negative ones fail alone, 13 fails them all."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.batches: list[list[int]] = []

    async def work(self, items: Sequence[int]) -> list[int | Exception]:
        self.batches.append(list(items))
        await self.open.wait()
        if 13 in items:
            raise ArithmeticError("13")
        return [ValueError(item) if item < 0 else 2 * item for item in items]


async def boarding(flight: SingleFlight[int, int], *items: int) -> list[asyncio.Task[int]]:
    """Submit items at once, and let them get as far as they can."""
    tasks = [asyncio.create_task(flight.submit(item)) for item in items]
    for _ in range(4):
        await asyncio.sleep(0)
    return tasks


async def test_what_comes_in_during_a_flight_is_the_next_batch() -> None:
    gate = Gate()
    flight = SingleFlight(gate.work)
    first = await boarding(flight, 1)
    later = await boarding(flight, 2, 3)
    gate.open.set()
    assert await asyncio.gather(*first, *later) == [2, 4, 6]
    assert gate.batches == [[1], [2, 3]]


async def test_what_is_ready_in_the_same_moment_flies_together() -> None:
    gate = Gate()
    gate.open.set()
    flight = SingleFlight(gate.work)
    assert await asyncio.gather(*(flight.submit(item) for item in range(5))) == [0, 2, 4, 6, 8]
    assert gate.batches == [[0, 1, 2, 3, 4]]


async def test_a_batch_has_a_most() -> None:
    gate = Gate()
    gate.open.set()
    flight = SingleFlight(gate.work, most=2)
    assert await asyncio.gather(*(flight.submit(item) for item in range(5))) == [0, 2, 4, 6, 8]
    assert gate.batches == [[0, 1], [2, 3], [4]]


async def test_an_exception_among_the_results_is_told_to_its_own_item_alone() -> None:
    gate = Gate()
    gate.open.set()
    flight = SingleFlight(gate.work)
    told = await asyncio.gather(*(flight.submit(item) for item in (1, -1, 3)), return_exceptions=True)
    assert (told[0], type(told[1]), told[2]) == (2, ValueError, 6)


async def test_a_failed_batch_is_told_to_all_of_it_and_the_next_one_flies() -> None:
    gate = Gate()
    flight = SingleFlight(gate.work)
    failed = await boarding(flight, 13)
    waiting = await boarding(flight, 1, 2)
    gate.open.set()
    told = await asyncio.gather(*failed, *waiting, return_exceptions=True)
    assert (type(told[0]), told[1:]) == (ArithmeticError, [2, 4])
    assert await flight.submit(5) == 10


async def test_too_few_results_fail_the_batch() -> None:
    async def forgets(_: Sequence[int]) -> list[int]:
        return []

    flight = SingleFlight(forgets)
    with pytest.raises(ValueError, match="shorter"):
        await flight.submit(1)


async def test_too_many_waiting_are_refused_at_once() -> None:
    gate = Gate()
    flight = SingleFlight(gate.work)
    flying = await boarding(flight, 1)
    with patch.object(single_flight, "QUEUE_MOST", 2):
        waiting = await boarding(flight, 2, 3)
        with pytest.raises(Busy):
            await flight.submit(4)
    gate.open.set()
    assert await asyncio.gather(*flying, *waiting) == [2, 4, 6]


async def test_who_has_waited_for_too_long_is_refused_and_does_not_fly() -> None:
    gate = Gate()
    flight = SingleFlight(gate.work)
    with patch.object(single_flight, "WAIT_S", -1.0):
        late = await boarding(flight, 1)
    in_time = await boarding(flight, 2)
    gate.open.set()
    told = await asyncio.gather(*late, *in_time, return_exceptions=True)
    assert [type(told[0]), told[1]] == [Busy, 4]
    assert gate.batches == [[2]]


async def test_who_goes_before_the_flight_does_not_fly() -> None:
    gate = Gate()
    flight = SingleFlight(gate.work)
    flying, gone = await boarding(flight, 1), await boarding(flight, 2)
    gone[0].cancel()
    gate.open.set()
    assert await asyncio.gather(*flying) == [2]
    assert gate.batches == [[1]]


async def test_a_caller_that_goes_does_not_stop_the_batch() -> None:
    gate = Gate()
    flight = SingleFlight(gate.work)
    gone, stays = await boarding(flight, 1, 2)
    gone.cancel()
    gate.open.set()
    assert await stays == 4
    assert gate.batches == [[1, 2]]


async def test_closing_finishes_what_was_taken_in_and_takes_in_nothing_more() -> None:
    gate = Gate()
    flight = SingleFlight(gate.work)
    accepted = [*await boarding(flight, 1), *await boarding(flight, 2, 13)]
    closing = asyncio.create_task(flight.close())
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await flight.submit(3)
    gate.open.set()
    await closing
    told = await asyncio.gather(*accepted, return_exceptions=True)
    assert [told[0], *map(type, told[1:])] == [2, ArithmeticError, ArithmeticError]
    assert gate.batches == [[1], [2, 13]]


async def test_nobody_is_left_waiting_when_the_flight_itself_is_cancelled() -> None:
    gate = Gate()
    flight = SingleFlight(gate.work)
    waiting = [*await boarding(flight, 1), *await boarding(flight, 2)]
    [task] = [task for task in asyncio.all_tasks() if "_fly_on" in repr(task)]
    task.cancel()
    told = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(one) for one in told] == [Unavailable, Unavailable]
