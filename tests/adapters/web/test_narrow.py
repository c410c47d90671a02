"""A small telephone: nothing is wider than the screen, and no figure is broken within."""

import pytest
from playwright.sync_api import expect

from tests.adapters.http.serving import Service
from tests.adapters.web import desk_given as desk
from tests.adapters.web.looking import Console

SMALL = 375
_BROKEN = """() => {
  const long = { B: "1,274.3 小时", SMALL: "▲ 1,274.3", TD: "1,274.3" };
  const places = [...document.querySelectorAll(".kpis b, .kpis small, .reckoned td.num")];
  places.forEach((place) => { place.textContent = long[place.tagName]; });
  return places.filter((place) => {
    const figure = document.createRange(), around = place.closest(".tile, td").getBoundingClientRect();
    figure.selectNodeContents(place);
    return figure.getClientRects().length > 1 || figure.getBoundingClientRect().right > around.right;
  }).map((place) => place.tagName);
}"""
"""Which places of figures break a long one, or cut it off."""


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_search_is_no_wider_than_the_screen(console: Console, language: str) -> None:
    console.come_in("agent")
    console.look(language=language, width=SMALL)
    console.open("/search")
    assert console.page.evaluate("document.documentElement.scrollWidth") == SMALL


def test_no_indicator_is_broken_within_a_figure_q_1(console: Console, service: Service) -> None:
    path = desk.indicators(service)
    console.come_in("supervisor")
    console.look(width=SMALL)
    console.open(path)
    expect(console.page.locator(".kpis b").first).to_be_visible()
    assert console.page.evaluate(_BROKEN) == []
