"""Sets of characters that regular expressions of Java name: ``\\d``, ``\\h``, ``\\p{Lu}``.

A set is the inside of a Python character class. Source: the documentation of
java.util.regex.Pattern, "Summary of regular-expression constructs".
"""

from __future__ import annotations

import functools
import sys
import unicodedata
from collections.abc import Callable
from typing import Final

LINE_ENDS: Final = "\\n\\r\\x85\\u2028\\u2029"
BY_LETTER: Final = {
    "d": "0-9",
    "w": "a-zA-Z_0-9",
    "s": " \\t\\n\\x0b\\f\\r",
    "h": " \\t\\xa0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000",
    "v": f"\\x0b\\f{LINE_ENDS}",
}
"""The sets of one letter; the capital letter is the set's complement."""
_UNICODE_BY_LETTER: Final = {"d": "\\d", "w": "\\w", "s": "\\s"}

_PUNCTUATION = "!-/:-@\\[-`{-~"
_POSIX: Final = {
    "Lower": "a-z",
    "Upper": "A-Z",
    "ASCII": "\\x00-\\x7f",
    "Alpha": "a-zA-Z",
    "Digit": "0-9",
    "Alnum": "a-zA-Z0-9",
    "Punct": _PUNCTUATION,
    "Graph": f"a-zA-Z0-9{_PUNCTUATION}",
    "Print": f"a-zA-Z0-9{_PUNCTUATION} ",
    "Blank": " \\t",
    "Cntrl": "\\x00-\\x1f\\x7f",
    "XDigit": "0-9a-fA-F",
    "Space": BY_LETTER["s"],
}
_TESTS: Final[dict[str, Callable[[str], bool]]] = {
    "javalowercase": str.islower,
    "javauppercase": str.isupper,
    "javaletter": str.isalpha,
    "javaletterordigit": str.isalnum,
    "javadigit": lambda one: unicodedata.category(one) == "Nd",
    "javawhitespace": lambda one: one.isspace() and one not in "\xa0\u2007\u202f\x85",
    "isalphabetic": lambda one: one.isalpha() or unicodedata.category(one) == "Nl",
    "isletter": str.isalpha,
    "isdigit": lambda one: unicodedata.category(one) == "Nd",
    "islowercase": str.islower,
    "isuppercase": str.isupper,
    "iswhite_space": str.isspace,
    "ispunctuation": lambda one: unicodedata.category(one)[0] == "P",
    "iscontrol": lambda one: unicodedata.category(one) == "Cc",
}
_SCRIPTS: Final = {
    **{
        name: (f"{name.upper()} ",)
        for name in (
            *("arabic", "armenian", "bengali", "cyrillic", "devanagari", "ethiopic", "georgian"),
            *("greek", "hangul", "hebrew", "hiragana", "katakana", "khmer", "latin", "tamil"),
            *("thai", "tibetan"),
        )
    },
    "han": ("CJK UNIFIED IDEOGRAPH", "CJK COMPATIBILITY IDEOGRAPH", "CJK RADICAL"),
}
"""Scripts → how the names of their characters begin in the Unicode character database."""


def by_letter(letter: str, *, unicode: bool) -> str:
    """Return the set of a small letter of ``BY_LETTER``."""
    return _UNICODE_BY_LETTER.get(letter, BY_LETTER[letter]) if unicode else BY_LETTER[letter]


@functools.cache
def by_property(name: str) -> str | None:
    """Return the set of a property's name as in ``\\p{name}``; None if it is not known."""
    if name in _POSIX:
        return _POSIX[name]
    key, _, value = name.rpartition("=")
    lower = value.lower()
    if not key and lower in _TESTS:
        return _where(_TESTS[lower])
    category = value.removeprefix("Is") if not key else value
    if key in ("", "general_category", "gc") and category in _categories():
        return _where(lambda one: unicodedata.category(one).startswith(category))
    script = lower if key in ("script", "sc") else lower.removeprefix("is") if not key else ""
    if script in _SCRIPTS:
        beginnings = _SCRIPTS[script]
        return _where(lambda one: unicodedata.name(one, "").startswith(beginnings))
    return None


@functools.cache
def _categories() -> frozenset[str]:
    named = "Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf"
    return frozenset((*named.split(), "L", "M", "N", "P", "S", "Z", "C", "Cn", "Co", "Cs"))


def _where(test: Callable[[str], bool]) -> str:
    """Return the set of all characters that pass a test: a look at all of Unicode."""
    ranges: list[list[int]] = []
    for code in range(sys.maxunicode + 1):
        if test(chr(code)):
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges)
