"""How a codec is put together from the ways of one type between its forms.

None of the ways is asked about null, but for those of ``FromWire``, which see it first of all. The
ways that a codec has beyond ``codec.Codec`` are for those that put values together: collections,
tuples, keys and rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fivefold.errors import FivefoldError
from fivefold.values.cql.faults import invalid_value
from fivefold.values.cql.types import CqlType
from fivefold.values.types import Stored, Type

FromWire = Callable[[bytes | None], Any]
ReadKey = Callable[[bytes, int], tuple[Any, int]]


def same(value: Any) -> Any:
    """Return the value: a form that is the stored one."""
    return value


class ValueCodec:
    """The codec of a type; see ``codec.Codec`` for what it promises.

    ``encode``, ``dump`` (to what a program gets), ``json`` and ``literal`` take a stored form that
    is not None. ``item`` makes it JSON inside a collection's stored form and ``from_item`` reads
    that, as ``json.loads`` gives it; ``native``: both are the same there. ``compound``: ``item``
    gives an array or object, so that a map's key is that JSON in a string. ``exact``: numbers in it
    keep their digits. ``sort`` is a key by which stored forms sort, None if they do so themselves.
    ``fixed`` is the letter of ``struct`` if that makes the stored form the wire's.
    ``parts`` are the codecs of what it holds, and ``split`` and ``join`` take a stored form apart
    and put it together, a map as pairs.
    """

    __slots__ = (
        "compound",
        "dump",
        "encode",
        "exact",
        "fixed",
        "from_item",
        "from_program",
        "from_wire",
        "item",
        "join",
        "json",
        "literal",
        "load",
        "native",
        "ordered",
        "parse",
        "parts",
        "plain",
        "read_key",
        "sort",
        "split",
        "store",
        "to_program",
        "to_wire",
        "type",
        "unplain",
        "width",
        "write_key",
    )

    def __init__(
        self,
        type: CqlType,
        store: Type,
        *,
        encode: Callable[[Any], bytes],
        from_wire: FromWire,
        json: Callable[[Any], str],
        parse: Callable[[Any], Any],
        write_key: Callable[[Any], bytes],
        read_key: ReadKey,
        load: Callable[[Any], Any],
        dump: Callable[[Any], Any] = same,
        plain: Callable[[Any], Any] = same,
        unplain: Callable[[Any], Any] = same,
        item: Callable[[Any], str] | None = None,
        from_item: Callable[[Any], Any] | None = None,
        literal: Callable[[Any], str] | None = None,
        ordered: bool = True,
        native: bool = False,
        compound: bool = False,
        exact: bool = False,
        sort: Callable[[Any], Any] | None = None,
        fixed: str = "",
        width: int | None = None,
        parts: tuple[ValueCodec, ...] = (),
        split: Callable[[str], list[Any]] | None = None,
        join: Callable[[list[Any]], str] | None = None,
    ) -> None:
        self.type, self.store, self.ordered = type, store, ordered
        self.encode, self.json, self.parse, self.load = encode, json, parse, load
        self.dump, self.plain, self.unplain = dump, plain, unplain
        self.write_key, self.read_key, self.sort = write_key, read_key, sort
        self.item, self.from_item = item or json, from_item or parse
        self.literal = literal or json
        self.native, self.compound, self.exact = native, compound, exact
        self.fixed, self.width, self.parts = fixed, width, parts
        self.split, self.join = split or _no_parts, join or _no_join
        self.from_wire = from_wire
        self.to_wire: Callable[[Any], bytes | None] = _or_none(encode)
        self.to_program: Callable[[Any], Any] = same if dump is same else _or_none(dump)
        self.from_program: Callable[[Any], Any] = _or_none(load)

    def __repr__(self) -> str:
        return f"<codec of {self.type}>"

    def to_plain(self, stored: Stored, /) -> Any:
        """Return what functions work with."""
        return None if stored is None else self.plain(stored)

    def from_plain(self, plain: Any, /) -> Stored:
        """Return the stored form of what functions made. Raises InvalidValue."""
        return None if plain is None else self.unplain(plain)

    def to_json(self, stored: Stored, /) -> str:
        """Return what ``toJson`` gives."""
        return "null" if stored is None else self.json(stored)

    def from_json(self, value: Any, /) -> Stored:
        """Return the value that JSON says. Raises InvalidValue."""
        return None if value is None else self.parse(value)

    def to_literal(self, stored: Stored, /) -> str:
        """Return the value as CQL writes it."""
        return "null" if stored is None else self.literal(stored)

    def to_key(self, stored: Stored, /) -> bytes:
        """Return bytes that sort as Cassandra orders the values; null has none."""
        return self.write_key(stored)

    def from_key(self, key: bytes, /) -> Stored:
        """Return the value of such bytes."""
        stored: Stored = self.read_key(key, 0)[0]
        return stored


def _or_none(way: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def nullable(value: Any) -> Any:
        return None if value is None else way(value)

    return nullable


def _no_parts(stored: str) -> list[Any]:
    raise TypeError("a value of this type has no parts")


def _no_join(parts: list[Any]) -> str:
    raise TypeError("a value of this type has no parts")


# What Cassandra's messages call the values of JSON, and how it shows them


def java_class(value: object) -> str:
    """Return the class that Cassandra's messages name for a value of JSON."""
    if value.__class__ is int:
        number = int(str(value)) if not isinstance(value, int) else value
        if -(2**31) <= number < 2**31:
            return "Integer"
        return "Long" if -(2**63) <= number < 2**63 else "BigInteger"
    return _JAVA.get(value.__class__, value.__class__.__name__)


_JAVA: dict[type, str] = {
    bool: "Boolean",
    float: "Double",
    str: "String",
    list: "ArrayList",
    dict: "LinkedHashMap",
}


def java_text(value: object) -> str:
    """Return a value of JSON as Cassandra's messages show it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return java_double(value)
    if isinstance(value, list):
        return f"[{', '.join(map(java_text, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join([f'{key}={java_text(one)}' for key, one in value.items()])}}}"
    return str(value)


def expected(what: str, value: object) -> FivefoldError:
    """Return the error for JSON of another kind than the type takes."""
    said = f"{java_class(value)}: {java_text(value)}"
    return invalid_value(f"Expected {what}, but got a {said}")


def refused(value: object, type: CqlType) -> FivefoldError:
    """Return the error for what a program passed and the type does not take."""
    return invalid_value(f"{value!r} of Python's {value.__class__.__name__} is no {type.name}")


def java_double(value: float, digits: str | None = None) -> str:
    """Return a float as Java shows it; ``digits`` are its shortest ones, if not those of repr.

    Between a thousandth and ten million without an exponent, always with a fraction.
    """
    if value != value:
        return "NaN"
    if value in (_INFINITE, -_INFINITE):
        return "Infinity" if value > 0 else "-Infinity"
    text = digits or repr(value)
    size = abs(value)
    if 1e-3 <= size < 1e7 and "e" not in text:
        return text if "." in text else f"{text}.0"
    if not size:
        return "-0.0" if text[0] == "-" else "0.0"
    mantissa, _, exponent = text.lstrip("-").partition("e")
    whole, _, fraction = mantissa.partition(".")
    significant = (whole + fraction).lstrip("0")
    leading = len(whole + fraction) - len(significant)
    power = int(exponent or 0) + len(whole) - leading - 1
    significant = significant.rstrip("0") or "0"
    sign = "-" if value < 0 else ""
    if -3 <= power < 7:
        if power < 0:
            return f"{sign}0.{'0' * (-power - 1)}{significant}"
        significant = significant.ljust(power + 1, "0")
        return f"{sign}{significant[: power + 1]}.{significant[power + 1 :] or '0'}"
    return f"{sign}{significant[0]}.{significant[1:] or '0'}E{power}"


_INFINITE = float("inf")
