"""Bound trees back to PostgreSQL's text, one handler per class of nodes.

A bound tree is PostgreSQL's own dialect, so each node is written as it stands. What a printer has
to see to: constants and parameters say their type, so that PostgreSQL's own resolution finds what
the binder found; calls keep the form that PostgreSQL's grammar asks for; a bare number in ORDER BY
or GROUP BY would be read as the number of a column. A node without a handler is Unsupported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from fivefold.errors import Unsupported
from fivefold.plan import nodes as exp
from fivefold.plan.statement import CHECK_OPTION, type_of
from fivefold.stores.postgres.failures import REFUSED
from fivefold.stores.postgres.names import qualified, quote, string, type_name
from fivefold.values.text import output
from fivefold.values.types import Kind, Type

Handler = Callable[[Any], str]

# Called without parentheses (PostgreSQL manual, 9.9.5 and 9.26).
_BARE = frozenset(
    ["current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"]
) | frozenset(["current_user", "current_role", "session_user", "user", "current_catalog"])
_GRAMMAR = frozenset({"extract", "position", "overlay", "normalize", "trim"})
"""Names that the grammar reads otherwise than as a call, unless they are quoted."""

_SEQUENCES = frozenset({"nextval", "currval", "setval"})


def uses_sequences(tree: exp.Expr) -> bool:
    """Say whether a tree leaves or reads what sequences gave to the session."""
    return any(
        node.name in _SEQUENCES or node.name == "lastval" for node in tree.find_all(exp.Anonymous)
    )


def render(tree: exp.Expr) -> str:
    """Return a bound tree as text. Raises Unsupported for what cannot be said."""
    handler = _HANDLERS.get(type(tree))
    if handler is None:
        raise Unsupported(f"{tree.key.upper()} is not supported by the PostgreSQL store")
    return handler(tree)


def _listed(nodes: Iterable[exp.Expr]) -> str:
    return ", ".join([render(node) for node in nodes])


def _names(nodes: Iterable[exp.Expr]) -> str:
    return ", ".join([quote(node.name) for node in nodes])


# -- leaves ---------------------------------------------------------------------------------------


def _typed(text: str, type_: Type) -> str:
    name = type_name(type_)
    return text if name is None else f"CAST({text} AS {name})"


def _literal(node: exp.Literal) -> str:
    value = node.this
    if type_of(node).kind is Kind.INT4 and not value.startswith("-"):
        return str(value)
    return _constant(node)


def _constant(node: exp.Literal) -> str:
    """Write a constant that is no bare number."""
    type_ = type_of(node)
    value = output(type_)(node.this) if type_.kind is Kind.ARRAY else node.this
    value = node.meta.get("qualified", value)  # a relation: the server's search path is another
    return _typed(string(value), type_)


def _key(node: exp.Expr) -> str:
    """Write what rows are grouped, ordered or made distinct by."""
    if isinstance(node, exp.Boolean):
        return _typed(string("t" if node.this else "f"), type_of(node))
    return _constant(node) if isinstance(node, exp.Literal) else render(node)


def _boolean(node: exp.Boolean) -> str:
    return "TRUE" if node.this else "FALSE"


def _null(node: exp.Null) -> str:
    return _typed("NULL", type_of(node))


def _hex_string(node: exp.HexString) -> str:
    return f"'\\x{node.this}'::bytea"


def _parameter(node: exp.Parameter) -> str:
    return _typed(f"${node.this.this}", type_of(node))


def _column(node: exp.Column) -> str:
    return f"{quote(node.table)}.{quote(node.name)}" if node.table else quote(node.name)


# -- expressions ----------------------------------------------------------------------------------


def _infix(word: str) -> Handler:
    def write(node: exp.Binary) -> str:
        return f"{render(node.this)} {word} {render(node.expression)}"

    return write


def _chain(word: str) -> Handler:
    """Write AND or OR: a chain leans to the left, and may be too long for recursion."""

    def write(node: exp.Binary) -> str:
        parts = []
        one: exp.Expr = node
        while type(one) is type(node):
            parts.append(render(one.expression))
            one = one.this
        return f" {word} ".join([render(one), *reversed(parts)])

    return write


def _negative(node: exp.Neg) -> str:
    return f"-{_key(node.this)}"  # the grammar takes the sign into a bare number


def _is(node: exp.Is) -> str:
    right = node.expression
    return f"{render(node.this)} IS {'NULL' if isinstance(right, exp.Null) else render(right)}"


def _between(node: exp.Between) -> str:
    low, high = render(node.args["low"]), render(node.args["high"])
    return f"{render(node.this)} BETWEEN {low} AND {high}"


def _in(node: exp.In) -> str:
    query = node.args.get("query")
    members = f"({_listed(node.expressions)})" if query is None else render(query)
    return f"{render(node.this)} IN {members}"


def _quantified(word: str) -> Handler:
    def write(node: exp.Expr) -> str:
        inner = render(node.this)
        return f"{word} {inner}" if isinstance(node.this, exp.Subquery) else f"{word} ({inner})"

    return write


def _called_with(word: str) -> Handler:
    """Write what looks like a call but is the grammar's own: COALESCE and its like."""

    def write(node: exp.Expr) -> str:
        second = [] if node.expression is None else [node.expression]
        return f"{word}({_listed([node.this, *second, *node.expressions])})"

    return write


def _cast(node: exp.Cast) -> str:
    """Take an assignment's length away: PostgreSQL's own assignment refuses what is too long."""
    type_ = type_of(node)
    if node.meta.get("assignment") and type_.length is not None:
        type_ = replace(type_, length=None)
    return _typed(render(node.this), type_)


def _any_operator(node: exp.Quantified) -> str:
    inner = node.this.this if isinstance(node.this, exp.Not) else node.this
    inner = inner.this if isinstance(inner, exp.Paren) else inner
    left = inner.this if isinstance(inner, exp.Binary) else inner.expressions[0]
    word = "ALL" if node.args.get("every") else "ANY"
    right = render(node.expression)
    right = right if isinstance(node.expression, exp.Subquery) else f"({right})"
    return f"({render(left)}) {node.args['op']} {word} {right}"


def _check_option(node: exp.Anonymous) -> str:
    """Write what refuses a row: a cast that fails, for PostgreSQL has no expression that does.

    The arguments are the number of checks, a view's name and its condition for each, and the row.
    """
    count, *arguments = node.expressions
    conditions = 2 * int(count.this)
    shown = [
        f"CASE WHEN {one} IS NULL THEN 'null' WHEN length(format('%s', {one})) > 64"
        f" THEN left(format('%s', {one}), 64) || '...' ELSE format('%s', {one}) END"
        for one in map(render, arguments[conditions:])
    ]
    row = f"concat_ws(', ', {', '.join(shown)})"
    whens = [
        f"WHEN ({render(condition)}) IS NOT TRUE THEN "
        f"CAST({string(REFUSED)} || {render(name)} || E'\\n' || {row} AS boolean)"
        for name, condition in zip(arguments[:conditions:2], arguments[1:conditions:2], strict=True)
    ]
    return f"CASE {' '.join(whens)} ELSE TRUE END"


def _call(node: exp.Anonymous) -> str:
    if node.name == CHECK_OPTION:
        return _check_option(node)
    operator = node.meta.get("operator")
    if operator is not None:
        *left, right = [f"({render(one)})" for one in node.expressions]
        return f"({''.join(left)} {operator.symbol} {right})"
    if node.name in _BARE and not node.expressions:
        return node.name
    return f"{_called(node.name)}({_arguments(node)})"


def _called(name: str) -> str:
    return f'pg_catalog."{name}"' if name in _GRAMMAR else name


def _arguments(node: exp.Anonymous) -> str:
    name, arguments = node.name, node.expressions
    first = arguments[0] if arguments else None
    if name == "count" and first is None:
        return "*"
    if name in _SEQUENCES and isinstance(first, exp.Literal):
        namespace, dot, sequence = first.name.partition(".")
        found = qualified(namespace, sequence) if dot else quote(namespace)
        return ", ".join([string(found), *map(render, arguments[1:])])
    if node.meta.get("variadic"):
        return ", ".join([*map(render, arguments[:-1]), f"VARIADIC {render(arguments[-1])}"])
    return _listed(arguments)


def _order(node: exp.Order) -> str:
    """Write ORDER BY; that of an aggregate's rows goes into its parentheses."""
    text = "ORDER BY " + _listed(node.expressions)
    call = node.this
    return text if call is None else f"{_called(call.name)}({_arguments(call)} {text})"


def _ordered(node: exp.Ordered) -> str:
    descending, first = bool(node.args["desc"]), bool(node.args["nulls_first"])
    text = _key(node.this) + (" DESC" if descending else "")
    return text if first == descending else f"{text} NULLS {'FIRST' if first else 'LAST'}"


def _distinct(node: exp.Distinct) -> str:
    on = node.args.get("on")
    if on is not None:
        return f"DISTINCT ON ({', '.join([_key(one) for one in on.expressions])})"
    return f"DISTINCT {_listed(node.expressions)}".rstrip()


def _filter(node: exp.Filter) -> str:
    return f"{render(node.this)} FILTER ({render(node.expression)})"


def _within(node: exp.WithinGroup) -> str:
    return f"{render(node.this)} WITHIN GROUP ({render(node.args['order'])})"


def _window(node: exp.Window) -> str:
    parts = []
    partition = node.args.get("partition_by")
    if partition:
        parts.append(f"PARTITION BY {_listed(partition)}")
    parts += [render(node.args[key]) for key in ("order", "spec") if key in node.args]
    return f"{render(node.this)} OVER ({' '.join(parts)})"


def _frame(node: exp.WindowSpec) -> str:
    start, end = [
        " ".join([one if isinstance(one, str) else render(one), *([side] if side else [])])
        for one, side in (
            (node.args["start"], node.args["start_side"]),
            (node.args["end"], node.args["end_side"]),
        )
    ]
    exclude = node.args.get("exclude")
    text = f"{node.args['kind']} BETWEEN {start} AND {end}"
    return text if exclude is None else f"{text} EXCLUDE {exclude.name}"


def _case(node: exp.Case) -> str:
    parts = ["CASE"] if node.this is None else ["CASE", render(node.this)]
    for one in node.args["ifs"]:
        parts.append(f"WHEN {render(one.this)} THEN {render(one.args['true'])}")
    default = node.args.get("default")
    if default is not None:
        parts.append(f"ELSE {render(default)}")
    return " ".join([*parts, "END"])


def _array(node: exp.Array) -> str:
    members = node.expressions
    if node.meta.get("query"):
        return f"ARRAY({render(members[0])})"
    return f"ARRAY[{_listed(members)}]" if members else _typed("ARRAY[]", type_of(node))


def _subscript(node: exp.Bracket) -> str:
    # Only columns and what is in parentheses may be subscripted.
    base = render(node.this)
    base = base if isinstance(node.this, exp.Column) else f"({base})"
    return base + "".join([f"[{render(one)}]" for one in node.expressions])


def _slice(node: exp.Slice) -> str:
    sides = (node.this, node.expression)
    return ":".join(["" if one is None else render(one) for one in sides])


def _tuple(node: exp.Tuple) -> str:
    return f"({_listed(node.expressions)})"


def _row(node: exp.Row) -> str:
    source = node.args.get("source")
    if source is None:
        return f"ROW({_listed(node.expressions)})"
    names = [name for name, _ in type_of(node).fields]
    columns = [one.name for one in node.expressions if isinstance(one, exp.Column)]
    if columns == names or len(columns) != len(names):
        return quote(source.name)
    # Its columns have other names in the text than the query gives them.
    named = [
        f"{render(one)} AS {quote(name)}" for one, name in zip(node.expressions, names, strict=True)
    ]
    return f'(SELECT "one" FROM (SELECT {", ".join(named)}) AS "one")'


def _member(node: exp.Member) -> str:
    return f"({render(node.this)}).{quote(node.name)}"


def _alias(node: exp.Alias) -> str:
    return f"{render(node.this)} AS {quote(node.alias)}"


# -- queries --------------------------------------------------------------------------------------


def _clauses(node: exp.Expr, *keys: str) -> list[str]:
    return [render(node.args[key]) for key in keys if key in node.args]


def _select(node: exp.Select) -> str:
    parts = [*_clauses(node, "with_"), "SELECT", *_clauses(node, "distinct")]
    parts.append(_listed(node.expressions))
    if "from_" in node.args:
        parts.append(f"FROM {_joined(node.args['from_'].this, node.args.get('joins'))}")
    parts += _clauses(node, "where", "group", "having", "order", "limit", "offset")
    return " ".join([*parts, *map(_lock, node.args.get("locks") or ())])


def _lock(node: exp.Lock) -> str:
    listed = ", ".join(quote(one.name) for one in node.expressions)
    names = f" OF {listed}" if listed else ""
    return f"FOR {node.name}{names} {node.text('wait')}".rstrip()


def _values(node: exp.Values) -> str:
    parts = [*_clauses(node, "with_"), f"VALUES {_listed(node.expressions)}"]
    return " ".join([*parts, *_clauses(node, "order", "limit", "offset")])


def _set_operation(node: exp.SetOperation) -> str:
    word = node.key.upper() + ("" if node.args["distinct"] else " ALL")
    parts = [*_clauses(node, "with_"), render(node.this), word, render(node.expression)]
    return " ".join([*parts, *_clauses(node, "order", "limit", "offset")])


def _subquery(node: exp.Subquery) -> str:
    return f"({render(node.this)})"


def _worded(word: str) -> Handler:
    """Write a clause of one operand."""

    def write(node: exp.Expr) -> str:
        return f"{word} {render(node.expression if node.this is None else node.this)}"

    return write


def _limit(node: exp.Limit) -> str:
    count = render(node.expression)
    return f"FETCH FIRST ({count}) ROWS WITH TIES" if node.args.get("ties") else f"LIMIT {count}"


def _group(node: exp.Group) -> str:
    sets = node.args.get("sets")
    if sets is not None:
        listed = [f"({', '.join([_key(key) for key in one.expressions])})" for one in sets]
        return f"GROUP BY GROUPING SETS ({', '.join(listed)})"
    return f"GROUP BY {', '.join([_key(one) for one in node.expressions])}"


def _with(node: exp.With) -> str:
    word = "WITH RECURSIVE " if node.args.get("recursive") else "WITH "
    return word + _listed(node.expressions)


def _common(node: exp.CTE) -> str:
    asked = node.args.get("materialized")
    how = "" if asked is None else "MATERIALIZED " if asked else "NOT MATERIALIZED "
    return f"{render(node.args['alias'])} AS {how}({render(node.this)})"


def _table_alias(node: exp.TableAlias) -> str:
    columns = node.args.get("columns")
    return f"{quote(node.name)}({_names(columns)})" if columns else quote(node.name)


# -- sources --------------------------------------------------------------------------------------


def _joined(leaf: exp.Expr, joins: list[exp.Join] | None) -> str:
    return "".join([_source(leaf), *[_join(one) for one in joins or ()]])


def _join(node: exp.Join) -> str:
    on = node.args.get("on")
    words = " ".join([word for word in (node.side, node.kind) if word])
    if not words and on is None:
        return f", {_source(node.this)}"
    text = f" {words} JOIN {_source(node.this)}" if words else f" JOIN {_source(node.this)}"
    return text if on is None else f"{text} ON {render(on)}"


def _source(node: exp.Expr) -> str:
    alias = node.args.get("alias")
    if alias is None and isinstance(node, exp.Subquery):  # parentheses around a join
        return f"({_joined(node.this, node.args.get('joins'))})"
    text = f"({render(node)})" if isinstance(node, exp.Values) else render(node)
    text = f"LATERAL {text}" if node.args.get("lateral") else text
    return text if alias is None else f"{text} AS {render(alias)}"


def _table(node: exp.Table) -> str:
    if not isinstance(node.this, exp.Identifier):
        calls = node.this.expressions if isinstance(node.this, exp.RowsFrom) else [node.this]
        text = f"ROWS FROM ({', '.join([_rows_of(call) for call in calls])})"
        return text + (" WITH ORDINALITY" if node.args.get("ordinality") else "")
    return qualified(node.db, node.name) if node.db else quote(node.name)


def _rows_of(call: exp.Expr) -> str:
    """Write a call in FROM, with the columns it has to be told."""
    told = call.meta.get("columns")
    if told is None:
        return render(call)
    columns = ", ".join([f"{quote(name)} {type_name(type_)}" for name, type_ in told])
    return f"{render(call)} AS ({columns})"


# -- changes --------------------------------------------------------------------------------------


def _insert(node: exp.Insert) -> str:
    columns = node.this.expressions
    parts = [*_clauses(node, "with_"), f"INSERT INTO {_source(node.this.this)}"]
    if columns:
        parts += [f"({_names(columns)})", render(node.expression)]
    else:
        parts.append("DEFAULT VALUES")
    return " ".join([*parts, *_clauses(node, "conflict", "returning")])


def _on_conflict(node: exp.OnConflict) -> str:
    parts = ["ON CONFLICT"]
    keys, constraint = node.args.get("conflict_keys"), node.args.get("constraint")
    if constraint is not None:
        parts.append(f"ON CONSTRAINT {quote(constraint.name)}")
    elif keys:
        parts.append(f"({', '.join([_unqualified(one) for one in keys])})")
        predicate = node.args.get("index_predicate")
        if predicate is not None:
            parts.append(_unqualified(predicate))
    if not node.expressions:
        return " ".join([*parts, "DO NOTHING"])
    return " ".join([*parts, f"DO UPDATE SET {_sets(node.expressions)}", *_clauses(node, "where")])


def _unqualified(node: exp.Expr) -> str:
    """Write a part of a conflict's target, where the grammar has no place for the table's name."""
    copied = node.copy()
    for column in copied.find_all(exp.Column):
        column.set("table", None)
    text = render(copied)
    return text if isinstance(node, exp.Column | exp.Where) else f"({text})"


def _set(node: exp.Expr) -> str:
    """Write one part of SET; parts of a column are each assigned for themselves."""
    found: list[str] = []
    value = node.expression
    while isinstance(value, exp.Assigned):
        steps = "".join([f"[{render(one)}]" for one in value.expressions])
        found.insert(0, f"{render(node.this)}{steps} = {render(value.expression)}")
        value = value.this
    return ", ".join(found) or render(node)


def _sets(nodes: list[exp.Expr]) -> str:
    return ", ".join([_set(one) for one in nodes])


def _update(node: exp.Update) -> str:
    parts = [*_clauses(node, "with_"), f"UPDATE {_source(node.this)}"]
    parts.append(f"SET {_sets(node.expressions)}")
    if "from_" in node.args:
        parts.append(f"FROM {_with_its_joins(node.args['from_'].this)}")
    return " ".join([*parts, *_clauses(node, "where", "returning")])


def _delete(node: exp.Delete) -> str:
    parts = [*_clauses(node, "with_"), f"DELETE FROM {_source(node.this)}"]
    if "using" in node.args:
        parts.append(f"USING {_with_its_joins(node.args['using'][0])}")
    return " ".join([*parts, *_clauses(node, "where", "returning")])


def _with_its_joins(leaf: exp.Expr) -> str:
    """Write the sources of UPDATE and DELETE, whose leaf holds its joins."""
    return _joined(leaf, leaf.args.get("joins"))


def _returning(node: exp.Returning) -> str:
    return f"RETURNING {_listed(node.expressions)}"


_INFIXES: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.NullSafeEQ: "IS NOT DISTINCT FROM",
    exp.NullSafeNEQ: "IS DISTINCT FROM",
    exp.Like: "LIKE",
    exp.ILike: "ILIKE",
    exp.SimilarTo: "SIMILAR TO",
    exp.Escape: "ESCAPE",
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.Mod: "%",
    exp.Pow: "^",
    exp.DPipe: "||",
    exp.BitwiseAnd: "&",
    exp.BitwiseOr: "|",
    exp.BitwiseXor: "#",
    exp.BitwiseLeftShift: "<<",
    exp.BitwiseRightShift: ">>",
}

_HANDLERS: dict[type[exp.Expr], Handler] = {
    **{kind: _infix(word) for kind, word in _INFIXES.items()},
    exp.Literal: _literal,
    exp.Boolean: _boolean,
    exp.Null: _null,
    exp.HexString: _hex_string,
    exp.Parameter: _parameter,
    exp.Column: _column,
    exp.Paren: _subquery,
    exp.Not: _worded("NOT"),
    exp.Neg: _negative,
    exp.BitwiseNot: _worded("~"),
    exp.And: _chain("AND"),
    exp.Or: _chain("OR"),
    exp.Is: _is,
    exp.Between: _between,
    exp.In: _in,
    exp.Any: _quantified("ANY"),
    exp.All: _quantified("ALL"),
    exp.Cast: _cast,
    exp.Quantified: _any_operator,
    exp.Anonymous: _call,
    exp.Coalesce: _called_with("COALESCE"),
    exp.Greatest: _called_with("GREATEST"),
    exp.Least: _called_with("LEAST"),
    exp.Nullif: _called_with("NULLIF"),
    exp.Case: _case,
    exp.Array: _array,
    exp.Bracket: _subscript,
    exp.Slice: _slice,
    exp.Tuple: _tuple,
    exp.Row: _row,
    exp.Member: _member,
    exp.Alias: _alias,
    exp.Exists: lambda node: f"EXISTS({render(node.this)})",
    exp.Filter: _filter,
    exp.WithinGroup: _within,
    exp.Window: _window,
    exp.WindowSpec: _frame,
    exp.Where: _worded("WHERE"),
    exp.Group: _group,
    exp.Having: _worded("HAVING"),
    exp.Distinct: _distinct,
    exp.Order: _order,
    exp.Ordered: _ordered,
    exp.Limit: _limit,
    exp.Offset: _worded("OFFSET"),
    exp.With: _with,
    exp.CTE: _common,
    exp.TableAlias: _table_alias,
    exp.Returning: _returning,
    exp.Select: _select,
    exp.Values: _values,
    exp.Subquery: _subquery,
    exp.Union: _set_operation,
    exp.Intersect: _set_operation,
    exp.Except: _set_operation,
    exp.Table: _table,
    exp.Insert: _insert,
    exp.OnConflict: _on_conflict,
    exp.Update: _update,
    exp.Delete: _delete,
}
