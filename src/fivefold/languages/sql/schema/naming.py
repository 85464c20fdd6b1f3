"""Chooses names for constraints, indexes and sequences, as PostgreSQL does.

Source: PostgreSQL's naming in "CREATE TABLE" and "CREATE INDEX" as observed: table_column_suffix,
cut to 63
bytes by shortening the longer of table and column, then numbered from 1 until free.
"""

from __future__ import annotations

from collections.abc import Iterable

from fivefold.catalog.catalog import Catalog
from fivefold.catalog.containers import Table
from fivefold.languages.sql.tokens import NAME_BYTES_MAX


def object_name(table: str, column: str, suffix: str) -> str:
    """Join the three, shortened to fit."""
    one, two = table.encode(), column.encode()
    room = NAME_BYTES_MAX - len(suffix) - 1 - (1 if column else 0)
    while len(one) + len(two) > room:
        if len(one) > len(two):
            one = one[:-1]
        else:
            two = two[:-1]
    parts = [part.decode(errors="ignore") for part in (one, two) if part]
    return "_".join([*parts, suffix])


def joined(columns: Iterable[str]) -> str:
    """Return the columns' part of an index's name; one that is met again gets a number."""
    made: list[str] = []
    for column in columns:
        name, count = column, 0
        while name in made:
            count += 1
            name = f"{column}{count}"
        made.append(name)
    return "_".join(made)


def taken_names(catalog: Catalog, namespace: str) -> set[str]:
    """Return the names of relations, indexes and constraints of a namespace."""
    names: set[str] = set()
    for (owner, name), container in catalog.containers.items():
        if owner != namespace:
            continue
        names.add(name)
        if isinstance(container, Table):
            names.update(constraint_names(container))
            names.update(index.name for index in container.indexes)
    return names


def constraint_names(table: Table) -> Iterable[str]:
    for group in (table.keys, table.foreign_keys, table.checks):
        for constraint in group:
            yield constraint.name


def free_name(taken: set[str], table: str, column: str, suffix: str) -> str:
    """Return the first such name that is free, and take it."""
    name, count = object_name(table, column, suffix), 0
    while name in taken:
        count += 1
        name = object_name(table, column, f"{suffix}{count}")
    taken.add(name)
    return name
