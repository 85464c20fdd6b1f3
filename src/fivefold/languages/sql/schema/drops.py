"""Lowers DROP and TRUNCATE, with what hangs on the things that go."""

from __future__ import annotations

from dataclasses import replace

from fivefold.catalog.catalog import missing_container
from fivefold.catalog.changes import AlterTable, Change, DropContainer, DropIndex, DropNamespace
from fivefold.catalog.containers import Column, Container, EnumType, Identity, Sequence, Table, View
from fivefold.catalog.roles import Privilege
from fivefold.errors import InvalidStatement, Unsupported
from fivefold.languages.sql import definitions, foreign
from fivefold.languages.sql.bind.sources import table_node
from fivefold.languages.sql.bind.state import Context
from fivefold.languages.sql.commands import Notice, Schema, Truncate
from fivefold.languages.sql.schema import dependents, places, stored
from fivefold.languages.sql.schema.enums import columns_of_enum, missing_type
from fivefold.languages.sql.schema.texts import bind_all, quoted, sequences_of
from fivefold.plan import nodes as exp
from fivefold.plan.statement import Access, Statement

_KINDS: dict[str, type] = {
    "table": Table,
    "materialized view": Table,
    "view": View,
    "sequence": Sequence,
    "type": EnumType,
}
_HINT = dependents.HINT


def drop(context: Context, node: definitions.Drop) -> Schema:
    """Lower DROP TABLE, VIEW, SEQUENCE, INDEX or SCHEMA."""
    if node.what == "index":
        return _drop_indexes(context, node)
    if node.what == "schema":
        return _drop_schemas(context, node)
    notices: list[Notice] = []
    found: list[Container] = []
    for name, at in node.names:
        container = places.find(context, name, at)
        if node.what == "type":
            _refuse_row_type(container)
        elif isinstance(container, EnumType):
            container = None
        if container is None:
            notices.append(_missing(node, name, context))
            continue
        if not isinstance(container, _KINDS[node.what]) or (
            isinstance(container, Table) and _kind(container) != node.what
        ):
            article = "an" if node.what[0] in "aeiou" else "a"
            raise InvalidStatement(
                f'"{container.name}" is not {article} {node.what}',
                "wrong_object_type",
                hint=_right_drop(container),
            )
        if container not in found:
            foreign.refuse_change(container)
            context.check_administers(container)
            found.append(container)
    changes = drop_containers(context, found, node.cascade, notices)
    accesses = tuple(Access(one.namespace, one.name, Privilege.ADMINISTER) for one in found)
    return Schema(tuple(changes), f"DROP {node.what.upper()}", tuple(notices), accesses)


def _refuse_row_type(container: Container | None) -> None:
    if isinstance(container, Table | View):
        shown = f"{_kind(container)} {container.name}"
        raise InvalidStatement(
            f"cannot drop type {container.name} because {shown} requires it",
            "dependent_objects_still_exist",
            hint=f"You can drop {shown} instead.",
        )


def _right_drop(container: Container) -> str:
    word = _kind(container)
    return f"Use DROP {word.upper()} to remove a {word}."


def _missing(node: definitions.Drop, name: definitions.Names, context: Context) -> Notice:
    shown = ".".join(name)
    if len(name) > 1 and name[0] not in context.catalog.namespaces:
        if node.if_exists:
            return Notice(f'schema "{name[0]}" does not exist, skipping')
        raise places.missing_namespace(name[0])
    if not node.if_exists:
        if node.what == "type":
            raise missing_type(name)
        if node.what == "index":
            raise InvalidStatement(f'index "{shown}" does not exist', "undefined_object")
        if node.what == "table":
            raise InvalidStatement(f'table "{shown}" does not exist', "undefined_table")
        raise InvalidStatement(f'{node.what} "{shown}" does not exist', "undefined_table")
    return Notice(f'{node.what} "{name[-1]}" does not exist, skipping')


def drop_containers(
    context: Context,
    found: list[Container],
    cascade: bool,
    notices: list[Notice],
    before: list[dependents.Dependent] | None = None,
) -> list[Change]:
    """Return the changes that drop ``found``; raises InvalidStatement if something depends on
    it. ``before`` is what else CASCADE has to tell of.
    """
    going = list(found)
    told: list[dependents.Dependent] = list(before or ())
    staying: dict[tuple[str, str], Table] = {}
    for one in found:
        what = dependents.shown(context, one)
        if isinstance(one, Table):
            for other in context.catalog.referrers(one):
                if other in found:
                    continue
                told += [
                    (dependents.shown_key(context, key, other), what)
                    for key in other.foreign_keys
                    if key.target == (one.namespace, one.name)
                ]
                staying[other.namespace, other.name] = other
        if isinstance(one, EnumType):
            told += [
                (
                    f"column {quoted(column.name)} of {dependents.shown(context, table)}",
                    f"type {column.type}",
                )
                for table, columns in reversed(_columns_of(context, [one], found))
                for column in reversed(columns)
            ]
            continue
        if isinstance(one, Sequence):
            told += [
                (
                    f"default value for column {column.name} of {dependents.shown(context, table)}",
                    what,
                )
                for table, columns in _drawing(context, [one], going)
                for column in columns
            ]
        told += [view for _, view in dependents.reading(context, one, what, None, going)]
    _refuse_or_tell(context, found, told, cascade, notices)
    tables = [one for one in going if isinstance(one, Table)]
    changes: list[Change] = []
    for other in list(staying.values()):
        targets = {(table.namespace, table.name) for table in tables}
        kept = tuple(key for key in other.foreign_keys if key.target not in targets)
        new = replace(other, foreign_keys=kept)
        changes.append(AlterTable(other, new, bound=bind_all(context, new)))
        staying[other.namespace, other.name] = new
    changes += [DropContainer(one) for one in reversed(going) if isinstance(one, View)]
    for table in _referrers_first(context, tables, changes):
        changes.append(DropContainer(table))
        changes += [DropContainer(one) for one in owned_sequences(context, table)]
    sequences = [one for one in going if isinstance(one, Sequence)]
    for table, columns in _drawing(context, sequences, going):
        without = [replace(one, default=None) if one in columns else one for one in table.columns]
        now = staying.get((table.namespace, table.name), table)
        new = replace(now, columns=tuple(without))
        changes.append(AlterTable(now, new, bound=bind_all(context, new)))
    for one in sequences:
        _refuse_owned(context, one)
        changes.append(DropContainer(one))
    enums = [one for one in going if isinstance(one, EnumType)]
    for table, columns in _columns_of(context, enums, going):
        changes += _without_columns(context, table, columns)
    changes += [DropContainer(one) for one in enums]
    return changes


def _drawing(
    context: Context, sequences: list[Sequence], going: list[Container]
) -> list[tuple[Table, list[Column]]]:
    """Return the tables that stay but have defaults that draw from a sequence that goes."""
    names = {(one.namespace, one.name) for one in sequences}
    found = []
    for table in context.catalog.tables() if names else ():
        columns = [
            column
            for column in table.columns
            if column.default is not None
            and "(" in column.default
            and names & sequences_of(context, column.default)
        ]
        if columns and table not in going:
            found.append((table, columns))
    return found


def _columns_of(
    context: Context, enums: list[EnumType], going: list[Container]
) -> list[tuple[Table, list[Column]]]:
    """Return the tables that stay but have columns of a type that goes, and those columns."""
    found = []
    for table in context.catalog.tables() if enums else ():
        taken = {column.name for enum in enums for column in columns_of_enum(table, enum)}
        if taken and table not in going:
            found.append((table, [one for one in table.columns if one.name in taken]))
    return found


def _without_columns(context: Context, table: Table, columns: list[Column]) -> tuple[Change, ...]:
    from fivefold.languages.sql.schema.alterations import alter

    actions = tuple(
        definitions.Action("drop_column", -1, name=column.name, cascade=True) for column in columns
    )
    name = (table.namespace, table.name)
    return alter(context, definitions.AlterTable(name, actions, False, -1)).changes


def _kind(container: Container) -> str:
    return stored.kind(container)


def _depended(container: Container, detail: str) -> InvalidStatement:
    return InvalidStatement(
        f"cannot drop {_kind(container)} {container.name} because other objects depend on it",
        "dependent_objects_still_exist",
        detail=detail,
        hint=_HINT,
    )


def _refuse_or_tell(
    context: Context,
    found: list[Container],
    told: list[dependents.Dependent],
    cascade: bool,
    notices: list[Notice],
) -> None:
    if len(found) == 1 or not told or cascade:
        what = dependents.shown(context, found[0]) if found else ""
        dependents.refuse_or_tell(what, told, cascade, notices)
        return
    raise InvalidStatement(
        "cannot drop desired object(s) because other objects depend on them",
        "dependent_objects_still_exist",
        detail="\n".join(f"{one} depends on {on}" for one, on in told),
        hint=_HINT,
    )


def _referrers_first(context: Context, tables: list[Table], changes: list[Change]) -> list[Table]:
    """Order tables so that each goes after those that point at it; break circles first."""
    rest, ordered = list(tables), []
    while rest:
        free = [
            table
            for table in rest
            if not any(
                key.target == (table.namespace, table.name)
                for other in rest
                if other is not table
                for key in other.foreign_keys
            )
        ]
        if not free:
            first = rest[0]
            new = replace(first, foreign_keys=())
            changes.append(AlterTable(first, new, bound=bind_all(context, new)))
            rest[0] = new
            continue
        ordered += free
        rest = [table for table in rest if table not in free]
    return ordered


def owned_sequences(context: Context, table: Table) -> list[Sequence]:
    """Return the sequences that go with the table."""
    return [
        one
        for one in context.catalog.containers.values()
        if isinstance(one, Sequence)
        and one.namespace == table.namespace
        and one.owner is not None
        and one.owner[0] == table.name
    ]


def _refuse_owned(context: Context, sequence: Sequence) -> None:
    if sequence.owner is None:
        return
    table = context.catalog.find(sequence.namespace, sequence.owner[0])
    if isinstance(table, Table):
        column = table.column(sequence.owner[1])
        if column is not None and column.sequence == sequence.name:
            if column.identity is not Identity.SERIAL:
                shown = f"column {column.name} of table {table.name}"
                raise InvalidStatement(
                    f"cannot drop sequence {sequence.name} because {shown} requires it",
                    "dependent_objects_still_exist",
                    hint=f"You can drop {shown} instead.",
                )
            raise _depended(
                sequence,
                f"default value for column {column.name} of table {table.name} depends on "
                f"sequence {sequence.name}",
            )


def _drop_indexes(context: Context, node: definitions.Drop) -> Schema:
    changes: list[Change] = []
    notices: list[Notice] = []
    accesses: list[Access] = []
    for name, _ in node.names:
        table = _index_table(context, name)
        if table is None or context.hides(table):
            notices.append(_missing(node, name, context))
            continue
        context.check_administers(table)
        accesses.append(Access(table.namespace, table.name, Privilege.ADMINISTER))
        index = next((one for one in table.indexes if one.name == name[-1]), None)
        if index is None:
            raise InvalidStatement(
                f"cannot drop index {name[-1]} because constraint {name[-1]} on table "
                f"{table.name} requires it",
                "dependent_objects_still_exist",
                hint=f"You can drop constraint {name[-1]} on table {table.name} instead.",
            )
        changes.append(DropIndex(table, index))
    return Schema(tuple(changes), "DROP INDEX", tuple(notices), tuple(accesses))


def _index_table(context: Context, name: definitions.Names) -> Table | None:
    path = context.search_path if len(name) == 1 else name[:1]
    for namespace in path:
        found = places.find_index(context.catalog, namespace, name[-1])
        if found is not None:
            return found
    return None


def _drop_schemas(context: Context, node: definitions.Drop) -> Schema:
    changes: list[Change] = []
    notices: list[Notice] = []
    accesses: list[Access] = []
    for parts, _ in node.names:
        name = parts[-1]
        if name not in context.catalog.namespaces:
            if not node.if_exists:
                raise places.missing_namespace(name)
            notices.append(Notice(f'schema "{name}" does not exist, skipping'))
            continue
        inside = [one for one in context.catalog.containers.values() if one.namespace == name]
        owned = {one.name for one in inside if isinstance(one, Sequence) and one.owner}
        plain = [one for one in inside if one.name not in owned]
        told = [(dependents.shown(context, one), f"schema {name}") for one in plain]
        if told and not node.cascade:
            dependents.refuse_or_tell(f"schema {quoted(name)}", told, False, notices)
        changes += drop_containers(context, plain, True, notices, told)
        changes.append(DropNamespace(name))
        accesses.append(Access(name, "", Privilege.ADMINISTER))
    return Schema(tuple(changes), "DROP SCHEMA", tuple(notices), tuple(accesses))


def truncate(context: Context, node: definitions.Truncate) -> Truncate:
    """Lower TRUNCATE: a DELETE for each table, those that point at others first."""
    tables: list[Table] = []
    for name, at in node.names:
        found = places.find(context, name, at)
        if found is None:
            raise missing_container(".".join(name))
        if not isinstance(found, Table) or found.query is not None:
            raise InvalidStatement(f'"{found.name}" is not a table', "wrong_object_type")
        if found not in tables:
            tables.append(found)
    for table in tables:  # grows while it is walked
        for other in context.catalog.referrers(table):
            if other in tables:
                continue
            if not node.cascade:
                raise Unsupported(
                    "cannot truncate a table referenced in a foreign key constraint",
                    detail=f'Table "{other.name}" references "{table.name}".',
                    hint=f'Truncate table "{other.name}" at the same time, or use '
                    "TRUNCATE ... CASCADE.",
                )
            tables.append(other)
    ordered = _referrers_first(context, tables, [])
    deletes = tuple(
        Statement(
            exp.Delete(this=table_node(table, table.name)),
            accesses=(Access(table.namespace, table.name, Privilege.WRITE),),
            writes=True,
            target=table,
        )
        for table in ordered
    )
    restarts: tuple[Sequence, ...] = ()
    if node.restart:
        restarts = tuple(one for table in tables for one in owned_sequences(context, table))
    return Truncate(deletes, tuple(tables), restarts)
