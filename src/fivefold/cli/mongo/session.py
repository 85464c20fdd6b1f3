"""A session: which database is meant, which documents come next, and what a statement comes to."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from inspect import signature
from typing import Any

from bson.codec_options import CodecOptions, DatetimeConversion
from bson.errors import BSONError

from fivefold.cli.line import Line
from fivefold.cli.mongo import collection, cursors, database, manual
from fivefold.cli.mongo.statements import Chain, Statement, Step, Value, Words
from fivefold.cli.mongo.tokens import wrong
from fivefold.cli.mongo.work import Document, Pages, Refused, Work
from fivefold.errors import InvalidStatement, InvalidValue

FIRST_DATABASE = "test"
DOCUMENTS_PER_PAGE = 20
_CODEC: CodecOptions[Any] = CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_AUTO)
_FORBIDDEN = frozenset(' .$/\\\0"')
_HELP = "help"


@dataclass(frozen=True, slots=True)
class Plain:
    """A text that is shown as it is."""

    text: str


class Leave(Exception):
    """The person wants to leave."""


class Session:
    """Does what statements say; what they return is shown by replies.py."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self.database = FIRST_DATABASE
        self.pages: Pages | None = None

    def run(self, name: str, command: Document) -> Document:
        """Run a command in a database. Raises Refused; InvalidValue for what BSON cannot hold."""

        def work() -> Any:
            # An error's reply is wanted, not pymongo's exception for it.
            documents = self._line.database.documents(name)
            return documents.command(command, check=False, codec_options=_CODEC)

        try:
            reply: Document = self._line.call(work)
        except (BSONError, OverflowError) as error:
            raise InvalidValue(f"this is no document: {error}") from error
        if not reply.get("ok"):
            raise Refused(reply)
        return reply

    def do(self, statement: Statement) -> Any:
        """Do what a statement says. Raises InvalidStatement, Refused, Leave."""
        if isinstance(statement, Value):
            return statement.value
        if isinstance(statement, Words):
            return self._words(statement)
        found = self._chain(statement)
        if isinstance(found, Pages):
            self.pages = found
        return found

    # Words

    def _words(self, statement: Words) -> Any:
        first, *rest = statement.words
        if first in ("exit", "quit"):
            raise Leave
        if first == "use":
            return self._use(rest, statement.at)
        if first == "show":
            return self._show(rest, statement.at)
        if rest:
            raise wrong(f"{first} stands by itself", statement.at)
        if first == "it":
            return self.pages if self.pages is not None else Plain("no cursor")
        return Plain(manual.SHELL if first == _HELP else "")

    def _use(self, words: list[str], at: int) -> Plain:
        if len(words) != 1:
            raise wrong("use takes the name of a database", at)
        self.database = _database_name(words[0], at)
        return Plain(f"switched to db {self.database}")

    def _show(self, words: list[str], at: int) -> Plain:
        what = words[0] if len(words) == 1 else ""
        if what in ("dbs", "databases"):
            return self._databases()
        if what in ("collections", "tables"):
            return Plain("\n".join(self.collection_names(with_views=True)))
        raise wrong("show takes dbs or collections", at)

    def _databases(self) -> Plain:
        found = self.run("admin", {"listDatabases": 1})["databases"]
        names = [one["name"] for one in found]
        sizes = [_size(one.get("sizeOnDisk", 0)) for one in found]
        wide, far = max(map(len, names), default=0), max(map(len, sizes), default=0)
        pairs = zip(names, sizes, strict=True)
        return Plain("\n".join(f"{name:<{wide}}  {size:>{far}}" for name, size in pairs))

    def database_names(self) -> list[str]:
        """Return the names of all databases. Raises Refused."""
        reply = self.run("admin", {"listDatabases": 1, "nameOnly": True})
        return [one["name"] for one in reply["databases"]]

    def collection_names(self, with_views: bool = False) -> list[str]:
        """Return the collections' names, with a mark behind views'. Raises Refused."""
        found = Pages(self.run, self.run(self.database, {"listCollections": 1, "nameOnly": True}))
        marks = {"view": " [view]"} if with_views else {}
        return sorted(one["name"] + marks.get(one.get("type", ""), "") for one in found)

    # Chains

    def _chain(self, chain: Chain) -> Any:
        name, steps, done = self.database, list(chain.steps), 0
        names: list[str] = []
        for step in steps:
            if step.arguments is None:
                names.append(step.name)
            elif step.name == "getSiblingDB" and not names:
                name = _database_name(_only_name(step), step.at)
            elif step.name == "getCollection":
                names.append(_only_name(step))
            else:
                break
            done += 1
        if done == len(steps):
            return self._named(name, names, steps)
        if steps[done].name == _HELP:
            return Plain(manual.listing(collection.METHODS if names else manual.DATABASE))
        work, rest = _work(name, ".".join(names), steps[done:])
        for step in rest:
            if step.name == _HELP:
                return Plain(manual.listing(cursors.METHODS[work.kind]))
            work = _following(work, step)
        return work.perform(self.run)

    def _named(self, name: str, names: list[str], steps: list[Step]) -> Plain:
        """Show the name of a database or collection; a method that is not called is an error."""
        last = steps[-1] if steps else None
        if last is not None and last.arguments is None:
            known: Iterable[str] = collection.METHODS if len(names) > 1 else manual.DATABASE
            if last.name in known:
                raise wrong(f"{last.name} is a method: write {last.name}(…)", last.at)
        return Plain(".".join([name, *names] if names else [name]))


def _work(name: str, of: str, steps: list[Step]) -> tuple[Work, list[Step]]:
    """Return the work of a method of a database or collection, and the steps after it."""
    step, *rest = steps
    explains = None
    if of and step.name == "explain":
        if not rest:
            raise wrong("explain(…) goes before a method, as explain().find({…})", step.at)
        explains, (step, *rest) = step, rest
    methods = collection.METHODS if of else database.METHODS
    method = methods.get(step.name)
    if method is None:
        raise wrong(*_no_method(step, of, methods))
    place: Any = (name, of) if of else name
    work = _called(step, method, place)
    if explains is not None:
        verbosity = explains.arguments or ()
        work = _called(explains, Work.explained, work, *([] if verbosity else ["queryPlanner"]))
    return work, rest


def _no_method(step: Step, of: str, methods: Iterable[str]) -> tuple[str, int, str | None]:
    what = f"db.{of}.{step.name}" if of else f"db.{step.name}"
    near = difflib.get_close_matches(step.name, list(methods), 1)
    hint = (
        f"did you mean {near[0]}?" if near else f"db.{of + '.' if of else ''}help() lists methods"
    )
    return f"{what} is not a method that is known here", step.at, hint


def _following(work: Work, step: Step) -> Work:
    if step.arguments is None:
        raise wrong("a field of what a method returns is JavaScript's", step.at)
    try:
        method = cursors.follow(work, step.name)
    except InvalidStatement as error:
        raise wrong(error.message, step.at, manual.NO_JAVASCRIPT) from None
    return _called(step, method, work)


def _called(step: Step, method: Callable[..., Work], *before: Any) -> Work:
    """Call a method with a step's arguments. Raises InvalidStatement that knows the place."""
    given = (*before, *(step.arguments or ()))
    shape = signature(method)
    try:
        shape.bind(*given)
    except TypeError:
        names = ", ".join(list(shape.parameters)[1:])
        raise wrong(f"{step.name} takes ({names})", step.at) from None
    try:
        return method(*given)
    except InvalidStatement as error:
        raise wrong(error.message, step.at, error.hint) from None


def _only_name(step: Step) -> str:
    given = step.arguments or ()
    if len(given) != 1 or not isinstance(given[0], str) or not given[0]:
        raise wrong(f"{step.name} takes a name, as {step.name}('shop')", step.at)
    return given[0]


def _database_name(name: str, at: int) -> str:
    if not name or _FORBIDDEN & set(name):
        raise wrong(f"{name!r} cannot be the name of a database", at)
    return name


def _size(size: float) -> str:
    for unit in ("B", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.0f} B" if unit == "B" else f"{size:.2f} {unit}"
        size /= 1024
    return f"{size:.2f} GiB"
