"""``db.collection(namespace, name)``: a collection with pymongo's methods, results and errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from pymongo.errors import InvalidName
from pymongo.operations import IndexModel
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from fivefold.api.documents.arguments import ordering, present, refuse_session
from fivefold.api.documents.door import Codec
from fivefold.api.documents.writing import Writing

if TYPE_CHECKING:
    from fivefold.api.documents.database import Documents

INDEX_SEPARATOR = "_"


def check_name(name: str) -> str:
    """Return a collection's name. Raises InvalidName, TypeError."""
    if not isinstance(name, str):
        raise TypeError(f"name must be an instance of str, not {type(name)}")
    if not name or ".." in name:
        raise InvalidName("collection names cannot be empty")
    if "$" in name:
        raise InvalidName(f"collection names must not contain '$': {name!r}")
    if name[0] == "." or name[-1] == ".":
        raise InvalidName(f"collection names must not start or end with '.': {name!r}")
    if "\x00" in name:
        raise InvalidName("collection names must not contain the null character")
    return name


class Collection(Writing):
    """A collection; it is there as soon as something is in it."""

    __slots__ = ("__dict__", "__weakref__")

    def __init__(
        self,
        database: Documents,
        name: str,
        codec_options: Codec | None = None,
        read_preference: Any = None,
        write_concern: WriteConcern | None = None,
        read_concern: ReadConcern | None = None,
    ) -> None:
        super().__init__(
            database.door,
            codec_options or database.codec_options,
            read_preference or database.read_preference,
            write_concern or database.write_concern,
            read_concern or database.read_concern,
        )
        self._database = database
        self._name = check_name(name)
        self._place = (database.name, name)

    @property
    def full_name(self) -> str:
        """``database.collection``."""
        return f"{self._database.name}.{self._name}"

    @property
    def database(self) -> Documents:
        """The database that it belongs to."""
        database: Documents = self._database
        return database

    def with_options(
        self,
        codec_options: Codec | None = None,
        read_preference: Any = None,
        write_concern: WriteConcern | None = None,
        read_concern: ReadConcern | None = None,
    ) -> Collection:
        """Return the same collection with other options."""
        return Collection(
            self._database,
            self._name,
            codec_options or self._codec,
            read_preference or self._preference,
            write_concern or self._write,
            read_concern or self._read,
        )

    def __getattr__(self, name: str) -> Collection:
        if name.startswith("_"):
            full = f"{self._name}.{name}"
            raise AttributeError(
                f"{type(self).__name__} has no attribute {name!r}. To access the {full} "
                f"collection, use database['{full}']."
            )
        return self[name]

    def __getitem__(self, name: str) -> Collection:
        return Collection(
            self._database,
            f"{self._name}.{name}",
            self._codec,
            self._preference,
            self._write,
            self._read,
        )

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Collection):
            return self._database == other.database and self._name == other.name
        return NotImplemented

    def __hash__(self) -> int:
        return hash((self._database, self._name))

    def __bool__(self) -> NoReturn:
        raise NotImplementedError(
            "Collection objects do not implement truth value testing or bool(). Please compare "
            "with None instead: collection is not None"
        )

    def __repr__(self) -> str:
        return f"Collection({self._database!r}, {self._name!r})"

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        method = self._name.rpartition(".")[2]
        raise TypeError(
            f"'Collection' object is not callable. If you meant to call the '{method}' method on "
            "a 'Collection' object it is failing because no such method exists."
        )

    def __iter__(self) -> Collection:
        return self

    def next(self) -> NoReturn:
        """Refuse to be iterated. Raises TypeError."""
        raise TypeError("'Collection' object is not iterable")

    __next__ = next

    # Indexes

    def create_index(
        self, keys: Any, session: Any = None, comment: Any | None = None, **kwargs: Any
    ) -> str:
        """Create an index; return its name. Options are those of ``pymongo.IndexModel``."""
        command_options = {}
        if "maxTimeMS" in kwargs:
            command_options["maxTimeMS"] = kwargs.pop("maxTimeMS")
        model = IndexModel(keys, **kwargs)
        return self._create([model], session, comment, command_options)[0]

    def create_indexes(
        self,
        indexes: Sequence[IndexModel],
        session: Any = None,
        comment: Any | None = None,
        **kwargs: Any,
    ) -> list[str]:
        """Create indexes; return their names."""
        if not isinstance(indexes, list):
            raise TypeError(f"indexes must be an instance of list, not {type(indexes)}")
        for index in indexes:
            if not isinstance(index, IndexModel):
                raise TypeError(f"{index!r} is not an instance of pymongo.operations.IndexModel")
        return self._create(indexes, session, comment, kwargs)

    def _create(
        self, indexes: Sequence[IndexModel], session: Any, comment: Any, options: dict[str, Any]
    ) -> list[str]:
        refuse_session(session)
        documents = [index.document for index in indexes]
        command = {"createIndexes": self._name, "indexes": documents, **options}
        self._run(command | present(comment=comment))
        return [document["name"] for document in documents]

    def drop_index(
        self, index_or_name: Any, session: Any = None, comment: Any | None = None, **kwargs: Any
    ) -> None:
        """Drop an index, by its name or its keys."""
        refuse_session(session)
        name = index_or_name
        if isinstance(name, list):
            name = INDEX_SEPARATOR.join(
                f"{path}{INDEX_SEPARATOR}{way}" for path, way in ordering(name).items()
            )
        if not isinstance(name, str):
            raise TypeError(f"index_or_name must be an instance of str or list, not {type(name)}")
        command = {"dropIndexes": self._name, "index": name, **kwargs}
        self._found(command | present(comment=comment))

    def drop_indexes(self, session: Any = None, comment: Any | None = None, **kwargs: Any) -> None:
        """Drop all indexes but that of ``_id``."""
        self.drop_index("*", session=session, comment=comment, **kwargs)

    def index_information(
        self, session: Any = None, comment: Any | None = None
    ) -> dict[str, dict[str, Any]]:
        """Return the indexes by their names."""
        found = {}
        for index in self.list_indexes(session=session, comment=comment):
            described = {**index, "key": list(index["key"].items())}
            found[described.pop("name")] = described
        return found

    # The collection itself

    def drop(
        self,
        session: Any = None,
        comment: Any | None = None,
        encrypted_fields: Mapping[str, Any] | None = None,
    ) -> None:
        """Drop the collection with its indexes; nothing happens if there is none."""
        self._database.drop_collection(self._name, session, comment, encrypted_fields)

    def rename(
        self, new_name: str, session: Any = None, comment: Any | None = None, **kwargs: Any
    ) -> dict[str, Any]:
        """Give the collection another name; ``dropTarget`` says that one there may go."""
        refuse_session(session)
        command = {
            "renameCollection": self.full_name,
            "to": f"{self._database.name}.{check_name(new_name)}",
            **kwargs,
        }
        return self._door.run("admin", command | present(comment=comment), self._codec)

    def options(self, session: Any = None, comment: Any | None = None) -> dict[str, Any]:
        """Return what the collection was created with."""
        found = self._database.list_collections(
            session=session, filter={"name": self._name}, comment=comment
        )
        for described in found:
            options = dict(described.get("options", {}))
            options.pop("create", None)
            return options
        return {}
