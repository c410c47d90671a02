"""Persons who are erased, the whole way of it."""

from tests.adapters.http.serving import Answer, Service

SUBJECTS = "/api/v1/subjects"
ASKED = {"reason": "客户来信要求删除"}


def give(service: Service, person: str, path: str, body: object, who: str = "auditor") -> Answer:
    """Give a command on a person that must be taken."""
    answer = service.post(f"{SUBJECTS}/{person}/{path}", body, who=who)
    assert answer.status == 200, (person, path, answer.body)
    return answer


def erase(service: Service, person: str, asking: str = "supervisor") -> Answer:
    """All three steps of an erasure; nothing of the person's may go on any more."""
    give(service, person, "erasure", ASKED, asking)
    give(service, person, "erasure/decision", {"decision": "approved"})
    return give(service, person, "erasure/confirmation", {}, "admin")
