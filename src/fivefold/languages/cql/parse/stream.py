"""A cursor over the tokens of one text, and the questions that a descending parser asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, TypeVar

from fivefold.errors import FivefoldError, Limit
from fivefold.languages.cql.parse import tokens
from fivefold.languages.cql.parse.tokens import Token
from fivefold.languages.cql.tree import Marker, Name
from fivefold.values.cql.faults import syntax

T = TypeVar("T")

DEPTH_MAX = 100
"""Nested terms and types: a few frames each, well inside Python's own limit."""

SHOWN_TOKENS = 10
"""Tokens, space among them, that an error shows before the one that is wrong."""

_NO_NAMES = frozenset({tokens.UUID, tokens.SPACE, "bad", "TRUE", "FALSE"})
"""Marks with a letter that are neither names nor reserved."""


class Stream:
    """The tokens of a text and a place among them; ``mark`` is the mark of the token there."""

    __slots__ = ("depth", "everything", "index", "mark", "markers", "text", "tokens")

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens, self.everything = tokens.tokenize(text)
        self.index = 0
        self.mark = self.tokens[0].mark
        self.markers: list[Marker] = []
        self.depth = 0

    @property
    def token(self) -> Token:
        """Return the token at the place."""
        return self.tokens[self.index]

    @property
    def at(self) -> int:
        """Return where it begins, in characters from 0."""
        return self.tokens[self.index].at

    def advance(self) -> Token:
        """Step over the token, and return it."""
        token = self.tokens[self.index]
        if token.mark != tokens.END:
            self.index += 1
            self.mark = self.tokens[self.index].mark
        return token

    def go_to(self, index: int) -> None:
        """Go back, or on, to a place."""
        self.index = index
        self.mark = self.tokens[index].mark

    def peek(self, ahead: int = 1) -> str:
        """Return the mark of a token further on."""
        place = min(self.index + ahead, len(self.tokens) - 1)
        return self.tokens[place].mark

    def accept(self, *marks: str) -> bool:
        """Step over these marks if they come next, all of them."""
        for ahead, mark in enumerate(marks):
            if self.peek(ahead) != mark:
                return False
        self.go_to(self.index + len(marks))
        return True

    def expect(self, *marks: str) -> None:
        """Step over these marks, or say which is missing."""
        for mark in marks:
            if self.mark != mark:
                raise self.mismatch(mark)
            self.advance()

    def listed(self, part: Callable[[Stream], T]) -> tuple[T, ...]:
        """Return one part or more, with commas between."""
        parts = [part(self)]
        while self.accept(","):
            parts.append(part(self))
        return tuple(parts)

    def enter(self) -> None:
        """Go one level deeper, or refuse."""
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise Limit(
                f"terms and types may be nested {DEPTH_MAX} levels deep", "statement_too_complex"
            )

    def leave(self) -> None:
        """Come back from a level."""
        self.depth -= 1

    # Names

    def is_name(self) -> bool:
        """Say whether a name comes next."""
        mark = self.mark
        return mark == tokens.QUOTED or (
            mark[:1].isalpha() and mark not in tokens.KEYWORDS and mark not in _NO_NAMES
        )

    def name(self) -> str:
        """Return a name: in lower case unless it is quoted."""
        if not self.is_name():
            raise self.no_alternative()
        return self.advance().text

    def names(self) -> tuple[str, ...]:
        """Return names with commas between."""
        return self.listed(Stream.name)

    def qualified(self) -> Name:
        """Return a name, possibly with a keyspace before it."""
        first = self.name()
        return (first, self.name()) if self.accept(".") else (None, first)

    # What is wrong

    def fail(self) -> NoReturn:
        """Raise the error that nothing begins so."""
        raise self.no_alternative()

    def no_alternative(self) -> FivefoldError:
        """Return the error that nothing may stand here that begins so."""
        return self._error("no viable alternative at input '{}'")

    def mismatch(self, mark: str) -> FivefoldError:
        """Return the error that something else has to stand here."""
        wanted = f"K_{mark}" if mark[:1].isalpha() else f"'{mark}'"
        if mark == tokens.END:
            wanted = "EOF"
        return self._error(f"mismatched input '{{}}' expecting {wanted}")

    def _error(self, message: str) -> FivefoldError:
        token = self.token
        if token.mark == "bad":
            return self._uncut(token)
        if token.mark == tokens.END:
            return syntax(f"line 0:-1 {message.format('<EOF>')}", token.at)
        shown = message.format(token.text if token.mark == tokens.STRING else token.raw)
        return syntax(f"line {self._place(token.at)} {shown} ({self._around(token)})", token.at)

    def _uncut(self, token: Token) -> FivefoldError:
        """Return the error for text that is no token."""
        unended = {'"': '"', "'": "'"}.get(token.raw)
        if unended is None and self.text.startswith("/*", token.at):
            unended = "*"
        if unended is not None:
            place = self._place(len(self.text))
            message = f"mismatched character '<EOF>' expecting '{unended}'"
        else:
            place = self._place(token.at)
            message = f"no viable alternative at character '{token.raw}'"
        return syntax(f"line {place} {message}", token.at)

    def _place(self, at: int) -> str:
        line = self.text.count("\n", 0, at) + 1
        return f"{line}:{at - (self.text.rfind(chr(10), 0, at) + 1)}"

    def _around(self, token: Token) -> str:
        place = self.everything.index(token)
        before = self.everything[max(0, place - SHOWN_TOKENS) : place]
        text = "..." if place > SHOWN_TOKENS else ""
        # Of a string only the quote is shown.
        shown = token.raw[0] if token.mark == tokens.STRING else token.raw
        text += "".join([each.raw for each in before]) + f"[{shown}]"
        text = text.replace("\n", "").replace("\r", "")
        return text + ("..." if place + 1 < len(self.everything) or shown != token.raw else "")
