"""The hash that a hash index keeps: 64 bits, the same in every process and on every machine.

Values that are equal have equal hashes, however they are written: 1.0 and 1.00, -0.0 and 0, two
spellings of an interval or of a jsonb's number. Two values of one hash cost a look at a row, no
more: a statement compares the values themselves too.
"""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import Any

from fivefold.stores.sqlite.functions.json import Digits, read
from fivefold.stores.sqlite.functions.table import Entry
from fivefold.values.compare import interval_key
from fivefold.values.types import Stored

_BITS = (1 << 64) - 1
_from_bytes = int.from_bytes


def hash_of(value: Stored) -> int | None:
    """Return the hash of a value whose stored forms are equal if the values are.

    Texts and bytes: BLAKE2b (RFC 7693) with a digest of 8 bytes. Whole numbers, floats that are
    whole among them: the finalizer of SplitMix64 (Steele, Lea, Flood 2014).
    """
    if isinstance(value, str):
        digest = blake2b(value.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        return _from_bytes(digest, "big", signed=True)
    if value is None:
        return None
    if isinstance(value, bytes):
        return _from_bytes(blake2b(value, digest_size=8).digest(), "big", signed=True)
    if isinstance(value, float):
        if not value.is_integer():
            return hash_of(value.hex())
        value = int(value)
    mixed = (value + 0x9E3779B97F4A7C15) & _BITS
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _BITS
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _BITS
    mixed ^= mixed >> 31
    return mixed - (1 << 64) if mixed >> 63 else mixed


def _decimal(stored: Any) -> Any:
    text = str(stored)
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _jsonb(stored: str) -> str:
    return json.dumps(_members(read(stored)), sort_keys=True)


def _members(value: Any) -> Any:
    if isinstance(value, list):
        return [_members(one) for one in value]
    if isinstance(value, dict):
        return {key: _members(one) for key, one in value.items()}
    return ["number", _decimal(value)] if isinstance(value, Digits) else value


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


_FORMS: dict[str, Any] = {"decimal": _decimal, "interval": interval_key, "jsonb": _jsonb}


def hash_under(value: Stored, collation: str) -> int | None:
    """Return the hash of a value of a type that compares under this collation (see gaps.py)."""
    if value is None:
        return None
    form = _FORMS.get(collation)
    if form is not None:
        return hash_of(form(value))
    member = _FORMS.get(collation.removeprefix("list").removeprefix("_"), _plain)

    def members(one: Any) -> Any:
        if isinstance(one, list):
            return [members(each) for each in one]
        return None if one is None else member(one)

    return hash_of(json.dumps(members(json.loads(str(value)))))


FUNCTIONS = (
    Entry("ff_hash", 1, hash_of),
    Entry("ff_hash_under", 2, hash_under),
)
