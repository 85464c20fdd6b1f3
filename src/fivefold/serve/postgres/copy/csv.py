"""COPY's CSV format: lines to records of fields, and back.

Source: PostgreSQL manual, "COPY", section "File Formats".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from fivefold.errors import InvalidValue
from fivefold.languages.sql.commands import CopyOptions
from fivefold.serve.postgres.copy.faults import bad_format, check_length, clipped


class Quoted(str):
    """A field of CSV that reads as null does but stood in quotes, so that it is none.

    It equals no plain text, so that a ``Memo`` and ``in`` tell them apart.
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return type(other) is Quoted and str.__eq__(self, other)

    def __hash__(self) -> int:
        return ~str.__hash__(self)


class CsvRecords:
    """Cuts CSV into records. Nulls that stood in quotes are ``Quoted``.

    ``before`` counts the lines of earlier batches, those inside of quotes too. PostgreSQL does not
    count those of the very first record, for it learns from its end what ends a line.
    """

    plain = True

    def __init__(self, options: CopyOptions) -> None:
        self._delimiter = options.delimiter
        self._quote = options.quote
        self._escape = options.escape
        self._null = options.null
        self._rest = b""
        self._ended = False
        self._text = ""  # the last batch
        self._lines = 0  # in it
        self._uncounted: int | None = None
        self.before = 0

    def split(self, data: bytes, last: bool) -> list[Sequence[str]]:
        """Return the records that are whole; the last one need not end its line."""
        data = self._rest + data
        self._rest = b""
        self.before += self._lines
        self._lines = 0
        if self._ended or not data:
            return []
        if not last:
            data, end, self._rest = data.rpartition(b"\n")
            check_length(self._rest)
            if not end:
                return []
        text = self._text = data.decode().removesuffix("\n")
        if self._quote not in text:
            lines = text.replace("\r\n", "\n").removesuffix("\r").split("\n")
            if "\\." in lines:
                self._ended = True
                lines = lines[: lines.index("\\.")]
            self._lines = len(lines)
            self._uncounted = self._uncounted or 0
            return [line.split(self._delimiter) for line in lines]
        return self._split_quoted(text, last, "\n" if data.endswith(b"\n") else "")

    def _split_quoted(self, text: str, last: bool, ended: str) -> list[Sequence[str]]:
        records: list[Sequence[str]] = []
        held: list[str] = []
        for line in text.split("\n"):
            if line == "\\." and not held:
                self._ended = True
                return records
            held.append(line)
            fields = self._fields("\n".join(held))
            if fields is not None:
                records.append(fields)
                self._lines += len(held)
                if self._uncounted is None:
                    self._uncounted = len(held) - 1
                    self.before -= self._uncounted
                held = []
        if held:
            if last:
                raise self._unterminated("\n".join(held) + ended)
            self._rest = "\n".join(held).encode() + b"\n" + self._rest
            check_length(self._rest)
        return records

    def _unterminated(self, line: str) -> InvalidValue:
        error = bad_format("unterminated CSV quoted field")
        number = self.before + self._lines + 1
        if self._uncounted is not None:
            number += line.count("\n")
        error.context = f'line {number}: "{clipped(line)}"'
        return error

    def place(self, record: Sequence[str], index: int) -> tuple[int, str]:
        """Return the number and the text of the line of a record of the last batch."""
        if self._quote not in self._text:
            return self.before + index + 1, self._delimiter.join(record)
        lines = self._text.split("\n")
        first = after = 0
        for _ in range(index + 1):
            first = after
            after += 1
            while self._fields("\n".join(lines[first:after])) is None:
                after += 1
        return self.before + after, "\n".join(lines[first:after]).removesuffix("\r")

    def _fields(self, line: str) -> list[str] | None:
        """Return the fields of a line, or None if it ends inside quotes."""
        if self._quote not in line:
            return line.removesuffix("\r").split(self._delimiter)
        quote, escape, delimiter = self._quote, self._escape, self._delimiter
        line = line.removesuffix("\r")
        fields: list[str] = []
        parts: list[str] = []
        quoted = inside = False
        at, start, size = 0, 0, len(line)
        while at < size:
            character = line[at]
            if inside:
                following = line[at + 1 : at + 2]
                if character == escape and following in (quote, escape) and following:
                    parts += (line[start:at], following)
                    at += 2
                    start = at
                    continue
                if character == quote:
                    parts.append(line[start:at])
                    start = at + 1
                    inside = False
            elif character == quote:
                parts.append(line[start:at])
                start = at + 1
                inside = quoted = True
            elif character == delimiter:
                parts.append(line[start:at])
                fields.append(self._field(parts, quoted))
                parts, quoted, start = [], False, at + 1
            at += 1
        if inside:
            return None
        parts.append(line[start:])
        fields.append(self._field(parts, quoted))
        return fields

    def _field(self, parts: list[str], quoted: bool) -> str:
        text = "".join(parts)
        return Quoted(text) if quoted and text == self._null else text


def csv_writer(
    options: CopyOptions, show: Callable[[Any], str], *, forced: bool = False
) -> Callable[[Any], str]:
    """Return what writes a value that is not null; ``forced`` puts all into quotes."""
    quote, escape, null = options.quote, options.escape, options.null
    special = re.compile("[" + re.escape(options.delimiter + quote + "\n\r") + "]")

    def write(value: Any) -> str:
        text = show(value)
        if not (forced or text == null or text == "\\." or special.search(text)):
            return text
        if escape != quote:
            text = text.replace(escape, escape + escape)
        return quote + text.replace(quote, escape + quote) + quote

    return write
