"""Rows are made of pairs that were measured in the same round."""

import asyncio
from collections.abc import Iterable

import pytest

from adapters.bench.line import HOST, Line
from adapters.bench.measuring import Measure, Ratio, a_second, compared, paired, ratio_of

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def told(order: list[str], name: str, figures: Iterable[float]) -> Measure:
    """A measure that gives these figures and notes its turns."""
    coming = iter(figures)

    async def measure() -> float:
        order.append(name)
        return next(coming)

    return measure


def test_the_ratio_is_the_median_of_the_pairs_not_the_ratio_of_medians() -> None:
    row = ratio_of([(10.0, 100.0), (90.0, 300.0), (40.0, 200.0)], "things/s")
    assert row == Ratio(ratio=0.2, ours=40.0, yardstick=200.0, unit="things/s", rounds=3, spread=1.0)


async def test_sides_take_turns_in_beginning_and_the_first_round_warms_up() -> None:
    order: list[str] = []
    row = await paired(2, told(order, "o", [1, 8, 6]), told(order, "y", [1, 4, 2]), "x")
    assert "".join(order) == "oy" + "oy" + "yo"
    assert (row.ratio, row.rounds) == (2.5, 2)


async def test_each_of_several_yardsticks_is_measured_in_every_round() -> None:
    order: list[str] = []
    yardsticks = {"slow": told(order, "s", [1, 4, 2]), "fast": told(order, "f", [1, 16, 12])}
    rows = await compared(2, told(order, "o", [1, 8, 6]), yardsticks, "x")
    assert "".join(order) == "osf" + "osf" + "sfo"
    assert {name: row.ratio for name, row in rows.items()} == {"slow": 2.5, "fast": 0.5}


async def test_everybody_who_works_at_once_is_counted() -> None:
    workers: set[int] = set()

    async def act(worker: int) -> None:
        workers.add(worker)
        await asyncio.sleep(0)

    assert await a_second(act, at_once=5, seconds=0.05) > 0
    assert workers == {0, 1, 2, 3, 4}


async def test_a_line_is_kept_and_reads_whole_answers() -> None:
    heads: list[bytes] = []
    connections, ended = 0, asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        for status in (b"200 OK", b"201 Created", b"409 Conflict"):
            heads.append(await reader.readuntil(b"\r\n\r\n") + await reader.readexactly(2))
            writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 7\r\n\r\n")
            await writer.drain()
            writer.write(b'{"a":1}')
        assert await reader.read() == b""
        writer.close()
        ended.set()

    server = await asyncio.start_server(serve, HOST, 0)
    line = Line(server.sockets[0].getsockname()[1], "rk_key")
    assert [await line.ask("POST", "/x", b"{}", if_match='"v1"') for _ in range(2)] == [{"a": 1}] * 2
    with pytest.raises(RuntimeError, match="409"):
        await line.ask("POST", "/x", b"{}")
    line.close()
    await ended.wait()
    server.close()
    await server.wait_closed()
    assert connections == 1
    assert heads[0].startswith(b"POST /x HTTP/1.1\r\n")
    assert b"authorization: Bearer rk_key\r\n" in heads[0]
    assert b'if-match: "v1"' in heads[0]
