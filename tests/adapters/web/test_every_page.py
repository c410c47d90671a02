"""What holds for every page: no barrier, both languages whole, nothing asked of others, usable when narrow."""

import os
import re
from itertools import product

import pytest

from tests.adapters.http.serving import Service
from tests.adapters.web.looking import Console
from tests.adapters.web.places import PLACES, Place
from tests.checks.write_translations import messages

LOOKS = tuple(product(("zh", "en"), ("light", "dark"), (1440, 390)))
"""Language, theme, width. Every page is looked at in two; in all, with pictures, by the campaign `console_looks`."""
ALL = os.environ.get("REDRESS_LOOKS") == "all"
LOOKED_AT = LOOKS if ALL else (("zh", "light", 1440), ("en", "dark", 390))

NARROW = 760


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_no_barrier_one_language_and_narrow_enough(console: Console, service: Service, place: Place) -> None:
    path = place.path(service)
    console.come_in(place.who)
    for language, theme, width in LOOKED_AT:
        console.look(language=language, theme=theme, width=width)
        console.open(path)
        console.page.wait_for_load_state("load")  # never idle: a live page listens as long as it is open
        if ALL:
            console.picture(f"{place.name}-{language}-{theme}-{width}")
        assert console.violations() == [], (language, theme, width)
        wider = console.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, f"{place.name} is {wider} px too wide at {width}"
        said = console.page.evaluate(_OWN_WORDS)
        other = _english(said) if language == "zh" else [text for text in said if re.search("[\u4e00-\u9fff]", text)]
        assert other == []
        assert width > NARROW or console.page.evaluate(_ALONE) == 0, f"{place.name}: a dash without its label"


_ALONE = """() => [...document.querySelectorAll(".cards td:not([data-said])")]
  .filter((cell) => cell.checkVisibility() && cell.innerText.trim() === "—").length"""
"""How many cells of a list say of something, without what, that it is not there: narrow lists have no heading."""
_OWN_WORDS = """() => {
  const own = document.documentElement.lang, found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const marked = node.parentElement.closest("[lang]");
    const shown = node.parentElement.closest("script, style, template, .logo") === null;
    if (shown && marked.lang === own && node.data.trim()) found.push(node.data.trim());
  }
  for (const item of document.querySelectorAll("[aria-label], [title], [placeholder]"))
    for (const name of ["aria-label", "title", "placeholder"])
      if (item.hasAttribute(name) && item.closest("[lang]").lang === own) found.push(item.getAttribute(name));
  return found;
}"""


def _english(said: list[str]) -> list[str]:
    """Messages that stand in English although there is Chinese for them."""
    english = {message for message, chinese in messages().items() if chinese != message}
    return [text for text in said if text in english]
