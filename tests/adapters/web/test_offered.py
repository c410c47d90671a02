"""Nobody is offered what they may not do: each place of the rail opens, and cases are looked for by who reads them."""

import pytest
from playwright.sync_api import expect

from tests.adapters.web.looking import Console

_STATUSES = """async (paths) => Object.fromEntries(
  await Promise.all(paths.map(async (path) => [path, (await fetch(path)).status])))"""
WHO = ("agent", "supervisor", "payroll", "auditor", "admin")


@pytest.mark.parametrize("who", WHO)
def test_whatever_stands_in_the_rail_can_be_opened(console: Console, who: str) -> None:
    console.come_in(who)
    console.open("/settings")
    paths = console.page.locator("nav.rail a[href]").evaluate_all("all => all.map((one) => one.getAttribute('href'))")
    refused = {path: status for path, status in console.page.evaluate(_STATUSES, paths).items() if status != 200}
    assert refused == {}


@pytest.mark.parametrize(("who", "offered"), [("agent", 1), ("auditor", 1), ("payroll", 0), ("admin", 0)])
def test_cases_are_looked_for_by_those_who_read_them(console: Console, who: str, offered: int) -> None:
    console.come_in(who)
    console.open("/settings")
    expect(console.page.locator("form[role=search]")).to_have_count(offered)
    expect(console.page.locator("#palette [hx-get], #palette-found")).to_have_count(2 * offered)


def test_the_palette_leads_nowhere_by_words_for_whoever_reads_no_cases(console: Console) -> None:
    console.come_in("payroll")
    console.open("/settings")
    console.page.keyboard.press("Control+k")
    console.page.keyboard.type("no such page")
    console.page.keyboard.press("Enter")
    console.page.keyboard.press("Escape")
    expect(console.page).to_have_url(f"{console.address}/settings")
