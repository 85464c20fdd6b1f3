"""What a chain comes to: commands to run, and what their replies show."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from fivefold.errors import InvalidStatement

Document = dict[str, Any]
Run = Callable[[str, Document], Document]
"""Runs a command in a database and returns its reply. Raises Refused."""

VERBOSITIES = ("queryPlanner", "executionStats", "allPlansExecution")


class Refused(Exception):
    """A command that failed; ``reply`` says why, ``done`` what was done before."""

    def __init__(self, reply: Mapping[str, Any], done: Document | None = None) -> None:
        super().__init__(reply.get("errmsg", ""))
        self.reply = reply
        self.done = done


class Pages:
    """A cursor's documents, read as they are wanted."""

    def __init__(self, run: Run, reply: Document) -> None:
        self._run = run
        self._held: deque[Any] = deque()
        self._take(reply["cursor"], "firstBatch")

    def _take(self, cursor: Document, field: str) -> None:
        self._database, _, self._collection = cursor["ns"].partition(".")
        self._number = int(cursor["id"])
        self._held.extend(cursor[field])

    def _more(self) -> bool:
        while not self._held and self._number:
            command = {"getMore": _long(self._number), "collection": self._collection}
            self._take(self._run(self._database, command)["cursor"], "nextBatch")
        return bool(self._held)

    def __iter__(self) -> Iterator[Any]:
        while self._more():
            yield self._held.popleft()

    def page(self, size: int) -> list[Any]:
        """Return the next documents, at most ``size``."""
        found: list[Any] = []
        while len(found) < size and self._more():
            found.append(self._held.popleft())
        return found

    @property
    def has_more(self) -> bool:
        """Say whether there are more documents."""
        return self._more()

    def close(self) -> None:
        """Read no more."""
        if self._number:
            command = {"killCursors": self._collection, "cursors": [_long(self._number)]}
            self._run(self._database, command)
            self._number = 0


def _long(number: int) -> Any:
    from bson.int64 import Int64

    return Int64(number)


@dataclass(frozen=True, slots=True)
class Work:
    """Commands for a database, one after the other, and what to make of their replies.

    ``kind`` says which methods may follow: those of ``find``'s cursors, ``aggregate``'s, or none.
    """

    database: str
    commands: tuple[Document, ...]
    finish: Callable[[Run, list[Document]], Any]
    kind: str = ""

    @property
    def command(self) -> Document:
        """Return the one command that it is."""
        (command,) = self.commands
        return command

    def perform(self, run: Run) -> Any:
        """Run the commands and return what is to be shown. Raises Refused."""
        replies = []
        for command in self.commands:
            reply = run(self.database, command)
            replies.append(reply)
            if reply.get("writeErrors") and command.get("ordered", True):
                break
        return self.finish(run, replies)

    def with_fields(self, **fields: Any) -> Work:
        """Return the same with fields of its command set."""
        return replace(self, commands=({**self.command, **fields},))

    def explained(self, verbosity: Any = "queryPlanner") -> Work:
        """Return the command that explains this one's. Raises InvalidStatement."""
        if isinstance(verbosity, bool):
            verbosity = VERBOSITIES[2] if verbosity else VERBOSITIES[0]
        if isinstance(verbosity, dict):
            verbosity = verbosity.get("verbosity", VERBOSITIES[0])
        if len(self.commands) != 1:
            raise InvalidStatement("what is several commands cannot be explained")
        explain = {"explain": self.command, "verbosity": verbosity}
        return Work(self.database, (explain,), the_reply)


def the_reply(run: Run, replies: list[Document]) -> Any:
    """Show the reply as it is."""
    return replies[0]


def field(name: str) -> Callable[[Run, list[Document]], Any]:
    """Return what shows a field of the reply, null if it is not there."""
    return lambda run, replies: replies[0].get(name)


def fields(*names: str) -> Callable[[Run, list[Document]], Any]:
    """Return what shows some fields of the reply."""
    return lambda run, replies: {name: replies[0][name] for name in names if name in replies[0]}


def pages(run: Run, replies: list[Document]) -> Any:
    """Show the documents of the reply's cursor."""
    return Pages(run, replies[0])


def every(run: Run, replies: list[Document]) -> Any:
    """Show all documents of the reply's cursor as one array."""
    return list(Pages(run, replies[0]))


def first(run: Run, replies: list[Document]) -> Any:
    """Show the first document of the reply's cursor, null if there is none."""
    found = Pages(run, replies[0])
    shown = next(iter(found), None)
    found.close()
    return shown


def options_of(given: Any, what: str = "options") -> Document:
    """Return options. Raises InvalidStatement for what is no document."""
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise InvalidStatement(f"{what} are a document, as {{limit: 5}}")
    return given
