"""Cursors: documents that arrive in batches, decoded as the program wants them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

from pymongo.errors import InvalidOperation

from fivefold.api.documents.door import decoded
from fivefold.errors import FivefoldError
from fivefold.values.documents.codec import encode
from fivefold.values.documents.kinds import Document

if TYPE_CHECKING:
    from fivefold.api.documents.door import Codec, Door

    Items = list[bytes | Document]


def whole(items: Items, codec: Codec) -> list[Any]:
    """Return a batch's documents."""
    return decoded(items, codec)


def raw(items: Items, codec: Codec) -> list[Any]:
    """Return a batch as one piece of bytes, its documents in BSON behind each other."""
    joined = b"".join([one if isinstance(one, bytes) else encode(one) for one in items])
    return [joined] if joined else []


class Batches:
    """A cursor's batches: some documents at hand, others to be asked for."""

    _make = staticmethod(whole)

    def __init__(self, door: Door, codec: Codec, batch_size: int) -> None:
        self._door = door
        self._codec = codec
        self._batch_size = batch_size
        self._database = self._collection_name = ""
        self._number: int | None = None  # None: not asked for yet
        self._data: deque[Any] = deque()
        self._retrieved = 0
        self._killed = False

    def _take(self, cursor: Document, field: str) -> None:
        """Take the documents of a reply."""
        items = cursor[field]
        self._number = cursor["id"]
        self._database, _, self._collection_name = cursor["ns"].partition(".")
        self._retrieved += len(items)
        self._data.extend(self._make(items, self._codec))

    def _wanted(self) -> int:
        """Return how many documents to ask for, 0: as many as there may be in a batch."""
        return self._batch_size

    def _more(self) -> bool:
        """Get documents if none are at hand; say whether some are."""
        while not self._data and self._number and not self._killed:
            command: Document = {"getMore": self._number, "collection": self._collection_name}
            if self._wanted():
                command["batchSize"] = self._wanted()
            try:
                reply = self._door.perform(self._database, command)
            except BaseException:
                self._number, self._killed = 0, True
                raise
            self._take(reply["cursor"], "nextBatch")
        return bool(self._data)

    def next(self) -> Any:
        """Return the next document. Raises StopIteration."""
        if self._data or self._more():
            return self._data.popleft()
        raise StopIteration

    def __next__(self) -> Any:
        if self._data or self._more():
            return self._data.popleft()
        raise StopIteration

    def __iter__(self) -> Iterator[Any]:
        return self

    def to_list(self, length: int | None = None) -> list[Any]:
        """Return what is left, or its first ``length`` documents."""
        if length is not None and length < 1:
            raise ValueError("to_list() length must be greater than 0")
        found: list[Any] = []
        while (length is None or len(found) < length) and self._more():
            if length is None:
                found.extend(self._data)
                self._data.clear()
            else:
                some = min(len(self._data), length - len(found))
                found += [self._data.popleft() for _ in range(some)]
        return found

    @property
    def alive(self) -> bool:
        """Say whether there may be more documents."""
        return bool(self._data or not (self._killed or self._number == 0))

    @property
    def cursor_id(self) -> int | None:
        """The cursor's number, 0 if all its documents are here, None before it is asked for any."""
        return self._number

    @property
    def address(self) -> None:
        """None: there is no server."""

    @property
    def session(self) -> None:
        """None: there are no client sessions."""

    def close(self) -> None:
        """Ask for nothing more; what is at hand stays."""
        number, self._killed = self._number, True
        if number:
            self._number = 0
            data = self._door.data
            data.kill((self._database, self._collection_name), [number])

    def __del__(self) -> None:
        # Nobody is left to be told: the database may be closed, or the transaction over.
        if getattr(self, "_number", None):
            with suppress(FivefoldError, InvalidOperation):
                self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class CommandCursor(Batches):
    """The documents that a command's reply tells of: aggregate, listIndexes, listCollections."""

    def __init__(self, door: Door, codec: Codec, reply: Document, batch_size: int = 0) -> None:
        super().__init__(door, codec, batch_size)
        self._take(reply["cursor"], "firstBatch")

    def batch_size(self, batch_size: int) -> Self:
        """Set how many documents are asked for at a time; 0 is as many as there may be."""
        if not isinstance(batch_size, int):
            raise TypeError(f"batch_size must be an integer, not {type(batch_size)}")
        if batch_size < 0:
            raise ValueError("batch_size must be >= 0")
        self._batch_size = 2 if batch_size == 1 else batch_size
        return self

    def try_next(self) -> Any | None:
        """Return the next document, None if there is none."""
        return self._data.popleft() if self._more() else None


class RawBatchCommandCursor(CommandCursor):
    """Likewise, a batch's bytes at a time."""

    _make = staticmethod(raw)
