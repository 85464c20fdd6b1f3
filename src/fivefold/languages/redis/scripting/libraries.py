"""The parts of bit, struct and cmsgpack that Lua alone computes badly. Nothing here raises.

Sources: bitop.luajit.org, "Lua Bit Operations Module"; the comment that opens Roberto
Ierusalimschy's struct.c; the MessagePack specification's float formats.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from typing import Any

Problem = tuple[bytes, ...]
Host = dict[bytes, Callable[..., Any]]

# bit

_BITS, _MASK, _SIGN = 32, 0xFFFFFFFF, 0x80000000


def _word(value: Any) -> int:
    """Return 32 bits of a number; a fraction is rounded to the nearest even."""
    number = float(value)
    return round(number) & _MASK if math.isfinite(number) else 0


def _signed(word: int) -> int:
    return (word & _MASK ^ _SIGN) - _SIGN


def _rotate(word: int, count: int) -> int:
    return word << count | word >> _BITS - count


def _arithmetic_shift(word: int, count: int) -> int:
    return _signed(word) >> count


_SHIFTS: dict[bytes, Callable[[int, int], int]] = {
    b"lshift": lambda word, count: word << count,
    b"rshift": lambda word, count: word >> count,
    b"arshift": _arithmetic_shift,
    b"rol": _rotate,
    b"ror": lambda word, count: _rotate(word, -count % _BITS),
}
_FOLDS: dict[bytes, Callable[[int, int], int]] = {
    b"band": lambda left, right: left & right,
    b"bor": lambda left, right: left | right,
    b"bxor": lambda left, right: left ^ right,
}


def compute(name: bytes, *arguments: Any) -> int | bytes:
    """Return what a function of bit returns. The arguments are numbers, or strings that are."""
    words = [_word(argument) for argument in arguments[:250]]
    first = words[0]
    if name in _FOLDS:
        for word in words[1:]:
            first = _FOLDS[name](first, word)
    elif name in _SHIFTS:
        first = _SHIFTS[name](first, words[1] % _BITS)
    elif name == b"bnot":
        first = ~first
    elif name == b"bswap":
        first = int.from_bytes(first.to_bytes(4, "little"), "big")
    elif name == b"tohex":
        return _hexadecimal(first, _signed(words[1]) if len(words) > 1 else 8)
    return _signed(first)


def _hexadecimal(word: int, digits: int) -> bytes:
    shown = b"%08x" % word if digits >= 0 else b"%08X" % word
    return shown[8 - min(abs(digits), 8) :]


# cmsgpack


def from_double(value: float) -> bytes:
    """Return a number as the shortest float that holds it."""
    try:
        short = struct.pack(">f", value)
        if struct.unpack(">f", short)[0] == value:
            return b"\xca" + short
    except OverflowError:
        pass
    return b"\xcb" + struct.pack(">d", value)


def to_double(text: bytes) -> float:
    """Return the number that four or eight bytes are."""
    value: float = struct.unpack(">f" if len(text) == 4 else ">d", text)[0]
    return value


# struct

_SIZES = {"b": 1, "h": 2, "l": 8, "f": 4, "d": 8, "x": 1, "t": 8}
_ALIGNMENT_MAX = 8
_INT_BYTES = 4


class _Refused(Exception):
    """What a format asks for cannot be done; says why."""


class _Format:
    """Reads a format, option by option, and keeps its byte order and alignment."""

    def __init__(self, text: bytes) -> None:
        self.text = text.partition(b"\0")[0].decode("latin-1")
        self.at = 0
        self.big = False
        self.align = 1

    def number(self, default: int) -> int:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] in "0123456789":
            self.at += 1
        digits = self.text[start : self.at]
        return min(int(digits[:12]), 1 << 40) if digits else default

    def options(self, name: str) -> Any:
        """Yield (option, its size) of everything but byte order and alignment."""
        while self.at < len(self.text):
            option = self.text[self.at]
            self.at += 1
            if option in " <>!":
                self._set(option)
            elif option == "c":
                yield option, self.number(1)
            elif option == "s":
                yield option, 0
            elif option in "iI":
                yield option, self._whole_bytes()
            elif option.lower() in _SIZES and option not in "FDXt":
                yield option, _SIZES[option.lower()]
            elif name == "size":
                yield option, 0
            else:
                raise _Refused(f"bad argument #1 to '{name}' (invalid format option '{option}')")

    def _set(self, option: str) -> None:
        if option == "!":
            align = self.number(_ALIGNMENT_MAX)
            if align <= 0 or align & (align - 1):
                raise _Refused(f"alignment {align} is not a power of 2")
            self.align = align
        elif option != " ":
            self.big = option == ">"

    def _whole_bytes(self) -> int:
        size = self.number(_INT_BYTES)
        if size > 32:
            raise _Refused(f"integral size {size} is larger than limit of 32")
        return size

    def gap(self, length: int, option: str, size: int) -> int:
        """Return how many bytes of padding go before an option."""
        if size == 0 or option == "c":
            return 0
        size = min(size, self.align)
        return -length & (size - 1)


def _refusal(error: _Refused) -> Problem:
    return (str(error).encode("latin-1"),)


def struct_pack(form: bytes, *arguments: Any) -> tuple[Any, ...]:
    """Return (None, the packed string), or (a complaint,)."""
    try:
        return None, _pack(_Format(form), arguments)
    except _Refused as error:
        return _refusal(error)


def _argument(arguments: tuple[Any, ...], at: int, wanted: str) -> Any:
    value = arguments[at] if at < len(arguments) else None
    try:
        if wanted == "number" and not isinstance(value, bool) and value is not None:
            return float(value)
        if wanted == "string" and isinstance(value, bytes | int | float):
            return value if isinstance(value, bytes) else b"%.14g" % value
    except (TypeError, ValueError):
        pass
    got = _KINDS.get(type(value), "table")
    raise _Refused(f"bad argument #{at + 2} to 'pack' ({wanted} expected, got {got})")


_KINDS = {bytes: "string", type(None): "nil", bool: "boolean", int: "number", float: "number"}


def _pack(form: _Format, arguments: tuple[Any, ...]) -> bytes:
    packed = bytearray()
    at = 0
    for option, size in form.options("pack"):
        packed += bytes(form.gap(len(packed), option, size))
        if option == "x":
            packed += b"\0"
            continue
        if option in "cs":
            text = _argument(arguments, at, "string")
            size = size or len(text)
            if len(text) < size:
                raise _Refused(f"bad argument #{at + 3} to 'pack' (string too short)")
            packed += text[:size] + (b"\0" if option == "s" else b"")
        elif option in "fd":
            packed += _float_bytes(form, option, _argument(arguments, at, "number"))
        else:
            packed += _whole_bytes(form, size, _argument(arguments, at, "number"))
        at += 1
    return bytes(packed)


def _float_bytes(form: _Format, option: str, value: float) -> bytes:
    order = ">" if form.big else "<"
    try:
        return struct.pack(order + option, value)
    except OverflowError:
        return struct.pack(order + option, math.copysign(math.inf, value))


def _whole_bytes(form: _Format, size: int, value: float) -> bytes:
    whole = int(value) if math.isfinite(value) else -(1 << 63)
    if not -(1 << 63) <= whole < 1 << 64:
        whole = 0 if whole > 0 else -(1 << 63)
    low = (whole & (1 << 64) - 1).to_bytes(8, "little")
    text = low[:size].ljust(size, b"\0")
    return text[::-1] if form.big else text


def struct_unpack(form: bytes, data: bytes, position: Any) -> tuple[Any, ...]:
    """Return (None, the values …, the position behind them), or (a complaint,)."""
    try:
        start = 1 if position is None else int(position)
        if start < 0:
            raise _Refused("bad argument #2 to 'unpack' (data string too short)")
        if start < 1:
            raise _Refused("bad argument #3 to 'unpack' (offset must be 1 or greater)")
        return None, *_unpack(_Format(form), data, start - 1)
    except (_Refused, ValueError, TypeError) as error:
        return (str(error).encode("latin-1", "replace"),)


def _unpack(form: _Format, data: bytes, at: int) -> list[Any]:
    values: list[Any] = []
    for option, size in form.options("unpack"):
        at += form.gap(at, option, size)
        if at + size > len(data):
            raise _Refused("bad argument #2 to 'unpack' (data string too short)")
        if option == "c":
            if size == 0:
                if not values or not isinstance(values[-1], int | float):
                    raise _Refused("format 'c0' needs a previous size")
                size = int(min(max(values.pop(), -1), len(data) + 1))
                if size < 0 or at + size > len(data):
                    raise _Refused("bad argument #2 to 'unpack' (data string too short)")
            values.append(data[at : at + size])
        elif option == "s":
            end = data.find(b"\0", at)
            if end < 0:
                raise _Refused("unfinished string in data")
            values.append(data[at:end])
            size = end - at + 1
        elif option in "fd":
            values.append(
                struct.unpack((">" if form.big else "<") + option, data[at : at + size])[0]
            )
        elif option != "x":
            part = data[at : at + size]
            part = part[-8:] if form.big else part[:8]
            order = "big" if form.big else "little"
            values.append(float(int.from_bytes(part, order, signed=option.islower())))  # type: ignore[arg-type]  # 'big' or 'little'
        at += size
    return [*values, at + 1]


def struct_size(form: bytes) -> tuple[Any, ...]:
    """Return (None, the length of what the format packs), or (a complaint,)."""
    try:
        read, length = _Format(form), 0
        for option, size in read.options("size"):
            if option == "s" or (option == "c" and size == 0):
                shown = "s" if option == "s" else "c0"
                raise _Refused(f"bad argument #1 to 'size' (option '{shown}' has no fixed size)")
            length += read.gap(length, option, size) + size
        return None, length
    except _Refused as error:
        return _refusal(error)


HOSTS: dict[str, Host] = {
    "bit": {b"compute": compute},
    "cjson": {},
    "cmsgpack": {b"from_double": from_double, b"to_double": to_double},
    "struct": {b"pack": struct_pack, b"unpack": struct_unpack, b"size": struct_size},
}
"""The host's functions for each library."""
