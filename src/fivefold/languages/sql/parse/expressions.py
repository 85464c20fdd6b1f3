"""Parses expressions by precedence.

Source: the PostgreSQL manual, "Operator Precedence" (4.1.6) and "Value Expressions" (4.2). Low to
high:
OR, AND, NOT, IS, comparison, BETWEEN IN LIKE, any other operator, + -, * / %, ^, AT TIME ZONE,
COLLATE, unary minus, [ ], ::. Those marked non-associative there refuse ``a < b < c``.
"""

from __future__ import annotations

import fivefold.languages.sql.parse.queries as queries
from fivefold.errors import InvalidStatement
from fivefold.languages.sql import tree
from fivefold.languages.sql.parse.calls import NORMAL_FORMS, call_by_name, special_call
from fivefold.languages.sql.parse.stream import Stream
from fivefold.languages.sql.parse.types import interval_fields, type_name
from fivefold.languages.sql.tree import Expr
from fivefold.values.records import changed

OR, AND, NOT, IS, COMPARE, MATCH, OTHER, ADD, MULTIPLY, POWER, ZONE, COLLATE, MINUS = range(1, 14)

_LEVELS = {
    "<": COMPARE, ">": COMPARE, "=": COMPARE, "<=": COMPARE, ">=": COMPARE, "<>": COMPARE,
    "+": ADD, "-": ADD, "*": MULTIPLY, "/": MULTIPLY, "%": MULTIPLY, "^": POWER,
}  # fmt: skip
_NOT_OPERATORS = frozenset({"(", ")", "[", "]", ",", ";", ":", ".", "::", ":=", "=>", ".."})
_WORD_LEVELS = {
    "or": OR, "and": AND, "is": IS, "isnull": IS, "notnull": IS, "between": MATCH, "in": MATCH,
    "like": MATCH, "ilike": MATCH, "similar": MATCH, "not": MATCH, "at": ZONE, "collate": COLLATE,
    "operator": OTHER, "overlaps": MATCH,
}  # fmt: skip
_LABELS = frozenset(_WORD_LEVELS) - {"isnull", "notnull", "overlaps", "not"}
"""Words of operators that name an output where nothing follows that they could work on."""
_AFTER_TARGET = frozenset(
    {",", ";", ")", "from", "into", "where", "group", "having", "window", "union", "intersect"}
    | {"except", "order", "limit", "offset", "fetch", "for"}
)
_MATCHES = frozenset({"between", "in", "like", "ilike", "similar"})
_TESTS = frozenset({"null", "true", "false", "unknown"})
_TYPE_WORDS = frozenset(
    [
        "int",
        "integer",
        "smallint",
        "bigint",
        "real",
        "float",
        "double",
        "decimal",
        "dec",
        "numeric",
        "boolean",
        "char",
        "character",
        "varchar",
        "nchar",
        "national",
        "timestamp",
        "time",
        "interval",
        "bit",
    ]
)


def expression(s: Stream, level: int = OR) -> Expr:
    """Parse an expression whose operators bind at least as tightly as ``level``."""
    s.deeper()
    left = _prefix(s)
    closed = 0  # the level of the last non-associative operator
    while True:
        kind, value = s.kind, s.value
        if kind == "op":
            if value in _NOT_OPERATORS:
                break
            bind = _LEVELS.get(value, OTHER)
        elif kind == "word":
            bind = _WORD_LEVELS.get(value, 0)
            if value == "not" and s.peek() not in _MATCHES:
                break
            if value == "similar" and s.peek() != "to":
                break  # SUBSTRING(text SIMILAR pattern …)
            if level == OR and value in _LABELS and s.in_targets and _ends_target(s):
                break
        else:
            break
        if bind < level:
            break
        if bind == closed:
            raise s.unexpected()
        if bind in (COMPARE, IS, MATCH):
            closed = bind
        left = _operator(s, left, value, bind) if kind == "op" else _worded(s, left, value, bind)
    s.depth -= 1
    return left


def output(s: Stream) -> Expr:
    """Parse an expression that a label may follow, AND and other words of operators among them."""
    before, s.in_targets = s.in_targets, True
    found = expression(s)
    s.in_targets = before
    return found


def _ends_target(s: Stream) -> bool:
    return s.peek() in _AFTER_TARGET or s.tokens[s.index + 1][0] == "end"


def expressions(s: Stream) -> tuple[Expr, ...]:
    """Parse expressions between commas."""
    found = [expression(s)]
    while s.accept_op(","):
        found.append(expression(s))
    return tuple(found)


def _operator(s: Stream, left: Expr, op: str, level: int) -> Expr:
    at = s.at
    s.advance()
    if s.is_word("any", "some", "all"):
        return _quantified(s, left, op, at)
    return tree.Binary(op, left, expression(s, level + 1), at)


def _quantified(s: Stream, left: Expr, op: str, at: int) -> Expr:
    every = s.value == "all"
    s.advance()
    s.expect_op("(")
    right: Expr | tree.Query = queries.query(s) if queries.starts_query(s) else expression(s)
    s.expect_op(")")
    return tree.Quantified(op, left, every, right, at)


def _worded(s: Stream, left: Expr, word: str, level: int) -> Expr:
    at = s.at
    if word == "or" or word == "and":
        # As PostgreSQL's parser does: a chain at the left is one with what follows.
        chained = isinstance(left, tree.Logic) and left.op == word
        operands = [*left.operands] if chained else [left]  # type: ignore[union-attr]  # a Logic
        while s.accept(word):
            operands.append(expression(s, level + 1))
        return tree.Logic(word, tuple(operands), at)
    if word == "is":
        s.advance()
        return _is(s, left, at)
    if word == "isnull" or word == "notnull":
        s.advance()
        return tree.Test(left, "null", word == "notnull", at)
    if word == "at":
        s.advance()
        s.expect("time", "zone")
        zone = expression(s, ZONE + 1)
        return tree.Call(("timezone",), (zone, left), at, syntax=True)
    if word == "collate":
        s.advance()
        return tree.Collate(left, s.qualified()[-1], at)
    if word == "operator":
        op = _qualified_operator(s)
        if s.is_word("any", "some", "all"):
            return _quantified(s, left, op, at)
        return tree.Binary(op, left, expression(s, OTHER + 1), at)
    if word == "overlaps":
        return _overlaps(s, left)
    negated = s.accept("not")
    return _match(s, left, negated, at)


def _qualified_operator(s: Stream) -> str:
    """Parse ``OPERATOR(schema.+)``."""
    s.advance()
    s.expect_op("(")
    while s.kind != "op":  # a schema's name before the operator: pg_catalog
        s.label()
        s.expect_op(".")
    op = s.value
    if op in _NOT_OPERATORS:
        raise s.unexpected()
    s.advance()
    s.expect_op(")")
    return op


def _is(s: Stream, left: Expr, at: int) -> Expr:
    negated = s.accept("not")
    if s.kind == "word" and s.value in _TESTS:
        what = s.value
        s.advance()
        return tree.Test(left, what, negated, at)
    if s.accept("distinct", "from"):
        return tree.Distinct(left, expression(s, IS + 1), negated, at)
    if s.is_word("normalized", *NORMAL_FORMS):
        return _is_normalized(s, left, negated, at)
    if s.is_word("document", "json", "of"):
        raise s.unsupported(f"IS {s.value.upper()}")
    raise s.unexpected()


def _overlaps(s: Stream, left: Expr) -> Expr:
    at = s.at
    if not isinstance(left, tree.RowOf):
        raise s.unexpected()
    s.advance()
    right = expression(s, MATCH + 1)
    for side, row in (("left", left), ("right", right)):
        if not isinstance(row, tree.RowOf) or len(row.items) != 2:
            raise InvalidStatement(
                f"wrong number of parameters on {side} side of OVERLAPS expression",
                position=at + 1,
            )
    assert isinstance(right, tree.RowOf)
    return tree.Call(("overlaps",), (*left.items, *right.items), at, syntax=True)


def _is_normalized(s: Stream, left: Expr, negated: bool, at: int) -> Expr:
    form: tuple[Expr, ...] = ()
    if not s.is_word("normalized"):
        form = (tree.Const("string", s.value.upper(), s.at, -1),)
        s.advance()
    s.expect("normalized")
    found = tree.Call(("is_normalized",), (left, *form), at, syntax=True)
    return tree.Logic("not", (found,), at) if negated else found


def _match(s: Stream, left: Expr, negated: bool, at: int) -> Expr:
    word = s.value
    at = s.at if not negated else at
    s.advance()
    if word == "between":
        symmetric = s.accept("symmetric")
        if not symmetric:
            s.accept("asymmetric")
        low = expression(s, MATCH + 1)
        s.expect("and")
        return tree.Between(left, low, expression(s, MATCH + 1), negated, symmetric, at)
    if word == "in":
        is_query = s.is_op("(") and queries.starts_query_in_parentheses(s)
        s.expect_op("(")
        items: tuple[Expr, ...] | tree.Query = queries.query(s) if is_query else expressions(s)
        s.expect_op(")")
        return tree.In(left, items, negated, at)
    if word == "similar":
        s.expect("to")
    if s.is_word("any", "some", "all"):
        op = {"like": "~~", "ilike": "~~*"}.get(word)
        if op is None:
            raise s.unexpected()
        return _quantified(s, left, "!" + op if negated else op, at)
    pattern = expression(s, MATCH + 1)
    escape = expression(s, MATCH + 1) if s.accept("escape") else None
    return tree.Like(word, left, pattern, escape, negated, at)


def _prefix(s: Stream) -> Expr:
    at = s.at
    if s.kind == "op":
        op = s.value
        if op == "-" or op == "+":
            s.advance()
            operand = expression(s, MINUS)
            if op == "-" and isinstance(operand, tree.Const) and operand.kind in ("int", "number"):
                value = operand.value
                value = value[1:] if value.startswith("-") else "-" + value
                return tree.Const(operand.kind, value, at, operand.token_at)
            return tree.Unary(op, operand, at)
        if op not in _NOT_OPERATORS and op not in _LEVELS:
            s.advance()
            return tree.Unary(op, expression(s, OTHER + 1), at)
    elif s.kind == "word" and s.value == "not":
        s.advance()
        return tree.Logic("not", (expression(s, NOT),), at)
    elif s.is_word("operator") and s.peek() == "(":
        op = _qualified_operator(s)
        return tree.Unary(op, expression(s, OTHER + 1), at)
    return _suffixes(s, primary(s))


def _suffixes(s: Stream, operand: Expr) -> Expr:
    """Parse what binds tightest: ``[…]``, ``::type`` and, after parentheses, ``.field``."""
    while s.kind == "op":
        at = s.at
        if s.value == "::":
            s.advance()
            operand = tree.Cast(operand, type_name(s), at)
        elif s.value == "[":
            operand = _subscript(s, operand)
        elif s.value == "." and isinstance(
            operand, tree.Call | tree.Scalar | tree.RowOf | tree.Field | tree.Subscript | tree.Cast
        ):
            s.advance()
            if s.accept_op("*"):
                operand = tree.Field(operand, None, at)
            else:
                operand = tree.Field(operand, s.label(), at)
        else:
            break
    return operand


def subscripts(s: Stream, operand: Expr) -> tree.Subscript | None:
    """Parse ``[…]`` after a target, as often as it is there."""
    found: tree.Subscript | None = None
    while s.is_op("["):
        found = _subscript(s, operand if found is None else found)
    return found


def _subscript(s: Stream, operand: Expr) -> tree.Subscript:
    at = s.at
    s.advance()
    low = None if s.is_op(":") else expression(s)
    if s.accept_op(":"):
        high = None if s.is_op("]") else expression(s)
        s.expect_op("]")
        return tree.Subscript(operand, low, high, True, at)
    s.expect_op("]")
    return tree.Subscript(operand, low, None, False, at)


def primary(s: Stream) -> Expr:
    """Parse what has no operators and no suffixes outside of parentheses."""
    kind, value, at = s.kind, s.value, s.at
    if kind == "int" or kind == "number" or kind == "string" or kind == "bits":
        s.advance()
        return tree.Const(kind, value, at, at)
    if kind == "parameter":
        s.advance()
        return tree.Parameter(int(value), at)
    if kind == "op" and value == "(":
        return _parenthesized(s)
    if kind == "name":
        return _named(s)
    if kind != "word":
        raise s.unexpected()
    if value == "null" or value == "true" or value == "false":
        s.advance()
        return tree.Const("null" if value == "null" else "bool", value, at, at)
    parser = _WORDS.get(value)
    if parser is not None:
        found = parser(s)
        if found is not None:
            return found
    if value in _TYPE_WORDS:
        literal = _typed_literal(s)
        if literal is not None:
            return literal
    special = special_call(s)
    if special is not None:
        return special
    return _named(s)


def _parenthesized(s: Stream) -> Expr:
    at = s.at
    if queries.starts_query_in_parentheses(s):
        s.advance()
        inner = queries.query(s)
        s.expect_op(")")
        return tree.Scalar(inner, at)
    s.advance()
    first = expression(s)
    if s.is_op(","):
        items = [first]
        while s.accept_op(","):
            items.append(expression(s))
        s.expect_op(")")
        return tree.RowOf(tuple(items), at)
    s.expect_op(")")
    if s.is_op("."):
        s.advance()
        if s.accept_op("*"):
            return tree.Field(first, None, at)
        return tree.Field(first, s.label(), at)
    return changed(first, closed=True) if isinstance(first, tree.Subscript) else first


def _named(s: Stream) -> Expr:
    """Parse a column reference, a function call or ``type 'literal'``."""
    at, start = s.at, s.index
    function = s.is_function_name()
    if not function and not s.is_name():
        raise s.unexpected()
    quoted_or_free = s.is_name()
    parts = [s.label()]
    star = False
    while s.is_op("."):
        s.advance()
        if s.accept_op("*"):
            star = True
            break
        parts.append(s.label())
    if not star and function:
        if s.is_op("("):
            if _closes_before_string(s):
                return _typed_by_name(s, start)
            return call_by_name(s, tuple(parts), at)
        if s.kind == "string":
            return _typed_by_name(s, start)
    if not quoted_or_free:
        raise s.unexpected()
    if len(parts) > 3:
        raise s.unsupported("a name of more than three parts", at)
    return tree.Name(tuple(parts), star, at)


def _closes_before_string(s: Stream) -> bool:
    """Say whether ``(3) 'text'`` or the like stands here: a type's modifier and a literal."""
    kinds = [kind for kind, _, _, _ in s.tokens[s.index + 1 : s.index + 4]]
    return kinds == ["int", "op", "string"] and s.peek(2) == ")"


def _typed_by_name(s: Stream, start: int) -> Expr:
    s.go_back(start)
    literal = type_name(s)
    text = tree.Const("string", s.value, s.at, s.at)
    if s.kind != "string":
        raise s.unexpected()
    s.advance()
    return tree.Cast(text, literal, literal.at)


def _typed_literal(s: Stream) -> Expr | None:
    """Parse ``date '2020-01-01'``; None (and nothing read) if no string follows the type."""
    at, start = s.at, s.index
    # These are also names of columns.
    if s.is_word("national") and s.peek() not in ("char", "character"):
        return None
    if s.is_word("double") and s.peek() != "precision":
        return None
    type_ = type_name(s)
    if s.kind != "string" or type_.dimensions:
        s.go_back(start)
        return None
    literal = tree.Const("string", s.value, s.at, s.at)
    s.advance()
    if type_.parts[-1] == "interval" and type_.fields is None and not type_.modifiers:
        fields, modifiers = interval_fields(s)
        type_ = changed(type_, fields=fields, modifiers=modifiers)
    return tree.Cast(literal, type_, at)


def _case(s: Stream) -> Expr:
    at = s.at
    s.advance()
    operand = None if s.is_word("when") else expression(s)
    whens = []
    while s.accept("when"):
        condition = expression(s)
        s.expect("then")
        whens.append((condition, expression(s)))
    if not whens:
        raise s.unexpected()
    otherwise = expression(s) if s.accept("else") else None
    s.expect("end")
    return tree.Case(operand, tuple(whens), otherwise, at)


def _cast(s: Stream) -> Expr:
    at = s.at
    s.advance()
    s.expect_op("(")
    operand = expression(s)
    s.expect("as")
    type_ = type_name(s)
    s.expect_op(")")
    return tree.Cast(operand, type_, at)


def _exists(s: Stream) -> Expr | None:
    if s.peek() != "(":
        return None
    at = s.at
    s.advance()
    s.expect_op("(")
    found = queries.query(s)
    s.expect_op(")")
    return tree.Exists(found, at)


def _array(s: Stream) -> Expr:
    at = s.at
    s.advance()
    if s.accept_op("("):
        found = queries.query(s)
        s.expect_op(")")
        return tree.ArrayQuery(found, at)
    return _array_items(s, at)


def _array_items(s: Stream, at: int) -> Expr:
    s.expect_op("[")
    items: list[Expr] = []
    while not s.is_op("]"):
        items.append(_array_items(s, s.at) if s.is_op("[") else expression(s))
        if not s.is_op("]"):
            s.expect_op(",")
            if s.is_op("]"):
                raise s.unexpected()
    s.advance()
    return tree.ArrayOf(tuple(items), at)


def _row(s: Stream) -> Expr | None:
    if s.peek() != "(":
        return None
    at = s.at
    s.advance()
    s.advance()
    items = () if s.is_op(")") else expressions(s)
    s.expect_op(")")
    return tree.RowOf(items, at)


def _default(s: Stream) -> Expr:
    at = s.at
    s.advance()
    return tree.Default(at)


_WORDS = {
    "case": _case,
    "cast": _cast,
    "exists": _exists,
    "array": _array,
    "row": _row,
    "default": _default,
}
