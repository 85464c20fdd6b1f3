"""Paging states: where a page ended, as bytes that any session can go on from.

A state has a version, a checksum, and as JSON: the name of the table by its id, how many rows may
still come, how many came of the last partition, and the keys of the last row.
"""

from __future__ import annotations

import json
from typing import Any
from zlib import crc32

from fivefold.errors import FivefoldError, InvalidValue
from fivefold.languages.cql.relations.records import Values
from fivefold.values.cql.faults import PROTOCOL
from fivefold.values.records import Record
from fivefold.values.types import Stored

VERSION = 1


class Position(Record):
    """The end of a page: the last row's keys, no ``clustering`` if it was a static one.

    ``remaining``: rows, or groups, that LIMIT still allows; ``counted``: those of the partition.
    """

    partition: Values
    clustering: Values | None
    remaining: int | None
    counted: int


def to_state(family: str, position: Position) -> bytes:
    """Return the state of a position in the rows of a family."""
    clustering = position.clustering
    body = json.dumps(
        [
            family[:8],
            position.remaining,
            position.counted,
            [_shown(value) for value in position.partition],
            None if clustering is None else [_shown(value) for value in clustering],
        ],
        separators=(",", ":"),
        ensure_ascii=False,
    ).encode()
    return bytes((VERSION,)) + crc32(body).to_bytes(4, "big") + body


def from_state(family: str, state: bytes, partition: int, clustering: int) -> Position:
    """Return the position of a state. Raises Cassandra's error for what is none of the family."""
    body = state[5:]
    if state[:1] != bytes((VERSION,)) or state[1:5] != crc32(body).to_bytes(4, "big"):
        raise _unknown()
    try:
        name, remaining, counted, keys, rows = json.loads(body)
        if name != family[:8] or len(keys) != partition or len(rows or ()) not in {0, clustering}:
            raise _unknown()
        last = None if rows is None else tuple([_read(value) for value in rows])
        return Position(tuple([_read(value) for value in keys]), last, remaining, counted)
    except (ValueError, TypeError, IndexError):  # whoever made it knows our sum
        raise _unknown() from None


def _shown(value: Stored) -> Any:
    return [value.hex()] if isinstance(value, bytes) else value


def _read(value: Any) -> Stored:
    found: Stored = bytes.fromhex(value[0]) if isinstance(value, list) else value
    return found


def _unknown() -> FivefoldError:
    error = InvalidValue("Invalid value for the paging state", "invalid_parameter_value")
    error.number = PROTOCOL
    return error
