"""COPY's data: lines to rows and rows to lines, in the text and CSV formats.

Input is converted column by column: values repeat (a carrier, a date, a small number), so each
column has a ``Memo`` that knows the stored form of texts seen before. That makes the conversion
of a field a look-up of some 30 ns instead of a call.

Source: PostgreSQL manual, "COPY", section "File Formats".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from fivefold.engine.plans import Plan
from fivefold.engine.session import StalePlan
from fivefold.engine.settings import Settings
from fivefold.engine.sql import SqlSession
from fivefold.errors import Conflict, InvalidValue
from fivefold.languages.sql.commands import CopyIn, CopyOptions, Format
from fivefold.plan.statement import Output
from fivefold.stores.contract import Connection
from fivefold.values.text import as_is, output, parser
from fivefold.values.types import Row, Stored

CHUNK_BYTES = 1 << 19  # input gathered before it is worth a turn on a worker thread
MEMO_ENTRIES_MAX = 20_000  # of one column; a column with more distinct values is converted anew
RECORD_BYTES_MAX = 1 << 28  # one line; what may be a missing quote must not fill the memory

_ESCAPES = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|x[0-9A-Fa-f]{1,2}|.?)", re.DOTALL)
_TO_ESCAPE = str.maketrans(
    {"\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}
)


class Memo(dict[str, Stored]):
    """The stored forms of one column's texts; it asks ``convert`` about a new one."""

    def __init__(self, convert: Callable[[str], Stored]) -> None:
        super().__init__()
        self._convert = convert

    def __missing__(self, text: str) -> Stored:
        value = self._convert(text)
        if len(self) < MEMO_ENTRIES_MAX:
            self[text] = value
        return value


class Quoted(str):
    """A field of CSV that reads as null does but stood in quotes, so that it is none.

    It equals no plain text, so that a ``Memo`` and ``in`` tell them apart.
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return type(other) is Quoted and str.__eq__(self, other)

    def __hash__(self) -> int:
        return ~str.__hash__(self)


class CopyInput:
    """Takes the data of one COPY FROM and inserts its rows."""

    def __init__(self, sql: SqlSession, plan: Plan) -> None:
        assert isinstance(plan.command, CopyIn)
        self._sql = sql
        self._plan = plan
        self._names = plan.command.columns
        self._options = options = plan.command.options
        types = plan.command.statement.parameters
        self._parsers = [parser(type_, sql.settings.zone) for type_ in types]
        self._memos = [Memo(self._converter(number)) for number in range(len(self._parsers))]
        self._records = (
            _CsvRecords(options) if options.format is Format.CSV else _TextRecords(options)
        )
        self._header = bool(options.header)
        self._parts: list[bytes] = []
        self._parts_bytes = 0
        self.rows = 0

    def take(self, data: bytes) -> bool:
        """Keep some input; say whether there is enough for ``work``."""
        self._parts.append(data)
        self._parts_bytes += len(data)
        return self._parts_bytes >= CHUNK_BYTES

    def work(self, last: bool) -> None:
        """Insert the rows that have come. Raises FivefoldError."""
        data = b"".join(self._parts)
        self._parts.clear()
        self._parts_bytes = 0
        if b"\0" in data:
            raise _not_utf8(b"\0")
        try:
            records = self._records.split(data, last)
        except UnicodeDecodeError as error:
            raise _not_utf8(error.object[error.start : error.end]) from None
        if records and self._header:
            self._header = False
            self._check_header(records.pop(0))
        if records:
            self._insert(records)

    def _check_header(self, names: Sequence[str]) -> None:
        wanted = self._names
        if self._options.header_match and tuple(names) != wanted:
            raise InvalidValue(
                f"column names in header line ({', '.join(names)}) do not match the columns "
                f"of COPY ({', '.join(wanted)})",
                "bad_copy_format",
            )

    def _insert(self, records: list[Sequence[str]]) -> None:
        try:
            columns = list(zip(*records, strict=True))
        except ValueError:
            columns = []
        if len(columns) != len(self._memos):
            self._insert_to_the_wrong_one(records)
            return
        plain, null = self._records.plain, self._options.null
        converted: list[Iterable[Stored]] = []
        for number, column in enumerate(columns):
            if (
                plain
                and self._parsers[number] is as_is
                and null not in column
                and Quoted(null) not in column
            ):
                converted.append(column)
            else:
                converted.append(map(self._memos[number].__getitem__, column))
        insert = self._plan.prepared[0]
        rows = zip(*converted, strict=True)

        def work(connection: Connection) -> int:
            self._sql.use(connection)
            return connection.run_many(insert, rows)

        try:
            limited = self._sql.limited(work)
            self._sql.session.perform(limited, write=True, version=self._plan.version)
        except StalePlan:
            raise Conflict(
                "the schema was changed while the data of a COPY came",
                "serialization_failure",
                hint="Send it again.",
            ) from None
        self.rows += len(records)

    def _insert_to_the_wrong_one(self, records: list[Sequence[str]]) -> None:
        """Raise what is wrong first: with a row before, a field, or the number of fields."""
        wanted = len(self._memos)
        at = next(at for at, record in enumerate(records) if len(record) != wanted)
        if at:
            self._insert(records[:at])
        record = records[at]
        if len(record) > wanted:
            raise InvalidValue("extra data after last expected column", "bad_copy_format")
        for memo, text in zip(self._memos, record, strict=False):
            memo[text]
        missing = self._names[len(record)]
        raise InvalidValue(f'missing data for column "{missing}"', "bad_copy_format")

    def _converter(self, number: int) -> Callable[[str], Stored]:
        parse, null = self._parsers[number], self._options.null
        if self._options.format is Format.CSV:
            name = self._names[number]
            never_null = _names(self._options.force_not_null, name)
            null_in_quotes = _names(self._options.force_null, name)

            def convert_csv(text: str) -> Stored:
                plain = str(text)
                if plain == null and not never_null and (null_in_quotes or type(text) is str):
                    return None
                return parse(plain)

            return convert_csv

        def convert(text: str) -> Stored:
            if text == null:
                return None
            if "\\" in text:
                text = _unescaped(text)
            return parse(text)

        return convert


def _names(chosen: Sequence[str], name: str) -> bool:
    """Say whether an option that takes columns, or ``*`` for all, names this one."""
    return name in chosen or "*" in chosen


def _unescaped(text: str) -> str:
    # By bytes: \\303\\251 is one letter.
    data = _ESCAPED.sub(_unescape, text.encode())
    if b"\0" in data:
        raise _not_utf8(b"\0")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise _not_utf8(error.object[error.start : error.end]) from None


def _unescape(found: re.Match[bytes]) -> bytes:
    what = found[1]
    if what in _ESCAPES:
        return _ESCAPES[what]
    if what[:1] == b"x" and len(what) > 1:
        return bytes((int(what[1:], 16),))
    if what and what[:1] in b"01234567":
        return bytes((int(what, 8) & 0xFF,))
    return what


def _not_utf8(wrong: bytes) -> InvalidValue:
    shown = " ".join(f"0x{byte:02x}" for byte in wrong)
    return InvalidValue(
        f'invalid byte sequence for encoding "UTF8": {shown}', "character_not_in_repertoire"
    )


class _TextRecords:
    """Cuts the text format into records. ``plain``: the last batch held no backslash."""

    def __init__(self, options: CopyOptions) -> None:
        self._delimiter = options.delimiter
        self._rest = b""
        self._ended = False
        self.plain = True

    def split(self, data: bytes, last: bool) -> list[Sequence[str]]:
        """Return the records that are whole; the last one need not end its line."""
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
            _check_length(self._rest)
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


def _check_length(rest: bytes) -> None:
    if len(rest) > RECORD_BYTES_MAX:
        raise InvalidValue(
            f"a line of COPY data is longer than {RECORD_BYTES_MAX} bytes", "bad_copy_format"
        )


class _CsvRecords:
    """Cuts CSV into records. Nulls that stood in quotes are ``Quoted``."""

    plain = True

    def __init__(self, options: CopyOptions) -> None:
        self._delimiter = options.delimiter
        self._quote = options.quote
        self._escape = options.escape
        self._null = options.null
        self._rest = b""
        self._ended = False

    def split(self, data: bytes, last: bool) -> list[Sequence[str]]:
        """Return the records that are whole; the last one need not end its line."""
        data = self._rest + data
        self._rest = b""
        if self._ended or not data:
            return []
        if not last:
            data, end, self._rest = data.rpartition(b"\n")
            _check_length(self._rest)
            if not end:
                return []
        text = data.decode().removesuffix("\n")
        if self._quote not in text:
            lines = text.replace("\r\n", "\n").removesuffix("\r").split("\n")
            if "\\." in lines:
                self._ended = True
                lines = lines[: lines.index("\\.")]
            return [line.split(self._delimiter) for line in lines]
        return self._split_quoted(text, last)

    def _split_quoted(self, text: str, last: bool) -> list[Sequence[str]]:
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
                held = []
        if held:
            if last:
                raise InvalidValue("unterminated CSV quoted field", "bad_copy_format")
            self._rest = "\n".join(held).encode() + b"\n" + self._rest
            _check_length(self._rest)
        return records

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


class OutputLines:
    """Writes rows as lines of COPY TO."""

    def __init__(self, outputs: Sequence[Output], options: CopyOptions, settings: Settings) -> None:
        self._options = options
        self._names = [each.name for each in outputs]
        escape = settings.values["bytea_output"] == "escape"
        shows = [output(e.type, zone=settings.zone, bytea_escape=escape) for e in outputs]
        if options.format is Format.CSV:
            forced = options.force_quote
            self._writers: list[Callable[[Any], str]] = [
                self._csv_writer(show, _names(forced, each.name))
                for show, each in zip(shows, outputs, strict=True)
            ]
        else:
            self._writers = [self._text_writer(show) for show in shows]

    def header(self) -> list[bytes]:
        """Return the header line, if one is wanted."""
        if not self._options.header:
            return []
        write = self._csv_writer(str, False)
        if self._options.format is not Format.CSV:
            write = self._text_writer(str)
        return [self._options.delimiter.join(map(write, self._names)).encode() + b"\n"]

    def row(self, row: Row) -> bytes:
        """Return one line."""
        null = self._options.null
        fields = [
            null if value is None else write(value)
            for write, value in zip(self._writers, row, strict=True)
        ]
        return (self._options.delimiter.join(fields) + "\n").encode()

    def _text_writer(self, show: Callable[[Any], str]) -> Callable[[Any], str]:
        delimiter = self._options.delimiter
        table = dict(_TO_ESCAPE)
        if delimiter != "\t":
            table[ord(delimiter)] = "\\" + delimiter
        return lambda value: show(value).translate(table)

    def _csv_writer(self, show: Callable[[Any], str], forced: bool) -> Callable[[Any], str]:
        options = self._options
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
