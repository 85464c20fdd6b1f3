"""The syntax of Cypher as a tree.

Source: the openCypher 9 grammar; for what goes beyond it the Neo4j Cypher Manual, version 5. Every
node knows by ``at`` where it begins, in characters of the query from 0. Names are as they are
meant: quotes and escapes are gone.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from fivefold.values.records import Record


class Expression(Record):
    """Base of what has a value."""


class Clause(Record):
    """Base of what makes rows of rows."""


# Expressions.


class Literal(Expression):
    """An integer, float, string, boolean or null."""

    value: int | float | str | bool | None
    at: int = 0


class ListLiteral(Expression):
    """``[a, b]``."""

    items: tuple[Expression, ...]
    at: int = 0


class MapLiteral(Expression):
    """``{key: value}``."""

    entries: tuple[tuple[str, Expression], ...]
    at: int = 0


class Parameter(Expression):
    """``$name``."""

    name: str
    at: int = 0


class Variable(Expression):
    """A name that a clause has bound."""

    name: str
    at: int = 0


class Property(Expression):
    """``subject.key``: of an entity, a map, or a component of a temporal value."""

    subject: Expression
    key: str
    at: int = 0


class Index(Expression):
    """``subject[index]``: of a list, a map or an entity."""

    subject: Expression
    index: Expression
    at: int = 0


class Slice(Expression):
    """``subject[start..end]``."""

    subject: Expression
    start: Expression | None
    end: Expression | None
    at: int = 0


class HasLabels(Expression):
    """``subject:A:B`` or ``subject:A|B`` as a condition: of a node, or of a relationship's type."""

    subject: Expression
    labels: Labels
    at: int = 0


class Unary(Expression):
    """``op`` is "not", "-" or "+"."""

    op: str
    operand: Expression
    at: int = 0


class Binary(Expression):
    """``op`` is one of: or xor and = <> < <= > >= + - * / % ^ in, "starts with", "ends with",
    "contains", "=~". A chain ``a < b < c`` is the conjunction of its parts.
    """

    op: str
    left: Expression
    right: Expression
    at: int = 0


class IsNull(Expression):
    """``operand IS [NOT] NULL``."""

    operand: Expression
    negated: bool = False
    at: int = 0


class IsTyped(Expression):
    """``operand IS [NOT] :: type``; ``type`` is normalised text such as ``INTEGER NOT NULL``."""

    operand: Expression
    type: str
    negated: bool = False
    at: int = 0


class Call(Expression):
    """A function's call, an aggregating one's too; ``name`` as written, with its namespace."""

    name: str
    arguments: tuple[Expression, ...]
    distinct: bool = False
    at: int = 0


class CountStar(Expression):
    """``count(*)``."""

    at: int = 0


class Case(Expression):
    """``CASE [subject] WHEN … THEN … [ELSE otherwise] END``.

    With a subject, a ``when`` is a value to compare it with; without, a condition.
    """

    subject: Expression | None
    whens: tuple[tuple[Expression, Expression], ...]
    otherwise: Expression | None
    at: int = 0


class ListComprehension(Expression):
    """``[variable IN source WHERE where | body]``."""

    variable: str
    source: Expression
    where: Expression | None
    body: Expression | None
    at: int = 0


class PatternComprehension(Expression):
    """``[path = pattern WHERE where | body]``; the path's name is the pattern's ``variable``."""

    pattern: PathPattern
    where: Expression | None
    body: Expression
    at: int = 0


class Quantifier(Expression):
    """``kind(variable IN source WHERE where)``; ``kind`` is all, any, none or single."""

    kind: str
    variable: str
    source: Expression
    where: Expression
    at: int = 0


class Reduce(Expression):
    """``reduce(accumulator = initial, variable IN source | body)``."""

    accumulator: str
    initial: Expression
    variable: str
    source: Expression
    body: Expression
    at: int = 0


class MapProjection(Expression):
    """``subject {.key, .*, other, key: value}``.

    An item is ("property", key, None), ("all", "", None), ("variable", name, None) or
    ("entry", key, value).
    """

    subject: Variable
    items: tuple[tuple[str, str, Expression | None], ...]
    at: int = 0


class PatternPredicate(Expression):
    """A pattern as a condition, bare or in ``exists(…)``: is there such a path?

    A bare one may only stand where a condition is wanted.
    """

    pattern: PathPattern
    at: int = 0
    is_bare: bool = True


class PatternPaths(Expression):
    """A pattern as a value, ``shortestPath(…)`` in an expression: its path, or a list of them."""

    pattern: PathPattern
    at: int = 0


class Subquery(Expression):
    """``EXISTS {…}``, ``COUNT {…}`` or ``COLLECT {…}``: ``kind`` is exists, count or collect.

    Patterns with a condition are a query of one MATCH without RETURN.
    """

    kind: str
    query: Query
    at: int = 0


# Patterns.


class Labels(Record):
    """Base of an expression over labels, or over types of relationships."""


class Label(Labels):
    """The label, or the type."""

    name: str
    at: int = 0


class AnyLabel(Labels):
    """``%``: at least one."""

    at: int = 0


class LabelNot(Labels):
    """``!operand``."""

    operand: Labels
    at: int = 0


class LabelAnd(Labels):
    """``a&b``, and ``:a:b``."""

    operands: tuple[Labels, ...]
    at: int = 0


class LabelOr(Labels):
    """``a|b``."""

    operands: tuple[Labels, ...]
    at: int = 0


class Direction(Enum):
    """Where a relationship of a pattern points, as it is written from left to right."""

    RIGHT = "->"
    LEFT = "<-"
    EITHER = "--"  # ``<-->`` too


class NodePattern(Record):
    """``(variable:labels {properties} WHERE where)``; properties are a map or a parameter."""

    variable: str | None = None
    labels: Labels | None = None
    properties: MapLiteral | Parameter | None = None
    where: Expression | None = None
    at: int = 0


class Length(Record):
    """Of a variable-length relationship: ``*`` is (None, None), ``*2`` is (2, 2)."""

    least: int | None
    most: int | None


class RelationshipPattern(Record):
    """``-[variable:types *length {properties} WHERE where]->``."""

    variable: str | None = None
    types: Labels | None = None
    direction: Direction = Direction.EITHER
    length: Length | None = None
    properties: MapLiteral | Parameter | None = None
    where: Expression | None = None
    at: int = 0


class Shortest(Enum):
    """Which paths of a pattern are meant: shortestPath, allShortestPaths."""

    ONE = "shortestPath"
    ALL = "allShortestPaths"


class PathPattern(Record):
    """``variable = (a)-[r]->(b)…``: nodes and relationships in turns, beginning with a node."""

    elements: tuple[NodePattern | RelationshipPattern, ...]
    variable: str | None = None
    shortest: Shortest | None = None
    at: int = 0


# Clauses.


class Hint(Record):
    """``USING INDEX variable:label(properties)``, ``USING SCAN`` without any, ``USING JOIN ON``.

    ``kind`` is index, scan or join; a variable comes with where it stands.
    """

    kind: str
    variables: tuple[tuple[str, int], ...]
    label: str = ""
    properties: tuple[str, ...] = ()
    at: int = 0


class Match(Clause):
    """``[OPTIONAL] MATCH patterns [USING hint …] [WHERE where]``."""

    patterns: tuple[PathPattern, ...]
    where: Expression | None = None
    optional: bool = False
    hints: tuple[Hint, ...] = ()
    at: int = 0


class Unwind(Clause):
    """``UNWIND source AS variable``."""

    source: Expression
    variable: str
    at: int = 0


class Item(Record):
    """One of a projection's: ``name`` is its alias, or its text as written (``aliased`` tells)."""

    expression: Expression
    name: str
    aliased: bool
    at: int = 0


class Sort(Record):
    """One key of ORDER BY."""

    expression: Expression
    descending: bool = False


class Projection(Record):
    """``[DISTINCT] *, items ORDER BY … SKIP … LIMIT …``."""

    items: tuple[Item, ...]
    star: bool = False
    distinct: bool = False
    order: tuple[Sort, ...] = ()
    skip: Expression | None = None
    limit: Expression | None = None
    at: int = 0


class With(Clause):
    """``WITH projection [WHERE where]``."""

    projection: Projection
    where: Expression | None = None
    at: int = 0


class Return(Clause):
    """``RETURN projection``."""

    projection: Projection
    at: int = 0


class Create(Clause):
    """``CREATE patterns``."""

    patterns: tuple[PathPattern, ...]
    at: int = 0


class SetProperty(Record):
    """``subject.key = value``; ``key`` may be computed, as in ``subject[key] = value``."""

    subject: Expression
    key: str | Expression
    value: Expression
    at: int = 0


class SetProperties(Record):
    """``variable = value``, or with ``merge`` ``variable += value``."""

    variable: str
    value: Expression
    merge: bool = False
    at: int = 0


class SetLabels(Record):
    """``variable:A:B``."""

    variable: str
    labels: tuple[str, ...]
    at: int = 0


class RemoveProperty(Record):
    """``subject.key``; ``key`` may be computed."""

    subject: Expression
    key: str | Expression
    at: int = 0


class RemoveLabels(Record):
    """``variable:A:B``."""

    variable: str
    labels: tuple[str, ...]
    at: int = 0


SetItem = SetProperty | SetProperties | SetLabels


class Merge(Clause):
    """``MERGE pattern [ON CREATE SET …] [ON MATCH SET …]``."""

    pattern: PathPattern
    on_create: tuple[SetItem, ...] = ()
    on_match: tuple[SetItem, ...] = ()
    at: int = 0


class Set(Clause):
    """``SET items``."""

    items: tuple[SetItem, ...]
    at: int = 0


class Remove(Clause):
    """``REMOVE items``."""

    items: tuple[RemoveProperty | RemoveLabels, ...]
    at: int = 0


class Delete(Clause):
    """``[DETACH] DELETE expressions``."""

    expressions: tuple[Expression, ...]
    detach: bool = False
    at: int = 0


class Foreach(Clause):
    """``FOREACH (variable IN source | updates)``."""

    variable: str
    source: Expression
    updates: tuple[Clause, ...]
    at: int = 0


class CallProcedure(Clause):
    """``[OPTIONAL] CALL name(arguments) YIELD yields WHERE where``.

    ``arguments`` is None if there are no parentheses: they are taken from parameters. ``yields``
    are (the procedure's name, the variable's); None without YIELD, and ``star`` for ``YIELD *``.
    """

    name: str
    arguments: tuple[Expression, ...] | None
    yields: tuple[tuple[str, str], ...] | None = None
    star: bool = False
    where: Expression | None = None
    optional: bool = False
    at: int = 0


class CallSubquery(Clause):
    """``[OPTIONAL] CALL (imports) { query }``.

    ``imports`` is None for the form that imports by its first WITH, and ("*",) for all.
    """

    query: Query
    imports: tuple[str, ...] | None = None
    optional: bool = False
    at: int = 0


class Use(Clause):
    """``USE database``."""

    database: str
    at: int = 0


# Whole statements.


class Query(Record):
    """Clauses in order. A UNION is a chain: ``union`` is the query after it."""

    clauses: tuple[Clause, ...]
    union: Query | None = None
    distinct: bool = True  # of the UNION; UNION ALL is False
    at: int = 0


class Mode(Enum):
    """EXPLAIN says how a query would run; PROFILE runs it and says how it did."""

    PLAIN = ""
    EXPLAIN = "EXPLAIN"
    PROFILE = "PROFILE"


class Command(Record):
    """Base of what is not a query: see ``schema``. CREATE INDEX, SHOW …"""


class Statement(Record):
    """A whole text: a query or a command; ``database`` is what USE names before a command."""

    body: Query | Command
    mode: Mode = Mode.PLAIN
    database: str | None = None


class CreateIndex(Command):
    """``CREATE kind INDEX name [IF NOT EXISTS] FOR (v:label) ON (v.a, v.b) OPTIONS options``.

    ``kind`` is range, text, point, lookup, fulltext or vector; ``label`` is a relationship's type
    if ``relationship``.
    """

    name: str | None
    kind: str
    relationship: bool
    label: str
    properties: tuple[str, ...]
    if_not_exists: bool = False
    options: Expression | None = None
    at: int = 0


class DropIndex(Command):
    """``DROP INDEX name [IF EXISTS]``."""

    name: str
    if_exists: bool = False
    at: int = 0


class CreateConstraint(Command):
    """``CREATE CONSTRAINT name [IF NOT EXISTS] FOR (v:label) REQUIRE … IS …``.

    ``kind`` is unique, key (of a node or a relationship), exists or type; ``type`` is then
    normalised text.
    """

    name: str | None
    kind: str
    relationship: bool
    label: str
    properties: tuple[str, ...]
    type: str | None = None
    if_not_exists: bool = False
    options: Expression | None = None
    at: int = 0


class DropConstraint(Command):
    """``DROP CONSTRAINT name [IF EXISTS]``."""

    name: str
    if_exists: bool = False
    at: int = 0


class Show(Command):
    """``SHOW what YIELD … WHERE … RETURN …``.

    ``what`` is normalised: INDEXES, CONSTRAINTS, DATABASES, DEFAULT DATABASE, HOME DATABASE,
    FUNCTIONS, PROCEDURES, TRANSACTIONS, SETTINGS, USERS, CURRENT USER …; ``filter`` what stands
    before it (RANGE, UNIQUE, BUILT IN …), ``name`` a database's. ``values`` is one name, or a list
    of them, of the settings or transactions to show.
    """

    what: str
    filter: str | None = None
    name: str | None = None
    yields: Projection | None = None
    where: Expression | None = None
    returns: Projection | None = None
    at: int = 0
    values: Expression | None = None


class DatabaseCommand(Command):
    """``CREATE DATABASE name``, ``DROP DATABASE name``: ``verb`` is create or drop."""

    verb: str
    name: str
    if_exists: bool = False
    if_not_exists: bool = False
    replace: bool = False
    at: int = 0


AnyNode = Any
"""For walks that do not mind which node they meet."""
