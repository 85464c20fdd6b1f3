"""to_char of numbers, and to_number.

Source: the PostgreSQL 15 manual, 9.8, tables 9.29 and 9.30, and what a PostgreSQL 15 answers in the
locale C. A template is first summed up (how many digits before and after the point, which signs);
then a number, rounded to these digits, is laid under its patterns one by one.
"""

from __future__ import annotations

import math
from functools import lru_cache

from fivefold.errors import InvalidValue, Unsupported
from fivefold.stores.sqlite.functions import numeric
from fivefold.stores.sqlite.functions.table import Entry, stricts
from fivefold.stores.sqlite.functions.templates import (
    TEMPLATES_MAX,
    Piece,
    number_template,
    ordinal,
)
from fivefold.values.numbers import parse_numeric
from fivefold.values.records import Record, changed
from fivefold.values.types import Kind, Type

FLOAT_DIGITS = {"float4": 6, "float8": 15}
_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"),
    (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip


class Layout(Record):
    """What a template asks for: digits before and after the point, signs, and how to fill."""

    pieces: tuple[Piece, ...]
    flags: frozenset[str]
    before: int
    after: int
    shift: int  # digits after V
    zero_start: int  # the first place that is filled with zeros, from 0
    zero_end: int
    sign: str  # where S stands: "", "pre" or "post"


def _wrong(message: str, detail: str | None = None) -> InvalidValue:
    return InvalidValue(message, "invalid_value_syntax", detail=detail)


@lru_cache(TEMPLATES_MAX)
def layout(template: str) -> Layout:
    """Sum up a template. Raises InvalidValue (invalid_value_syntax) if its patterns clash."""
    pieces = number_template(template)
    flags: set[str] = set()
    before = after = shift = zero_start = zero_end = sign_at = 0
    sign = ""
    for piece in pieces:
        key = piece.key
        if not key:
            continue
        if "EEEE" in flags and key != "EEEE":
            raise _wrong('"EEEE" must be the last pattern used')
        _check(key, flags)
        if key == "9" and "V" in flags:
            shift += 1
        elif key in ("9", "0"):
            if key == "0" and not flags & {"0", "."}:
                flags.add("0")
                zero_start = before + 1
            if "." in flags:
                after += 1
            else:
                before += 1
            if key == "0":
                zero_end = before + after
        elif key in (".", "D"):
            flags.add(".")
        elif key == "B":
            if not before and not after and "0" not in flags:
                flags.add("B")
        elif key == "S":
            if "." not in flags:
                sign, sign_at = "pre", before
                flags.add("S")
            elif not sign:
                sign = "post"
                flags.add("S")
        elif key == "SG":
            flags |= {"MI", "PL"}
        elif key in ("MI", "PL", "PR", "RN", "V", "FM", "EEEE"):
            flags.add(key)
    if sign == "pre" and sign_at == before and not flags & {"MI", "PL"}:
        sign = "post"
    return Layout(
        pieces, frozenset(flags), before, after, shift, max(zero_start - 1, 0), zero_end, sign
    )


def _check(key: str, flags: set[str]) -> None:
    if key in ("9", "0") and "PR" in flags:
        raise _wrong(f'"{key}" must be ahead of "PR"')
    if key in (".", "D"):
        if "." in flags:
            raise _wrong("multiple decimal points")
        if "V" in flags:
            raise _wrong('cannot use "V" and decimal point together')
    if key == "V" and "." in flags:
        raise _wrong('cannot use "V" and decimal point together')
    if key == "S":
        if "S" in flags:
            raise _wrong('cannot use "S" twice')
        if flags & {"PL", "MI", "PR"}:
            raise _wrong('cannot use "S" and "PL"/"MI"/"SG"/"PR" together')
    if key in ("MI", "PL", "SG") and "S" in flags:
        raise _wrong(f'cannot use "S" and "{key}" together')
    if key == "PR" and flags & {"S", "PL", "MI"}:
        raise _wrong('cannot use "PR" and "S"/"PL"/"MI"/"SG" together')
    if key == "EEEE":
        if "EEEE" in flags:
            raise _wrong('cannot use "EEEE" twice')
        if flags & {"B", "FM", "S", "PR", "MI", "PL", "RN", "V"}:
            raise _wrong(
                '"EEEE" is incompatible with other formats',
                '"EEEE" may only be used together with digit and decimal point patterns.',
            )


class _Line:
    """Lays one number under the patterns of a layout, from left to right."""

    def __init__(self, plan: Layout, digits: str, negative: bool, before: int) -> None:
        self.plan = plan
        self.fill = "FM" in plan.flags
        self.zeros = "0" in plan.flags
        self.digits = digits
        self.negative = negative
        self.out: list[str] = []
        self.at = 0  # in digits
        self.place = 0  # how many digit patterns have gone by
        self.inside = False  # something has been written: commas are due
        whole = len(digits.partition(".")[0])
        self.blanks = max(before - whole, 0)
        self.brackets = "PR" in plan.flags and (negative or not self.fill)
        self.signed = self._sign_is_written()
        self.last = self._last_relevant(before)
        self.count = plan.after + before - 1 + (not self.signed and not self.blanks)

    def _sign_is_written(self) -> bool:
        flags = self.plan.flags
        if flags & {"MI", "PL"}:
            return not ("PL" in flags and "MI" not in flags)
        return not self.negative and self.fill and "S" not in flags

    def _last_relevant(self, before: int) -> int | None:
        """Return the last digit that FM keeps, an index into ``digits``; None keeps all."""
        point = self.digits.find(".")
        if not (self.fill and "." in self.plan.flags) or point < 0:
            return None
        last = len(self.digits.rstrip("0")) - 1
        if self.plan.zero_end > self.blanks:
            last = max(last, min(len(self.digits) - 1, self.plan.zero_end - self.blanks))
        return max(last, point)

    def _ends_at_point(self) -> bool:
        return self.last is not None and self.digits[self.last] == "."

    def _hides_zero(self) -> bool:
        """Say whether this is the zero of 0.1, which is left out unless a pattern 0 asks for it."""
        return not self.zeros and self.at == 0 and self.digits[:1] == "0" and self.plan.after > 0

    def digit(self, key: str) -> None:
        """Write one of the patterns 9, 0, . and D."""
        plan = self.plan
        self.inside = False
        due = self.place >= self.blanks or (self.zeros and plan.zero_start == self.place)
        if not self.signed and due and (not self._hides_zero() or self._ends_at_point()):
            self._sign()
        if self.place < self.blanks:
            if not self.zeros or plan.zero_start > self.place:
                self.out.append("" if self.fill else " ")
            else:
                self.out.append("0")
                self.inside = True
        else:
            self._digit(key)
        end = self.count + bool(self.blanks) + ("." in plan.flags)
        if self.last is not None and self.last == self.at:
            end = self.place
        if self.place + 1 == end:
            if self.signed and self.brackets:
                self.out.append(">" if self.negative else " ")
            elif "S" in plan.flags and plan.sign == "post":
                self.out.append("-" if self.negative else "+")
        self.place += 1

    def _sign(self) -> None:
        if "S" in self.plan.flags:
            if self.plan.sign == "pre":
                self.out.append("-" if self.negative else "+")
                self.signed = True
            return
        if self.brackets:
            self.out.append("<" if self.negative else " ")
        elif self.negative:
            self.out.append("-")
        elif not self.fill:
            self.out.append(" ")
        self.signed = True

    def _digit(self, key: str) -> None:
        if self.at >= len(self.digits):
            return
        one = self.digits[self.at]
        if one == ".":
            if self.last is None or not self._ends_at_point() or self.fill:
                self.out.append(".")
        elif self.last is not None and self.at > self.last and key != "0":
            pass
        elif self._hides_zero():
            if not self.fill:
                self.out.append(" ")
            elif self._ends_at_point():
                self.out.append("0")
        else:
            self.out.append(one)
            self.inside = True
        self.at += 1

    def other(self, piece: Piece) -> None:
        """Write any pattern but those of digits."""
        key, sign = piece.key, "-" if self.negative else "+"
        if not key:
            self.out.append(piece.text)
        elif key in (",", "G"):
            self.out.append("," if self.inside else "" if self.fill else " ")
        elif key == "L":
            self.out.append(" ")
        elif key == "SG":
            self.out.append(sign)
        elif key in ("MI", "PL"):
            due = self.negative is (key == "MI")
            self.out.append(sign if due else "" if self.fill else " ")
        elif key == "TH" and not self.negative and self.digits[:1] != "#":
            if not any(one.isdigit() for one in self.digits) or not self.plan.before:
                raise InvalidValue('"." is not a number', "invalid_text_representation")
            ending = "" if "." in self.plan.flags else ordinal(self.digits)
            self.out.append(ending if piece.written == "th" else ending.upper())


def _written(plan: Layout, text: str) -> str:
    """Lay a number, already rounded to the template's digits, under its patterns."""
    negative = text.startswith("-")
    digits = text.removeprefix("-")
    before = plan.before + plan.shift
    if len(digits.partition(".")[0]) > before:
        digits = "#" * before + ("." + "#" * plan.after)
    line = _Line(plan, digits, negative, before)
    for piece in plan.pieces:
        if piece.key in ("9", "0", ".", "D"):
            line.digit(piece.key)
        else:
            line.other(piece)
    return "".join(line.out)


def _roman(plan: Layout, number: int) -> str:
    text = ""
    if 1 <= number <= 3999:
        for value, letters in _ROMAN:
            text += letters * (number // value)
            number %= value
    else:
        text = "#" * 15
    out = []
    for piece in plan.pieces:
        if piece.key == "RN":
            shown = text if piece.written == "RN" else text.lower()
            out.append(shown if "FM" in plan.flags else shown.rjust(15))
        elif not piece.key:
            out.append(piece.text)
        elif piece.key in (",", "G", "L") and "FM" not in plan.flags:
            out.append(" ")
    return "".join(out)


def _scientific(plan: Layout, value: str) -> str:
    if numeric.special(value):
        return " " + "#" * plan.before + "." + "#" * (plan.after + 4)
    digits, scale = numeric.split(value)
    shown = numeric.digits_text(abs(digits))
    power = len(shown) - 1 - scale if digits else 0
    short = numeric.round_to(numeric.written(abs(digits), len(shown) - 1), plan.after)
    if len(short.partition(".")[0]) > 1:
        short, power = numeric.round_to(f"1.{'0' * plan.after}", plan.after), power + 1
    sign = "-" if digits < 0 else " "
    return f"{sign}{short}e{'-' if power < 0 else '+'}{abs(power):02d}"


def char_numeric(value: str, template: str) -> str:
    """to_char of a numeric."""
    if not template:
        return ""
    plan = layout(template)
    if "RN" in plan.flags:
        if numeric.special(value):
            what = "NaN" if value == "NaN" else "infinity"
            raise InvalidValue(f"cannot convert {what} to integer", "numeric_value_out_of_range")
        return _roman(plan, int(numeric.round_to(value)))
    if "EEEE" in plan.flags:
        return _scientific(plan, value)
    if plan.shift and not numeric.special(value):
        digits, scale = numeric.split(value)
        value = numeric.written(digits * 10**plan.shift, scale)
    return _written(plan, numeric.round_to(value, plan.after))


def char_integer(value: int, template: str) -> str:
    """to_char of an integer."""
    return char_numeric(str(value), template)


def _char_float(value: float | str, template: str, digits_max: int) -> str:
    if not template:
        return ""
    plan = layout(template)
    number = float(value)
    finite = math.isfinite(number)
    if "RN" in plan.flags:
        return _roman(plan, round(number) if finite else 0)
    if "EEEE" in plan.flags:
        if not finite:
            return _scientific(plan, "NaN")
        return f"{number: .{plan.after}e}"
    if not finite:
        name = "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
        return _written(_shortened(plan, _after(plan, name, digits_max)), name)
    number *= 10.0**plan.shift
    after = _after(plan, f"{abs(number):.0f}", digits_max)
    return _written(_shortened(plan, after), f"{number:.{after}f}")


def _after(plan: Layout, whole: str, digits_max: int) -> int:
    """Return how many digits after the point a float has, beside those before it."""
    return max(min(plan.after, digits_max - len(whole.removeprefix("-"))), 0)


def _shortened(plan: Layout, after: int) -> Layout:
    return plan if after == plan.after else changed(plan, after=after)


def char_float4(value: float | str, template: str) -> str:
    """to_char of a real."""
    return _char_float(value, template, FLOAT_DIGITS["float4"])


def char_float8(value: float | str, template: str) -> str:
    """to_char of a double precision."""
    return _char_float(value, template, FLOAT_DIGITS["float8"])


class _Reader:
    """Reads one number out of a text, guided by a layout."""

    def __init__(self, plan: Layout, text: str) -> None:
        self.plan = plan
        self.text = text
        self.at = 0
        self.sign = ""
        self.whole: list[str] = []
        self.fraction: list[str] = []
        self.point = False

    def _next(self) -> str:
        return self.text[self.at : self.at + 1]

    def digit(self, key: str) -> None:
        """Read what stands at a pattern 9, 0, . or D; the place itself is passed by the caller."""
        plan = self.plan
        if self._next() == " ":
            self.at += 1
        began = self.whole or self.fraction
        if not self.sign and key in ("9", "0") and not began:
            one = self._next()
            if "S" in plan.flags and plan.sign == "pre":
                taken = one in ("-", "+") and one != ""
            else:
                taken = one in ("-", "+", "<") and (one != "<" or "PR" in plan.flags) and one != ""
            if taken:
                self.sign = "+" if one == "+" else "-"
                self.at += 1
        if self.at >= len(self.text):
            return
        one, read = self._next(), False
        if one.isdigit():
            if self.point and len(self.fraction) == plan.after:
                return
            (self.fraction if self.point else self.whole).append(one)
            read = True
        elif "." in plan.flags and not self.point and one == ".":
            self.point = read = True
        if not self.sign and (self.whole or self.fraction):
            following = self.text[self.at + 1 : self.at + 2]
            if "S" in plan.flags:
                if read and following in ("-", "+") and following:
                    self.sign = following
                    self.at += 1
            elif not read and not plan.flags & {"PL", "MI"} and one in ("-", "+"):
                self.sign = one

    def skip(self, count: int) -> None:
        """Pass over characters that are no part of a number."""
        while count and self.at < len(self.text) and self._next() not in "0123456789.,+-":
            self.at += 1
            count -= 1

    def other(self, piece: Piece) -> None:
        """Read what stands at any other pattern."""
        key, one = piece.key, self._next()
        if not key:
            self.at += 1
        elif key in (",", "G"):
            if "FM" not in self.plan.flags and one == ",":
                self.at += 1
        elif key == "L":
            self.skip(1)
        elif key == "TH":
            self.skip(2)
        elif key in ("MI", "PL", "SG"):
            wanted = {"MI": "-", "PL": "+", "SG": "+-"}[key]
            if one and one in wanted:
                self.sign = one
                self.at += 1
            else:
                self.skip(1)


def to_number(text: str, template: str) -> str | None:
    """Read a number that was written so. Raises InvalidValue."""
    if not template:
        return None
    plan = layout(template)
    for word in ("EEEE", "RN"):
        if word in plan.flags:
            raise Unsupported(f'"{word}" not supported for input')
    reader = _Reader(plan, text)
    for piece in plan.pieces:
        if reader.at >= len(text):
            break
        if piece.key in ("9", "0", ".", "D"):
            reader.digit(piece.key)
            reader.at += 1
        else:
            reader.other(piece)
    sign = reader.sign or " "
    digits = "".join(reader.whole) + ("." if reader.fraction else "") + "".join(reader.fraction)
    scale = len(reader.fraction)
    type_ = Type(Kind.NUMERIC, precision=plan.before + plan.shift + scale or 1, scale=scale)
    value = str(parse_numeric(type_, sign + digits))
    if not plan.before + plan.shift + scale and value != "0":
        raise InvalidValue(
            "numeric field overflow",
            "numeric_value_out_of_range",
            detail="A field with precision 0, scale 0 must round to an absolute value less than 1.",
        )
    if plan.shift:
        value = numeric.times(value, numeric.power("10", str(-plan.shift)))
    return value


FUNCTIONS: tuple[Entry, ...] = stricts(
    ("ff_to_char_numeric", char_numeric),
    ("ff_to_char_int4", char_integer),
    ("ff_to_char_int8", char_integer),
    ("ff_to_char_float4", char_float4),
    ("ff_to_char_float8", char_float8),
    ("ff_to_number", to_number),
)
