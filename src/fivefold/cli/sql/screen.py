"""Rows on a terminal: a table if it fits, else one row below the other; and in a pipe."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import IO

from rich.box import Box
from rich.console import Console, Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from fivefold.cli.sql.cells import copied, is_number, text

Row = Sequence[object]

ROWS_SHOWN_MAX = 1_000
"""Rows shown on a terminal: more than anybody reads. A pipe gets them all."""

LINES = Box("    \n  │ \n ─┼ \n  │ \n ─┼ \n ─┼ \n  │ \n    \n")
"""Lines between the columns and below the header, none around."""


def show(console: Console, names: Sequence[str], rows: Iterable[Row]) -> None:
    """Print rows under their names, and how many they are."""
    remaining = iter(rows)
    shown = list(islice(remaining, ROWS_SHOWN_MAX))
    hidden = sum(1 for _ in remaining)
    console.print(layout(console.width, names, shown))
    total = len(shown) + hidden
    note = f"({total:,} row{'s' if total != 1 else ''})"
    if hidden:
        note += f" the first {ROWS_SHOWN_MAX:,} are shown; a pipe gets them all"
    console.print(Text(note, "dim"))


def layout(width: int, names: Sequence[str], rows: Sequence[Row]) -> RenderableType:
    """Return rows as a table, or as records where a table is wider than ``width`` cells."""
    table = _table(names, rows)
    if len(names) > 1 and _natural_width(names, rows) > width:
        return _records(names, rows)
    return table


def _table(names: Sequence[str], rows: Sequence[Row]) -> Table:
    columns = [
        Column(
            Text(name),
            justify="right" if _is_numeric(rows, place) else "left",
            overflow="fold",
        )
        for place, name in enumerate(names)
    ]
    table = Table(*columns, box=LINES, show_edge=False, header_style="bold", pad_edge=True)
    for row in rows:
        table.add_row(*map(_cell, row))
    return table


def _natural_width(names: Sequence[str], rows: Sequence[Row]) -> int:
    """Return the cells that a table of these rows takes: columns, padding, lines."""
    return sum(
        max([Text(name).cell_len, *(_widest_line(row[place]) for row in rows)]) + 3
        for place, name in enumerate(names)
    )


def _widest_line(value: object) -> int:
    return max((Text(line).cell_len for line in _cell(value).plain.split("\n")), default=0)


def _is_numeric(rows: Sequence[Row], place: int) -> bool:
    values = [row[place] for row in rows if row[place] is not None]
    return bool(values) and all(map(is_number, values))


def _cell(value: object) -> Text:
    return Text("NULL", "dim italic") if value is None else Text(text(value))


def _records(names: Sequence[str], rows: Sequence[Row]) -> Group:
    """Return each row as lines of name and value, under its number."""
    parts: list[RenderableType] = []
    name_width = max(Text(name).cell_len for name in names)
    for number, row in enumerate(rows, 1):
        parts.append(Text(f"─[ {number} ]".ljust(name_width + 2, "─"), "dim"))
        record = Table.grid(padding=(0, 1))
        record.add_column(width=name_width, style="bold", no_wrap=True)
        record.add_column(style="dim", width=1)
        record.add_column(overflow="fold")
        for name, value in zip(names, row, strict=True):
            record.add_row(Text(name), "│", _cell(value))
        parts.append(record)
    return Group(*parts)


def write_plain(output: IO[str], names: Sequence[str], rows: Iterable[Row]) -> None:
    """Write a header and rows for programs: tabs between, ``\\N`` for NULL, as COPY does."""
    output.write("\t".join(map(copied, names)) + "\n")
    output.writelines("\t".join(map(copied, row)) + "\n" for row in rows)
