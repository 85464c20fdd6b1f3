"""COPY's binary format: a header, tuples of counted fields, and a trailer.

Source: PostgreSQL manual, "COPY", section "Binary Format".
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from fivefold.errors import InvalidValue
from fivefold.plan.statement import Output
from fivefold.serve.postgres.copy.faults import bad_format, check_length
from fivefold.values.types import Row
from fivefold.wire.postgres.binary import binary_output

SIGNATURE = b"PGCOPY\n\xff\r\n\0"
HEADER = SIGNATURE + b"\0\0\0\0\0\0\0\0"
TRAILER = b"\xff\xff"

_WITH_OIDS = 1 << 16
_CRITICAL = 0xFFFE0000
_NULL = b"\xff\xff\xff\xff"
_int16 = struct.Struct("!h")
_int32 = struct.Struct("!i")
_uint32 = struct.Struct("!I")

Record = Sequence["bytes | None"]


class BinaryRecords:
    """Cuts the binary format into records; ``before`` counts those of earlier batches."""

    plain = False

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._rest = b""
        self._begun = False
        self._ended = False
        self._count = 0
        self._read = 0  # records of this batch so far
        self._reading = 0  # the field that is being read
        self.before = 0

    def split(self, data: bytes, last: bool) -> list[Record]:
        """Return the records that are whole. Raises InvalidValue for broken data."""
        data = self._rest + data
        self.before += self._count
        self._count = self._read = at = 0
        if not self._begun:
            found = _after_header(data, last)
            if found is None:
                self._rest = data
                return []
            at, self._begun = found, True
        records: list[Record] = []
        while not self._ended:
            record, after = self._record(data, at)
            if record is None:
                break
            records.append(record)
            self._read += 1
            at = after
        self._count = len(records)
        self._rest = data[at:]
        self._check_rest(at, data, last)
        return records

    def _check_rest(self, at: int, data: bytes, last: bool) -> None:
        if self._ended:
            if len(self._rest) > len(TRAILER):
                raise self._at_record(bad_format("received copy data after EOF marker"))
        elif last and at + 1 < len(data):  # half of a trailer is one
            raise self._at_record(bad_format("unexpected EOF in COPY data"), self._reading)
        check_length(self._rest)

    def _at_record(self, error: InvalidValue, column: int | None = None) -> InvalidValue:
        error.context = f"line {self.before + self._read + 1}"
        if column is not None:
            error.context += f", column {self._names[column]}"
        return error

    def _record(self, data: bytes, at: int) -> tuple[Record | None, int]:
        """Return one record and the offset after it, None if it is not whole."""
        size = len(data)
        if at + 2 > size:
            return None, at
        (count,) = _int16.unpack_from(data, at)
        if count == -1:
            self._ended = True
            return None, at
        wanted = len(self._names)
        if count != wanted:
            raise self._at_record(bad_format(f"row field count is {count}, expected {wanted}"))
        at += 2
        record: list[bytes | None] = []
        for number in range(count):
            self._reading = number
            if at + 4 > size:
                return None, at
            (length,) = _int32.unpack_from(data, at)
            at += 4
            if length == -1:
                record.append(None)
                continue
            if length < 0:
                raise self._at_record(bad_format("invalid field size"), number)
            if at + length > size:
                return None, at
            record.append(data[at : at + length])
            at += length
        return record, at

    def place(self, record: Record, index: int) -> tuple[int, str | None]:
        """Return the number of a record of the last batch; it has no text."""
        return self.before + index + 1, None


def _after_header(data: bytes, last: bool) -> int | None:
    """Return the offset after the header, None if it is not whole."""
    start = len(SIGNATURE)
    if not data.startswith(SIGNATURE):
        if last or data[:start] != SIGNATURE[: len(data)]:
            raise bad_format("COPY file signature not recognized")
        return None
    if len(data) >= start + 4:
        (flags,) = _uint32.unpack_from(data, start)
        if flags & _WITH_OIDS:
            raise bad_format("invalid COPY file header (WITH OIDS)")
        if flags & _CRITICAL:
            raise bad_format("unrecognized critical flags in COPY file header")
    elif last:
        raise bad_format("invalid COPY file header (missing flags)")
    if len(data) >= start + 8:
        (length,) = _int32.unpack_from(data, start + 4)
        if length < 0:
            raise bad_format("invalid COPY file header (missing length)")
        if len(data) >= start + 8 + length:
            return start + 8 + int(length)
        if last:
            raise bad_format("invalid COPY file header (wrong length)")
    elif last:
        raise bad_format("invalid COPY file header (missing length)")
    return None


class BinaryRows:
    """Writes rows in the binary format; the header goes with what is sent first, as libpq's
    clients expect.
    """

    def __init__(self, outputs: Sequence[Output]) -> None:
        self._writers = [binary_output(each.type) for each in outputs]
        self._head = HEADER
        self._count = _int16.pack(len(outputs))

    def header(self) -> list[bytes]:
        """Return what is sent before all rows: nothing by itself."""
        return []

    def row(self, row: Row) -> bytes:
        """Return one tuple."""
        parts, self._head = [self._head, self._count], b""
        for write, value in zip(self._writers, row, strict=True):
            if value is None:
                parts.append(_NULL)
            else:
                field = write(value)
                parts += (_int32.pack(len(field)), field)
        return b"".join(parts)

    def end(self) -> list[bytes]:
        """Return what is sent after all rows."""
        return [self._head + TRAILER]
