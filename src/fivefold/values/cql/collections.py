"""Codecs of lists, sets, maps, tuples, user types and vectors: their parts' codecs put together.

The stored form is JSON. Source: "Data types" of Cassandra's CQL reference; section 6 of the native
protocol's specification, version 5.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from struct import Struct, error
from typing import Any, cast

from fivefold.errors import FivefoldError, InvalidValue
from fivefold.values.cql.durations import read_unsigned_vint, write_unsigned_vint
from fivefold.values.cql.faults import invalid_value
from fivefold.values.cql.making import ValueCodec, expected, java_text, refused
from fivefold.values.cql.names import type_text
from fivefold.values.cql.programs import hashable, sorted_set, user_value
from fivefold.values.cql.strings import quoted_json
from fivefold.values.cql.types import CqlType
from fivefold.values.types import TEXT

_SIZE = Struct(">i")
_size, _size_at = _SIZE.pack, _SIZE.unpack_from
_NULL = _size(-1)
_plain_json = json.JSONDecoder().decode
_MORE, _END = b"\x01", b"\x00"


class _Digits(str):
    """A number of JSON, digit by digit."""

    __slots__ = ()


_exact_json = json.JSONDecoder(parse_int=_Digits, parse_float=_Digits).decode


def take_apart(codec: object, stored: str) -> list[Any]:
    """Return the parts of a stored collection, each stored; those of a map are pairs.

    Of a tuple or user type all are there, None where one has no value.
    """
    return cast(ValueCodec, codec).split(stored)


def put_together(codec: object, parts: list[Any]) -> str:
    """Return the stored collection of stored parts, in any order where it is a set or map.

    Of equal keys of a map the last counts.
    """
    return cast(ValueCodec, codec).join(parts)


# Ways shared by all


def _reader(codec: ValueCodec) -> Callable[[Any], Any]:
    from_item = codec.from_item
    return lambda item: None if item is None else from_item(item)


def _parsed_nested(value: Any) -> Any:
    """Return JSON that is given in a string, as Cassandra allows it for what is no scalar."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        found = value.split()[0] if value.split() else value
        raise invalid_value(
            f"Error decoding JSON string: Unrecognized token '{found}': was expecting "
            "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n "
            f'at [Source: (String)"{value}"; line: 1, column: {len(found) + 1}]'
        ) from None


def _items_of_program(value: Any, type: CqlType) -> list[Any]:
    if isinstance(value, (str, bytes, dict)) or not isinstance(value, Iterable):
        raise refused(value, type)
    return list(value)


def _no_null() -> FivefoldError:
    return invalid_value("null is not supported inside collections")


def _loaded(codec: ValueCodec, value: Any) -> Any:
    if value is None:
        raise _no_null()
    return codec.load(value)


def _read_count(wire: bytes, name: str) -> int:
    if len(wire) < 4:
        raise _short(name)
    (count,) = _size_at(wire)
    if count < 0:
        raise invalid_value(f"The data cannot be deserialized as a {name}")
    if count > len(wire):  # each has its size at least
        raise _short(name)
    return int(count)


def _short(name: str) -> FivefoldError:
    return invalid_value(f"Not enough bytes to read a {name}")


def _read_parts(wire: bytes, name: str, codecs: Sequence[ValueCodec]) -> list[Any]:
    """Return the values of a collection's bytes, one after the other for all of ``codecs``."""
    left = _read_count(wire, name)
    readers = [codec.from_wire for codec in codecs]
    at, end = 4, len(wire)
    found: list[Any] = []
    add = found.append
    try:
        while left:
            for read in readers:
                (size,) = _size_at(wire, at)
                if size < 0:
                    raise invalid_value("Null value read when not allowed")
                start = at + 4
                at = start + size
                if at > end:
                    raise _short(name)
                value = read(wire[start:at])
                if value is None:
                    raise invalid_value("Null value read when not allowed")
                add(value)
            left -= 1
    except error:
        raise _short(name) from None
    if at != end:
        raise invalid_value(f"Unexpected extraneous bytes after {name} value")
    return found


def _written(encode: Callable[[Any], bytes], parts: Iterable[Any]) -> bytes:
    pieces = []
    for part in parts:
        if part is None:
            pieces.append(_size(-1))
            continue
        wire = encode(part)
        pieces.append(_size(len(wire)))
        pieces.append(wire)
    return b"".join(pieces)


# Lists and sets


def list_codec(type: CqlType, parts: tuple[ValueCodec, ...]) -> ValueCodec:
    """Return the codec of a list or set.

    No value has null among its items; but the times to live of cells, shown as a list, may.
    """
    (of,) = parts
    is_set = type.name == "set"
    encode_part, item, from_item = of.encode, of.item, of.from_item
    loads = _exact_json if of.exact else _plain_json
    native = of.native and not of.exact
    what = "a list (representing a set)" if is_set else "a list"

    def split(stored: str) -> list[Any]:
        items: list[Any] = loads(stored)
        return items if native else [None if one is None else from_item(one) for one in items]

    def join(values: list[Any]) -> str:
        if is_set and len(values) > 1:
            values = _sorted_once(values, of.sort)
        return f"[{', '.join(['null' if one is None else item(one) for one in values])}]"

    def encode(stored: str) -> bytes:
        values = split(stored)
        return _size(len(values)) + _written(encode_part, values)

    def from_wire(wire: bytes | None) -> str | None:
        return None if wire is None else join(_read_parts(wire, type.name, parts))

    def parse(value: Any) -> str:
        value = _parsed_nested(value)
        if not isinstance(value, list):
            raise expected(what, value)
        found = [None if one is None else of.parse(one) for one in value]
        if None in found:
            raise invalid_value(f"Invalid null element in {type.name}")
        return join(found)

    def unplain(values: Iterable[Any]) -> str:
        return join([of.unplain(one) for one in values])

    def plain(stored: str) -> list[Any]:
        return [of.plain(one) for one in split(stored)]

    def load(value: Any) -> str:
        return join([_loaded(of, one) for one in _items_of_program(value, type)])

    def dump(stored: str) -> Any:
        values = [None if one is None else of.dump(one) for one in split(stored)]
        return sorted_set(values) if is_set else values

    def write_key(stored: str) -> bytes:
        return b"".join([_MORE + of.write_key(one) for one in split(stored)]) + _END

    def read_key(key: bytes, at: int) -> tuple[str, int]:
        values = []
        while key[at] == 1:
            value, at = of.read_key(key, at + 1)
            values.append(value)
        return join(values), at + 1

    same_json = of.json is of.item
    brackets = ("{", "}") if is_set else ("[", "]")
    return ValueCodec(
        type,
        TEXT,
        encode=encode,
        from_wire=from_wire,
        json=str if same_json else lambda s: f"[{', '.join([of.json(one) for one in split(s)])}]",
        item=str,
        parse=parse,
        from_item=lambda value: join([from_item(one) for one in value]),
        literal=lambda s: ", ".join([of.literal(one) for one in split(s)]).join(brackets),
        plain=plain,
        unplain=unplain,
        load=load,
        dump=dump,
        write_key=write_key,
        read_key=read_key,
        ordered=False,
        compound=True,
        exact=of.exact,
        sort=write_key,
        parts=parts,
        split=split,
        join=join,
    )


def _sorted_once(values: list[Any], sort: Callable[[Any], Any] | None) -> list[Any]:
    if sort is None:
        return sorted(set(values))
    found = {sort(one): one for one in reversed(values)}
    return [found[key] for key in sorted(found)]


# Maps


def _key_writer(of: ValueCodec) -> Callable[[Any], str]:
    """Return the way from a stored key to the string of JSON that it is in an object."""
    if of.type.name in ("text", "ascii"):
        return quoted_json
    if of.compound:
        return lambda stored: quoted_json(of.item(stored))
    return lambda stored: f'"{of.item(stored).strip(chr(34))}"'


def _key_reader(of: ValueCodec) -> Callable[[str], Any]:
    if of.compound:
        loads = _exact_json if of.exact else _plain_json
        return lambda text: of.from_item(loads(text))
    return of.from_item


def map_codec(type: CqlType, parts: tuple[ValueCodec, ...]) -> ValueCodec:
    """Return the codec of a map; its parts are pairs."""
    keys, values = parts
    exact = values.exact
    loads = _exact_json if exact else _plain_json
    write_name, read_name = _key_writer(keys), _key_reader(keys)
    item, from_item = values.item, values.from_item
    native_names = keys.type.name in ("text", "ascii")
    native = native_names and values.native and not exact

    def split(stored: str) -> list[Any]:
        found: dict[str, Any] = loads(stored)
        if native:
            return list(found.items())
        return [(read_name(name), from_item(value)) for name, value in found.items()]

    def join(pairs: list[Any]) -> str:
        if len(pairs) > 1:
            pairs = _sorted_pairs(pairs, keys.sort)
        return f"{{{', '.join([f'{write_name(key)}: {item(value)}' for key, value in pairs])}}}"

    def encode(stored: str) -> bytes:
        pairs = split(stored)
        pieces = [_size(len(pairs))]
        for key, value in pairs:
            wire = keys.encode(key)
            pieces += (_size(len(wire)), wire)
            wire = values.encode(value)
            pieces += (_size(len(wire)), wire)
        return b"".join(pieces)

    def from_wire(wire: bytes | None) -> str | None:
        if wire is None:
            return None
        found = _read_parts(wire, "map", parts)
        return join(list(zip(found[::2], found[1::2], strict=True)))

    def parse(value: Any) -> str:
        value = _parsed_nested(value)
        if not isinstance(value, dict):
            raise expected("a map", value)
        if None in value.values():
            raise invalid_value("Invalid null value in map")
        return join([(keys.parse(name), values.parse(one)) for name, one in value.items()])

    def load(value: Any) -> str:
        if not hasattr(value, "items"):
            raise refused(value, type)
        return join([(_loaded(keys, key), _loaded(values, one)) for key, one in value.items()])

    def dump(stored: str) -> dict[Any, Any]:
        return {hashable(keys.dump(key)): values.dump(value) for key, value in split(stored)}

    def write_key(stored: str) -> bytes:
        pieces = [
            _MORE + keys.write_key(key) + values.write_key(value) for key, value in split(stored)
        ]
        return b"".join(pieces) + _END

    def read_key(key: bytes, at: int) -> tuple[str, int]:
        pairs = []
        while key[at] == 1:
            name, at = keys.read_key(key, at + 1)
            value, at = values.read_key(key, at)
            pairs.append((name, value))
        return join(pairs), at + 1

    def json_text(stored: str) -> str:
        pairs = [(_key_json(keys, key), values.json(value)) for key, value in split(stored)]
        return f"{{{', '.join([f'{key}: {value}' for key, value in pairs])}}}"

    def literal(stored: str) -> str:
        pairs = [f"{keys.literal(key)}: {values.literal(value)}" for key, value in split(stored)]
        return ", ".join(pairs).join("{}")

    return ValueCodec(
        type,
        TEXT,
        encode=encode,
        from_wire=from_wire,
        json=str if keys.json is keys.item and values.json is values.item else json_text,
        item=str,
        parse=parse,
        from_item=lambda found: join(
            [(read_name(name), from_item(value)) for name, value in found.items()]
        ),
        literal=literal,
        plain=lambda stored: {
            hashable(keys.plain(key)): values.plain(value) for key, value in split(stored)
        },
        unplain=lambda plain: join(
            [(keys.unplain(key), values.unplain(value)) for key, value in plain.items()]
        ),
        load=load,
        dump=dump,
        write_key=write_key,
        read_key=read_key,
        ordered=False,
        compound=True,
        exact=exact,
        sort=write_key,
        parts=parts,
        split=split,
        join=join,
    )


def _sorted_pairs(pairs: list[Any], sort: Callable[[Any], Any] | None) -> list[Any]:
    if sort is None:
        found = dict(pairs)
        return [(key, found[key]) for key in sorted(found)]
    by_key = {sort(key): (key, value) for key, value in pairs}
    return [by_key[key] for key in sorted(by_key)]


def _key_json(keys: ValueCodec, stored: Any) -> str:
    text = keys.json(stored)
    return text if text.startswith('"') else quoted_json(text)


# Tuples and user types


def tuple_codec(type: CqlType, parts: tuple[ValueCodec, ...]) -> ValueCodec:
    """Return the codec of a tuple or user type."""
    named = type.name == "udt"
    names = tuple(name for name, _ in type.fields)
    count = len(parts)
    exact = any(part.exact for part in parts)
    loads = _exact_json if exact else _plain_json
    readers = [_reader(part) for part in parts]

    def whole(items: list[Any]) -> list[Any]:
        return items + [None] * (count - len(items))

    def from_items(items: list[Any]) -> list[Any]:
        return [read(one) for read, one in zip(readers, whole(items), strict=True)]

    def split(stored: str) -> list[Any]:
        return from_items(loads(stored))

    def join(values: list[Any]) -> str:
        pairs = zip(parts, whole(values), strict=True)
        return ", ".join(["null" if one is None else part.item(one) for part, one in pairs]).join(
            "[]"
        )

    def encode(stored: str) -> bytes:
        pieces = []
        for part, one in zip(parts, split(stored), strict=True):
            if one is None:
                pieces.append(_NULL)
            else:
                wire = part.encode(one)
                pieces += (_size(len(wire)), wire)
        return b"".join(pieces)

    def from_wire(wire: bytes | None) -> str | None:
        return None if wire is None else join(_read_fields(wire, parts, names))

    def each(way: str, values: Sequence[Any]) -> list[Any]:
        return [
            None if one is None else getattr(part, way)(one)
            for part, one in zip(parts, values, strict=True)
        ]

    def parse(value: Any) -> str:
        value = _parsed_nested(value)
        if named:
            if not isinstance(value, dict):
                raise expected("a map", value)
            return join(each("parse", _by_name(value, type)))
        if not isinstance(value, list):
            raise expected("a list representation of a tuple", value)
        if len(value) != count:
            wrong = "is missing" if len(value) < count else "contains extra"
            raise invalid_value(f"Tuple {wrong} items (expected {count}): {java_text(value)}")
        return join(each("parse", value))

    def load(value: Any) -> str:
        if named and not isinstance(value, (tuple, list)):
            if isinstance(value, dict):
                values = [value.get(name) for name in names]
            elif any(hasattr(value, name) for name in names):
                values = [getattr(value, name, None) for name in names]
            else:
                raise refused(value, type)
        else:
            values = _items_of_program(value, type)
            if len(values) > count:
                raise invalid_value(
                    f"Expected {count} values for {type_text(type)}, but got {len(values)}"
                )
        return join(each("load", whole(values)))

    make = user_value(type.user[1], names) if type.user else None

    def dump(stored: str) -> Any:
        values = each("dump", split(stored))
        return make(*values) if make else tuple(values)

    def write_key(stored: str) -> bytes:
        values = split(stored)
        while values and values[-1] is None:
            values.pop()
        pieces = [
            _MORE if one is None else b"\x02" + part.write_key(one)
            for part, one in zip(parts, values, strict=False)
        ]
        return b"".join(pieces) + _END

    def read_key(key: bytes, at: int) -> tuple[str, int]:
        values: list[Any] = []
        while key[at]:
            value = None
            at += 1
            if key[at - 1] == 2:
                value, at = parts[len(values)].read_key(key, at)
            values.append(value)
        return join(values), at + 1

    def shown(way: str, stored: str, null: str) -> list[str]:
        return [null if one is None else one for one in each(way, split(stored))]

    labels = [quoted_json(_json_name(name)) for name in names]
    quoted = [type_text(CqlType("udt", user=("", name))) for name in names]

    def json_text(stored: str) -> str:
        texts = shown("json", stored, "null")
        if not named:
            return ", ".join(texts).join("[]")
        return _pairs(labels, texts)

    def literal(stored: str) -> str:
        texts = shown("literal", stored, "null")
        return _pairs(quoted, texts) if named else ", ".join(texts).join("()")

    return ValueCodec(
        type,
        TEXT,
        encode=encode,
        from_wire=from_wire,
        json=json_text,
        item=str,
        parse=parse,
        from_item=lambda items: join(from_items(items)),
        literal=literal,
        plain=lambda stored: tuple(each("plain", split(stored))),
        unplain=lambda values: join(each("unplain", whole(list(values)))),
        load=load,
        dump=dump,
        write_key=write_key,
        read_key=read_key,
        ordered=False,
        compound=True,
        exact=exact,
        sort=write_key,
        parts=parts,
        split=split,
        join=join,
    )


def _pairs(names: list[str], texts: list[str]) -> str:
    return ", ".join([f"{name}: {text}" for name, text in zip(names, texts, strict=True)]).join(
        "{}"
    )


def _json_name(name: str) -> str:
    """Return a name as JSON has it: in quotes of its own if it is not all lower case."""
    return name if name == name.lower() else f'"{name}"'


def _by_name(value: dict[str, Any], type: CqlType) -> list[Any]:
    found = {}
    for name, one in value.items():
        quoted = len(name) > 1 and name[0] == name[-1] == '"'
        found[name[1:-1] if quoted else name.lower()] = (one, name)
    values = []
    for name, _ in type.fields:
        values.append(found.pop(name, (None, ""))[0])
    for name in found:
        user = type.user[1] if type.user else ""
        raise invalid_value(f"Unknown field '{name}' in value of user defined type {user}")
    return values


def _read_fields(wire: bytes, parts: tuple[ValueCodec, ...], names: tuple[str, ...]) -> list[Any]:
    """Return the values of a tuple's bytes; there may be fewer than it has parts."""
    at, end = 0, len(wire)
    values: list[Any] = []
    for number, part in enumerate(parts):
        if at == end:
            break
        which = f"{number}th " + (f"field {names[number]}" if names else "component")
        if at + 4 > end:
            raise invalid_value(f"Not enough bytes to read size of {which}")
        (size,) = _size_at(wire, at)
        at += 4
        if size < 0:
            values.append(None)
            continue
        if at + size > end:
            raise invalid_value(f"Not enough bytes to read {which}")
        try:
            values.append(part.from_wire(wire[at : at + size]))
        except InvalidValue as fault:
            if not names:
                raise
            raise invalid_value(f"Failure validating the {which}; {fault.message}") from None
        at += size
    if at != end:
        what = "UDT" if names else "tuple"
        raise invalid_value(f"Invalid remaining data after end of {what} value")
    return values


# Vectors


def vector_codec(type: CqlType, parts: tuple[ValueCodec, ...]) -> ValueCodec:
    """Return the codec of a vector: a list of so many, on the wire without sizes if they can."""
    (of,) = parts
    count, width, name = type.dimension, of.width, type_text(type)
    base = list_codec(CqlType("list", type.parameters, True), parts)

    def encode(stored: str) -> bytes:
        wires = [of.encode(one) for one in base.split(stored)]
        if width is not None:
            return b"".join(wires)
        return b"".join([write_unsigned_vint(len(wire)) + wire for wire in wires])

    def from_wire(wire: bytes | None) -> str | None:
        if wire is None:
            return None
        if not wire:
            raise invalid_value("Invalid empty vector value")
        at, values = 0, []
        for _ in range(count):
            size = width
            try:
                if size is None:
                    size, at = read_unsigned_vint(wire, at)
            except IndexError:
                raise invalid_value(f"Not enough bytes to read a {name}") from None
            if at + size > len(wire):
                raise invalid_value(f"Not enough bytes to read a {name}")
            value = of.from_wire(wire[at : at + size])
            if value is None:
                raise invalid_value("Null value read when not allowed")
            values.append(value)
            at += size
        if at != len(wire):
            extra = len(wire) - at
            raise invalid_value(f"Unexpected {extra} extraneous bytes after {name} value")
        return base.join(values)

    def sized(values: Iterable[Any]) -> list[Any]:
        found = list(values)
        if len(found) != count:
            raise invalid_value(
                f"Invalid vector literal of type {name}; expected {count} elements, "
                f"but given {len(found)}"
            )
        return found

    def parse(value: Any) -> str:
        value = _parsed_nested(value)
        if isinstance(value, list) and len(value) != count:
            raise invalid_value(
                f"List had incorrect size: expected {count} but given {len(value)}; "
                f"{java_text(value)}"
            )
        found: str = base.parse(value)
        return found

    def write_key(stored: str) -> bytes:
        return b"".join([of.write_key(one) for one in base.split(stored)])

    def read_key(key: bytes, at: int) -> tuple[str, int]:
        values = []
        for _ in range(count):
            value, at = of.read_key(key, at)
            values.append(value)
        return base.join(values), at

    return ValueCodec(
        type,
        TEXT,
        encode=encode,
        from_wire=from_wire,
        json=base.json,
        item=base.item,
        parse=parse,
        from_item=base.from_item,
        literal=base.literal,
        plain=base.plain,
        unplain=lambda values: base.unplain(sized(values)),
        load=lambda value: base.load(sized(_items_of_program(value, type))),
        dump=base.dump,
        write_key=write_key,
        read_key=read_key,
        ordered=False,
        compound=True,
        exact=of.exact,
        sort=write_key,
        width=None if width is None else width * count,
        parts=parts,
        split=base.split,
        join=base.join,
    )


MAKERS: dict[str, Callable[[CqlType, tuple[ValueCodec, ...]], ValueCodec]] = {
    "list": list_codec,
    "set": list_codec,
    "map": map_codec,
    "tuple": tuple_codec,
    "udt": tuple_codec,
    "vector": vector_codec,
}
