"""The scripts that one engine knows, the interpreters they run in, and those that run now."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fivefold.languages.redis.scripting.interpreter import Interpreter
    from fivefold.languages.redis.scripting.run import Running

SCRIPTS_MAX = 10_000
"""Programs that write values into their scripts' texts would fill the memory; the oldest go."""

QUICK_NS = 1_000_000
"""A script that took no longer may run on the server's loop."""

_IDLE_MAX = 8


class Script:
    """A script's text and flags, and what is known of its speed."""

    __slots__ = ("flags", "quick", "sha", "source")

    def __init__(self, sha: bytes, source: bytes, flags: frozenset[str] | None) -> None:
        self.sha = sha
        self.source = source
        self.flags = flags
        """Those of its first line; None if it has no such line."""
        self.quick = False

    def took(self, nanoseconds: int) -> None:
        """Note how long a run took."""
        self.quick = nanoseconds <= QUICK_NS


class Scripts:
    """For any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: dict[bytes, Script] = {}
        self._idle: list[Interpreter] = []
        self._running: set[Running] = set()
        self.time_ms_max = 5_000
        """What Redis calls busy-reply-threshold: here a script is ended then. 0: never."""

    def find(self, sha: bytes) -> Script | None:
        """Return the script with this SHA1 in lower-case digits."""
        return self._known.get(sha)

    def add(self, script: Script) -> None:
        """Remember a script."""
        with self._lock:
            if len(self._known) >= SCRIPTS_MAX:
                del self._known[next(iter(self._known))]
            self._known[script.sha] = script

    def clear(self) -> None:
        """Forget all scripts, and the interpreters that have compiled them."""
        with self._lock:
            self._known.clear()
            self._idle.clear()

    def take(self) -> Interpreter:
        """Return an interpreter nobody else uses; ``give_back`` it."""
        with self._lock:
            if self._idle:
                return self._idle.pop()
        # Imported here: a program that runs no script does not wait for Lua.
        from fivefold.languages.redis.scripting.interpreter import Interpreter

        return Interpreter()

    def give_back(self, interpreter: Interpreter) -> None:
        """Take an interpreter back, if it is fit for another script."""
        if interpreter.clean():
            with self._lock:
                if len(self._idle) < _IDLE_MAX:
                    self._idle.append(interpreter)

    def started(self, running: Running) -> None:
        """Note a script that runs from now on."""
        with self._lock:
            self._running.add(running)

    def ended(self, running: Running) -> None:
        """Note that it has ended."""
        with self._lock:
            self._running.discard(running)

    def kill(self) -> bool:
        """End the scripts that are running; say whether there were any."""
        with self._lock:
            for running in self._running:
                running.kill()
            return bool(self._running)
