"""How a server's messages are spelled: a constant or one function for each, returning its bytes.

Callers join what they are given and send it at a boundary; a RowDescription of a prepared
statement is worth keeping.

Source: PostgreSQL manual, "Frontend/Backend Protocol", section "Message Formats".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from struct import Struct
from typing import Any, Literal

from fivefold.wire.postgres.messages import Column, Fields

_head = Struct("!ci").pack
_row_head = Struct("!cih").pack
_column = Struct("!IhIhih").pack

PARSE_COMPLETE = b"1\0\0\0\4"
BIND_COMPLETE = b"2\0\0\0\4"
CLOSE_COMPLETE = b"3\0\0\0\4"
NO_DATA = b"n\0\0\0\4"
EMPTY_QUERY_RESPONSE = b"I\0\0\0\4"
PORTAL_SUSPENDED = b"s\0\0\0\4"
COPY_DONE = b"c\0\0\0\4"
AUTHENTICATION_OK = b"R\0\0\0\x08\0\0\0\0"
AUTHENTICATION_CLEARTEXT = b"R\0\0\0\x08\0\0\0\3"
READY_IDLE = b"Z\0\0\0\5I"
READY_IN_TRANSACTION = b"Z\0\0\0\5T"
READY_FAILED = b"Z\0\0\0\5E"

# The one byte that answers a request for encryption.
ENCRYPTION_ACCEPTED = b"S"
ENCRYPTION_REFUSED = b"N"

_NULL = b"\xff\xff\xff\xff"
_SIZES = [size.to_bytes(4, "big") for size in range(1024)]


def _message(kind: bytes, body: bytes) -> bytes:
    return _head(kind, len(body) + 4) + body


def _text(text: str) -> bytes:
    """Return a zero-ended text; a zero inside would end it early and is left out."""
    return text.replace("\0", "").encode("utf-8", "surrogateescape") + b"\0"


def authentication_sasl(mechanisms: Sequence[str]) -> bytes:
    return _message(b"R", b"\0\0\0\x0a" + b"".join(map(_text, mechanisms)) + b"\0")


def authentication_sasl_continue(data: bytes) -> bytes:
    return _message(b"R", b"\0\0\0\x0b" + data)


def authentication_sasl_final(data: bytes) -> bytes:
    return _message(b"R", b"\0\0\0\x0c" + data)


def negotiate_protocol_version(options: Sequence[str]) -> bytes:
    """Say that 3.0 is the newest version spoken, and which protocol options are unknown.

    The manual speaks of the minor version here; PostgreSQL sends, and libpq wants, all of it.
    """
    count = len(options).to_bytes(4, "big")
    return _message(b"v", b"\0\3\0\0" + count + b"".join(map(_text, options)))


def parameter_status(name: str, value: str) -> bytes:
    return _message(b"S", _text(name) + _text(value))


def backend_key_data(process_id: int, secret: bytes) -> bytes:
    """`secret` is 4 bytes in protocol 3.0."""
    return _message(b"K", process_id.to_bytes(4, "big") + secret)


def ready_for_query(status: Literal["I", "T", "E"]) -> bytes:
    """`status`: idle, in a transaction, or in a failed one."""
    return _message(b"Z", status.encode())


def row_description(columns: Sequence[Column]) -> bytes:
    """Return what a result's columns are; keep it for a prepared statement."""
    parts = [len(columns).to_bytes(2, "big")]
    for name, type_oid, type_size, type_modifier, form, table_oid, number in columns:
        parts.append(_text(name))
        parts.append(_column(table_oid, number, type_oid, type_size, type_modifier, form))
    return _message(b"T", b"".join(parts))


def parameter_description(types: Sequence[int]) -> bytes:
    return _message(b"t", Struct(f"!H{len(types)}I").pack(len(types), *types))


def data_row(cells: Sequence[bytes | None]) -> bytes:
    """Return one row; each cell as its column's format has it, None for NULL."""
    parts = [b""]
    add = parts.append
    size = 6
    for cell in cells:
        if cell is None:
            add(_NULL)
            size += 4
        else:
            length = len(cell)
            add(_SIZES[length] if length < 1024 else length.to_bytes(4, "big"))
            add(cell)
            size += length + 4
    parts[0] = _row_head(b"D", size, len(cells))
    return b"".join(parts)


def row_encoder(columns: Sequence[Callable[[Any], bytes]]) -> Callable[[Sequence[Any]], bytes]:
    """Return a function from a row of values to its message.

    Each of `columns` makes the bytes of a value of its column; it is not asked about None.
    """
    count = len(columns)
    sizes = _SIZES

    def encode(row: Sequence[Any]) -> bytes:
        parts = [b""]
        add = parts.append
        size = 6
        for column, value in zip(columns, row, strict=True):
            if value is None:
                add(_NULL)
                size += 4
            else:
                cell = column(value)
                length = len(cell)
                add(sizes[length] if length < 1024 else length.to_bytes(4, "big"))
                add(cell)
                size += length + 4
        parts[0] = _row_head(b"D", size, count)
        return b"".join(parts)

    return encode


@lru_cache(maxsize=1024)
def command_complete(tag: str) -> bytes:
    """`tag` as PostgreSQL words it: `SELECT 5`, `INSERT 0 1`, `BEGIN`."""
    return _message(b"C", _text(tag))


def _copy_response(kind: bytes, form: int, formats: Sequence[int]) -> bytes:
    return _message(kind, Struct(f"!bH{len(formats)}h").pack(form, len(formats), *formats))


def copy_in_response(form: int, formats: Sequence[int]) -> bytes:
    """Ask for the data of COPY FROM; formats overall and by column: 0 text (CSV too), 1 binary."""
    return _copy_response(b"G", form, formats)


def copy_out_response(form: int, formats: Sequence[int]) -> bytes:
    """Announce the data of COPY TO; formats overall and by column: 0 text (CSV too), 1 binary."""
    return _copy_response(b"H", form, formats)


def copy_data(data: bytes) -> bytes:
    """COPY TO sends a row in each, as some clients rely upon."""
    return _message(b"d", data)


def copy_data_lines(lines: Iterable[bytes]) -> bytes:
    """Return many rows of COPY TO at once, a message each."""
    return b"".join([_head(b"d", len(line) + 4) + line for line in lines])


def notification_response(process_id: int, channel: str, payload: str) -> bytes:
    return _message(b"A", process_id.to_bytes(4, "big") + _text(channel) + _text(payload))


# The letter of each field, in the order of Fields after the severity; "Error and Notice Message
# Fields" in the manual.
_LETTERS = ("C", "M", "D", "H", "P", "s", "t", "c", "d", "n", "W")


def _fields(kind: bytes, fields: Fields) -> bytes:
    parts = [_text("S" + fields.severity), _text("V" + fields.severity)]
    for letter, value in zip(_LETTERS, fields[1:], strict=True):
        if value is not None:
            parts.append(_text(f"{letter}{value}"))
    return _message(kind, b"".join(parts) + b"\0")


def error_response(fields: Fields) -> bytes:
    return _fields(b"E", fields)


def notice_response(fields: Fields) -> bytes:
    return _fields(b"N", fields)
