"""What a statement of CQL returns, and what it is run with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fivefold.values.cql.types import CqlType
from fivefold.values.records import Record
from fivefold.values.types import Stored


class ColumnSpec(Record):
    """A column of rows, or a marker that takes a value: of which table, its name and type."""

    keyspace: str
    table: str
    name: str
    type: CqlType


class SchemaChange(Record):
    """What a change of the schema changed; see section 4.2.5.5 of the protocol's specification.

    ``change``: CREATED, UPDATED or DROPPED; ``target``: KEYSPACE, TABLE or TYPE, of ``name``.
    """

    change: str
    target: str
    keyspace: str
    name: str = ""


class Rows(Record):
    """Rows in stored form. ``paging`` is the state to go on from; None: there are no more."""

    columns: Sequence[ColumnSpec]
    rows: Sequence[Sequence[Stored]]
    paging: bytes | None = None
    warnings: Sequence[str] = ()


class Void(Record):
    """Nothing to tell."""

    warnings: Sequence[str] = ()


class KeyspaceSet(Record):
    """USE: the session's keyspace is another one."""

    keyspace: str


class Changed(Record):
    """The schema has changed; no ``change``: it was so already."""

    change: SchemaChange | None
    warnings: Sequence[str] = ()


Result = Rows | Void | KeyspaceSet | Changed


class Options(Record):
    """How a statement is run; see section 4.1.4 of the protocol's specification.

    ``page_size`` counts rows, ``paging`` is the state to go on from. ``timestamp`` counts
    microseconds since 1970 and is that of writes that do not say theirs; ``now_s``, seconds, is
    there for tests of expiry, as in version 5. Consistencies are the protocol's numbers.
    """

    page_size: int | None = None
    paging: bytes | None = None
    timestamp: int | None = None
    now_s: int | None = None
    consistency: int = 1
    serial_consistency: int = 8


NO_OPTIONS = Options()

Parameters = Sequence[Any]
"""In the order of the markers: each in stored form, None or UNSET."""
