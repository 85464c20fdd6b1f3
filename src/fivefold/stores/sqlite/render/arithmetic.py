"""Integers and floats that stay in C, watched so that they end where PostgreSQL's do.

SQLite turns an integer that overflows into a float, gives null for a division by zero and for
an infinity less an infinity, and has one integer type. An expression over simple operands
(columns, parameters, constants) is written natively, under conditions that name every step
which could go wrong:

    CASE WHEN "a" + "b" NOT BETWEEN -2147483648 AND 2147483647 THEN ff_fail('int4')
         ELSE "a" + "b" END

``a + b + c`` has two such conditions. By induction each step's operands are in range when its
condition is looked at, so that SQLite's 64 bits hold every int4 result exactly. Bounds of
constants show many steps to be safe. Where an operand is costly, or the text would grow long, the
step is a function call instead, which checks its own result.
"""

from __future__ import annotations

from dataclasses import dataclass

from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.stores.sqlite.render.writer import Loose, Writer, bare, closed
from fivefold.values.types import FLOATS, INTEGER_RANGE, INTEGERS, Kind

NATIVE_CHARACTERS_MAX = 400
"""Longer conditions cost SQLite more than the 0.3 µs of a function call."""

WORDS: dict[type[exp.Expr], tuple[str, str]] = {
    exp.Add: ("+", "plus"),
    exp.Sub: ("-", "minus"),
    exp.Mul: ("*", "times"),
    exp.Div: ("/", "over"),
    exp.Mod: ("%", "modulo"),
}

Bounds = tuple[int, int]


@dataclass(slots=True)
class Watched:
    """An integer expression: its text, bounds, what must not be the case, and if it is cheap."""

    text: str
    bounds: Bounds
    faults: list[tuple[str, str]]
    cheap: bool


def integer(w: Writer, node: exp.Expr) -> str:
    """Write an arithmetic expression of an integer type."""
    return _finish(_watch(w, node))


def _finish(watched: Watched) -> str:
    if not watched.faults:
        return watched.text
    whens: list[tuple[str, str]] = []
    for condition, fault in watched.faults:
        if whens and whens[-1][1] == fault:
            whens[-1] = (f"{whens[-1][0]} OR {condition}", fault)
        else:
            whens.append((condition, fault))
    cases = " ".join([f"WHEN {condition} THEN ff_fail('{fault}')" for condition, fault in whens])
    return f"CASE {cases} ELSE {watched.text} END"


def _watch(w: Writer, node: exp.Expr) -> Watched:
    node = bare(node)
    kind = type_of(node).kind
    while isinstance(node, exp.Cast) and _widens(node):
        node = bare(node.this)
    if isinstance(node, exp.Literal) and type_of(node).kind in INTEGERS:
        value = int(node.this)
        return Watched(str(value), (value, value), [], True)
    if kind in INTEGERS and type_of(node).kind in INTEGERS:
        if isinstance(node, exp.Neg):
            return _negated(w, node)
        if type(node) in WORDS:
            left, right = _watch(w, node.this), _watch(w, node.expression)
            return _step(w, type(node), type_of(node).kind, left, right)
    cheap = isinstance(node, (exp.Column, exp.Parameter, exp.Null))
    bounds = INTEGER_RANGE.get(type_of(node).kind, INTEGER_RANGE[Kind.INT8])
    return Watched(w.closed(node), bounds, [], cheap)


def _widens(node: exp.Expr) -> bool:
    source, target = type_of(node.this).kind, type_of(node).kind
    if source not in INTEGERS or target not in INTEGERS:
        return False
    return INTEGER_RANGE[source][1] <= INTEGER_RANGE[target][1]


def _negated(w: Writer, node: exp.Expr) -> Watched:
    inner = _watch(w, node.this)
    if inner.text.isdigit():
        value = -int(inner.text)
        return Watched(f"({value})", (value, value), [], True)
    zero = Watched("0", (0, 0), [], True)
    return _step(w, exp.Sub, type_of(node).kind, zero, inner)


def _step(w: Writer, op: type[exp.Expr], kind: Kind, left: Watched, right: Watched) -> Watched:
    sign, word = WORDS[op]
    text = Loose(f"{closed(left.text)} {sign} {closed(right.text)}")
    bounds = _bounds(sign, left.bounds, right.bounds)
    low, high = INTEGER_RANGE[kind]
    fault = []
    if sign in "/%" and right.bounds[0] <= 0 <= right.bounds[1]:
        fault.append((f"{closed(right.text)} = 0", "zero"))
    if bounds[0] < low or bounds[1] > high:
        if kind is Kind.INT8:
            fault.append((f"typeof({text}) = 'real'", kind.value))
        else:
            fault.append((f"{text} NOT BETWEEN {low} AND {high}", kind.value))
    faults = [*left.faults, *right.faults, *fault]
    cheap = left.cheap and right.cheap
    length = sum([len(condition) for condition, _ in faults])
    if not fault:
        return Watched(text, bounds, faults, cheap)
    if cheap and not w.pure and length <= NATIVE_CHARACTERS_MAX:
        return Watched(text, _clipped(bounds, kind), faults, True)
    called = f"ff_{word}_{kind}({_finish(left)}, {_finish(right)})"
    return Watched(called, _clipped(bounds, kind), [], False)


def _clipped(bounds: Bounds, kind: Kind) -> Bounds:
    low, high = INTEGER_RANGE[kind]
    return max(bounds[0], low), min(bounds[1], high)


def _bounds(sign: str, left: Bounds, right: Bounds) -> Bounds:
    match sign:
        case "+":
            return left[0] + right[0], left[1] + right[1]
        case "-":
            return left[0] - right[1], left[1] - right[0]
        case "*":
            products = [one * other for one in left for other in right]
            return min(products), max(products)
        case "/":
            # Dividing by a whole number makes nothing larger, but -1 turns the sign.
            largest = max(abs(left[0]), abs(left[1]))
            if right[0] <= -1 <= right[1]:
                return -largest, largest
            return min(left[0], 0), max(left[1], 0)
    largest = max(abs(right[0]), abs(right[1])) - 1
    return -largest, largest


@dataclass(slots=True)
class Guarded:
    """A float expression: native text, the conditions under which it is right, the slow text."""

    text: str
    guards: list[str]
    slow: str
    cheap: bool


FLOAT_LARGEST = "1.7e308"
FLOAT_SMALLEST = "1e-300"


def floating(w: Writer, node: exp.Expr) -> str:
    """Write an arithmetic expression of type float8, or of float4 by functions alone."""
    guarded = _guard(w, node)
    if not guarded.guards:
        return guarded.text
    return f"CASE WHEN {' AND '.join(guarded.guards)} THEN {guarded.text} ELSE {guarded.slow} END"


def _guard(w: Writer, node: exp.Expr) -> Guarded:
    node = bare(node)
    if type(node) in WORDS and type_of(node).kind in FLOATS:
        return _float_step(w, node)
    text = w.closed(node)
    if isinstance(node, (exp.Column, exp.Parameter)):
        return Guarded(text, [f"{text} < 9e999"], text, True)  # 'NaN' is text and comes after
    finite = isinstance(node, exp.Literal) and "N" not in text and "9e999" not in text
    return Guarded(text, [], text, finite)


def _float_step(w: Writer, node: exp.Expr) -> Guarded:
    sign, word = WORDS[type(node)]
    left, right = _guard(w, node.this), _guard(w, node.expression)
    kind = type_of(node).kind
    slow = f"ff_{word}_{kind}({left.slow}, {right.slow})"
    text = Loose(f"{closed(left.text)} {sign} {closed(right.text)}")
    low = f"BETWEEN {FLOAT_SMALLEST} AND" if sign in "*/" else "<="
    guards = [*left.guards, *right.guards, f"abs({text}) {low} {FLOAT_LARGEST}"]
    guards = list(dict.fromkeys(guards))
    cheap = left.cheap and right.cheap and sign != "%" and kind is Kind.FLOAT8
    if not cheap or sum(map(len, guards)) > NATIVE_CHARACTERS_MAX:
        return Guarded(slow, [], slow, False)
    return Guarded(text, guards, slow, True)
