"""The containers that a column family is in the catalog, and the changes between two forms of it.

What is laid where: see ``models.widecolumn.layout``. A definition makes the family as it shall be;
``changes`` finds out what that means for the tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from fivefold.catalog.catalog import Catalog
from fivefold.catalog.changes import (
    AlterTable,
    Bound,
    Change,
    CreateContainer,
    CreateIndex,
    Describe,
    DropContainer,
    DropIndex,
)
from fivefold.catalog.containers import Container, Family, FamilyIndex, Table, View
from fivefold.languages.cql.indexed import is_tabled
from fivefold.languages.cql.schema.columns import column_family
from fivefold.languages.cql.schema.shown import view
from fivefold.languages.cql.schema.typing import UserTypes, types_of
from fivefold.languages.cql.tables import Column, ColumnFamily
from fivefold.models.widecolumn import layout
from fivefold.values.types import BYTEA

Laid = dict[str, Container]
"""Containers by name, in the order in which they are made."""


def laid(keyspace: str, name: str, family: Family, types: UserTypes) -> Laid:
    """Return the containers of a column family."""
    resolved = column_family(keyspace, name, family, types)
    found: list[Container] = [_rows(resolved)]
    if resolved.static:
        found.append(_static(resolved))
    if family.past:
        found.append(layout.past_table(keyspace, name))
    found += [_index_table(resolved, index) for index in tabled(resolved)]
    found.append(view(resolved))
    return {container.name: container for container in found}


def _rows(family: ColumnFamily) -> Table:
    return layout.rows_table(
        family.keyspace,
        family.name,
        _key(family.partition),
        _key(family.clustering),
        [(column.name, column.codec.store) for column in family.regular],
        [column.name for column in family.clustering if column.descending],
        counter=family.is_counter,
        expires=family.family.expires and not family.is_counter,
        indexes=[
            (index.name, index.column)
            for index in plain(family)
            if family.by_name[index.column].kind != "static"
        ],
    )


def _static(family: ColumnFamily) -> Table:
    return layout.static_table(
        family.keyspace,
        family.name,
        _key(family.partition),
        [(column.name, column.codec.store) for column in family.static],
        expires=family.family.expires,
        indexes=[
            (index.name, index.column)
            for index in plain(family)
            if family.by_name[index.column].kind == "static"
        ],
    )


def _index_table(family: ColumnFamily, index: FamilyIndex) -> Table:
    static = family.by_name[index.column].kind == "static"
    return layout.index_table(
        family.keyspace,
        family.name,
        index.name,
        _key(family.partition),
        () if static else _key(family.clustering),
    )


def _key(columns: Sequence[Column]) -> layout.Columns:
    return [
        (
            column.name,
            BYTEA
            if column.kind == "clustering" and not column.codec.ordered
            else column.codec.store,
        )
        for column in columns
    ]


def tabled(family: ColumnFamily) -> Iterator[FamilyIndex]:
    """Yield the indexes that are tables."""
    for index in family.indexes:
        if is_tabled(family.by_name[index.column]):
            yield index


def plain(family: ColumnFamily) -> Iterator[FamilyIndex]:
    """Yield the indexes that the store keeps."""
    for index in family.indexes:
        if not is_tabled(family.by_name[index.column]):
            yield index


def bound(table: Table) -> Bound:
    """Return the parts of a table's indexes, and their conditions, as stores take them."""
    parts = [part.expression for index in table.indexes for part in index.parts]
    found = {part: layout.quoted(part) for part in parts}
    return found | {index.where: index.where for index in table.indexes if index.where}


def made(containers: Laid) -> Iterator[Change]:
    """Yield the changes that make containers."""
    for container in containers.values():
        yield _made(container)


def _made(container: Container) -> Change:
    if isinstance(container, Table):
        return CreateContainer(container, bound(container))
    return CreateContainer(container)


def dropped(containers: Laid) -> Iterator[Change]:
    """Yield the changes that drop containers."""
    for container in reversed(containers.values()):
        yield DropContainer(container)


def changed(
    catalog: Catalog, old: Laid, new: Laid, renamed: Mapping[str, str] | None = None
) -> Iterator[Change]:
    """Yield the changes that turn containers into others; ``renamed`` are columns, old to new.

    A table's columns stay in the order in which it has them, and new ones come behind.
    """
    yield from _views_changed(old, new, first=True)
    for name, container in reversed(old.items()):
        if isinstance(container, Table) and name not in new:
            yield DropContainer(container)
    for name, container in new.items():
        if not isinstance(container, Table):
            continue
        before = old.get(name)
        if isinstance(before, Table):
            there = catalog.find(before.namespace, name)
            assert isinstance(there, Table)
            after = _in_order(there, container, renamed or {})
            yield from _altered(there, after, renamed or {})
        else:
            yield _made(container)
    yield from _views_changed(old, new, first=False)


def _views_changed(old: Laid, new: Laid, *, first: bool) -> Iterator[Change]:
    """Yield what happens to the view: it is only described anew if it shows the same."""
    for name, container in new.items():
        before = old.get(name)
        if not isinstance(container, View) or not isinstance(before, View) or before == container:
            continue
        if before.query == container.query and before.columns == container.columns:
            if not first:
                yield Describe(before, container)
        else:
            yield DropContainer(before) if first else CreateContainer(container)


def _in_order(old: Table, new: Table, renamed: Mapping[str, str]) -> Table:
    """Return the new table with the columns that stay in the order of the old one."""
    wanted = {column.name: column for column in new.columns}
    stay = [renamed.get(column.name, column.name) for column in old.columns]
    first = [wanted.pop(name) for name in stay if name in wanted]
    return replace(new, columns=(*first, *wanted.values()))


def _altered(old: Table, new: Table, renamed: Mapping[str, str]) -> Iterator[Change]:
    kept = {index.name: index for index in new.indexes}
    current = old
    for index in old.indexes:
        if index.name not in kept:
            current = replace(
                current, indexes=tuple(one for one in current.indexes if one is not index)
            )
            yield DropIndex(replace(current, indexes=(*current.indexes, index)), index)
    there = {index.name for index in current.indexes}
    fewer = replace(new, indexes=tuple(index for index in new.indexes if index.name in there))
    if fewer != current:
        columns = tuple(
            (before, after)
            for before, after in renamed.items()
            if current.column(before) is not None
        )
        yield AlterTable(current, fewer, columns, bound=bound(fewer))
        current = fewer
    for index in new.indexes:
        if index.name not in there:
            yield CreateIndex(current, index, bound(replace(current, indexes=(index,))))
            current = replace(current, indexes=(*current.indexes, index))


def flagged(
    catalog: Catalog, keyspace: str, name: str, *, past: bool = False, expires: bool = False
) -> tuple[Change, ...]:
    """Return the changes after which it is known that something was deleted, or will expire."""
    found = catalog.find(keyspace, name)
    assert isinstance(found, View), name
    assert found.family is not None, name
    family = found.family
    new = replace(family, past=family.past or past, expires=family.expires or expires)
    types = types_of(catalog, keyspace)
    old = laid(keyspace, name, family, types)
    return tuple(changed(catalog, old, laid(keyspace, name, new, types)))
