"""Replies as redis-cli shows them: with their types on a terminal, raw in a pipe."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum

from fivefold.api.redis import error_text
from fivefold.errors import FivefoldError

_CONTROL = {
    **{ord(character): f"\\{character}" for character in '\\"'},
    **{code: f"\\{letter}" for code, letter in zip((7, 8, 9, 10, 13), "abtnr", strict=True)},
}


def quoted(value: bytes) -> str:
    """Return a string between double quotes; readable UTF-8 stays, other bytes become \\xHH."""
    shown = []
    for character in value.decode("utf-8", "surrogateescape"):
        code = ord(character)
        if code in _CONTROL:
            shown.append(_CONTROL[code])
        elif 0xDC80 <= code <= 0xDCFF:
            shown.append(f"\\x{code - 0xDC00:02x}")
        elif not character.isprintable():
            shown.append("".join(f"\\x{byte:02x}" for byte in character.encode()))
        else:
            shown.append(character)
    return f'"{"".join(shown)}"'


def readable(reply: object, protocol: int = 2, indent: str = "") -> str:
    """Return the reply for people, with its types as the protocol's version has them.

    Continued lines begin with ``indent``.
    """
    match reply:
        case None | Enum():
            return "(nil)"
        case bool():
            return f"({str(reply).lower()})" if protocol == 3 else f"(integer) {int(reply)}"
        case int():
            return f"(integer) {reply}"
        case float():
            return f"(double) {reply:.17g}" if protocol == 3 else f'"{reply:.17g}"'
        case bytes():
            return quoted(reply)
        case str():
            return reply
        case FivefoldError():
            return f"(error) {error_text(reply)}"
        case Mapping() if protocol == 3:
            return _items("#", reply.values(), protocol, indent, list(reply), "(empty hash)")
        case Mapping():
            flat = [word for pair in reply.items() for word in pair]
            return _items(")", flat, protocol, indent, None, "(empty array)")
        case set() | frozenset():
            empty = "(empty set)" if protocol == 3 else "(empty array)"
            return _items("~" if protocol == 3 else ")", reply, protocol, indent, None, empty)
        case list() | tuple():
            return _items(")", reply, protocol, indent, None, "(empty array)")
    return _text(reply).decode("utf-8", "backslashreplace").rstrip("\r\n")


def _items(
    mark: str,
    items: Iterable[object],
    protocol: int,
    indent: str,
    names: list[object] | None,
    empty: str,
) -> str:
    held = list(items)
    if not held:
        return empty
    width = len(str(len(held)))
    deeper = indent + " " * (width + 2)
    lines = []
    for number, item in enumerate(held):
        name = f"{readable(names[number], protocol, deeper)} => " if names else ""
        start = "" if number == 0 else indent
        value = readable(item, protocol, deeper)
        lines.append(f"{start}{number + 1:>{width}}{mark} {name}{value}")
    return "\n".join(lines)


def raw(reply: object) -> bytes:
    """Return the reply for programs: the bytes themselves, one item a line, no types."""
    match reply:
        case None | Enum():
            return b""
        case bool():
            return str(reply).lower().encode()
        case int():
            return b"%d" % reply
        case float():
            return b"%.17g" % reply
        case bytes():
            return reply
        case str():
            return reply.encode()
        case FivefoldError():
            return error_text(reply).encode("utf-8", "surrogateescape")
        case Mapping():
            return b"\n".join(raw(key) + b" " + raw(value) for key, value in reply.items())
        case set() | frozenset() | list() | tuple():
            return b"\n".join(raw(item) for item in reply)
    return _text(reply)


def _text(reply: object) -> bytes:
    """Return the bytes of a verbatim text, or of a number too large for an integer."""
    text = getattr(reply, "text", None)
    return text if isinstance(text, bytes) else str(getattr(reply, "value", reply)).encode()
