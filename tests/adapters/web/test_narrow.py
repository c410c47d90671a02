"""A small telephone: nothing is wider than the screen, and no figure is broken within."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.adapters.auth.coming_in import eventually
from tests.adapters.http.serving import Service
from tests.adapters.web import desk_given as desk
from tests.adapters.web import house_given as house
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


# ---- a finger, and keys ---------------------------------------------------------------------------------------------
_LEAST = 24
"""Pixels of a target, each way (WCAG 2.5.8)."""
_TOO_SMALL = """(least) => [...document.querySelectorAll("main :is(a, button, input, select, summary)")]
  .filter((one) => one.type !== "hidden" && one.checkVisibility() && !one.matches(".sr"))
  .map((one) => [one.outerHTML, (one.closest("label") || one).getBoundingClientRect()])
  .filter(([, place]) => place.width < least || place.height < least)
  .map(([told]) => told)"""
_OUT_OF_REACH = """() => [...document.querySelectorAll("main *")]
  .filter((one) => /auto|scroll/.test(getComputedStyle(one).overflowX) && one.scrollWidth > one.clientWidth + 1)
  .filter((one) => one.tabIndex < 0).map((one) => one.outerHTML.slice(0, 80))"""
"""Parts of a page that are wider than their place, and that no key scrolls."""


@pytest.mark.parametrize(
    ("who", "made"), [("colleague", desk.handover_to_accept), ("agent", desk.handover), ("admin", house.keys)]
)
def test_what_is_pressed_is_large_enough_and_what_is_wide_can_be_scrolled(
    console: Console, service: Service, who: str, made: Callable[[Service], str]
) -> None:
    path = made(service)
    console.come_in(who)
    console.look(width=SMALL)
    console.open(path)
    assert (console.page.evaluate(_TOO_SMALL, _LEAST), console.page.evaluate(_OUT_OF_REACH)) == ([], [])


def test_a_wide_table_without_anything_to_press_is_scrolled_by_keys(console: Console, service: Service) -> None:
    path = house.closed_month(service)
    console.come_in("auditor")
    console.look(language="en", width=SMALL)
    console.open(path)
    wide = console.page.locator(".scroll[tabindex='0']").first
    expect(wide).to_have_accessible_name(re.compile("."))
    wide.focus()
    console.page.keyboard.press("ArrowRight")
    eventually(lambda: bool(wide.evaluate("one => one.scrollLeft > 0")))
