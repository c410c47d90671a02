"""Evidence: sealed to the customer, told by its first bytes, its downloads on record, gone with the customer."""

from uuid import uuid4

import pytest

from adapters.files import FILE_MOST
from tests.adapters.http.persons_given import erase
from tests.adapters.http.serving import Answer, Case, Service

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
KINDS = {
    "image/png": PNG,
    "image/jpeg": b"\xff\xd8\xff\xe0....JFIF",
    "application/pdf": b"%PDF-1.7\n...",
    "audio/mpeg": b"ID3\x04\x00...",
    "audio/wav": b"RIFF\x24\x00\x00\x00WAVEfmt ",
}


def put(service: Service, case: Case, content: bytes, path: str = "", **how: object) -> Answer:
    """Hand a file in."""
    return service.ask("PUT", path or f"{case.url}/files/{uuid4()}", raw=content, **how)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_is_what_its_first_bytes_say(service: Service, kind: str) -> None:
    case = service.receive()
    stored = put(service, case, KINDS[kind])
    assert (stored.status, stored["media_type"], stored["size"]) == (200, kind, len(KINDS[kind]))
    read = service.get(f"{case.url}/files/{stored['id']}")
    assert (read.raw, read.headers["content-type"]) == (KINDS[kind], kind)
    assert read.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in read.headers["content-security-policy"]


@pytest.mark.parametrize("content", [b"", b"<svg onload=alert(1)>", b"MZ\x90", b"RIFF....AVI ", b"0000000 WAVE"])
def test_other_kinds_are_refused(service: Service, content: bytes) -> None:
    assert put(service, service.receive(), content).kind == (422, "file_kind_unknown")


def test_a_file_that_is_too_large_is_refused(service: Service) -> None:
    case = service.receive()
    assert put(service, case, PNG + b"." * (FILE_MOST - len(PNG))).status == 200
    assert put(service, case, PNG + b"." * (FILE_MOST - len(PNG) + 1)).status == 413


def test_the_first_that_comes_under_an_id_stays(service: Service) -> None:
    case = service.receive()
    path = f"{case.url}/files/{uuid4()}"
    put(service, case, PNG, path)
    put(service, case, KINDS["application/pdf"], path)
    assert service.get(path).raw == PNG


def test_what_is_kept_is_sealed(service: Service) -> None:
    case = service.receive()
    put(service, case, PNG)
    [(box,)] = service.rows("SELECT box FROM private.files WHERE case_id = %s", case.id)
    assert bytes(range(64)) not in box


def test_every_download_is_on_record_a_4(service: Service) -> None:
    case = service.receive()
    file = put(service, case, PNG)["id"]
    service.get(f"{case.url}/files/{file}")
    service.get(f"{case.url}/files/{file}?reason=复核证据", who="auditor")
    kept = service.get(f"/api/v1/audit/reads?resource={case.id}/files/{file}", who="auditor")["items"]
    told = [(one["actor"], one["kind"], one["reason"]) for one in kept]
    assert told == [("u4001", "downloaded", "复核证据"), ("a1001", "downloaded", None)]


def test_nobody_sees_it_who_may_not_see_the_case_or_the_person(service: Service) -> None:
    case = service.receive()
    file = put(service, case, PNG)["id"]
    path = f"{case.url}/files/{file}"
    assert service.get(path, who="stranger").kind == (403, "not_your_team")
    assert service.get(path, who="auditor").kind == (403, "forbidden")
    assert put(service, case, PNG, who="stranger").kind == (403, "not_your_team")
    assert service.get(f"{service.receive().url}/files/{file}").kind == (404, "not_found")


def test_it_goes_with_its_customer_a_3(service: Service) -> None:
    case = service.receive(customer={"name": "要被删的人", "phone": "13900000092"})
    file = put(service, case, PNG)["id"]
    service.give(case, "withdrawal", {"reason": "算了"})
    erase(service, service.get(case.url)["customer"]["subject"])
    assert service.get(f"{case.url}/files/{file}").kind == (404, "not_found")
    assert service.rows("SELECT 1 FROM private.files WHERE case_id = %s", case.id) == []


def test_nobody_reads_what_is_restricted_a_3(service: Service) -> None:
    case = service.receive()
    file = put(service, case, PNG)["id"]
    person = "(SELECT subject FROM private.files WHERE id = %s)"
    service.rows(f"UPDATE private.subjects SET restricted_at = now() WHERE subject = {person}", file)  # noqa: S608
    assert service.get(f"{case.url}/files/{file}").status == 404
    service.rows(f"UPDATE private.subjects SET restricted_at = NULL WHERE subject = {person}", file)  # noqa: S608
    assert service.get(f"{case.url}/files/{file}").raw == PNG


def test_a_file_that_no_evidence_names_is_gone_after_a_day(service: Service) -> None:
    case, files = service.receive(), service.app.state.parts.files
    named, unnamed, young = (put(service, case, PNG) for _ in range(3))
    assert service.post(f"{case.url}/evidence", {"kind": "photo", "ref": named["ref"]}).status in {200, 201}
    service.rows(
        "UPDATE private.files SET stored_at = now() - interval '25 hours' WHERE id = ANY (%s)",
        [named["id"], unnamed["id"]],
    )
    service.run(files.forget_unnamed())
    found = [service.get(f"{case.url}/files/{one['id']}").status for one in (named, unnamed, young)]
    assert found == [200, 404, 200]
    assert service.run(files.forget_unnamed()) == 0


def test_a_file_whose_naming_nobody_may_read_stays(service: Service) -> None:
    case = service.receive()
    sent = put(service, case, PNG)
    service.post(f"{case.url}/evidence", {"kind": "photo", "ref": sent["ref"]})
    subject = service.get(case.url)["customer"]["subject"]
    body = {"grounds": "accuracy_contested", "reason": "核实中"}
    assert service.post(f"/api/v1/subjects/{subject}/restriction", body, who="auditor").status == 200
    service.rows("UPDATE private.files SET stored_at = now() - interval '25 hours' WHERE id = %s", sent["id"])
    service.run(service.app.state.parts.files.forget_unnamed())
    assert service.rows("SELECT named FROM private.files WHERE id = %s", sent["id"]) == [(False,)]
