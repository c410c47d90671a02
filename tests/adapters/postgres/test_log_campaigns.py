"""The heavy tests of the log at the size they have in CI; `./dev test --campaign NAME` runs them larger."""

from collections.abc import Sequence

import pytest

from tests.support.campaigns import ran


@pytest.mark.parametrize(
    ("campaign", "options"), [("lost_events", ()), ("in_doubt", ()), ("kill_worker", ("--kills", "6"))]
)
def test_campaign(campaign: str, options: Sequence[str], postgres_server: str) -> None:
    ran(campaign, postgres_server, *options)
