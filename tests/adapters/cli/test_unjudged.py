"""What is not judged yet is no difference: a check waits for it, and says so where nobody judges (L-6)."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters import rejudged
from adapters.bootstrap import open_services
from adapters.intake.generate import GeneratorParts, Plan, generate
from adapters.rejudged import Rejudge
from adapters.settings import Settings
from application.event_log import Unavailable
from tests.adapters.http.serving import Factory


def test_without_a_reaction_nothing_is_compared(
    database_factory: Factory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rejudged, "PATIENCE_S", 0.1)

    async def check() -> None:
        async with open_services(Settings(home=tmp_path, database_url=database.app)) as services:
            end = datetime(2026, 3, 1, tzinfo=UTC)
            policy = services.cases.policy_on("default", end)
            parts = GeneratorParts(services.log, services.keyring, services.numbers, services.masters, policy)
            rejudge = Rejudge(services.dsn, services.log, services.ledgers.policy_of, lambda _, __: lambda _: None)
            assert (await rejudge.check(await services.tariffs.published())).matters == 0
            await generate(Plan(cases=20, agents=3, seed=1, end=end), parts)
            with pytest.raises(Unavailable, match="start the service"):
                await rejudge.check(await services.tariffs.published())

    with database_factory() as database:
        asyncio.run(check())
