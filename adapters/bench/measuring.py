"""Measured in pairs: ours and its yardstick one after the other in the same round, in turn which one begins.

What else runs on the machine weighs on both sides of a pair, so that the median of the paired ratios holds where
absolute figures do not.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter

Measure = Callable[[], Awaitable[float]]
"""Measures once, in the unit of its row."""
Act = Callable[[int], Awaitable[object]]
"""Does something once for the worker of this number."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """A row of the table.

    ratio: median of ours / yardstick over the rounds. ours, yardstick: medians, in `unit`. spread: of the paired
    ratios, the highest less the lowest, as a share of the median.
    """

    ratio: float
    ours: float
    yardstick: float
    unit: str
    rounds: int
    spread: float


async def paired(rounds: int, ours: Measure, yardstick: Measure, unit: str) -> Ratio:
    """Measure both in every round; one round before the first warms both up and is not counted."""
    return (await compared(rounds, ours, {"": yardstick}, unit))[""]


async def compared(rounds: int, ours: Measure, yardsticks: Mapping[str, Measure], unit: str) -> dict[str, Ratio]:
    """The same with several yardsticks in every round, each of which makes a row of its own."""
    await _round(ours, yardsticks, turned=False)
    found = [await _round(ours, yardsticks, turned=bool(at % 2)) for at in range(rounds)]
    return {name: ratio_of([(own, others[name]) for own, others in found], unit) for name in yardsticks}


async def _round(ours: Measure, yardsticks: Mapping[str, Measure], *, turned: bool) -> tuple[float, dict[str, float]]:
    if turned:
        others = {name: await measure() for name, measure in yardsticks.items()}
        return await ours(), others
    return await ours(), {name: await measure() for name, measure in yardsticks.items()}


def ratio_of(pairs: Sequence[tuple[float, float]], unit: str) -> Ratio:
    """The row of pairs of (ours, yardstick)."""
    ratios = [ours / yardstick for ours, yardstick in pairs]
    middle = median(ratios)
    return Ratio(
        ratio=round(middle, 3),
        ours=round(median(ours for ours, _ in pairs), 4),
        yardstick=round(median(yardstick for _, yardstick in pairs), 4),
        unit=unit,
        rounds=len(pairs),
        spread=round((max(ratios) - min(ratios)) / middle, 3),
    )


async def a_second(act: Act, at_once: int, seconds: float) -> float:
    """How often a second `act` is done when that many workers do it again and again."""
    done, began = 0, perf_counter()

    async def work(worker: int) -> None:
        nonlocal done
        while perf_counter() - began < seconds:
            await act(worker)
            done += 1

    await asyncio.gather(*(work(worker) for worker in range(at_once)))
    return done / (perf_counter() - began)
