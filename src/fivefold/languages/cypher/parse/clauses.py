"""Parses clauses, each into one node; one function for each first word.

Source: the openCypher 9 grammar, "ReadingClause", "UpdatingClause", "With" and "Return"; the Neo4j
Cypher Manual 5, "Clauses".
"""

from __future__ import annotations

from collections.abc import Callable

import fivefold.languages.cypher.parse.expressions as grammar
import fivefold.languages.cypher.parse.queries as queries
from fivefold.languages.cypher import tree
from fivefold.languages.cypher.parse import patterns, updates
from fivefold.languages.cypher.parse.stream import Stream
from fivefold.languages.cypher.tree import Clause

_ORDERS = frozenset({"ORDER", "SKIP", "OFFSET", "LIMIT"})
_DIRECTIONS = {"ASC": False, "ASCENDING": False, "DESC": True, "DESCENDING": True}
_INDEX_KINDS = frozenset({"RANGE", "TEXT", "POINT", "BTREE"})


def clause(s: Stream) -> Clause:
    """Parse one clause."""
    parse = _CLAUSES.get(s.mark)
    if parse is None:
        raise s.unexpected(*_EXPECTED)
    return parse(s)


def _match(s: Stream) -> Clause:
    at = s.at
    optional = s.accept("OPTIONAL")
    s.expect("MATCH")
    if s.mark in ("REPEATABLE", "DIFFERENT") and s.is_name(1) and s.peek(2) != "=":
        hint = "A relationship is never passed twice by one MATCH: leave the mode out."
        raise s.unsupported("a match mode", hint)
    found = patterns.pattern(s)
    hints: list[tree.Hint] = []
    while s.mark == "USING":
        hints.append(_hint(s))
    where = grammar.condition(s) if s.accept("WHERE") else None
    return tree.Match(found, where, optional, tuple(hints), at)


def _hint(s: Stream) -> tree.Hint:
    at = s.at
    s.expect("USING")
    if s.accept("JOIN"):
        s.expect("ON")
        places = [s.at]
        names = [s.name()]
        while s.accept(","):
            places.append(s.at)
            names.append(s.name())
        return tree.Hint("join", tuple(zip(names, places, strict=True)), at=at)
    kind = "scan"
    if not s.accept("SCAN"):
        kind = "index"
        if s.mark in _INDEX_KINDS and s.peek() == "INDEX":
            s.advance()
        if s.mark != "INDEX":
            raise s.unexpected("INDEX", "SCAN", "JOIN")
        s.advance()
        s.accept("SEEK")
    place = s.at
    variable = s.name("a variable name")
    s.expect(":")
    label = s.name("a label name")
    properties: tuple[str, ...] = ()
    if kind == "index":
        s.expect("(")
        properties = _names(s)
        s.expect(")")
    return tree.Hint(kind, ((variable, place),), label, properties, at)


def _names(s: Stream) -> tuple[str, ...]:
    found = [s.name()]
    while s.accept(","):
        found.append(s.name())
    return tuple(found)


def _optional(s: Stream) -> Clause:
    if s.peek() == "CALL":
        s.advance()
        return _call(s, optional=True)
    return _match(s)


def _unwind(s: Stream) -> Clause:
    at = s.at
    s.advance()
    source = grammar.expression(s)
    s.expect("AS")
    return tree.Unwind(source, s.name("a variable name"), at)


def _with(s: Stream) -> Clause:
    at = s.at
    s.advance()
    projection = projected(s, at)
    where = grammar.condition(s) if s.accept("WHERE") else None
    return tree.With(projection, where, at)


def _return(s: Stream) -> Clause:
    at = s.at
    s.advance()
    return tree.Return(projected(s, at), at)


def _ordering(s: Stream) -> Clause:
    """Parse ORDER BY, SKIP or LIMIT as a clause of its own."""
    at = s.at
    order, skip, limit = _order(s)
    return tree.With(tree.Projection((), True, False, order, skip, limit, at), None, at)


def projected(s: Stream, at: int) -> tree.Projection:
    """Parse what follows WITH or RETURN."""
    distinct = False
    if s.mark == "DISTINCT":
        s.advance()
        distinct = True
    star = False
    items: list[tree.Item] = []
    if s.mark == "*":
        s.advance()
        star = True
    else:
        items.append(_item(s))
    while s.accept(","):
        items.append(_item(s))
    order, skip, limit = _order(s) if s.mark in _ORDERS else ((), None, None)
    return tree.Projection(tuple(items), star, distinct, order, skip, limit, at)


def _item(s: Stream) -> tree.Item:
    first, at = s.index, s.at
    value = grammar.expression(s)
    if s.mark == "AS":
        s.advance()
        return tree.Item(value, s.name(), True, at)
    if type(value) is tree.Variable:
        return tree.Item(value, value.name, False, at)
    return tree.Item(value, s.written(first), False, at)


def _order(
    s: Stream,
) -> tuple[tuple[tree.Sort, ...], tree.Expression | None, tree.Expression | None]:
    order: list[tree.Sort] = []
    if s.accept("ORDER"):
        s.expect("BY")
        order.append(_sort(s))
        while s.accept(","):
            order.append(_sort(s))
    skip = limit = None
    if s.mark == "SKIP" or s.mark == "OFFSET":
        s.advance()
        skip = grammar.expression(s)
    if s.accept("LIMIT"):
        limit = grammar.expression(s)
    return tuple(order), skip, limit


def _sort(s: Stream) -> tree.Sort:
    value = grammar.expression(s)
    descending = _DIRECTIONS.get(s.mark)
    if descending is None:
        return tree.Sort(value)
    s.advance()
    return tree.Sort(value, descending)


def _call(s: Stream, *, optional: bool = False) -> Clause:
    at = s.at
    s.advance()
    if s.mark == "{" or s.mark == "(":
        return _subquery(s, optional, at)
    name = s.dotted("a procedure name")
    arguments = None
    if s.accept("("):
        arguments = grammar.expressions(s, ")")
    if not s.accept("YIELD"):
        return tree.CallProcedure(name, arguments, None, False, None, optional, at)
    yields: list[tuple[str, str]] = []
    star = s.accept("*")
    if not star and not s.accept("-"):
        yields.append(_yield(s))
        while s.accept(","):
            yields.append(_yield(s))
    where = grammar.condition(s) if s.accept("WHERE") else None
    return tree.CallProcedure(name, arguments, tuple(yields), star, where, optional, at)


def _yield(s: Stream) -> tuple[str, str]:
    name = s.name("a procedure result field")
    return name, s.name("a variable name") if s.accept("AS") else name


def _subquery(s: Stream, optional: bool, at: int) -> Clause:
    imports: tuple[str, ...] | None = None
    if s.accept("("):
        imports = ("*",) if s.accept("*") else _names(s) if s.is_name() else ()
        s.expect(")")
    s.expect("{")
    query = queries.braced(s)
    if s.mark == "IN" and "TRANSACTIONS" in (s.peek(), s.peek(2), s.peek(3)):
        _in_transactions(s)
    return tree.CallSubquery(query, imports, optional, at)


def _in_transactions(s: Stream) -> None:
    """Step over IN TRANSACTIONS: the rows are one transaction, so that all is kept or nothing."""
    s.expect("IN")
    if s.mark != "TRANSACTIONS":
        grammar.expression(s)
        s.expect("CONCURRENT")
    s.expect("TRANSACTIONS")
    if s.accept("OF"):
        grammar.expression(s)
        if not s.accept("ROWS"):
            s.expect("ROW")
    hint = "The query is one transaction here: what fails undoes it all."
    if s.accept("ON"):
        s.expect("ERROR")
        if not s.accept("FAIL"):
            raise s.unsupported(f"ON ERROR {s.mark} of IN TRANSACTIONS", hint)
    if s.mark == "REPORT":
        raise s.unsupported("REPORT STATUS of IN TRANSACTIONS", hint)


def _use(s: Stream) -> Clause:
    at = s.at
    s.advance()
    database = s.dotted("a database name")
    if s.mark == "(":
        hint = "Name the database: USE neo4j."
        raise s.unsupported(f"the function {database} after USE", hint, at)
    return tree.Use(database, at)


def _load(s: Stream) -> Clause:
    hint = "Read the file in the program and send its rows: UNWIND $rows AS row ..."
    raise s.unsupported("LOAD CSV", hint)


def _foreach(s: Stream) -> Clause:
    at = s.at
    s.advance()
    s.separate(s.index, last=False)
    s.expect("(")
    variable = s.name("a variable name")
    s.expect("IN")
    source = grammar.expression(s)
    s.expect("|")
    s.deeper(3)
    changes: list[Clause] = []
    while not changes or s.mark != ")":
        parse = _UPDATES.get(s.mark)
        if parse is None:
            raise s.unexpected(*_UPDATES, *(["')'"] if changes else []))
        changes.append(parse(s))
    s.advance()
    s.depth -= 3
    return tree.Foreach(variable, source, tuple(changes), at)


_UPDATES: dict[str, Callable[[Stream], Clause]] = {
    "CREATE": updates.create,
    "MERGE": updates.merge,
    "SET": updates.set_,
    "REMOVE": updates.remove,
    "DELETE": updates.delete,
    "DETACH": updates.delete,
    "NODETACH": updates.delete,
    "INSERT": updates.create,
    "FOREACH": _foreach,
}
_CLAUSES: dict[str, Callable[[Stream], Clause]] = {
    "MATCH": _match,
    "OPTIONAL": _optional,
    "UNWIND": _unwind,
    "WITH": _with,
    "RETURN": _return,
    "CALL": _call,
    "USE": _use,
    "LOAD": _load,
    **dict.fromkeys(_ORDERS, _ordering),
    **_UPDATES,
}
_EXPECTED = (
    *("FOREACH", "ORDER BY", "CALL", "CREATE", "LOAD CSV", "DELETE", "DETACH", "NODETACH"),
    *("INSERT", "LIMIT", "MATCH", "MERGE", "OFFSET", "OPTIONAL", "REMOVE", "RETURN", "SET"),
    *("SKIP", "UNION", "UNWIND", "USE", "WITH"),
)
