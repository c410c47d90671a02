"""The campaign of falling due at the size it has in CI; `./dev test --campaign falling_due` runs it larger."""

from tests.support.campaigns import ran

SMALL = (
    "--cases",
    "300",
    "--open",
    "200",
    "--agents",
    "10",
    "--due",
    "40",
    "--within-s",
    "6",
    "--lead-s",
    "20",
    "--seed",
    "7",
)


def test_campaign(postgres_server: str) -> None:
    ran("falling_due", postgres_server, *SMALL)
