"""``db.redis`` and ``tx.redis``: the key-value model with redis-py's methods.

``Redis`` runs a command at once; its ``pipeline()`` notes commands and runs them together, in one
transaction unless told otherwise. Keys and values come back as bytes. Errors are those of
``fivefold.errors``; a watched key that changed is a Conflict, so it says "try again" like every
other conflict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

from fivefold.api.redis.commands import Commands
from fivefold.api.redis.listening import PubSub
from fivefold.api.redis.lock import Lock
from fivefold.api.redis.pipeline import Connect, Execute, Pipeline
from fivefold.api.redis.results import Cast, Parse
from fivefold.api.redis.scripting import Script
from fivefold.api.redis.words import Moment, Seconds, Word, encode
from fivefold.engine.redis_hub import Hub
from fivefold.errors import Conflict, Unsupported

WAITING = frozenset(
    {
        *(b"BLPOP", b"BRPOP", b"BRPOPLPUSH", b"BLMOVE", b"BLMPOP"),
        *(b"BZPOPMIN", b"BZPOPMAX", b"BZMPOP", b"XREAD", b"XREADGROUP"),
    }
)
"""The commands that may wait for a key."""


class Redis(Commands):
    """The commands, each run at once by ``execute``.

    ``connect`` gives pipelines a session of their own; without it they use this one's, and
    then only one may be in use at a time. ``wait`` runs a command that may wait for a key; without
    it none waits, as in MULTI. ``hub`` is where messages come from.
    """

    __slots__ = ("_connect", "_database", "_execute", "_hub", "_wait")

    def __init__(
        self,
        execute: Execute,
        connect: Connect | None = None,
        wait: Execute | None = None,
        hub: Callable[[], Hub] | None = None,
    ) -> None:
        self._execute = execute
        self._wait = wait or execute
        self._hub = hub
        self._connect: Connect = connect or (lambda: nullcontext(execute))
        self._database = 0

    def _run(self, parse: Parse, *words: Word) -> Any:
        reply = self._execute([encode(word) for word in words])
        return reply if parse is None else parse(reply)

    def _run_waiting(self, parse: Parse, *words: Word) -> Any:
        reply = self._wait([encode(word) for word in words])
        return reply if parse is None else parse(reply)

    # GET and SET are what programs do all day, so they go without ``_run``.

    def get(self, name: Word) -> Any:
        """Return the value, or None."""
        return self._execute([b"GET", name if type(name) is bytes else encode(name)])

    def set(
        self,
        name: Word,
        value: Word,
        ex: Seconds | None = None,
        px: Seconds | None = None,
        nx: bool = False,
        xx: bool = False,
        keepttl: bool = False,
        get: bool = False,
        exat: Moment | None = None,
        pxat: Moment | None = None,
    ) -> Any:
        """Return True, or None if ``nx`` or ``xx`` forbade it; with ``get`` the old value."""
        if ex is px is exat is pxat is None and not (nx or xx or keepttl or get):
            key = name if type(name) is bytes else encode(name)
            self._execute([b"SET", key, value if type(value) is bytes else encode(value)])
            return True
        return Commands.set(self, name, value, ex, px, nx, xx, keepttl, get, exat, pxat)

    def select(self, index: int) -> Any:
        """Go to another database, with the pipelines made from here on."""
        done = Commands.select(self, index)
        self._database = index
        return done

    def execute_command(self, *args: Word) -> Any:
        """Run any command and return its reply as it is: OK a text, a map a dict."""
        words = [encode(word) for word in args]
        return self._wait(words) if words[0].upper() in WAITING else self._execute(words)

    # SCAN and its kin, to the end

    def scan_iter(
        self, match: Word | None = None, count: int | None = None, _type: str | None = None
    ) -> Iterator[bytes]:
        """Yield every key that matches."""
        return _each(lambda cursor: self.scan(cursor, match, count, _type))

    def sscan_iter(
        self, name: Word, match: Word | None = None, count: int | None = None
    ) -> Iterator[bytes]:
        """Yield every member that matches."""
        return _each(lambda cursor: self.sscan(name, cursor, match, count))

    def hscan_iter(
        self,
        name: Word,
        match: Word | None = None,
        count: int | None = None,
        no_values: bool | None = None,
    ) -> Iterator[Any]:
        """Yield every field that matches, with its value unless ``no_values``."""

        def scan(cursor: int) -> Any:
            cursor, found = self.hscan(name, cursor, match, count, no_values)
            return cursor, found if no_values else found.items()

        return _each(scan)

    def zscan_iter(
        self,
        name: Word,
        match: Word | None = None,
        count: int | None = None,
        score_cast_func: Cast = float,
    ) -> Iterator[tuple[bytes, Any]]:
        """Yield every member that matches, with its score."""
        return _each(lambda cursor: self.zscan(name, cursor, match, count, score_cast_func))

    # What keeps something of its own

    def pubsub(self, *, ignore_subscribe_messages: bool = False) -> PubSub:
        """Return what listens to channels."""
        if self._hub is None:
            raise Unsupported(
                "nobody listens inside a transaction", hint="Use the database's own redis."
            )
        return PubSub(self._hub(), ignore_subscribe_messages)

    def register_script(self, script: Word) -> Script:
        """Return a script as a function of its keys and arguments."""
        return Script(self, script)

    def lock(
        self,
        name: str,
        timeout: float | None = None,
        sleep: float = 0.1,
        blocking: bool = True,
        blocking_timeout: float | None = None,
        lock_class: type[Lock] | None = None,
        thread_local: bool = True,
        raise_on_release_error: bool = True,
    ) -> Lock:
        """Return a lock that is a key."""
        return (lock_class or Lock)(
            self,
            name,
            timeout=timeout,
            sleep=sleep,
            blocking=blocking,
            blocking_timeout=blocking_timeout,
            thread_local=thread_local,
            raise_on_release_error=raise_on_release_error,
        )

    def pipeline(self, transaction: bool = True, shard_hint: None = None) -> Pipeline:
        """Return a pipeline; ``transaction`` says whether its commands run as one."""
        return Pipeline(self._connect, transaction, self._database)

    def transaction(
        self,
        func: Callable[[Pipeline], Any],
        *watches: Word,
        shard_hint: None = None,
        value_from_callable: bool = False,
    ) -> Any:
        """Run what ``func`` notes in a pipeline that watches keys, again after each conflict."""
        while True:
            with self.pipeline() as pipeline:
                try:
                    if watches:
                        pipeline.watch(*watches)
                    made = func(pipeline)
                    results = pipeline.execute()
                except Conflict:
                    continue
                return made if value_from_callable else results


def _each(scan: Callable[[int], tuple[int, Any]]) -> Iterator[Any]:
    cursor = -1
    while cursor != 0:
        cursor, found = scan(max(cursor, 0))
        yield from found
