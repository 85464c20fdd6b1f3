"""How answers are spelled: the bodies of section 4.2.

Columns are whatever has a keyspace, a table, a name and a type. Rows come encoded:
``values/cql`` knows how values are written.

Source: native_protocol_v3.spec, v4 and v5, sections 3 and 4.2.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from fivefold.values.cql.options import type_option
from fivefold.values.cql.types import CqlType
from fivefold.wire.cassandra.messages import RowsFlag

_int = struct.Struct(">i").pack
_short = struct.Struct(">H").pack

NULL = b"\xff\xff\xff\xff"

VOID = _int(1)


class Column(Protocol):
    """A column of rows, or a marker."""

    @property
    def keyspace(self) -> str: ...
    @property
    def table(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def type(self) -> CqlType: ...


class Change(Protocol):
    """What changed in the schema."""

    @property
    def change(self) -> str: ...
    @property
    def target(self) -> str: ...
    @property
    def keyspace(self) -> str: ...
    @property
    def name(self) -> str: ...


def string(text: str) -> bytes:
    """Return a [string]; what is too long for one is cut."""
    raw = text.encode("utf-8", "replace")
    if len(raw) > 0xFFFF:
        raw = raw[:0xFFFF].decode("utf-8", "ignore").encode()
    return _short(len(raw)) + raw


def strings(texts: Iterable[str]) -> bytes:
    """Return a [string list]."""
    said = [string(text) for text in texts]
    return _short(len(said)) + b"".join(said)


def long_bytes(value: bytes | None) -> bytes:
    """Return a [bytes]."""
    return NULL if value is None else _int(len(value)) + value


def short_bytes(value: bytes) -> bytes:
    """Return a [short bytes]."""
    return _short(len(value)) + value


def supported(options: Mapping[str, Sequence[str]]) -> bytes:
    """Return the body of SUPPORTED."""
    said = [string(name) + strings(values) for name, values in options.items()]
    return _short(len(said)) + b"".join(said)


def address(host: bytes, port: int) -> bytes:
    """Return an [inet] of the 4 or 16 bytes of an address."""
    return bytes((len(host),)) + host + _int(port)


# Results


def set_keyspace(name: str) -> bytes:
    """Return the body of a result: USE."""
    return _int(3) + string(name)


def change(said: Change) -> bytes:
    """Return what a change of the schema is, in results and events."""
    found = string(said.change) + string(said.target) + string(said.keyspace)
    return found if said.target == "KEYSPACE" else found + string(said.name)


def schema_change(said: Change) -> bytes:
    """Return the body of a result: a change of the schema."""
    return _int(5) + change(said)


def columns(specs: Sequence[Column], version: int) -> tuple[int, bytes]:
    """Return the flag and the bytes of columns: their table, said once if it is the same one."""
    tables = {(spec.keyspace, spec.table) for spec in specs}
    if len(tables) == 1:
        ((keyspace, table),) = tables
        said = [string(keyspace), string(table)]
        for spec in specs:
            said += (string(spec.name), type_option(spec.type, version))
        return RowsFlag.GLOBAL_TABLE, b"".join(said)
    said = []
    for spec in specs:
        said += (string(spec.keyspace), string(spec.table), string(spec.name))
        said.append(type_option(spec.type, version))
    return 0, b"".join(said)


class Metadata:
    """What is said of the columns of rows; made once for a statement.

    ``id`` stands for it from version 5 on: it is another one if a column is.
    """

    __slots__ = ("_count", "_flag", "_head", "_short_head", "_specs", "id")

    def __init__(self, specs: Sequence[Column], version: int) -> None:
        self._flag, self._specs = columns(specs, version)
        self._count = _int(len(specs))
        self.id = hashlib.blake2b(self._count + self._specs, digest_size=16).digest()
        self._head = _int(2) + _int(self._flag) + self._count + self._specs
        self._short_head = _int(2) + _int(RowsFlag.NO_METADATA) + self._count

    def result(self) -> bytes:
        """Return what PREPARE is answered about the rows."""
        return _int(self._flag) + self._count + self._specs

    def rows(
        self,
        count: int,
        rows: bytes,
        paging: bytes | None = None,
        *,
        skip: bool = False,
        changed: bool = False,
    ) -> bytes:
        """Return the body of a result: rows.

        ``skip``: the client knows the columns; ``changed``: it believes that they are others.
        """
        if paging is None and not changed:
            return b"".join((self._short_head if skip else self._head, _int(count), rows))
        flags = RowsFlag.NO_METADATA if skip and not changed else self._flag
        said = [b"", b"", self._count]
        if paging is not None:
            flags |= RowsFlag.MORE_PAGES
            said.append(long_bytes(paging))
        if changed:
            flags |= RowsFlag.METADATA_CHANGED
            said.append(short_bytes(self.id))
        said[:2] = _int(2), _int(flags)
        if not flags & RowsFlag.NO_METADATA:
            said.append(self._specs)
        return b"".join((*said, _int(count), rows))


NO_RESULT = _int(RowsFlag.NO_METADATA) + _int(0)
"""What PREPARE is answered about the rows of a statement that returns none."""

NO_RESULT_ID = hashlib.blake2b(b"", digest_size=16).digest()


def prepared(
    id: bytes,
    markers: Sequence[Column],
    partition: Sequence[int],
    metadata: Metadata | None,
    version: int,
) -> bytes:
    """Return the body of a result: PREPARE.

    ``partition`` are the places of the markers that are the partition key, from version 4 on.
    """
    said = [_int(4), short_bytes(id)]
    if version >= 5:
        said.append(short_bytes(NO_RESULT_ID if metadata is None else metadata.id))
    flag, specs = columns(markers, version)
    said += (_int(flag), _int(len(markers)))
    if version >= 4:
        said.append(_int(len(partition)))
        said += [_short(place) for place in partition]
    said += (specs, NO_RESULT if metadata is None else metadata.result())
    return b"".join(said)


# What goes before a body


def traced(id: bytes, body: bytes) -> bytes:
    """Return a body that says where its trace is found."""
    return id + body


def warned(warnings: Sequence[str], body: bytes) -> bytes:
    """Return a body with warnings; the trace goes before them."""
    return strings(warnings) + body


# Events


def schema_event(said: Change) -> bytes:
    """Return the body of an event: a change of the schema."""
    return string("SCHEMA_CHANGE") + change(said)


def status_event(what: str, host: bytes, port: int) -> bytes:
    """Return the body of an event: a node is UP, or DOWN."""
    return string("STATUS_CHANGE") + string(what) + address(host, port)


def topology_event(what: str, host: bytes, port: int) -> bytes:
    """Return the body of an event: NEW_NODE or REMOVED_NODE."""
    return string("TOPOLOGY_CHANGE") + string(what) + address(host, port)
