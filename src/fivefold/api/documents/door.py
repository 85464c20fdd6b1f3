"""Where the methods go: a client of MongoDB's language in this process.

A command is a document, and so is its reply, as over the wire. What a program gives is encoded as
its codec options say and decoded as the language wants it: a UUID, a date with a zone or a class of
the program's own becomes what BSON makes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import bson
from bson.codec_options import CodecOptions
from pymongo.errors import InvalidOperation, PyMongoError

from fivefold.api.documents.errors import check_write, translated
from fivefold.engine import document_points as points
from fivefold.engine.documents import Documents as Data
from fivefold.engine.mongo import MongoSession
from fivefold.errors import FivefoldError
from fivefold.languages.mongo.writing import Pair
from fivefold.values.documents.codec import decode
from fivefold.values.documents.codec import encode as encode_plain
from fivefold.values.documents.kinds import Document
from fivefold.values.documents.replyerrors import write_error

Codec = CodecOptions[Any]


class Door:
    """Runs commands on the session of who asks: the calling thread's, or a transaction's.

    ``session`` returns it; it raises InvalidOperation for a transaction that has ended. ``origin``
    is the database or the transaction.
    """

    __slots__ = ("origin", "session")

    def __init__(self, session: Callable[[], MongoSession], origin: object) -> None:
        self.session = session
        self.origin = origin

    @property
    def data(self) -> Data:
        """Return where the documents are."""
        return self.session().data

    def run(self, database: str, command: Document, codec: Codec) -> Document:
        """Run a command as a program gives it; return the reply. Raises PyMongoError.

        Documents to be inserted are given as bytes, beside it: see ``insert``.
        """
        return self.perform(database, normal(command, codec))

    def perform(self, database: str, command: Document) -> Document:
        """Run a command that has only the language's own values; return the reply."""
        session = self.session()
        if session.engine.closed:
            raise InvalidOperation("the database is closed")
        command["$db"] = database
        data = session.data
        try:
            reply = session.attempt(session.resolve(command), command, inline=False)
        except FivefoldError as error:
            raise self._translated(error, data) from error
        reply["ok"] = 1.0
        return reply

    # Without a command

    def get(self, name: tuple[str, str], key: bytes) -> Any:
        """Return the bytes of the document with that key, None, or LATER: it takes a command."""
        data = self.session().data
        try:
            return points.get(data, name, key)
        except points.NotQuick:
            return LATER
        except FivefoldError as error:
            raise self._translated(error, data) from error

    def find(self, name: tuple[str, str], filter: Any, limit: int) -> Any:
        """Return the bytes of what a filter finds, or LATER: it takes a command."""
        data = self.session().data
        try:
            return points.find(data, name, filter, limit)
        except points.NotQuick:
            return LATER
        except FivefoldError as error:
            raise self._translated(error, data) from error

    def insert(self, name: tuple[str, str], pair: Pair) -> bool:
        """Insert a document; False: it takes a command. Raises WriteError."""
        data = self.session().data
        try:
            points.insert(data, name, pair)
        except points.NotQuick:
            return False
        except FivefoldError as error:
            if error.number is not None and not error.retry:
                check_write({"writeErrors": [write_error(0, error)]})
            raise self._translated(error, data) from error
        return True

    def update(self, name: tuple[str, str], key: bytes, given: Document) -> Any:
        """Update the document with that key; how many matched and changed, or LATER."""
        data = self.session().data
        try:
            return points.update(data, name, key, given)
        except points.NotQuick:
            return LATER
        except FivefoldError as error:
            raise self._translated(error, data) from error

    def delete(self, name: tuple[str, str], key: bytes) -> Any:
        """Delete the document with that key; return how many that was, or LATER."""
        data = self.session().data
        try:
            return points.delete(data, name, key)
        except points.NotQuick:
            return LATER
        except FivefoldError as error:
            raise self._translated(error, data) from error

    def _translated(self, error: FivefoldError, data: Data) -> PyMongoError:
        if data.session.engine.closed:
            return InvalidOperation("the database is closed")
        return translated(error, inside=data.session.open)


LATER: Final = object()


def encode(document: Any, codec: Codec) -> bytes:
    """Return a document's bytes. Raises InvalidDocument, OverflowError."""
    return bson.encode(document, codec_options=codec)


def normal(document: Any, codec: Codec) -> Document:
    """Return a document with the language's own values."""
    return decode(encode(document, codec))


def shown(document: Document, codec: Codec) -> Any:
    """Return a document of a reply as the program wants it."""
    return bson.decode(encode_plain(document), codec)


def decoded(items: Iterable[bytes | Document], codec: Codec) -> list[Any]:
    """Return the documents of a batch as the program wants them."""
    raws = [item if item.__class__ is bytes else encode_plain(item) for item in items]  # type: ignore[arg-type]  # its class was looked at
    return bson.decode_all(b"".join(raws), codec)
