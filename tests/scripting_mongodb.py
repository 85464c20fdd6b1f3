"""MongoDB's commands as scripts run them: one document of Extended JSON each, replies likewise.

Every named session is a client of its own over one store. A command runs on the database ``shop``
unless its ``$db`` says another. Tags give it a place in its client's logical session:

- ``start`` begins a transaction with it, ``in`` runs it inside of that, also commitTransaction;
- ``once`` makes it a retryable write, ``again`` one with the number of the one before.

A reply is a line without ``ok``; the documents of a cursor come first, each on a line. A cursor
that has more is shown as 1, and "getMore": 1 goes on with the last one of that client.

What explain tells of times, and of the store's own statements, is left out.

The clock stands still, and nothing is done behind a client's back: the tag ``upkeep`` has that
be done before, which a server does every second. The tag ``later-1500`` moves the clock by so many
milliseconds before.
"""

from __future__ import annotations

import itertools
import uuid
from typing import Any

from bson.binary import Binary
from bson.int64 import Int64
from bson.json_util import JSONMode, JSONOptions, dumps, loads

from fivefold.engine.clock import DrivenClock
from fivefold.engine.document_upkeep import Upkeep
from fivefold.engine.engine import Engine
from fivefold.engine.mongo import MongoSession
from fivefold.engine.session import Session
from fivefold.errors import FivefoldError
from fivefold.languages.mongo.client import Client
from fivefold.languages.mongo.commands import COMMANDS
from fivefold.stores.open import open_store
from fivefold.values.documents.codec import decode, encode
from fivefold.values.documents.kinds import Document
from fivefold.values.documents.raw import Batch
from fivefold.wire.mongodb.decode import command_name, take_arrays

OPTIONS = JSONOptions(json_mode=JSONMode.RELAXED, tz_aware=False, document_class=dict)

_HIDDEN = frozenset({"ok", "$clusterTime", "operationTime", "serverInfo"})
_UNSTEADY = frozenset({"fivefold", "executionTimeMillis", "executionTimeMillisEstimate"})


class MongoInterpreter:
    """The interpreter of tests/scripts/mongodb."""

    def __init__(self, url: str) -> None:
        self._clock = DrivenClock()
        self._engine = Engine(open_store(url), self._clock)
        self._talks: dict[str, Talk] = {}
        self._numbers = itertools.count(1)

    def run(self, session_name: str, statement: str, tags: frozenset[str]) -> str:
        """Run one command; see ``tests.scripting.Interpreter``."""
        for tag in tags:
            if tag.startswith("later-"):
                self._clock.advance(int(tag.removeprefix("later-")))
        if "upkeep" in tags:
            Upkeep(self._engine).run()
        talk = self._talks.get(session_name)
        if talk is None:
            talk = self._talks[session_name] = Talk(self._engine, next(self._numbers))
        command: Document = loads(statement, json_options=OPTIONS)
        return show(talk.run(talk.placed(command, tags)))

    def close(self) -> None:
        """Close the clients and the store."""
        for talk in self._talks.values():
            talk.close()
        self._engine.close()


class Talk:
    """One client."""

    def __init__(self, engine: Engine, number: int) -> None:
        self._session = Session(engine)
        self.commands = MongoSession(self._session, Client(number))
        self._lsid = {"id": Binary(uuid.UUID(int=number).bytes, 4)}
        self._transaction = 0
        self._cursor = 0

    def placed(self, command: Document, tags: frozenset[str]) -> Document:
        """The command with the fields that its tags stand for."""
        placed: Document = {**command, "$db": command.get("$db", "shop")}
        if command.get("getMore") == 1:
            placed["getMore"] = Int64(self._cursor)
        if tags & {"start", "in", "once", "again"}:
            self._transaction += len(tags & {"start", "once"})
            placed |= {"lsid": self._lsid, "txnNumber": Int64(self._transaction)}
            if tags & {"start", "in"}:
                placed["autocommit"] = False
            if "start" in tags:
                placed["startTransaction"] = True
        return placed

    def run(self, document: Document) -> Document:
        """The reply to a command, as it would come over the wire."""
        body = encode(document)
        command = COMMANDS.get(command_name(body))
        beside: Any = {}
        if command is not None and command.raw:
            body, beside = take_arrays(body, command.raw)
        document = decode(body)
        request = self.commands.resolve(document, beside)
        self.commands.session_of(request)
        try:
            reply = self.commands.attempt(request, document, inline=False)
        except FivefoldError as error:
            if self._cursor:
                error.message = error.message.replace(str(self._cursor), "1")
            raise
        cursor = reply.get("cursor")
        if isinstance(cursor, dict) and cursor.get("id"):
            self._cursor = cursor["id"]
            cursor["id"] = 1
        return reply

    def close(self) -> None:
        self.commands.close()
        self._session.close()


def show(reply: Document) -> str:
    """A reply as scripts show it."""
    shown = {name: value for name, value in reply.items() if name not in _HIDDEN}
    lines = []
    cursor = shown.get("cursor")
    if isinstance(cursor, dict):
        for name in ("firstBatch", "nextBatch"):
            if name in cursor:
                cursor = dict(cursor)
                lines = [to_json(each) for each in plain(cursor.pop(name))]
        if cursor.get("id"):
            lines.append("more")
        del shown["cursor"]
    if shown or not lines:
        lines.append(to_json(plain(shown)))
    return "\n".join(lines)


def plain(value: Any) -> Any:
    """A value in which stored documents are decoded."""
    if isinstance(value, list) and not isinstance(value, Batch):
        return [plain(each) for each in value]
    if isinstance(value, Batch):
        return [decode(each) if isinstance(each, bytes) else each for each in value]
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items() if name not in _UNSTEADY}
    return value


def to_json(value: Any) -> str:
    """Extended JSON on one line, relaxed."""
    return dumps(value, json_options=OPTIONS, ensure_ascii=False)
