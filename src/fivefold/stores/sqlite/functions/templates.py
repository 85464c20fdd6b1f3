"""Cuts the templates of to_char, to_date, to_timestamp and to_number into their patterns.

Source: the PostgreSQL 15 manual, 9.8, tables 9.27 to 9.30. A quoted text stands for itself; outside
of quotes a backslash only protects a double quote.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from fivefold.values.records import Record

TEMPLATES_MAX = 256  # cut templates kept by a process


class Piece(Record):
    """One pattern (``key`` is its name, upper case, ``written`` as it stands) or plain ``text``."""

    key: str = ""
    written: str = ""
    text: str = ""
    fill: bool = False  # FM: no blanks or zeros to fill up
    ending: str = ""  # th or TH after it
    own: bool = False  # TM: names without blanks


def _words(text: str) -> tuple[str, ...]:
    return tuple(sorted(text.split(), key=len, reverse=True))


_DATE_UPPER = (
    "A.D. A.M. AD AM B.C. BC CC DAY DDD DD DY D FF1 FF2 FF3 FF4 FF5 FF6 FX HH24 HH12 HH IDDD ID IW "
    "IYYY IYY IY I J MI MM MONTH MON MS OF P.M. PM Q RM SSSSS SSSS SS TZH TZM TZ US WW W Y,YYY "
    "YYYY YYY YY Y"
)
_DATES = _words(f"{_DATE_UPPER} {_DATE_UPPER.lower()} Day Dy Month Mon")
_NUMBER_UPPER = "B C D EEEE FM G L MI PL PR RN SG SP S TH V"
_NUMBERS = _words(f", . 0 9 {_NUMBER_UPPER} {_NUMBER_UPPER.lower()}")


@lru_cache(TEMPLATES_MAX)
def date_template(template: str) -> tuple[Piece, ...]:
    """Return the pieces of a template for dates."""
    pieces: list[Piece] = []
    at = 0
    while at < len(template):
        fill = own = False
        start = at
        while template[at : at + 2].upper() in ("FM", "TM"):
            fill, own = fill or template[at] in "Ff", own or template[at] in "Tt"
            at += 2
        word = _word(_DATES, template, at)
        if word is None:
            at = start + 2 if at > start else at
            if at == start:
                text, at = _plain(template, at)
                pieces += [Piece(text=one) for one in text]
            continue
        at += len(word)
        ending = template[at : at + 2] if template[at : at + 2] in ("th", "TH") else ""
        at += len(ending)
        pieces.append(Piece(word.upper(), word, "", fill, ending, own))
    return tuple(pieces)


@lru_cache(TEMPLATES_MAX)
def number_template(template: str) -> tuple[Piece, ...]:
    """Return the pieces of a template for numbers."""
    pieces: list[Piece] = []
    at = 0
    while at < len(template):
        word = _word(_NUMBERS, template, at)
        if word is None:
            text, at = _plain(template, at)
            pieces += [Piece(text=one) for one in text]
        else:
            pieces.append(Piece(word.upper(), word))
            at += len(word)
    return tuple(pieces)


def _word(words: Sequence[str], template: str, at: int) -> str | None:
    return next((word for word in words if template.startswith(word, at)), None)


def _plain(template: str, at: int) -> tuple[str, int]:
    """Return the characters of a quoted text, or one character, and where to go on."""
    if template[at] != '"':
        if template[at] == "\\" and template[at + 1 : at + 2] == '"':
            at += 1
        return template[at], at + 1
    found = []
    at += 1
    while at < len(template):
        character = template[at]
        at += 1
        if character == '"':
            break
        if character == "\\" and at < len(template):
            character = template[at]
            at += 1
        found.append(character)
    return "".join(found), at


def ordinal(digits: str) -> str:
    """Return what follows a number's digits: st, nd, rd or th."""
    if digits[-2:-1] == "1":
        return "th"
    return {"1": "st", "2": "nd", "3": "rd"}.get(digits[-1:], "th")
