"""What the tables of a column family are like: its columns as writing needs them, keys of rows.

The clustering of a row is known by its bytes, ``row_key``; those of all rows with the same first
columns lie next to each other, in the order of the rows, which is what deletions of ranges are
kept by. A static row has no bytes and is before all others.
"""

from __future__ import annotations

from fivefold.models.widecolumn.cells import Part
from fivefold.models.widecolumn.layout import past_name, quoted, rows_name, static_name
from fivefold.values.cql.codec import Codec
from fivefold.values.cql.keys import clustering_key
from fivefold.values.records import Record
from fivefold.values.types import BYTEA, Stored, Type

Values = tuple[Stored, ...]
Range = tuple[bytes, bytes]
"""From the first one on, before the second one."""

STATIC = b""
FIRST, BEYOND = b"\x01", b"\x02"
"""What the bytes of rows begin with, and what is beyond all of them."""
EVERYTHING: Range = (STATIC, BEYOND)


class KeyColumn(Record):
    """A column of the key; ``by_bytes``: the table holds the bytes of ``to_key`` in its place."""

    name: str
    codec: Codec
    descending: bool = False
    by_bytes: bool = False

    @property
    def type(self) -> Type:
        """The type of the store's column."""
        return BYTEA if self.by_bytes else self.codec.store

    def kept(self, value: Stored) -> Stored:
        """Return a value, in stored form, as the table holds it."""
        return self.codec.to_key(value) if self.by_bytes else value

    def stored(self, kept: Stored) -> Stored:
        """Return the stored form of what the table holds."""
        return self.codec.from_key(kept) if self.by_bytes and isinstance(kept, bytes) else kept


class Partition(Record):
    """A partition: its token, the values of its key, and the key as the protocol writes it."""

    token: int
    values: Values
    raw: bytes


class Shape(Record):
    """A column family for who writes its rows; ``past``: the table of what was deleted is there."""

    namespace: str
    name: str
    partition: tuple[KeyColumn, ...]
    clustering: tuple[KeyColumn, ...]
    static: tuple[Part, ...]
    regular: tuple[Part, ...]
    counter: bool = False
    past: bool = False
    gc_grace_s: int = 864_000

    @property
    def containers(self) -> dict[str, tuple[str, str]]:
        """The tables, as the texts of statements name them."""
        return {
            "r": (self.namespace, rows_name(self.name)),
            "s": (self.namespace, static_name(self.name)),
            "p": (self.namespace, past_name(self.name)),
        }

    def kept(self, clustering: Values) -> Values:
        """Return clustering values as the table holds them."""
        columns = self.clustering
        return tuple(
            [column.kept(value) for column, value in zip(columns, clustering, strict=False)]
        )

    def row_key(self, clustering: Values) -> bytes:
        """Return the bytes of a row, or what those of all with such first columns begin with."""
        columns = self.clustering[: len(clustering)]
        flags = [column.descending for column in columns]
        return FIRST + clustering_key([column.codec for column in columns], flags, clustering)

    def range_of(self, clustering: Values | None) -> Range:
        """Return the range that one row is; None: the static one."""
        return (STATIC, FIRST) if clustering is None else self.beginning(clustering)

    def beginning(self, clustering: Values) -> Range:
        """Return the range of the rows with such first columns."""
        key = self.row_key(clustering)
        return key, following(key)


def following(key: bytes) -> bytes:
    """Return the first key that does not begin with this one, which begins with ``FIRST``."""
    kept = key.rstrip(b"\xff")
    return kept[:-1] + bytes((kept[-1] + 1,))


def named(column: str) -> str:
    """Return a column's name as the texts of statements have it."""
    return quoted(column).replace("{", "{{").replace("}", "}}")
