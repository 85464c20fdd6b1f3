"""Regular expressions of ``=~``: Java's syntax, translated for Python's ``re``.

The two agree on most. Translated are: what a dot and the sets ``\\d \\w \\s`` hold (ASCII, and no
line ends, unless flags say otherwise), classes within classes and their intersections, properties
``\\p{…}``, quotations ``\\Q…\\E``, names of groups, and flags from the middle on. Whoever searches
may write a pattern that takes exponentially long: matching cannot be interrupted.

Source: the documentation of java.util.regex.Pattern.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import Final

from fivefold.errors import FivefoldError, Unsupported
from fivefold.languages.cypher.expressions.character_sets import (
    BY_LETTER,
    LINE_ENDS,
    by_letter,
    by_property,
)
from fivefold.values.graph.faults import fault

CACHED_REGEXES_MAX = 512
GROUPS_DEEP_MAX = 100
"""Groups within groups; both this translator and ``re`` recurse."""


@functools.lru_cache(maxsize=CACHED_REGEXES_MAX)
def compile_regex(regex: str) -> re.Pattern[str]:
    """Return the pattern; raises fault InvalidArgumentValue if it is none."""
    try:
        return re.compile(_Translator(regex).whole())
    except re.error as error:
        if "look-behind" in error.msg:
            raise Unsupported(
                "Look-behinds of no fixed length are not supported in regular expressions",
                hint="Match what stands before as a part of the pattern.",
            ) from None
        raise _invalid(regex, error.msg) from None


def _invalid(regex: str, message: str) -> FivefoldError:
    return fault("InvalidArgumentValue", f"Invalid Regex: {message}\n{regex}", type="SemanticError")


_FLAGS = re.compile(r"\?([idmsuxU]*)(?:-([idmsux]+))?([:)])")
_NAME = re.compile(r"\?<([a-zA-Z][a-zA-Z0-9]*)>")
_REPEAT = re.compile(r"\{[0-9]+(?:,[0-9]*)?\}")
_PROPERTY = re.compile(r"\{([\w=]+)\}|([A-Z])")
_HEXADECIMAL = re.compile(r"x([0-9a-fA-F]{2})|x\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})")
_OCTAL = re.compile(r"0([0-3][0-7]{2}|[0-7]{1,2})")
_NAMED = re.compile(r"N\{([^}]*)\}")
_CONTROLS: Final = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "a": "\a", "e": "\x1b"}
_PLACES: Final = {
    "b": "\\b",
    "B": "\\B",
    "A": "\\A",
    "Z": f"(?=[{LINE_ENDS}]?\\Z)",
    "z": "\\Z",
    "R": f"(?:\\r\\n|[\\x0b\\f{LINE_ENDS}])",
}
_OPENINGS: Final = ("?:", "?=", "?!", "?<=", "?<!", "?>")
_ANY: Final = "[\\s\\S]"


class _Translator:
    """Reads a regular expression once from left to right."""

    def __init__(self, regex: str) -> None:
        self.regex = regex
        self.at = 0
        self.depth = 0
        self.flags: frozenset[str] = frozenset()

    def whole(self) -> str:
        """Return the expression for Python."""
        text = self._alternatives()
        if self.at < len(self.regex):
            raise self._wrong("Unmatched closing ')'")
        return text

    def _wrong(self, message: str) -> FivefoldError:
        return _invalid(self.regex, f"{message} near index {self.at}")

    def _starts(self, text: str) -> bool:
        return self.regex.startswith(text, self.at)

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Return what matches here and step over it."""
        matched = pattern.match(self.regex, self.at)
        if matched:
            self.at = matched.end()
        return matched

    def _alternatives(self) -> str:
        """Translate up to the end of the group. Flags on their own hold until there.

        They hold in the alternatives that follow too, so each opens the groups of flags anew.
        """
        before, made = self.flags, []
        opened: list[str] = []
        while self.at < len(self.regex) and not self._starts(")"):
            if self._starts("|"):
                self.at += 1
                made.append(")" * len(opened) + "|" + "".join(opened))
            elif self._starts("("):
                made.append(self._group(opened))
            else:
                made.append(self._atom())
        self.flags = before
        return "".join(made) + ")" * len(opened)

    def _group(self, opened: list[str]) -> str:
        self.at += 1
        before = self.flags
        flags = self._take(_FLAGS)
        if flags:
            self.flags = (self.flags | set(flags[1])) - set(flags[2] or "")
            opening = self._flags_opening()
            if flags[3] == ")":
                opened.append(opening)
                return opening
        else:
            opening = self._opening()
        self.depth += 1
        if self.depth > GROUPS_DEEP_MAX:
            raise self._wrong("Groups are nested too deeply")
        inner = self._alternatives()
        self.depth -= 1
        self.flags = before
        if not self._starts(")"):
            raise self._wrong("Unclosed group")
        self.at += 1
        return f"{opening}{inner})"

    def _opening(self) -> str:
        name = self._take(_NAME)
        if name:
            return f"(?P<{name[1]}>"
        for opening in _OPENINGS:
            if self._starts(opening):
                self.at += len(opening)
                return f"({opening}"
        if self._starts("?"):
            raise self._wrong("Unknown inline modifier")
        return "("

    def _flags_opening(self) -> str:
        """Return the group that sets case and lines; the rest is seen to in translating."""
        on = "".join(sorted(self.flags & {"i", "m"}))
        off = "".join(sorted({"i", "m"} - self.flags))
        case = ("u" if self.flags & {"u", "U"} else "a") if "i" in on else ""
        return f"(?{case}{on}{'-' + off if off else ''}:"

    def _atom(self) -> str:
        one = self.regex[self.at]
        if "x" in self.flags and (one.isspace() or one == "#"):
            self._skip_comment(one)
            return ""
        if one == "[":
            return self._class()
        if one == "\\":
            return self._escape()
        if one == "{":
            repeat = self._take(_REPEAT)
            if repeat is None:
                raise self._wrong("Illegal repetition")
            return repeat[0]
        self.at += 1
        if one == ".":
            return self._dot()
        return one if one in "*+?^$" else re.escape(one)

    def _skip_comment(self, one: str) -> None:
        self.at += 1
        if one == "#":
            end = self.regex.find("\n", self.at)
            self.at = len(self.regex) if end < 0 else end + 1

    def _dot(self) -> str:
        if "s" in self.flags:
            return _ANY
        return "[^\\n]" if "d" in self.flags else f"[^{LINE_ENDS}]"

    def _escape(self) -> str:
        """Translate what begins with a backslash, outside of classes."""
        self.at += 1
        if self._starts("Q"):
            return re.escape(self._quotation())
        found = self._set()
        if found is not None:
            inside, complement = found
            return f"[{'^' if complement else ''}{inside}]"
        one = self.regex[self.at : self.at + 1]
        if one in _PLACES and one:
            self.at += 1
            return _PLACES[one]
        if one.isdigit() and one != "0":
            self.at += 1
            return f"(?:\\{one})"
        if one == "k":
            name = re.compile(r"k<(\w+)>").match(self.regex, self.at)
            if name is None:
                raise self._wrong("\\k is not followed by '<' for named capturing group")
            self.at = name.end()
            return f"(?P={name[1]})"
        return re.escape(self._character())

    def _quotation(self) -> str:
        start = self.at + 1
        end = self.regex.find("\\E", start)
        self.at = len(self.regex) if end < 0 else end + 2
        return self.regex[start : None if end < 0 else end]

    def _set(self) -> tuple[str, bool] | None:
        """Read a set after a backslash: its characters, and whether its complement is meant."""
        one = self.regex[self.at : self.at + 1]
        lower = one.lower()
        if lower == "p" and one:
            self.at += 1
            name = self._take(_PROPERTY)
            inside = name and by_property(name[1] or name[2])
            if inside is None:
                raise self._wrong("Unknown character property name")
            return str(inside), one == "P"
        if lower not in BY_LETTER:
            return None
        self.at += 1
        return by_letter(lower, unicode="U" in self.flags), one != lower

    def _character(self) -> str:
        """Read an escaped character after the backslash."""
        coded = self._take(_HEXADECIMAL)
        if coded:
            return self._by_code(int(coded[1] or coded[2] or coded[3], 16))
        octal = self._take(_OCTAL)
        if octal:
            return chr(int(octal[1], 8))
        named = self._take(_NAMED)
        if named:
            try:
                return unicodedata.lookup(named[1])
            except KeyError:
                raise self._wrong(f"Unknown character name [{named[1]}]") from None
        one = self.regex[self.at : self.at + 1]
        self.at += 1
        if one in _CONTROLS and one:
            return _CONTROLS[one]
        if one == "c" and self.at < len(self.regex):
            self.at += 1
            return chr(ord(self.regex[self.at - 1]) ^ 64)
        if not one or (one.isascii() and one.isalnum()):
            raise self._wrong("Illegal/unsupported escape sequence")
        return one

    def _by_code(self, code: int) -> str:
        if code > 0x10FFFF:
            raise self._wrong("Hexadecimal codepoint is too big")
        return chr(code)

    def _class(self) -> str:
        """Translate ``[…]``, where classes may stand in classes and ``&&`` is intersection."""
        self.at += 1
        self.depth += 1
        if self.depth > GROUPS_DEEP_MAX:
            raise self._wrong("Classes are nested too deeply")
        negated = self._starts("^")
        self.at += negated
        parts = [self._union(first=True)]
        while self._starts("&&"):
            self.at += 2
            parts.append(self._union(first=False))
        if not self._starts("]"):
            raise self._wrong("Unclosed character class")
        self.at += 1
        self.depth -= 1
        return _combined([part for part in parts if part != ("", [])], negated)

    def _union(self, *, first: bool) -> tuple[str, list[str]]:
        """Read what stands beside each other: the characters of a set, and further classes."""
        inside, others = "", []
        while self.at < len(self.regex) and not self._starts("&&"):
            one = self.regex[self.at]
            if one == "]" and not first:
                break
            first = False
            if one == "[":
                others.append(self._class())
                continue
            if one == "\\":
                self.at += 1
                if self._starts("Q"):
                    inside += "".join(map(_in_class, self._quotation()))
                    continue
                found = self._set()
                if found is not None:
                    if found[1]:
                        others.append(f"[^{found[0]}]")
                    else:
                        inside += found[0]
                    continue
                one = self._character()
            else:
                self.at += 1
                if "x" in self.flags and one.isspace():
                    continue
            inside += self._range(one)
        return inside, others

    def _range(self, one: str) -> str:
        """Return a character, or the range that it begins."""
        following = self.regex[self.at + 1 : self.at + 2]
        if not self._starts("-") or following in ("", "]", "["):
            return _in_class(one)
        self.at += 1
        if following == "\\":
            self.at += 1
            last = self._character()
        else:
            self.at += 1
            last = following
        if last < one:
            raise self._wrong("Illegal character range")
        return f"{_in_class(one)}-{_in_class(last)}"


def _in_class(one: str) -> str:
    return f"\\U{ord(one):08x}" if one in "\\]^-[&~|" else one


def _combined(parts: list[tuple[str, list[str]]], negated: bool) -> str:
    """Return what matches a character in all of the parts, or one that is not."""
    if len(parts) == 1 and not parts[0][1]:
        return f"[{'^' if negated else ''}{parts[0][0]}]"
    unions = []
    for inside, others in parts:
        alternatives = [f"[{inside}]", *others] if inside else others
        unions.append(f"(?:{'|'.join(alternatives)})")
    *conditions, last = unions
    matched = "".join(f"(?={one})" for one in conditions) + last
    return f"(?:(?!{matched}){_ANY})" if negated else f"(?:{matched})"
