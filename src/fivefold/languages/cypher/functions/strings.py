"""Functions of strings, which count characters of Unicode (Cypher Manual, "String functions")."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from fivefold.languages.cypher.functions.function import Function, by_name, declare, invalid
from fivefold.values.graph.faults import fault

_of: Callable[..., Function] = partial(declare, "String")
_WHITESPACE = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a"
    "\u2028\u2029\u205f\u3000"
)
"""What java.lang.Character.isWhitespace says: spaces that may be broken, and control characters."""
_FORMS = frozenset(("NFC", "NFD", "NFKC", "NFKD"))


def _text(name: str, value: Any) -> str:
    if type(value) is not str:
        raise invalid(name, value, "a String")
    text: str = value
    return text


def _count(name: str, value: Any) -> int:
    """Return a number of characters, or a place; null is none, and neither is a negative one."""
    if type(value) is not int:
        raise invalid(name, value, "an Integer")
    if value < 0:
        message = f"Invalid input '{value}' for function '{name}()': must not be negative"
        raise fault("InvalidArgumentValue", message)
    return value


def _left(original: Any, length: Any) -> str | None:
    if original is None:
        return None
    return _text("left", original)[: _count("left", length)]


def _right(original: Any, length: Any) -> str | None:
    if original is None:
        return None
    text, count = _text("right", original), _count("right", length)
    return text[max(len(text) - count, 0) :]


def _substring(original: Any, start: Any, *length: Any) -> str | None:
    if original is None:
        return None
    text, first = _text("substring", original), _count("substring", start)
    return text[first : first + _count("substring", length[0])] if length else text[first:]


def _replace(original: Any, search: Any, replacement: Any) -> str:
    text, found = _text("replace", original), _text("replace", search)
    return text.replace(found, _text("replace", replacement))


def _split(original: Any, delimiter: Any) -> list[str]:
    """Split at a delimiter, or at any one of a list; an empty one splits into characters."""
    text = _text("split", original)
    delimiters = delimiter if type(delimiter) is list else [delimiter]
    parts = [text]
    for one in delimiters:
        by = _text("split", one)
        parts = [piece for part in parts for piece in (part.split(by) if by else part or [""])]
    return parts


def _simple(name: str, change: Callable[[str], str]) -> Callable[[Any], str]:
    """Return a function of one string."""
    return lambda value: change(_text(name, value))


def _trimming(name: str, trim: Callable[..., str]) -> Callable[..., str]:
    """Return a function that takes whitespace, or any of some characters, off a string."""

    def trimmed(value: Any, characters: Any = _WHITESPACE) -> str:
        return trim(_text(name, value), _text(name, characters))

    return trimmed


def _normalize(value: Any, form: Any = "NFC") -> str:
    text, wanted = _text("normalize", value), _text("normalize", form)
    if wanted not in _FORMS:
        raise fault("InvalidArgumentValue", f"Unknown normal form '{wanted}'")
    return unicodedata.normalize(wanted, text)  # type: ignore[arg-type]  # one of the four, looked at above


def _trims(name: str, where: str, trim: Callable[..., str]) -> Function:
    return _of(
        f"{name}(input :: STRING, [trimCharacterString :: STRING]) :: STRING",
        f"Without whitespace, or without the characters given, {where}.",
        _trimming(name, trim),
    )


def _cases(name: str, description: str, change: Callable[[str], str]) -> Function:
    return _of(f"{name}(input :: STRING) :: STRING", description, _simple(name, change))


FUNCTIONS: Final[dict[str, Function]] = by_name(
    (
        _trims("btrim", "at both ends", str.strip),
        _of(
            "left(original :: STRING, length :: INTEGER) :: STRING",
            "The first characters.",
            _left,
            sees_nulls=True,
        ),
        _cases("lower", "In lower case.", str.lower),
        _trims("ltrim", "at the beginning", str.lstrip),
        _of(
            "normalize(input :: STRING, [normalForm :: STRING]) :: STRING",
            "In a normal form of Unicode: NFC, NFD, NFKC or NFKD.",
            _normalize,
        ),
        _of(
            "replace(original :: STRING, search :: STRING, replace :: STRING) :: STRING",
            "With all occurrences of one string replaced by another.",
            _replace,
        ),
        _of(
            "right(original :: STRING, length :: INTEGER) :: STRING",
            "The last characters.",
            _right,
            sees_nulls=True,
        ),
        _trims("rtrim", "at the end", str.rstrip),
        _of(
            "split(original :: STRING, splitDelimiter :: STRING | LIST<STRING>) :: LIST<STRING>",
            "The parts between delimiters.",
            _split,
        ),
        _of(
            "substring(original :: STRING, start :: INTEGER, [length :: INTEGER]) :: STRING",
            "The characters from a place on, which is 0 for the first.",
            _substring,
            sees_nulls=True,
        ),
        _cases("toLower", "In lower case.", str.lower),
        _cases("toUpper", "In upper case.", str.upper),
        _trims("trim", "at both ends", str.strip),
        _cases("upper", "In upper case.", str.upper),
    )
)
