"""Small charts as SVG: places are reckoned here, and drawn by templates without a script or a style of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

Value = float | None
"""What is drawn; None where there is nothing to draw."""


@dataclass(frozen=True, slots=True)
class Dot:
    """A value where it stands. index: which one of those given."""

    x: float
    y: float
    index: int


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across, and the value it stands for."""

    y: float
    value: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Values in a row. strokes: runs of dots without a gap; ticks: from nothing to what is rounder than the most."""

    width: int
    height: int
    strokes: Sequence[Sequence[Dot]]
    ticks: Sequence[Tick]

    def points(self, stroke: Sequence[Dot]) -> str:
        """A stroke as `<polyline>` takes it."""
        return " ".join(f"{dot.x:g},{dot.y:g}" for dot in stroke)

    def area(self, stroke: Sequence[Dot]) -> str:
        """What lies under a stroke, as `<polygon>` takes it."""
        return f"{stroke[0].x:g},{self.height} {self.points(stroke)} {stroke[-1].x:g},{self.height}"


def chart(values: Sequence[Value], width: int, height: int, margin: int = 4, ticks: int = 4) -> Chart:
    """A chart of values from 0 on. margin: how far a dot at the edge may reach."""
    top = _round_above(max((value for value in values if value is not None), default=0.0))
    step = (width - 2 * margin) / max(len(values) - 1, 1)

    def height_of(value: float) -> float:
        return round(height - margin - (height - 2 * margin) * value / top, 1)

    dots = [
        None if value is None else Dot(round(margin + step * index, 1), height_of(value), index)
        for index, value in enumerate(values)
    ]
    marks = [top * part / ticks for part in range(ticks + 1)]
    return Chart(width, height, _strokes(dots), [Tick(height_of(mark), mark) for mark in marks])


def _strokes(dots: Sequence[Dot | None]) -> list[list[Dot]]:
    strokes: list[list[Dot]] = [[]]
    for dot in dots:
        if dot is None:
            strokes.append([])
        else:
            strokes[-1].append(dot)
    return [stroke for stroke in strokes if stroke]


def _round_above(most: float) -> float:
    """1, 2, 4 or 8 times a power of ten: what can be divided by four and still be read."""
    if most <= 0:
        return 1.0
    unit = 10.0 ** floor(log10(most))
    return next(unit * factor for factor in (1, 2, 4, 8, 10) if ceil(most / unit * 1e6) <= factor * 1e6)
