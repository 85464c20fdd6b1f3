"""Function calls: SQLite's own function, another name, a function of ours, or a special form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from fivefold.plan import nodes as exp
from fivefold.plan.statement import CHECK_OPTION, type_of
from fivefold.stores.sqlite.functions.codes import INDEX_MAX, code_of
from fivefold.stores.sqlite.functions.names import NAMES
from fivefold.stores.sqlite.gaps import NATIVE, RENAMES, WITH_TYPES
from fivefold.stores.sqlite.render import aggregates, shadows
from fivefold.stores.sqlite.render.casts import cast_text, padded
from fivefold.stores.sqlite.render.logic import extreme
from fivefold.stores.sqlite.render.writer import Handler, Writer, bare, string, unsupported
from fivefold.values.oids import type_oid
from fivefold.values.types import BPCHAR, TEXT, TEXTS, VECTOR_ELEMENTS, Kind

Special = Callable[[Writer, list[exp.Expr]], str | None]


def call(w: Writer, node: exp.Expr) -> str:
    """Write a call."""
    name, arguments = node.name, list(node.expressions)
    if node.args.get("variadic"):
        return _spread(w, name, arguments)
    if name in aggregates.AGGREGATES:
        return aggregates.write(w, node)
    if name in shadows.READERS:
        read = shadows.read(w, name, arguments)
        if read is not None:
            return read
    special = SPECIALS.get(name)
    if special is not None:
        text = special(w, arguments)
        if text is not None:
            return text
    found = implementation(name, [type_of(one).kind for one in arguments])
    if found is None:
        shown = ", ".join([str(type_of(one)) for one in arguments])
        unsupported(f"the function {name}({shown})")
    if name in WITH_TYPES:
        typed = [f"{w.sql(one)}, {string(code_of(type_of(one)))}" for one in arguments]
        return f"{found}({', '.join(typed)})"
    return w.call(found, arguments)


def _spread(w: Writer, name: str, arguments: list[exp.Expr]) -> str:
    """Write a call with VARIADIC: the array with its type, then the arguments before it."""
    if name == "jsonb_delete":
        return w.call("ff_jsonb_delete_jsonb_array", arguments)
    *fixed, last = arguments
    texts = [string(name), string(code_of(type_of(last))), w.sql(last), *_texts(w, fixed)]
    return f"ff_variadic({', '.join(texts)})"


def implementation(name: str, kinds: list[Kind]) -> str | None:
    """Return what a function is called here for arguments of these kinds, or None."""
    own = RENAMES.get(name, name if name in NATIVE else f"ff_{name}")
    for base in dict.fromkeys((f"ff_{name}", own)):
        for candidate in _suffixed(base, kinds):
            if candidate in NAMES:
                return candidate
    return own if own in NAMES or not own.startswith("ff_") else None


def _suffixed(base: str, kinds: list[Kind]) -> Iterator[str]:
    words = ["text" if kind in TEXTS else kind.value for kind in kinds]
    if len(words) > 1:
        yield f"{base}_{words[0]}_{words[1]}"
    if words:
        yield f"{base}_{words[0]}"
    if len(words) > 1:
        yield f"{base}_{words[1]}"


def _texts(w: Writer, arguments: list[exp.Expr]) -> list[str]:
    """Return arguments as their types' output, as functions of ``any`` want them.

    That is what a cast to text gives, but for booleans.
    """
    return [
        f"CASE {w.sql(one)} WHEN 1 THEN 't' WHEN 0 THEN 'f' END"
        if type_of(one).kind is Kind.BOOLEAN
        else padded(w, one)
        if type_of(one).kind is Kind.BPCHAR
        else cast_text(w, one, type_of(one), TEXT)
        for one in arguments
    ]


def _concat(w: Writer, arguments: list[exp.Expr]) -> str | None:
    return f"concat({', '.join(_texts(w, arguments))})"


def _textcat(w: Writer, arguments: list[exp.Expr]) -> str | None:
    return f"({w.closed(arguments[0])} || {w.closed(arguments[1])})"


def _jsonb_delete(w: Writer, arguments: list[exp.Expr]) -> str | None:
    """Write the form that takes any number of keys."""
    if len(arguments) == 2:
        return None
    return (
        f"ff_jsonb_delete_jsonb_array({w.sql(arguments[0])}, json_array({w.listed(arguments[1:])}))"
    )


def _concat_ws(w: Writer, arguments: list[exp.Expr]) -> str | None:
    return f"concat_ws({', '.join(_texts(w, arguments))})"


def _format(w: Writer, arguments: list[exp.Expr]) -> str | None:
    return f"ff_format({', '.join(_texts(w, arguments))})"


def _quoted(name: str) -> Special:
    def write(w: Writer, arguments: list[exp.Expr]) -> str | None:
        value = arguments[0]
        return f"{name}({cast_text(w, value, type_of(value), TEXT)})"

    return write


def _substring(w: Writer, arguments: list[exp.Expr]) -> str | None:
    """Use SQLite's own where it counts as PostgreSQL does: from 1, and no negative length."""
    if type_of(arguments[0]).kind is Kind.BYTEA or type_of(arguments[1]).kind in TEXTS:
        return None
    start, *length = [bare(one) for one in arguments[1:]]
    plain = [one for one in (start, *length) if isinstance(one, exp.Literal)]
    if len(plain) != len(arguments) - 1 or int(start.this) < 1:
        return None
    if length and str(length[0].name).startswith("-"):
        return None
    return w.call("substr", arguments)


def _buckets(w: Writer, arguments: list[exp.Expr]) -> str | None:
    """Write width_bucket by an array of bounds."""
    if type_of(arguments[-1]).element is None:
        return None
    typed = [f"{w.sql(one)}, {string(code_of(type_of(one)))}" for one in arguments]
    return f"ff_width_bucket({', '.join(typed)})"


def _replace(w: Writer, arguments: list[exp.Expr]) -> str | None:
    """Write replace: SQLite's overlooks a null where there is nothing to look for."""
    new = arguments[2]
    if isinstance(bare(new), exp.Literal | exp.Parameter):
        return None
    return f"iif({w.sql(new)} IS NULL, NULL, {w.call('replace', arguments)})"


def _with_blanks(name: str) -> Special:
    """Write a function that sees the blanks at the end of a character(n)."""

    def write(w: Writer, arguments: list[exp.Expr]) -> str | None:
        if type_of(arguments[0]).kind is not Kind.BPCHAR:
            return None
        return f"{name}({', '.join([padded(w, arguments[0]), *map(w.sql, arguments[1:])])})"

    return write


def _length(w: Writer, arguments: list[exp.Expr]) -> str | None:
    if type_of(arguments[0]) != BPCHAR and type_of(arguments[0]).kind is Kind.BPCHAR:
        return w.call("length", arguments)
    return None


def _type_of(w: Writer, arguments: list[exp.Expr]) -> str | None:
    return str(type_oid(type_of(arguments[0])))


def _bounded(name: str) -> Special:
    """Write a function that gives a subscript: a vector's are one less than an array's."""

    def write(w: Writer, arguments: list[exp.Expr]) -> str | None:
        if type_of(arguments[0]).kind not in VECTOR_ELEMENTS:
            return None
        if name == "array_position":
            typed = [f"{w.sql(one)}, {string(code_of(type_of(one)))}" for one in arguments]
            return f"(ff_array_position({', '.join(typed)}) - 1)"
        return f"({w.call(f'ff_{name}', arguments)} - 1)"

    return write


def _greatest(w: Writer, arguments: list[exp.Expr]) -> str | None:
    return extreme(w, "max", arguments)


def _least(w: Writer, arguments: list[exp.Expr]) -> str | None:
    return extreme(w, "min", arguments)


def _row(w: Writer, arguments: list[exp.Expr]) -> str | None:
    return f"({w.listed(arguments)})"


def _grouping(w: Writer, arguments: list[exp.Expr]) -> str | None:
    """Where there are no grouping sets, all keys are part of the one there is."""
    return "0"


def _modulo(w: Writer, arguments: list[exp.Expr]) -> str | None:
    kind = type_of(arguments[0]).kind
    return w.call(f"ff_modulo_{kind}", arguments)


def _overlaps(w: Writer, arguments: list[exp.Expr]) -> str | None:
    """Write OVERLAPS; an interval is added to where the period begins."""
    texts = []
    for begin, end in (arguments[:2], arguments[2:]):
        start, other = w.sql(begin), w.sql(end)
        if type_of(end).kind is Kind.INTERVAL:
            other = f"ff_{type_of(begin).kind}_pl_interval({start}, {other})"
        texts += [start, other]
    return f"ff_overlaps({', '.join(texts)})"


def _path(name: str) -> Special:
    """Write a path's steps: listed, or one array behind a mark (``#>``)."""

    def write(w: Writer, arguments: list[exp.Expr]) -> str | None:
        if len(arguments) == 2 and type_of(arguments[1]).kind is Kind.ARRAY:
            found = RENAMES.get(name, f"ff_{name}")
            return f"{found}({w.sql(arguments[0])}, char(0) || 'array', {w.sql(arguments[1])})"
        return None

    return write


_PATHS = ("json_extract_path", "json_extract_path_text", "jsonb_extract_path")


def _document(w: Writer, arguments: list[exp.Expr]) -> str | None:
    return f"ff_cast(json({w.sql(arguments[0])}), 'text', 'jsonb')"


def _check_option(w: Writer, arguments: list[exp.Expr]) -> str | None:
    checks = 1 + 2 * int(arguments[0].this)
    texts = [*map(w.sql, arguments[:checks]), *_texts(w, arguments[checks:])]
    return f"ff_check_option({', '.join(texts)})"


SPECIALS: dict[str, Special] = {
    **{name: _path(name) for name in (*_PATHS, "jsonb_extract_path_text")},
    "concat": _concat,
    "concat_ws": _concat_ws,
    "textcat": _textcat,
    "jsonb_delete": _jsonb_delete,
    "format": _format,
    "quote_literal": _quoted("ff_quote_literal"),
    "quote_nullable": _quoted("ff_quote_nullable"),
    "substring": _substring,
    "substr": _substring,
    "length": _length,
    "pg_typeof": _type_of,
    "grouping": _grouping,
    **{name: _bounded(name) for name in ("array_lower", "array_upper", "array_position")},
    "greatest": _greatest,
    "least": _least,
    "row": _row,
    "replace": _replace,
    "width_bucket": _buckets,
    "octet_length": _with_blanks("octet_length"),
    **{
        name: _with_blanks(f"ff_{name}")
        for name in ("textregexeq", "textregexne", "texticregexeq", "texticregexne")
    },
    "mod": _modulo,
    "overlaps": _overlaps,
    CHECK_OPTION: _check_option,
    "fivefold_document": _document,
}


def array(w: Writer, node: exp.Expr) -> str:
    """Write ARRAY[…] as JSON; a query inside becomes an aggregate."""
    members = list(node.expressions)
    if node.meta.get("query"):
        return _array_of_query(w, members[0])
    code = string(code_of(type_of(node)))
    if any(type_of(one).kind is Kind.ARRAY for one in members):
        return f"ff_array_nested({', '.join([code, *[w.sql(one) for one in members]])})"
    element = type_of(node).element
    if element is not None and element.kind in EXACT_IN_JSON:
        return w.call("json_array", members)
    return f"ff_array({', '.join([code, *[w.sql(one) for one in members]])})"


EXACT_IN_JSON = frozenset(
    {Kind.BOOLEAN, Kind.INT2, Kind.INT4, Kind.INT8, Kind.NUMERIC, Kind.TEXT, Kind.VARCHAR}
    | {Kind.BPCHAR, Kind.NAME, Kind.DATE, Kind.TIME, Kind.TIMESTAMP, Kind.TIMESTAMPTZ}
    | {Kind.INTERVAL, Kind.UUID, Kind.OID}
)
"""Kinds whose stored forms SQLite's own JSON functions keep: not floats, bytes, JSON or arrays."""


def _array_of_query(w: Writer, query_node: Any) -> str:
    from fivefold.stores.sqlite.render.queries import query

    element = type_of(query_node.selects[0])
    text = query(w, query_node)
    collect = (
        'json_group_array("v")'
        if element.kind in EXACT_IN_JSON
        else f"coalesce(ff_array_agg(\"v\", {string(code_of(element))}), '[]')"
    )
    return f'(WITH "one"("v") AS ({text}) SELECT {collect} FROM "one")'


def subscript(w: Writer, node: exp.Expr) -> str:
    """Write array[i] and array[i:j], counted from 1."""
    if any(isinstance(one, exp.Slice) for one in node.expressions):
        return f"ff_slice({', '.join([w.sql(node.this), *_bounds(w, node)])})"
    if type_of(node.this).kind in VECTOR_ELEMENTS:  # counted from 0
        return f"ff_subscript({w.sql(node.this)}, 1 + {w.closed(node.expressions[0])})"
    name = "ff_subscript_bytea" if type_of(node).kind is Kind.BYTEA else "ff_subscript"
    return w.call(name, [node.this, *node.expressions])


def _bounds(w: Writer, node: exp.Expr) -> list[str]:
    """Return the bounds of slices in turn; what is left out is 1 and the largest index."""
    found = []
    for part in node.expressions:
        found.append("1" if part.this is None else w.sql(part.this))
        found.append(str(INDEX_MAX) if part.expression is None else w.sql(part.expression))
    return found


def assigned(w: Writer, node: exp.Expr) -> str:
    """Write an array or jsonb with one part replaced."""
    base, value = w.sql(node.this), w.sql(node.expression)
    if type_of(node).kind is Kind.JSONB:
        return f"ff_jsonb_assign({', '.join([base, value, *map(w.sql, node.expressions)])})"
    code = string(code_of(type_of(node)))
    if any(isinstance(one, exp.Slice) for one in node.expressions):
        name, steps = "ff_array_assign_slice", _bounds(w, node)
    else:
        name, steps = "ff_array_assign", [w.sql(one) for one in node.expressions]
    return f"{name}({', '.join([base, code, value, *steps])})"


HANDLERS: dict[type[exp.Expr], Handler] = {
    exp.Assigned: assigned,
    exp.Anonymous: call,
    exp.Array: array,
    exp.Bracket: subscript,
    exp.Filter: aggregates.write,
    exp.WithinGroup: aggregates.write,
    exp.Window: aggregates.write,
    exp.Order: aggregates.write,
}
