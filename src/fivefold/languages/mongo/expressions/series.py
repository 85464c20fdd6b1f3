"""Elementary functions of decimals, right to the 34 digits that a decimal128 keeps.

Each is computed with 60 digits from a Taylor series after its argument was made small: angles by
whole turns, arctangents by halving. Python's decimal module has ln, exp and sqrt, from which the
hyperbolic ones follow. Signs are changed by copy_negate and copy_abs: Python's own operators round
to the digits of the thread's context.
"""

from __future__ import annotations

import functools
from decimal import Context, Decimal

_DIGITS = 60
_WIDE = Context(prec=_DIGITS, Emin=-50000, Emax=50000, traps=[])
_ONE = Decimal(1)


_PI = Decimal(
    "3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534"
    "21170679"
)
"""A hundred digits."""


@functools.lru_cache(maxsize=4)
def _pi(digits: int) -> Decimal:
    """Return pi with so many digits after its point, by Machin's formula over whole numbers."""
    unit = 10 ** (digits + 10)
    found = 4 * (4 * _arctangent(5, unit) - _arctangent(239, unit)) // 10**10
    return Context(prec=digits + 5, Emin=-50000, Emax=50000).scaleb(Decimal(found), -digits)


def _arctangent(inverse: int, unit: int) -> int:
    """Return atan(1 / inverse) in parts of a unit."""
    total = term = unit // inverse
    n, square = 1, inverse * inverse
    while term:
        term = -(abs(term) // square) if term > 0 else abs(term) // square
        n += 2
        total += term // n if term > 0 else -(-term // n)
    return total


def _reduced(value: Decimal) -> tuple[Decimal, int]:
    """Return an angle within an eighth of a turn of zero, and how many quarters it was away.

    The more digits an angle has before its point, the more of pi it takes.
    """
    large = max(value.adjusted(), 0)
    context = Context(prec=_DIGITS + 40 + large, Emin=-50000, Emax=50000, traps=[])
    pi = _PI if large < 40 else _pi(_DIGITS + 40 + large // 100 * 100 + 100)
    quarter = context.divide(pi, Decimal(2))
    turns = context.divide(value, quarter).to_integral_value()
    return context.subtract(value, context.multiply(turns, quarter)), int(turns) % 4


def _alternating(first: Decimal, square: Decimal, start: int) -> Decimal:
    """Return first - first*square/(start(start+1)) + …: the series of sine and cosine."""
    total = term = first
    n = start
    while _matters(term, total):
        term = _WIDE.divide(_WIDE.multiply(term.copy_negate(), square), Decimal(n * (n + 1)))
        total = _WIDE.add(total, term)
        n += 2
    return total


def _matters(term: Decimal, total: Decimal) -> bool:
    """Tell whether a term of a series still changes the digits that are kept."""
    return term != 0 and (total == 0 or total.adjusted() - term.adjusted() <= _DIGITS + 2)


def _sine(small: Decimal) -> Decimal:
    return _alternating(small, _WIDE.multiply(small, small), 2)


def _cosine(small: Decimal) -> Decimal:
    return _alternating(_ONE, _WIDE.multiply(small, small), 1)


def sin(value: Decimal) -> Decimal:
    small, quarters = _reduced(value)
    found = _cosine(small) if quarters % 2 else _sine(small)
    return found.copy_negate() if quarters >= 2 else found


def cos(value: Decimal) -> Decimal:
    small, quarters = _reduced(value)
    found = _sine(small) if quarters % 2 else _cosine(small)
    return found.copy_negate() if quarters in (1, 2) else found


def tan(value: Decimal) -> Decimal:
    return _WIDE.divide(sin(value), cos(value))


def atan(value: Decimal) -> Decimal:
    if value.is_infinite():
        return _WIDE.divide(_PI, Decimal(2)).copy_sign(value)
    halvings = 0
    while value.copy_abs() > Decimal("0.05"):
        # atan(x) = 2 atan(x / (1 + sqrt(1 + x^2)))
        root = _WIDE.sqrt(_WIDE.add(_ONE, _WIDE.multiply(value, value)))
        value = _WIDE.divide(value, _WIDE.add(_ONE, root))
        halvings += 1
    square, power, total, n = _WIDE.multiply(value, value), value, value, 1
    while _matters(power, total):
        power = _WIDE.multiply(power.copy_negate(), square)
        n += 2
        total = _WIDE.add(total, _WIDE.divide(power, Decimal(n)))
    return _WIDE.multiply(total, Decimal(2**halvings))


def atan2(y: Decimal, x: Decimal) -> Decimal:
    if y.is_nan() or x.is_nan():
        return Decimal("NaN")
    if x.is_infinite():
        if y.is_infinite():
            eighths = 3 if x < 0 else 1
            return _WIDE.divide(_WIDE.multiply(_PI, Decimal(eighths)), Decimal(4)).copy_sign(y)
        return (_PI if x < 0 else Decimal(0)).copy_sign(y)
    if x == 0 or y.is_infinite():
        if y == 0:
            return (_PI if x.is_signed() else Decimal(0)).copy_sign(y)
        return _WIDE.divide(_PI, Decimal(2)).copy_sign(y)
    if y == 0:
        return (_PI if x < 0 else Decimal(0)).copy_sign(y)
    angle = atan(_WIDE.divide(y, x))
    return _WIDE.add(angle, _PI.copy_sign(y)) if x < 0 else angle


def asin(value: Decimal) -> Decimal:
    return atan2(value, _WIDE.sqrt(_WIDE.subtract(_ONE, _WIDE.multiply(value, value))))


def acos(value: Decimal) -> Decimal:
    return atan2(_WIDE.sqrt(_WIDE.subtract(_ONE, _WIDE.multiply(value, value))), value)


def _exponentials(value: Decimal) -> tuple[Decimal, Decimal]:
    return _WIDE.exp(value), _WIDE.exp(value.copy_negate())


def sinh(value: Decimal) -> Decimal:
    if value.copy_abs() < Decimal("0.1"):
        return _alternating(value, _WIDE.multiply(value, value).copy_negate(), 2)
    up, down = _exponentials(value)
    return _WIDE.divide(_WIDE.subtract(up, down), Decimal(2))


def cosh(value: Decimal) -> Decimal:
    up, down = _exponentials(value)
    return _WIDE.divide(_WIDE.add(up, down), Decimal(2))


def tanh(value: Decimal) -> Decimal:
    if value.copy_abs() > 200:
        return _ONE.copy_sign(value)
    return _WIDE.divide(sinh(value), cosh(value))


def asinh(value: Decimal) -> Decimal:
    if value.is_infinite() or value == 0:
        return value
    root = _FULL.sqrt(_FULL.add(_FULL.multiply(value, value), _ONE))
    return _FULL.ln(_FULL.add(value.copy_abs(), root)).copy_sign(value)


def acosh(value: Decimal) -> Decimal:
    if value.is_infinite():
        return value
    root = _FULL.sqrt(_FULL.subtract(_FULL.multiply(value, value), _ONE))
    return _FULL.ln(_FULL.add(value, root))


def atanh(value: Decimal) -> Decimal:
    if value.copy_abs() == 1:
        return Decimal("Infinity").copy_sign(value)
    quotient = _FULL.divide(_FULL.add(_ONE, value), _FULL.subtract(_ONE, value))
    return _FULL.divide(_FULL.ln(quotient), Decimal(2))


_FULL = Context(prec=120, Emin=-50000, Emax=50000, traps=[])
"""Digits enough that what cancels near zero and one leaves 34."""


def radians(value: Decimal) -> Decimal:
    return _WIDE.divide(_WIDE.multiply(value, _PI), Decimal(180))


def degrees(value: Decimal) -> Decimal:
    return _WIDE.divide(_WIDE.multiply(value, Decimal(180)), _PI)
