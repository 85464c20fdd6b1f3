"""Prints expressions as PostgreSQL does.

A cast that nobody wrote is shown only where the printer's caller asks for it (``implicit``): in
operands and arguments, where leaving it out might choose another operator or function.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import fivefold.languages.sql.deparse.queries as queries
from fivefold.errors import Unsupported
from fivefold.languages.sql.deparse import shapes
from fivefold.languages.sql.deparse.names import quoted, string, type_name
from fivefold.languages.sql.deparse.printer import INNER_STEP, Printer
from fivefold.languages.sql.deparse.shapes import Shape
from fivefold.values.types import Kind

_PRODUCTS, _SUMS = ("*", "/", "%"), ("+", "-")


def show(p: Printer, node: Shape, *, implicit: bool = False) -> None:
    """Write an expression."""
    if isinstance(node, shapes.Cast):
        _cast(p, node, implicit=implicit)
    elif isinstance(node, shapes.Subscript):
        _subscript(p, node, implicit=implicit)
    else:
        _PRINTERS[type(node)](p, node)


def show_list(p: Printer, nodes: tuple[Shape, ...], *, implicit: bool = True) -> None:
    """Write expressions with commas between them."""
    for index, node in enumerate(nodes):
        p.write(", " if index else "")
        show(p, node, implicit=implicit)


def _inside(p: Printer, node: Shape, parent: Shape, *, implicit: bool) -> None:
    """Write an operand, in parentheses if pretty printing needs them here."""
    need = p.pretty and not is_simple(node, parent)
    p.write("(" if need else "")
    show(p, node, implicit=implicit)
    p.write(")" if need else "")


def _open(p: Printer) -> None:
    p.write("" if p.pretty else "(")


def _close(p: Printer) -> None:
    p.write("" if p.pretty else ")")


# -- which need no parentheses ---------------------------------------------------------------------

_ALWAYS_SIMPLE = (
    shapes.Var,
    shapes.Const,
    shapes.Subscript,
    shapes.Form,
    shapes.Word,
    shapes.Aggregate,
    shapes.Call,
    shapes.Syntax,
    shapes.Case,
)
_SEPARATING = (shapes.Subscript, shapes.Form, shapes.Aggregate, shapes.Case, shapes.Call)


def is_simple(node: Shape, parent: Shape) -> bool:
    """Say whether pretty printing may leave out the parentheses around ``node``."""
    if isinstance(node, _ALWAYS_SIMPLE):
        return True
    if isinstance(node, shapes.Cast):
        return node.function or is_simple(node.argument, node)
    if isinstance(node, shapes.Operator) and isinstance(parent, shapes.Operator):
        return _binds_tighter(node, parent)
    if isinstance(node, shapes.Operator | shapes.Sublink | shapes.Test | shapes.Distinct):
        return isinstance(parent, (*_SEPARATING, shapes.Logic))
    if isinstance(node, shapes.Logic):
        if isinstance(parent, shapes.Logic):
            return parent.word == "OR" or (parent.word == "AND" and node.word != "OR")
        return isinstance(parent, _SEPARATING)
    return False


def _binds_tighter(node: shapes.Operator, parent: shapes.Operator) -> bool:
    if len(node.arguments) != 2 or len(parent.arguments) != 2:
        return False
    own, other = node.symbol, parent.symbol
    if own not in _PRODUCTS + _SUMS or other not in _PRODUCTS + _SUMS:
        return False
    if own in _PRODUCTS and other in _SUMS:
        return True
    if own in _SUMS and other in _PRODUCTS:
        return False
    return node is parent.arguments[0]


# -- leaves --------------------------------------------------------------------------------------


def _var(p: Printer, node: shapes.Var) -> None:
    name = node.name if node.name == "*" else quoted(node.name)
    p.write(name if node.source is None else f"{quoted(node.source)}.{name}")


def _const(p: Printer, node: shapes.Const) -> None:
    constant(p, node)


def constant(p: Printer, node: shapes.Const, *, label: bool | None = None) -> None:
    """Write a constant; its type after it always, never, or (None) if it would not be read so."""
    if node.text is None:
        p.write("NULL")
        needed = True
    else:
        text, kind = node.text, node.type.kind
        plain = (
            kind is Kind.BOOLEAN
            or (kind is Kind.INT4 and not text.startswith("-"))
            or (kind is Kind.NUMERIC and text[:1].isdigit() and not text.isdigit())
        )
        p.write(text if plain else string(text))
        needed = not plain
    if label is not False and (needed or label) and node.type.kind is not Kind.UNKNOWN:
        p.write("::" + type_name(p.context, node.type))


def _word(p: Printer, node: shapes.Word) -> None:
    p.write(node.text)


# -- operators -----------------------------------------------------------------------------------


def _operator(p: Printer, node: shapes.Operator) -> None:
    _open(p)
    if len(node.arguments) == 1:
        p.write(node.symbol + " ")
        _inside(p, node.arguments[0], node, implicit=True)
    else:
        _inside(p, node.arguments[0], node, implicit=True)
        p.write(f" {node.symbol} ")
        _inside(p, node.arguments[1], node, implicit=True)
    _close(p)


def _array_operator(p: Printer, node: shapes.ArrayOperator) -> None:
    _open(p)
    _inside(p, node.left, node, implicit=True)
    p.write(f" {node.symbol} {'ALL' if node.every else 'ANY'} (")
    _inside(p, node.right, node, implicit=True)
    p.write(")")
    _close(p)


def _distinct(p: Printer, node: shapes.Distinct) -> None:
    _open(p)
    _inside(p, node.left, node, implicit=True)
    p.write(" IS DISTINCT FROM ")
    _inside(p, node.right, node, implicit=True)
    _close(p)


def _logic(p: Printer, node: shapes.Logic) -> None:
    _open(p)
    if node.word == "NOT":
        p.write("NOT ")
        _inside(p, node.arguments[0], node, implicit=False)
    else:
        for index, part in enumerate(node.arguments):
            p.write(f" {node.word} " if index else "")
            _inside(p, part, node, implicit=False)
    _close(p)


def _test(p: Printer, node: shapes.Test) -> None:
    _open(p)
    _inside(p, node.argument, node, implicit=not node.truth)
    p.write(" IS " + node.words)
    _close(p)


def _row_compare(p: Printer, node: shapes.RowCompare) -> None:
    p.write("(ROW(")
    show_list(p, node.left)
    p.write(f") {node.symbol} ROW(")
    show_list(p, node.right)
    p.write("))")


def _collate(p: Printer, node: shapes.Collate) -> None:
    _open(p)
    _inside(p, node.argument, node, implicit=True)
    p.write(" COLLATE " + quoted(node.collation))
    _close(p)


# -- casts, subscripts, CASE -----------------------------------------------------------------------


def _cast(p: Printer, node: shapes.Cast, *, implicit: bool) -> None:
    if node.implicit and not implicit:
        _inside(p, node.argument, node, implicit=False)
        return
    argument = node.argument
    if isinstance(argument, shapes.Form) and argument.word == "ARRAY" and not argument.arguments:
        show(p, argument)
    elif isinstance(argument, shapes.Const) and _same_type(argument, node):
        constant(p, argument, label=False)
    else:
        _open(p)
        _inside(p, argument, node, implicit=False)
        _close(p)
    p.write("::" + type_name(p.context, node.type))


def _same_type(constant: shapes.Const, cast: shapes.Cast) -> bool:
    one, other = constant.type, cast.type
    return (
        one.kind is other.kind
        and one.element == other.element
        and one.length is None
        and one.precision is None
    )


def _subscript(p: Printer, node: shapes.Subscript, *, implicit: bool) -> None:
    need = not isinstance(node.argument, shapes.Var)
    p.write("(" if need else "")
    show(p, node.argument, implicit=implicit)
    p.write(")" if need else "")
    for low, high in node.indexes:
        p.write("[")
        if low is not None:
            show(p, low)
        p.write(":" if node.slice else "")
        if high is not None:
            show(p, high)
        p.write("]")


def _case(p: Printer, node: shapes.Case) -> None:
    p.keyword("CASE", 0, INNER_STEP, 0)
    if node.operand is not None:
        p.write(" ")
        show(p, node.operand, implicit=True)
    for condition, result in node.whens:
        p.keyword("WHEN ", 0, 0, 0)
        show(p, condition)
        p.write(" THEN ")
        show(p, result, implicit=True)
    p.keyword("ELSE ", 0, 0, 0)
    show(p, node.otherwise, implicit=True)
    p.keyword("END", -INNER_STEP, 0, 0)


# -- calls -----------------------------------------------------------------------------------------


def _call(p: Printer, node: shapes.Call) -> None:
    p.write(quoted(node.name) + "(")
    show_list(p, node.arguments)
    p.write(")")


def _form(p: Printer, node: shapes.Form) -> None:
    p.write(node.word + node.opening)
    show_list(p, node.arguments)
    p.write(node.closing)


def _aggregate(p: Printer, node: shapes.Aggregate) -> None:
    p.write(f"{quoted(node.name)}({'DISTINCT ' if node.distinct else ''}")
    if node.star:
        p.write("*")
    show_list(p, node.arguments)
    if node.within:
        p.write(") WITHIN GROUP (ORDER BY ")
        queries.sort_keys(p, node.within)
    if node.order:
        p.write(" ORDER BY ")
        queries.sort_keys(p, node.order)
    if node.filter is not None:
        p.write(") FILTER (WHERE ")
        show(p, node.filter)
    p.write(")")
    if node.over is not None:
        p.write(" OVER ")
        queries.over(p, node.over)


def _extract(p: Printer, arguments: tuple[Shape, ...]) -> None:
    field, value = arguments
    assert isinstance(field, shapes.Const)
    p.write(f"EXTRACT({field.text} FROM ")
    show(p, value)
    p.write(")")


def _position(p: Printer, arguments: tuple[Shape, ...]) -> None:
    p.write("POSITION((")
    show(p, arguments[1])
    p.write(") IN (")
    show(p, arguments[0])
    p.write("))")


def _worded(*words: str) -> Callable[[Printer, tuple[Shape, ...]], None]:
    """Return what prints arguments with a word before each."""

    def print_(p: Printer, arguments: tuple[Shape, ...]) -> None:
        for word, argument in zip(words, arguments, strict=False):
            p.write(word)
            show(p, argument)
        p.write(")")

    return print_


def _trim(where: str) -> Callable[[Printer, tuple[Shape, ...]], None]:
    def print_(p: Printer, arguments: tuple[Shape, ...]) -> None:
        p.write(f"TRIM({where}")
        if len(arguments) > 1:
            p.write(" ")
            show(p, arguments[1])
        p.write(" FROM ")
        show(p, arguments[0])
        p.write(")")

    return print_


_SYNTAXES: dict[str, Callable[[Printer, tuple[Shape, ...]], None]] = {
    "extract": _extract,
    "position": _position,
    "substring": _worded("SUBSTRING(", " FROM ", " FOR "),
    "overlay": _worded("OVERLAY(", " PLACING ", " FROM ", " FOR "),
    "btrim": _trim("BOTH"),
    "ltrim": _trim("LEADING"),
    "rtrim": _trim("TRAILING"),
}


def _syntax(p: Printer, node: shapes.Syntax) -> None:
    if node.name == "timezone":
        p.write("(")
        _inside(p, node.arguments[1], node, implicit=False)
        p.write(" AT TIME ZONE ")
        _inside(p, node.arguments[0], node, implicit=False)
        p.write(")")
    elif node.name in _SYNTAXES:
        _SYNTAXES[node.name](p, node.arguments)
    else:
        raise Unsupported(f"printing {node.name} is not supported")


# -- subqueries ------------------------------------------------------------------------------------


def _sublink(p: Printer, node: shapes.Sublink) -> None:
    if node.kind == "ARRAY":
        p.write("ARRAY(")
        queries.nested(p, node.query, named=False)
        p.write(")")
        return
    p.write("(")
    if len(node.left) > 1:
        p.write("(")
        show_list(p, node.left)
        p.write(")")
    elif node.left:
        show(p, node.left[0], implicit=True)
    if node.kind == "EXISTS":
        p.write("EXISTS ")
    elif node.kind == "ANY":
        p.write(" IN " if node.symbol == "=" else f" {node.symbol} ANY ")
    elif node.kind == "ALL":
        p.write(f" {node.symbol} ALL ")
    elif node.kind == "ROW":
        p.write(f" {node.symbol} ")
    p.write("(" if node.kind else "")
    queries.nested(p, node.query, named=False)
    p.write("))" if node.kind else ")")


_PRINTERS: dict[type, Callable[[Printer, Any], None]] = {
    shapes.Var: _var,
    shapes.Const: _const,
    shapes.Word: _word,
    shapes.Operator: _operator,
    shapes.ArrayOperator: _array_operator,
    shapes.Distinct: _distinct,
    shapes.Logic: _logic,
    shapes.Test: _test,
    shapes.RowCompare: _row_compare,
    shapes.Collate: _collate,
    shapes.Case: _case,
    shapes.Call: _call,
    shapes.Form: _form,
    shapes.Aggregate: _aggregate,
    shapes.Syntax: _syntax,
    shapes.Sublink: _sublink,
}
