"""Lowers CREATE SCHEMA and ALTER SCHEMA."""

from __future__ import annotations

from collections.abc import Iterator

from fivefold.catalog.catalog import DEFAULT_NAMESPACE, SEPARATOR
from fivefold.catalog.changes import CreateNamespace
from fivefold.catalog.containers import Container, EnumType, Sequence
from fivefold.catalog.roles import Privilege
from fivefold.errors import InvalidStatement, Unsupported
from fivefold.languages.sql import definitions
from fivefold.languages.sql.bind.relations import quoted_name
from fivefold.languages.sql.bind.state import Context
from fivefold.languages.sql.commands import Command, Notice, Schema, Several
from fivefold.languages.sql.schema import places, stored
from fivefold.plan.statement import Access


def create_schema(context: Context, node: definitions.CreateSchema) -> Command:
    """Lower CREATE SCHEMA; with elements it is several statements, those in the new schema."""
    if node.owner is not None and node.owner != context.user:
        raise InvalidStatement(f'role "{node.owner}" does not exist', "undefined_object")
    name = node.name or context.user
    if name in context.catalog.namespaces and node.if_not_exists:
        notice = Notice(f'schema "{name}" already exists, skipping', code="duplicate_namespace")
        return Schema((), "CREATE SCHEMA", (notice,))
    _require_free(context, name)
    if node.elements:
        for element in node.elements:
            _require_inside(element, name)
        texts = (f"CREATE SCHEMA {quoted_name(name)}", *(one.text for one in node.elements))
        return Several(texts, "CREATE SCHEMA", name)
    accesses = (Access(name, "", Privilege.CREATE),)
    return Schema((CreateNamespace(name),), "CREATE SCHEMA", accesses=accesses)


def _require_free(context: Context, name: str) -> None:
    if name.startswith("pg_"):
        raise InvalidStatement(
            f'unacceptable schema name "{name}"',
            "reserved_name",
            detail='The prefix "pg_" is reserved for system schemas.',
        )
    if name in context.catalog.namespaces or name == "information_schema":
        raise InvalidStatement(f'schema "{name}" already exists', "duplicate_namespace")
    if SEPARATOR in name:
        raise Unsupported("a slash in the name of a schema is not supported")


def _require_inside(element: definitions.Element, name: str) -> None:
    named = element.node
    parts = named.table if isinstance(named, definitions.CreateIndex) else None
    if not isinstance(named, definitions.CreateIndex | definitions.Grant):
        parts = named.name
    if parts is not None and len(parts) == 2 and parts[0] != name:
        raise InvalidStatement(
            f"CREATE specifies a schema ({parts[0]}) different from the one being created ({name})",
            "invalid_schema_definition",
        )


def alter_schema(context: Context, node: definitions.AlterSchema) -> Command:
    """Lower ALTER SCHEMA: a schema that is renamed is a new one into which everything moves."""
    if node.name not in context.catalog.namespaces:
        raise places.missing_namespace(node.name)
    if node.new_name is None:
        return Schema((), "ALTER SCHEMA")
    _require_free(context, node.new_name)
    if node.name == DEFAULT_NAMESPACE:
        raise Unsupported(
            'the schema "public" cannot be renamed',
            hint="Make another one, and have ALTER TABLE … SET SCHEMA move what is to be there.",
        )
    old, new = quoted_name(node.name), quoted_name(node.new_name)
    texts = [f"CREATE SCHEMA {new}"]
    inside = [one for one in context.catalog.containers.values() if one.namespace == node.name]
    texts += [f"ALTER {what} {old}.{name} SET SCHEMA {new}" for what, name in _movable(inside)]
    comment = context.catalog.comments.get(node.name)
    if comment is not None:
        shown = "'" + comment.replace("'", "''") + "'"
        texts.append(f"COMMENT ON SCHEMA {new} IS {shown}")
    return Several((*texts, f"DROP SCHEMA {old}"), "ALTER SCHEMA")


def _movable(inside: list[Container]) -> Iterator[tuple[str, str]]:
    for one in inside:
        if isinstance(one, Sequence) and one.owner is not None:
            continue  # goes with its table
        what = "TYPE" if isinstance(one, EnumType) else stored.kind(one).upper()
        yield what, quoted_name(one.name)
