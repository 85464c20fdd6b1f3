"""COPY's data on their way in: records to rows, and rows into the table.

Input is converted column by column: values repeat (a carrier, a date, a small number), so each
column has a ``Memo`` that knows the stored form of fields seen before. That makes the conversion
of a field a look-up of some 30 ns instead of a call.

Source: PostgreSQL manual, "COPY", section "File Formats".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import length_hint
from typing import Any

from fivefold.engine.plans import Plan
from fivefold.engine.session import StalePlan
from fivefold.engine.sql import SqlSession
from fivefold.errors import Conflict, FivefoldError, InvalidValue
from fivefold.languages.sql.commands import CopyIn, CopyOptions, Format
from fivefold.serve.postgres.copy.binary import BinaryRecords
from fivefold.serve.postgres.copy.csv import CsvRecords, Quoted
from fivefold.serve.postgres.copy.faults import bad_format, clipped, not_utf8
from fivefold.serve.postgres.copy.text import TextRecords, unescaped
from fivefold.stores.contract import Connection
from fivefold.values.text import as_is, parser
from fivefold.values.types import Stored, Type
from fivefold.wire.postgres.binary import binary_input

CHUNK_BYTES = 1 << 19  # input gathered before it is worth a turn on a worker thread
MEMO_ENTRIES_MAX = 20_000  # of one column; a column with more distinct values is converted anew

Record = Sequence[Any]  # fields: str of text and CSV, bytes or None of binary

_AT_THE_END = ("foreign_key_violation", "restrict_violation")
"""What PostgreSQL checks after the rows, so that it names no line; our stores may do so before."""


class Memo(dict[Any, Stored]):
    """The stored forms of one column's fields; it asks ``convert`` about a new one."""

    def __init__(self, convert: Callable[[Any], Stored]) -> None:
        super().__init__()
        self._convert = convert

    def __missing__(self, field: Any) -> Stored:
        value = self._convert(field)
        if len(self) < MEMO_ENTRIES_MAX:
            self[field] = value
        return value


class CopyInput:
    """Takes the data of one COPY FROM and inserts its rows."""

    def __init__(self, sql: SqlSession, plan: Plan) -> None:
        assert isinstance(plan.command, CopyIn)
        self._sql = sql
        self._plan = plan
        self._table = plan.command.table.name
        self._names = plan.command.columns
        self._options = options = plan.command.options
        types = plan.command.statement.parameters
        self._parsers = [parser(type_, sql.settings.zone, sql.now) for type_ in types]
        self._memos = [Memo(self._converter(number, each)) for number, each in enumerate(types)]
        self._records = _records(options, self._names)
        self._header = bool(options.header)
        self._skipped = 0  # records of the batch before those that are rows
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
        records = self._split(data, last)
        self._skipped = 0
        if last and not records and self._header:
            self._check_header([""])
        if records and self._header:
            self._header = False
            self._check_header(records[0])
            del records[0]
            self._skipped = 1
        if records:
            self._insert(records)

    def _split(self, data: bytes, last: bool) -> list[Record]:
        if self._options.format is not Format.BINARY and b"\0" in data:
            raise self._not_text(data, data.index(b"\0"), b"\0", self._records.before)
        try:
            return list(self._records.split(data, last))
        except UnicodeDecodeError as error:
            raise self._not_text(
                error.object,
                error.start,
                error.object[error.start : error.end],
                self._records.before,
            ) from None
        except InvalidValue as error:
            if error.context is not None:
                error.context = f"COPY {self._table}, {error.context}"
            raise

    def _not_text(self, data: bytes, at: int, wrong: bytes, before: int) -> InvalidValue:
        error = not_utf8(wrong)
        line = before + data.count(b"\n", 0, at) + 1
        error.context = f"COPY {self._table}, line {line}"
        return error

    def _check_header(self, fields: Record) -> None:
        if not self._options.header_match:
            return
        try:
            self._match_header(fields)
        except InvalidValue as error:
            error.context = self._context(fields, -1, whole=True)
            raise

    def _match_header(self, fields: Record) -> None:
        wanted = self._names
        if len(fields) != len(wanted):
            raise bad_format(
                f"wrong number of fields in header line: got {len(fields)}, expected {len(wanted)}"
            )
        for number, (field, name) in enumerate(zip(fields, wanted, strict=True), 1):
            text = unescaped(field) if self._options.format is Format.TEXT else str(field)
            if field == self._options.null:
                raise bad_format(
                    f"column name mismatch in header line field {number}: got null value "
                    f'("{self._options.null}"), expected "{name}"'
                )
            if text != name:
                raise bad_format(
                    f'column name mismatch in header line field {number}: got "{text}", '
                    f'expected "{name}"'
                )

    def _insert(self, records: list[Record]) -> None:
        try:
            columns = list(zip(*records, strict=True))
        except ValueError:
            columns = []
        if len(columns) != len(self._memos):
            self._insert_to_the_wrong_one(records)
            return
        plain, null = self._records.plain, self._options.null
        converted: list[Iterable[Stored]] = []
        first = iter(columns[0])  # how far it was read tells the row of an error
        for number, column in enumerate(columns):
            fields = column if number else first
            if (
                plain
                and self._parsers[number] is as_is
                and null not in column
                and Quoted(null) not in column
            ):
                converted.append(fields)
            else:
                converted.append(map(self._memos[number].__getitem__, fields))
        insert = self._plan.prepared[0]
        rows = zip(*converted, strict=True)

        def work(connection: Connection) -> int:
            self._sql.use(connection)
            count = connection.run_many(insert, rows)
            self._sql.check_constraints(connection, insert.statement.target)
            return count

        try:
            limited = self._sql.limited(work)
            session, version = self._sql.session, self._plan.version
            self.rows += session.perform(limited, write=True, version=version)
        except StalePlan:
            raise Conflict(
                "the schema was changed while the data of a COPY came",
                "serialization_failure",
                hint="Send it again.",
            ) from None
        except FivefoldError as error:
            index = len(records) - length_hint(first) - 1
            if error.context is None and error.code not in _AT_THE_END and index >= 0:
                self._place(error, records[index], index)
            raise

    def _place(self, error: FivefoldError, record: Record, index: int) -> None:
        """Say in an error's context which line it is about, and which column if it is one's."""
        for number, field in enumerate(record):
            try:
                self._memos[number][field]
            except FivefoldError:
                error.context = self._context(record, index, number)
                return
        error.context = self._context(record, index, whole=error.code != "unique_violation")

    def _context(
        self, record: Record, index: int, number: int | None = None, *, whole: bool = False
    ) -> str:
        line, text = self._records.place(record, index + self._skipped + (index < 0))
        context = f"COPY {self._table}, line {line}"
        if number is not None:
            context += f", column {self._names[number]}"
            field = record[number]
            if isinstance(field, str):
                if self._options.format is Format.TEXT and "\\" in field:
                    field = unescaped(field)
                context += f': "{clipped(field)}"'
        elif whole and text is not None:
            context += f': "{clipped(text)}"'
        return context

    def _insert_to_the_wrong_one(self, records: list[Record]) -> None:
        """Raise what is wrong first: with a row before, a field, or the number of fields."""
        wanted = len(self._memos)
        at = next((at for at, record in enumerate(records) if len(record) != wanted), 0)
        if at:
            self._insert(records[:at])
        record = records[at]
        if len(record) > wanted:
            error = bad_format("extra data after last expected column")
            error.context = self._context(record, at, whole=True)
            raise error
        for number, field in enumerate(record):
            try:
                self._memos[number][field]
            except FivefoldError as wrong:
                wrong.context = self._context(record, at, number)
                raise
        error = bad_format(f'missing data for column "{self._names[len(record)]}"')
        error.context = self._context(record, at, whole=True)
        raise error

    def _converter(self, number: int, type_: Type) -> Callable[[Any], Stored]:
        if self._options.format is Format.BINARY:
            read = binary_input(type_)
            return lambda field: None if field is None else read(field)
        parse, null = self._parsers[number], self._options.null
        if self._options.format is Format.CSV:
            name = self._names[number]
            never_null = names(self._options.force_not_null, name)
            null_in_quotes = names(self._options.force_null, name)

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
                text = unescaped(text)
            return parse(text)

        return convert


def _records(
    options: CopyOptions, columns: Sequence[str]
) -> TextRecords | CsvRecords | BinaryRecords:
    if options.format is Format.BINARY:
        return BinaryRecords(columns)
    return CsvRecords(options) if options.format is Format.CSV else TextRecords(options)


def names(chosen: Sequence[str], name: str) -> bool:
    """Say whether an option that takes columns, or ``*`` for all, names this one."""
    return name in chosen or "*" in chosen
