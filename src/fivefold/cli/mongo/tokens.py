"""The words of a statement: names, numbers, strings, patterns, signs; spaces and comments go.

The lexical grammar is that of ECMAScript, chapter 12, as far as values and calls need it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from fivefold.errors import InvalidStatement

NO_JAVASCRIPT = "for JavaScript, run `fivefold serve` and point mongosh at it"


class Unfinished(InvalidStatement):
    """The text ends before the statement does: more lines may complete it."""


def wrong(message: str, at: int, hint: str | None = None) -> InvalidStatement:
    """Return the error for what stands at a character, counted from 0."""
    return InvalidStatement(message, hint=hint, position=at + 1)


class Token(NamedTuple):
    """A word: its kind (name, number, string, regex, sign, end), its text, and where it is.

    ``fresh``: it is the first of its line.
    """

    kind: str
    text: str
    at: int
    end: int
    fresh: bool


_SKIPPED = re.compile(r"(?:[\s\ufeff]+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_TOKEN = re.compile(
    r"""
      (?P<name>[^\W\d][\w$]*|\$[\w$]*)
    | (?P<number>(?:0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+
        |(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)n?)
    | (?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)
    | (?P<sign>\.\.\.|=>|[{}\[\]():,;.+\-]|[^\s\w])
    """,
    re.VERBOSE | re.DOTALL,
)
_REGEX = re.compile(r"/(?![*/])((?:[^/\\\[\n]|\\[^\n]|\[(?:[^\]\\\n]|\\[^\n])*\])+)/([a-zA-Z]*)")


class Tokens:
    """A text's words, read one after the other."""

    def __init__(self, text: str, at: int = 0) -> None:
        self.text = text
        self.now = self._read(at)

    def take(self) -> Token:
        """Return the word that is next and go on behind it."""
        token = self.now
        self.now = self._read(token.end)
        return token

    def is_next(self, *signs: str) -> bool:
        """Say whether one of the signs is next."""
        return self.now.kind == "sign" and self.now.text in signs

    def expect(self, sign: str, within: str) -> Token:
        """Take a sign. Raises InvalidStatement, which says within what it is missed."""
        if not self.is_next(sign):
            raise self.unexpected(f"{sign} is missing in {within}")
        return self.take()

    def unexpected(self, message: str) -> InvalidStatement:
        """Return the error for the word that is next: Unfinished at the text's end."""
        if self.now.kind == "end":
            return Unfinished(f"the input ends here, and {message}", position=self.now.at + 1)
        return wrong(f"unexpected {self.now.text[:40]}: {message}", self.now.at)

    def skip_to(self, at: int) -> None:
        """Go on at a character."""
        self.now = self._read(at)

    def _read(self, before: int) -> Token:
        match = _SKIPPED.match(self.text, before)
        at = match.end() if match else before
        fresh = before == 0 or "\n" in self.text[before:at]
        if at == len(self.text):
            return Token("end", "", at, at, fresh)
        if self.text.startswith("/*", at):
            raise Unfinished("a comment is not closed", position=at + 1)
        if self.text[at] == "/":
            return self._regex(at, fresh)
        found = _TOKEN.match(self.text, at)
        assert found is not None  # the last alternative takes whatever is left
        kind = found.lastgroup or "sign"
        if kind == "sign" and found[0] in "\"'`":
            raise self._open_string(at)
        return Token(kind, found[0], at, found.end(), fresh)

    def _regex(self, at: int, fresh: bool) -> Token:
        found = _REGEX.match(self.text, at)
        if found is None:
            raise wrong("a / begins a pattern, as /a.c/i, and this one does not end", at)
        return Token("regex", found[0], at, found.end(), fresh)

    def _open_string(self, at: int) -> InvalidStatement:
        if self.text[at] == "`":
            return Unfinished("a string is not closed", position=at + 1)
        return wrong("a string is not closed on its line", at)


_ESCAPE = re.compile(
    r"\\(?:u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|.))", re.DOTALL
)
_PLAIN = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_PLAIN |= {"\n": "", "\r\n": "", "\u2028": "", "\u2029": ""}


def string_of(token: Token) -> str:
    """Return the string that a string's word stands for. Raises InvalidStatement."""
    body = token.text[1:-1]
    if token.text[0] == "`" and "${" in body:
        raise wrong("a template with ${…} is JavaScript", token.at, NO_JAVASCRIPT)
    if "\\" not in body:
        return body

    def plain(match: re.Match[str]) -> str:
        code = match[1] or match[2] or match[3]
        if code is None:
            if match[4] in "ux":
                raise wrong(f"\\{match[4]} lacks its digits", token.at + 1 + match.start())
            return _PLAIN.get(match[4], match[4])
        if int(code, 16) > 0x10FFFF:
            raise wrong("there is no such character", token.at + 1 + match.start())
        return chr(int(code, 16))

    # Two halves of a surrogate pair are one character.
    joined = _ESCAPE.sub(plain, body).encode("utf-16-le", "surrogatepass")
    try:
        return joined.decode("utf-16-le")
    except UnicodeDecodeError:
        raise wrong("a string has half a surrogate pair", token.at) from None
