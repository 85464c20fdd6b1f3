"""Aggregates and window functions.

SQLite's own aggregates run in C, so most are written as one or two of them with a finishing
function outside, called once a group: the exact mean of integers is ``ff_mean(sum(x), count(x))``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.stores.sqlite.functions.codes import code_of
from fivefold.stores.sqlite.functions.names import NAMES
from fivefold.stores.sqlite.gaps import NATIVE, RENAMES, collation_of
from fivefold.stores.sqlite.render.within import within
from fivefold.stores.sqlite.render.writer import (
    Writer,
    guarded,
    string,
    unsupported,
    with_collation,
)
from fivefold.values.types import FLOATS, TEXT, TEXTS, Kind, Type


@dataclass(frozen=True, slots=True)
class Call:
    """An aggregate or window call, with what may surround it already as text."""

    name: str
    arguments: list[exp.Expr]
    texts: list[str]
    distinct: bool
    order: str
    tail: str  # FILTER and OVER

    @property
    def over(self) -> bool:
        """Whether it is called over a window."""
        return " OVER (" in self.tail

    @property
    def type(self) -> Type:
        """The type of the first argument."""
        return type_of(self.arguments[0])

    def native(self, name: str, *texts: str, order: bool = False) -> str:
        """Return the call of a native aggregate over other arguments, all else the same."""
        inside = ("DISTINCT " if self.distinct else "") + ", ".join(texts)
        return f"{name}({inside}{self.order if order else ''}){self.tail}"

    def compared(self) -> str:
        """Return the first argument with its collation."""
        return with_collation(self.texts[0], self.type)


def write(w: Writer, node: exp.Expr) -> str:
    """Write an aggregate or window call from its outermost node on."""
    from fivefold.stores.sqlite.render.queries import order_by, window_text

    if isinstance(node, exp.Order) and node.this is None:
        return order_by(w, node)
    tail, order, outer, condition = "", "", node, ""
    if isinstance(node, exp.Window):
        tail, node = f" OVER ({window_text(w, node)})", node.this
    if isinstance(node, exp.Filter):
        condition = w.sql(node.expression.this)
        tail, node = f" FILTER (WHERE {condition}){tail}", node.this
    if isinstance(node, exp.WithinGroup):
        return within(w, node, condition)
    if isinstance(node, exp.Order):
        order, node = " " + order_by(w, node), node.this
    if not isinstance(node, exp.Anonymous):
        unsupported(f"{outer.key.upper()} over {node.key}")
    arguments = list(node.expressions)
    distinct = len(arguments) == 1 and isinstance(arguments[0], exp.Distinct)
    if distinct:
        arguments = list(arguments[0].expressions)
        if not order and not tail.endswith(" OVER ()"):
            # PostgreSQL sorts the rows to find those that come again.
            order = " ORDER BY " + ", ".join([_sorted(w, one) for one in arguments])
    texts = [w.closed(one) for one in arguments]
    call = Call(node.name, arguments, texts, distinct, order, tail)
    if distinct and call.over:
        unsupported("DISTINCT in a window function")
    made = FORMS.get(node.name)
    if made is not None:
        return made(call)
    if node.name in ("ntile", "nth_value"):
        return _counting(call)
    if node.name in NATIVE:
        return call.native(node.name, *texts)
    return _own(call)


def _counting(call: Call) -> str:
    """Write ntile and nth_value; SQLite wants a number above zero, PostgreSQL takes a null too."""
    *before, count = call.texts
    if count.isdigit() and int(count):
        return call.native(call.name, *call.texts)
    checked = f"ff_{call.name}_count(coalesce({count}, 1))"
    made = call.native(call.name, *before, checked)
    return f"CASE WHEN {count} IS NOT NULL THEN {made} END"


def _sorted(w: Writer, node: exp.Expr) -> str:
    return f"{w.ordered(node)} NULLS LAST"


def _count(call: Call) -> str:
    if not call.arguments:
        return call.native("count", "*")
    return call.native("count", call.compared() if call.distinct else call.texts[0])


def _extreme(name: str) -> Callable[[Call], str]:
    def write_it(call: Call) -> str:
        return f"{name}({call.compared()}){call.tail}"

    return write_it


def _sum(call: Call) -> str:
    match call.type.kind:
        case Kind.INT2 | Kind.INT4:
            return call.native("sum", call.texts[0])
        case Kind.INT8:
            return _wide(call)
        case kind if kind in FLOATS:
            return _float_total(call, "sum")
    return _own(call)


def _wide(call: Call) -> str:
    """Sum the halves of int8 apart, since SQLite's sum fails where PostgreSQL's turns numeric."""
    if call.distinct:
        return call.native("ff_sum_numeric", call.texts[0])
    high, low = f"{call.texts[0]} >> 32", f"{call.texts[0]} & 4294967295"
    return f"ff_wide({call.native('sum', high)}, {call.native('sum', low)})"


def _average(call: Call) -> str:
    kind, value = call.type.kind, call.texts[0]
    if kind in (Kind.INT2, Kind.INT4):
        return f"ff_mean({call.native('sum', value)}, {call.native('count', value)})"
    if kind is Kind.INT8 and not call.distinct:
        return f"ff_mean({_wide(call)}, {call.native('count', value)})"
    if kind is Kind.INT8:
        return call.native("ff_avg_numeric", value)
    if kind in FLOATS:
        return _float_total(call, "avg")
    return _own(call)


def _float_total(call: Call, name: str) -> str:
    """Let SQLite add up; the extremes tell of NaN (text) and of infinities."""
    value = call.texts[0]
    parts = [call.native(one, value) for one in (name, "min", "max")]
    return f"ff_float_{name}({', '.join(parts)}, '{call.type.kind}')"


def _boolean(name: str) -> Callable[[Call], str]:
    def write_it(call: Call) -> str:
        return call.native(name, call.texts[0])

    return write_it


def _string_agg(call: Call) -> str:
    if call.distinct and not isinstance(call.arguments[1], exp.Literal):
        return _deduped("string_agg_bytea" if call.type.kind is Kind.BYTEA else "string_agg", call)
    if call.type.kind is Kind.BYTEA:
        return call.native("ff_string_agg_bytea", *call.texts, order=True)
    if not call.distinct:
        return call.native("group_concat", *call.texts, order=True)
    # SQLite's DISTINCT aggregates take one argument.
    collected = call.native("json_group_array", call.texts[0], order=True)
    return f"ff_join_texts({collected}, {call.texts[1]})"


def _array_agg(call: Call) -> str:
    from fivefold.stores.sqlite.render.calls import EXACT_IN_JSON

    if call.type.kind in EXACT_IN_JSON and not (call.distinct and collation_of(call.type)):
        array = call.native("json_group_array", call.texts[0], order=True)
        return f"nullif({guarded(array, TEXT)}, '[]')"
    return _with_codes(call)


def _with_codes(call: Call) -> str:
    if call.distinct:
        return _deduped(call.name, call)
    codes = [string(code_of(type_of(one))) for one in call.arguments]
    return call.native(f"ff_{call.name}", *call.texts, *codes, order=True)


def _deduped(name: str, call: Call) -> str:
    """Let a function of ours leave out rows that come again: it gets them sorted."""
    rest = [
        f"{with_collation(one, type_of(node))} NULLS LAST"
        for one, node in zip(call.texts, call.arguments, strict=True)
    ]
    codes = [string(code_of(type_of(one))) for one in call.arguments]
    order = ", ".join([call.order, *rest])
    return f"ff_{name}_distinct({', '.join([*call.texts, *codes])}{order}){call.tail}"


def _own(call: Call) -> str:
    if call.distinct and len(call.arguments) > 1:
        return _deduped(call.name, call)
    kind = "text" if call.type.kind in TEXTS else call.type.kind.value
    if call.type.kind in FLOATS:
        kind = "float8"
    base = RENAMES.get(call.name, f"ff_{call.name}")
    for name in (f"{base}_{kind}", base, f"{base}_numeric"):
        if name in NAMES:
            texts = [call.compared(), *call.texts[1:]] if call.distinct else call.texts
            moving = f"{name}_over"
            return call.native(moving if call.over and moving in NAMES else name, *texts)
    return unsupported(f"the aggregate {call.name}({call.type})")


FORMS: dict[str, Callable[[Call], str]] = {
    "count": _count,
    "min": _extreme("min"),
    "max": _extreme("max"),
    "sum": _sum,
    "avg": _average,
    "bool_and": _boolean("min"),
    "every": _boolean("min"),
    "bool_or": _boolean("max"),
    "string_agg": _string_agg,
    "array_agg": _array_agg,
    "json_agg": _with_codes,
    "jsonb_agg": _with_codes,
    "json_object_agg": _with_codes,
    "jsonb_object_agg": _with_codes,
}

_PLAIN = """
bit_and bit_or bit_xor corr covar_pop covar_samp regr_avgx regr_avgy regr_count regr_intercept
regr_r2 regr_slope regr_sxx regr_sxy regr_syy
stddev stddev_pop stddev_samp variance var_pop var_samp
"""
AGGREGATES = frozenset([*FORMS, *_PLAIN.split()])
"""What PostgreSQL calls its aggregates."""
