"""Changes of schema on SQLite, inside the open transaction, and their record in the catalog.

SQLite can add, drop and rename a column but not change a constraint. What its documentation
allows instead is to rewrite the table's text in ``sqlite_schema`` as long as the rows on disk
need no other form. So an ALTER TABLE here: (1) takes all constraints out of the text, (2) adds,
drops and renames columns by SQLite's own statements, (3) converts values by UPDATE, (4) writes the
final text, (5) checks the rows against each new constraint. No row is copied and no foreign
key's action fires. Source: sqlite.org/lang_altertable.html, section 8.

Unique constraints are unique indexes of their own, so that they come and go freely; only the
primary key stands inside the table's text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import apsw

from fivefold.catalog import codec
from fivefold.catalog.catalog import Catalog
from fivefold.catalog.changes import (
    AlterSequence,
    AlterTable,
    AlterType,
    Bound,
    Change,
    CreateContainer,
    CreateIndex,
    CreateNamespace,
    Describe,
    DescribeNamespace,
    DropContainer,
    DropIndex,
    DropNamespace,
    SetRole,
)
from fivefold.catalog.containers import Column, Container, Index, IndexPart, Key, Sequence, Table
from fivefold.catalog.roles import Role
from fivefold.errors import InvalidValue, Unsupported, Violation
from fivefold.stores.sqlite import actions, deferring, doubles, rebuild, reflect
from fivefold.stores.sqlite.ddl import (
    expression_text,
    index_text,
    null_index_text,
    table_text,
)
from fivefold.stores.sqlite.names import index_name, null_index_name, quote, rowid_key, table_name
from fivefold.values.types import Row

OWN_TABLES = """
CREATE TABLE IF NOT EXISTS fivefold_meta (name TEXT PRIMARY KEY, value ANY) WITHOUT ROWID, STRICT;
CREATE TABLE IF NOT EXISTS fivefold_namespaces (name TEXT PRIMARY KEY) WITHOUT ROWID, STRICT;
CREATE TABLE IF NOT EXISTS fivefold_containers (
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    definition TEXT NOT NULL,  -- JSON, see fivefold/catalog/codec.py
    store_table TEXT,          -- the table that holds it, if one does
    store_text TEXT,           -- that table's text when the definition was written
    PRIMARY KEY (namespace, name)
) WITHOUT ROWID, STRICT;
CREATE TABLE IF NOT EXISTS fivefold_sequences (
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    last_value INTEGER NOT NULL,
    is_called INTEGER NOT NULL,
    increment INTEGER NOT NULL,
    minimum INTEGER NOT NULL,
    maximum INTEGER NOT NULL,
    cycle INTEGER NOT NULL,
    PRIMARY KEY (namespace, name)
) WITHOUT ROWID, STRICT;
INSERT OR IGNORE INTO fivefold_meta VALUES ('catalog_version', 0), ('format', 1);
INSERT OR IGNORE INTO fivefold_namespaces VALUES ('public');
"""


def apply(raw: apsw.Connection, change: Change, catalog: Catalog) -> None:
    """Carry out one change. Raises InvalidStatement or Violation if the rows forbid it."""
    if not reflect.has_catalog(raw):
        raw.execute(OWN_TABLES)
    match change:
        case CreateNamespace(name):
            raw.execute("INSERT INTO fivefold_namespaces VALUES (?)", (name,))
        case DropNamespace(name):
            raw.execute("DELETE FROM fivefold_namespaces WHERE name = ?", (name,))
        case CreateContainer(container, bound):
            create(raw, container, bound)
        case DropContainer(container):
            _drop(raw, container, catalog)
        case CreateIndex(table, index, bound):
            _create_index(raw, table, index, bound)
            record(raw, replace(table, indexes=(*table.indexes, index)))
        case DropIndex(table, index):
            _drop_index(raw, table.namespace, index)
            kept = tuple(each for each in table.indexes if each.name != index.name)
            record(raw, replace(table, indexes=kept))
        case AlterTable(old, new) if _same_rows(old, new):
            record(raw, new)
        case AlterTable():
            _alter(raw, change)
        case AlterSequence(sequence, new_sequence, restart):
            _alter_sequence(raw, sequence, new_sequence, restart)
        case AlterType():
            _alter_type(raw, change)
        case Describe(_, container):
            record(raw, container)
        case DescribeNamespace(name, comment):
            raw.execute("DELETE FROM fivefold_meta WHERE name = ?", (f"{reflect.COMMENT}{name}",))
            if comment is not None:
                values = (f"{reflect.COMMENT}{name}", comment)
                raw.execute("INSERT INTO fivefold_meta VALUES (?, ?)", values)
        case SetRole(old_role, role):
            _set_role(raw, old_role, role)
    stamp(raw)


def stamp(raw: apsw.Connection) -> None:
    """Raise the catalog's version and note every table's text as it stands now."""
    raw.execute(
        "UPDATE fivefold_containers SET store_text = made.sql"
        " FROM (SELECT name, sql FROM sqlite_schema WHERE type = 'table') AS made"
        " WHERE store_table = made.name AND store_text IS NOT made.sql"
    )
    raw.execute("UPDATE fivefold_meta SET value = value + 1 WHERE name = 'catalog_version'")


def record(raw: apsw.Connection, container: Container) -> None:
    """Have the catalog describe a container that is there."""
    stored = table_name(container.namespace, container.name)
    raw.execute(
        "INSERT OR REPLACE INTO fivefold_containers VALUES (?, ?, ?, ?, NULL)",
        (
            container.namespace,
            container.name,
            codec.encode(container),
            stored if isinstance(container, Table) else None,
        ),
    )


def _forget(raw: apsw.Connection, container: Container) -> None:
    raw.execute(
        "DELETE FROM fivefold_containers WHERE namespace = ? AND name = ?",
        (container.namespace, container.name),
    )


def _set_role(raw: apsw.Connection, old: Role | None, new: Role | None) -> None:
    raw.execute(
        f"CREATE TABLE IF NOT EXISTS {reflect.ROLES}"
        " (name TEXT PRIMARY KEY, definition TEXT NOT NULL) WITHOUT ROWID, STRICT"
    )
    if old is not None:
        raw.execute(f"DELETE FROM {reflect.ROLES} WHERE name = ?", (old.name,))
    if new is not None:
        raw.execute(
            f"INSERT OR REPLACE INTO {reflect.ROLES} VALUES (?, ?)", (new.name, codec.encode(new))
        )


def create(raw: apsw.Connection, container: Container, bound: Bound) -> None:
    """Make a container, and have the catalog describe it."""
    if isinstance(container, Table):
        _refuse_folded(raw, table_name(container.namespace, container.name))
        raw.execute(table_text(container, bound))
        for index in _all_indexes(container).values():
            _create_index(raw, container, index, bound)
        doubles.watch(raw, container)
        actions.watch(raw, container)
    elif isinstance(container, Sequence):
        raw.execute(
            "INSERT INTO fivefold_sequences VALUES (?, ?, ?, 0, ?, ?, ?, ?)",
            (
                container.namespace,
                container.name,
                container.start,
                container.increment,
                container.minimum,
                container.maximum,
                int(container.cycle),
            ),
        )
    record(raw, container)


def _refuse_folded(raw: apsw.Connection, name: str) -> None:
    """Raise Unsupported for a name that SQLite cannot tell from another, in capitals or not."""
    others = "SELECT name FROM sqlite_schema WHERE name = ? COLLATE NOCASE AND name <> ?"
    for (other,) in raw.execute(others, (name, name)):
        raise Unsupported(
            f'names that differ in capitals only, as "{name}" and "{other}", are not supported in'
            " a file",
            hint="Choose another name, or keep the database in PostgreSQL.",
        )


def _drop(raw: apsw.Connection, container: Container, catalog: Catalog) -> None:
    if isinstance(container, Table):
        deferring.refuse_pending(raw, container, "DROP TABLE")
        actions.unwatch(raw, container)
        # DROP TABLE deletes the rows first, which must not set off the actions of foreign keys:
        # the language has already refused or dropped whatever still points here, but itself.
        place = (container.namespace, container.name)
        stored = table_name(*place)
        if any(key.target == place for key in container.foreign_keys):
            _rewrite(raw, stored, table_text(container, {}, bare=True))
        raw.execute(f"DROP TABLE {quote(stored)}")
        for sequence in catalog.owned_sequences(container):
            _drop(raw, sequence, catalog)
    elif isinstance(container, Sequence):
        raw.execute(
            "DELETE FROM fivefold_sequences WHERE namespace = ? AND name = ?",
            (container.namespace, container.name),
        )
    _forget(raw, container)


def _alter_sequence(
    raw: apsw.Connection, old: Sequence, new: Sequence, restart: int | None
) -> None:
    place = (old.namespace, old.name)
    if restart is not None:
        raw.execute(
            "UPDATE fivefold_sequences SET last_value = ?, is_called = 0"
            " WHERE namespace = ? AND name = ?",
            (restart, *place),
        )
    for (value,) in raw.execute(
        "SELECT last_value FROM fivefold_sequences WHERE namespace = ? AND name = ?", place
    ):
        for wrong, bound in (
            (value < new.minimum, f"less than MINVALUE ({new.minimum})"),
            (value > new.maximum, f"greater than MAXVALUE ({new.maximum})"),
        ):
            if wrong:
                raise InvalidValue(
                    f"RESTART value ({value}) cannot be {bound}", "invalid_parameter_value"
                )
    raw.execute(
        "UPDATE fivefold_sequences SET namespace = ?, name = ?, increment = ?, minimum = ?,"
        " maximum = ?, cycle = ? WHERE namespace = ? AND name = ?",
        (
            new.namespace,
            new.name,
            new.increment,
            new.minimum,
            new.maximum,
            int(new.cycle),
            old.namespace,
            old.name,
        ),
    )
    _forget(raw, old)
    record(raw, new)


def _same_rows(old: Table, new: Table) -> bool:
    """Say whether only what the catalog knows of a table has changed."""
    plain = replace(new, query=old.query, populated=old.populated, comment=old.comment)
    return plain == old


def _create_index(raw: apsw.Connection, table: Table, index: Index, bound: Bound) -> None:
    if index.nulls_not_distinct and any(
        table.column(one.expression) is None for one in index.parts
    ):
        raise Unsupported("NULLS NOT DISTINCT of an expression is not supported")
    try:
        raw.execute(index_text(table, index, bound))
        if index.nulls_not_distinct:
            raw.execute(null_index_text(table, index, bound))
    except apsw.ConstraintError:
        raise _not_unique(raw, table, index) from None


def _drop_index(raw: apsw.Connection, namespace: str, index: Index) -> None:
    raw.execute(f"DROP INDEX {quote(index_name(namespace, index.name))}")
    if index.nulls_not_distinct:
        raw.execute(f"DROP INDEX {quote(index_name(namespace, null_index_name(index.name)))}")


def _not_unique(raw: apsw.Connection, table: Table, index: Index) -> Violation:
    from fivefold.stores.sqlite import capture

    names = [part.expression for part in index.parts]
    detail = None
    if index.where is None and all(table.column(name) is not None for name in names):
        row = _doubled(raw, table, index)
        if row is not None:
            detail = f"{capture.shown_key(table, names, row)} is duplicated."
    return Violation(
        f'could not create unique index "{index.name}"',
        "unique_violation",
        detail=detail,
        namespace=table.namespace,
        container=table.name,
        constraint=index.name,
    )


def _doubled(raw: apsw.Connection, table: Table, index: Index) -> Row | None:
    """Return the values that more than one row has in the columns of an index."""
    names = [quote(part.expression) for part in index.parts]
    known = [] if index.nulls_not_distinct else [f"{name} IS NOT NULL" for name in names]
    where = f" WHERE {' AND '.join(known)}" if known else ""
    listed = ", ".join(names)
    rows = raw.execute(
        f"SELECT {listed} FROM {quote(table_name(table.namespace, table.name))}"
        f"{where} GROUP BY {listed} HAVING count(*) > 1 LIMIT 1"
    ).fetchall()
    return rows[0] if rows else None


def _verify_unique(raw: apsw.Connection, table: Table, key: Key) -> None:
    index = replace(key_index(key), nulls_not_distinct=key.nulls_not_distinct)
    if _doubled(raw, table, index) is not None:
        raise _not_unique(raw, table, index)


def _all_indexes(table: Table, promoted: bool = False) -> dict[str, Index]:
    """Return the table's indexes and those that its unique constraints need, by name."""
    indexes = {index.name: index for index in table.indexes}
    for key in table.keys:
        if promoted or not key.primary or key.deferrable:
            indexes[key.name] = key_index(key)
    return indexes


def key_index(key: Key) -> Index:
    """Return the index that keeps a constraint; that of a deferrable one finds doubles."""
    return Index(
        key.name,
        tuple(IndexPart(column) for column in key.columns),
        unique=not key.deferrable,
        include=key.include,
        nulls_not_distinct=key.nulls_not_distinct and not key.deferrable,
    )


def _alter(raw: apsw.Connection, change: AlterTable) -> None:
    old, new = change.old, change.new
    renamed = dict(change.renamed)
    old_name = table_name(old.namespace, old.name)
    new_name = table_name(new.namespace, new.name)
    promoted = _is_promoted(raw, old)
    rebuilt = promoted or _key_layout(old, renamed) != _key_layout(new, {})
    before, after = _all_indexes(old, promoted), _all_indexes(new)
    deferring.refuse_pending(raw, old, "ALTER TABLE")
    doubles.unwatch(raw, old)
    actions.unwatch(raw, old)
    others = actions.put_away(raw, old)
    for index in before.values():
        _drop_index(raw, old.namespace, index)
    _rewrite(raw, old_name, table_text(old, {}, bare=True, promoted=promoted))
    if new_name != old_name:
        if new_name.lower() != old_name.lower():
            _refuse_folded(raw, new_name)
        raw.execute(f"ALTER TABLE {quote(old_name)} RENAME TO {quote(new_name)}")
        _forget(raw, old)
    _reshape(raw, change, renamed)
    _verify_not_null(raw, change, renamed)
    if rebuilt:
        try:
            rebuild.rebuild(raw, new, change.using)
        except apsw.ConstraintError:
            assert new.primary_key is not None
            raise _not_unique(raw, new, key_index(new.primary_key)) from None
    elif change.using:
        # Values are converted under the new types: the old ones' affinity would turn them back.
        _rewrite(raw, new_name, table_text(new, {}, bare=True))
        _fill(raw, change)
    _rewrite(raw, new_name, table_text(new, change.bound))
    if _key_layout(new, {})[0] and not rebuilt:
        raw.execute(f"REINDEX {quote(new_name)}")  # another type may have another collation
    for index in after.values():
        _create_index(raw, new, index, change.bound)
    for key in doubles.deferrable_keys(new):
        _verify_unique(raw, new, key)
    doubles.watch(raw, new)
    actions.watch(raw, new)
    if old_name == new_name and not renamed:
        for text in others:
            raw.execute(text)  # else the tables that refer to this one are altered next
    _verify(raw, old, new, change)
    record(raw, new)


def _alter_type(raw: apsw.Connection, change: AlterType) -> None:
    """Write the labels that have another name into the rows; the rest is catalog."""
    raw.execute("PRAGMA defer_foreign_keys = ON")  # a key's rows are written one table at a time
    for _, after in change.carriers:
        if isinstance(after, Table):
            for column in after.columns:
                if column.generated is None:
                    _relabel(raw, after, column, change)
        record(raw, after)
    if (change.old.namespace, change.old.name) != (change.new.namespace, change.new.name):
        _forget(raw, change.old)
    record(raw, change.new)


def _relabel(raw: apsw.Connection, table: Table, column: Column, change: AlterType) -> None:
    stored = quote(table_name(table.namespace, table.name))
    name = quote(column.name)
    for old, new in change.relabelled:
        if column.type == change.new.type:
            raw.execute(f"UPDATE {stored} SET {name} = ? WHERE {name} = ?", (new, old))
        elif column.type.element == change.new.type:
            # In the JSON of an array a label stands between quotes, and no other text does.
            quoted = [json.dumps(label, ensure_ascii=False) for label in (old, new)]
            raw.execute(
                f"UPDATE {stored} SET {name} = replace({name}, ?, ?) WHERE instr({name}, ?)",
                (*quoted, quoted[0]),
            )


def _is_promoted(raw: apsw.Connection, table: Table) -> bool:
    """Say whether the primary key came after the table: kept by an index, not by the text."""
    if table.primary_key is None or table.primary_key.deferrable:
        return False
    name = index_name(table.namespace, table.primary_key.name)
    found = raw.execute("SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = ?", (name,))
    return found.fetchone() is not None


def _key_layout(table: Table, renamed: Mapping[str, str]) -> tuple[tuple[str, ...], bool]:
    """Return what of the primary key stands in the table's text: its columns, whether a rowid."""
    key = table.primary_key
    columns = (
        () if key is None or key.deferrable else tuple(renamed.get(one, one) for one in key.columns)
    )
    return columns, rowid_key(table) is not None


def _rewrite(raw: apsw.Connection, name: str, text: str) -> None:
    """Put a new text in place of a table's; its columns must be the same, in the same order."""
    raw.execute("PRAGMA writable_schema = ON")
    try:
        raw.execute(
            "UPDATE sqlite_schema SET sql = ? WHERE type = 'table' AND name = ?", (text, name)
        )
    finally:
        raw.execute("PRAGMA writable_schema = RESET")
    # The cookie tells every other connection to read the schema again.
    cookie = raw.execute("PRAGMA schema_version").get
    raw.execute(f"PRAGMA schema_version = {cookie + 1}")


def _reshape(raw: apsw.Connection, change: AlterTable, renamed: Mapping[str, str]) -> None:
    name = quote(table_name(change.new.namespace, change.new.name))
    kept = set()
    for column in change.old.columns:
        new_column = change.new.column(renamed.get(column.name, column.name))
        if new_column is None:
            raw.execute(f"ALTER TABLE {name} DROP COLUMN {quote(column.name)}")
            continue
        kept.add(new_column.name)
    for before, after in change.rename_steps():
        raw.execute(f"ALTER TABLE {name} RENAME COLUMN {quote(before)} TO {quote(after)}")
    for column in change.new.columns:
        if column.name not in kept:
            raw.execute(f"ALTER TABLE {name} ADD COLUMN {quote(column.name)}")


def _fill(raw: apsw.Connection, change: AlterTable) -> None:
    name = quote(table_name(change.new.namespace, change.new.name))
    assignments = ", ".join(
        f"{quote(column)} = {expression_text(tree)}" for column, tree in change.using.items()
    )
    raw.execute(f"UPDATE {name} SET {assignments}")


def _verify_not_null(raw: apsw.Connection, change: AlterTable, renamed: Mapping[str, str]) -> None:
    """Look for nulls; before the text says NOT NULL, since SQLite then believes it unseen."""
    new = change.new
    name = quote(table_name(new.namespace, new.name))
    sources = {renamed.get(column.name, column.name): column for column in change.old.columns}
    for column in new.columns:
        before = sources.get(column.name)
        converted = column.name in change.using
        if not column.not_null or (before is not None and before.not_null and not converted):
            continue
        value = expression_text(change.using[column.name]) if converted else quote(column.name)
        if raw.execute(f"SELECT 1 FROM {name} WHERE ({value}) IS NULL LIMIT 1").fetchone():
            raise _refused(
                new,
                f'column "{column.name}" of relation "{new.name}" contains null values',
                "not_null_violation",
                column=column.name,
            )


def _verify(raw: apsw.Connection, old: Table, new: Table, change: AlterTable) -> None:
    """Check the rows against what the new table asks for and the old one did not."""
    name = quote(table_name(new.namespace, new.name))
    _verify_checks(raw, old, new, change)
    added = [key for key in new.foreign_keys if key not in old.foreign_keys]
    if added and raw.execute(f"PRAGMA foreign_key_check({name})").fetchone():
        _raise_broken(raw, new, added[0].name)


def _verify_checks(raw: apsw.Connection, old: Table, new: Table, change: AlterTable) -> None:
    added = [check for check in new.checks if check not in old.checks]
    if not added:
        return
    name = quote(table_name(new.namespace, new.name))
    for check in added:
        condition = expression_text(change.bound[check.expression])
        if raw.execute(f"SELECT 1 FROM {name} WHERE NOT ({condition}) LIMIT 1").fetchone():
            raise _refused(
                new,
                f'check constraint "{check.name}" of relation "{new.name}" is violated by some row',
                "check_violation",
                constraint=check.name,
            )


def _raise_broken(raw: apsw.Connection, table: Table, constraint: str) -> None:
    from fivefold.stores.sqlite import capture, failures

    catalog = reflect.load(raw, (0, 0), has_catalog=True)
    key = (table.namespace, table.name)
    found = capture.broken_anywhere(raw, catalog.with_containers({key: table}))
    if found is not None:
        raise failures.reference_broken(*found)
    raise _refused(
        table,
        f'insert or update on table "{table.name}" violates foreign key constraint "{constraint}"',
        "foreign_key_violation",
        constraint=constraint,
    )


def _refused(
    table: Table,
    message: str,
    code: str,
    *,
    column: str | None = None,
    constraint: str | None = None,
) -> Violation:
    return Violation(
        message,
        code,
        namespace=table.namespace,
        container=table.name,
        column=column,
        constraint=constraint,
    )
