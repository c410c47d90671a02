"""Messages are signed, sent until they are taken, given up at last; once more, and never twice for a rebuild."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from psycopg import AsyncConnection

from adapters.bootstrap import OPERATOR, Services, open_services, operators_command
from adapters.settings import Settings
from adapters.webhooks import deliveries, sending
from adapters.webhooks.deliverer import PAUSES, Deliverer
from adapters.webhooks.deliveries import Delivery
from adapters.webhooks.guard import Allowed, Guard
from adapters.webhooks.secrets import WebhookSecrets
from application import wire
from application.event_log import Row, Write
from domain.kernel import Event
from domain.report.events import Made, OrderFigures
from domain.values import AgentId
from domain.webhook.words import Kind
from projections import tracking
from projections.notices import NoticesView
from projections.rebuild import rebuild
from projections.runner import Runner
from projections.webhooks import WebhooksView
from tests.adapters.webhooks.receiver import OK, Receiver, receiving
from tests.support.database import Database

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = date(2026, 3, 1)
VIEWS = (WebhooksView(), NoticesView())
FIGURES = OrderFigures(orders=9, tables=8, reported_back=7, cancelled=1, seated=6, new_members=2, existing_members=4)
MADE = Made(date=DAY, by=AgentId("s1"), at=NOW, upto=1, orders=FIGURES, cases=(), open_cases=3, items=())


@dataclass
class Office:
    """The service's parts, a receiver, a webhook to it, and a clock that stands still until it is set."""

    services: Services
    receiver: Receiver
    now: datetime = NOW
    webhook: str = ""
    secret: str = ""
    allowed: str = "127.0.0.1"

    async def register(self, path: str = "/hook", host: str = "127.0.0.1") -> None:
        commands = self.services.webhooks.commands
        url, command = self.receiver.url(path, host), operators_command()
        done, secret = await commands.register(url, (Kind.DAILY_REPORT,), OPERATOR, command)
        assert secret
        self.secret = secret
        self.webhook = json.loads(done.answer)["id"]

    async def record(self, event: Event = MADE) -> int:
        command = operators_command()
        row = Row(uuid4(), 1, event.topic, wire.encode(event, wire.encode_meta(command.meta)))
        return (await self.services.log.append(Write(command.meta.command_id, b"", b"{}", [row]))).position

    async def sent(self, *, after: timedelta = timedelta()) -> None:
        """Let time pass, and send all that is due then."""
        self.now += after
        await self.projected()
        stop = asyncio.Event()
        guard = Guard(Allowed.parse(self.allowed))
        deliverer = Deliverer(
            self.services.dsn,
            self.services.webhooks.commands,
            self.services.webhooks.secrets,
            guard,
            operators_command,
            lambda: self.now,
        )
        working = asyncio.create_task(deliverer.run(stop))
        async with asyncio.timeout(60), self.services.pool.connection() as connection:
            while await self._left(connection):  # noqa: ASYNC110  what is waited for lies in the database
                await asyncio.sleep(0.01)
        stop.set()
        await working
        await self.projected()

    async def _left(self, connection: AsyncConnection[object]) -> bool:
        await deliveries.take_over(connection, self.now)
        return bool(await deliveries.due(connection, self.now))

    async def projected(self) -> None:
        stop = asyncio.Event()
        working = asyncio.create_task(Runner(self.services.dsn, self.services.keyring, VIEWS).run(stop))
        async with asyncio.timeout(60), self.services.pool.connection() as connection:
            while not await _settled(connection):  # noqa: ASYNC110  what is waited for lies in the database
                await asyncio.sleep(0.01)
        stop.set()
        await working

    async def listed(self) -> list[Delivery]:
        async with self.services.pool.connection() as connection:
            return (await deliveries.listed(connection, UUID(self.webhook), None, 50)).items

    async def outcomes(self) -> list[tuple[str, list[int | str | None]]]:
        """The state of every message, the first one first, and what came of each attempt."""
        found = reversed(await self.listed())
        return [(one.state, [each.status or each.fault for each in one.attempts]) for one in found]

    async def enabled(self) -> bool:
        return (await self.services.webhooks.commands.all())[0].known[self.webhook].enabled


async def _settled(connection: AsyncConnection[object]) -> bool:
    positions, head = await tracking.positions(connection), await tracking.head(connection)
    return all(positions[view.name] == head for view in VIEWS)


@asynccontextmanager
async def _office(database: Database, home: Path) -> AsyncIterator[Office]:
    settings = Settings(home=home, database_url=database.app, webhook_allowed=Allowed.parse("127.0.0.1, localhost"))
    async with open_services(settings) as services, receiving() as receiver:
        yield Office(services, receiver)


Play = Callable[[Callable[[Office], Awaitable[None]]], None]


@pytest.fixture
def play(database_factory: Callable[[], AbstractContextManager[Database]], tmp_path: Path) -> Iterator[Play]:
    with database_factory() as database:

        def run(scene: Callable[[Office], Awaitable[None]]) -> None:
            async def within() -> None:
                async with _office(database, tmp_path) as office:
                    await scene(office)

            asyncio.run(within())

        yield run


# ---- taken ----------------------------------------------------------------------------------------------------------
def test_a_message_is_signed_and_sent_once(play: Play) -> None:
    async def scene(office: Office) -> None:
        before = await office.record()
        await office.register()
        position = await office.record()
        await office.sent()
        [request] = office.receiver.requests
        assert before < position
        assert request.signed_by(office.secret)
        assert request.line == "POST /hook HTTP/1.1"
        assert request.headers["webhook-id"] == f"msg_{UUID(office.webhook).hex}_{position}"
        assert request.headers["webhook-timestamp"] == str(int(NOW.timestamp()))
        assert request.headers["content-type"] == "application/json"
        assert request.document["type"] == "daily_report"
        assert request.document["data"] == {
            "event": "daily_report.made", "position": position, "date": "2026-03-01", "open_cases": 3,
            "figures": FIGURES.digest,
        }  # fmt: skip
        await office.sent(after=timedelta(days=9))
        assert await office.outcomes() == [("delivered", [204])]
        assert len(office.receiver.requests) == 1

    play(scene)


def test_a_rebuilt_projection_sends_nothing_again(play: Play) -> None:
    async def scene(office: Office) -> None:
        await office.register()
        await office.record()
        await office.sent()
        await rebuild(office.services.dsn, office.services.keyring, VIEWS)
        await office.record()
        await office.sent()
        assert await office.outcomes() == [("delivered", [204])] * 2
        assert len(office.receiver.requests) == 2

    play(scene)


def test_once_more_comes_under_the_same_id(play: Play) -> None:
    async def scene(office: Office) -> None:
        await office.register()
        position = await office.record()
        await office.sent()
        await office.services.webhooks.commands.redeliver(office.webhook, position, OPERATOR, operators_command())
        await office.sent(after=timedelta(minutes=1))
        first, second = office.receiver.requests
        assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)
        assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
        assert second.signed_by(office.secret)
        assert {one.message for one in await office.listed()} == {position}

    play(scene)


# ---- not taken ------------------------------------------------------------------------------------------------------
def test_what_fails_is_tried_again_later_and_later_then_taken(play: Play) -> None:
    async def scene(office: Office) -> None:
        await office.register()
        await office.record()
        office.receiver.answer(500, 503, 200)
        await office.sent()
        await office.sent(after=PAUSES[0] - timedelta(seconds=1))
        assert await office.outcomes() == [("pending", [500])]
        await office.sent(after=timedelta(seconds=1))
        await office.sent(after=PAUSES[1])
        assert await office.outcomes() == [("delivered", [500, 503, 200])]
        assert len({request.headers["webhook-id"] for request in office.receiver.requests}) == 1
        assert await office.enabled()

    play(scene)


def test_what_nobody_takes_is_given_up_and_its_sender_told(play: Play) -> None:
    async def scene(office: Office) -> None:
        await office.register()
        position = await office.record()
        office.receiver.answer(500)
        await office.sent()
        for pause in PAUSES:
            assert await office.enabled()
            await office.sent(after=pause)
        assert await office.outcomes() == [("dead", [500] * (len(PAUSES) + 1))]
        assert not await office.enabled()
        notice = "SELECT agent, type, webhook::text FROM read.notices_2 WHERE webhook IS NOT NULL"
        async with office.services.pool.connection() as connection:
            rows = await (await connection.execute(notice)).fetchall()
        assert rows == [(OPERATOR.id, "webhook.disabled", office.webhook)]
        await office.record()
        await office.sent(after=timedelta(days=1))
        office.receiver.answer(200)
        await office.services.webhooks.commands.enable(office.webhook, OPERATOR, operators_command())
        await office.record()
        await office.sent()
        assert [state for state, _ in await office.outcomes()] == ["dead", "delivered"]
        assert position in {one.message for one in await office.listed()}

    play(scene)


def test_who_says_gone_is_asked_no_more(play: Play) -> None:
    async def scene(office: Office) -> None:
        await office.register()
        await office.record()
        office.receiver.answer(410)
        await office.sent()
        assert (await office.outcomes(), await office.enabled()) == ([("dead", [410])], False)

    play(scene)


def test_nothing_goes_to_what_is_removed_and_its_secret_is_gone(play: Play) -> None:
    async def scene(office: Office) -> None:
        await office.register()
        await office.record()
        await office.services.webhooks.commands.remove(office.webhook, OPERATOR, operators_command())
        await office.sent()
        assert office.receiver.requests == []
        async with office.services.pool.connection() as connection:
            rows = await (await connection.execute("SELECT * FROM private.webhook_secrets")).fetchall()
        assert rows == []

    play(scene)


# ---- the guard ------------------------------------------------------------------------------------------------------
def test_a_redirection_is_not_followed(play: Play) -> None:
    async def scene(office: Office) -> None:
        await office.register()
        await office.record()
        there = f"location: {office.receiver.url('/other')}"
        office.receiver.answers = [f"HTTP/1.1 307 X\r\n{there}\r\ncontent-length: 0\r\n\r\n".encode()]
        await office.sent()
        assert [request.line for request in office.receiver.requests] == ["POST /hook HTTP/1.1"]
        assert await office.outcomes() == [("pending", [307])]

    play(scene)


def test_an_internal_address_is_not_called_though_it_was_taken_once(play: Play) -> None:
    async def scene(office: Office) -> None:
        await office.register()
        await office.record()
        office.allowed = ""
        await office.sent()
        assert office.receiver.requests == []
        assert await office.outcomes() == [("pending", ["the host has an internal address"])]

    play(scene)


def test_a_name_is_looked_up_once_and_the_address_that_was_checked_is_called(play: Play) -> None:
    async def scene(office: Office) -> None:
        office.allowed = "localhost"
        await office.register(host="localhost")
        await office.record()
        loop, asked = asyncio.get_running_loop(), list[object]()
        look_up = loop.getaddrinfo

        async def noted(host: object, *rest: object, **named: object) -> object:
            asked.extend([host] if host == "localhost" else [])
            # a second answer would lead elsewhere
            return await look_up("127.0.0.1" if len(asked) == 1 else "127.0.0.9", *rest, **named)  # type: ignore[arg-type]

        loop.getaddrinfo = noted  # type: ignore[assignment, method-assign]
        await office.sent()
        assert [request.headers["host"] for request in office.receiver.requests] == [
            f"localhost:{office.receiver.port}"
        ]
        assert asked == ["localhost"]

    play(scene)


@pytest.mark.parametrize(
    ("answer", "came_of_it"),
    [
        (b"", "no answer within 0.2 s"),
        (b"HTTP/1.1 200 OK\r\n" + b"x: " + b"y" * 40_000 + b"\r\n\r\n", "the answer is no HTTP, or too long"),
        (b"HTTP/1.1 103 Early Hints\r\n\r\n" * 900, "the answer is no HTTP, or too long"),
        (b"220 mail.example.org ESMTP\r\n\r\n", "the answer is no HTTP, or too long"),
        (b"HTTP/1.1 103 Early Hints\r\n\r\n" + OK, 204),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n", 200),
    ],
)
def test_what_is_answered_has_limits(
    play: Play, monkeypatch: pytest.MonkeyPatch, answer: bytes, came_of_it: int | str
) -> None:
    async def scene(office: Office) -> None:
        await office.register()
        await office.record()
        office.receiver.answers = [answer]
        await office.sent()
        [(_, outcomes)] = await office.outcomes()
        assert outcomes == [came_of_it]

    if not answer:
        monkeypatch.setattr(sending, "TIMEOUT_S", 0.2)
    play(scene)


def test_nobody_who_does_not_listen_stops_the_others(play: Play) -> None:
    async def scene(office: Office) -> None:
        await office.register()
        listening, port = office.webhook, office.receiver.port
        office.receiver.port = 1
        await office.register("/deaf")
        office.receiver.port = port
        await office.record()
        await office.sent()
        assert await office.outcomes() == [("pending", ["no connection"])]
        office.webhook = listening
        assert await office.outcomes() == [("delivered", [204])]

    play(scene)


def test_secrets_lie_wrapped(play: Play) -> None:
    async def scene(office: Office) -> None:
        await office.register()
        async with office.services.pool.connection() as connection:
            [(wrapped,)] = await (await connection.execute("SELECT wrapped FROM private.webhook_secrets")).fetchall()
            [(log,)] = await (
                await connection.execute("SELECT string_agg(convert_from(state, 'UTF8'), '') FROM log.events")
            ).fetchall()
            [(answers,)] = await (
                await connection.execute("SELECT string_agg(c::text, '') FROM log.commands c")
            ).fetchall()
        secret = await office.services.webhooks.secrets.secret(office.webhook)
        assert secret == office.secret
        assert office.secret.startswith("whsec_")
        assert office.secret.removeprefix("whsec_") not in log + answers
        assert len(wrapped) == 12 + 32 + 16
        assert isinstance(office.services.webhooks.secrets, WebhookSecrets)

    play(scene)
