"""Scores, weights and coordinates: doubles as redis-server reads them with C's ``strtod``."""

from __future__ import annotations

import math
import re

from fivefold.languages.redis.arguments import bad_value

NO_FLOAT = "value is not a valid float"

_DECIMAL = rb"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?"
_HEXADECIMAL = rb"0x(?:[0-9a-f]+\.?[0-9a-f]*|\.[0-9a-f]+)(?:p[+-]?[0-9]+)?"
_NUMBER = re.compile(
    rb"[+-]?(?:(?P<hex>%b)|(?P<dec>%b)|inf(?:inity)?)" % (_HEXADECIMAL, _DECIMAL), re.IGNORECASE
)
_DIGITS_MAX = 300  # so many digits are a number below infinity


def parse_double(word: bytes, refusal: str = NO_FLOAT) -> float:
    """Return the double that ``word`` spells; an infinity only if it says so."""
    if word.isdigit() and len(word) < _DIGITS_MAX:
        return float(word)
    match = _NUMBER.fullmatch(word)
    value = math.nan if match is None else _read(match)
    if match is None or (math.isinf(value) and match.lastgroup) or (not value and _lost(match)):
        raise bad_value(refusal)
    return value


def _read(match: re.Match[bytes]) -> float:
    if not match["hex"]:
        return float(match[0])
    try:
        return float.fromhex(match[0].decode())
    except OverflowError:
        return -math.inf if match[0].startswith(b"-") else math.inf


def _lost(match: re.Match[bytes]) -> bool:
    """Say whether a number that was read as zero is none."""
    digits = re.split(rb"[pP]" if match["hex"] else rb"[eE]", match[0])[0]
    return bool(re.search(rb"[1-9a-fA-F]", digits.removeprefix(b"0x").removeprefix(b"0X")))


def parse_bound(word: bytes) -> float | None:
    """Return the number in a range's bound, or None if it is none.

    Nothing at all is 0 and blanks may precede it, as nobody looks at where ``strtod`` began.
    """
    word = word.partition(b"\0")[0].lstrip(b" \t\n\v\f\r")
    if not word:
        return 0.0
    match = _NUMBER.fullmatch(word)
    return None if match is None else _read(match)
