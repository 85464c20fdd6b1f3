"""Putting the store's log of changes into its file on a thread, so that no commit has to wait."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue

from fivefold.engine.engine import Engine
from fivefold.errors import FivefoldError

WRITER_SECONDS = 5.0
"""How long the thread waits for the writer's place: others stand in the line before it."""

AGAIN_SECONDS = 0.25
"""How soon it tries again where somebody reads an older state, which has to stay."""


class Shortening:
    """The thread of one server; it starts when the log is long for the first time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._wanted: SimpleQueue[bool] = SimpleQueue()
        self._lock = threading.Lock()
        self._asked = False
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        engine.store.leave_log(self._grown)

    def _grown(self) -> None:
        """Take note that the log is long; on the thread that commits."""
        with self._lock:
            if self._asked or self._closed.is_set():
                return
            self._asked = True
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="fivefold-log", daemon=True)
                self._thread.start()
        self._wanted.put(True)

    def _run(self) -> None:
        while self._wanted.get():
            try:
                done = self._engine.store.shorten_log(self._alone)
            except FivefoldError:
                done = False  # a later one will do
            if not done:
                self._closed.wait(AGAIN_SECONDS)
            self._asked = False

    @contextmanager
    def _alone(self) -> Iterator[None]:
        writer = self._engine.writer
        writer.acquire(WRITER_SECONDS)
        try:
            yield
        finally:
            writer.release()

    def close(self) -> None:
        """End the thread; commits see to the log again. Waits for what is being written."""
        self._engine.store.leave_log(None)
        self._closed.set()
        with self._lock:
            thread = self._thread
        if thread is not None:
            self._wanted.put(False)
            thread.join()
