"""Reading the words of a command as redis-server 7.0 does, and refusing them in its words."""

from __future__ import annotations

from fivefold.errors import InvalidStatement, InvalidValue
from fivefold.models.keyvalue.layout import DATABASES

INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1

STRING_BYTES_MAX = 512 * 1024 * 1024
"""Redis's proto-max-bulk-len: how long a string may become."""


def syntax_error() -> InvalidStatement:
    """Return the error for options that make no sense."""
    return InvalidStatement("syntax error", "syntax_error")


def bad_value(message: str) -> InvalidValue:
    """Return the error for a value out of its domain."""
    return InvalidValue(message, "invalid_parameter_value")


def wrong_count(name: str) -> InvalidStatement:
    """Return the error for a command with too many or too few words."""
    return InvalidStatement(
        f"wrong number of arguments for '{name}' command", "wrong_argument_count"
    )


def shown(word: bytes) -> str:
    """Return a client's own word for a message, up to a zero byte, where C's strings end.

    Bytes that are no text survive the way back.
    """
    return word.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def parse_int(
    word: bytes,
    refusal: str = "value is not an integer or out of range",
    low: int = INT64_MIN,
    high: int = INT64_MAX,
) -> int:
    """Return the integer that ``word`` spells, with no sign, zero or blank too many."""
    try:
        value = int(word)
    except ValueError:
        raise bad_value(refusal) from None
    if b"%d" % value != word or not low <= value <= high:
        raise bad_value(refusal)
    return value


def parse_database(word: bytes) -> int:
    """Return a database's number."""
    number = parse_int(word, low=-(2**31), high=2**31 - 1)
    if not 0 <= number < DATABASES:
        raise bad_value("DB index is out of range")
    return number


def parse_expiry(word: bytes, unit_ms: int, base_ms: int, name: str, *, positive: bool) -> int:
    """Return the Unix milliseconds that ``word`` units after ``base_ms`` are; 0 is the epoch."""
    value = parse_int(word)
    low, high = (1 if positive else -(2**63 // unit_ms)), INT64_MAX // unit_ms
    when_ms = value * unit_ms + base_ms
    if not low <= value <= high or when_ms > INT64_MAX:
        raise bad_value(f"invalid expire time in '{name}' command")
    return when_ms


_PRINTABLE = range(ord("!"), ord("~") + 1)


def is_printable(text: bytes) -> bool:
    """Say whether a text has no blanks, line ends or letters beyond ASCII."""
    return all(letter in _PRINTABLE for letter in text)


def checked_name(name: bytes) -> bytes:
    """Return a client's name if it may be one."""
    if is_printable(name):
        return name
    raise bad_value("Client names cannot contain spaces, newlines or special characters.")


def wrong_use(words: list[bytes]) -> InvalidStatement:
    """Return the error for a subcommand with words that it does not take."""
    return InvalidStatement(
        f"unknown subcommand or wrong number of arguments for '{shown(words[1])}'."
        f" Try {shown(words[0]).upper()} HELP.",
        "wrong_argument_count",
    )
