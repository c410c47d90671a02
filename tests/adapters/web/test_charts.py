"""Where the values of a chart stand."""

import pytest

from adapters.web.charts import Dot, Tick, chart


def test_the_least_stands_at_the_bottom_and_the_round_most_at_the_top() -> None:
    drawn = chart([0, 1, 4], 108, 58, 4)
    assert drawn.strokes == [[Dot(4, 54, 0), Dot(54, 41.5, 1), Dot(104, 4, 2)]]
    assert drawn.ticks == [Tick(54, 0), Tick(41.5, 1), Tick(29, 2), Tick(16.5, 3), Tick(4, 4)]
    assert drawn.points(drawn.strokes[0]) == "4,54 54,41.5 104,4"
    assert drawn.area(drawn.strokes[0]) == "4,58 4,54 54,41.5 104,4 104,58"


def test_where_nothing_is_the_line_breaks() -> None:
    strokes = chart([1, None, None, 1, 1], 100, 50).strokes
    assert [[dot.index for dot in stroke] for stroke in strokes] == [[0], [3, 4]]
    assert chart([None, None], 100, 50).strokes == []


@pytest.mark.parametrize(
    ("most", "top"), [(0, 1), (0.07, 0.08), (0.95, 1), (1, 1), (1.01, 2), (3, 4), (7.5, 8), (9, 10), (124, 200)]
)
def test_the_top_is_round_and_not_below_the_most(most: float, top: float) -> None:
    assert chart([most], 100, 50).ticks[-1].value == pytest.approx(top)
