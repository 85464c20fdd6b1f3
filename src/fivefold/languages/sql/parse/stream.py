"""The tokens of one text and the small questions that a descending parser asks of them."""

from __future__ import annotations

from fivefold.errors import InvalidStatement, Limit, Unsupported
from fivefold.languages.sql.keywords import NEEDS_AS, NOT_FUNCTIONS, NOT_NAMES, RESERVED
from fivefold.languages.sql.tokens import tokenize

DEPTH_MAX = 150  # nested parentheses, subqueries and operators, well inside Python's own limit


class Stream:
    """A cursor over tokens. ``kind``, ``value`` and ``at`` describe the token under it."""

    __slots__ = ("at", "depth", "in_targets", "index", "kind", "text", "tokens", "value")

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokenize(text)
        self.depth = 0
        self.in_targets = False  # an output of SELECT or RETURNING is being read, not inside it
        self.index = 0
        self.kind, self.value, self.at, _ = self.tokens[0]

    def advance(self) -> None:
        self.index += 1
        self.kind, self.value, self.at, _ = self.tokens[self.index]

    def go_back(self, index: int) -> None:
        self.index = index
        self.kind, self.value, self.at, _ = self.tokens[index]

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise Limit(
                "stack depth limit exceeded",
                "statement_too_complex",
                hint="Nest the statement less deeply.",
            )

    def peek(self, ahead: int = 1) -> str:
        """Return the value of an unquoted word or mark further on, '' for any other token."""
        at = self.index + ahead
        if at >= len(self.tokens):
            return ""
        kind, value, _, _ = self.tokens[at]
        return value if kind == "word" or kind == "op" else ""

    def is_word(self, *words: str) -> bool:
        return self.kind == "word" and self.value in words

    def is_op(self, op: str) -> bool:
        return self.kind == "op" and self.value == op

    def accept(self, *words: str) -> bool:
        """Step over these words if they come next, all of them."""
        if self.kind != "word" or self.value != words[0]:
            return False
        for ahead in range(1, len(words)):
            kind, value, _, _ = self.tokens[min(self.index + ahead, len(self.tokens) - 1)]
            if kind != "word" or value != words[ahead]:
                return False
        for _ in words:
            self.advance()
        return True

    def accept_op(self, op: str) -> bool:
        if self.kind == "op" and self.value == op:
            self.advance()
            return True
        return False

    def expect(self, *words: str) -> None:
        for word in words:
            if self.kind != "word" or self.value != word:
                raise self.unexpected()
            self.advance()

    def expect_op(self, op: str) -> None:
        if self.kind != "op" or self.value != op:
            raise self.unexpected()
        self.advance()

    def unexpected(self) -> InvalidStatement:
        """Return PostgreSQL's error for the token under the cursor."""
        if self.kind == "end":
            return InvalidStatement("syntax error at end of input", position=self.at + 1)
        _, _, start, end = self.tokens[self.index]
        return InvalidStatement(
            f'syntax error at or near "{self.text[start:end]}"', position=start + 1
        )

    def unsupported(self, what: str, at: int | None = None, hint: str | None = None) -> Unsupported:
        from fivefold.languages.sql import instead

        position = (self.at if at is None else at) + 1
        hint = hint or instead.hint(what)
        return Unsupported(f"{what} is not supported", hint=hint, position=position)

    def previous_end(self) -> int:
        """Return the offset after the last token stepped over."""
        return self.tokens[self.index - 1][3]

    # -- names -------------------------------------------------------------------------------

    def is_name(self) -> bool:
        """Say whether the token may be a column's or table's name."""
        return self.kind == "name" or (self.kind == "word" and self.value not in NOT_NAMES)

    def name(self) -> str:
        if not self.is_name():
            raise self.unexpected()
        value = self.value
        self.advance()
        return value

    def label(self) -> str:
        """Any word at all: after AS, or after a dot."""
        if self.kind != "word" and self.kind != "name":
            raise self.unexpected()
        value = self.value
        self.advance()
        return value

    def is_bare_label(self) -> bool:
        return self.kind == "name" or (self.kind == "word" and self.value not in NEEDS_AS)

    def is_function_name(self) -> bool:
        return self.kind == "name" or (self.kind == "word" and self.value not in NOT_FUNCTIONS)

    def is_type_name(self) -> bool:
        return self.kind == "name" or (self.kind == "word" and self.value not in RESERVED)

    def qualified(self) -> tuple[str, ...]:
        """Return a dotted name of up to three parts."""
        parts = [self.name()]
        while self.accept_op("."):
            parts.append(self.label())
        return tuple(parts)

    def names(self) -> tuple[tuple[str, int], ...]:
        """Return ``(name, …)`` with where each stands."""
        self.expect_op("(")
        found = [(self.at, self.name())]
        while self.accept_op(","):
            found.append((self.at, self.name()))
        self.expect_op(")")
        return tuple((name, at) for at, name in found)

    def string(self) -> str:
        if self.kind != "string":
            raise self.unexpected()
        value = self.value
        self.advance()
        return value

    def signed_integer(self) -> int:
        negative = self.accept_op("-")
        if not negative:
            self.accept_op("+")
        if self.kind not in ("int",):
            raise self.unexpected()
        value = int(self.value)
        self.advance()
        return -value if negative else value
