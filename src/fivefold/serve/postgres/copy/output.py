"""Rows as the lines of COPY TO."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fivefold.engine.settings import Settings
from fivefold.languages.sql.commands import CopyOptions, Format
from fivefold.plan.statement import Output
from fivefold.serve.postgres.copy.binary import BinaryRows
from fivefold.serve.postgres.copy.csv import csv_writer
from fivefold.serve.postgres.copy.input import names
from fivefold.serve.postgres.copy.text import text_writer
from fivefold.values.text import output
from fivefold.values.types import Row


class OutputLines:
    """Writes rows as lines of text or CSV."""

    def __init__(self, outputs: Sequence[Output], options: CopyOptions, settings: Settings) -> None:
        self._options = options
        self._names = [each.name for each in outputs]
        escape = settings.values["bytea_output"] == "escape"
        shows = [output(e.type, zone=settings.zone, bytea_escape=escape) for e in outputs]
        if options.format is Format.CSV:
            self._writers: list[Callable[[Any], str]] = [
                csv_writer(options, show, forced=names(options.force_quote, each.name))
                for show, each in zip(shows, outputs, strict=True)
            ]
        else:
            self._writers = [text_writer(options, show) for show in shows]

    def header(self) -> list[bytes]:
        """Return the header line, if one is wanted."""
        options = self._options
        if not options.header:
            return []
        writer = csv_writer if options.format is Format.CSV else text_writer
        write = writer(options, str)
        return [options.delimiter.join(map(write, self._names)).encode() + b"\n"]

    def row(self, row: Row) -> bytes:
        """Return one line."""
        null = self._options.null
        fields = [
            null if value is None else write(value)
            for write, value in zip(self._writers, row, strict=True)
        ]
        return (self._options.delimiter.join(fields) + "\n").encode()

    def end(self) -> list[bytes]:
        """Return what is sent after all rows: nothing."""
        return []


def rows_out(
    outputs: Sequence[Output], options: CopyOptions, settings: Settings
) -> OutputLines | BinaryRows:
    """Return what writes rows in the format that was asked for."""
    if options.format is Format.BINARY:
        return BinaryRows(outputs)
    return OutputLines(outputs, options, settings)
