"""Regular expressions: what MongoDB gives to PCRE (manual, "$regex"), said to Python's ``re``.

Both read most patterns alike. What is written differently is translated:

* ``\\d``, ``\\w``, ``\\s``, ``\\b`` know ASCII alone, unless the pattern begins with ``(*UCP)``;
* ``\\z``, ``\\Z``, ``\\h``, ``\\H``, ``\\V``, ``\\v``, ``\\N``, ``\\R``, ``\\e``, ``\\cA``,
  ``\\x{…}``, ``\\o{…}``, ``\\p{Lu}``, ``\\Q…\\E``, ``[[:alpha:]]``; ``{,2}`` is no quantifier;
* ``(?<name>…)``, ``\\k<name>``, ``\\g{1}``, and options in the middle: ``a(?i)b``.

What ``re`` cannot do is error 51091 that names it: scripts (``\\p{Greek}``), recursion, verbs,
``\\K``, ``\\G``, ``\\X``; and a look-behind has one width (MG-1).

Options: ``i``, ``m``, ``s``, ``x``; ``u`` says nothing that is not so already.
"""

from __future__ import annotations

import re
import sys
from functools import lru_cache
from unicodedata import category

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
    "B": "(?!\\b)",  # re has none in an empty string
    "R": f"(?>\\r\\n|[{_VERTICAL}])",
}
_OUTSIDE_ASCII = {
    "d": "[0-9]",
    "D": "[^0-9]",
    "w": "[A-Za-z0-9_]",
    "W": "[^A-Za-z0-9_]",
    "s": "[ \\t-\\r]",
    "S": "[^ \\t-\\r]",
    "b": "(?a:\\b)",
    "B": "(?!(?a:\\b))",
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
_REFUSED = frozenset("KGXCuUlLop")
_HEXADECIMAL = re.compile(r"\\x\{([0-9A-Fa-f]+)\}|\\o\{([0-7]+)\}")
_CONTROL = re.compile(r"\\c([ -~])")
_PROPERTY = re.compile(r"\\([pP])(?:\{(\^?)(\w+)\}|(\w))")
_QUANTIFIER = re.compile(r"\{\d+(?:,\d*)?\}")
_BACK_REFERENCE = re.compile(r"\\k(?:<(\w+)>|'(\w+)'|\{(\w+)\})|\\g(?:\{(\w+)\}|(\d+))")
_POSIX_CLASS = re.compile(r"\[:(\^?)(\w+):\]")
_OPTIONS = re.compile(r"\(\?([imsx]*)(?:-([imsx]+))?\)")
_NAMED = re.compile(r"\(\?(?:<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)')")
_RECURSION = re.compile(r"\(\?(?:R|&|P>|[+-]?\d)")
_MULTILINE = re.compile(r"\(\?[isx]*m")
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
        return re.compile(_Translation(pattern, options).text(), flags)
    except (re.error, OverflowError, RecursionError) as error:
        raise _invalid(str(error)) from None


def _invalid(why: str) -> FivefoldError:
    return fault(51091, f"Regular expression is invalid: {why}")


class _Translation:
    """One pass over a pattern from left to right."""

    def __init__(self, pattern: str, options: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._extended = ["x" in options]
        self._multiline = "m" in options or _MULTILINE.search(pattern) is not None
        self._unicode = False
        self._in_brackets = False
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
        elif self._character():
            return
        elif reference := _BACK_REFERENCE.match(pattern, at):
            name = next(each for each in reference.groups() if each is not None)
            self._out.append(f"(?:\\{name})" if name.isdigit() else f"(?P={name})")
            self._at = reference.end()
        else:
            letter = pattern[at + 1 : at + 2]
            self._out.append(self._escaped(letter, _OUTSIDE, _OUTSIDE_ASCII))
            self._at += 2

    def _character(self) -> bool:
        """Take an escape of a character or of a property, in brackets or outside."""
        pattern, at = self._pattern, self._at
        if code := _HEXADECIMAL.match(pattern, at):
            self._out.append(_character(int(code[1], 16) if code[1] else int(code[2], 8)))
        elif code := _CONTROL.match(pattern, at):
            self._out.append(_character(ord(code[1].upper()) ^ 64))
        elif code := _PROPERTY.match(pattern, at):
            negated = (code[1] == "P") != bool(code[2])
            inside = _property(code[3] or code[4], negated)
            self._out.append(inside if self._in_brackets else f"[{inside}]")
        else:
            return False
        self._at = code.end()
        return True

    def _brace(self) -> None:
        """Take a brace: a quantifier, or one that stands for itself."""
        if not _QUANTIFIER.match(self._pattern, self._at):
            self._out.append("\\")
        self._take(1)

    def _caret(self) -> None:
        """Take a caret: with several lines it is not behind the newline that ends the last."""
        self._out.append("^(?!(?<=\\n)\\Z)" if self._multiline else "^")
        self._at += 1

    def _escaped(self, letter: str, always: dict[str, str], ascii_only: dict[str, str]) -> str:
        if letter in _REFUSED:
            raise _invalid(f"\\{letter} is not supported")
        if letter == "E":
            return ""
        plain = (None if self._unicode else ascii_only.get(letter)) or always.get(letter)
        return f"\\{letter}" if plain is None else plain

    def _brackets(self) -> None:
        """Take a class in brackets: what begins a set within a set in ``re`` is escaped."""
        self._take(2 if self._pattern[self._at + 1 : self._at + 2] == "^" else 1)
        if self._pattern[self._at : self._at + 1] == "]":
            self._out.append("\\]")
            self._at += 1
        self._in_brackets = True
        while self._at < len(self._pattern):
            here = self._pattern[self._at]
            if here == "]":
                self._take(1)
                self._in_brackets = False
                return
            if here == "\\":
                self._escape_in_brackets()
            elif posix := _POSIX_CLASS.match(self._pattern, self._at):
                self._out.append(_posix(posix[2], bool(posix[1])))
                self._at = posix.end()
            else:
                if self._pattern.startswith(("[.", "[="), self._at):
                    raise _invalid("POSIX collating elements are not supported")
                self._out.append(f"\\{here}" if here in "[&~|" else here)
                self._at += 1
        raise _invalid("missing terminating ] for character class")

    def _escape_in_brackets(self) -> None:
        if self._character():
            return
        if quoted := _QUOTED.match(self._pattern, self._at):
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
        "{": _brace,
        "^": _caret,
    }


def _character(number: int) -> str:
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


@lru_cache(maxsize=64)
def _property(name: str, negated: bool) -> str:
    """Return what stands in brackets for a general category of Unicode, as ``L`` or ``Lu``."""
    if name != "Any" and name not in _CATEGORIES:
        raise _invalid(f"unknown property after \\p or \\P: {name}")
    ranges: list[list[int]] = []
    for code in range(sys.maxunicode + 1):
        has = name == "Any" or category(chr(code)).startswith(name)
        if has is negated:
            continue
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join([f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges])


_CATEGORIES = frozenset(
    f"{major}{minor}"
    for major, minors in (
        *(("C", "cfnos"), ("L", "lmotu"), ("M", "cen"), ("N", "dlo")),
        *(("P", "cdefios"), ("S", "ckmo"), ("Z", "lps")),
    )
    for minor in ("", *minors)
)
