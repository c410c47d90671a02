"""Local passwords: which are taken, who comes in with them, and what happens to who guesses (ASVS 5.0, 6)."""

from datetime import datetime
from typing import Any

import httpx2
import pytest

from adapters.auth.limiter import PASSWORDS_PER_MINUTE
from adapters.auth.passwords import Fault, WeakPassword, check_strength, generated
from adapters.auth.service_accounts import NotForPrograms
from adapters.proof import feed
from domain.values import AgentId
from tests.adapters.auth.coming_in import GOOD, OTHER, eventually, give_password, is_in, look, send, session_of, sign_in
from tests.adapters.http.serving import Service, listening


@pytest.fixture(autouse=True)
def nothing_tried(service: Service) -> None:
    """Every test begins with no try on record, neither of an account nor from an address."""
    service.rows("DELETE FROM access.sign_in_tries")
    service.app.state.parts.limiter._windows.clear()  # noqa: SLF001  there is no other door


def waited_out(service: Service) -> None:
    """As though the time of every closed account had gone by."""
    service.rows("UPDATE access.sign_in_tries SET closed_until = now()")


# ---- which are taken ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("elf signs ok", None),
        ("eleven sign", Fault.LENGTH),
        ("四个互不相干的词拼在一起", None),
        ("x" * 201, Fault.LENGTH),
        ("password1234", Fault.COMMON),
        ("P@ssw0rd!!2026", Fault.COMMON),
        ("changeme-2026", Fault.COMMON),
        ("qwertyuiopas", Fault.COMMON),
        ("098765432109", Fault.COMMON),
        ("abababababab", Fault.COMMON),
        ("my A1001 secret", Fault.OWN_NUMBER),
    ],
)
def test_a_password_is_long_and_not_among_those_tried_first(password: str, fault: Fault | None) -> None:
    if fault is None:
        check_strength(AgentId("a1001"), password)
        return
    with pytest.raises(WeakPassword) as refused:
        check_strength(AgentId("a1001"), password)
    assert refused.value.fault is fault


def test_a_password_made_up_is_taken_and_never_the_same() -> None:
    made = {generated() for _ in range(100)}
    assert len(made) == 100
    for password in made:
        check_strength(AgentId("a1001"), password)


def test_what_is_kept_is_argon2id_and_a_program_has_none(service: Service) -> None:
    give_password(service)
    assert service.rows("SELECT hash FROM access.passwords")[0][0].startswith("$argon2id$v=19$m=65536,")
    with pytest.raises(NotForPrograms):
        give_password(service, "svc-export")


# ---- coming in ------------------------------------------------------------------------------------------------------
def test_number_and_password_begin_a_session_that_is_written_down(service: Service) -> None:
    give_password(service)
    answer = sign_in(service)
    assert (answer.status, answer.headers["location"]) == (303, "/")
    for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
        assert word in answer.headers["set-cookie"]
    assert is_in(service, session_of(answer))
    logged = service.rows("SELECT actor, resource FROM access.reads WHERE kind = 'logged_in' ORDER BY id DESC LIMIT 1")
    assert logged == [("a1001", "password")]


def test_a_wrong_password_and_a_number_of_nobody_are_told_the_same(service: Service) -> None:
    give_password(service)
    wrong, nobody = sign_in(service, password=OTHER), sign_in(service, "nobody-1", OTHER)
    assert (wrong.status, nobody.status) == (401, 401)
    assert wrong.body.replace("a1001", "") == nobody.body.replace("nobody-1", "")
    assert "set-cookie" not in wrong.headers


def test_another_sites_form_signs_nobody_in(service: Service) -> None:
    give_password(service)
    fields = {"number": "a1001", "password": GOOD}
    answer = send(service, "/sign-in", fields, **{"sec-fetch-site": "cross-site", "origin": "https://evil.example"})
    assert (answer.status, "set-cookie" in answer.headers) == (403, False)


# ---- guessing -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("number", ["a1001", "nobody-2"])
def test_after_five_failed_tries_no_password_is_looked_at_for_a_while(service: Service, number: str) -> None:
    give_password(service)
    assert [sign_in(service, number, OTHER).status for _ in range(6)] == [401] * 5 + [429]
    assert sign_in(service, number, GOOD).status == 429
    assert service.rows("SELECT failed FROM access.sign_in_tries") == [(5,)]


def test_whose_number_is_closed_is_told_at_once_where_they_are_signed_in(service: Service) -> None:
    give_password(service, "a1002")
    cookie = session_of(sign_in(service, "a1002"))
    for number in ("a1002", "nobody-3"):
        for _ in range(5):
            sign_in(service, number, OTHER)
        waited_out(service)
        sign_in(service, number, OTHER)

    def told() -> list[Any]:
        return [one for one in service.get("/api/v1/notices", who="colleague")["items"] if "closed" in one["type"]]

    eventually(lambda: bool(told()))
    (notice,) = told()
    assert notice["type"] == "notice.sign_in_closed"
    assert datetime.fromisoformat(notice["due_at"]) > datetime.fromisoformat(notice["at"])
    assert "密码" in look(service, "/notices", cookie).body
    assert service.rows("SELECT 1 FROM log.events WHERE position('nobody-3'::bytea in state) > 0") == []


def test_each_further_failure_closes_for_twice_as_long_up_to_an_hour(service: Service) -> None:
    give_password(service)
    closed = []
    for _ in range(13):
        assert sign_in(service, password=OTHER).status == 401
        row = service.rows("SELECT extract(epoch FROM closed_until - last_at)::int / 60 FROM access.sign_in_tries")
        closed.append(row[0][0])
        waited_out(service)
    assert closed == [None] * 4 + [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_who_comes_in_after_a_closure_is_told_of_it_and_the_count_begins_anew(service: Service) -> None:
    give_password(service)
    for _ in range(5):
        sign_in(service, password=OTHER)
    waited_out(service)
    answer = sign_in(service)
    assert (answer.status, answer.headers["location"]) == (303, "/settings/access")
    page = look(service, "/settings/access", session_of(answer) + "; redress-language=en")
    assert "tries with your number had failed: 5" in page.body
    assert service.rows("SELECT count(*) FROM access.sign_in_tries") == [(0,)]
    assert sign_in(service).headers["location"] == "/"


def test_from_one_address_only_so_many_passwords_are_tried_a_minute(service: Service) -> None:
    answers = [sign_in(service, f"nobody-{number}", OTHER).status for number in range(PASSWORDS_PER_MINUTE + 1)]
    assert answers == [401] * PASSWORDS_PER_MINUTE + [429]


# ---- changing -------------------------------------------------------------------------------------------------------
def test_changing_the_password_ends_every_other_session(service: Service) -> None:
    give_password(service)
    here, elsewhere = session_of(sign_in(service)), session_of(sign_in(service))
    changed = send(service, "/settings/access/password", {"old": GOOD, "new": OTHER, "again": OTHER}, here)
    assert changed.status == 303
    assert [is_in(service, cookie) for cookie in (here, elsewhere, session_of(changed))] == [False, False, True]
    assert (sign_in(service).status, sign_in(service, password=OTHER).status) == (401, 303)


@pytest.mark.parametrize(
    "typed",
    [
        {"old": OTHER, "new": OTHER, "again": OTHER},
        {"old": GOOD, "new": OTHER, "again": GOOD},
        {"old": GOOD, "new": "too short", "again": "too short"},
    ],
)
def test_what_is_wrong_with_a_new_password_is_told_and_nothing_changes(service: Service, typed: dict[str, str]) -> None:
    give_password(service)
    cookie = session_of(sign_in(service))
    answer = send(service, "/settings/access/password", typed, cookie)
    assert (answer.status, 'role="alert"' in answer.body) == (422, True)
    assert is_in(service, cookie)
    assert sign_in(service).status == 303


def test_a_password_set_by_somebody_else_is_good_for_seven_days(service: Service) -> None:
    give_password(service, temporary=True)
    assert sign_in(service).headers["location"] == "/settings/access"
    service.rows("UPDATE access.passwords SET changed_at = now() - interval '8 days'")
    assert sign_in(service).status == 401


# ---- as it is typed, and the session of it --------------------------------------------------------------------------
def test_a_password_is_taken_as_it_is_typed(service: Service) -> None:
    whole = " Walrus 铜灯 Lantern "
    give_password(service, password=whole)
    assert [sign_in(service, password=typed).status for typed in (whole, whole.strip(), whole.lower())] == [
        303,
        401,
        401,
    ]


def test_it_is_not_shown_and_left_to_managers_of_passwords(service: Service) -> None:
    door = look(service, "/sign-in").body
    assert 'name="password" type="password" autocomplete="current-password"' in door
    assert 'name="number" value="" autocomplete="username"' in door


def test_signing_in_again_begins_another_session_and_ends_the_one_before(service: Service) -> None:
    give_password(service)
    first = session_of(sign_in(service))
    second = session_of(send(service, "/sign-in", {"number": "a1001", "password": GOOD}, first))
    assert [is_in(service, cookie) for cookie in (first, second)] == [False, True]
    assert len(second.partition("=")[2]) == 43


def test_who_has_signed_out_is_out(service: Service) -> None:
    give_password(service)
    cookie = session_of(sign_in(service))
    assert send(service, "/sign-out", {}, cookie).status == 303
    assert not is_in(service, cookie)


def test_an_open_page_hears_nothing_more_once_its_session_is_ended(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "BEAT_S", 0.05)
    monkeypatch.setattr(feed, "ASKED_EVERY_S", 0.1)
    give_password(service)
    cookie = session_of(sign_in(service))
    with (
        listening(service) as url,
        httpx2.Client(base_url=url, timeout=30, trust_env=False) as client,
        client.stream("GET", "/live", headers={"cookie": cookie}) as response,
    ):
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = response.iter_lines()
        assert next(lines) == "retry: 1000"
        service.run(service.services.sessions.end_all(AgentId("a1001")))
        assert len(list(lines)) < 500
        again = client.get("/live", headers={"cookie": cookie})
        assert (again.status_code, again.headers["location"][:8]) == (303, "/sign-in")
