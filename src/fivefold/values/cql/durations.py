"""Durations: months, days and nanoseconds, each counted for itself, all of one sign.

Source: "Working with durations" of Cassandra's CQL reference; section 6.10, "duration", of the
native protocol's specification, version 5.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from fivefold.values.cql.faults import invalid_value
from fivefold.values.cql.making import ValueCodec, expected, refused
from fivefold.values.cql.strings import bytes_key, read_bytes_key
from fivefold.values.cql.types import SCALARS, CqlType
from fivefold.values.types import TEXT


class Duration(NamedTuple):
    """A duration, with the names that Cassandra's driver has for its parts."""

    months: int = 0
    days: int = 0
    nanoseconds: int = 0

    def __str__(self) -> str:
        return duration_text(self)


# Units from the largest: their names in messages, what they count, and how many of it

_UNITS: dict[str, tuple[str, int, int]] = {
    "y": ("years", 0, 12),
    "mo": ("months", 0, 1),
    "w": ("weeks", 1, 7),
    "d": ("days", 1, 1),
    "h": ("hours", 2, 3_600_000_000_000),
    "m": ("minutes", 2, 60_000_000_000),
    "s": ("seconds", 2, 1_000_000_000),
    "ms": ("milliseconds", 2, 1_000_000),
    "us": ("microseconds", 2, 1_000),
    "ns": ("nanoseconds", 2, 1),
}
_SHOWN = [(unit, part, many) for unit, (_, part, many) in _UNITS.items() if unit != "w"]
_ORDER = [name for name, _, _ in _UNITS.values()]

_STANDARD = re.compile(r"(?:[0-9]+(?:mo|ms|us|µs|ns|[ywdhms]))+", re.IGNORECASE)
_PIECE = re.compile(r"([0-9]+)(mo|ms|us|µs|ns|[ywdhms])", re.IGNORECASE)
_ISO = re.compile(
    r"P(?:([0-9]+)Y)?(?:([0-9]+)M)?(?:([0-9]+)D)?(?:T(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)S)?)?"
)
_ISO_WEEKS = re.compile(r"P([0-9]+)W")
_ISO_ALTERNATIVE = re.compile(r"P([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})")
_LIMITS = (("months", 2**31 - 1), ("days", 2**31 - 1), ("nanoseconds", 2**63 - 1))


def duration_of_text(text: str) -> Duration:
    """Return the duration that a text says: of CQL's own form, or of either of ISO 8601's."""
    negative = text.startswith("-")
    bare = text[1:] if negative else text
    if _STANDARD.fullmatch(bare):
        pieces = [
            (int(number), unit.lower().replace("µ", "u")) for number, unit in _PIECE.findall(bare)
        ]
        _check_order([_UNITS[unit][0] for _, unit in pieces])
    else:
        pieces = _iso_pieces(bare)
        if not pieces:
            raise invalid_value(f"Unable to convert '{bare}' to a duration")
    parts = [0, 0, 0]
    for number, unit in pieces:
        _, part, many = _UNITS[unit]
        parts[part] += number * many
        name, most = _LIMITS[part]
        if parts[part] > most:
            raise invalid_value(
                f"Invalid duration. The total number of {name} must be less or equal to {most}"
            )
    sign = -1 if negative else 1
    return Duration(*[sign * part for part in parts])


def _check_order(names: list[str]) -> None:
    ranks = [_ORDER.index(name) for name in names]
    for at, (name, rank) in enumerate(zip(names, ranks, strict=True)):
        if at and rank == ranks[at - 1]:
            raise invalid_value(f"Invalid duration. The {name} are specified multiple times")
        if at and rank < ranks[at - 1]:
            before = names[at - 1]
            raise invalid_value(f"Invalid duration. The {before} should be after {name}")


def _iso_pieces(bare: str) -> list[tuple[int, str]]:
    units: tuple[str, ...] = ("y", "mo", "d", "h", "m", "s")
    found = _ISO_ALTERNATIVE.fullmatch(bare) or _ISO.fullmatch(bare)
    if found is None:
        found, units = _ISO_WEEKS.fullmatch(bare), ("w",)
    if found is None or bare == "P":
        return []
    groups = zip(found.groups(), units, strict=True)
    return [(int(number), unit) for number, unit in groups if number is not None] or [(0, "s")]


def duration_text(value: Duration) -> str:
    """Return a duration as Cassandra shows it; that of nothing is empty."""
    negative = min(value) < 0
    left = [abs(part) for part in value]
    pieces = ["-"] if negative else []
    for unit, part, many in _SHOWN:
        count, left[part] = divmod(left[part], many)
        if count:
            pieces.append(f"{count}{unit}")
    return "".join(pieces)


# Variable integers: the first byte's leading ones count the bytes that follow


def write_unsigned_vint(number: int) -> bytes:
    """Return 1 to 9 bytes; see section 3, "[unsigned vint]", of the specification."""
    extra = max(0, (number.bit_length() - 1) // 7)
    if extra >= 8:
        return b"\xff" + number.to_bytes(8, "big")
    head = (0xFF << (8 - extra)) & 0xFF
    data = bytearray(number.to_bytes(extra + 1, "big"))
    data[0] |= head
    return bytes(data)


def read_unsigned_vint(data: bytes, at: int) -> tuple[int, int]:
    """Return a number and where it ends. Raises IndexError if the bytes end before it does."""
    first = data[at]
    extra = 8 - (first ^ 0xFF).bit_length()
    end = at + 1 + extra
    if end > len(data):
        raise IndexError(end)
    low = first & (0x7F >> extra if extra < 8 else 0)
    return low << (8 * extra) | int.from_bytes(data[at + 1 : end], "big"), end


def _zigzag(number: int) -> int:
    return number << 1 if number >= 0 else (-number << 1) - 1


def _unzigzag(number: int) -> int:
    return number >> 1 ^ -(number & 1)


def checked_duration(months: int, days: int, nanoseconds: int) -> Duration:
    """Return a duration if its parts are of one sign and within their ranges."""
    for name, part, bits in (("months", months, 32), ("days", days, 32)):
        if not -(2 ** (bits - 1)) <= part < 2 ** (bits - 1):
            raise invalid_value(f"The duration {name} must be a 32 bits integer but was: {part}")
    if not -(2**63) <= nanoseconds < 2**63:
        raise invalid_value(
            f"The duration nanoseconds must be a 64 bits integer but was: {nanoseconds}"
        )
    parts = (months, days, nanoseconds)
    if min(parts) < 0 < max(parts):
        raise invalid_value(
            "The duration months, days and nanoseconds must be all of the same sign "
            f"({months}, {days}, {nanoseconds})"
        )
    return Duration(*parts)


def duration_codec(type: CqlType) -> ValueCodec:
    """Return the codec of duration; a store keeps its text."""

    def from_wire(wire: bytes | None) -> str | None:
        if wire is None:
            return None
        if len(wire) < 3:
            raise invalid_value(f"Expected at least 3 bytes for a duration ({len(wire)})")
        at, parts = 0, []
        try:
            for _ in range(3):
                number, at = read_unsigned_vint(wire, at)
                parts.append(_unzigzag(number))
        except IndexError:
            raise invalid_value("Unexpected end of a duration") from None
        return duration_text(checked_duration(*parts))

    def encode(stored: str) -> bytes:
        return b"".join([write_unsigned_vint(_zigzag(part)) for part in plain(stored)])

    def parse(value: Any) -> str:
        if isinstance(value, str):
            return duration_text(duration_of_text(value))
        raise expected("a string representation of a duration", value)

    def load(value: Any) -> str:
        parts = [getattr(value, name, None) for name in Duration._fields]
        if all(isinstance(part, int) for part in parts):
            return duration_text(checked_duration(*[int(part or 0) for part in parts]))
        raise refused(value, type)

    def plain(stored: str) -> Duration:
        return duration_of_text(stored) if stored else Duration()

    def read_key(key: bytes, at: int) -> tuple[str, int]:
        data, at = read_bytes_key(key, at)
        return data.decode(), at

    return ValueCodec(
        type,
        TEXT,
        encode=encode,
        from_wire=from_wire,
        json=lambda stored: f'"{stored}"',
        parse=parse,
        from_item=str,
        literal=lambda stored: stored or "0s",
        plain=plain,
        unplain=lambda value: duration_text(checked_duration(*value)),
        load=load,
        dump=plain,
        write_key=lambda stored: bytes_key(stored.encode()),  # an order, if none of Cassandra's
        read_key=read_key,
        ordered=False,
    )


MAKERS: dict[CqlType, Callable[[CqlType], ValueCodec]] = {SCALARS["duration"]: duration_codec}
