"""What a key sends, and what it does not: Enter presses the button that belongs to its field, and a form goes once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.adapters.auth.coming_in import eventually
from tests.adapters.http.bodies import SHIFTS
from tests.adapters.http.ledgers import line
from tests.adapters.http.ledgers_given import a_proposed_line
from tests.adapters.http.serving import PEOPLE, Service
from tests.adapters.web.desk_given import a_shift, escalated, running_shift
from tests.adapters.web.looking import Console

REFUSED = r"the server responded with a status of 4\d\d"
SENT = ("Enter", "Control+Enter")
_ASKED = """async ([path, fields]) => (await fetch(path, {method: "POST", body: new URLSearchParams(fields)})).status"""
_AGAIN = """async (form) => {
  const sent = () => fetch(form.action, {method: "POST", body: new URLSearchParams(new FormData(form))});
  return [(await sent()).status, (await sent()).status];
}"""
"""A form that is sent twice, whatever a script does against it."""


@pytest.fixture
def tab(console: Console) -> Page:
    """A tab in English, signed in as the supervisor of t1."""
    console.look(language="en")
    console.come_in("supervisor")
    return console.page


@pytest.fixture
def plain_page(browser: Browser, address: str) -> Iterator[Page]:
    """A supervisor's browser that runs no script."""
    context = browser.new_context(java_script_enabled=False, locale="en")
    tab = context.new_page()
    tab.goto(f"{address}/sign-in")
    tab.click(f"button[name=agent][value={PEOPLE['supervisor'][0]}]")
    yield tab
    context.close()


def _a_wish(service: Service, days: int) -> str:
    """A shift of `agent` that `colleague` is wished to work."""
    shift = a_shift(service, datetime.now(UTC) + timedelta(days=days), "a1001", "early")
    answer = service.post(f"{SHIFTS}/swaps", {"shift": shift, "to": "a1002", "reason": "家里有事"})
    assert answer.status == 201, answer.body
    service.seen(answer["position"])
    return shift


# ---- Enter ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("key", SENT)
def test_the_reason_of_a_dismissal_dismisses_and_confirms_nothing_l_0(
    console: Console, tab: Page, service: Service, key: str
) -> None:
    entry = a_proposed_line(service)
    console.open("/penalties")
    tab.check(f"input[value='{entry}']")
    tab.get_by_label("Reason").fill("录音不清")
    tab.keyboard.press(key)
    expect(tab.get_by_role("status")).to_contain_text("Dismissed")
    assert line(service, entry)["status"] == "dismissed"


def test_without_a_script_a_ticked_penalty_is_not_confirmed_by_enter_l_0(
    plain_page: Page, address: str, service: Service
) -> None:
    entry = a_proposed_line(service)
    plain_page.goto(f"{address}/penalties")
    plain_page.check(f"input[value='{entry}']")
    plain_page.press(f"input[value='{entry}']", "Enter")
    expect(plain_page.get_by_role("alert")).to_be_visible()  # it is not dismissed either: the reason is missing
    assert line(service, entry)["status"] == "proposed"


@pytest.mark.parametrize("deed", ["", "confirmed"])
def test_what_is_neither_confirmed_nor_dismissed_stays_as_it_is_l_0(
    console: Console, tab: Page, service: Service, deed: str
) -> None:
    entry = a_proposed_line(service)
    console.watch.allow(REFUSED)
    console.open("/penalties")
    assert tab.evaluate(_ASKED, ["/penalties", {"entry": entry, "do": deed}]) == 422
    assert line(service, entry)["status"] == "proposed"


@pytest.mark.parametrize(("key", "days"), [("Enter", 12), ("Control+Enter", 13)])
def test_the_reason_of_a_refusal_refuses_a_swap_s_5(
    console: Console, tab: Page, service: Service, key: str, days: int
) -> None:
    shift = _a_wish(service, days)
    console.open("/swaps")
    tab.locator("tr", has=tab.locator(f"a[href='/shifts/{shift}']")).get_by_label("Reason of a refusal").fill(
        "人手不够"
    )
    tab.keyboard.press(key)
    expect(tab.locator("section.gap tr", has=tab.locator(f"a[href='/shifts/{shift}']"))).to_contain_text("人手不够")
    assert service.get(f"{SHIFTS}/{shift}")["agents"] == ["a1001"]


def test_a_swap_is_not_granted_with_the_reason_of_a_refusal_s_5(console: Console, tab: Page, service: Service) -> None:
    shift = _a_wish(service, 14)
    row = tab.locator("tr", has=tab.locator(f"a[href='/shifts/{shift}']"))
    console.watch.allow(REFUSED)
    console.open("/swaps")
    row.get_by_label("Reason of a refusal").fill("人手不够")
    row.get_by_role("button", name="Grant").click()
    expect(tab.get_by_role("alert")).to_contain_text("take the reason away")
    expect(row.get_by_label("Reason of a refusal")).to_have_value("人手不够")
    assert service.get(f"{SHIFTS}/{shift}")["agents"] == ["a1001"]


@pytest.mark.parametrize("key", SENT)
def test_a_note_to_many_is_noted_and_passes_nothing_on(console: Console, tab: Page, service: Service, key: str) -> None:
    case = service.receive(channel="app")
    service.seen(case.position)
    handler = service.get(case.url)["handler"]
    console.open("/?channel=app")
    tab.get_by_label(f"Choose {case.number}").check()
    tab.select_option(".bulk select[name=agent]", "a1002")
    tab.fill(".bulk input[name=text]", "已致电，无人接听")
    tab.keyboard.press(key)
    expect(tab.get_by_role("status")).to_be_visible()
    assert service.history(case)[-1]["data"]["text"] == "已致电，无人接听"
    assert service.get(case.url)["handler"] == handler


def test_a_deed_to_many_that_is_none_is_refused(console: Console, tab: Page, service: Service) -> None:
    case = service.receive()
    console.watch.allow(REFUSED)
    console.open("/")
    fields = {"case": f"{case.id} {case.version} {case.number}", "text": "不该记下"}
    assert tab.evaluate(_ASKED, ["/inbox/bulk", fields]) == 422
    assert "不该记下" not in str(service.history(case))


def test_a_question_to_a_handover_does_not_take_it_over_s_3(console: Console, tab: Page, service: Service) -> None:
    case = escalated(service)
    service.seen(case.position)
    shift, sent = running_shift(service, "start", "handover"), list[str]()
    console.come_in("colleague")
    console.open(f"/shifts/{shift}/handover")
    tab.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    tab.check("input[data-all=ticked]")
    question = tab.get_by_label(f"Question about {case.number}")
    question.fill("订金收据在哪")
    for key in SENT:
        question.press(key)
    tab.locator("input[name=ticked]").first.press("Enter")
    expect(question).to_have_value("订金收据在哪")
    tab.get_by_role("button", name="Accept the handover").click()
    expect(tab.get_by_role("button", name="Accept the handover")).to_have_count(0)
    assert len(sent) == 1, sent


# ---- once -----------------------------------------------------------------------------------------------------------
def test_a_key_that_is_held_or_pressed_again_sends_once(console: Console, tab: Page, service: Service) -> None:
    case, sent = service.receive(), list[str]()
    console.open(f"/cases/{case.id}")
    tab.on("request", lambda request: sent.append(request.url) if request.url.endswith("/do/notes") else None)
    tab.fill("#note", "客户下午三点后方便")
    tab.keyboard.down("Control")
    for _ in range(2):
        tab.keyboard.down("Enter")  # the second time it is held
    tab.keyboard.up("Enter")
    tab.keyboard.press("Enter")
    tab.keyboard.up("Control")
    expect(tab.locator("#timeline")).to_contain_text("客户下午三点后方便")
    assert len(sent) == 1, sent


def test_a_note_that_is_sent_twice_is_one_note(console: Console, tab: Page, service: Service) -> None:
    case = service.receive()
    console.open(f"/cases/{case.id}")
    tab.fill("#note", "只记一次")
    assert tab.locator("form.compose").evaluate(_AGAIN) == [200, 200]
    assert [item["data"].get("text") for item in service.history(case)].count("只记一次") == 1


def test_a_key_that_is_asked_for_twice_is_one_key(console: Console, tab: Page) -> None:
    console.watch.allow(REFUSED)
    console.open("/settings/access")
    tab.fill("#label", "nightly figures")
    assert tab.locator("form[action$='/keys']").evaluate(_AGAIN) == [200, 409]
    console.open("/settings/access")
    expect(tab.locator("tr", has_text="nightly figures")).to_have_count(1)


# ---- others were faster ---------------------------------------------------------------------------------------------
def test_a_stale_answer_is_kept_and_can_be_sent_again_c_6(console: Console, tab: Page, service: Service) -> None:
    case = escalated(service)
    console.watch.allow(REFUSED)
    console.open(f"/cases/{case.id}/escalations/1/answer")
    tab.get_by_label("Words").fill("退订金，另致歉")
    service.give(case, "pause", {"category": "customer", "reason": "等客户寄发票"})
    tab.keyboard.press("Control+Enter")
    expect(tab.get_by_role("status")).to_contain_text("Your text is kept.")
    expect(tab.get_by_label("Words")).to_have_value("退订金，另致歉")
    tab.get_by_label("Words").press("Control+Enter")
    expect(tab).to_have_url(f"{console.address}/escalations")
    assert service.get(case.url)["escalations"][0]["answer"]["words"] == "退订金，另致歉"


def test_a_stale_change_of_a_master_can_be_made_after_all(console: Console, service: Service) -> None:
    tab, path = console.page, "/api/v1/agents/a1003"
    console.come_in("admin")
    console.watch.allow(REFUSED)
    console.open("/agents/a1003/do/team")
    tab.fill("[name=team]", "t1")
    version = service.get(path, who="admin")["version"]
    absent = service.post(f"{path}/absence", version=version, who="admin")
    assert absent.status == 200, absent.body
    tab.keyboard.press("Control+Enter")
    expect(tab.get_by_role("status")).to_contain_text("你填写的内容已保留")
    tab.press("[name=team]", "Control+Enter")
    tab.wait_for_url("**/agents/a1003")
    assert service.get(path, who="admin")["team"] == "t1"


# ---- nobody is there ------------------------------------------------------------------------------------------------
def test_a_draft_that_could_not_be_kept_says_so_and_is_kept_on_the_way_out(console: Console, service: Service) -> None:
    case, tab = service.receive(), console.page
    console.come_in("agent")
    console.open(f"/cases/{case.id}")
    console.watch.allow("ERR_FAILED|Failed to fetch")
    tab.route("**/drafts/**", lambda route: route.abort())
    tab.fill("#note", "断线时写的")
    expect(tab.locator(".compose [role=status]")).to_have_text("未保存：连接已中断")
    tab.unroute("**/drafts/**")
    tab.goto(f"{console.address}/notices")
    kept = "SELECT 1 FROM private.drafts WHERE agent = %s AND form = %s"
    eventually(lambda: bool(service.rows(kept, "a1001", f"{case.id}/notes")))
