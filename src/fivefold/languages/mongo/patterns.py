"""Regular expressions: what MongoDB gives to PCRE (manual, "$regex"), said to Python's ``re``.

Both read most patterns alike. What is written differently is translated:

* ``\\d``, ``\\w``, ``\\s``, ``\\b`` know ASCII alone, unless the pattern begins with ``(*UCP)``;
* ``\\z``, ``\\Z``, ``\\h``, ``\\H``, ``\\V``, ``\\v``, ``\\N``, ``\\R``, ``\\e``, ``\\x{…}``,
  ``\\Q…\\E``, ``[[:alpha:]]``;
* ``(?<name>…)``, ``\\k<name>``, ``\\g{1}``, and options in the middle: ``a(?i)b``.

What ``re`` cannot do is error 51091 that names it: properties (``\\p{L}``), recursion, verbs,
``\\K``, ``\\G``, ``\\X``; and a look-behind has one width (MG-1).

Options: ``i``, ``m``, ``s``, ``x``; ``u`` says nothing that is not so already.
"""

from __future__ import annotations

import re
from functools import lru_cache

from fivefold.errors import FivefoldError
from fivefold.values.documents.faults import fault

PATTERN_CHARACTERS_MAX = 32_764
"""The longest pattern that PCRE takes as MongoDB has built it (manual, "MongoDB Limits")."""

_FLAGS = {"i": re.I, "m": re.M, "s": re.S, "x": re.X, "u": re.U}

# Escapes outside and inside brackets. An escape that is not here goes to ``re`` as it stands.
_HORIZONTAL = "\\t \\xa0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000"
_VERTICAL = "\\n-\\r\\x85\\u2028\\u2029"
_INSIDE = {
    "h": _HORIZONTAL,
    "v": _VERTICAL,
    "e": "\\x1b",
}
_INSIDE_ASCII = {
    "d": "0-9",
    "w": "A-Za-z0-9_",
    "s": " \\t-\\r",
    "D": "\\x00-/:-\\U0010ffff",
    "W": "\\x00-/:-@\\[-\\^`{-\\U0010ffff",
    "S": "\\x00-\\x08\\x0e-\\x1f!-\\U0010ffff",
}
_OUTSIDE = {
    "h": f"[{_HORIZONTAL}]",
    "H": f"[^{_HORIZONTAL}]",
    "v": f"[{_VERTICAL}]",
    "V": f"[^{_VERTICAL}]",
    "e": "\\x1b",
    "z": "\\Z",
    "Z": "(?=\\n?\\Z)",
    "N": "[^\\n]",
    "R": f"(?:\\r\\n|[{_VERTICAL}])",
}
_OUTSIDE_ASCII = {
    "d": "[0-9]",
    "D": "[^0-9]",
    "w": "[A-Za-z0-9_]",
    "W": "[^A-Za-z0-9_]",
    "s": "[ \\t-\\r]",
    "S": "[^ \\t-\\r]",
    "b": "(?a:\\b)",
    "B": "(?a:\\B)",
}
_POSIX = {
    "alnum": "A-Za-z0-9",
    "alpha": "A-Za-z",
    "ascii": "\\x00-\\x7f",
    "blank": " \\t",
    "cntrl": "\\x00-\\x1f\\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": "!-/:-@\\[-`{-~",
    "space": " \\t-\\r",
    "upper": "A-Z",
    "word": "A-Za-z0-9_",
    "xdigit": "0-9A-Fa-f",
}
_REFUSED = {"K": "\\K", "G": "\\G", "X": "\\X", "C": "\\C", "p": "\\p{…}", "P": "\\P{…}"}
_HEXADECIMAL = re.compile(r"\\x\{([0-9A-Fa-f]+)\}")
_BACK_REFERENCE = re.compile(r"\\k(?:<(\w+)>|'(\w+)'|\{(\w+)\})|\\g(?:\{(\w+)\}|(\d+))")
_POSIX_CLASS = re.compile(r"\[:(\^?)(\w+):\]")
_OPTIONS = re.compile(r"\(\?([imsx]*)(?:-([imsx]+))?\)")
_NAMED = re.compile(r"\(\?(?:<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)')")
_RECURSION = re.compile(r"\(\?(?:R|&|P>|[+-]?\d)")
_QUOTED = re.compile(r"\\Q(.*?)(?:\\E|\Z)", re.S)
_START_VERBS = re.compile(r"\(\*(UCP|UTF8?|UTF16|NO_AUTO_POSSESS|NO_START_OPT)\)")


def options_text(options: str) -> str:
    """Return options in the order in which BSON keeps them. Raises fault 51108 for a bad letter."""
    for letter in options:
        if letter not in _FLAGS:
            raise fault(51108, f" invalid flag in regex options: {letter}")
    return "".join(sorted({*options}))


@lru_cache(maxsize=512)
def compile_pattern(pattern: str, options: str = "") -> re.Pattern[str]:
    """Return what searches as PCRE does with the pattern.

    Raises fault 51091 for a pattern that is none (or that ``re`` cannot be told), 51108 for a
    letter that is no option, 2 for a null character in the pattern.
    """
    flags = re.NOFLAG
    for letter in options_text(options):
        flags |= _FLAGS[letter]
    if "\0" in pattern:
        raise fault(2, "Regular expression cannot contain an embedded null byte")
    if len(pattern) > PATTERN_CHARACTERS_MAX:
        raise _invalid("regular expression is too large")
    try:
        return re.compile(_Translation(pattern, "x" in options).text(), flags)
    except (re.error, OverflowError, RecursionError) as error:
        raise _invalid(str(error)) from None


def _invalid(why: str) -> FivefoldError:
    return fault(51091, f"Regular expression is invalid: {why}")


class _Translation:
    """One pass over a pattern from left to right."""

    def __init__(self, pattern: str, extended: bool) -> None:
        self._pattern = pattern
        self._at = 0
        self._extended = [extended]
        self._unicode = False
        self._out: list[str] = []
        # for every group that is open, the groups of options that were begun within it
        self._options: list[list[str]] = [[]]

    def text(self) -> str:
        """Return the pattern in the words of ``re``."""
        while verb := _START_VERBS.match(self._pattern, self._at):
            self._unicode |= verb[1] == "UCP"
            self._at = verb.end()
        while self._at < len(self._pattern):
            step = self._STEPS.get(self._pattern[self._at])
            if step is None:
                self._take(1)
            else:
                step(self)
        self._out.append(")" * len(self._options[0]))
        return "".join(self._out)

    def _take(self, count: int) -> None:
        self._out.append(self._pattern[self._at : self._at + count])
        self._at += count

    def _escape(self) -> None:
        pattern, at = self._pattern, self._at
        if quoted := _QUOTED.match(pattern, at):
            self._out.append(re.escape(quoted[1]))
            self._at = quoted.end()
        elif character := _HEXADECIMAL.match(pattern, at):
            self._out.append(_character(character[1]))
            self._at = character.end()
        elif reference := _BACK_REFERENCE.match(pattern, at):
            name = next(each for each in reference.groups() if each is not None)
            self._out.append(f"(?:\\{name})" if name.isdigit() else f"(?P={name})")
            self._at = reference.end()
        else:
            letter = pattern[at + 1 : at + 2]
            self._out.append(self._escaped(letter, _OUTSIDE, _OUTSIDE_ASCII))
            self._at += 2

    def _escaped(self, letter: str, always: dict[str, str], ascii_only: dict[str, str]) -> str:
        if letter in _REFUSED:
            raise _invalid(f"{_REFUSED[letter]} is not supported")
        if letter == "E":
            return ""
        plain = always.get(letter) or (None if self._unicode else ascii_only.get(letter))
        return f"\\{letter}" if plain is None else plain

    def _brackets(self) -> None:
        """Take a class in brackets: what begins a set within a set in ``re`` is escaped."""
        self._take(2 if self._pattern[self._at + 1 : self._at + 2] == "^" else 1)
        if self._pattern[self._at : self._at + 1] == "]":
            self._out.append("\\]")
            self._at += 1
        while self._at < len(self._pattern):
            here = self._pattern[self._at]
            if here == "]":
                self._take(1)
                return
            if here == "\\":
                self._escape_in_brackets()
            elif posix := _POSIX_CLASS.match(self._pattern, self._at):
                self._out.append(_posix(posix[2], bool(posix[1])))
                self._at = posix.end()
            else:
                self._out.append(f"\\{here}" if here in "[&~|" else here)
                self._at += 1
        raise _invalid("missing terminating ] for character class")

    def _escape_in_brackets(self) -> None:
        if character := _HEXADECIMAL.match(self._pattern, self._at):
            self._out.append(_character(character[1]))
            self._at = character.end()
        elif quoted := _QUOTED.match(self._pattern, self._at):
            self._out.append(
                "".join(f"\\{each}" if each in "]\\^-[" else each for each in quoted[1])
            )
            self._at = quoted.end()
        else:
            letter = self._pattern[self._at + 1 : self._at + 2]
            self._out.append(self._escaped(letter, _INSIDE, _INSIDE_ASCII))
            self._at += 2

    def _open(self) -> None:
        pattern, at = self._pattern, self._at
        if options := _OPTIONS.match(pattern, at):
            self._at = options.end()
            if "x" in options[1]:
                self._extended[-1] = True
            if "x" in (options[2] or ""):
                self._extended[-1] = False
            self._begin_options(options[0][:-1] + ":")
            return
        if pattern.startswith("(*", at):
            raise _invalid("verbs are not supported")
        if _RECURSION.match(pattern, at):
            raise _invalid("recursion is not supported")
        if pattern.startswith("(?#", at):
            end = pattern.find(")", at)
            if end < 0:
                raise _invalid("missing ) after (?# comment")
            self._at = end + 1
            return
        if named := _NAMED.match(pattern, at):
            self._out.append(f"(?P<{named[1] or named[2]}>")
            self._at = named.end()
        else:
            self._take(1)
        self._options.append([])
        self._extended.append(self._extended[-1])

    def _begin_options(self, begin: str) -> None:
        if begin != "(?:":
            self._options[-1].append(begin)
            self._out.append(begin)

    def _close(self) -> None:
        if len(self._options) > 1:
            self._out.append(")" * len(self._options.pop()))
            self._extended.pop()
        self._take(1)

    def _branch(self) -> None:
        """Take a bar: options that were set in a branch are those of the branches after it too."""
        begun = self._options[-1]
        self._out.append(")" * len(begun))
        self._take(1)
        self._out.extend(begun)

    def _comment(self) -> None:
        if not self._extended[-1]:
            self._take(1)
            return
        end = self._pattern.find("\n", self._at)
        self._at = len(self._pattern) if end < 0 else end + 1

    _STEPS = {  # noqa: RUF012
        "\\": _escape,
        "[": _brackets,
        "(": _open,
        ")": _close,
        "|": _branch,
        "#": _comment,
    }


def _character(digits: str) -> str:
    number = int(digits, 16)
    if number > 0x10FFFF:
        raise _invalid("character code point value in \\x{} is too large")
    return f"\\U{number:08x}"


def _posix(name: str, negated: bool) -> str:
    inside = _POSIX.get(name)
    if inside is None:
        raise _invalid("unknown POSIX class name")
    if not negated:
        return inside
    taken = re.compile(f"[{inside}]")
    free = "".join(f"\\x{code:02x}" for code in range(128) if not taken.match(chr(code)))
    return free + "\\x80-\\U0010ffff"
