"""The cells of a row: when each was written, until when it is there, and what of it is gone.

A cell is a column of one row, or one element of a column whose parts are cells of their own: an
item of a list, an element of a set, an entry of a map, a field of a user type. Of two writes of a
cell the one with the newer timestamp is kept (``reconciled``). A row itself is there if it was
inserted (its *marker*, which an UPDATE does not set) or as long as some cell of it is.

``written$`` and ``cells$`` of a stored row say all of that. Without ``cells$`` everything is of
``written$``: the marker, each column that is not null, and of a column with parts each part, the
column having been overwritten whole, which deleted what was older than ``written$``. ``cells$`` is
a JSON object that names what differs:

``"": [marker]``, ``"": [marker, ttl, second]``
    ``marker`` is 1 (as all the rest), 0 (none) or a *when*; with ``ttl``, seconds, and ``second``,
    since 1970, all that is not named, the marker too, goes at that second. A fourth number is the
    second from which on the row is gone; then ``ttl`` and ``second`` are 0 if nothing else goes.
``column: when``
    of a plain column. A *when* is ``[timestamp]``, ``[timestamp, ttl, second]`` for what goes, or
    went, at that second, or ``[timestamp, 0, second]`` for what was deleted at that second.
``column: [deleted, rest, parts]``
    of a column with parts: ``deleted`` is 0 or ``[timestamp, second]``, a deletion of all parts up
    to that timestamp; ``rest`` is the *when* of parts that are not named, 0 for the row's;
    ``parts`` names a *when* by the part's path, which for a map or set is its key's bytes
    (``values.cql.keys.comparing``) in hexadecimal digits, for a field its number. For a list it is
    a list with a *when* or 0 for each item, or empty.

What is null and not named was never written. Of a row that nothing is left of, the past table
holds such an object in which everything is named.

Source: "Data Definition", "Static columns" and "INSERT"/"UPDATE" of Cassandra's CQL reference; ties
of timestamps as Cassandra 5.0 settles them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

from fivefold.values.cql.codec import Codec
from fivefold.values.cql.keys import comparing
from fivefold.values.records import Record
from fivefold.values.types import Stored

ROW = ""
"""The name under which ``cells$`` has the row's own; no column is called so."""


class Cell(NamedTuple):
    """A value with its timestamp; deleted, or of what has expired, if ``value`` is None.

    ``second`` is that from which on it is gone, or that of the deletion. What expires still has
    its ``ttl`` afterwards: another write of its time that goes later takes its place. Values of
    plain columns are stored forms; those of parts are plain ones, of maps pairs; a marker's is
    True.
    """

    value: Any
    timestamp: int
    ttl: int = 0
    second: int | None = None

    @property
    def is_deletion(self) -> bool:
        """Say whether it was deleted, and has not expired."""
        return self.value is None and not self.ttl

    def is_live(self, now_s: int) -> bool:
        """Say whether it is there at that second."""
        return self.value is not None and (self.second is None or now_s < self.second)


class Part(Record):
    """A column as its cells see it. ``keys`` are of a set's elements or a map's keys.

    ``values`` are the codecs of what a list, a map or, each, the fields of a user type hold.
    """

    name: str
    kind: Literal["cell", "list", "set", "map", "udt"]
    codec: Codec
    keys: Codec | None = None
    values: tuple[Codec, ...] = ()


def reconciled(left: Cell, right: Cell, wire: Callable[[Any], bytes | None]) -> Cell:
    """Return the one of two writes of a cell that is kept, in whichever order they came.

    The newer one; of two of one time what was deleted, then what expires, then what was deleted or
    expires later, then what expires after the shorter time, then the greater bytes.
    """
    if left.timestamp != right.timestamp:
        return left if left.timestamp > right.timestamp else right
    if (left.second is None) != (right.second is None):
        return right if left.second is None else left
    if left.second is not None and right.second is not None:
        if left.is_deletion != right.is_deletion:
            return left if left.is_deletion else right
        if left.second != right.second:
            return left if left.second > right.second else right
        if left.ttl != right.ttl:
            return left if left.ttl < right.ttl else right
        if left.value is None or right.value is None:
            return left
    return left if (wire(left.value) or b"") >= (wire(right.value) or b"") else right


def no_bytes(_value: Any) -> bytes:
    """Return the bytes of a marker, all of which are alike."""
    return b""


def when(cell: Cell) -> list[int]:
    """Return a cell's times as ``cells$`` has them."""
    if cell.second is None:
        return [cell.timestamp]
    return [cell.timestamp, cell.ttl, cell.second]


def cell_of(value: Any, times: Sequence[int]) -> Cell:
    """Return the cell with such times."""
    if len(times) == 1:
        return Cell(value, times[0])
    timestamp, ttl, second = times
    return Cell(value if ttl else None, timestamp, ttl, second)


def gone(cell: Cell) -> Cell:
    """Return what is left of a cell that has expired."""
    return cell._replace(value=None)


def is_forgotten(cell: Cell, second: int) -> bool:
    """Say whether a cell was deleted, or what has expired was written, before that second."""
    return cell.value is None and cell.second is not None and cell.second - cell.ttl < second


class Parts:
    """The parts of a column that has parts, taken apart only when they are asked for.

    ``deleted`` is (timestamp, second) of the newest deletion of all of them. Of a list ``items``
    are in order; of the others ``elements`` are by path, and hold what was deleted too.
    """

    __slots__ = ("_elements", "_items", "deleted", "part", "rest", "stored")

    def __init__(
        self,
        part: Part,
        stored: Stored = None,
        rest: Cell | None = None,
        deleted: tuple[int, int] | None = None,
    ) -> None:
        self.part = part
        self.stored = stored
        self.rest = rest
        """What the times of all parts are, as long as they were not taken apart."""
        self.deleted = deleted
        self._items: list[Cell] | None = None
        self._elements: dict[str, Cell] | None = None

    @property
    def items(self) -> list[Cell]:
        """Return a list's items."""
        if self._items is None:
            self._items = [self._rest(value) for value in self._plain()]
        return self._items

    @items.setter
    def items(self, items: list[Cell]) -> None:
        self._items = items

    @property
    def elements(self) -> dict[str, Cell]:
        """Return the elements by their paths."""
        if self._elements is None:
            self._elements = {path: self._rest(value) for path, value in self._paths()}
        return self._elements

    @property
    def whole(self) -> bool:
        """Say whether all parts are of one write of the whole column, and not taken apart."""
        return self._items is None and self._elements is None

    def _rest(self, value: Any) -> Cell:
        assert self.rest is not None
        return self.rest._replace(value=value)

    def _plain(self) -> Any:
        return () if self.stored is None else self.part.codec.to_plain(self.stored)

    def _paths(self) -> Iterator[tuple[str, Any]]:
        part, plain = self.part, self._plain()
        if part.kind == "udt":
            yield from ((str(n), value) for n, value in enumerate(plain) if value is not None)
        elif part.kind == "set":
            yield from ((path_of(part, value), value) for value in plain)
        elif plain:
            yield from ((path_of(part, key), (key, value)) for key, value in plain.items())

    def delete(self, timestamp: int, second: int) -> None:
        """Delete all parts up to a timestamp."""
        if self.deleted is not None and self.deleted[0] >= timestamp:
            return
        self.deleted = (timestamp, second)
        if self.whole and self.rest is not None and self.rest.timestamp <= timestamp:
            self.stored = self.rest = None
            self._clear()
        elif self.part.kind == "list":
            self.items = [item for item in self.items if item.timestamp > timestamp]
        else:
            kept = self.elements.items()
            self._elements = {path: cell for path, cell in kept if cell.timestamp > timestamp}

    def _clear(self) -> None:
        if self.part.kind == "list":
            self._items = []
        else:
            self._elements = {}

    def put(self, path: str, cell: Cell) -> None:
        """Write one element; a value None deletes it."""
        if self.deleted is not None and cell.timestamp <= self.deleted[0]:
            return
        known = self.elements.get(path)
        self.elements[path] = cell if known is None else reconciled(known, cell, self.wire(path))

    def extend(self, items: Iterable[Cell], *, before: bool = False) -> None:
        """Append to a list, or put in front of it."""
        deleted = self.deleted
        added = [item for item in items if deleted is None or item.timestamp > deleted[0]]
        self.items = [*added, *self.items] if before else [*self.items, *added]

    def replace(self, place: int, cell: Cell) -> None:
        """Write the item of a list at a place of ``items``; it may have no value."""
        kept = reconciled(self.items[place], cell, self.wire("0"))
        self.items = [kept if at == place else item for at, item in enumerate(self.items)]

    def wire(self, path: str) -> Callable[[Any], bytes | None]:
        """Return what makes the bytes by which one of two writes of one moment is kept."""
        part = self.part
        if part.kind == "set":
            return no_bytes
        codec = part.values[int(path) if part.kind == "udt" else 0]
        if part.kind == "map":
            return lambda pair: codec.to_wire(codec.from_plain(pair[1]))
        return lambda value: codec.to_wire(codec.from_plain(value))

    def shrink(self, now_s: int, forgotten_s: int) -> None:
        """Know of what has expired only that it is gone, and of what is long gone nothing."""
        if self.deleted is not None and self.deleted[1] < forgotten_s:
            self.deleted = None
        if self.whole and (self.rest is None or self.rest.is_live(now_s)):
            return
        if self.part.kind == "list":
            self.items = [item for item in self.items if item.is_live(now_s)]
            return
        found = {
            path: cell if cell.value is None or cell.is_live(now_s) else gone(cell)
            for path, cell in self.elements.items()
        }
        self._elements = {
            path: cell for path, cell in found.items() if not is_forgotten(cell, forgotten_s)
        }

    def all(self) -> Sequence[Cell]:
        """Return all parts of which anything is known."""
        return self.items if self.part.kind == "list" else list(self.elements.values())

    def live(self, now_s: int) -> list[Cell]:
        """Return the parts that are there at that second, in their order."""
        if self.part.kind == "list":
            return [item for item in self.items if item.is_live(now_s)]
        elements = self.elements
        order: Callable[[str], Any] = int if self.part.kind == "udt" else str
        return [
            elements[path] for path in sorted(elements, key=order) if elements[path].is_live(now_s)
        ]

    def value(self, now_s: int) -> Stored:
        """Return the column's value at that second, in stored form; None if nothing is there."""
        if self.whole and (self.rest is None or self.rest.is_live(now_s)):
            return self.stored
        found = [cell.value for cell in self.live(now_s)]
        if not found:
            return None
        if self.part.kind == "udt":
            fields: list[Any] = [None] * len(self.part.values)
            for path, cell in self.elements.items():
                if cell.is_live(now_s):
                    fields[int(path)] = cell.value
            return self.part.codec.from_plain(tuple(fields))
        return self.part.codec.from_plain(dict(found) if self.part.kind == "map" else found)

    def settle(self) -> None:
        """Take parts that are all of one write of the whole column as such again."""
        cells = self._items if self.part.kind == "list" else list((self._elements or {}).values())
        if not cells or self.deleted is None or any(cell.value is None for cell in cells):
            return
        first = cells[0][1:]
        if self.deleted[0] == cells[0].timestamp - 1 and all(cell[1:] == first for cell in cells):
            self.stored = self.value(-1)
            self.rest = cells[0]._replace(value=True)
            self._items = self._elements = None


def path_of(part: Part, plain: Any) -> str:
    """Return the path of a set's element or a map's key, given in plain form."""
    assert part.keys is not None
    return comparing(part.keys)(part.keys.from_plain(plain)).hex()
