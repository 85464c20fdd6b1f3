"""How SQL sees the stored form of each type: an expression, and its type.

A time of the day loses what is below a microsecond, as SQL's ``time`` has no more.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from fivefold.values.cql.codec import Codec
from fivefold.values.cql.types import CqlType
from fivefold.values.types import BYTEA, DATE, JSONB, TEXT, TIME, TIMESTAMPTZ, UUID, Type


def shown(codec: Codec, column: str, *, key: bool = False) -> tuple[str, Type]:
    """Return the expression over ``column``, which is in quotes, in PostgreSQL's SQL; and its type.

    ``key``: the column holds the bytes of ``to_key``, as clustering columns of a type that the
    store does not order do; those are shown as they are.
    """
    if key and not codec.ordered:
        return column, BYTEA
    way = _WAYS.get(codec.type.name)
    if way is not None:
        make, type = way
        return make(column), type
    if codec.store == TEXT and codec.type.name not in ("text", "ascii", "duration"):
        names = map("e{}".format, count(1))
        return _json(codec.type, f"CAST({column} AS jsonb)", names.__next__), JSONB
    return column, codec.store


# Scalars


def _bytes(column: str, start: int, size: int) -> str:
    return f"substring({column} from {start} for {size})"


def _timed(column: str, rest: str) -> str:
    """Return the UUID of which ``column`` begins with the fields of its time, turned round."""
    first = " || ".join([_bytes(column, 5, 4), _bytes(column, 3, 2), _bytes(column, 1, 2)])
    return f"CAST(encode({first} || {_bytes(rest, 9, 8)}, 'hex') AS uuid)"


def _timeuuid(column: str) -> str:
    rest = column
    for at in range(8, 16):
        rest = f"set_byte({rest}, {at}, get_byte({column}, {at}) # 128)"
    return _timed(column, rest)


def _uuid(column: str) -> str:
    digits = f"encode({column}, 'hex')"
    plain = f"substr({digits}, 2, 12) || substr({digits}, 1, 1) || substr({digits}, 14)"
    return (
        f"CASE WHEN get_byte({column}, 0) BETWEEN 16 AND 31 THEN {_timed(column, column)} "
        f"ELSE CAST({plain} AS uuid) END"
    )


def _inet(column: str) -> str:
    four = " || '.' || ".join([f"get_byte({column}, {at})" for at in range(4)])
    digits = f"encode({column}, 'hex')"
    groups = [
        f"coalesce(nullif(ltrim(substr({digits}, {at}, 4), '0'), ''), '0')"
        for at in range(1, 33, 4)
    ]
    six = " || ':' || ".join(groups)
    return f"CASE length({column}) WHEN 4 THEN {four} ELSE {six} END"


_WAYS: dict[str, tuple[Callable[[str], str], Type]] = {
    "timestamp": (lambda column: f"to_timestamp({column} / 1000.0)", TIMESTAMPTZ),
    "date": (lambda column: f"DATE '1970-01-01' + {column}", DATE),
    "time": (lambda column: f"TIME '00:00' + ({column} / 1000) * INTERVAL '1 microsecond'", TIME),
    "uuid": (_uuid, UUID),
    "timeuuid": (_timeuuid, UUID),
    "inet": (_inet, TEXT),
}


# JSON, in which user types are arrays of their fields


def _json(type: CqlType, value: str, name: Callable[[], str]) -> str:
    """Return ``value`` with the names of user types' fields, wherever there are any."""
    if not _has_names(type):
        return value
    if type.fields:
        pairs = [
            f"'{field.replace(chr(39), chr(39) * 2)}', {_json(one, f'({value} -> {at})', name)}"
            for at, (field, one) in enumerate(type.fields)
        ]
        return _unless_null(value, f"jsonb_build_object({', '.join(pairs)})")
    if type.name == "tuple":
        parts = [_json(one, f"({value} -> {at})", name) for at, one in enumerate(type.parameters)]
        return _unless_null(value, f"jsonb_build_array({', '.join(parts)})")
    each = name()
    of = _json(type.parameters[-1], f"{each}.value", name)
    if type.name == "map":
        made, source = f"jsonb_object_agg({each}.key, {of})", f"jsonb_each({value}) AS {each}"
        return _unless_null(value, f"coalesce((SELECT {made} FROM {source}), '{{}}')")
    source = f"jsonb_array_elements({value}) WITH ORDINALITY AS {each}(value, place)"
    made = f"SELECT jsonb_agg({of} ORDER BY {each}.place) FROM {source}"
    return _unless_null(value, f"coalesce(({made}), '[]')")


def _has_names(type: CqlType) -> bool:
    return bool(type.fields) or any(
        map(_has_names, type.parameters[-1:] if type.name == "map" else type.parameters)
    )


def _unless_null(value: str, made: str) -> str:
    return f"CASE jsonb_typeof({value}) WHEN 'null' THEN NULL ELSE {made} END"
