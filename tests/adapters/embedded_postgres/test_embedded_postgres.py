"""The embedded server, for real: processes are killed, shared and counted."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg
import pytest

from adapters.embedded_postgres import (
    BinariesNotFoundError,
    ClusterNotCreatedError,
    EmbeddedPostgres,
    HomeNotUsableError,
    NoServerAccountError,
    ServerNotStartedError,
    account,
    postmaster,
)
from adapters.embedded_postgres.binaries import find_binaries
from adapters.embedded_postgres.home import Home
from adapters.embedded_postgres.launch import Launch

ROOT = Path(__file__).parents[3]
AS_ROOT = os.geteuid() == 0

# A process that uses the home in its first argument until it is ended.
OWNER = """
import signal, sys, time
from pathlib import Path
from adapters.embedded_postgres import EmbeddedPostgres
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
print("starting", flush=True)
with EmbeddedPostgres(Path(sys.argv[1]), durable=False) as dsn:
    print(dsn, flush=True)
    time.sleep(600)
"""


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that everybody may pass through, for the server of root runs as somebody else."""
    path = Path(tempfile.mkdtemp(prefix="redress-test-")).resolve()
    path.chmod(0o711)
    yield path
    end_all(path)
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def folder() -> Iterator[Path]:
    with open_folder() as path:
        yield path


@pytest.fixture
def home(folder: Path) -> Path:
    """A home that is not yet there."""
    return folder / "home"


@pytest.fixture(scope="module")
def made_home() -> Iterator[Path]:
    with open_folder() as path:
        with EmbeddedPostgres(path / "home", durable=False):
            pass
        yield path / "home"


@pytest.fixture
def old_home(made_home: Path) -> Iterator[Path]:
    """A home with a cluster that is not running; making one takes a second, so that these tests share one."""
    yield made_home
    end_all(made_home)


def end_all(folder: Path) -> None:
    for process in processes_in(folder):
        process.kill()


def processes_in(folder: Path) -> list[psutil.Process]:
    """All PostgreSQL processes whose data lie under the folder."""
    return [process for process in psutil.process_iter() if is_postgres_in(process, folder)]


def is_postgres_in(process: psutil.Process, folder: Path) -> bool:
    with suppress(psutil.Error):
        return "postgres" in process.name() and Path(process.cwd()).is_relative_to(folder)
    return False


def the_postmaster(home: Path) -> psutil.Process:
    found = postmaster.find_postmaster(Home(home))
    assert found is not None
    return found


def eventually(holds: Callable[[], bool], *, within_s: float = 10.0) -> bool:
    deadline = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def answer(dsn: str, query: str = "SELECT 1") -> object:
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
        return row[0] if row else None


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@contextmanager
def owner(home: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has begun to start the server in `home`; its next line is the connection string."""
    command = (sys.executable, "-c", OWNER, str(home))
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert line_of(process) == "starting"
            yield process
        finally:
            process.kill()


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_the_server_answers_until_it_is_stopped(home: Path) -> None:
    server = EmbeddedPostgres(home, durable=False)
    dsn = server.start()
    assert answer(dsn) == 1
    assert answer(dsn, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is True
    server.stop()
    assert processes_in(home) == []
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(dsn)


def test_a_durable_server_keeps_what_it_acknowledged(old_home: Path) -> None:
    with EmbeddedPostgres(old_home) as dsn:
        for setting in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
            assert (setting, answer(dsn, f"SHOW {setting}")) == (setting, "on")


def test_the_server_speaks_utc_utf8_and_no_tcp(old_home: Path) -> None:
    with EmbeddedPostgres(old_home, durable=False) as dsn:
        assert answer(dsn, "SHOW timezone") == "UTC"
        assert answer(dsn, "SHOW server_encoding") == "UTF8"
        assert answer(dsn, "SELECT datcollate FROM pg_database WHERE datname = 'redress'") == "C"
        assert answer(dsn, "SHOW listen_addresses") == ""
        assert answer(dsn, "SHOW fsync") == "off"


def test_only_the_password_opens_the_server_and_only_we_can_read_it(old_home: Path) -> None:
    with EmbeddedPostgres(old_home, durable=False) as dsn:
        for private in ("password", ".gate", ".users", "postgres.log"):
            assert (private, mode(old_home / private)) == (private, 0o600)
        assert (old_home / "password").stat().st_uid == os.geteuid()
        assert mode(old_home / "data") == mode(old_home / "run") == 0o700
        assert mode(old_home) == (0o711 if AS_ROOT else 0o700)
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(psycopg.conninfo.make_conninfo(dsn, password="guessed"))  # noqa: S106


def test_a_home_that_holds_something_keeps_its_mode(home: Path) -> None:
    home.mkdir()
    (home / "notes.txt").touch()
    home.chmod(0o755)
    with EmbeddedPostgres(home, durable=False):
        assert mode(home) == 0o755


def test_the_last_one_out_stops_the_server(old_home: Path) -> None:
    with owner(old_home) as other:
        dsn = line_of(other)
        first = the_postmaster(old_home)
        server = EmbeddedPostgres(old_home, durable=False)
        assert server.start() == dsn
        assert the_postmaster(old_home) == first
        server.stop()
        assert answer(dsn) == 1
        server.start()
        other.terminate()
        assert other.wait(10) == 143
        assert answer(dsn) == 1
        server.stop()
    assert processes_in(old_home) == []


def test_open_sessions_do_not_keep_the_server_from_stopping(old_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postmaster, "STOP_TIMEOUT_S", 5.0)
    with EmbeddedPostgres(old_home, durable=False) as dsn:
        session = psycopg.connect(dsn)
    assert processes_in(old_home) == []
    session.close()


def test_a_server_on_its_way_out_is_awaited_and_started_again(old_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postmaster, "WORKERS_TIMEOUT_S", 0.1)
    server = EmbeddedPostgres(old_home, durable=False)
    session = psycopg.connect(server.start())
    leaving = the_postmaster(old_home)
    leaving.terminate()  # it waits for the session to end
    threading.Timer(0.5, session.close).start()
    with server as dsn:
        assert answer(dsn) == 1
        assert the_postmaster(old_home) != leaving


def test_starting_and_stopping_twice_is_once(old_home: Path) -> None:
    server = EmbeddedPostgres(old_home, durable=False)
    server.stop()
    assert server.start() == server.start()
    server.stop()
    server.stop()
    assert processes_in(old_home) == []


def test_a_killed_server_starts_again_with_its_data(old_home: Path) -> None:
    server = EmbeddedPostgres(old_home)
    dsn = server.start()
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS figure")
    the_postmaster(old_home).kill()
    assert server.start() == dsn
    assert answer(dsn, "SELECT figure FROM kept") == 7
    server.stop()
    assert processes_in(old_home) == []


def test_the_pid_file_of_a_zombie_does_not_keep_the_server_down(old_home: Path) -> None:
    with EmbeddedPostgres(old_home, durable=False):
        pid_file = (old_home / "data" / "postmaster.pid").read_text()
    with (old_home / "zombie.log").open("wb") as log, account.server_account().spawn("/bin/true", output=log) as zombie:
        assert eventually(lambda: psutil.Process(zombie.pid).status() == psutil.STATUS_ZOMBIE)
        first, _, rest = pid_file.partition("\n")
        assert first.isdigit()
        (old_home / "data" / "postmaster.pid").write_text(f"{zombie.pid}\n{rest}")
        account.server_account().own(old_home / "data" / "postmaster.pid")
        with EmbeddedPostgres(old_home, durable=False) as dsn:
            assert answer(dsn) == 1


def test_no_second_server_runs_beside_the_workers_of_a_killed_one(
    old_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postmaster, "WORKERS_TIMEOUT_S", 0.3)
    server = EmbeddedPostgres(old_home, durable=False)
    server.start()
    worker = next(child for child in the_postmaster(old_home).children() if "checkpointer" in "".join(child.cmdline()))
    worker.suspend()
    the_postmaster(old_home).kill()
    with pytest.raises(ServerNotStartedError, match=str(worker.pid)):
        server.start()
    worker.kill()
    with server as dsn:
        assert answer(dsn) == 1


def test_the_server_of_a_killed_owner_is_taken_over_and_stopped(old_home: Path) -> None:
    with owner(old_home) as killed:
        dsn = line_of(killed)
        orphan = the_postmaster(old_home)
        killed.kill()
        killed.wait(10)
    assert answer(dsn) == 1
    with EmbeddedPostgres(old_home, durable=False) as again:
        assert again == dsn
        assert the_postmaster(old_home) == orphan
    assert processes_in(old_home) == []


def test_an_owner_killed_while_it_makes_the_cluster_leaves_nothing_in_the_way(home: Path) -> None:
    with owner(home) as killed:
        assert eventually(lambda: any(home.glob("draft-*/data/PG_VERSION")))
        killed.kill()
        killed.wait(10)
    assert not (home / "data").exists()
    with EmbeddedPostgres(home, durable=False) as dsn:
        assert answer(dsn) == 1
    assert eventually(lambda: not processes_in(home))


def test_sigterm_leaves_no_server(old_home: Path) -> None:
    with owner(old_home) as terminated:
        line_of(terminated)
        assert processes_in(old_home) != []
        terminated.terminate()
        assert terminated.wait(10) == 143
    assert processes_in(old_home) == []


def test_sigterm_during_the_start_leaves_no_server(home: Path) -> None:
    with owner(home) as terminated:
        assert eventually((home / "postgres.log").exists)
        terminated.terminate()
        assert terminated.wait(10) == 143
    assert processes_in(home) == []


def test_a_start_interrupted_before_the_server_says_a_word_leaves_none(
    old_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = Launch.start

    def start_and_be_interrupted(launch: Launch) -> None:
        start(launch)
        raise SystemExit

    monkeypatch.setattr(Launch, "start", start_and_be_interrupted)
    with pytest.raises(SystemExit):
        EmbeddedPostgres(old_home, durable=False).start()
    assert eventually(lambda: processes_in(old_home) == [])  # those that end may still be seen
    assert not eventually(lambda: processes_in(old_home) != [], within_s=1)


def test_ctrl_c_in_our_terminal_is_not_for_the_server(old_home: Path) -> None:
    with EmbeddedPostgres(old_home, durable=False):
        assert os.getsid(the_postmaster(old_home).pid) != os.getsid(0)


@pytest.mark.parametrize("name", ["long" * 30, "comma, 'quote' and space"])
def test_a_home_with_a_name_that_sockets_dislike(folder: Path, name: str) -> None:
    home = folder / name
    with EmbeddedPostgres(home, durable=False) as dsn:
        assert answer(dsn) == 1
        sockets = Home(home).sockets
        assert sockets.parent == Path("/tmp")  # noqa: S108
        assert mode(sockets) == 0o700
    shutil.rmtree(sockets)


def test_a_socket_folder_of_somebody_else_is_not_trusted(folder: Path) -> None:
    home = folder / ("long" * 30)
    sockets = Home(home).sockets
    sockets.symlink_to(folder)
    with pytest.raises(HomeNotUsableError, match=str(sockets)):
        EmbeddedPostgres(home, durable=False).start()
    sockets.unlink()
    assert not (home / "data").exists()


def test_a_home_with_a_space_in_its_name(folder: Path) -> None:
    home = folder / "Application Support" / "redress"
    with EmbeddedPostgres(home, durable=False) as dsn:
        assert answer(dsn) == 1
        assert Home(home).sockets.parent == home


@pytest.mark.skipif(not AS_ROOT, reason="only root can become somebody else")
def test_an_ordinary_user_runs_the_server_as_himself(folder: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    # after the imports, for the interpreter may lie where nobody else can read it
    become = f"import os; os.setgroups([]); os.setgid({nobody.pw_gid}); os.setuid({nobody.pw_uid}); signal.signal("
    script = OWNER.replace("signal.signal(", become).replace("time.sleep(600)", "pass")
    command = (sys.executable, "-c", script, str(folder / "home"))
    outcome = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if "PermissionError" in outcome.stderr or "BinariesNotFoundError" in outcome.stderr:
        pytest.skip(f"user nobody cannot read the binaries: {outcome.stderr.splitlines()[-1]}")
    assert outcome.returncode == 0, outcome.stderr
    assert "password=" in outcome.stdout
    assert (folder / "home" / "data").stat().st_uid == nobody.pw_uid
    assert mode(folder / "home") == 0o700
    assert mode(folder / "home" / "password") == 0o600
    assert processes_in(folder) == []


@pytest.mark.skipif(not AS_ROOT, reason="only root drops to an account that may lack access")
def test_binaries_that_the_account_cannot_reach_are_copied(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REDRESS_PG_BIN", raising=False)
    wheel = find_binaries().parents[1]
    closed = folder / "site-packages"
    for name in (wheel.name, f"{wheel.name}.libs"):
        shutil.copytree(wheel.with_name(name), closed / name, symlinks=True)
    closed.chmod(0o700)
    monkeypatch.syspath_prepend(closed)
    spec = find_spec(wheel.name)
    assert spec is not None
    assert spec.origin == str(closed / wheel.name / "__init__.py")
    with EmbeddedPostgres(folder / "home", durable=False) as dsn:
        assert answer(dsn) == 1
        assert the_postmaster(folder / "home").exe().startswith(str(folder / "home" / "runtime-"))


def test_a_home_that_is_a_file_is_refused(home: Path) -> None:
    home.touch()
    with pytest.raises(HomeNotUsableError, match="REDRESS_HOME"):
        EmbeddedPostgres(home, durable=False).start()


@pytest.mark.skipif(not AS_ROOT, reason="only root drops to an account that may lack access")
def test_a_home_that_the_account_cannot_enter_is_refused(folder: Path) -> None:
    folder.chmod(0o700)
    with pytest.raises(HomeNotUsableError, match=r"chmod o\+x"):
        EmbeddedPostgres(folder / "home", durable=False).start()


@pytest.mark.skipif(not AS_ROOT, reason="only root needs another account")
def test_root_without_an_account_to_drop_to_is_told_so(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account, "CANDIDATES", ("no-such-user",))
    with pytest.raises(NoServerAccountError, match="useradd"):
        EmbeddedPostgres(home).start()


def test_wrong_binaries_are_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDRESS_PG_BIN", "/nowhere")
    with pytest.raises(BinariesNotFoundError, match="REDRESS_PG_BIN is /nowhere"):
        EmbeddedPostgres(home).start()


def test_a_failed_initdb_is_shown_and_leaves_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDRESS_PG_BIN", str(fake_binaries(home.parent)))
    with pytest.raises(ClusterNotCreatedError, match="the disk is full"):
        EmbeddedPostgres(home).start()
    assert not (home / "data").exists()
    assert not (home / "password").exists()
    assert list(home.glob("draft-*")) == []


def fake_binaries(folder: Path) -> Path:
    binaries = folder / "bin"
    binaries.mkdir()
    for name, script in (("postgres", "exit 0"), ("initdb", "echo the disk is full >&2; exit 1")):
        (binaries / name).write_text(f"#!/bin/sh\n{script}\n")
        (binaries / name).chmod(0o755)
    binaries.chmod(0o755)
    return binaries


def test_a_server_that_exits_shows_its_log(home: Path) -> None:
    with EmbeddedPostgres(home, durable=False):
        pass
    with (home / "data" / "postgresql.conf").open("a") as file:
        file.write("no_such_setting = 1\n")
    with pytest.raises(ServerNotStartedError, match="no_such_setting"):
        EmbeddedPostgres(home, durable=False).start()
    assert processes_in(home) == []


def test_a_lost_password_is_named_and_the_server_not_left_running(home: Path) -> None:
    with EmbeddedPostgres(home, durable=False):
        pass
    (home / "password").unlink()
    with pytest.raises(HomeNotUsableError, match="password"):
        EmbeddedPostgres(home, durable=False).start()
    assert processes_in(home) == []


def test_the_session_server_answers(postgres_server: str) -> None:
    assert answer(postgres_server) == 1
