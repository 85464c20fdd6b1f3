"""Binds the expressions that the catalog keeps as text: checks, generated columns, index parts.

A bound tree for the store names its columns without their table, see catalog/changes.py.
"""

from __future__ import annotations

import re
from dataclasses import replace

import fivefold.languages.sql.bind.expressions as expressions
from fivefold.catalog.changes import AlterTable
from fivefold.catalog.containers import Column, EnumType, Index, Table
from fivefold.errors import InvalidStatement, Unsupported
from fivefold.languages.sql import tree
from fivefold.languages.sql.bind.casts import require, settle
from fivefold.languages.sql.bind.nodes import Node
from fivefold.languages.sql.bind.scopes import Scope, Visible
from fivefold.languages.sql.bind.sources import table_source
from fivefold.languages.sql.bind.state import Context, State
from fivefold.languages.sql.keywords import NOT_FUNCTIONS, NOT_NAMES, RESERVED
from fivefold.languages.sql.parse.statements import parse_expression
from fivefold.languages.sql.signatures import Function, Volatility
from fivefold.languages.sql.tokens import Token, tokenize
from fivefold.plan import nodes as exp
from fivefold.values.types import BOOLEAN


def table_scope(context: Context, table: Table, clause: str) -> Scope:
    """Return a scope in which only the table's own columns are seen."""
    scope = Scope(State(context, quiet=True), clause=clause)
    source = table_source(table, table.name)
    scope.sources = [source]
    scope.visible = [Visible(entry.name, source, entry) for entry in source.fields]
    return scope


def bind_part(
    context: Context, table: Table, value: tree.Expr, clause: str, *, condition: bool = False
) -> Node:
    """Bind one expression over a row of ``table``; columns come out unqualified."""
    scope = table_scope(context, table, clause)
    bound = expressions.bind(scope, value)
    bound = (
        require(scope.state, bound, BOOLEAN, clause) if condition else settle(scope.state, bound)
    )
    if scope.state.parameters:
        raise InvalidStatement("there is no parameter $1", "undefined_parameter")
    for node in bound.walk():
        if isinstance(node, exp.Subquery | exp.Exists):
            raise Unsupported(f"cannot use subquery in {clause}")
        if isinstance(node, exp.Column):
            node.set("table", None)
        node.meta.pop("scope", None)
        node.meta.pop("lift", None)
    return bound


def refuse_mutable(bound: Node, what: str) -> None:
    """Refuse a function whose result may change, where it is computed once."""
    for node in bound.walk():
        function = node.meta.get("function")
        if isinstance(function, Function) and function.volatility is not Volatility.IMMUTABLE:
            raise InvalidStatement(what, "invalid_object_definition")


def bind_all(context: Context, table: Table) -> dict[str, Node]:
    """Return every expression of the table by its text, as stores want them."""
    found: dict[str, Node] = {}
    for check in table.checks:
        value = parse_expression(check.expression)
        found[check.expression] = bind_part(
            context, table, value, "check constraints", condition=True
        )
    for column in table.columns:
        if column.generated is not None:
            from fivefold.languages.sql.bind.defaults import assigned

            value = parse_expression(column.generated)
            bound = bind_part(context, table, value, "column generation expressions")
            found[column.generated] = assigned(State(context), bound, column.type)
    names = {column.name for column in table.columns}
    for index in table.indexes:
        for part in index.parts:
            if part.expression not in names:
                value = parse_expression(part.expression)
                found[part.expression] = bind_part(context, table, value, "index expressions")
        if index.where is not None:
            value = parse_expression(index.where)
            found[index.where] = bind_part(
                context, table, value, "index predicates", condition=True
            )
    return found


def sequences_of(context: Context, default: str) -> set[tuple[str, str]]:
    """Return the relations, as (namespace, name), that a default's text names."""
    scope = Scope(State(context, quiet=True), clause="DEFAULT expressions")
    try:
        bound = expressions.bind(scope, parse_expression(default))
    except InvalidStatement:
        return set()  # it speaks of what is not there
    return {node.meta["relation"] for node in bound.walk() if "relation" in node.meta}


def resolved(context: Context, text: str) -> str:
    """Return an expression's text so that it means the same on any search path.

    Enum types stand in it with their schemas, and so do relations that are named by a constant, as
    in ``nextval('s')``.
    """
    edits = Edits(text)
    for node in tree.walk(parse_expression(text)):
        if isinstance(node, tree.TypeName) and len(node.parts) == 1:
            found = context.catalog.search(context.search_path, node.parts[0])
            if isinstance(found, EnumType):
                edits.put_name(node.at, 1, (found.namespace, found.name))
    for at, relation in _named_by_constants(context, text):
        edits.put(at, constant(relation))
    return edits.text()


def follow_sequence(
    context: Context, old: tuple[str, str], new: tuple[str, str]
) -> list[AlterTable]:
    """Return the changes that make defaults which draw from a sequence do so by its new name."""
    changes = []
    for table in context.catalog.tables():
        columns = tuple(_following(context, column, old, new) for column in table.columns)
        if columns != table.columns:
            new_table = replace(table, columns=columns)
            changes.append(AlterTable(table, new_table, bound=bind_all(context, table)))
    return changes


def _following(
    context: Context, column: Column, old: tuple[str, str], new: tuple[str, str]
) -> Column:
    if column.default is None or "(" not in column.default:
        return column
    edits = Edits(column.default)
    for at, relation in _named_by_constants(context, column.default):
        if relation == old:
            edits.put(at, constant(new))
    return replace(column, default=edits.text())


def constant(relation: tuple[str, str]) -> str:
    """Return the constant that names a relation."""
    return "'" + ".".join(map(quoted, relation)).replace("'", "''") + "'"


def _named_by_constants(context: Context, text: str) -> list[tuple[int, tuple[str, str]]]:
    """Return where constants name relations in a default, and which."""
    if "'" not in text:
        return []
    scope = Scope(State(context, quiet=True), clause="DEFAULT expressions")
    try:
        bound = expressions.bind(scope, parse_expression(text))
    except InvalidStatement:
        return []  # it speaks of a row's columns, or of what is not there any more
    return constants_in(bound, text)


def constants_in(bound: Node, text: str) -> list[tuple[int, tuple[str, str]]]:
    """Return where constants of ``text`` name relations in its bound tree, and which."""
    found = [node.meta for node in bound.walk() if "relation" in node.meta]
    kinds = {token[2]: token[0] for token in tokenize(text)} if found else {}
    return [(meta["at"], meta["relation"]) for meta in found if kinds.get(meta["at"]) == "string"]


def columns_of(text: str, table: Table) -> set[str]:
    """Return the columns of ``table`` that an expression's text names."""
    names = {column.name for column in table.columns}
    return {part.parts[-1] for part in _names(text) if part.parts[-1] in names}


def _names(text: str) -> list[tree.Name]:
    return [
        part
        for part in tree.walk(parse_expression(text))
        if isinstance(part, tree.Name) and part.parts
    ]


def rename_column(text: str, old: str, new: str) -> str:
    """Return an expression's text with a column renamed."""
    edits = Edits(text)
    for part in _names(text):
        if part.parts[-1] == old:
            edits.put_name(part.at, len(part.parts), (*part.parts[:-1], new))
    return edits.text()


def unqualified(text: str) -> str:
    """Return an expression's text with its columns named alone, for a table that is renamed."""
    edits = Edits(text)
    for part in _names(text):
        if len(part.parts) > 1:
            edits.put_name(part.at, len(part.parts), part.parts[-1:])
    return edits.text()


def unqualified_index(index: Index, table: Table) -> Index:
    """Return an index of a table with the columns of its expressions named alone."""
    parts = tuple(
        part
        if table.column(part.expression) is not None
        else replace(part, expression=unqualified(part.expression))
        for part in index.parts
    )
    where = None if index.where is None else unqualified(index.where)
    return replace(index, parts=parts, where=where)


_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")


def quoted(name: str) -> str:
    """Return a name as SQL text, in quotes only where it needs them."""
    if _PLAIN.fullmatch(name) and name not in NOT_NAMES | NOT_FUNCTIONS | RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'


class Edits:
    """Changes to a text of SQL at places that its tree has given, made all at once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokenize(text)
        self._index = {token[2]: number for number, token in enumerate(self._tokens)}
        self._pieces: dict[int, tuple[int, str]] = {}  # start: (end, text)

    def token(self, at: int) -> Token:
        return self._tokens[self._index[at]]

    def put(self, at: int, new: str, *, until: str | None = None) -> None:
        """Put a text in place of the token at ``at``, or of all up to the operator ``until``."""
        number = self._index[at]
        while until is not None and self._tokens[number][:2] != ("op", until):
            number += 1
        self._pieces[at] = (self._tokens[number][3], new)

    def put_name(self, at: int, parts: int, name: tuple[str, ...]) -> None:
        """Put a name in place of the dotted one of so many parts."""
        end = self._tokens[self._index[at] + 2 * (parts - 1)][3]
        self._pieces[at] = (end, ".".join(map(quoted, name)))

    def add_after(self, at: int, new: str) -> None:
        """Add a text after the name that was put at ``at``."""
        end, text = self._pieces[at]
        self._pieces[at] = (end, text + new)

    def put_alias_columns(self, at: int, listed: str) -> None:
        """Give the alias after the name that was put at ``at`` these columns."""
        end = self._pieces[at][0]
        number = next(i for i, token in enumerate(self._tokens) if token[2] >= end)
        number += self._tokens[number][:2] == ("word", "as")
        start = stop = self._tokens[number][3]
        if self._tokens[number + 1][:2] == ("op", "("):
            while self._tokens[number][:2] != ("op", ")"):
                number += 1
            stop = self._tokens[number][3]
        self._pieces[start] = (stop, listed)

    def text(self) -> str:
        made, done = [], 0
        for start, (end, new) in sorted(self._pieces.items()):
            made += [self._text[done:start], new]
            done = end
        return "".join([*made, self._text[done:]])
