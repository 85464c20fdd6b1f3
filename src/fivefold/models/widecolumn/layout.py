"""How column families lie in tables.

The column family ``shop.events`` is what SQL sees as the view ``shop.events``; it carries what
there is to know about it (``catalog.containers.Family``). Its rows are those of
``shop."events$"``, clustered by the token of their partition, the partition key and the
clustering columns in the order declared: a slice of a partition is one range of that table, and the
whole table is in the order in which Cassandra reads it. Besides its columns it has

- ``written$``: the timestamp, microseconds since 1970, of the row and of all its cells that are
  not null and that ``cells$`` does not name;
- ``cells$``: what differs from that, JSON, or null; see ``cells``;
- ``expires$``: the second since 1970 from which on something of the row is gone, or null.

A row lies there exactly as long as Cassandra would show it, but for what has expired and was not
yet reclaimed: who reads a row whose ``expires$`` has not come needs nothing but its columns.
What was deleted, and has to be known until ``gc_grace_seconds`` have passed, because a write with
an older timestamp may still come, lies in ``shop."events$past"``. It is there from the first
deletion on (``Family.past``), and only writes look there. Static columns are a row of
``shop."events$static"`` for each partition. An index ``i`` of a column is the store's; that of
a collection, or of a column whose values are equal though they are stored otherwise, is the table
``shop."events$i$i"``. A counter has its number and no timestamp.

The namespace of a keyspace has the view ``"keyspace$"``, which carries
``catalog.containers.Keyspace``.
"""

from __future__ import annotations

from collections.abc import Sequence

from fivefold.catalog.containers import (
    Column,
    Index,
    IndexPart,
    Key,
    Keyspace,
    Model,
    Table,
    View,
)
from fivefold.catalog.roles import Privilege
from fivefold.models.names import short
from fivefold.plan.statement import Access, Effort, Output, Statement, Template
from fivefold.values.types import BYTEA, INT4, INT8, TEXT, Type

TOKEN, WRITTEN, CELLS, EXPIRES = "token$", "written$", "cells$", "expires$"
EXPIRING = '"expires$" IS NOT NULL'
INDEXED = "key$"
"""The bytes by which an index that is a table finds rows: ``Codec.to_key`` of what they have."""
KEYSPACE_VIEW = "keyspace$"


def rows_name(family: str) -> str:
    """Return the name of the table of a column family's rows."""
    return short(f"{family}$")


def static_name(family: str) -> str:
    """Return the name of the table of its partitions' static columns."""
    return short(f"{family}$static")


def past_name(family: str) -> str:
    """Return the name of the table of what was deleted."""
    return short(f"{family}$past")


def index_name(family: str, index: str) -> str:
    """Return the name of the table, or of the store's index, of a secondary index."""
    return short(f"{family}$i${index}")


Columns = Sequence[tuple[str, Type]]
"""Names, and the types of stored forms."""


def rows_table(
    namespace: str,
    family: str,
    partition: Columns,
    clustering: Columns,
    others: Columns,
    descending: Sequence[str] = (),
    *,
    counter: bool = False,
    expires: bool = False,
    indexes: Sequence[tuple[str, str]] = (),
) -> Table:
    """Return the table of rows; ``indexes`` are (name, column) of those kept by the store.

    ``expires``: something in it does, so that what is to be reclaimed has to be found.
    """
    name = rows_name(family)
    key = (TOKEN, *(column for column, _ in (*partition, *clustering)))
    made = _own() if not counter else ()
    return Table(
        namespace,
        name,
        (
            Column(TOKEN, INT8, not_null=True),
            *(Column(column, type, not_null=True) for column, type in (*partition, *clustering)),
            *(Column(column, type) for column, type in others),
            *made,
        ),
        keys=(Key(f"{name}_pkey", key, primary=True, descending=tuple(descending)),),
        indexes=(*_kept_by_store(family, indexes), *_expiring(name, expires)),
        model=Model.WIDECOLUMN,
    )


def _kept_by_store(family: str, indexes: Sequence[tuple[str, str]]) -> tuple[Index, ...]:
    return tuple(
        Index(index_name(family, index), (IndexPart(column),)) for index, column in indexes
    )


def _expiring(table: str, expires: bool) -> tuple[Index, ...]:
    """Return the index of what expires, which has nothing of rows that last."""
    part = IndexPart(EXPIRES)
    return (Index(f"{table}_expires", (part,), where=EXPIRING),) if expires else ()


def static_table(
    namespace: str,
    family: str,
    partition: Columns,
    columns: Columns,
    *,
    expires: bool = False,
    indexes: Sequence[tuple[str, str]] = (),
) -> Table:
    """Return the table of static columns; ``indexes`` as those of ``rows_table``."""
    name = static_name(family)
    return Table(
        namespace,
        name,
        (
            Column(TOKEN, INT8, not_null=True),
            *(Column(column, type, not_null=True) for column, type in partition),
            *(Column(column, type) for column, type in columns),
            *_own(),
        ),
        keys=(Key(f"{name}_pkey", (TOKEN, *(column for column, _ in partition)), primary=True),),
        indexes=(*_kept_by_store(family, indexes), *_expiring(name, expires)),
        model=Model.WIDECOLUMN,
    )


def _own() -> tuple[Column, ...]:
    return (
        Column(WRITTEN, INT8, not_null=True),
        Column(CELLS, TEXT),
        Column(EXPIRES, INT8),
    )


PAST: dict[str, Type] = {
    "token": INT8,
    "partition": BYTEA,
    "low": BYTEA,
    "high": BYTEA,
    "at": INT8,
    "cells": TEXT,
    "second": INT4,
}
"""The columns of what was deleted, all but ``cells`` never null.

``partition`` is the partition key as the protocol writes it. What was deleted are the rows whose
clustering, as the bytes of ``cells.clustering_key``, is from ``low`` on and before ``high``; a
partition's static row has b"" and is before all of them. ``at`` is the newest timestamp that it
takes away, ``cells`` JSON if only cells of one row were, and ``second`` the moment of it, by which
it is reclaimed.
"""


def past_table(namespace: str, family: str) -> Table:
    """Return the table of what was deleted."""
    name = past_name(family)
    return Table(
        namespace,
        name,
        tuple(Column(column, type, column != "cells") for column, type in PAST.items()),
        keys=(Key(f"{name}_pkey", ("token", "partition", "low", "high", "at"), primary=True),),
        indexes=(
            Index(f"{name}_at", (IndexPart("token"), IndexPart("at"))),
            Index(f"{name}_second", (IndexPart("second"),)),
        ),
        model=Model.WIDECOLUMN,
    )


def index_table(
    namespace: str, family: str, index: str, partition: Columns, clustering: Columns
) -> Table:
    """Return the table of an index: keys of values or elements, and the rows that have them."""
    name = index_name(family, index)
    columns = (TOKEN, *(column for column, _ in (*partition, *clustering)))
    return Table(
        namespace,
        name,
        (
            Column(INDEXED, BYTEA, not_null=True),
            Column(TOKEN, INT8, not_null=True),
            *(Column(column, type, not_null=True) for column, type in (*partition, *clustering)),
        ),
        keys=(Key(f"{name}_pkey", (INDEXED, *columns), primary=True),),
        model=Model.WIDECOLUMN,
    )


def keyspace_view(namespace: str, keyspace: Keyspace) -> View:
    """Return the view that makes a namespace a keyspace."""
    return View(
        namespace,
        KEYSPACE_VIEW,
        "SELECT 1 AS keyspace",
        (Column("keyspace", INT4),),
        model=Model.WIDECOLUMN,
        keyspace=keyspace,
    )


def quoted(name: str) -> str:
    """Return a column's name as every store reads it."""
    return '"' + name.replace('"', '""') + '"'


def statement(
    text: str,
    containers: dict[str, tuple[str, str]],
    parameters: Sequence[Type] = (),
    outputs: Columns | None = None,
    *,
    writes: bool = False,
    effort: Effort = Effort.POINT,
) -> Statement:
    """Return a statement over such tables: braces name ``containers``, ``?`` are parameters."""
    privilege = Privilege.WRITE if writes else Privilege.READ
    return Statement(
        Template(text, containers),
        parameters=tuple(parameters),
        outputs=None if outputs is None else tuple(Output(*each) for each in outputs),
        accesses=tuple(Access(*each, privilege) for each in containers.values()),
        writes=writes,
        effort=effort,
    )
