"""What ``find`` returns: a query that runs when the first document is asked for."""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from bson.code import Code
from pymongo import common
from pymongo.cursor_shared import CursorType
from pymongo.errors import InvalidOperation

from fivefold.api.documents.arguments import hint_of, ordering, pairs, projection_of, refuse_session
from fivefold.api.documents.cursors import Batches, raw
from fivefold.api.documents.door import LATER, normal, shown
from fivefold.values.documents.kinds import Document

if TYPE_CHECKING:
    from fivefold.api.documents.collection import Collection

FLAGS = {
    2: "tailable",
    8: "oplogReplay",
    16: "noCursorTimeout",
    32: "awaitData",
    64: "exhaust",
    128: "allowPartialResults",
}
"""The fields of find that the bits of ``add_option`` stand for (manual, "OP_QUERY")."""

EXHAUST = 64


class Cursor(Batches):
    """A query of a collection. Its options can be changed until its first document is read."""

    def __init__(
        self,
        collection: Collection,
        filter: Mapping[str, Any] | None = None,
        projection: Any = None,
        skip: int = 0,
        limit: int = 0,
        no_cursor_timeout: bool = False,
        cursor_type: int = CursorType.NON_TAILABLE,
        sort: Any = None,
        allow_partial_results: bool = False,
        oplog_replay: bool = False,
        batch_size: int = 0,
        collation: Any = None,
        hint: Any = None,
        max_scan: int | None = None,
        max_time_ms: int | None = None,
        max: Any = None,
        min: Any = None,
        return_key: bool | None = None,
        show_record_id: bool | None = None,
        snapshot: bool | None = None,
        comment: Any = None,
        session: Any = None,
        allow_disk_use: bool | None = None,
        let: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(collection.door, collection.codec_options, 0)
        refuse_session(session)
        if filter is not None:
            common.validate_is_mapping("filter", filter)
        for name, value in (("skip", skip), ("limit", limit)):
            if not isinstance(value, int):
                raise TypeError(f"{name} must be an instance of int, not {type(value)}")
        self._collection = collection
        self._filter: Mapping[str, Any] = filter or {}
        self._skip: int = skip
        self._limit: int = limit
        self._empty = False
        self._single = False  # limit was negative: one batch, and no cursor
        self._flags: int = int(cursor_type) | 16 * bool(no_cursor_timeout)
        self._flags |= 128 * bool(allow_partial_results) | 8 * bool(oplog_replay)
        self._fields: Document = {}
        if projection is not None:
            self._fields["projection"] = projection_of(projection)
        if sort is not None:
            self._fields["sort"] = ordering(sort)
        if hint is not None:
            self._fields["hint"] = hint_of(hint)
        if let is not None:
            common.validate_is_document_type("let", let)
            self._fields["let"] = let
        given: tuple[tuple[str, Any], ...] = (
            *(
                ("collation", getattr(collation, "document", collation)),
                ("maxScan", max_scan),
                ("maxTimeMS", max_time_ms),
            ),
            *(("max", max), ("min", min), ("returnKey", return_key), ("comment", comment)),
            *(("showRecordId", show_record_id), ("snapshot", snapshot)),
        )
        self._fields |= {field: value for field, value in given if value is not None}
        if limit:
            self.limit(limit)
        if batch_size:
            self.batch_size(batch_size)
        if allow_disk_use is not None:
            self.allow_disk_use(allow_disk_use)

    @property
    def collection(self) -> Collection:
        """The collection that is read."""
        return self._collection

    @property
    def retrieved(self) -> int:
        """How many documents have been read so far."""
        return self._retrieved

    # Options

    def _option(self, field: str, value: Any) -> Self:
        self._check_unread()
        self._fields[field] = value
        return self

    def _check_unread(self) -> None:
        if self._retrieved or self._number is not None:
            raise InvalidOperation("cannot set options after executing query")

    def sort(self, key_or_list: Any, direction: int | str | None = None) -> Self:
        """Set the order: a path and its way, or a list of them."""
        return self._option("sort", ordering(pairs(key_or_list, direction)))

    def skip(self, skip: int) -> Self:
        """Leave out the first ones."""
        if not isinstance(skip, int):
            raise TypeError(f"skip must be an integer, not {type(skip)}")
        if skip < 0:
            raise ValueError("skip must be >= 0")
        self._check_unread()
        self._skip = skip
        return self

    def limit(self, limit: int) -> Self:
        """Set how many documents are wanted at most, 0: all. A negative one is one batch only."""
        if not isinstance(limit, int):
            raise TypeError(f"limit must be an integer, not {type(limit)}")
        self._check_unread()
        if self._flags & EXHAUST:
            raise InvalidOperation("Can't use limit and exhaust together.")
        self._empty = False
        self._limit, self._single = abs(limit), limit < 0
        return self

    def batch_size(self, batch_size: int) -> Self:
        """Set how many documents are read at a time, 0: as many as there may be."""
        if not isinstance(batch_size, int):
            raise TypeError(f"batch_size must be an integer, not {type(batch_size)}")
        if batch_size < 0:
            raise ValueError("batch_size must be >= 0")
        self._check_unread()
        self._batch_size = batch_size
        return self

    def hint(self, index: Any) -> Self:
        """Set the index to use, None: whichever is best."""
        self._check_unread()
        if index is None:
            self._fields.pop("hint", None)
            return self
        return self._option("hint", hint_of(index))

    def comment(self, comment: Any) -> Self:
        """Say something about the query."""
        return self._option("comment", comment)

    def collation(self, collation: Any) -> Self:
        """Set the order of texts: by their bytes ("simple") is the one there is."""
        self._check_unread()
        given = getattr(collation, "document", collation)
        if given is None:
            self._fields.pop("collation", None)
            return self
        return self._option("collation", given)

    def max_time_ms(self, max_time_ms: int | None) -> Self:
        """Set after how many milliseconds the query fails, None: never."""
        if not isinstance(max_time_ms, int) and max_time_ms is not None:
            raise TypeError(f"max_time_ms must be an integer or None, not {type(max_time_ms)}")
        self._check_unread()
        if max_time_ms is None:
            self._fields.pop("maxTimeMS", None)
            return self
        return self._option("maxTimeMS", max_time_ms)

    def max_await_time_ms(self, max_await_time_ms: int | None) -> Self:
        """Take note of how long a tailable cursor waits: there are none."""
        if not isinstance(max_await_time_ms, int) and max_await_time_ms is not None:
            raise TypeError(
                f"max_await_time_ms must be an integer or None, not {type(max_await_time_ms)}"
            )
        self._check_unread()
        return self

    def allow_disk_use(self, allow_disk_use: bool) -> Self:
        """Say whether a sort may use the disk."""
        if not isinstance(allow_disk_use, bool):
            raise TypeError(f"allow_disk_use must be a bool, not {type(allow_disk_use)}")
        return self._option("allowDiskUse", allow_disk_use)

    def max_scan(self, max_scan: int | None) -> Self:
        """Set an option that MongoDB no longer has."""
        return self._option("maxScan", max_scan)

    def max(self, spec: Any) -> Self:
        """Set the index's keys below which documents are wanted: not supported."""
        return self._option("max", dict(_listed(spec)))

    def min(self, spec: Any) -> Self:
        """Set the index's keys from which on documents are wanted: not supported."""
        return self._option("min", dict(_listed(spec)))

    def where(self, code: str | Code) -> Self:
        """Set a filter in JavaScript: not supported."""
        self._check_unread()
        self._filter = {**self._filter, "$where": Code(code)}
        return self

    def add_option(self, mask: int) -> Self:
        """Set flags of the query, by their bits."""
        if not isinstance(mask, int):
            raise TypeError(f"mask must be an int, not {type(mask)}")
        self._check_unread()
        if mask & EXHAUST and self._limit:
            raise InvalidOperation("Can't use limit and exhaust together.")
        self._flags |= mask
        return self

    def remove_option(self, mask: int) -> Self:
        """Take flags of the query back, by their bits."""
        if not isinstance(mask, int):
            raise TypeError(f"mask must be an int, not {type(mask)}")
        self._check_unread()
        self._flags &= ~mask
        return self

    # The query

    def _command(self) -> Document:
        """Return the find that it is."""
        command: Document = {"find": self._collection.name, "filter": self._filter}
        command |= self._fields
        if self._skip:
            command["skip"] = self._skip
        if self._limit:
            command["limit"] = self._limit
        if self._single:
            command["singleBatch"] = True
            command["batchSize"] = self._limit
        elif self._batch_size:
            command["batchSize"] = 2 if self._batch_size == 1 else self._batch_size
        for bit, field in FLAGS.items():
            if self._flags & bit and bit != EXHAUST:
                command[field] = True
        return command

    def _more(self) -> bool:
        if self._data:
            return True
        if self._killed or self._empty:
            return False
        if self._number is None:
            if self._is_simple and self._find_at_once():
                return bool(self._data)
            if ("max" in self._fields or "min" in self._fields) and "hint" not in self._fields:
                raise InvalidOperation(
                    "Passing a 'hint' is required when using the min/max query option to ensure "
                    "the query utilizes the correct index"
                )
            database = self._collection.database.name
            reply = self._door.perform(database, normal(self._command(), self._codec))
            self._take(reply["cursor"], "firstBatch")
        return super()._more()

    @property
    def _is_simple(self) -> bool:
        """Say whether there is nothing but a filter and a limit."""
        asked = self._fields or self._skip or self._flags or self._batch_size or self._single
        return not asked and self._filter.__class__ is dict

    def _find_at_once(self) -> bool:
        """Read all documents without a command; False if it takes one."""
        found = self._door.find(self._collection.place, self._filter, self._limit)
        if found is LATER:
            return False
        self._number = 0
        self._retrieved = len(found)
        self._data.extend(self._make(found, self._codec))
        return True

    def __next__(self) -> Any:
        if self._empty:
            raise StopIteration
        if self._data or self._more():
            return self._data.popleft()
        raise StopIteration

    next = __next__

    def _wanted(self) -> int:
        if not self._limit:
            return self._batch_size
        left = self._limit - self._retrieved
        return min(left, self._batch_size) if self._batch_size else left

    def __getitem__(self, index: int | slice) -> Any:
        self._check_unread()
        self._empty = False
        if isinstance(index, slice):
            return self._sliced(index)
        if not isinstance(index, int):
            raise TypeError(f"index {index!r} cannot be applied to Cursor instances")
        if index < 0:
            raise IndexError("Cursor instances do not support negative indices")
        for document in self.clone().skip(index + self._skip).limit(-1):
            return document
        raise IndexError("no such item for Cursor instance")

    def _sliced(self, index: slice) -> Self:
        if index.step is not None:
            raise IndexError("Cursor instances do not support slice steps")
        skip: int = index.start or 0
        if skip < 0:
            raise IndexError("Cursor instances do not support negative indices")
        limit = 0
        if index.stop is not None:
            limit = index.stop - skip
            if limit < 0:
                raise IndexError(f"stop index must be greater than start index for slice {index!r}")
            self._empty = limit == 0
        self._skip, self._limit, self._single = skip, limit, False
        return self

    def explain(self) -> Any:
        """Return how the query is carried out."""
        command = {"explain": self._command(), "verbosity": "allPlansExecution"}
        database = self._collection.database.name
        return shown(self._door.run(database, command, self._codec), self._codec)

    def distinct(self, key: str) -> list[Any]:
        """Return the values of a field of the documents that the filter matches, each once."""
        options = {
            name: self._fields[name]
            for name in ("maxTimeMS", "comment", "collation")
            if name in self._fields
        }
        return self._collection.distinct(key, self._filter or None, **options)

    def rewind(self) -> Self:
        """Have the query run again."""
        self.close()
        self._data = deque()
        self._number = None
        self._retrieved = 0
        self._killed = False
        return self

    def clone(self) -> Self:
        """Return a new cursor of the same options."""
        return self._copied(deep=False)

    def _copied(self, *, deep: bool) -> Self:
        new = self.__class__.__new__(self.__class__)
        new.__dict__.update(self.__dict__)
        new._fields = dict(self._fields)
        if deep:
            new._fields = copy.deepcopy(new._fields)
            new._filter = copy.deepcopy(new._filter)
        new._data = deque()
        new._number = None
        new._retrieved = 0
        new._killed = False
        return new

    def __copy__(self) -> Self:
        return self._copied(deep=False)

    def __deepcopy__(self, memo: Any) -> Self:
        return self._copied(deep=True)


def _listed(spec: Any) -> list[tuple[str, Any]]:
    if not isinstance(spec, (list, tuple)):
        raise TypeError(f"spec must be an instance of list or tuple, not {type(spec)}")
    return [*spec]


class RawBatchCursor(Cursor):
    """A query whose documents come as BSON's bytes, a batch at a time."""

    _make = staticmethod(raw)

    def explain(self) -> Any:
        """Return how the query is carried out."""
        return Cursor.explain(self)

    def __getitem__(self, index: Any) -> Any:
        raise InvalidOperation("Cannot call __getitem__ on RawBatchCursor")
