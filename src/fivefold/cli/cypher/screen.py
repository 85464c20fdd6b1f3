"""Records, and what else came of a query, as cypher-shell shows them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from rich.box import ASCII2
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from fivefold.api.graph import Result, as_text
from fivefold.cli.sql.screen import ROWS_SHOWN_MAX

_DONE = (
    ("nodes_created", "created {} node"),
    ("relationships_created", "created {} relationship"),
    ("nodes_deleted", "deleted {} node"),
    ("relationships_deleted", "deleted {} relationship"),
    ("properties_set", "set {} propert"),
    ("labels_added", "added {} label"),
    ("labels_removed", "removed {} label"),
    ("indexes_added", "added {} index"),
    ("indexes_removed", "removed {} index"),
    ("constraints_added", "added {} constraint"),
    ("constraints_removed", "removed {} constraint"),
    ("system_updates", "made {} system update"),
)
_ENDINGS = {"propert": ("y", "ies"), "index": ("", "es")}


def counted(number: int, phrase: str) -> str:
    """Return a phrase with its number and its last word in the plural: ``set 2 properties``."""
    endings = _ENDINGS.get(phrase.rpartition(" ")[2], ("", "s"))
    return phrase.format(f"{number:,}") + endings[number != 1]


def what_was_done(statistics: object) -> str:
    """Return a sentence of what was changed, empty if nothing was."""
    done = [counted(n, phrase) for name, phrase in _DONE if (n := getattr(statistics, name))]
    sentence = ", ".join(done)
    return sentence[:1].upper() + sentence[1:]


class Output:
    """Standard output: tables for people on a terminal, rows by comma for programs in a pipe."""

    def __init__(self) -> None:
        self.console = Console(highlight=False)

    def show(self, result: Result) -> None:
        """Print records and the plan; on a terminal what was done and is to be known too."""
        names = result.keys()
        is_explained = result.plan is not None
        if not self.console.is_terminal:
            if names and not is_explained:
                _write_plain(names, result)
        elif not is_explained:
            self._show_table(names, result)
        if (plan := result.plan or result.profile) is not None:
            self._show_plan(plan)
        for one in result.notifications:
            note = Text.assemble((f"{one.severity}:", "bold yellow"), f" {one.title}")
            Console(stderr=True, highlight=False, soft_wrap=True).print(note)

    def say(self, text: str, style: str = "") -> None:
        """Print a line."""
        self.console.print(Text(text, style), soft_wrap=True)

    def table(self, names: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Print texts under their names."""
        columns = [Column(Text(name), overflow="fold") for name in names]
        table = Table(*columns, box=ASCII2, header_style="bold")
        for row in rows:
            table.add_row(*map(Text, row))
        self.console.print(table)

    def flush(self) -> None:
        """Have what was printed stand before what standard error says next."""
        sys.stdout.flush()

    def _show_table(self, names: Sequence[str], result: Result) -> None:
        remaining = iter(result)
        shown = [[*map(as_text, record)] for record in islice(remaining, ROWS_SHOWN_MAX)]
        hidden = sum(1 for _ in remaining)
        if shown:
            self.table(names, shown)
        note = counted(len(shown) + hidden, "{} row")
        if hidden:
            note += f"; the first {ROWS_SHOWN_MAX:,} are shown; a pipe gets them all"
        done = what_was_done(result.statistics)
        self.say("\n".join(filter(None, (note if names else "", done))) or "Nothing changed", "dim")

    def _show_plan(self, plan: Mapping[str, Any]) -> None:
        self.say(plan["args"]["string-representation"].rstrip())


def _write_plain(names: Sequence[str], result: Result) -> None:
    sys.stdout.write(", ".join(names) + "\n")
    sys.stdout.writelines(", ".join(map(as_text, record)) + "\n" for record in result)
