"""$lookup by equality of a field of a stored collection: the partners of many documents at a time.

An index that begins with the field gives them by its keys: one statement for the keys of a batch.
Without one, the first few documents ask the collection; for more of them it is read once, but
only the field, by the store if the shape says that its values are plain, and partners are fetched
by their places. What was fetched is kept as long as there is room.

MongoDB's equality is that of ``$in``: elements of arrays count on both sides, null is equal to
what is missing, numbers of all types compare (manual, "$lookup (aggregation)").
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, Protocol

from bson.datetime_ms import DatetimeMS
from bson.objectid import ObjectId

from fivefold.catalog.containers import DocumentIndex
from fivefold.catalog.roles import Privilege
from fivefold.languages.mongo.collections import Opened
from fivefold.languages.mongo.finding import Query
from fivefold.languages.mongo.lower.lowering import Lowering, Steps
from fivefold.languages.mongo.lower.planner import ID
from fivefold.languages.mongo.match.tree import In
from fivefold.languages.mongo.stages.equality import foreign_keys
from fivefold.languages.mongo.walking import Counts
from fivefold.languages.unit import Unit
from fivefold.models.document import bits, layout
from fivefold.models.document.indexes import HASHED
from fivefold.models.document.keys import HIGHEST, complement, key_of
from fivefold.models.document.shadow import DATE, OBJECT_ID
from fivefold.plan.statement import (
    Access,
    Output,
    Path,
    Prepared,
    Reading,
    Statement,
    Template,
)
from fivefold.values.documents.codec import decode
from fivefold.values.documents.kinds import Document
from fivefold.values.documents.order import hash_key
from fivefold.values.types import BYTEA, FLOAT8, INT8, NUMERIC, TEXT, Type

ASKED_FIRST = 8
"""So many documents look for their partners before the field is read of all the others."""

PART_OF_MEMORY = 4
"""A document takes several times its bytes in memory: BSON of so much less than the limit is held.
"""

TOGETHER = (16, 256)
"""Keys of one statement: each number is a statement of its own, filled up."""

ELSEWHERE: Final = object()
"""The key of a value that cannot be found this way."""

Key = Hashable
Values = Sequence[Any]
Found = dict[int, Document]
"""Documents by their places."""


class Way(Protocol):
    """From values to the documents that have them."""

    def key(self, value: Any) -> Key:
        """Return what a value is looked for by, or ELSEWHERE."""
        ...

    def fetch(self, keys: Sequence[Any]) -> Iterator[tuple[Key, int, bytes]]:
        """Yield key, place and document of all that have one of some keys."""
        ...

    def sure(self, value: Any) -> bool:
        """Say whether all that have the key of a value are equal to it."""
        ...


class _TooMany(Exception):
    """There is no room for the partners of so many documents."""


@dataclass(slots=True)
class StoredPartners:
    """See ``stages.context.Partners``; and what was looked at, for explain."""

    unit: Unit
    opened: Opened
    path: Steps
    memory_bytes_max: int
    counts: Counts = field(default_factory=Counts)
    scans: int = 0
    _way: Way | None = None
    _asked: int = 0
    _held: dict[Key, list[int]] = field(default_factory=dict)
    _documents: Found = field(default_factory=dict)
    _bytes: int = 0

    def __post_init__(self) -> None:
        index = index_for(self.opened, self.path)
        if index is not None:
            self._way = ByIndex(self.unit, self.opened, index, self.path)

    @property
    def index(self) -> str | None:
        """Return the name of the index by which partners are found."""
        return self._way.index.name if isinstance(self._way, ByIndex) else None

    def found(self, wanted: Sequence[Values]) -> Iterator[list[Document]]:
        """See ``stages.context.Partners``."""
        if self._way is None:
            if self._asked + len(wanted) <= ASKED_FIRST:
                self._asked += len(wanted)
                yield from self._ask(wanted)
                return
            self.unit.expect(1 << 30)
            self.scans += 1
            self._way = ByTable(self.unit, self.opened, self.path, self.counts)
        way = self._way
        keys = [[way.key(value) for value in values] for values in wanted]
        try:
            self._fetch(way, keys, limited=len(wanted) > 1)
        except _TooMany:
            half = len(wanted) // 2
            yield from self.found(wanted[:half])
            yield from self.found(wanted[half:])
            return
        for values, own in zip(wanted, keys, strict=True):
            if ELSEWHERE in own:
                yield from self._ask([values])
            else:
                yield self._of(way, values, own)

    def _of(self, way: Way, values: Values, keys: list[Key]) -> list[Document]:
        """Return the partners of one document, in their natural order."""
        held, documents = self._held, self._documents
        if len(keys) == 1 and way.sure(values[0]):
            return [documents[place] for place in held[keys[0]]]
        found: set[int] = set()
        for value, key in zip(values, keys, strict=True):
            places = held[key]
            if not way.sure(value):
                wanted = hash_key(value)
                places = [
                    place for place in places if wanted in foreign_keys(documents[place], self.path)
                ]
            found.update(places)
        return [documents[place] for place in sorted(found)]

    def _fetch(self, way: Way, keys: list[list[Key]], *, limited: bool) -> None:
        """Get hold of all that have one of some keys. Raises _TooMany."""
        bytes_max = self.memory_bytes_max // PART_OF_MEMORY
        if self._bytes > bytes_max:
            self._forget()
        held = self._held
        missing = [
            key
            for key in dict.fromkeys(key for own in keys for key in own)
            if key is not ELSEWHERE and key not in held
        ]
        self.unit.expect(len(missing))
        fresh: dict[Key, list[int]] = {key: [] for key in missing}
        documents, counts = self._documents, self.counts
        for key, place, raw in way.fetch(missing):
            counts.keys += self.index is not None
            counts.documents += 1
            if place not in documents:
                documents[place] = decode(raw)
                self._bytes += len(raw)
                if limited and self._bytes > 2 * bytes_max:
                    self._forget()
                    raise _TooMany
            fresh[key].append(place)
        for places in fresh.values():
            if len(places) > 1:
                places[:] = sorted({*places})
        held |= fresh

    def _forget(self) -> None:
        self._held.clear()
        self._documents.clear()
        self._bytes = 0

    def _ask(self, wanted: Sequence[Values]) -> Iterator[list[Document]]:
        """Yield likewise by a filter, whose plan does what it can."""
        values = {hash_key(value): value for each in wanted for value in each}
        query = Query(In(self.path, tuple(values.values())))
        self.scans += 1
        held: dict[Key, Found] = {}
        for place, raw in query.run(self.unit, self.opened, self.counts):
            document = decode(raw)
            for key in foreign_keys(document, self.path):
                held.setdefault(key, {})[place] = document
        for each in wanted:
            found: Found = {}
            for value in each:
                found |= held.get(hash_key(value), {})
            yield [found[place] for place in sorted(found)]


def index_for(opened: Opened, path: Steps) -> DocumentIndex | None:
    """Return an index that has all documents by a field's values, the shortest of them."""
    text = ".".join(path)
    usable = [
        index
        for index in (ID, *opened.collection.indexes)
        if index.parts[0][0] == text
        and index.parts[0][1] != HASHED
        and index.partial is None
        and not index.hidden
    ]
    return min(usable, key=lambda index: len(index.parts), default=None)


class ByIndex:
    """Partners by the keys of an index, of which the field is the first part."""

    __slots__ = ("_descending", "_numbered", "_opened", "_unit", "index")

    def __init__(self, unit: Unit, opened: Opened, index: DocumentIndex, path: Steps) -> None:
        self.index = index
        self._unit, self._opened = unit, opened
        self._descending = index.parts[0][1] == -1
        self._numbered = any(step.isdigit() for step in path)

    def key(self, value: Any) -> Key:
        if value.__class__ is list or (value is None and self.index.sparse):
            return ELSEWHERE
        key = key_of(value)
        return complement(key) if self._descending else key

    def sure(self, value: Any) -> bool:
        return value is not None and not self._numbered

    def fetch(self, keys: Sequence[bytes]) -> Iterator[tuple[Key, int, bytes]]:
        index = self.index
        ranged = len(index.parts) > 1

        def text(size: int) -> str:
            if ranged:
                rows = ", ".join(["(?, ?)"] * size)
                return (
                    f"WITH v (low, high) AS (VALUES {rows}) SELECT v.low, i.place, d.bson"
                    " FROM v CROSS JOIN {i} i CROSS JOIN {d} d"
                    " WHERE i.key >= v.low AND i.key < v.high AND d.place = i.place"
                )
            marks = ", ".join("?" * size)
            if index is ID:
                return f"SELECT d.key, d.place, d.bson FROM {{d}} d WHERE d.key IN ({marks})"
            return (
                "SELECT i.key, i.place, d.bson FROM {i} i JOIN {d} d ON d.place = i.place"
                f" WHERE i.key IN ({marks})"
            )

        types = (BYTEA,) * (2 if ranged else 1)
        for some in _parts(keys):
            given: list[bytes] = some
            if ranged:
                # What is only there to fill up finds nothing.
                given = [bound for key in dict.fromkeys(some) for bound in (key, key + HIGHEST)]
                given += [HIGHEST] * (2 * len(some) - len(given))
            statement = _prepared(
                self._unit,
                self._opened,
                text(len(some)),
                types * len(some),
                (BYTEA, INT8, BYTEA),
                None if index is ID else index.name,
            )
            yield from self._unit.runner.stream(statement, given)


class ByTable:
    """Partners by a table of the field's values, made of the whole collection."""

    __slots__ = ("_opened", "_places", "_unit")

    def __init__(self, unit: Unit, opened: Opened, path: Steps, counts: Counts) -> None:
        self._unit, self._opened = unit, opened
        self._places: dict[Key, list[int]] = {}
        places = self._places
        for place, key in _keys_by_shape(unit, opened, path) or _keys_of_documents(
            unit, opened, path
        ):
            counts.documents += 1
            places.setdefault(key, []).append(place)

    def key(self, value: Any) -> Key:
        found: Key = hash_key(value)
        return found

    def sure(self, value: Any) -> bool:
        return True

    def fetch(self, keys: Sequence[Key]) -> Iterator[tuple[Key, int, bytes]]:
        by_place: dict[int, list[Key]] = {}
        for key in keys:
            for place in self._places.get(key, ()):
                by_place.setdefault(place, []).append(key)
        for some in _parts(sorted(by_place)):
            marks = ", ".join("?" * len(some))
            statement = _prepared(
                self._unit,
                self._opened,
                f"SELECT d.place, d.bson FROM {{d}} d WHERE d.place IN ({marks})",
                (INT8,) * len(some),
                (INT8, BYTEA),
            )
            for place, raw in self._unit.runner.stream(statement, some):
                for key in by_place[place]:
                    yield key, place, raw


def _parts(keys: Sequence[Any]) -> Iterator[list[Any]]:
    """Yield keys by the number that statements take: the last are filled up with the last one."""
    rest = iter(keys)
    small, large = TOGETHER
    while some := [*islice(rest, large)]:
        size = small if len(some) <= small else large
        yield some + some[-1:] * (size - len(some))


def _prepared(
    unit: Unit,
    opened: Opened,
    text: str,
    parameters: tuple[Type, ...],
    outputs: tuple[Type, ...],
    index: str | None = None,
    paths: Mapping[str, Path] | None = None,
) -> Prepared:
    """Return a statement over a collection, ``{d}``, and one of its indexes, ``{i}``."""
    namespace, name = opened.name

    def make() -> Prepared:
        containers = {"d": (namespace, layout.documents_name(name))}
        if index is not None:
            containers["i"] = (namespace, layout.index_table_name(name, index))
        statement = Statement(
            Template(text, containers, paths),
            parameters=parameters,
            outputs=tuple(Output(f"c{at}", type_) for at, type_ in enumerate(outputs)),
            accesses=tuple(Access(*each, Privilege.READ) for each in containers.values()),
        )
        return unit.prepare(statement)

    return unit.remember(("joining", opened.name, index, text, *(paths or {}).values()), make)


# The values of a field of all documents


def _keys_of_documents(unit: Unit, opened: Opened, path: Steps) -> Iterator[tuple[int, Key]]:
    for place, raw in Query().run(unit, opened):
        for key in foreign_keys(decode(raw), path):
            yield place, key


Column = tuple[int, Reading, str | None, Type, Callable[[Any], Key]]

_COLUMNS: tuple[Column, ...] = (
    (bits.STRING, Reading.PLAIN_TEXT, None, TEXT, str),
    (bits.OBJECT_ID, Reading.TEXT, OBJECT_ID, TEXT, lambda text: hash_key(ObjectId(text))),
    (bits.DATE, Reading.INTEGER, DATE, INT8, lambda value: hash_key(DatetimeMS(value))),
)
"""Kinds that the shadow tells apart: how they are read, and what makes a key of what is read."""

_TOLD = bits.NULL | bits.NUMBERS | bits.STRING | bits.OBJECT_ID | bits.DATE


def _keys_by_shape(unit: Unit, opened: Opened, path: Steps) -> Iterator[tuple[int, Key]] | None:
    """Yield places and keys as the store reads them, None if it cannot tell them exactly."""
    lowering = Lowering(opened.shape, unit.document)
    kinds = lowering.kinds(path)
    if kinds is None or kinds & ~_TOLD:
        return None
    if lowering.exact and kinds & bits.DOUBLE and kinds & bits.LONG:
        return None  # digits do not tell a large double from the integer beside it
    columns = [column for column in _COLUMNS if kinds & column[0]]
    if kinds & bits.NUMBERS:
        columns.insert(0, _numbers(kinds, exact=lowering.exact))
    texts = [
        lowering.path(path if name is None else (*path, name), reading)
        for _, reading, name, _, _ in columns
    ]
    statement = _prepared(
        unit,
        opened,
        f"SELECT {', '.join(['d.place', *texts])} FROM {{d}} d",
        (),
        (INT8, *(column[3] for column in columns)),
        paths=lowering.paths,
    )
    return _keyed(unit.runner.stream(statement), [column[4] for column in columns])


def _numbers(kinds: int, *, exact: bool) -> Column:
    """Return the column of numbers; ``exact``: they come as decimal digits."""
    make: Callable[[Any], Key] = lambda value: value  # noqa: E731
    if exact:
        make = float if kinds & bits.DOUBLE else int
    type_ = NUMERIC if exact else FLOAT8 if kinds & bits.DOUBLE else INT8
    return bits.NUMBERS, Reading.PLAIN_NUMBER, None, type_, make


def _keyed(
    rows: Iterator[tuple[Any, ...]], makers: list[Callable[[Any], Key]]
) -> Iterator[tuple[int, Key]]:
    for place, *values in rows:
        key: Key = None
        for value, make in zip(values, makers, strict=True):
            if value is not None:
                key = make(value)
                break
        yield place, key
