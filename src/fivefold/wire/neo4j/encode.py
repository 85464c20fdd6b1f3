"""PackStream: from values to bytes, and answers in chunks.

An ``Encoder`` has a table from Python's types to what says their values: it is the one thing that
every value of every record passes, so the commonest are said without a call of their own.

Source: Bolt manual, "PackStream", "Bolt Protocol message specification".
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from fivefold.errors import Internal, Limit
from fivefold.values.graph.entities import Node, Path, Relationship
from fivefold.wire.neo4j.messages import Tag
from fivefold.wire.neo4j.structures import VERSION_5, Dehydrate, Dialect

CHUNK_BYTES_MAX = 0xFFFF

_int8 = struct.Struct(">Bb").pack
_int16 = struct.Struct(">Bh").pack
_int32 = struct.Struct(">Bi").pack
_int64 = struct.Struct(">Bq").pack
_float = struct.Struct(">Bd").pack
_size8 = struct.Struct(">BB").pack
_size16 = struct.Struct(">BH").pack
_size32 = struct.Struct(">BI").pack
_size = struct.Struct(">H").pack_into

Put: TypeAlias = Callable[[Any, bytearray], None]

# A negative number counts from the end, which is where its byte stands.
SMALL = [bytes((value & 0xFF,)) for value in (*range(128), *range(-16, 0))]
"""The integers from -16 to 127, by themselves."""

_STRINGS = [bytes((0x80 + size,)) for size in range(16)]
_LISTS = [bytes((0x90 + size,)) for size in range(16)]
_MAPS = [bytes((0xA0 + size,)) for size in range(16)]

NAMES_KEPT = 4_096
"""Names of properties, labels, types and columns kept as bytes: more than a graph has."""

_names: dict[str, bytes] = {}


def integer(value: int) -> bytes:
    """Return an integer of 64 bits, in as few bytes as it has."""
    if -16 <= value < 128:
        return SMALL[value]
    if -0x80 <= value < 0x80:
        return _int8(0xC8, value)
    if -0x8000 <= value < 0x8000:
        return _int16(0xC9, value)
    if -0x80000000 <= value < 0x80000000:
        return _int32(0xCA, value)
    try:
        return _int64(0xCB, value)
    except struct.error:
        raise Internal(f"an integer of more than 64 bits left the engine: {value}") from None


def _head(size: int, tiny: list[bytes], marker: int) -> bytes:
    """Return what stands before ``size`` values: a tiny marker or one of three, by the size."""
    if size < 16:
        return tiny[size]
    if size < 0x100:
        return _size8(marker, size)
    if size < 0x10000:
        return _size16(marker + 1, size)
    return _size32(marker + 2, size)


def string(value: str) -> bytes:
    """Return a string. Half a pair of surrogates, which UTF-8 cannot say, becomes "?"."""
    try:
        raw = value.encode()
    except UnicodeEncodeError:
        raw = value.encode("utf-8", "replace")
    size = len(raw)
    return _STRINGS[size] + raw if size < 16 else _head(size, _STRINGS, 0xD0) + raw


def name(value: str) -> bytes:
    """Return a string that will be said again."""
    raw = _names.get(value)
    if raw is None:
        raw = string(value)
        if len(_names) >= NAMES_KEPT:
            _names.clear()
        _names[value] = raw
    return raw


def binary(value: bytes) -> bytes:
    """Return bytes."""
    size = len(value)
    if size < 0x100:
        return _size8(0xCC, size) + value
    if size < 0x10000:
        return _size16(0xCD, size) + value
    return _size32(0xCE, size) + value


class Packed:
    """A value that is said often, as bytes; the same in all dialects."""

    __slots__ = ("data",)

    def __init__(self, value: Any) -> None:
        self.data = Encoder(VERSION_5).value(value)


class Encoder:
    """Says values and answers in one dialect."""

    __slots__ = ("_has_element_ids", "_puts", "graph")

    def __init__(self, dialect: Dialect) -> None:
        self.graph = ""
        """The identity of the graph that the entities said next are of; see ``Graph.uuid``."""
        self._has_element_ids = dialect.has_element_ids
        self._puts: dict[type, Put] = {
            type(None): lambda _, out: out.append(0xC0),
            bool: lambda value, out: out.append(0xC3 if value else 0xC2),
            int: lambda value, out: out.extend(integer(value)),
            float: lambda value, out: out.extend(_float(0xC1, value)),
            str: lambda value, out: out.extend(string(value)),
            bytes: lambda value, out: out.extend(binary(value)),
            list: self.put_list,
            tuple: self.put_list,
            dict: self.put_map,
            Node: self._put_node,
            Relationship: self._put_relationship,
            Path: self._put_path,
            Packed: lambda value, out: out.extend(value.data),
        }
        for kind, dehydrate in dialect.dehydrate.items():
            self._puts[kind] = self._structure(dehydrate)

    @staticmethod
    def _structure(dehydrate: Dehydrate) -> Put:
        def put(value: Any, out: bytearray) -> None:
            tag, fields = dehydrate(value)
            out.append(0xB0 + len(fields))
            out.append(ord(tag))
            for field in fields:
                out += string(field) if isinstance(field, str) else integer(field)

        return put

    # Values

    def put(self, value: Any, out: bytearray) -> None:
        """Add a value. Raises Limit for what is nested too deeply."""
        put = self._puts.get(value.__class__)
        if put is None:
            raise Internal(f"a {value.__class__.__name__} left the engine")
        put(value, out)

    def put_list(self, values: Sequence[Any], out: bytearray) -> None:
        """Add a list."""
        out += _head(len(values), _LISTS, 0xD4)
        self._put_all(values, out)

    def _put_all(self, values: Iterable[Any], out: bytearray) -> None:
        puts = self._puts
        for value in values:
            kind = value.__class__
            if kind is str:
                out += string(value)
            elif kind is int and -16 <= value < 128:
                out += SMALL[value]
            else:
                put = puts.get(kind)
                if put is None:
                    raise Internal(f"a {kind.__name__} left the engine")
                put(value, out)

    def put_map(self, values: Mapping[str, Any], out: bytearray) -> None:
        """Add a map."""
        out += _head(len(values), _MAPS, 0xD8)
        puts = self._puts
        for key, value in values.items():
            out += _names.get(key) or name(key)
            kind = value.__class__
            if kind is str:
                out += string(value)
            else:
                put = puts.get(kind)
                if put is None:
                    raise Internal(f"a {kind.__name__} left the engine")
                put(value, out)

    # Entities. One that the query has deleted has nothing left but its identity.

    def _node_id(self, id: int) -> bytes:
        return string(f"4:{self.graph}:{id}")

    def _put_contents(self, entity: Node | Relationship, out: bytearray) -> None:
        if entity.deleted:
            out.append(0xA0)
        else:
            self.put_map(entity.properties, out)

    def _put_node(self, node: Node, out: bytearray) -> None:
        out += b"\xb4N" if self._has_element_ids else b"\xb3N"
        out += integer(node.id)
        labels = () if node.deleted else sorted(node.labels)
        out += _head(len(labels), _LISTS, 0xD4)
        for label in labels:
            out += _names.get(label) or name(label)
        self._put_contents(node, out)
        if self._has_element_ids:
            out += self._node_id(node.id)

    def _put_relationship(self, relationship: Relationship, out: bytearray) -> None:
        out += b"\xb8R" if self._has_element_ids else b"\xb5R"
        out += integer(relationship.id)
        out += integer(relationship.start_id)
        out += integer(relationship.end_id)
        self._put_rest(relationship, out)
        if self._has_element_ids:
            out += self._node_id(relationship.start_id)
            out += self._node_id(relationship.end_id)

    def _put_rest(self, relationship: Relationship, out: bytearray) -> None:
        out += name(relationship.type)
        self._put_contents(relationship, out)
        if self._has_element_ids:
            out += string(f"5:{self.graph}:{relationship.id}")

    def _put_path(self, path: Path, out: bytearray) -> None:
        """Add a path: its nodes and relationships, each once, and which of them it passes."""
        nodes: dict[int, int] = {path.nodes[0].id: 0}
        relationships: dict[int, int] = {}
        distinct_nodes = [path.nodes[0]]
        distinct: list[Relationship] = []
        way = []
        at = path.nodes[0]
        for relationship, after in zip(path.relationships, path.nodes[1:], strict=True):
            if relationship.id not in relationships:
                distinct.append(relationship)
                relationships[relationship.id] = len(distinct)
            if after.id not in nodes:
                nodes[after.id] = len(distinct_nodes)
                distinct_nodes.append(after)
            number = relationships[relationship.id]
            way.append(number if relationship.start_id == at.id else -number)
            way.append(nodes[after.id])
            at = after
        out += b"\xb3P"
        out += _head(len(distinct_nodes), _LISTS, 0xD4)
        for node in distinct_nodes:
            self._put_node(node, out)
        out += _head(len(distinct), _LISTS, 0xD4)
        for relationship in distinct:
            out += b"\xb4r" if self._has_element_ids else b"\xb3r"
            out += integer(relationship.id)
            self._put_rest(relationship, out)
        self.put_list(way, out)

    def value(self, value: Any) -> bytes:
        """Return one value."""
        out = bytearray()
        self.put(value, out)
        return bytes(out)

    # Answers

    def records(self, rows: Iterable[Sequence[Any]]) -> bytes:
        """Return a RECORD for each row. Raises Limit for a value that is nested too deeply."""
        out = bytearray()
        try:
            for row in rows:
                start = len(out)
                out += b"\0\0\xb1\x71"
                out += _head(len(row), _LISTS, 0xD4)
                self._put_all(row, out)
                _close(out, start)
        except RecursionError:  # a list in a list in a list …, which a query can make
            raise Limit(
                "a value is nested too deeply to be sent", "statement_too_complex"
            ) from None
        return bytes(out)

    def success(self, metadata: Mapping[str, Any]) -> bytes:
        """Return a SUCCESS."""
        return self._summary(Tag.SUCCESS, metadata)

    def failure(self, metadata: Mapping[str, Any]) -> bytes:
        """Return a FAILURE."""
        return self._summary(Tag.FAILURE, metadata)

    def _summary(self, tag: int, metadata: Mapping[str, Any]) -> bytes:
        out = bytearray((0, 0, 0xB1, tag))
        self.put_map(metadata, out)
        _close(out, 0)
        return bytes(out)


def _close(out: bytearray, start: int) -> None:
    """End the message that begins there with room for the size of a chunk."""
    size = len(out) - start - 2
    if size <= CHUNK_BYTES_MAX:
        _size(out, start, size)
        out += b"\0\0"
        return
    message = bytes(out[start + 2 :])
    del out[start:]
    for at in range(0, size, CHUNK_BYTES_MAX):
        chunk = message[at : at + CHUNK_BYTES_MAX]
        out += len(chunk).to_bytes(2, "big")
        out += chunk
    out += b"\0\0"


SUCCESS = b"\x00\x03\xb1\x70\xa0\x00\x00"
"""A SUCCESS that says nothing more."""

IGNORED = b"\x00\x02\xb0\x7e\x00\x00"
"""The answer to what is not performed."""
