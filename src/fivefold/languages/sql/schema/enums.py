"""Lowers CREATE TYPE … AS ENUM, ALTER TYPE and what DROP TYPE takes along.

A column has its type whole, labels and all, so a change of labels goes through every container
that has a column of it. Source: the PostgreSQL manual, "CREATE TYPE", "ALTER TYPE", "8.7".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from fivefold.catalog.changes import AlterType, CreateContainer
from fivefold.catalog.containers import Column, Container, EnumType, Sequence, Table, View
from fivefold.catalog.rebuild import rebuilt
from fivefold.catalog.roles import Privilege
from fivefold.errors import InvalidStatement, InvalidValue, Unsupported, Violation
from fivefold.languages.sql import definitions
from fivefold.languages.sql.bind.state import Context
from fivefold.languages.sql.commands import Notice, Schema
from fivefold.languages.sql.schema import places
from fivefold.languages.sql.tokens import NAME_BYTES_MAX, tokenize
from fivefold.plan.statement import Access
from fivefold.values.types import Kind, Type


def create_enum(context: Context, node: definitions.CreateEnum) -> Schema:
    """Lower CREATE TYPE … AS ENUM."""
    namespace, name = places.place(context, node.name, -1, relation=False)
    if context.catalog.find(namespace, name) is not None:
        raise type_exists(name)
    for number, label in enumerate(node.labels):
        _check_label(label)
        if label in node.labels[:number]:
            raise Violation(
                'duplicate key value violates unique constraint "pg_enum_typid_label_index"',
                "unique_violation",
            )
    made = EnumType(namespace, name, node.labels)
    access = Access(namespace, name, Privilege.CREATE)
    return Schema((CreateContainer(made),), "CREATE TYPE", accesses=(access,))


def type_exists(name: str) -> InvalidStatement:
    """Return the error for a type's name that is taken."""
    return InvalidStatement(f'type "{name}" already exists', "duplicate_object")


def _check_label(label: str) -> None:
    if len(label.encode()) > NAME_BYTES_MAX or not label:
        raise InvalidStatement(
            f'invalid enum label "{label}"',
            "invalid_name",
            detail=f"Labels must be {NAME_BYTES_MAX} bytes or less.",
        )


def find_enum(context: Context, parts: definitions.Names) -> EnumType | None:
    """Return the enum of that name, or None. Raises InvalidStatement if it is something else."""
    found = places.find(context, parts, -1)
    if found is None:
        return None
    if not isinstance(found, EnumType):
        raise InvalidStatement(f"{found.name} is not an enum", "wrong_object_type")
    return found


def missing_type(parts: definitions.Names) -> InvalidStatement:
    """Return the error for a type that does not exist."""
    return InvalidStatement(f'type "{".".join(parts)}" does not exist', "undefined_object")


def alter_enum(context: Context, node: definitions.AlterEnum) -> Schema:
    """Lower ALTER TYPE."""
    tag = "ALTER TYPE"
    enum = find_enum(context, node.name)
    if enum is None:
        raise missing_type(node.name)
    access = Access(enum.namespace, enum.name, Privilege.ADMINISTER)
    if node.kind == "owner":
        return Schema((), tag, accesses=(access,))
    relabelled: tuple[tuple[str, str], ...] = ()
    if node.kind == "add":
        if node.label in enum.labels:
            message = f'enum label "{node.label}" already exists'
            if not node.exists:
                raise InvalidStatement(message, "duplicate_object")
            notice = Notice(f"{message}, skipping", code="duplicate_object")
            return Schema((), tag, (notice,), (access,))
        new = _with_label(enum, node)
    elif node.kind == "relabel":
        _require_label(enum, node.label)
        if node.other in enum.labels:
            raise InvalidStatement(f'enum label "{node.other}" already exists', "duplicate_object")
        _check_label(node.other)
        labels = tuple(node.other if one == node.label else one for one in enum.labels)
        new = replace(enum, labels=labels)
        relabelled = ((node.label, node.other),)
    else:
        new = _moved(context, enum, node)
    change = AlterType(enum, new, relabelled, tuple(_carriers(context, enum, new, relabelled)))
    return Schema((change,), tag, accesses=(access,))


def _with_label(enum: EnumType, node: definitions.AlterEnum) -> EnumType:
    _check_label(node.label)
    place = len(enum.labels)
    if node.side:
        _require_label(enum, node.other)
        place = enum.labels.index(node.other) + (node.side == "after")
    return replace(enum, labels=(*enum.labels[:place], node.label, *enum.labels[place:]))


def _require_label(enum: EnumType, label: str) -> None:
    if label not in enum.labels:
        raise InvalidValue(f'"{label}" is not an existing enum label', "invalid_parameter_value")


def _moved(context: Context, enum: EnumType, node: definitions.AlterEnum) -> EnumType:
    if node.kind == "rename":
        new = replace(enum, name=node.label)
        taken = f'type "{new.name}" already exists'
    else:
        if node.label not in context.catalog.namespaces:
            raise places.missing_namespace(node.label)
        new = replace(enum, namespace=node.label)
        taken = f'type "{new.name}" already exists in schema "{new.namespace}"'
    if context.catalog.find(new.namespace, new.name) is not None:
        raise InvalidStatement(taken, "duplicate_object")
    return new


# -- what has columns of it -----------------------------------------------------------------------


def has_type(type_: Type, enum: EnumType) -> bool:
    """Say whether a type is the enum, an array of it or a record with it."""
    if type_.element is not None:
        return has_type(type_.element, enum)
    if type_.kind is Kind.ENUM:
        return type_.name == (enum.namespace, enum.name)
    return any(has_type(one, enum) for _, one in type_.fields)


def columns_of_enum(container: Container, enum: EnumType) -> list[Column]:
    """Return the columns of a table or view that hold values of the enum."""
    if isinstance(container, Sequence | EnumType):
        return []
    return [column for column in container.columns if has_type(column.type, enum)]


def _carriers(
    context: Context, enum: EnumType, new: EnumType, relabelled: tuple[tuple[str, str], ...]
) -> Iterator[tuple[Container, Container]]:
    def swap(value: Any) -> Any:
        if isinstance(value, Type) and value.kind is Kind.ENUM and value.name == enum.type.name:
            return new.type
        return value

    words = {enum.name: new.name} if enum.name != new.name else {}
    if enum.namespace != new.namespace:
        words[enum.namespace] = new.namespace
    for container in context.catalog.containers.values():
        if relabelled or words:
            _refuse_mention(container, enum, dict(relabelled), words)
        if columns_of_enum(container, enum):
            after = rebuilt(container, swap)
            if isinstance(after, Table) and (relabelled or words):
                columns = tuple(
                    _with_default(column, dict(relabelled), words)
                    if has_type(column.type, new)
                    else column
                    for column in after.columns
                )
                after = replace(after, columns=columns)
            yield container, after


def _with_default(column: Column, labels: dict[str, str], words: dict[str, str]) -> Column:
    """Return the column with a default that names the enum, or a label of it, as it is now."""
    if column.default is None:
        return column
    text, pieces, done = column.default, [], 0
    for kind, value, start, end in tokenize(text):
        if kind == "string" and value in labels:
            new = "'" + labels[value].replace("'", "''") + "'"
        elif kind in ("word", "name") and value in words:
            new = '"' + words[value].replace('"', '""') + '"'
        else:
            continue
        pieces += [text[done:start], new]
        done = end
    return replace(column, default="".join([*pieces, text[done:]]))


def _refuse_mention(
    container: Container, enum: EnumType, labels: dict[str, str], words: dict[str, str]
) -> None:
    """Refuse where an expression that is kept as text would come to mean something else."""
    if isinstance(container, Sequence | EnumType):
        return
    texts: list[str | None] = [container.query]
    if isinstance(container, Table):
        if not columns_of_enum(container, enum):
            return
        texts += [check.expression for check in container.checks]
        texts += [column.generated for column in container.columns]
        texts += [index.where for index in container.indexes]
        texts += [part.expression for index in container.indexes for part in index.parts]
    for text in texts:
        for kind, value, _, _ in tokenize(text or ""):
            if (kind == "string" and value in labels) or (
                kind in ("word", "name") and value in words and value == enum.name
            ):
                word = "view" if isinstance(container, View) else "table"
                raise Unsupported(
                    f'renaming what {word} "{container.name}" names in an expression is not '
                    "supported",
                    hint="Drop the view, constraint or index that names it, and create it again "
                    "afterwards.",
                )
