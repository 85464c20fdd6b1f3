"""Commands that are noted and run together."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from types import TracebackType
from typing import Any, Self

from fivefold.api.redis.commands import Commands
from fivefold.api.redis.results import Parse
from fivefold.api.redis.words import Word, encode
from fivefold.errors import Conflict, FivefoldError, InvalidState
from fivefold.values.replies import NIL_ARRAY, Reply

Execute = Callable[[list[bytes]], Reply]
"""Runs one command, given as its words. Raises FivefoldError."""

Connect = Callable[[], AbstractContextManager[Execute]]
"""Opens a session of its own, for what MULTI and WATCH remember between two commands."""


class Pipeline(Commands):
    """Commands noted one by one, each method returning the pipeline, and run by ``execute``.

    After ``watch`` commands run at once, until ``multi`` begins to note again. A pipeline can be
    used again after ``execute``.
    """

    __slots__ = (
        "_connect",
        "_database",
        "_noted",
        "_noting",
        "_session",
        "_transaction",
        "_watching",
    )

    def __init__(self, connect: Connect, transaction: bool, database: int) -> None:
        self._connect = connect
        self._transaction = transaction
        self._database = database
        self._session: tuple[AbstractContextManager[Execute], Execute] | None = None
        self._noted: list[tuple[list[bytes], Parse]] = []
        self._watching = False
        self._noting = False  # after multi

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.reset()

    def __len__(self) -> int:
        return len(self._noted)

    def __bool__(self) -> bool:
        return True

    def _run(self, parse: Parse, *words: Word) -> Any:
        encoded = [encode(word) for word in words]
        if self._watching and not self._noting:
            reply = self._run_now(encoded)
            return reply if parse is None else parse(reply)
        self._noted.append((encoded, parse))
        return self

    _run_waiting = _run  # nothing waits here: it would wait for itself

    def execute_command(self, *args: Word) -> Any:
        """Note any command, or run it while keys are watched."""
        return self._run(None, *args)

    def watch(self, *names: Word) -> bool:
        """Have ``execute`` refuse if one of these keys changes before it."""
        if self._noting:
            raise InvalidState("WATCH after MULTI is not allowed", "active_transaction")
        self._watching = True
        return self._run_now([b"WATCH", *map(encode, names)]) == "OK"

    def unwatch(self) -> bool:
        """Forget the watched keys."""
        if self._watching:
            self._run_now([b"UNWATCH"])
            self._watching = False
        return True

    def multi(self) -> None:
        """Note commands again, after ``watch``."""
        if self._noted or self._noting:
            raise InvalidState("commands were noted already", "active_transaction")
        self._noting = True

    def execute(self, raise_on_error: bool = True) -> list[Any]:
        """Run the noted commands and return their results.

        A failed command's result is its error; ``raise_on_error`` raises the first of them.
        Raises Conflict if a watched key changed.
        """
        noted = self._noted
        try:
            if not noted and not self._watching:
                return []
            if self._transaction or self._noting:
                replies = self._run_together([words for words, _ in noted])
            else:
                replies = [self._run_caught(words) for words, _ in noted]
        finally:
            self.reset()
        errors = [reply for reply in replies if isinstance(reply, FivefoldError)]
        if errors and raise_on_error:
            raise errors[0]
        return [
            reply if parse is None or isinstance(reply, FivefoldError) else parse(reply)
            for reply, (_, parse) in zip(replies, noted, strict=True)
        ]

    def reset(self) -> None:
        """Forget what was noted and watched, and give the session back."""
        self._noted = []
        session, self._session = self._session, None
        watching, self._watching, self._noting = self._watching, False, False
        if session is not None:
            try:
                if watching:
                    session[1]([b"UNWATCH"])
            finally:
                session[0].__exit__(None, None, None)

    def _run_now(self, words: list[bytes]) -> Reply:
        if self._session is None:
            opened = self._connect()
            self._session = opened, opened.__enter__()
            if self._database:
                self._session[1]([b"SELECT", b"%d" % self._database])
        return self._session[1](words)

    def _run_caught(self, words: list[bytes]) -> Reply:
        try:
            return self._run_now(words)
        except FivefoldError as error:
            return error

    def _run_together(self, commands: list[list[bytes]]) -> list[Reply]:
        self._run_now([b"MULTI"])
        refused = None
        for words in commands:
            try:
                self._run_now(words)
            except FivefoldError as error:
                refused = refused or error
        if refused is not None:
            self._run_now([b"DISCARD"])
            raise refused
        try:
            replies = self._run_now([b"EXEC"])
        except Conflict:
            with suppress(InvalidState):  # the session keeps its queue if EXEC can be run again
                self._run_now([b"DISCARD"])
            raise
        if replies is NIL_ARRAY:
            raise Conflict("a watched key has changed")
        assert isinstance(replies, list)
        return replies
