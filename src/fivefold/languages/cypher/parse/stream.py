"""A cursor over the tokens of one text, and the questions that a descending parser asks."""

from __future__ import annotations

from fivefold.errors import FivefoldError, Limit, Unsupported
from fivefold.languages.cypher.parse import tokens
from fivefold.languages.cypher.tree import PatternPredicate
from fivefold.values.graph.faults import fault

DEPTH_MAX = 120
"""Nested expressions and subqueries: some five frames each, well inside Python's own limit."""

_OPENING = {"(": ")", "[": "]", "{": "}"}
_CLOSING = frozenset(_OPENING.values())
_UNENDED = {
    "`": "Failed to parse a quoted name: it must end with another backtick",
    "/": "Failed to parse a comment: a comment begun with /* must end with */",
}
_UNENDED_STRING = (
    "Failed to parse string literal. The query must contain an even number of non-escaped quotes."
)


class Stream:
    """The tokens of a text and a place among them; ``mark`` is the mark of the token there."""

    __slots__ = (
        "depth",
        "ends",
        "index",
        "loose",
        "mark",
        "marks",
        "names",
        "no_patterns",
        "partners",
        "separators",
        "starts",
        "text",
    )

    def __init__(self, text: str) -> None:
        self.text = text
        self.marks, self.names, self.starts, self.ends = tokens.tokenize(text)
        self.index = 0
        self.mark = self.marks[0]
        self.depth = 0
        self.separators: set[int] = set()
        """Bars that end a condition, and are no "or" of the labels before them."""
        self.loose: list[PatternPredicate] = []
        """Patterns met as expressions that nothing has taken for a condition."""
        self.no_patterns: set[int] = set()
        """Where a parenthesis looked like a pattern's first node but was none."""
        self.partners: dict[int, int] | None = None

    @property
    def at(self) -> int:
        """Return where the token begins."""
        return self.starts[self.index]

    def advance(self) -> None:
        self.index += 1
        self.mark = self.marks[self.index]

    def go_to(self, index: int) -> None:
        self.index = index
        self.mark = self.marks[index]

    def peek(self, ahead: int = 1) -> str:
        """Return the mark of a token further on."""
        place = self.index + ahead
        return self.marks[place] if place < len(self.marks) else tokens.END

    def accept(self, *marks: str) -> bool:
        """Step over these marks if they come next, all of them."""
        if self.mark != marks[0]:
            return False
        count = len(marks)
        if count > 1 and self.marks[self.index : self.index + count] != [*marks]:
            return False
        self.go_to(self.index + count)
        return True

    def expect(self, *marks: str) -> None:
        for mark in marks:
            if self.mark != mark:
                raise self.unexpected(_shown(mark))
            self.index += 1
            self.mark = self.marks[self.index]

    def name(self, what: str = "an identifier") -> str:
        """Return the name here, a keyword too, and step over it."""
        name = self.names[self.index]
        if name is None or self.mark == tokens.PARAMETER:
            raise self.unexpected(what)
        self.index += 1
        self.mark = self.marks[self.index]
        return name

    def is_name(self, ahead: int = 0) -> bool:
        place = self.index + ahead
        return (
            place < len(self.marks)
            and self.names[place] is not None
            and self.marks[place] != tokens.PARAMETER
        )

    def dotted(self, what: str) -> str:
        """Return a name with its namespace."""
        name = self.name(what)
        while self.accept("."):
            name += "." + self.name(what)
        return name

    def written(self, first: int) -> str:
        """Return the text from a token to the one last stepped over."""
        return self.text[self.starts[first] : self.ends[self.index - 1]]

    def partner(self, index: int) -> int | None:
        """Return where the bracket that opens at a token is closed."""
        if self.partners is None:
            self.partners = _partners(self.marks)
        return self.partners.get(index)

    def separate(self, opening: int, *, last: bool = True) -> None:
        """Note the bar that divides what stands between the bracket at a token and its partner."""
        closing = self.partner(opening)
        if closing is None:
            return
        place, found = opening + 1, None
        while place < closing:
            if self.marks[place] == "|":
                found = place
                if not last:
                    break
            place = (self.partner(place) or place) + 1
        if found is not None:
            self.separators.add(found)

    def deeper(self, by: int = 1) -> None:
        self.depth += by
        if self.depth > DEPTH_MAX:
            raise Limit(
                "The query is nested too deeply",
                "statement_too_complex",
                hint="Nest it less deeply.",
                position=self.at + 1,
            )

    def unexpected(self, *expected: str) -> FivefoldError:
        """Return the fault that the token here is not what it should be."""
        mark, at = self.mark, self.at
        found = self.text[at : self.ends[self.index]]
        if mark == tokens.OPEN:
            return fault("UnexpectedSyntax", _UNENDED.get(found[0], _UNENDED_STRING), at=at)
        detail = "UnexpectedSyntax"
        if mark in (tokens.DASH, tokens.BAD, tokens.LEFT_HEAD, tokens.RIGHT_HEAD):
            detail = detail if found.isascii() else "InvalidUnicodeCharacter"
        message = f"Invalid input '{found}'"
        if expected:
            *others, last = expected
            message += (
                f": expected {', '.join(others)} or {last}" if others else f": expected {last}"
            )
        return fault(detail, message, at=at)

    def unsupported(self, what: str, hint: str, at: int | None = None) -> Unsupported:
        position = (self.at if at is None else at) + 1
        return Unsupported(f"{what} is not supported", hint=hint, position=position)


def _shown(mark: str) -> str:
    """Return a mark as a message tells what was expected."""
    return mark if mark.isalpha() else f"'{mark}'"


def _partners(marks: list[str]) -> dict[int, int]:
    """Return where each bracket that is closed by one of its own kind is closed."""
    partners: dict[int, int] = {}
    opened: list[int] = []
    for place, mark in enumerate(marks):
        if mark in _OPENING:
            opened.append(place)
        elif mark in _CLOSING and opened and _OPENING[marks[opened[-1]]] == mark:
            partners[opened.pop()] = place
    return partners
