"""The methods of a collection that read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from bson import decode
from bson.objectid import ObjectId
from bson.raw_bson import RawBSONDocument
from pymongo import common
from pymongo.errors import ConfigurationError, OperationFailure

from fivefold.api.documents.arguments import hint_of, present, refuse_session
from fivefold.api.documents.cursor import Cursor, RawBatchCursor
from fivefold.api.documents.cursors import CommandCursor, RawBatchCommandCursor
from fivefold.api.documents.door import LATER, shown
from fivefold.api.documents.options import Options
from fivefold.errors import Unsupported
from fivefold.models.document.keys import key_of
from fivefold.values.documents.kinds import Document

if TYPE_CHECKING:
    from fivefold.api.documents.collection import Collection
    from fivefold.api.documents.door import Door

Filter = Mapping[str, Any]

POINTS = frozenset({int, str, ObjectId})
"""Classes of an ``_id`` that is looked up without a command."""

BY_ID = {"_id"}


def pipeline_command(
    target: Any, pipeline: Any, let: Filter | None, comment: Any, given: dict[str, Any]
) -> Document:
    """Return an aggregate. ``given`` are the other options, by MongoDB's names."""
    common.validate_list("pipeline", pipeline)
    given = dict(given)
    size = given.pop("batchSize", None)
    cursor = dict(given.pop("cursor", None) or {})
    if size is not None:
        cursor["batchSize"] = common.validate_non_negative_integer_or_none("batchSize", size)
    if let is not None:
        common.validate_is_mapping("let", let)
    given["collation"] = collation_of(given.pop("collation", None))
    given["hint"] = hint_of(given.pop("hint", None))
    command = {"aggregate": target, "pipeline": pipeline, "cursor": cursor}
    return command | present(let=let, comment=comment, **given)


def collation_of(given: Any) -> Any:
    """Return a collation as a command has it."""
    if given is None or isinstance(given, dict):
        return given
    document = getattr(given, "document", None)
    if document is None:
        raise TypeError("collation must be a dict, bson.son.SON, or an instance of Collation")
    return document


def no_streams() -> NoReturn:
    """Refuse to watch: fivefold has no change streams. Raises Unsupported."""
    raise Unsupported(
        "change streams are not supported: nothing can be watched yet",
        hint="Read what changed by a field of your own that rises with every change.",
    )


class Reading(Options):
    """find, aggregate and their like."""

    __slots__ = ("_database", "_name", "_place")

    _name: str
    _database: Any
    _place: tuple[str, str]

    @property
    def door(self) -> Door:
        """Where commands go."""
        return self._door

    @property
    def place(self) -> tuple[str, str]:
        """The names of database and collection."""
        return self._place

    @property
    def name(self) -> str:
        """The collection's name."""
        return self._name

    @property
    def database_name(self) -> str:
        """The name of its database."""
        return self._database.name  # type: ignore[no-any-return]  # it is one of ours

    def find(self, *args: Any, **kwargs: Any) -> Cursor:
        """Return a cursor over what a filter matches; for the arguments see ``Cursor``."""
        return Cursor(self._collection(), *args, **kwargs)

    def find_raw_batches(self, *args: Any, **kwargs: Any) -> RawBatchCursor:
        """Return likewise BSON's bytes, a batch at a time."""
        return RawBatchCursor(self._collection(), *args, **kwargs)

    def find_one(self, filter: Any | None = None, *args: Any, **kwargs: Any) -> Any:
        """Return one document, None if there is none. What is no mapping is its ``_id``."""
        if filter.__class__ is not dict and not (filter is None or isinstance(filter, Mapping)):
            filter = {"_id": filter}
        if not args and not kwargs and filter.__class__ is dict and filter.keys() == BY_ID:
            value = filter["_id"]
            if value.__class__ in POINTS:
                found = self._door.get(self._place, key_of(value))
                if found is None:
                    return None
                if found is not LATER:
                    return decode(found, self._codec)
        if not args and not kwargs and filter.__class__ is dict:
            some = self._door.find(self._place, filter, 1)
            if some is not LATER:
                return decode(some[0], self._codec) if some else None
        for document in self.find(filter, *args, **kwargs).limit(-1):
            return document
        return None

    def _collection(self) -> Collection:
        from fivefold.api.documents.collection import Collection

        assert isinstance(self, Collection)
        return self

    def _run(self, command: Document) -> Document:
        return self._door.run(self._database.name, command, self._codec)

    def aggregate(
        self,
        pipeline: Sequence[Filter],
        session: Any = None,
        let: Filter | None = None,
        comment: Any | None = None,
        **kwargs: Any,
    ) -> CommandCursor:
        """Return a cursor over what a pipeline makes of the collection's documents."""
        refuse_session(session)
        command = pipeline_command(self._name, pipeline, let, comment, kwargs)
        size = command["cursor"].get("batchSize", 0)
        return CommandCursor(self._door, self._codec, self._run(command), size)

    def aggregate_raw_batches(
        self,
        pipeline: Sequence[Filter],
        session: Any = None,
        comment: Any | None = None,
        **kwargs: Any,
    ) -> RawBatchCommandCursor:
        """Return likewise BSON's bytes, a batch at a time."""
        refuse_session(session)
        command = pipeline_command(self._name, pipeline, None, comment, kwargs)
        size = command["cursor"].get("batchSize", 0)
        return RawBatchCommandCursor(self._door, self._codec, self._run(command), size)

    def count_documents(
        self, filter: Filter, session: Any = None, comment: Any | None = None, **kwargs: Any
    ) -> int:
        """Return how many documents a filter matches; options skip, limit, hint, maxTimeMS."""
        refuse_session(session)
        if isinstance(filter, Mapping) and not kwargs.keys() & {"skip", "limit"}:
            command = {"count": self._name, "query": filter}
            kwargs["collation"] = collation_of(kwargs.pop("collation", None))
            kwargs["hint"] = hint_of(kwargs.pop("hint", None))
            return int(self._run(command | present(comment=comment, **kwargs))["n"])
        pipeline: list[Filter] = [{"$match": filter}]
        pipeline += [{f"${name}": kwargs.pop(name)} for name in ("skip", "limit") if name in kwargs]
        pipeline.append({"$group": {"_id": 1, "n": {"$sum": 1}}})
        for found in self.aggregate(pipeline, comment=comment, **kwargs):
            return int(found["n"])
        return 0

    def estimated_document_count(self, comment: Any | None = None, **kwargs: Any) -> int:
        """Return how many documents there are."""
        if "session" in kwargs:
            raise ConfigurationError("estimated_document_count does not support sessions")
        return int(self._run({"count": self._name} | present(comment=comment, **kwargs))["n"])

    def distinct(
        self,
        key: str,
        filter: Filter | None = None,
        session: Any = None,
        comment: Any | None = None,
        hint: Any = None,
        **kwargs: Any,
    ) -> list[Any]:
        """Return the values of a field of what a filter matches, each once."""
        refuse_session(session)
        if not isinstance(key, str):
            raise TypeError(f"key must be an instance of str, not {type(key)}")
        if filter is not None:
            if "query" in kwargs:
                raise ConfigurationError("can't pass both filter and query")
            common.validate_is_mapping("filter", filter)
            kwargs["query"] = filter
        kwargs["collation"] = collation_of(kwargs.pop("collation", None))
        command = {"distinct": self._name, "key": key}
        reply = self._run(command | present(comment=comment, hint=hint_of(hint), **kwargs))
        values: list[Any] = shown({"values": reply["values"]}, self._plain_codec())["values"]
        return values

    def _plain_codec(self) -> Any:
        """Return the codec options for what is a document of ours, and its values the program's."""
        if self._codec.document_class is RawBSONDocument:
            return self._codec.with_options(document_class=dict)
        return self._codec

    def watch(
        self,
        pipeline: Sequence[Filter] | None = None,
        full_document: str | None = None,
        resume_after: Filter | None = None,
        max_await_time_ms: int | None = None,
        batch_size: int | None = None,
        collation: Any = None,
        start_at_operation_time: Any = None,
        session: Any = None,
        start_after: Filter | None = None,
        comment: Any | None = None,
        full_document_before_change: str | None = None,
        show_expanded_events: bool | None = None,
    ) -> NoReturn:
        """Refuse: there are no change streams. Raises Unsupported."""
        no_streams()

    def list_indexes(self, session: Any = None, comment: Any | None = None) -> CommandCursor:
        """Return a cursor over the indexes' descriptions."""
        refuse_session(session)
        reply = self._found({"listIndexes": self._name, "cursor": {}} | present(comment=comment))
        return CommandCursor(self._door, self._codec, reply)

    def _found(self, command: Document) -> Document:
        """Run a command whose collection may be missing: then it has nothing to tell."""
        try:
            return self._run(command)
        except OperationFailure as error:
            if error.code != 26:
                raise
            namespace = f"{self._database.name}.{self._name}"
            return {"cursor": {"id": 0, "ns": namespace, "firstBatch": []}}
