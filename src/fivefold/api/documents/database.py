"""``db.documents(namespace)``: a database of MongoDB's, with pymongo's methods."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, NoReturn

from bson.codec_options import DEFAULT_CODEC_OPTIONS
from bson.dbref import DBRef
from pymongo.errors import CollectionInvalid, InvalidName, OperationFailure
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from fivefold.api.documents.arguments import present, refuse_session
from fivefold.api.documents.collection import Collection
from fivefold.api.documents.cursors import CommandCursor
from fivefold.api.documents.door import Codec, Door, shown
from fivefold.api.documents.options import Options
from fivefold.api.documents.reading import Filter, no_streams, pipeline_command
from fivefold.values.documents.codec import decode
from fivefold.values.documents.kinds import Document
from fivefold.values.documents.raw import Batch

_FORBIDDEN = ' .$/\\\x00"'


class Documents(Options):
    """A database: collections by their names. It is there as soon as something is in it."""

    __slots__ = ("__dict__", "__weakref__", "_name")

    def __init__(
        self,
        door: Door,
        name: str,
        codec_options: Codec | None = None,
        read_preference: Any = None,
        write_concern: WriteConcern | None = None,
        read_concern: ReadConcern | None = None,
    ) -> None:
        super().__init__(door, codec_options, read_preference, write_concern, read_concern)
        if not isinstance(name, str):
            raise TypeError(f"name must be an instance of str, not {type(name)}")
        if not name:
            raise InvalidName("database name cannot be the empty string")
        for character in _FORBIDDEN:
            if character in name:
                raise InvalidName(f"database names cannot contain the character {character!r}")
        self._name = name

    @property
    def door(self) -> Door:
        """Where commands go."""
        return self._door

    @property
    def name(self) -> str:
        """The database's name."""
        return self._name

    def with_options(
        self,
        codec_options: Codec | None = None,
        read_preference: Any = None,
        write_concern: WriteConcern | None = None,
        read_concern: ReadConcern | None = None,
    ) -> Documents:
        """Return the same database with other options."""
        return Documents(
            self._door,
            self._name,
            codec_options or self._codec,
            read_preference or self._preference,
            write_concern or self._write,
            read_concern or self._read,
        )

    def get_collection(
        self,
        name: str,
        codec_options: Codec | None = None,
        read_preference: Any = None,
        write_concern: WriteConcern | None = None,
        read_concern: ReadConcern | None = None,
    ) -> Collection:
        """Return a collection with options of its own."""
        return Collection(self, name, codec_options, read_preference, write_concern, read_concern)

    def __getattr__(self, name: str) -> Collection:
        if name.startswith("_"):
            raise AttributeError(
                f"Database has no attribute {name!r}. To access the {name} collection, use "
                f"database[{name!r}]."
            )
        return Collection(self, name)

    def __getitem__(self, name: str) -> Collection:
        return Collection(self, name)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Documents):
            return self._door.origin is other.door.origin and self._name == other.name
        return NotImplemented

    def __hash__(self) -> int:
        return hash((id(self._door.origin), self._name))

    def __bool__(self) -> NoReturn:
        raise NotImplementedError(
            "Database objects do not implement truth value testing or bool(). Please compare "
            "with None instead: database is not None"
        )

    def __repr__(self) -> str:
        return f"Documents({self._name!r})"

    def __iter__(self) -> Documents:
        return self

    def next(self) -> NoReturn:
        """Refuse to be iterated. Raises TypeError."""
        raise TypeError("'Database' object is not iterable")

    __next__ = next

    # Commands

    def command(
        self,
        command: str | MutableMapping[str, Any],
        value: Any = 1,
        check: bool = True,
        allowable_errors: Sequence[str | int] | None = None,
        read_preference: Any = None,
        codec_options: Codec | None = None,
        session: Any = None,
        comment: Any | None = None,
        **kwargs: Any,
    ) -> Any:
        """Run any command and return its reply. Without ``check`` a failure is a reply too."""
        codec = codec_options or DEFAULT_CODEC_OPTIONS
        try:
            reply = self._reply(command, value, session, comment, kwargs, codec)
        except OperationFailure as error:
            allowed = allowable_errors or ()
            if check and error.code not in allowed and str(error) not in allowed:
                raise
            return dict(error.details or {})
        return shown(_listed(reply), codec)

    def cursor_command(
        self,
        command: str | MutableMapping[str, Any],
        value: Any = 1,
        read_preference: Any = None,
        codec_options: Codec | None = None,
        session: Any = None,
        comment: Any | None = None,
        max_await_time_ms: int | None = None,
        **kwargs: Any,
    ) -> CommandCursor:
        """Run a command whose reply has a cursor, and return that."""
        codec = codec_options or self._codec
        reply = self._reply(command, value, session, comment, kwargs, codec)
        return CommandCursor(self._door, codec, reply)

    def _reply(
        self,
        command: str | MutableMapping[str, Any],
        value: Any,
        session: Any,
        comment: Any,
        given: dict[str, Any],
        codec: Codec,
    ) -> Document:
        refuse_session(session)
        named = {command: value} if isinstance(command, str) else command
        return self._door.run(self._name, {**named, **given, **present(comment=comment)}, codec)

    def aggregate(
        self, pipeline: Sequence[Filter], session: Any = None, **kwargs: Any
    ) -> CommandCursor:
        """Return a cursor over what a pipeline makes that reads no collection at first."""
        refuse_session(session)
        let, comment = kwargs.pop("let", None), kwargs.pop("comment", None)
        command = pipeline_command(1, pipeline, let, comment, kwargs)
        size = command["cursor"].get("batchSize", 0)
        reply = self._door.run(self._name, command, self._codec)
        return CommandCursor(self._door, self._codec, reply, size)

    # Collections

    def list_collections(
        self,
        session: Any = None,
        filter: Filter | None = None,
        comment: Any | None = None,
        **kwargs: Any,
    ) -> CommandCursor:
        """Return a cursor over the collections' descriptions."""
        options = present(filter=filter, **kwargs)
        reply = self._reply(
            "listCollections", 1, session, comment, options | {"cursor": {}}, self._codec
        )
        return CommandCursor(self._door, self._codec, reply)

    def list_collection_names(
        self,
        session: Any = None,
        filter: Filter | None = None,
        comment: Any | None = None,
        **kwargs: Any,
    ) -> list[str]:
        """Return the collections' names."""
        kwargs.setdefault("nameOnly", not filter or set(filter) == {"name"})
        found = self.list_collections(session, filter, comment, **kwargs)
        return [described["name"] for described in found]

    def create_collection(
        self,
        name: str,
        codec_options: Codec | None = None,
        read_preference: Any = None,
        write_concern: WriteConcern | None = None,
        read_concern: ReadConcern | None = None,
        session: Any = None,
        check_exists: bool | None = True,
        **kwargs: Any,
    ) -> Collection:
        """Create a collection with options, by MongoDB's names. Raises CollectionInvalid."""
        made = Collection(self, name, codec_options, read_preference, write_concern, read_concern)
        if check_exists and self.list_collection_names(filter={"name": name}):
            raise CollectionInvalid(f"collection {name} already exists")
        self._reply("create", name, session, None, present(**kwargs), made.codec_options)
        return made

    def drop_collection(
        self,
        name_or_collection: str | Collection,
        session: Any = None,
        comment: Any | None = None,
        encrypted_fields: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Drop a collection with its indexes; nothing happens if there is none."""
        name = self._named(name_or_collection)
        try:
            return self._reply("drop", name, session, comment, {}, self._codec)
        except OperationFailure as error:
            if error.code != 26:
                raise
            return dict(error.details or {})

    def validate_collection(
        self,
        name_or_collection: str | Collection,
        scandata: bool = False,
        full: bool = False,
        session: Any = None,
        background: bool | None = None,
        comment: Any | None = None,
    ) -> dict[str, Any]:
        """Look whether a collection is as it should be. Raises CollectionInvalid."""
        name = self._named(name_or_collection)
        options = present(scandata=scandata, full=full, background=background)
        reply = self._reply("validate", name, session, comment, options, self._codec)
        if not reply.get("valid", True):
            raise CollectionInvalid(f"{name} invalid: {reply!r}")
        return reply

    def _named(self, given: str | Collection) -> str:
        name = given.name if isinstance(given, Collection) else given
        if not isinstance(name, str):
            raise TypeError(
                f"name_or_collection must be an instance of str or Collection, not {type(given)}"
            )
        return name

    def dereference(
        self, dbref: DBRef, session: Any = None, comment: Any | None = None, **kwargs: Any
    ) -> Any:
        """Return the document that a reference leads to, None if there is none."""
        if not isinstance(dbref, DBRef):
            raise TypeError(f"cannot dereference a {type(dbref)}")
        if dbref.database is not None and dbref.database != self._name:
            raise ValueError(
                "trying to dereference a DBRef that points to another database "
                f"({dbref.database!r} not {self._name!r})"
            )
        found = self[dbref.collection]
        return found.find_one({"_id": dbref.id}, session=session, comment=comment, **kwargs)

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


def _listed(reply: Document) -> Document:
    """Return a reply whose batch of documents, if it has one, is one of plain documents."""
    cursor = reply.get("cursor")
    if not isinstance(cursor, dict):
        return reply
    plain = {
        name: [decode(one) if isinstance(one, bytes) else one for one in value]
        if isinstance(value, Batch)
        else value
        for name, value in cursor.items()
    }
    return {**reply, "cursor": plain}
