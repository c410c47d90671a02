"""`redress serve` as people start it: a process, a real socket, demo people with keys, an orderly end."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest

from adapters.serve import GRACE_S, listening
from tests.adapters.http.serving import ANALYSIS, CASES, CLARIFICATION, OPTION, RESOLUTION, SUMMARY, Factory, receipt

ROOT = Path(__file__).parents[3]
EVENTS = "/api/v1/audit/events"


@dataclass
class Served:
    """A running process, its address, and the keys it printed by role."""

    process: subprocess.Popen[str]
    url: str
    keys: dict[str, list[tuple[str, str]]]

    def client(self, role: str, number: int = 0) -> httpx2.Client:
        """A client with the key of that person."""
        headers = {"authorization": f"Bearer {self.keys[role][number][1]}"}
        return httpx2.Client(base_url=self.url, headers=headers, timeout=30, trust_env=False)


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def serving(database_url: str, home: Path, *options: str, port: int | None = None) -> Iterator[Served]:
    """Start `redress serve` and wait until it is ready. port: without it one that nobody listens on."""
    port = port or free_port()
    settings = {"REDRESS_DATABASE_URL": database_url, "REDRESS_HOME": str(home), "PORT": str(port)}
    command = [sys.executable, "-m", "adapters.cli.main", "serve", *options]
    if (program := Path(sys.executable).with_name("redress")).exists():
        command = [str(program), "serve", *options]
    with (home / "stderr").open("w") as errors:
        process = subprocess.Popen(
            command, env=os.environ | settings, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True
        )
    try:
        served = Served(process, f"http://127.0.0.1:{port}", {})
        _await_ready(served)
        yield served
    finally:
        process.kill()
        process.communicate()


def _await_ready(served: Served) -> None:
    """Read the keys as they are printed, up to the line that says where it answers."""
    assert served.process.stdout is not None
    for line in served.process.stdout:
        if found := re.fullmatch(r"role=(\w+) agent=(\w+) key=(\S+)\n", line):
            served.keys.setdefault(found[1], []).append((found[2], found[3]))
        if "answers on" in line:
            break
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            if httpx2.get(f"{served.url}/readyz", trust_env=False).status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"not ready: {served.process.poll()}")


@pytest.fixture(scope="module")
def served(database_factory: Factory, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One process for the tests of this module."""
    with database_factory() as database, serving(database.app, tmp_path_factory.mktemp("home"), "--demo") as served:
        yield served


def test_the_demo_prints_a_key_for_each_person(served: Served) -> None:
    people = {role: len({agent for agent, _ in keys}) for role, keys in served.keys.items()}
    assert people == {"agent": 2, "supervisor": 2, "payroll": 2, "auditor": 1, "admin": 1}


def test_a_case_goes_its_whole_way_over_a_socket(served: Served) -> None:
    with served.client("agent") as agent:
        made = agent.post(CASES, json=receipt())
        assert made.status_code == 201
        url, etag, position = made.headers["location"], made.headers["etag"], 0
        for command, body in _way():
            answer = agent.post(f"{url}/{command}", json=body, headers={"if-match": etag})
            assert answer.status_code == 200, answer.text
            etag, position = answer.headers["etag"], answer.json()["position"]
        assert agent.get(f"{CASES}?status=closed&min_position={position}").json()["items"][0]["version"] == 10
    with served.client("auditor") as auditor:
        assert auditor.get(url).json()["customer"]["name"] == "***"
        history = auditor.get(f"{url}/history").json()["items"]
        assert len([line for line in history if line["actor"] != "scheduler"]) == 10


def _way() -> list[tuple[str, dict[str, Any]]]:
    return [
        ("acknowledgement", {}),
        ("clarification", CLARIFICATION),
        ("investigation", {"findings": "x", "evidence": []}),
        ("analysis", ANALYSIS),
        ("proposals", {"options": [OPTION]}),
        ("resolution", RESOLUTION),
        ("callbacks", {"reached": True, "satisfied": True}),
        ("summary", SUMMARY),
        ("closing", {}),
    ]


def test_refusals_are_problems_over_a_socket_too(served: Served) -> None:
    with served.client("agent") as agent:
        for answer, status in (
            (agent.get("/nothing"), 404),
            (agent.delete(CASES), 405),
            (agent.post(CASES, json={}), 422),
            (agent.post(CASES, content=b"x" * (10 << 20), headers={"content-type": "application/json"}), 413),
            (agent.get(CASES, headers={"authorization": "Bearer x"}), 401),
        ):
            assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_the_service_ends_at_once_and_in_order_with_streams_open(database_factory: Factory, tmp_path: Path) -> None:
    """Well before the grace that running requests have: streams are ended, not cut off."""
    stream = {"accept": "text/event-stream"}
    with database_factory() as database, serving(database.app, tmp_path, "--demo") as served:
        with served.client("auditor") as auditor, auditor.stream("GET", EVENTS, headers=stream) as response:
            lines = response.iter_lines()
            assert next(lines).startswith("retry: ")
            assert "id: 1" in lines
            served.process.send_signal(signal.SIGTERM)
            began = time.monotonic()
            *_, last = lines
            assert last == ""
        assert served.process.wait(GRACE_S) == 0
        assert time.monotonic() - began < GRACE_S / 2
        assert "stopped" in (tmp_path / "stderr").read_text().splitlines()[-1]


def followers(served: Served) -> psutil.Process:
    """The process that follows the log."""
    [child] = [one for one in psutil.Process(served.process.pid).children() if "adapters.follow" in one.cmdline()]
    return child


def test_followers_that_were_killed_are_started_again_and_go_on_where_they_were(
    database_factory: Factory, tmp_path: Path
) -> None:
    with database_factory() as database, serving(database.app, tmp_path, "--demo") as served:
        killed = followers(served)
        killed.kill()
        with served.client("agent") as agent:
            position = agent.post(CASES, json=receipt()).json()["position"]
            until = time.monotonic() + 60
            while agent.get(f"{CASES}?min_position={position}").status_code != 200:
                assert time.monotonic() < until
        assert followers(served).pid != killed.pid


def test_followers_end_with_who_answers_even_when_that_is_killed(database_factory: Factory, tmp_path: Path) -> None:
    with database_factory() as database, serving(database.app, tmp_path, "--demo") as served:
        child = followers(served)
        served.process.kill()
        child.wait(30)
        assert not child.is_running()


def test_log_lines_go_to_stderr_as_json_with_nothing_that_was_sent(database_factory: Factory, tmp_path: Path) -> None:
    with database_factory() as database, serving(database.app, tmp_path, "--demo") as served:
        with served.client("agent") as agent:
            assert agent.post(CASES, json=receipt(narrative="canary-9973")).status_code == 201
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(15) == 0
        written = (tmp_path / "stderr").read_text()
    lines = [json.loads(line) for line in written.splitlines()]
    assert any(line.get("route") == CASES and line["status"] == 201 for line in lines)
    assert "canary-9973" not in written
    assert not any(key in written for keys in served.keys.values() for _, key in keys)


def test_an_answer_is_sent_at_once_and_not_held_back_for_more_of_it() -> None:
    """Without TCP_NODELAY the second part of an answer waits until the first is acknowledged: 40 ms on Linux."""

    async def answered() -> int:
        told: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def tell(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            told.set_result(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        with listening("127.0.0.1", 0) as listener:
            port = listener.getsockname()[1]
            async with await asyncio.start_server(tell, sock=listener):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return await told

    assert asyncio.run(answered()) != 0
