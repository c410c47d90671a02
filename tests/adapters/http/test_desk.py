"""What callers keep at their desks: one's own alone, sealed, and gone in time."""

from uuid import uuid4

from adapters.http.desk import VIEWS_MOST
from tests.adapters.http.persons_given import erase
from tests.adapters.http.serving import Service

VIEWS, DRAFTS = "/api/v1/views", "/api/v1/drafts"
TYPED = {"fields": {"findings": ["监控显示服务员忘了打折"], "evidence.0.kind": ["", "photo"]}}


def kept(service: Service, name: str = "本周热线", who: str = "agent", **filters: object) -> str:
    key = str(uuid4())
    answer = service.ask("PUT", f"{VIEWS}/{key}", {"name": name, "filters": filters}, who=who)
    assert answer.status == 200, answer.body
    return key


def drop(service: Service, who: str) -> None:
    for view in service.get(VIEWS, who=who)["items"]:
        service.ask("DELETE", f"{VIEWS}/{view['id']}", who=who)


# ---- views ----------------------------------------------------------------------------------------------------------
def test_a_view_says_how_many_cases_it_shows_now(service: Service) -> None:
    case = service.receive(channel="letter", who="stranger")
    key = kept(service, who="stranger", channel="letter", q="账单", status=["received"])
    service.seen(case.position)
    [view] = service.get(VIEWS, who="stranger")["items"]
    listed = service.get("/api/v1/cases?channel=letter&q=账单&status=received", who="stranger")["items"]
    assert view == {
        "id": key,
        "name": "本周热线",
        "filters": {"channel": "letter", "q": "账单", "status": ["received"]},
        "count": len(listed),
    }
    assert case.id in {item["id"] for item in listed}


def test_a_view_is_put_in_the_place_of_another_and_removed(service: Service) -> None:
    key = kept(service, who="payroll")
    service.ask("PUT", f"{VIEWS}/{key}", {"name": "外滩", "filters": {"on_site": True}}, who="payroll")
    assert [(view["name"], view["filters"]) for view in service.get(VIEWS, who="payroll")["items"]] == [
        ("外滩", {"on_site": True})
    ]
    drop(service, "payroll")
    assert service.get(VIEWS, who="payroll")["items"] == []


def test_nobody_sees_the_views_of_another(service: Service) -> None:
    kept(service, who="second")
    assert service.get(VIEWS, who="paymaster")["items"] == []


def test_there_is_an_end_to_views(service: Service) -> None:
    for _ in range(VIEWS_MOST):
        kept(service, who="auditor")
    one_more = service.ask("PUT", f"{VIEWS}/{uuid4()}", {"name": "太多", "filters": {}}, who="auditor")
    assert one_more.kind == (409, "too_many_views")
    drop(service, "auditor")


def test_a_view_takes_what_the_list_takes(service: Service) -> None:
    refused = service.ask("PUT", f"{VIEWS}/{uuid4()}", {"name": "别的", "filters": {"colour": "red"}})
    assert refused.kind == (422, "invalid")


# ---- drafts ---------------------------------------------------------------------------------------------------------
def test_a_draft_is_kept_until_it_is_dropped(service: Service) -> None:
    path = f"{service.receive().url}/drafts/investigation"
    service.ask("PUT", path, {"fields": {"findings": ["监控"]}})
    service.ask("PUT", path, TYPED)
    assert service.get(path)["fields"] == TYPED["fields"]
    service.ask("DELETE", path)
    assert service.get(path).kind == (404, "not_found")


def test_a_draft_is_of_one_person_and_one_form(service: Service) -> None:
    case = service.receive()
    service.ask("PUT", f"{case.url}/drafts/investigation", TYPED)
    assert service.get(f"{case.url}/drafts/investigation", who="colleague").status == 404
    assert service.get(f"{case.url}/drafts/clarification").status == 404
    assert service.get(f"{DRAFTS}/investigation").status == 404


def test_a_draft_of_no_case_is_sealed_to_its_writer(service: Service) -> None:
    service.ask("PUT", f"{DRAFTS}/receipt", TYPED, who="supervisor")
    assert service.get(f"{DRAFTS}/receipt", who="supervisor")["fields"] == TYPED["fields"]
    [box] = service.rows("SELECT box FROM private.drafts WHERE form = 'receipt' AND agent = 's2001'")
    assert "监控".encode() not in box[0]


def test_no_draft_on_a_case_of_another_team(service: Service) -> None:
    case = service.receive()
    assert service.ask("PUT", f"{case.url}/drafts/notes", TYPED, who="stranger").kind == (403, "not_your_team")


def test_a_draft_goes_with_its_customer_a_3(service: Service) -> None:
    case = service.receive(customer={"name": "要被删的人", "phone": "13900000091"})
    path = f"{case.url}/drafts/notes"
    service.ask("PUT", path, TYPED)
    service.give(case, "withdrawal", {"reason": "算了"})
    erase(service, service.get(case.url)["customer"]["subject"])
    assert service.get(path).status == 404
    assert service.rows("SELECT 1 FROM private.drafts WHERE form LIKE %s", f"{case.id}/%") == []


def test_a_draft_is_gone_after_seven_days(service: Service) -> None:
    path = f"{service.receive().url}/drafts/notes"
    service.ask("PUT", path, TYPED)
    service.rows("UPDATE private.drafts SET written_at = now() - interval '8 days' WHERE form LIKE '%%/notes'")
    assert service.get(path).status == 404
    service.ask("PUT", f"{DRAFTS}/receipt", TYPED)
    assert service.rows("SELECT 1 FROM private.drafts WHERE written_at < now() - interval '7 days'") == []
