"""COPY's text format: lines to records of fields, and back.

Source: PostgreSQL manual, "COPY", section "File Formats".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from fivefold.languages.sql.commands import CopyOptions
from fivefold.serve.postgres.copy.faults import check_length, not_utf8

_ESCAPES = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|x[0-9A-Fa-f]{1,2}|.?)", re.DOTALL)
_TO_ESCAPE = str.maketrans(
    {"\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}
)


class TextRecords:
    """Cuts the text format into records. ``plain``: the last batch held no backslash.

    ``before`` counts the lines of earlier batches, escaped line ends not among them.
    """

    def __init__(self, options: CopyOptions) -> None:
        self._delimiter = options.delimiter
        self._rest = b""
        self._ended = False
        self._count = 0  # records in the last batch
        self.before = 0
        self.plain = True

    def split(self, data: bytes, last: bool) -> list[Sequence[str]]:
        """Return the records that are whole; the last one need not end its line."""
        self.before += self._count
        records = self._split(data, last)
        self._count = len(records)
        return records

    def place(self, record: Sequence[str], index: int) -> tuple[int, str]:
        """Return the number and the text of the line of a record of the last batch."""
        return self.before + index + 1, self._delimiter.join(record)

    def _split(self, data: bytes, last: bool) -> list[Sequence[str]]:
        data = self._rest + data
        self._rest = b""
        if self._ended or not data:
            return []
        if last:
            if data.endswith(b"\n") and not _is_escaped(data[:-1]):
                data = data[:-1]
        else:
            data, end, self._rest = data.rpartition(b"\n")
            while data.endswith(b"\\") and _is_escaped(data):  # the line's end is data
                data, end, more = data.rpartition(b"\n")
                self._rest = more + b"\n" + self._rest
            check_length(self._rest)
            if not end:
                return []
        text = data.decode()
        self.plain = "\\" not in text
        if "\r" in text:
            text = text.replace("\r\n", "\n").removesuffix("\r").replace("\r", "\n")
        if self.plain:
            return [line.split(self._delimiter) for line in text.split("\n")]
        return self._split_escaped(text)

    def _split_escaped(self, text: str) -> list[Sequence[str]]:
        records: list[Sequence[str]] = []
        held = ""
        for line in text.split("\n"):
            if line == "\\." and not held:
                self._ended = True
                break
            line = held + line
            held = ""
            if line.endswith("\\") and _is_escaped(line.encode()):
                held = line + "\n"
                continue
            records.append(self._fields(line))
        if held:
            records.append(self._fields(held.removesuffix("\n")))
        return records

    def _fields(self, line: str) -> list[str]:
        fields = line.split(self._delimiter)
        if "\\" + self._delimiter in line:
            fields = _joined(fields, self._delimiter)
        return fields


def _is_escaped(data: bytes) -> bool:
    """Say whether what follows is escaped: the data end in an odd number of backslashes."""
    return (len(data) - len(data.rstrip(b"\\"))) % 2 == 1


def _joined(fields: list[str], delimiter: str) -> list[str]:
    """Put fields together again where their delimiter was escaped."""
    joined: list[str] = []
    held = ""
    for field in fields:
        field = held + field
        held = ""
        if (len(field) - len(field.rstrip("\\"))) % 2:
            held = field + delimiter
        else:
            joined.append(field)
    if held:
        joined.append(held[: -len(delimiter)])
    return joined


def unescaped(text: str) -> str:
    # By bytes: \\303\\251 is one letter.
    data = _ESCAPED.sub(_unescape, text.encode())
    if b"\0" in data:
        raise not_utf8(b"\0")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise not_utf8(error.object[error.start : error.end]) from None


def _unescape(found: re.Match[bytes]) -> bytes:
    what = found[1]
    if what in _ESCAPES:
        return _ESCAPES[what]
    if what[:1] == b"x" and len(what) > 1:
        return bytes((int(what[1:], 16),))
    if what and what[:1] in b"01234567":
        return bytes((int(what, 8) & 0xFF,))
    return what


def text_writer(options: CopyOptions, show: Callable[[Any], str]) -> Callable[[Any], str]:
    """Return what writes a value that is not null."""
    delimiter = options.delimiter
    table = dict(_TO_ESCAPE)
    if delimiter != "\t":
        table[ord(delimiter)] = "\\" + delimiter
    return lambda value: show(value).translate(table)
