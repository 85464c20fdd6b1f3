"""Rows as cqlsh shows them."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from fivefold.api.cql.client import Page

_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}

NULL = "null"


def escaped(text: str) -> str:
    """Return a text with its control characters as they are written in programs."""
    return _CONTROLS.sub(
        lambda found: _ESCAPES.get(found[0], f"\\x{ord(found[0]):02x}"), text.replace("\\", "\\\\")
    )


class Output:
    """Standard output: tables, or a line for each column if ``expanded``."""

    def __init__(self) -> None:
        self.console = Console(highlight=False)
        self.expanded = False

    def show(self, page: Page) -> None:
        """Print rows and how many they are."""
        names = [escaped(name) for name in page.names]
        rows = [[NULL if text is None else escaped(text) for text in row] for row in page.rows]
        self.say("")
        if self.expanded:
            self._expanded(names, rows)
        else:
            self._table(names, rows)
        self.say(f"\n({len(rows)} rows)")

    def say(self, text: str, style: str = "") -> None:
        """Print a line."""
        self.console.print(Text(text, style), soft_wrap=True)

    def flush(self) -> None:
        """Have what was printed stand before what standard error says next."""
        sys.stdout.flush()

    def _table(self, names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        widths = [
            max(cell_len(text) for text in column) for column in zip(names, *rows, strict=True)
        ]
        header = " | ".join([_left(*each) for each in zip(names, widths, strict=True)])
        self.say(f" {header}".rstrip(), "bold")
        self.say("+".join(["-" * (width + 2) for width in widths]))
        for row in rows:
            self.say(" " + " | ".join([_right(*each) for each in zip(row, widths, strict=True)]))

    def _expanded(self, names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        width = max(map(cell_len, names))
        for number, row in enumerate(rows, 1):
            self.say(f"@ Row {number}")
            self.say("-" * (width + 1) + "+" + "-" * (width + 1))
            for name, text in zip(names, row, strict=True):
                self.say(f" {_left(name, width)} | {text}")
            self.say("")


def _left(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text))


def _right(text: str, width: int) -> str:
    return " " * (width - cell_len(text)) + text
