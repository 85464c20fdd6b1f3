"""How stored texts compare that do not compare as bytes."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import apsw

from fivefold.stores.sqlite.functions.json import Digits, read
from fivefold.values.compare import decimal_key, decimal_order, interval_key

Order = Callable[[str, str], int]

_JSON_RANKS = {type(None): 0, str: 1, Digits: 2, bool: 3, list: 4, dict: 5}


def _interval(a: str, b: str) -> int:
    one, other = interval_key(a), interval_key(b)
    return (one > other) - (one < other)


def _json_key(value: Any) -> tuple[Any, ...]:
    """Return a key: PostgreSQL orders Null < String < Number < Boolean < Array < Object.

    Of two arrays or objects the one with more members is greater; an empty array is less than
    anything.
    """
    rank = _JSON_RANKS[type(value)]
    if isinstance(value, Digits):
        return (rank, Decimal(value))
    if isinstance(value, list):
        return (rank if value else -1, len(value), [_json_key(item) for item in value])
    if isinstance(value, dict):
        pairs = [(key.encode(), _json_key(item)) for key, item in value.items()]
        return (rank, len(value), pairs)
    return (rank, value.encode() if isinstance(value, str) else value or 0)


def _jsonb(a: str, b: str) -> int:
    if a == b:
        return 0
    one, other = _json_key(read(a)), _json_key(read(b))
    return (one > other) - (one < other)


def _list(key: Callable[[Any], Any]) -> Order:
    """Compare arrays element by element; nulls are greatest, a prefix is less."""

    def member(value: Any) -> tuple[Any, ...]:
        if value is None:
            return (2,)
        if isinstance(value, list):
            return (0, [member(one) for one in value])
        return (0, key(value))

    def order(a: str, b: str) -> int:
        if a == b:
            return 0
        one, other = member(json.loads(a)), member(json.loads(b))
        return (one > other) - (one < other)

    return order


def _plain(value: Any) -> tuple[Any, ...]:
    # A float's NaN is text and greatest; texts compare as bytes.
    return (1, value.encode()) if isinstance(value, str) else (0, value)


def of_name(name: str) -> Order | None:
    """Return the order that a collation's name stands for: of ours, or of an enum's labels."""
    if "enum_" not in name:
        return COLLATIONS.get(name)
    labels = json.loads(bytes.fromhex(name.rpartition("enum_")[2]))
    ranks = {label: rank for rank, label in enumerate(labels)}
    if name.startswith("list_"):
        return _list(lambda label: ranks.get(label, -1))
    return lambda a, b: ranks.get(a, -1) - ranks.get(b, -1)


COLLATIONS: dict[str, Order] = {
    "decimal": decimal_order,
    "interval": _interval,
    "jsonb": _jsonb,
    "list": _list(_plain),
    "list_decimal": _list(decimal_key),
    "list_interval": _list(interval_key),
    "list_jsonb": _list(lambda value: _json_key(read(value))),
}


def add(connection: apsw.Connection, name: str) -> None:
    """Give a connection the collation that it asks for, if it is one of fivefold's."""
    order = of_name(name)
    if order is not None:
        connection.create_collation(name, order)
