"""Key indicators and the monthly analysis at the console: chosen by keyboard, another period, printed (Q-1, Q-7)."""

import pytest
from playwright.sync_api import Page, expect

from tests.adapters.http.facts_given import ready
from tests.adapters.http.serving import Service, ago
from tests.adapters.web.desk_given import swaps, to_review
from tests.adapters.web.looking import Console


@pytest.fixture
def tab(console: Console) -> Page:
    """A tab in English, signed in as the supervisor of t1."""
    console.look(language="en")
    console.sign_in("supervisor")
    return console.page


def test_an_indicator_is_drawn_with_its_formula_and_leads_back_in_time_q_1(tab: Page, service: Service) -> None:
    service.seen(service.case("called_back").position)
    tab.keyboard.press("g")
    tab.keyboard.press("k")
    tab.wait_for_url("**/indicators")
    expect(tab.locator(".kpis a")).to_have_count(10)
    tab.locator(".kpis a", has_text="Callback rate").press("Enter")
    expect(tab.locator("#drawn")).to_have_text("Callback rate Customers reached ÷ Cases resolved")
    expect(tab.locator(".kpis [aria-current] b")).to_have_text("100.0%")
    expect(tab.locator(".chart circle")).to_have_count(1)
    rows = tab.locator("section", has=tab.locator("#drawn")).locator("tbody tr")
    expect(rows.first.locator("td")).to_have_text(["1", "1", "100.0%"])
    tab.get_by_role("link", name="The period before").click()
    expect(tab.locator(".kpis [aria-current] b")).to_have_text("—")  # nothing stands below the line
    expect(tab.locator("#drawn")).to_contain_text("Callback rate")
    tab.get_by_role("link", name="Month", exact=True).click()
    expect(tab.locator("nav.seg [aria-current]", has_text="Month")).to_be_visible()


def test_of_ones_team_alone_calls_have_no_value_q_1(console: Console, tab: Page, service: Service) -> None:
    service.seen(service.case("called_back").position)
    console.open("/indicators")
    tab.get_by_role("link", name="My team").click()
    expect(tab.get_by_text("Calls are of no team")).to_be_visible()
    expect(tab.locator(".kpis a", has_text="Complaint rate").locator("b")).to_have_text("—")
    expect(tab.locator(".kpis a", has_text="Satisfaction").locator("b")).to_have_text("100.0%")


def test_the_complaints_of_a_month_are_counted_by_seven_aspects_and_printed_q_7(tab: Page, service: Service) -> None:
    service.receive(received_at=ago(days=31), channel="letter")
    service.seen(service.case("clarified", channel="letter", merchant="m1").position)
    tab.keyboard.press("g")
    tab.keyboard.press("y")
    tab.wait_for_url("**/analysis")
    expect(tab.locator(".aspects section")).to_have_count(7)
    letters = tab.locator("section", has_text="By channel").locator("tbody tr", has_text="Letter")
    expect(letters.locator("td").first).to_have_text("1")
    expect(tab.locator("section", has_text="By merchant").locator("tbody tr").first).to_contain_text("m1")
    expect(tab.locator("section", has_text="By agent").locator("tbody tr").first).to_contain_text("who-is-agent")
    tab.emulate_media(media="print")
    expect(tab.locator("nav.rail")).to_be_hidden()
    expect(letters).to_be_visible()
    assert tab.pdf(format="A4").startswith(b"%PDF")
    tab.emulate_media(media="screen")
    tab.locator("a[rel=prev]").click()
    expect(tab.locator("section", has_text="By merchant").locator("tbody tr").first).to_contain_text("not known")


def test_what_several_customers_complain_of_leads_to_their_cases_q_6(
    console: Console, tab: Page, service: Service
) -> None:
    customers = [{"name": f"客人{n}", "phone": f"1390000000{n}"} for n in range(3)]
    cases = [service.case("clarified", merchant="m9", customer=customer) for customer in customers]
    service.seen(cases[-1].position)
    console.open("/analysis")
    row = tab.locator("section", has_text="Recurring problems").locator("tbody tr", has_text="m9")
    expect(row.locator("td").first).to_have_text("3")
    row.get_by_role("link", name=cases[-1].number).click()
    expect(tab.locator(".crumb")).to_contain_text(cases[-1].number)


def test_agents_see_no_figures_of_others_a_4(console: Console) -> None:
    console.watch.allow("403")
    console.sign_in("agent")
    expect(console.page.locator("nav.rail a[href='/indicators']")).to_have_count(0)
    answer = console.page.goto(f"{console.address}/indicators")
    assert answer is not None
    assert answer.status == 403


def test_what_waits_for_supervisors_is_counted_beside_the_rail(tab: Page, service: Service) -> None:
    names = ("answers", "conduct", "swaps")
    before = {name: int(tab.locator(f"[data-count={name}]").inner_text() or 0) for name in names}
    to_review(service)
    swaps(service)
    ready(service, "conduct-reports")
    for name, number in before.items():
        expect(tab.locator(f"[data-count={name}]")).to_have_text(str(number + 1))
