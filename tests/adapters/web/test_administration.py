"""A day of an administrator: somebody is taken on, a tariff proposed and seen against the one in force (A-4)."""

import pytest
from playwright.sync_api import expect

from adapters.web.rules import rules
from adapters.web.words import words
from tests.adapters.http.serving import Service
from tests.adapters.web import house_given as house
from tests.adapters.web.looking import Console


def test_somebody_is_taken_on_by_the_form_of_the_command(console: Console, service: Service) -> None:
    page = console.page
    console.sign_in("admin", "/agents")
    page.keyboard.press("c")
    page.wait_for_url("**/agents/new")
    page.fill("[name=id]", "A 7")
    page.fill("[name=name]", "新同事")
    page.select_option("[name=role]", "agent")
    page.fill("[name=team]", "t1")
    page.fill("[name=joined_on]", "2026-01-05")
    console.watch.allow("422")
    page.click("main .btn.pri")
    # what was typed stays, and the field at fault says why
    expect(page.locator("[name=id]")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[name=name]")).to_have_value("新同事")
    page.fill("[name=id]", "a7001")
    page.click("main .btn.pri")
    page.wait_for_url("**/agents/a7001")
    assert service.get("/api/v1/agents/a7001", who="admin")["name"] == "新同事"
    page.click("text=调换小组")
    page.fill("[name=team]", "t2")
    page.click("main .btn.pri")
    page.wait_for_url("**/agents/a7001")
    expect(page.locator(".leaves")).to_contain_text("t2")


def test_a_tariff_is_proposed_as_yaml_and_published_by_somebody_else_a_4(console: Console, service: Service) -> None:
    page = console.page
    console.sign_in("admin", "/tariffs/new")
    text = page.input_value("#yaml")
    assert text.startswith("version: default-1\n")
    console.watch.allow("422|403|409")
    page.fill("#yaml", text.replace("minor_fen: 1000", "minor_fen: many"))
    page.click("main .btn.pri")
    expect(page.get_by_role("alert")).to_contain_text("minor_fen")
    page.fill("#yaml", house.later_tariff("winter-1"))
    page.click("main .btn.pri")
    page.wait_for_url("**/tariffs/winter-1")
    expect(page.locator(".yaml del", has_text="minor_fen: 1000")).to_be_visible()
    expect(page.locator(".yaml ins", has_text="minor_fen: 1500")).to_be_visible()
    page.click("form[action$='/publication'] .btn")
    expect(page.locator("[role=alert]")).to_contain_text("A-4")
    assert service.get("/api/v1/tariffs/winter-1", who="admin")["status"] == "proposed"
    page.click("a[href$='/withdrawal']")
    page.fill("[name=reason]", "另行提交")
    page.click("main .btn.pri")
    page.wait_for_url("**/tariffs/winter-1")
    expect(page.locator("main .tag").first).to_have_text("已撤回")


def test_a_restriction_is_lifted_with_a_reason_a_3(console: Console, service: Service) -> None:
    path = house.person(service)
    page = console.page
    console.sign_in("auditor", path)
    expect(page.locator("main .tag").first).to_have_text("限制查阅")
    page.click("text=解除限制")
    page.fill("[name=reason]", "查无此事")
    page.click("main .btn.pri")
    page.wait_for_url(f"**{path}")
    assert service.get(f"/api/v1{path}", who="auditor")["restricted"] is False


def test_a_programs_key_is_proposed_approved_by_another_and_shown_once_a_4(console: Console, service: Service) -> None:
    house.another_admin(service)
    page = console.page
    console.sign_in("admin", "/keys")
    page.keyboard.press("c")
    page.wait_for_url("**/keys/new")
    page.select_option("[name=agent]", "svc-export")
    page.fill("[name=label]", "班后导出")
    page.uncheck("[name=scopes][value=read]")
    console.watch.allow("422")
    page.click("main .btn.pri")
    # a program's key names what it may; what was typed stays
    expect(page.locator("[role=alert]")).to_be_visible()
    expect(page.locator("[name=label]")).to_have_value("班后导出")
    page.check("[name=scopes][value=read]")
    page.click("main .btn.pri")
    page.wait_for_url("**/keys")
    row = page.locator("tr", has_text="班后导出")
    expect(row.get_by_role("button")).to_have_text(["撤回"])
    (one,) = [one for one in service.get("/api/v1/key-proposals", who="admin")["items"] if one["label"] == "班后导出"]
    service.post(f"/api/v1/key-proposals/{one['id']}/approval", who="other admin")
    page.reload()
    row.get_by_role("button", name="领取").click()
    service.keys["collected"] = page.locator("[role=status] code").inner_text()
    assert service.get("/api/v1/cases", who="collected").status == 200
    page.goto(f"{console.address}/keys")
    assert service.keys["collected"] not in page.content()
    row.get_by_role("button", name="吊销").click()
    expect(row).to_have_count(0)
    assert service.get("/api/v1/cases", who="collected").status == 401


def test_a_key_of_another_admins_is_approved_and_a_persons_is_theirs_to_collect_a_4(
    console: Console, service: Service
) -> None:
    prefix = house.proposed_key(service, agent="p3001", scopes=None, expires_at=None, label="结账")
    page = console.page
    console.sign_in("admin", "/keys")
    page.get_by_role("button", name=f"批准 rk_{prefix}").click()
    expect(page.locator("tr", has_text=prefix).or_(page.locator("tr", has_text="结账"))).to_contain_text("领取")
    expect(page.get_by_role("button", name=f"领取 rk_{prefix}")).to_have_count(0)
    console.sign_in("payroll", "/settings/access")
    page.get_by_role("button", name=f"领取 rk_{prefix}").click()
    service.keys["theirs"] = page.locator("[role=status] code").inner_text()
    assert service.get("/api/v1/payroll/months", who="theirs").status == 200
    expect(page.get_by_role("button", name=f"领取 rk_{prefix}")).to_have_count(0)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_rule_is_told_in_both_languages_the_readers_first(console: Console, language: str) -> None:
    console.look(language=language)
    console.sign_in("agent", "/rules/C-2")
    texts = console.page.locator(".rule-text").all_inner_texts()
    assert texts == [rules()["C-2"][one] for one in (("zh", "en") if language == "zh" else ("en", "zh"))]


def test_every_rule_with_a_name_has_its_text() -> None:
    assert set(rules()) == set(words().entries["rule"])
    assert {rule for rule, text in rules().items() if set(text) != {"en", "zh"} or not all(text.values())} == set()
