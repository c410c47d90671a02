"""Two thousand generated requests against the API's document; more: `./dev test --campaign schemathesis_api`."""

from tests.adapters.http.serving import Service
from tests.campaigns.schemathesis_api import CI_CASES, CI_SEED, explore, report


def test_every_answer_is_as_the_document_says_and_the_log_can_still_be_read(service: Service) -> None:
    found = explore(service, CI_CASES, CI_SEED)
    told = report(found, CI_SEED)
    assert not found.faults, told
    assert found.requests >= 2_000, told
    assert sum(found.taken.values()) > 0.4 * found.requests, told
    assert all(found.taken.values()), told
