"""AND, OR, NOT, comparisons, IN, BETWEEN, IS, CASE and their kin."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.stores.sqlite.gaps import collation_of
from fivefold.stores.sqlite.render.queries import query
from fivefold.stores.sqlite.render.writer import (
    Conjunction,
    Disjunction,
    Handler,
    Loose,
    Writer,
    bare,
    guarded,
    string,
    with_collation,
)
from fivefold.values.types import Kind, Type

COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.NullSafeEQ: "IS",
    exp.NullSafeNEQ: "IS NOT",
}


_ORDERING = frozenset({"<", "<=", ">", ">="})


def _flat(node: exp.Expr, kind: type[exp.Expr]) -> list[exp.Expr]:
    """Return the operands of a chain of ANDs or ORs, however long, without recursion."""
    found, waiting = [], [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, kind):
            waiting += [one.expression, one.this]
        else:
            found.append(one)
    return found


def and_(w: Writer, node: exp.Expr) -> str:
    """Write AND."""
    return _conjunction([w.sql(one) for one in _flat(node, exp.And)])


CHAIN_MAX = 100
"""Longer chains become trees, since SQLite limits the depth of an expression to 1000."""


def _chained(texts: list[str], word: str) -> str:
    if len(texts) <= CHAIN_MAX:
        return word.join(texts)
    half = len(texts) // 2
    return f"({_chained(texts[:half], word)}){word}({_chained(texts[half:], word)})"


def _conjunction(texts: list[str]) -> str:
    return Conjunction(
        _chained([f"({one})" if isinstance(one, Disjunction) else one for one in texts], " AND ")
    )


def or_(w: Writer, node: exp.Expr) -> str:
    """Write OR."""
    return _disjunction([w.sql(one) for one in _flat(node, exp.Or)])


def _disjunction(texts: list[str]) -> str:
    loose = (Disjunction, Conjunction)
    return Disjunction(
        _chained([f"({text})" if isinstance(text, loose) else text for text in texts], " OR ")
    )


def not_(w: Writer, node: exp.Expr) -> str:
    """Write NOT, inside the operator where it has such a form."""
    inner = bare(node.this)
    negated = NEGATED.get(type(inner))
    if negated is not None:
        return negated(w, inner, "NOT ")
    return Disjunction(f"NOT {w.closed(inner)}")


def compare(w: Writer, node: exp.Expr) -> str:
    """Write a comparison under the collation of its operands' type."""
    word = COMPARISONS[type(node)]
    right = bare(node.expression)
    if isinstance(right, (exp.Any, exp.All)):
        return _compare_with_many(w, word, node.this, right, node.meta)
    left = bare(node.this)
    equal = word not in _ORDERING
    text = Loose(f"{_compared(w, left, equal=equal)} {word} {_row_or_operand(w, right)}")
    if "hashed" not in node.meta:
        return text
    return Conjunction(f"{text} AND {hashed(w, left)} = {hashed(w, right)}")


def hashed(w: Writer, node: exp.Expr) -> str:
    """Write the hash of a value, as hash indexes keep it; see functions/hashes.py."""
    return hash_text(w.sql(node), type_of(node))


def hash_text(text: str, type_: Type) -> str:
    """Return the hash of a value given as text."""
    collation = None if type_.kind is Kind.ENUM else collation_of(type_)
    if collation is None:
        return f"ff_hash({text})"
    return f"ff_hash_under({text}, {string(collation.partition('enum_')[0])})"


def _row(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Anonymous) and node.name == "row":
        return exp.Tuple(expressions=node.expressions)
    return node


def _compared(w: Writer, node: exp.Expr, *, equal: bool = True) -> str:
    row = _row(node)
    if isinstance(row, exp.Tuple):
        return w.sql(row)
    if isinstance(row, exp.Subquery) and len(row.selects) != 1:
        return w.sql(row)
    if equal and type_of(row).kind is Kind.ENUM:
        return w.closed(row)  # labels are equal as texts, for which an index can be used
    return w.ordered(row)


def _row_or_operand(w: Writer, node: exp.Expr) -> str:
    row = _row(node)
    return w.sql(row) if isinstance(row, exp.Tuple) else guarded(w.closed(row), type_of(row))


def _is_flat(array: exp.Expr) -> bool:
    """Say whether an array is written out, with no arrays in it."""
    return (
        isinstance(array, exp.Array)
        and bool(array.expressions)
        and not any(type_of(bare(one)).element is not None for one in array.expressions)
    )


def _compare_with_many(
    w: Writer, word: str, left: exp.Expr, many: exp.Expr, meta: Mapping[str, object]
) -> str:
    """Write ``left word ANY/ALL (array or query)``, with nulls as SQL has them."""
    inner = bare(many.this)
    is_any = isinstance(many, exp.Any)
    if (word, is_any) in (("=", True), ("<>", False)) and _is_flat(inner):
        listed = exp.In(this=left, expressions=inner.expressions)
        listed.meta.update(meta)
        return in_(w, listed, "" if is_any else "NOT ")
    value = _compared(w, left, equal=word not in _ORDERING)
    is_query = isinstance(inner, exp.Query)
    if is_query:
        rows = f"({query(w, inner)})"
    else:
        rows = f"(SELECT value FROM json_each({array_rows(w, inner)}))"
    if (word, is_any) in (("=", True), ("<>", False)):
        text = Loose(f"{value} {'IN' if is_any else 'NOT IN'} {rows}")
        if is_query or isinstance(inner, exp.Array):
            return text
        return f"iif({w.closed(inner)} IS NULL, NULL, {text})"
    verdict = "MAX(c)" if is_any else "MIN(c)"
    decided = "1" if is_any else "0"
    many_text = (
        f"(SELECT CASE WHEN {verdict} = {decided} THEN {decided} "
        f"WHEN COUNT(c) < COUNT(*) THEN NULL ELSE {1 - int(decided)} END "
        f"FROM (WITH many(v) AS ({rows[1:-1]}) "
        f"SELECT {value} {word} v AS c FROM many))"
    )
    return many_text if is_query else f"iif({w.closed(inner)} IS NULL, NULL, {many_text})"


def quantified(w: Writer, node: exp.Expr) -> str:
    """Write any operator with ANY or ALL: its condition is asked of every row of one column."""
    inner = bare(node.expression)
    is_query = isinstance(inner, exp.Query)
    rows = query(w, inner) if is_query else f"SELECT value FROM json_each({array_rows(w, inner)})"
    decided = "0" if node.args.get("every") else "1"
    verdict = "MIN(c)" if node.args.get("every") else "MAX(c)"
    text = (
        f"(SELECT CASE WHEN {verdict} = {decided} THEN {decided} "
        f"WHEN COUNT(c) < COUNT(*) THEN NULL ELSE {1 - int(decided)} END "
        f"FROM (WITH many({EACH}) AS ({rows}) SELECT {w.sql(node.this)} AS c FROM many))"
    )
    return text if is_query else f"iif({w.closed(inner)} IS NULL, NULL, {text})"


EACH = '"each"'


def each(w: Writer, node: exp.Expr) -> str:
    """Write what a quantified condition is asked of."""
    return f"many.{EACH}"


def array_rows(w: Writer, array: exp.Expr) -> str:
    """Return an array's JSON text for ``json_each``, bytes and nested arrays seen to."""
    found = bare(array)
    flat = isinstance(found, exp.Array) and not any(
        isinstance(bare(one), exp.Array) for one in found.expressions
    )
    return w.sql(array) if flat else f"ff_unnest({w.sql(array)})"


def in_any_filter(w: Writer, node: exp.Expr) -> str:
    """Write a condition that only filters, where false and unknown are the same.

    ``x = ANY($1)`` is then a plain IN, for which SQLite can use an index.
    """
    found = bare(node)
    if isinstance(found, exp.And):
        return _conjunction([in_any_filter(w, one) for one in _flat(found, exp.And)])
    if isinstance(found, exp.Or):
        return _disjunction([in_any_filter(w, one) for one in _flat(found, exp.Or)])
    if "ranged" in found.meta:
        from fivefold.stores.sqlite.render.ranges import ranged

        return _conjunction([*ranged(w, found), w.sql(found)])
    truth = _truth(found)
    if truth is not None:
        return Loose(f"{w.closed(truth[0])} = {int(truth[1])}")
    if isinstance(found, exp.EQ):
        right = bare(found.expression)
        many = bare(right.this) if isinstance(right, exp.Any) else None
        if many is not None and not isinstance(many, exp.Query) and not _is_flat(many):
            rows = array_rows(w, many)
            value = _compared(w, found.this)
            text = Loose(f"{value} IN (SELECT value FROM json_each({rows}))")
            if "hashed" not in found.meta:
                return text
            member = hash_text("value", type_of(found.this))
            members = f"(SELECT {member} FROM json_each({rows}))"
            return Conjunction(f"{text} AND {hashed(w, found.this)} IN {members}")
    return w.sql(node)


def _truth(node: exp.Expr) -> tuple[exp.Column, bool] | None:
    """Return the boolean column that a condition asks to be true, or false.

    All spellings of that get one text: an index can be on the column, or have it as its condition.
    """
    wanted = True
    while not isinstance(node, exp.Column):
        if isinstance(node, exp.Not):
            wanted = not wanted
        elif isinstance(node, exp.Is) and wanted and isinstance(bare(node.expression), exp.Boolean):
            wanted = bool(bare(node.expression).this)
            node = bare(node.this)
            return (node, wanted) if isinstance(node, exp.Column) else None
        else:
            return None
        node = bare(node.this)
    return (node, wanted) if type_of(node).kind is Kind.BOOLEAN else None


def in_(w: Writer, node: exp.Expr, negation: str = "") -> str:
    """Write IN over a list or a query."""
    found = node.args.get("query")
    left = _compared(w, bare(node.this))
    if found is not None:
        return Loose(f"{left} {negation}IN ({query(w, found)})")
    members = [_row_or_operand(w, bare(one)) for one in node.expressions]
    if any(text.startswith("(") for text in members) and isinstance(
        _row(bare(node.this)), exp.Tuple
    ):
        return Loose(f"{left} {negation}IN (VALUES {', '.join(members)})")
    text = Loose(f"{left} {negation}IN ({', '.join(members)})")
    if "hashed" not in node.meta or negation:
        return text
    hashes = ", ".join([hashed(w, one) for one in node.expressions])
    return Conjunction(f"{text} AND {hashed(w, node.this)} IN ({hashes})")


def between(w: Writer, node: exp.Expr, negation: str = "") -> str:
    """Write BETWEEN."""
    value, type_ = w.ordered(node.this), type_of(node.this)
    low, high = [w.closed(node.args[one]) for one in ("low", "high")]
    if collation_of(type_) is None:
        low, high = guarded(low, type_), guarded(high, type_)
    text = f"{value} {negation}BETWEEN {low} AND {high}"
    return Loose(text)


def is_(w: Writer, node: exp.Expr, negation: str = "") -> str:
    """Write IS [NOT] NULL, TRUE, FALSE or UNKNOWN."""
    right = bare(node.expression)
    text = w.sql(right) if not isinstance(right, exp.Boolean) else ("TRUE", "FALSE")[not right.this]
    row = _row(bare(node.this))
    if isinstance(row, exp.Tuple):
        word = " AND ".join([f"{w.closed(one)} IS {negation}NULL" for one in row.expressions])
        return Conjunction(word)
    return Loose(f"{w.closed(node.this)} IS {negation}{text}")


def case(w: Writer, node: exp.Expr) -> str:
    """Write CASE."""
    subject = node.args.get("this")
    parts = ["CASE" if subject is None else f"CASE {w.ordered(subject)}"]
    for one in node.args.get("ifs") or []:
        when = w.sql(one.this) if subject is None else w.ordered(one.this)
        parts.append(f"WHEN {when} THEN {w.sql(one.args['true'])}")
    default = node.args.get("default")
    if default is not None:
        parts.append(f"ELSE {w.sql(default)}")
    return " ".join([*parts, "END"])


def coalesce(w: Writer, node: exp.Expr) -> str:
    """Write COALESCE; SQLite's wants two."""
    arguments = [node.this, *node.expressions]
    return w.call("coalesce", arguments) if len(arguments) > 1 else w.sql(node.this)


def nullif(w: Writer, node: exp.Expr) -> str:
    """Write NULLIF under the collation of its operands."""
    return f"nullif({w.ordered(node.this)}, {w.sql(node.expression)})"


def _greatest(name: str) -> Handler:
    def write(w: Writer, node: exp.Expr) -> str:
        return extreme(w, name, [node.this, *node.expressions])

    return write


def extreme(w: Writer, name: str, arguments: list[exp.Expr]) -> str:
    """Write GREATEST or LEAST, which pass over nulls where SQLite's ``max(a, b)`` does not."""
    type_ = type_of(arguments[0])
    texts = [w.closed(one) for one in arguments]
    if len(texts) == 1:
        return texts[0]
    simple = (exp.Column, exp.Literal, exp.Parameter, exp.Null)
    if all(isinstance(bare(one), simple) for one in arguments):
        turns = [", ".join(texts[at:] + texts[:at]) for at in range(len(texts))]
        choices = [f"coalesce({turn})" for turn in turns]
        return f"{name}({', '.join([with_collation(choices[0], type_), *choices[1:]])})"
    return f"ff_{name}({string(collation_of(type_) or '')}, {', '.join(texts)})"


def where(w: Writer, node: exp.Expr) -> str:
    """Write the condition of WHERE."""
    return in_any_filter(w, node.this)


def having(w: Writer, node: exp.Expr) -> str:
    """Write the condition of HAVING."""
    return w.sql(node.this)


NEGATED: dict[type[exp.Expr], Callable[[Writer, exp.Expr, str], str]] = {
    exp.In: in_,
    exp.Between: between,
    exp.Is: is_,
}

HANDLERS: dict[type[exp.Expr], Handler] = {
    **dict.fromkeys(COMPARISONS, compare),
    exp.Quantified: quantified,
    exp.Each: each,
    exp.And: and_,
    exp.Or: or_,
    exp.Not: not_,
    exp.In: in_,
    exp.Between: between,
    exp.Is: is_,
    exp.Case: case,
    exp.Coalesce: coalesce,
    exp.Nullif: nullif,
    exp.Greatest: _greatest("max"),
    exp.Least: _greatest("min"),
    exp.Where: where,
    exp.Having: having,
}
