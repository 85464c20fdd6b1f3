"""Changes of schema on PostgreSQL, inside the open transaction, and their record in the catalog.

PostgreSQL alters tables itself; what is done here is to find out what has to be altered. The
constraints that stand are read back from the server first, since it carries them along when
columns and tables are renamed.
"""

from __future__ import annotations

from collections.abc import Sequence as Values
from dataclasses import replace

import psycopg

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
from fivefold.catalog.containers import (
    Column,
    Container,
    EnumType,
    ForeignKey,
    Key,
    Sequence,
    Table,
    View,
)
from fivefold.catalog.roles import Role
from fivefold.stores.postgres import comments, ddl, reflect, views
from fivefold.stores.postgres.names import OWN_SCHEMA, qualified, quote, string, type_name
from fivefold.stores.postgres.reflect import Execute
from fivefold.values.types import Stored

META = f"{OWN_SCHEMA}.fivefold_meta"
READ_VERSION = f"SELECT value FROM {META} WHERE name = 'catalog_version'"

_LOCK = 0x666976  # any number, the same for all: who changes the schema holds it
_TAKE_LOCK = f"SELECT pg_advisory_xact_lock({_LOCK})"
_OWN_TABLES = f"""
CREATE SCHEMA {OWN_SCHEMA};
CREATE TABLE {OWN_SCHEMA}.fivefold_meta (name text PRIMARY KEY, value bigint NOT NULL);
CREATE TABLE {OWN_SCHEMA}.fivefold_containers (
    namespace text NOT NULL,
    name text NOT NULL,
    definition text NOT NULL,  -- JSON, see fivefold/catalog/codec.py
    columns text,              -- the table's columns as PostgreSQL had them then, see reflect.py
    PRIMARY KEY (namespace, name)
);
INSERT INTO {OWN_SCHEMA}.fivefold_meta VALUES ('catalog_version', 0), ('format', 1);
"""


def prepare(connection: psycopg.Connection) -> None:
    """Make the catalog's tables if they are missing."""
    exists = f"SELECT to_regclass('{OWN_SCHEMA}.fivefold_meta') IS NOT NULL"
    if connection.execute(exists.encode()).fetchone() == (True,):
        return
    with connection.transaction():
        connection.execute(b"SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
        connection.execute(_TAKE_LOCK.encode())
        if connection.execute(exists.encode()).fetchone() != (True,):
            connection.execute(_OWN_TABLES.encode())


def apply(execute: Execute, change: Change, catalog: Catalog) -> None:
    """Carry out one change and raise the catalog's version. Raises psycopg.Error."""
    execute(_TAKE_LOCK)
    views.clear(execute, change)
    match change:
        case CreateNamespace(name):
            execute(f"CREATE SCHEMA {quote(name)}")
        case DropNamespace(name):
            execute(f"DROP SCHEMA {quote(name)}")
        case CreateContainer(container, bound):
            _create(execute, container, bound)
        case DropContainer(container):
            _drop(execute, container, catalog)
        case CreateIndex(table, index, bound):
            execute(ddl.index_text(table, index, bound))
            _record(execute, replace(table, indexes=(*table.indexes, index)))
        case DropIndex(table, index):
            execute(f"DROP INDEX {qualified(table.namespace, index.name)}")
            kept = tuple(each for each in table.indexes if each.name != index.name)
            _record(execute, replace(table, indexes=kept))
        case AlterTable():
            _alter(execute, change)
        case AlterSequence(sequence, new_sequence, restart):
            _alter_sequence(execute, sequence, new_sequence, restart)
        case AlterType():
            _alter_type(execute, change)
        case Describe(old, new):
            if not isinstance(new, View) or views.is_there(execute, new):
                for text in comments.comment_texts(old, new):
                    execute(text)
            _record(execute, new)
        case DescribeNamespace(name, comment):
            ((database,),) = execute("SELECT current_database()")
            execute(comments.namespace_text(name, comment, str(database)))
        case SetRole(old_role, role):
            _set_role(execute, old_role, role)
    views.restore(execute)
    execute(
        f"UPDATE {OWN_SCHEMA}.fivefold_meta SET value = value + 1 WHERE name = 'catalog_version'"
    )


def _set_role(execute: Execute, old: Role | None, new: Role | None) -> None:
    if not reflect.has_roles(execute):
        execute(f"CREATE TABLE {reflect.ROLES} (name text PRIMARY KEY, definition text NOT NULL)")
    if old is not None:
        execute(f"DELETE FROM {reflect.ROLES} WHERE name = $1", (old.name,))
    if new is not None:
        values = (new.name, codec.encode(new))
        execute(
            f"INSERT INTO {reflect.ROLES} VALUES ($1::text, $2::text)"
            " ON CONFLICT (name) DO UPDATE SET definition = excluded.definition",
            values,
        )


def _record(execute: Execute, container: Container) -> None:
    values: Values[Stored] = (container.namespace, container.name, codec.encode(container))
    execute(
        f"INSERT INTO {OWN_SCHEMA}.fivefold_containers VALUES ($1::text, $2::text, $3::text, "
        f"({reflect.COLUMNS_OF_ONE})) ON CONFLICT (namespace, name) DO UPDATE "
        "SET definition = excluded.definition, columns = excluded.columns",
        values,
    )


def _forget(execute: Execute, container: Container) -> None:
    execute(
        f"DELETE FROM {OWN_SCHEMA}.fivefold_containers WHERE namespace = $1 AND name = $2",
        (container.namespace, container.name),
    )


def _create(execute: Execute, container: Container, bound: Bound) -> None:
    if isinstance(container, Table):
        name = qualified(container.namespace, container.name)
        execute(ddl.table_text(container, bound))
        for key in container.keys:
            if key.descending:
                execute(ddl.descending_key_text(container, key))
        for foreign in container.foreign_keys:
            execute(f"ALTER TABLE {name} ADD {ddl.foreign_key_text(foreign)}")
        for index in container.indexes:
            execute(ddl.index_text(container, index, bound))
        _own(execute, container, ())
    elif isinstance(container, Sequence):
        execute(ddl.sequence_text(container))
        if container.owner is not None and execute(_COLUMN, _column_of(container)):
            _tie(execute, container.namespace, container.name, container.owner)
    elif isinstance(container, EnumType):
        execute(ddl.enum_text(container))
    _record(execute, container)


def _drop(execute: Execute, container: Container, catalog: Catalog) -> None:
    if isinstance(container, Table):
        execute(f"DROP TABLE {qualified(container.namespace, container.name)}")
        for sequence in catalog.owned_sequences(container):
            _drop(execute, sequence, catalog)
    elif isinstance(container, Sequence):
        # CASCADE: of what is left only a column's default can still name it.
        name = qualified(container.namespace, container.name)
        execute(f"DROP SEQUENCE IF EXISTS {name} CASCADE")
    elif isinstance(container, View):
        views.drop(execute, container.namespace, container.name)
    elif isinstance(container, EnumType):
        execute(f"DROP TYPE {qualified(container.namespace, container.name)}")
    _forget(execute, container)


_COLUMN = "SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass($1::text) AND attname = $2"
_EXISTS = "SELECT 1 WHERE to_regclass($1::text) IS NOT NULL"


def _column_of(sequence: Sequence) -> tuple[str, str]:
    assert sequence.owner is not None
    table, column = sequence.owner
    return qualified(sequence.namespace, table), column


def _own(execute: Execute, table: Table, before: Values[Column]) -> None:
    """Have the table's columns own their sequences: pg_get_serial_sequence goes by that."""
    known = {column.sequence for column in before}
    for column in table.columns:
        if column.sequence is not None and column.sequence not in known:
            _tie(execute, table.namespace, column.sequence, (table.name, column.name))


def _tie(execute: Execute, namespace: str, name: str, owner: tuple[str, str] | None) -> None:
    column = "NONE" if owner is None else f"{qualified(namespace, owner[0])}.{quote(owner[1])}"
    execute(f"ALTER SEQUENCE {qualified(namespace, name)} OWNED BY {column}")


def _alter_sequence(execute: Execute, old: Sequence, new: Sequence, restart: int | None) -> None:
    namespace = old.namespace
    if new.namespace != namespace and not execute(_EXISTS, (qualified(namespace, old.name),)):
        namespace = new.namespace  # it went with its table
    execute(
        f"ALTER SEQUENCE {qualified(namespace, old.name)} AS {new.type} "
        f"INCREMENT {new.increment} MINVALUE {new.minimum} MAXVALUE {new.maximum} "
        f"START {new.start} CACHE {new.cache} {'CYCLE' if new.cycle else 'NO CYCLE'}"
        + ("" if restart is None else f" RESTART {restart}")
    )
    if old.name != new.name:
        execute(f"ALTER SEQUENCE {qualified(namespace, old.name)} RENAME TO {quote(new.name)}")
    if old.owner != new.owner:
        _tie(execute, namespace, new.name, new.owner)
    if namespace != new.namespace:
        name = qualified(namespace, new.name)
        execute(f"ALTER SEQUENCE {name} SET SCHEMA {quote(new.namespace)}")
    _forget(execute, old)
    _record(execute, new)


def _alter_type(execute: Execute, change: AlterType) -> None:
    old, new = change.old, change.new
    name = qualified(old.namespace, old.name)
    for before, after in change.relabelled:
        execute(f"ALTER TYPE {name} RENAME VALUE {string(before)} TO {string(after)}")
    known = {dict(change.relabelled).get(label, label) for label in old.labels}
    for place, label in enumerate(new.labels):
        if label not in known:
            side = f"AFTER {string(new.labels[place - 1])}" if place else ""
            if not place and len(new.labels) > 1:
                side = f"BEFORE {string(new.labels[1])}"
            execute(f"ALTER TYPE {name} ADD VALUE {string(label)} {side}")
    if old.name != new.name:
        execute(f"ALTER TYPE {name} RENAME TO {quote(new.name)}")
        name = qualified(old.namespace, new.name)
    if old.namespace != new.namespace:
        execute(f"ALTER TYPE {name} SET SCHEMA {quote(new.namespace)}")
    if (old.namespace, old.name) != (new.namespace, new.name):
        _forget(execute, old)
    _record(execute, new)
    for _, container in change.carriers:
        _record(execute, container)


def _alter(execute: Execute, change: AlterTable) -> None:
    old, new = change.old, change.new
    name = _rename(execute, change)
    _rename_constraints(execute, change, name)
    standing = reflect.constraints(execute, new.namespace, new.name)
    dropped_checks = {check.name for check in old.checks} - {
        check.name for check in new.checks if check in old.checks
    }
    wanted: dict[str, Key | ForeignKey] = {key.name: key for key in new.keys}
    wanted.update({key.name: key for key in new.foreign_keys})
    gone = [
        constraint
        for constraint, found in standing.items()
        if (found is not None and _as_read(wanted.get(constraint)) != found)
        or constraint in dropped_checks
    ]
    for constraint in sorted(gone, key=lambda one: isinstance(standing[one], Key)):
        execute(f"ALTER TABLE {name} DROP CONSTRAINT {quote(constraint)}")
    for index in old.indexes:
        if index not in new.indexes:
            execute(f"DROP INDEX {qualified(new.namespace, index.name)}")
    _reshape(execute, change, name)
    indexed = {key.name for key in old.keys if key.descending}  # no constraints, and stay
    for key in new.keys:
        if key.name not in indexed and standing.get(key.name) != _as_read(key):
            execute(f"ALTER TABLE {name} ADD {ddl.key_text(key)}")
    for check in new.checks:
        if check not in old.checks:
            execute(f"ALTER TABLE {name} ADD {ddl.check_text(check, change.bound)}")
    for foreign in new.foreign_keys:
        if standing.get(foreign.name) != _as_read(foreign):
            execute(f"ALTER TABLE {name} ADD {ddl.foreign_key_text(foreign)}")
    for index in new.indexes:
        if index not in old.indexes:
            execute(ddl.index_text(new, index, change.bound))
    _own(execute, new, old.columns)
    _record(execute, new)


def _rename_constraints(execute: Execute, change: AlterTable, name: str) -> None:
    """Rename what is the same but for its name: others may depend on it."""
    old, new = change.old, change.new
    pairs: list[tuple[Key | ForeignKey, Key | ForeignKey]] = []
    pairs += zip(old.keys, new.keys, strict=False)
    pairs += zip(old.foreign_keys, new.foreign_keys, strict=False)
    for before, after in pairs:
        if before.name != after.name and replace(before, name=after.name) == after:
            execute(
                f"ALTER TABLE {name} RENAME CONSTRAINT {quote(before.name)} TO {quote(after.name)}"
            )


def _as_read(key: Key | ForeignKey | None) -> Key | ForeignKey | None:
    """Return a constraint with what reflect.py reads of one."""
    if isinstance(key, Key):
        return replace(key, nulls_not_distinct=False, include=(), comment=None)
    if key is None:
        return None
    return replace(key, match_full=False, comment=None, on_delete_columns=())


def _rename(execute: Execute, change: AlterTable) -> str:
    """Rename the table and its columns; return its quoted name."""
    old, new = change.old, change.new
    name = qualified(old.namespace, old.name)
    if (old.namespace, old.name) != (new.namespace, new.name):
        _forget(execute, old)
    if old.name != new.name:
        execute(f"ALTER TABLE {name} RENAME TO {quote(new.name)}")
        name = qualified(old.namespace, new.name)
    if old.namespace != new.namespace:
        execute(f"ALTER TABLE {name} SET SCHEMA {quote(new.namespace)}")
        name = qualified(new.namespace, new.name)
    for before, after in change.rename_steps():
        execute(f"ALTER TABLE {name} RENAME COLUMN {quote(before)} TO {quote(after)}")
    return name


def _reshape(execute: Execute, change: AlterTable, name: str) -> None:
    renamed = dict(change.renamed)
    before = {renamed.get(column.name, column.name): column for column in change.old.columns}
    new = change.new
    for column_name in before:
        if new.column(column_name) is None:
            execute(f"ALTER TABLE {name} DROP COLUMN {quote(column_name)}")
    computed = {column.name for column in new.columns if column.generated is not None}
    using = {
        column: ddl.expression_text(tree)
        for column, tree in change.using.items()
        if column not in computed
    }
    for column in new.columns:
        present = before.get(column.name)
        if present is None:
            text = ddl.column_text(new, column, change.bound, bare=True)
            execute(f"ALTER TABLE {name} ADD COLUMN {text}")
        elif present.type != column.type:
            # Its default may not fit the new type; it is put back below.
            execute(f"ALTER TABLE {name} ALTER {quote(column.name)} DROP DEFAULT")
            type_ = type_name(column.type)
            value = using.pop(column.name, f"{quote(column.name)}::{type_}")
            execute(f"ALTER TABLE {name} ALTER {quote(column.name)} TYPE {type_} USING ({value})")
    if using:
        listed = ", ".join(f"{quote(column)} = {value}" for column, value in using.items())
        execute(f"UPDATE {name} SET {listed}")
    for column in new.columns:
        _adjust(execute, change, name, before.get(column.name), column)


def _adjust(
    execute: Execute, change: AlterTable, name: str, before: Column | None, after: Column
) -> None:
    """Bring default, NOT NULL and a generated column's end up to date."""
    alter = f"ALTER TABLE {name} ALTER {quote(after.name)}"
    if after.not_null and not (before is not None and before.not_null):
        execute(f"{alter} SET NOT NULL")
    elif before is not None and before.not_null and not after.not_null:
        execute(f"{alter} DROP NOT NULL")
    default = ddl.default_text(change.new, after)
    if before is None:
        if default is not None:
            execute(f"{alter} SET DEFAULT {default}")
        return
    if before.generated is not None and after.generated is None:
        execute(f"{alter} DROP EXPRESSION")
    if before.type != after.type or ddl.default_text(change.old, before) != default:
        if default is not None:
            execute(f"{alter} SET DEFAULT {default}")
        elif before.generated is None and after.generated is None:
            execute(f"{alter} DROP DEFAULT")
