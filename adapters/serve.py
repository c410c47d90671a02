"""Serving the API until told to stop: an orderly end on SIGTERM and SIGINT, so that no embedded server is orphaned."""

import asyncio
import signal
import socket
import sys
from asyncio.subprocess import PIPE
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType

import structlog
import uvicorn
from fastapi import FastAPI

from adapters.bootstrap import Services, hearing, http_parts, open_services
from adapters.demo import PEOPLE, prepare_demo, refuse_demo_keys
from adapters.follow import begun, followed
from adapters.heap import freeze_heap
from adapters.http.app import create_app, take_document
from adapters.http.protocol import ProblemProtocol
from adapters.settings import BadSetting, Settings
from adapters.web.app import DemoPerson, add_console

DOCUMENT = (sys.executable, "-m", "adapters.cli.main", "openapi")
GRACE_S = 10
"""How long running requests may take to end."""
log = structlog.get_logger()


class _Server(uvicorn.Server):
    """Leaves the signals to us: the library raises them again after its own shutdown, which would skip ours.

    ending: called at the signal; ends what would never end by itself, so that no grace is waited for.
    """

    def __init__(self, config: uvicorn.Config, ending: Callable[[], None]) -> None:
        super().__init__(config)
        self._ending = ending

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._ending()
        super().handle_exit(sig, frame)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


async def serve(settings: Settings, *, demo: bool = False) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises BadSetting for a port in use and for demo keys that other machines could use, and what open_services raises.
    """
    if demo and settings.public:
        raise BadSetting("demo data and its keys are for this machine alone: leave REDRESS_HOST or --demo away")
    with listening(settings.host, settings.port) as listener:
        async with open_services(settings) as services, followed():
            if settings.public:
                await refuse_demo_keys(services)
            if demo:
                await prepare_demo(services)
            people = [DemoPerson(agent, name, role) for role, agent, name, _ in PEOPLE] if demo else []
            await _serve(services, settings, listener, people)
    log.info("stopped")


async def _serve(services: Services, settings: Settings, listener: socket.socket, demo: Sequence[DemoPerson]) -> None:
    async with hearing(services) as positions:
        app = create_app(http_parts(services, positions, settings))
        add_console(app, demo)
        documented = asyncio.create_task(_documented(app))
        config = uvicorn.Config(
            app,
            http=ProblemProtocol,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_S,
        )
        await begun(services)
        freeze_heap()
        print(f"Redress answers on http://{settings.host}:{settings.port} (API: /api/v1, stop with Ctrl-C)", flush=True)  # noqa: T201
        await _Server(config, services.proof.feed.end).serve(sockets=[listener])
        documented.cancel()
        await asyncio.gather(documented, return_exceptions=True)


async def _documented(app: FastAPI) -> None:
    """Have the API's document made by a process that then ends, and its memory with it; the first form would wait."""
    child = await asyncio.create_subprocess_exec(*DOCUMENT, stdout=PIPE, start_new_session=True)
    try:
        made, _ = await child.communicate()
    except asyncio.CancelledError:
        with suppress(ProcessLookupError):
            child.kill()
        raise
    if child.returncode == 0:
        take_document(app, made)


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """The port, taken before anything is started for it; nothing is accepted until the service is ready.

    Raises BadSetting.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # the protocol is named: only then does asyncio switch Nagle's algorithm off, which held answers back for 40 ms
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise BadSetting(f"port {port} on {host} cannot be used ({error.strerror}): set PORT to another") from error
        yield listener
