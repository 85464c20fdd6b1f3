"""Lowers COMMENT ON: the text is a field of what it is about.

Source: the PostgreSQL manual, "COMMENT".
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from fivefold.catalog.catalog import missing_container
from fivefold.catalog.changes import Describe, DescribeNamespace
from fivefold.catalog.containers import (
    Check,
    Container,
    EnumType,
    ForeignKey,
    Index,
    Key,
    Sequence,
    Table,
    View,
)
from fivefold.catalog.roles import Privilege
from fivefold.errors import InvalidStatement, Unsupported
from fivefold.languages.sql import definitions
from fivefold.languages.sql.bind.state import Context
from fivefold.languages.sql.commands import Notice, Schema
from fivefold.languages.sql.schema import places
from fivefold.languages.sql.schema.enums import find_enum, missing_type
from fivefold.languages.sql.schema.naming import constraint_names
from fivefold.plan.statement import Access

TAG = "COMMENT"
_Part = TypeVar("_Part", Key, ForeignKey, Check, Index)
_KINDS: dict[str, type[Container]] = {"table": Table, "materialized view": Table, "view": View,
                                      "sequence": Sequence}  # fmt: skip


def comment(context: Context, node: definitions.Comment) -> Schema:
    """Lower COMMENT ON."""
    if node.what == "schema":
        return _of_schema(context, node)
    if node.what == "database":
        return _of_database(context, node)
    if node.what == "extension":
        if node.name != ("plpgsql",):
            raise InvalidStatement(
                f'extension "{node.name[-1]}" does not exist', "undefined_object"
            )
        return Schema((), TAG)
    old = _holder(context, node)
    new = _commented(old, node)
    access = Access(old.namespace, old.name, Privilege.ADMINISTER)
    changes = () if new == old else (Describe(old, new),)
    return Schema(changes, TAG, accesses=(access,))


def _holder(context: Context, node: definitions.Comment) -> Container:
    """Return the container that the comment, or what it is about, belongs to."""
    if node.what == "index":
        return _index_holder(context, node.name)
    if node.what == "type":
        enum = find_enum(context, node.name)
        if enum is None:
            raise missing_type(node.name)
        return enum
    name = node.name
    if node.what == "constraint":
        name = node.table
    if node.what == "column":
        if len(name) == 1:
            raise InvalidStatement("column name must be qualified", "syntax_error")
        name = name[:-1]
    found = places.find(context, name, -1)
    if found is None or isinstance(found, EnumType):
        if len(name) == 2 and name[0] not in context.catalog.namespaces:
            raise places.missing_namespace(name[0])
        raise missing_container(".".join(name))
    wanted = _KINDS.get(node.what, Table if node.what == "constraint" else None)
    is_other = isinstance(found, Table) and (found.query is not None) != (
        node.what == "materialized view"
    )
    if wanted is not None and (not isinstance(found, wanted) or is_other):
        word = node.what if node.what in _KINDS else "table"
        raise InvalidStatement(f'"{found.name}" is not a {word}', "wrong_object_type")
    return found


def _index_holder(context: Context, name: definitions.Names) -> Table:
    path = context.search_path if len(name) == 1 else name[:-1]
    for namespace in path:
        table = places.find_index(context.catalog, namespace, name[-1])
        if table is not None:
            return table
    if places.find(context, name, -1) is not None:
        raise InvalidStatement(f'"{name[-1]}" is not an index', "wrong_object_type")
    raise missing_container(".".join(name))


def _commented(old: Container, node: definitions.Comment) -> Container:
    text = node.text
    if node.what == "column":
        return _with_column(old, node.name[-1], text)
    if node.what == "constraint":
        assert isinstance(old, Table)
        return _with_constraint(old, node.name[-1], text)
    if node.what == "index":
        assert isinstance(old, Table)
        name = node.name[-1]
        if all(index.name != name for index in old.indexes):
            raise Unsupported(
                "a comment on the index of a constraint is not supported",
                hint=f"Use COMMENT ON CONSTRAINT {name} ON {old.name}.",
            )
        return replace(old, indexes=_named(old.indexes, name, text))
    return replace(old, comment=text)


def _named(parts: tuple[_Part, ...], name: str, text: str | None) -> tuple[_Part, ...]:
    return tuple(replace(one, comment=text) if one.name == name else one for one in parts)


def _with_column(old: Container, name: str, text: str | None) -> Container:
    if isinstance(old, Sequence | EnumType):
        raise InvalidStatement(
            f'cannot set comment on relation "{old.name}"',
            "wrong_object_type",
            detail="This operation is not supported for sequences.",
        )
    if all(column.name != name for column in old.columns):
        raise InvalidStatement(
            f'column "{name}" of relation "{old.name}" does not exist', "undefined_column"
        )
    return replace(
        old,
        columns=tuple(
            replace(column, comment=text) if column.name == name else column
            for column in old.columns
        ),
    )


def _with_constraint(old: Table, name: str, text: str | None) -> Table:
    if name not in constraint_names(old):
        raise InvalidStatement(
            f'constraint "{name}" for table "{old.name}" does not exist', "undefined_object"
        )
    return replace(
        old,
        keys=_named(old.keys, name, text),
        foreign_keys=_named(old.foreign_keys, name, text),
        checks=_named(old.checks, name, text),
    )


def _of_schema(context: Context, node: definitions.Comment) -> Schema:
    name = node.name[-1]
    if name not in context.catalog.namespaces:
        raise places.missing_namespace(name)
    access = Access(name, "", Privilege.ADMINISTER)
    return Schema((DescribeNamespace(name, node.text),), TAG, accesses=(access,))


def _of_database(context: Context, node: definitions.Comment) -> Schema:
    name = node.name[-1]
    if name != context.database:
        if name not in context.catalog.databases:
            missing = Notice(f'database "{name}" does not exist', "WARNING", "undefined_database")
            return Schema((), TAG, (missing,))
        raise Unsupported(
            "a comment on another database is not supported", hint=f'Connect to "{name}" for it.'
        )
    return Schema((DescribeNamespace("", node.text),), TAG)
