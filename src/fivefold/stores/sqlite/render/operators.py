"""Arithmetic and the other binary operators, chosen by their operands' types."""

from __future__ import annotations

from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.stores.sqlite.render.arithmetic import WORDS, floating, integer
from fivefold.stores.sqlite.render.writer import Handler, Loose, Writer, unsupported
from fivefold.values.types import FLOATS, INTEGERS, Kind


def binary(w: Writer, node: exp.Expr) -> str:
    """Write + - * / % between numbers."""
    kind = type_of(node).kind
    if kind in INTEGERS:
        return integer(w, node)
    if kind in FLOATS:
        return floating(w, node)
    if kind is not Kind.NUMERIC:
        unsupported(f"{WORDS[type(node)][0]} for {type_of(node)}")
    return w.call(f"ff_{WORDS[type(node)][1]}_numeric", [node.this, node.expression])


def negative(w: Writer, node: exp.Expr) -> str:
    """Write the minus sign."""
    kind = type_of(node).kind
    if kind in INTEGERS:
        return integer(w, node)
    if isinstance(node.this, exp.Literal) and kind in FLOATS:
        return f"(-{w.sql(node.this)})"
    return w.call(f"ff_negative_{'float8' if kind in FLOATS else kind}", [node.this])


def joined(w: Writer, node: exp.Expr) -> str:
    """Write || of texts."""
    return Loose(f"{_left(w, node.this)} || {w.closed(node.expression)}")


def _left(w: Writer, node: exp.Expr) -> str:
    return w.sql(node) if isinstance(node, exp.DPipe) else w.closed(node)


BITS: dict[type[exp.Expr], tuple[str, str]] = {
    exp.BitwiseAnd: ("&", "and"),
    exp.BitwiseOr: ("|", "or"),
    exp.BitwiseXor: ("#", "xor"),
    exp.BitwiseLeftShift: ("<<", "shift_left"),
    exp.BitwiseRightShift: (">>", "shift_right"),
}


def bits(w: Writer, node: exp.Expr) -> str:
    """Write & | # << >>; SQLite has no exclusive or, and shifts otherwise past the width."""
    sign, word = BITS[type(node)]
    if sign in "&|":
        return Loose(f"{w.closed(node.this)} {sign} {w.closed(node.expression)}")
    return w.call(f"ff_{word}_{type_of(node).kind}", [node.this, node.expression])


def bit_not(w: Writer, node: exp.Expr) -> str:
    """Write ~."""
    return Loose(f"~ {w.closed(node.this)}")


def power(w: Writer, node: exp.Expr) -> str:
    """Write ^."""
    kind = "numeric" if type_of(node).kind is Kind.NUMERIC else "float8"
    return w.call(f"ff_power_{kind}", [node.this, node.expression])


HANDLERS: dict[type[exp.Expr], Handler] = {
    **dict.fromkeys(WORDS, binary),
    **dict.fromkeys(BITS, bits),
    exp.Neg: negative,
    exp.DPipe: joined,
    exp.BitwiseNot: bit_not,
    exp.Pow: power,
}
