"""Running a server: in the foreground until a signal, or in a thread beside the program."""

from __future__ import annotations

import asyncio
import gc
import signal
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from fivefold.engine.engine import Engine
from fivefold.serve import warming
from fivefold.serve.server import Server

if TYPE_CHECKING:
    from fivefold.serve.tls import Tls

START_SECONDS = 30.0


def new_loop() -> asyncio.AbstractEventLoop:
    """Return uvloop's loop, or asyncio's own where there is no uvloop (on Windows)."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def serve(
    engine: Engine,
    host: str,
    ports: Mapping[str, int],
    started: Callable[[Server], None],
    *,
    test_commands: bool = False,
    tls: Tls | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT; ``started`` is called once all ports are open."""
    if test_commands:
        allow_test_commands(engine)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        server = Server(engine, loop, tls)
        try:
            await server.listen(host, ports)
            _settle_memory()
            started(server)
            warming.begin(ports)
            await stop.wait()
        finally:
            await server.close()

    allow_files()
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(main())


def allow_test_commands(engine: Engine) -> None:
    """Have the commands by which clients are tested: MongoDB's configureFailPoint."""
    from fivefold.engine.mongo_hub import hub_of

    hub_of(engine).test_commands = True


def allow_files() -> None:
    """Let this process open as many files as it may: a client in a transaction needs three."""
    try:
        import resource
    except ImportError:
        return  # Windows has no such limit
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):  # some systems name a limit that they do not allow
        resource.setrlimit(resource.RLIMIT_NOFILE, (limits[1], limits[1]))


GARBAGE_OBJECTS = 50_000
"""New objects between two looks for garbage cycles, of which requests make few: Python's 700 has it
look often and in vain."""


def _settle_memory() -> None:
    """Leave out of garbage collection what the program's start made: it stays."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_OBJECTS, 20, 50)


class Background:
    """A server on a thread of its own; ``close`` stops it."""

    def __init__(
        self,
        engine: Engine,
        host: str,
        ports: Mapping[str, int],
        *,
        test_commands: bool = False,
        tls: Tls | None = None,
    ) -> None:
        if test_commands:
            allow_test_commands(engine)
        self._engine = engine
        self._tls = tls
        self._host = host
        self._wanted = dict(ports)
        self._opened = threading.Event()
        self._failures: list[BaseException] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self.ports: dict[str, int] = {}
        self.server: Server | None = None  # for those who look from its own thread
        self._thread = threading.Thread(target=self._run, name="fivefold-server", daemon=True)
        self._thread.start()
        self._opened.wait(START_SECONDS)
        if self._failures:
            self._thread.join()
            raise self._failures[0]

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=new_loop) as runner:
                runner.run(self._main())
        except BaseException as error:  # handed to the thread that waits for the start
            self._failures.append(error)
        finally:
            self._opened.set()

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        self.server = server = Server(self._engine, self._loop, self._tls)
        try:
            await server.listen(self._host, self._wanted)
            self.ports = dict(server.ports)
            if expected := warming.expected(self.ports):
                warming.begin(expected)
            self._opened.set()
            await self._stop.wait()
        finally:
            await server.close()

    def close(self) -> None:
        """Stop the server and wait for it."""
        if self._loop is not None and self._stop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
