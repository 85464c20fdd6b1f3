"""The system relations: names, columns and types, exactly PostgreSQL 15's.

They lie in ``relations.txt``, one a line: namespace, name, oid (0 where PostgreSQL has no fixed
one), kind (r or v), then columns with their types, those that are never null with a ``!``. A
domain of information_schema stands as the type below it, as the protocol shows it too; a type
that fivefold does not have, and whose columns are always null, as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from fivefold.catalog.containers import Column, Table
from fivefold.catalog.oids import Of, oid_of
from fivefold.values.names import type_named
from fivefold.values.records import Record
from fivefold.values.types import TEXT, Type, array_of

NAMESPACES = ("pg_catalog", "information_schema")
FOLDER = Path(__file__).parent
_UNBUILT = frozenset(
    {"anyarray", "inet", "pg_dependencies", "pg_lsn", "pg_mcv_list", "pg_ndistinct"}
    | {"pg_statistic[]"}
)


class Definition(Record):
    """One system relation; ``kind`` is pg_class.relkind."""

    table: Table
    oid: int
    kind: str

    @property
    def key(self) -> str:
        """The name by which rows are asked for: 'pg_class', 'information_schema.tables'."""
        table = self.table
        return table.name if table.namespace == "pg_catalog" else f"{table.namespace}.{table.name}"


def find(namespace: str, name: str) -> Table | None:
    """Return the system relation of that name, or None."""
    found = relations().get((namespace, name))
    return None if found is None else found.table


@cache
def relations() -> Mapping[tuple[str, str], Definition]:
    """Return all of them by namespace and name."""
    made = {}
    for line in (FOLDER / "relations.txt").read_text().splitlines():
        head, _, columns = line.partition(": ")
        namespace, name, oid, kind = head.split()
        table = Table(namespace, name, tuple(_column(each) for each in columns.split(", ")))
        number = int(oid) or oid_of(Of.RELATION, namespace, name)
        made[namespace, name] = Definition(table, number, kind)
    return made


def _column(text: str) -> Column:
    name, _, type_ = text.partition(" ")
    return Column(name, _type(type_.removesuffix("!")), not_null=type_.endswith("!"))


@cache
def _type(name: str) -> Type:
    if name in _UNBUILT:
        return TEXT
    found = type_named(name.removesuffix("[]"))
    assert found is not None, name
    return array_of(found) if name.endswith("[]") else found
