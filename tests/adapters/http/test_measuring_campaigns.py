"""The campaigns that measure, at the size they have in CI: what they print is right where they come to their end."""

from collections.abc import Sequence

import pytest

from tests.support.campaigns import ran

SMALL = {
    "console_opens": ("--cases", "60", "--events", "30", "--times", "20"),
    "handover_opens": ("--cases", "60", "--events", "30"),
    "month_close": ("--agents", "4", "--orders", "200", "--cases", "20"),
}


@pytest.mark.parametrize(("campaign", "options"), SMALL.items(), ids=[*SMALL])
def test_campaign(campaign: str, options: Sequence[str], postgres_server: str) -> None:
    assert "the bare quer" in ran(campaign, postgres_server, *options)
