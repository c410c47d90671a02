"""The public form: a complaint from nobody we know, its receipt, and the secret link to how far it has come (C-1)."""

import re
from urllib.parse import urlsplit

import pytest

from adapters.auth.limiter import COMPLAINTS_PER_HOUR
from tests.adapters.auth.coming_in import look, send
from tests.adapters.http.serving import CASES, Answer, Case, Service

WHOLE = {
    "narrative": "结账时没有打会员折扣，服务员说系统坏了。",
    "demand1": "退还差价",
    "name": "林晓",
    "phone": "13900001111",
}


@pytest.fixture(autouse=True)
def nothing_sent(service: Service) -> None:
    """Every test begins with no complaint counted."""
    service.app.state.parts.limiter._windows.clear()  # noqa: SLF001  there is no other door


def complain(service: Service, **fields: str) -> Answer:
    """Send the form, in English."""
    return send(service, "/complain", {**WHOLE, **fields}, "redress-language=en")


def link_of(answer: Answer) -> str:
    """The path of the link on a receipt."""
    found = re.search(r'href="(http[^"]+/status/[^"]+)"', answer.body)
    assert found, answer.body
    return urlsplit(found[1]).path


def case_of(service: Service, answer: Answer) -> Case:
    """The case behind a receipt, as a supervisor finds it by its number."""
    found = re.search(r"\d{4}-\d{6}", answer.body)
    assert found
    position = service.rows("SELECT max(notification_id) FROM log.events")[0][0]
    items = service.get(f"{CASES}?q={found[0]}&min_position={position}", who="supervisor")["items"]
    (item,) = [item for item in items if item["number"] == found[0]]
    return Case(item["id"], service.get(f"{CASES}/{item['id']}", who="supervisor")["version"], 0, number=found[0])


# ---- sending --------------------------------------------------------------------------------------------------------
def test_a_complaint_is_received_by_web_for_every_team_c_1(service: Service) -> None:
    answer = complain(service, demand2="道歉", place="和平路店", when="昨晚", on_site="yes", email="lin@example.org")
    assert answer.status == 200
    case = case_of(service, answer)
    shown = service.get(case.url, who="stranger").body
    assert (shown["channel"], shown["team"], shown["on_site"]) == ("web", None, True)
    assert [demand["text"] for demand in shown["demands"]] == ["退还差价", "道歉"]
    assert shown["customer"]["name"] == "林晓"
    assert shown["narrative"].endswith("【昨晚】")


def test_the_agent_who_takes_it_works_on_it(service: Service) -> None:
    case = case_of(service, complain(service))
    assert service.give(case, "assignment", {"agent": "a1001", "reason": "我来处理"}, who="supervisor").status == 200
    assert service.give(case, "acknowledgement", {}, who="agent").status == 200


def test_sent_twice_it_is_one_complaint(service: Service) -> None:
    key = re.search(r'name="_key" value="([^"]+)"', look(service, "/complain").body)
    assert key
    first, second = complain(service, _key=key[1]), complain(service, _key=key[1])
    assert case_of(service, first).id == case_of(service, second).id


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"narrative": ""}, "narrative"),
        ({"demand1": " "}, "demand1"),
        ({"name": ""}, "name"),
        ({"phone": ""}, "phone"),
        ({"name": "x" * 201}, "name"),
        ({"narrative": "=HYPERLINK(1)|x!y"}, "narrative"),
    ],
)
def test_what_is_missing_is_marked_and_nothing_typed_is_lost(
    service: Service, fields: dict[str, str], wrong: str
) -> None:
    before = service.events()
    answer = complain(service, place="和平路店", **fields)
    assert answer.status == 422
    assert f'id="e-{wrong}"' in answer.body
    assert "和平路店" in answer.body
    assert service.events() == before


def test_programs_that_fill_in_everything_are_turned_away(service: Service) -> None:
    before = service.events()
    assert complain(service, website="https://spam.example").status == 422
    assert service.events() == before


def test_more_than_the_form_can_hold_is_turned_away(service: Service) -> None:
    assert complain(service, narrative="长" * 30_000).status == 413


def test_another_sites_form_sends_nothing(service: Service) -> None:
    headers = {"sec-fetch-site": "cross-site", "origin": "https://evil.example"}
    assert send(service, "/complain", WHOLE, **headers).status == 403


def test_from_one_address_only_so_many_come_in_an_hour(service: Service) -> None:
    answers = [complain(service).status for _ in range(COMPLAINTS_PER_HOUR + 1)]
    assert answers == [200] * COMPLAINTS_PER_HOUR + [429]


def test_what_was_typed_is_shown_as_text_alone(service: Service) -> None:
    answer = complain(service, name="", place='"><script>alert(1)</script>')
    assert "<script>" not in answer.body


# ---- following ------------------------------------------------------------------------------------------------------
def test_the_link_tells_how_far_it_has_come_and_nothing_else(service: Service) -> None:
    sent = complain(service)
    link, case = link_of(sent), case_of(service, sent)
    page = look(service, link, "redress-language=en")
    assert page.status == 200
    assert 'aria-current="step">We have it' in page.body
    for secret in ("林晓", "13900001111", WHOLE["narrative"], case.id, "svc-web-form"):
        assert secret not in page.body
    assert service.give(case, "assignment", {"agent": "a1001", "reason": "我来处理"}, who="supervisor").status == 200
    service.give(case, "withdrawal", {"reason": "客户撤回"}, who="agent")
    assert 'aria-current="step">It is closed' in look(service, link, "redress-language=en").body


def test_the_page_stays_out_of_indexes_histories_and_caches(service: Service) -> None:
    page = look(service, link_of(complain(service)))
    assert page.headers["x-robots-tag"] == "noindex, nofollow"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    assert '<meta name="robots" content="noindex, nofollow">' in page.body


def test_a_link_is_kept_as_a_hash_of_256_random_bits(service: Service) -> None:
    token = link_of(complain(service)).rsplit("/", 1)[1]
    assert len(token) == 43
    assert service.rows("SELECT 1 FROM access.complaint_links c WHERE c::text LIKE %s", f"%{token}%") == []
    assert {len(row[0]) for row in service.rows("SELECT sha256 FROM access.complaint_links")} == {32}


@pytest.mark.parametrize("token", ["x", "0" * 43, "..%2F..%2Fsign-in"])
def test_a_link_that_is_not_whole_leads_nowhere(service: Service, token: str) -> None:
    assert look(service, f"/status/{token}").status == 404


def test_a_link_ends_after_a_year(service: Service) -> None:
    link = link_of(complain(service))
    service.rows("UPDATE access.complaint_links SET made_at = now() - interval '366 days'")
    assert look(service, link).status == 404


def test_reading_the_status_opens_no_personal_data(service: Service) -> None:
    link = link_of(complain(service))
    before = service.rows("SELECT count(*) FROM access.reads WHERE kind = 'opened'")
    look(service, link)
    assert service.rows("SELECT count(*) FROM access.reads WHERE kind = 'opened'") == before
