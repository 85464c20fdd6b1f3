"""One Lua 5.1 in which scripts run, walled in by ``lua/sandbox.lua``.

An interpreter serves one script at a time. While Lua runs, Python's other threads do too. What a
script computes with stays inside; the host gives it strings, numbers and booleans, no objects.

``MEMORY_BYTES_MAX`` is looked at whenever the clock is, and before the host hands something over:
it ends the script. ``_MEMORY_BYTES_HARD`` is where Lua itself stops allocating; the space between
keeps the host from ever meeting that limit, which only Lua can survive.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from lupa import lua51  # type: ignore[import-untyped]  # lupa has no types

from fivefold.languages.redis.scripting.bytecode import without_tail_calls
from fivefold.languages.redis.scripting.helpers import Random, sha1hex
from fivefold.languages.redis.scripting.libraries import HOSTS

MEMORY_BYTES_MAX = 64 << 20
_MEMORY_BYTES_HARD = 256 << 20
_MEMORY_BYTES_KEPT = 8 << 20
"""An interpreter that holds more after a script is not used again."""

_TOGETHER = 4000
"""Values passed at once: Lua's stack holds 8,000."""

_LIBRARIES = ("bit", "cjson", "cmsgpack", "struct")

ABORTED = (-1,)
Answer = tuple[Any, ...]
"""A mark, as ``lua/sandbox.lua`` knows them, and what belongs to it."""


class Run(Protocol):
    """What a running script asks of the host."""

    def call(self, words: tuple[object, ...]) -> Answer: ...
    def pull(self) -> Answer:
        """Return the next values of a reply that came as a row."""
        ...

    def tick(self) -> bool:
        """Say whether the script has to end."""
        ...

    def set_protocol(self, version: int) -> None: ...
    def log(self, level: int, text: bytes) -> None: ...
    def is_allowed(self, words: tuple[object, ...]) -> Answer: ...


class Interpreter:
    """One Lua state. Not for two threads at once."""

    def __init__(self) -> None:
        self._run: Run | None = None
        self._random = Random()
        self._lua = lua51.LuaRuntime(
            encoding=None,
            attribute_filter=_no_attribute,
            register_eval=False,
            register_builtins=False,
            unpack_returned_tuples=True,
            max_memory=_MEMORY_BYTES_HARD,
        )
        load = self._lua.eval(b"function(text) return assert(loadstring(text, '=[C]')) end")
        host = self._table(
            {
                b"call": self._call,
                b"pull": self._pull,
                b"tick": self._tick,
                b"log": self._log,
                b"sha1": sha1hex,
                b"acl": self._is_allowed,
                b"patch": without_tail_calls,
                b"setresp": self._set_protocol,
                b"random": self._random.next,
                b"seed": self._random.seed,
                b"memory": _MEMORY_BYTES_HARD,
                b"version": b"7.0.15",
                b"version_number": 0x0007000F,
            }
        )
        self._api = load(_source("sandbox"))(host, load(_source("patterns")))
        for name in _LIBRARIES:
            host_of = self._table(HOSTS[name])
            self._api[b"library"](name.encode(), load(_source(name)), host_of)

    def _table(self, functions: Mapping[bytes, object]) -> Any:
        return self._lua.table_from(
            {name: _guarded(each) if callable(each) else each for name, each in functions.items()}
        )

    def compile(self, sha: bytes, source: bytes) -> bytes | None:
        """Compile a script, to be run by its SHA1; return the complaint if it is none."""
        problem: bytes | None = self._api[b"compile"](sha, source)
        return problem

    def knows(self, sha: bytes) -> bool:
        """Say whether the script has been compiled here."""
        return bool(self._api[b"knows"](sha))

    def run(
        self, sha: bytes, keys: list[bytes], arguments: list[bytes], run: Run
    ) -> tuple[int, list[Any]]:
        """Run a compiled script; return its outcome and what belongs to it.

        -1: it was ended. -2 and a message: an error without a place. -3, a message and perhaps
        source and line: an error. 0 and a value, 8 and nothing, 1 and a row: its result.
        """
        words = keys + arguments
        self._run = run
        try:
            if len(words) > _TOGETHER:
                for start in range(0, len(words), _TOGETHER):
                    self._api[b"feed"](*words[start : start + _TOGETHER])
                words = []
            found = self._api[b"run"](sha, len(keys), *words)
            mark, *rest = found if isinstance(found, tuple) else (found,)
            if mark == 1:
                length, *row = rest
                while len(row) < length:
                    row += self._api[b"rest"](len(row) + 1)
                rest = row
            return int(mark), rest
        finally:
            self._run = None

    def clean(self) -> bool:
        """Forget what the script left behind; say whether the interpreter is fit for another."""
        self._api[b"clean"]()
        if self._lua.get_memory_used() > _MEMORY_BYTES_KEPT:
            self._lua.gccollect()
        return bool(self._lua.get_memory_used() <= _MEMORY_BYTES_KEPT)

    # What Lua calls: nothing may be raised here

    def _has_room(self, size: int = 0) -> bool:
        if self._lua.get_memory_used() + size < MEMORY_BYTES_MAX:
            return True
        self._lua.gccollect()
        return bool(self._lua.get_memory_used() + size < MEMORY_BYTES_MAX)

    def _call(self, *words: object) -> Answer:
        assert self._run is not None
        if not self._has_room():
            return ABORTED
        return self._run.call(words)

    def _pull(self) -> Answer:
        assert self._run is not None
        return self._run.pull()

    def _tick(self) -> bool:
        assert self._run is not None
        return not self._has_room() or self._run.tick()

    def _log(self, level: float, text: bytes) -> None:
        assert self._run is not None
        self._run.log(int(level), text)

    def _set_protocol(self, version: float) -> None:
        assert self._run is not None
        self._run.set_protocol(int(version))

    def _is_allowed(self, *words: object) -> Answer:
        assert self._run is not None
        return self._run.is_allowed(words)


def _guarded(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function, answering None instead of raising."""

    def guarded(*arguments: object) -> Any:
        try:
            return function(*arguments)
        except Exception:  # an exception would reach the script as an object of Python's
            return None

    return guarded


def _no_attribute(target: object, name: object, is_setting: bool) -> object:
    raise AttributeError("scripts have no access to this")


def _source(name: str) -> bytes:
    return Path(__file__).with_name("lua").joinpath(f"{name}.lua").read_bytes()
