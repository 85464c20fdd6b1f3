"""Columns, constants and parameters."""

from __future__ import annotations

from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.stores.sqlite.names import quote
from fivefold.stores.sqlite.render.writer import Handler, Loose, Writer, guarded, string
from fivefold.values.types import FLOATS, INTEGERS, REFERENCES, Kind


def column(w: Writer, node: exp.Column) -> str:
    """Write a column by its source's name."""
    source, name = node.table, node.name
    if not source or w.pure:
        return quote(name)
    renamed = w.columns.get((source, name))
    if renamed is not None:
        return renamed
    return f"{w.sources.get(source) or quote(source)}.{quote(name)}"


def literal(w: Writer, node: exp.Literal) -> str:
    """Write a constant in stored form."""
    kind, text = type_of(node).kind, str(node.this)
    if kind in FLOATS:
        return _float(text)
    if kind is Kind.BYTEA and text.startswith("\\x"):
        return f"X'{text[2:]}'"
    if node.is_string:
        return text if kind in INTEGERS or kind is Kind.BOOLEAN else string(text)
    if kind in INTEGERS or kind in REFERENCES or kind in (Kind.BOOLEAN, Kind.XID, Kind.UNKNOWN):
        return text
    return string(text)


def _float(text: str) -> str:
    match text.lower():
        case "nan":
            return "'NaN'"
        case "infinity" | "inf" | "9e999":
            return "9e999"
        case "-infinity" | "-inf" | "-9e999":
            return "-9e999"
    written = repr(float(text))
    return written if "e" in written or "." in written else f"{written}.0"


def parameter(w: Writer, node: exp.Expr) -> str:
    """Write a parameter by its number."""
    number = int(node.this.name)
    w.used = max(w.used, number)
    kind = type_of(node).kind
    if kind in REFERENCES and kind is not Kind.OID:
        return f"ff_reg_oid('{kind}', ?{number})"  # a client may give the name
    return f"?{number}"


def boolean(w: Writer, node: exp.Expr) -> str:
    """Write TRUE or FALSE as it is stored."""
    return "1" if node.this else "0"


def null(w: Writer, node: exp.Expr) -> str:
    """Write NULL."""
    return "NULL"


def hex_string(w: Writer, node: exp.Expr) -> str:
    """Write bytes."""
    return f"X'{node.this}'"


def paren(w: Writer, node: exp.Expr) -> str:
    """Write parentheses, which only operators need."""
    text = w.sql(node.this)
    return f"({text})" if isinstance(text, Loose) else text


def alias(w: Writer, node: exp.Expr) -> str:
    """Write an output's value with its name."""
    return f"{guarded(w.sql(node.this), type_of(node.this))} AS {quote(node.alias)}"


def tuple_(w: Writer, node: exp.Expr) -> str:
    """Write a row value; SQLite compares it member by member, as PostgreSQL does."""
    return f"({', '.join([w.ordered(one) for one in node.expressions])})"


HANDLERS: dict[type[exp.Expr], Handler] = {
    exp.Column: column,
    exp.Literal: literal,
    exp.Parameter: parameter,
    exp.Boolean: boolean,
    exp.Null: null,
    exp.HexString: hex_string,
    exp.Paren: paren,
    exp.Alias: alias,
    exp.Tuple: tuple_,
}
