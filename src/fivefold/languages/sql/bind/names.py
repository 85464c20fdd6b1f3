"""Resolves names of columns and types."""

from __future__ import annotations

from fivefold.catalog.containers import EnumType
from fivefold.errors import FivefoldError, InvalidStatement, Unsupported
from fivefold.languages.sql import tree
from fivefold.languages.sql.bind import nodes
from fivefold.languages.sql.bind.nodes import Node
from fivefold.languages.sql.bind.scopes import Scope, Source, ambiguous
from fivefold.languages.sql.bind.state import Context
from fivefold.plan import nodes as exp
from fivefold.values.names import type_named
from fivefold.values.types import OID, Kind, Type, array_of

_SYSTEM_COLUMNS = frozenset({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"})


_SYNTAX_OF_TYPES = frozenset(
    {"bigint", "boolean", "character", "dec", "decimal", "float", "int", "integer", "nchar"}
    | {"real", "smallint"}
)
"""Words that the parser reads as another name's; in quotes they are no type."""


def named_type(node: tree.TypeName, context: Context) -> Type:
    """Return the type that a name means; raises InvalidStatement (undefined_object) if none."""
    parts = node.parts
    if len(parts) == 2 and parts[0] == "pg_catalog":
        parts = parts[1:]
    name = ".".join(parts)
    if parts == ("char",):
        name = '"char"'  # without quotes the parser would have made it bpchar
    try:
        known = len(parts) == 1 and name not in _SYNTAX_OF_TYPES
        found = type_named(name, node.modifiers) if known else None
    except FivefoldError as error:
        error.position = node.at + 1
        raise
    if found is None:
        found = find_enum(context, parts, node.modifiers, node.at)
    if found is None:
        from fivefold.languages.sql import instead

        instead.refuse_type(name, node.at)
        raise InvalidStatement(
            f'type "{name}" does not exist', "undefined_object", position=node.at + 1
        )
    if node.fields and found.kind is Kind.INTERVAL:
        raise Unsupported(
            "INTERVAL with fields is not supported; write the unit in the literal",
            position=node.at + 1,
        )
    return array_of(found) if node.dimensions else found


def find_enum(
    context: Context, parts: tuple[str, ...], modifiers: tuple[int, ...] = (), at: int = -1
) -> Type | None:
    """Return the enum, or with an underscore before its name the array of it, or None."""
    path = parts[:-1] if len(parts) == 2 else context.search_path
    if len(parts) > 2:
        return None
    for name, is_array in ((parts[-1], False), (parts[-1].removeprefix("_"), True)):
        found = context.catalog.search(path, name)
        if isinstance(found, EnumType):
            if modifiers:
                raise InvalidStatement(
                    f'type modifier is not allowed for type "{name}"',
                    "syntax_error",
                    position=at + 1 if at >= 0 else None,
                )
            return array_of(found.type) if is_array else found.type
    return None


def name_column(scope: Scope, node: tree.Name) -> Node:
    """Return the bound column of a reference of one to three parts."""
    if len(node.parts) == 1:
        found = scope.column(node.parts[0], node.at)
        if found is not None:
            return found
        if node.parts[0] == "tableoid" and len(scope.sources) == 1:
            return source_column(scope, scope.sources[0], "tableoid", node.at)
        holder = scope.source(None, node.parts[0])
        if holder is not None:
            from fivefold.languages.sql.bind.records import whole_row

            return whole_row(*holder, node.at)
        raise _no_column(scope, node)
    qualifier = node.parts[0] if len(node.parts) == 3 else None
    table, name = node.parts[-2:]
    holder = scope.source(qualifier, table)
    if holder is None:
        raise no_source(scope, qualifier, table, node.at)
    return source_column(*holder, name, node.at)


def source_column(scope: Scope, source: Source, name: str, at: int) -> Node:
    matches = [entry for entry in source.fields if entry.name == name]
    if len(matches) > 1:
        raise ambiguous(name, at)
    if not matches:
        if name == "tableoid" and source.table is not None:
            found = _table_oid(scope, source, at)
            if found is not None:
                return found
        _refuse_system_column(source.table is not None, name, at)
        raise InvalidStatement(
            f"column {source.alias}.{name} does not exist", "undefined_column", position=at + 1
        )
    return scope.field_node(source, matches[0], at)


def _table_oid(scope: Scope, source: Source, at: int) -> Node | None:
    """Return the oid of a system catalog, where one of its rows is; None for other tables."""
    table = source.table
    if table is None or table.namespace != "pg_catalog" or not table.columns[0].not_null:
        return None
    from fivefold.languages.sql.system import definitions

    oid = definitions.relations()[table.namespace, table.name].oid
    first = scope.field_node(source, source.fields[0], at)
    # The row of an outer join that has no match has no table either.
    shown = exp.If(this=nodes.is_null(first), true=nodes.literal(None, OID, at))
    return nodes.typed(exp.Case(ifs=[shown], default=nodes.literal(oid, OID, at)), OID, at)


def no_source(scope: Scope, qualifier: str | None, table: str, at: int) -> InvalidStatement:
    """Return the error for a qualifier that names nothing in FROM."""
    shown = table if qualifier is None else f"{qualifier}.{table}"
    look: Scope | None = scope
    while look is not None:
        if any(
            source.table is not None and source.table.name == table and source.alias != table
            for source in look.sources
        ):
            alias = next(
                s.alias for s in look.sources if s.table is not None and s.table.name == table
            )
            return InvalidStatement(
                f'invalid reference to FROM-clause entry for table "{shown}"',
                "undefined_table",
                hint=f'Perhaps you meant to reference the table alias "{alias}".',
                position=at + 1,
            )
        if table in look.hidden:
            return InvalidStatement(
                f'invalid reference to FROM-clause entry for table "{shown}"',
                "undefined_table",
                hint=f'There is an entry for table "{shown}", but it cannot be referenced '
                "from this part of the query.",
                position=at + 1,
            )
        look = look.parent
    return InvalidStatement(
        f'missing FROM-clause entry for table "{table}"', "undefined_table", position=at + 1
    )


def _no_column(scope: Scope, node: tree.Name) -> FivefoldError:
    name = node.parts[0]
    _refuse_system_column(bool(scope.sources), name, node.at)
    return InvalidStatement(
        f'column "{name}" does not exist',
        "undefined_column",
        hint=_suggestion(scope, name),
        position=node.at + 1,
    )


def _refuse_system_column(possible: bool, name: str, at: int) -> None:
    if possible and name in _SYSTEM_COLUMNS:
        raise Unsupported(f"the system column {name} is not supported", position=at + 1)


def _suggestion(scope: Scope, name: str) -> str | None:
    """Return PostgreSQL's hint at a column whose name is close."""
    best: tuple[int, str] | None = None
    look: Scope | None = scope
    while look is not None:
        for source in look.sources:
            for entry in source.fields:
                far = _distance(name, entry.name)
                if far <= min(3, len(name) // 2) and (best is None or far < best[0]):
                    best = (far, f"{source.alias}.{entry.name}")
        look = look.parent
    return None if best is None else f'Perhaps you meant to reference the column "{best[1]}".'


def _distance(one: str, other: str) -> int:
    """Return Levenshtein's distance."""
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, right in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (left != right))
    return row[-1]
