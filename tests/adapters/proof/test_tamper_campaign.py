"""Hundreds of changes to bundles and, by SQL, to a live database; more: `./dev test --campaign tamper`."""

from collections import Counter

from tests.campaigns.tamper import CI_BUNDLES, CI_LIVE, CI_SEED, LIVE_KINDS, report, tamper


def test_every_change_is_noticed(postgres_server: str) -> None:
    found = tamper(postgres_server, CI_BUNDLES, CI_LIVE, CI_SEED)
    told = report(found, CI_SEED)
    assert not found.missed, told
    assert found.total == CI_BUNDLES + CI_LIVE
    assert min(found.tried.values()) == CI_LIVE // len(LIVE_KINDS) == 6
    kinds = Counter(kind.partition(":")[0] for kind in found.tried)
    assert kinds["bundle"] >= 10
    assert kinds["live"] >= 20
