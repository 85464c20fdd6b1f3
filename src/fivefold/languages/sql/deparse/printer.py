"""The text as it grows, with PostgreSQL's indentation."""

from __future__ import annotations

from collections.abc import Callable

from fivefold.languages.sql.bind.state import Context
from fivefold.languages.sql.deparse.names import Level
from fivefold.languages.sql.deparse.translate import Translator

STEP = 8
JOIN_STEP = 4
INNER_STEP = 4
INDENT_MAX = 40  # further in, a level takes less room


class Printer:
    """What one definition's printing knows. ``pretty`` leaves out parentheses that say nothing.

    ``flat`` keeps all on one line.
    """

    def __init__(self, context: Context, *, pretty: bool, flat: bool = False) -> None:
        self.context = context
        self.flat = flat
        self.pretty = pretty
        self.text = ""
        self.indent = 0
        self.level: Level | None = None

    @property
    def translator(self) -> Translator:
        """Return the translator of the query that is being printed."""
        return Translator(self.context, self.level)

    def write(self, text: str) -> None:
        self.text += text

    def keyword(self, text: str, before: int, after: int, plus: int) -> None:
        """Begin a line with ``text``; the indentation changes before and after it."""
        if self.flat:
            self.text += text if text == "CASE" else f" {text}"
            return
        self.indent += before
        self.text = self.text.rstrip(" ") + "\n"
        if self.indent < INDENT_MAX:
            amount = max(self.indent, 0) + plus
        else:
            over = (self.indent - INDENT_MAX) // (STEP // 2)
            amount = (INDENT_MAX + over) % INDENT_MAX + plus
        self.text += " " * amount + text
        self.indent = max(self.indent + after, 0)

    def apart(self, print_: Callable[[], None]) -> str:
        """Return what ``print_`` writes, without adding it."""
        kept, self.text = self.text, ""
        print_()
        written, self.text = self.text, kept
        return written
