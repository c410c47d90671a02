"""README.md, done as a newcomer would: the service started, the first case and the import typed as printed."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil
import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
REDRESS = Path(sys.executable).with_name("redress")


@dataclass
class Running:
    """The service as a newcomer has it: its process, its port, its home, what it printed."""

    process: subprocess.Popen[bytes]
    port: int
    folder: Path

    @property
    def printed(self) -> Path:
        return self.folder / "redress-demo.txt"


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with tempfile.TemporaryDirectory(prefix="redress-readme-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)  # as root the embedded server runs as somebody else
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        env = os.environ | {"REDRESS_HOME": str(folder / "home"), "PORT": str(port), "PYTHONUNBUFFERED": ""}
        with (folder / "redress-demo.txt").open("wb") as out, (folder / "stderr.txt").open("wb") as err:
            process = subprocess.Popen([REDRESS, "serve", "--demo"], stdout=out, stderr=err, env=env)
            try:
                _wait_until_ready(process, port, folder)
                yield Running(process, port, folder)
            finally:
                process.kill()
                process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    for _ in range(600):
        assert process.poll() is None, (folder / "stderr.txt").read_text()
        try:
            with urlopen(f"http://127.0.0.1:{port}/readyz"):
                return
        except (URLError, ConnectionError):
            time.sleep(0.1)
    pytest.fail("the service was not ready in a minute")


def blocks(heading: str) -> list[str]:
    """The shell blocks under a heading of README.md."""
    section = README.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"```sh\n(.*?)```", section, re.DOTALL)


def typed(running: Running, *commands: str) -> str:
    """What a newcomer reads who types these commands."""
    script = "\n".join(commands).replace(":8000", f":{running.port}").replace("/tmp/", f"{running.folder}/")  # noqa: S108
    env = os.environ | {"REDRESS_HOME": str(running.folder / "home"), "PORT": str(running.port)}
    done = subprocess.run(["bash", "-eu", "-c", script], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_two_different_people_each_have_keys_before_the_service_is_ready(running: Running) -> None:
    lines = re.findall(r"^role=(\w+) agent=(\S+) key=(\S+)$", running.printed.read_text(), re.MULTILINE)
    assert [role for role, _, _ in lines] == [*["agent"] * 2, *["supervisor"] * 2, *["payroll"] * 2, "auditor", "admin"]
    assert len({agent for _, agent, _ in lines}) == len({key for *_, key in lines}) == 8


def test_the_first_case_goes_from_receipt_to_closing_as_printed(running: Running) -> None:
    start, *rest = blocks("A first case")
    assert start.startswith("./dev serve --demo")
    said = typed(running, *rest)
    assert '"rule":"C-10"' in said.splitlines()[0]
    topics = re.findall(r"\bcase\.\w+", said)
    # what the scheduler has recorded of the clocks by then stands among them
    assert [topic for topic in topics if topic != "case.deadline_met"] == [
        "case.received",
        "case.acknowledged",
        "case.clarified",
        "case.investigated",
        "case.analysed",
        "case.solution_proposed",
        "case.resolved",
        "case.fulfilled",
        "case.callback_done",
        "case.summarised",
        "case.closed",
    ]


def test_complaints_of_ones_own_are_imported_as_printed(running: Running) -> None:
    assert "2" in typed(running, *blocks("Your own complaints"))


def test_people_and_keys_are_made_as_printed(running: Running) -> None:
    assert typed(running, *blocks("People and keys without the demo")).splitlines()[-1].startswith("rk_")


def test_a_port_in_use_is_said_at_once_with_the_way_out(running: Running) -> None:
    env = os.environ | {"REDRESS_HOME": str(running.folder / "other"), "PORT": str(running.port)}
    done = subprocess.run([REDRESS, "serve"], env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, "set PORT to another" in done.stderr) == (2, True)
    assert not (running.folder / "other").exists()


def test_the_service_is_not_started_with_the_library_functions_that_lose_events(running: Running) -> None:
    env = os.environ | {"REDRESS_HOME": str(running.folder / "other"), "PORT": "0", "POSTGRES_ENABLE_DB_FUNCTIONS": "y"}
    done = subprocess.run([REDRESS, "migrate"], env=env | {"PORT": "8000"}, capture_output=True, text=True, check=False)
    assert (done.returncode, "POSTGRES_ENABLE_DB_FUNCTIONS" in done.stderr) == (2, True)


def test_a_killed_database_is_started_again_and_nothing_is_lost(running: Running) -> None:
    before = typed(running, *blocks("A first case")[1:])
    killed = [one for one in servers_of(running) if one.pid != running.process.pid]
    for server in killed:
        server.kill()
    psutil.wait_procs(killed, timeout=10)
    # its first answers may still be 503: the connections of before are gone
    again = next(said for said in (_tried(running) for _ in range(30)) if said)
    assert len(_by_people(again)) == len(_by_people(before))


def _by_people(said: str) -> list[str]:
    """What was said, without what the scheduler has recorded in its own time."""
    return [line for line in said.splitlines() if " scheduler " not in line]


def _tried(running: Running) -> str:
    try:
        return typed(running, *blocks("A first case")[1:])
    except AssertionError:
        time.sleep(1)
        return ""


def servers_of(running: Running) -> list[psutil.Process]:
    """The processes of the embedded server."""
    processes = psutil.process_iter(["cmdline"])
    return [one for one in processes if str(running.folder) in " ".join(one.info["cmdline"] or ())]


def test_sigterm_ends_it_in_order_and_leaves_no_server_behind(running: Running) -> None:
    servers = [one for one in servers_of(running) if one.pid != running.process.pid]
    assert any("postgres" in (child.info["cmdline"] or [""])[0] for child in servers)
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(20) == 0
    _, alive = psutil.wait_procs(servers, timeout=10)
    assert not alive
