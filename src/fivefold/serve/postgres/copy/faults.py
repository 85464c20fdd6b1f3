"""What is wrong with the data of a COPY, as PostgreSQL says it."""

from __future__ import annotations

from fivefold.errors import InvalidValue

RECORD_BYTES_MAX = 1 << 28  # one line; what may be a missing quote must not fill the memory
SHOWN_BYTES_MAX = 100  # of a line or a field


def bad_format(message: str) -> InvalidValue:
    """Return the error of data that break the format."""
    return InvalidValue(message, "bad_copy_format")


def clipped(text: str) -> str:
    """Return as much of a text as a context shows."""
    data = text.encode()
    if len(data) <= SHOWN_BYTES_MAX:
        return text
    return data[:SHOWN_BYTES_MAX].decode(errors="ignore") + "..."


def check_length(rest: bytes) -> None:
    """Raise InvalidValue where one record would fill the memory."""
    if len(rest) > RECORD_BYTES_MAX:
        raise bad_format(f"a line of COPY data is longer than {RECORD_BYTES_MAX} bytes")


def not_utf8(wrong: bytes) -> InvalidValue:
    """Return the error of bytes that are no text."""
    shown = " ".join(f"0x{byte:02x}" for byte in wrong)
    return InvalidValue(
        f'invalid byte sequence for encoding "UTF8": {shown}', "character_not_in_repertoire"
    )
