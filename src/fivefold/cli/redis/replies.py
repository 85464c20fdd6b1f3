"""Replies as redis-cli shows them: with their types on a terminal, raw in a pipe."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum

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


def readable(reply: object, indent: str = "") -> str:
    """Return the reply for people; continued lines begin with ``indent``."""
    match reply:
        case None | Enum():
            return "(nil)"
        case bool():
            return f"({str(reply).lower()})"
        case int():
            return f"(integer) {reply}"
        case float():
            return f"(double) {reply:.17g}"
        case bytes():
            return quoted(reply)
        case str():
            return reply
        case FivefoldError():
            return f"(error) {reply.message}"
        case Mapping():
            pairs = [f"{readable(key)} => " for key in reply]
            return _items("#", reply.values(), indent, pairs, "(empty hash)")
        case set() | frozenset():
            return _items("~", reply, indent, None, "(empty set)")
        case list() | tuple():
            return _items(")", reply, indent, None, "(empty array)")
    return _text(reply).decode("utf-8", "backslashreplace").rstrip("\r\n")


def _items(
    mark: str, items: Iterable[object], indent: str, names: list[str] | None, empty: str
) -> str:
    held = list(items)
    if not held:
        return empty
    width = len(str(len(held)))
    lines = []
    for number, item in enumerate(held):
        name = names[number] if names else ""
        prefix = f"{number + 1:>{width}}{mark} {name}"
        shown = readable(item, indent + " " * len(prefix))
        lines.append(("" if number == 0 else indent) + prefix + shown)
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
            return reply.message.encode()
        case Mapping():
            return b"\n".join(raw(key) + b" " + raw(value) for key, value in reply.items())
        case set() | frozenset() | list() | tuple():
            return b"\n".join(raw(item) for item in reply)
    return _text(reply)


def _text(reply: object) -> bytes:
    """Return the bytes of a verbatim text, or of a number too large for an integer."""
    text = getattr(reply, "text", None)
    return text if isinstance(text, bytes) else str(getattr(reply, "value", reply)).encode()
