"""Whole rows: between stored forms, the bytes of the protocol and what programs get.

Each way is made once for a shape of rows: its text is compiled, so that the values of a row cost
one call each and nothing in between.

Source: section 3, "[bytes]", and section 4.2.5.2, "Rows", of the native protocol's specification.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from struct import Struct
from typing import Any, cast

from fivefold.values.cql.codec import Codec
from fivefold.values.cql.making import ValueCodec, same

NULL = b"\xff\xff\xff\xff"

_WIDTHS = {"b": 1, "h": 2, "i": 4, "f": 4, "q": 8, "d": 8, "?": 1}
_PACKERS: dict[str, Callable[..., bytes]] = {
    letter: Struct(f">i{letter}").pack for letter in _WIDTHS
}
_size = Struct(">i").pack


def row_encoder(codecs: Sequence[Codec]) -> Callable[[Sequence[Any]], bytes]:
    """Return the way from a row of stored values to its values as [bytes], one after the other."""
    return _row_encoder(tuple(cast(Sequence[ValueCodec], codecs)))


@lru_cache(maxsize=1024)
def _row_encoder(codecs: tuple[ValueCodec, ...]) -> Callable[[Sequence[Any]], bytes]:
    scope: dict[str, Any] = {"null": NULL, "size": _size, "join": b"".join}
    pieces = [_piece(codec, f"v{at}", at, scope) for at, codec in enumerate(codecs)]
    if not pieces:
        return lambda row: b""
    names = "".join([f"v{at}, " for at in range(len(pieces))])
    body = f"join(({', '.join(pieces)},))" if len(pieces) > 1 else pieces[0]
    exec(f"def encode(row):\n    {names} = row\n    return {body}", scope)
    return cast(Callable[[Sequence[Any]], bytes], scope["encode"])


def _piece(codec: ValueCodec, name: str, at: int, scope: dict[str, Any]) -> str:
    """Return the expression of one value as [bytes], and put what it needs into ``scope``."""
    letter = codec.fixed
    if letter in "fd" and letter:
        scope[f"pack{at}"] = _PACKERS[letter]
        scope[f"rare{at}"] = _rare_float(codec)
        packed = f"pack{at}({_WIDTHS[letter]}, {name})"
        return f"{packed} if {name}.__class__ is float else rare{at}({name})"
    if letter == "s":
        return f"size(len({name} := {name}.encode())) + {name} if {name} is not None else null"
    if codec.type.name == "blob":
        return f"size(len({name})) + {name} if {name} is not None else null"
    if letter:
        scope[f"pack{at}"] = _PACKERS[letter]
        return f"pack{at}({_WIDTHS[letter]}, {name}) if {name} is not None else null"
    scope[f"encode{at}"] = codec.encode
    return f"size(len({name} := encode{at}({name}))) + {name} if {name} is not None else null"


def _rare_float(codec: ValueCodec) -> Callable[[Any], bytes]:
    def encode(value: Any) -> bytes:
        if value is None:
            return NULL
        wire = codec.encode(value)
        return _size(len(wire)) + wire

    return encode


def row_decoder(codecs: Sequence[Codec]) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    """Return the way from a row of stored values to a tuple of what a program gets."""
    return _row_decoder(tuple(cast(Sequence[ValueCodec], codecs)))


@lru_cache(maxsize=1024)
def _row_decoder(codecs: tuple[ValueCodec, ...]) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    if all(codec.dump is same for codec in codecs):
        return tuple
    scope: dict[str, Any] = {}
    pieces = []
    for at, codec in enumerate(codecs):
        if codec.dump is same:
            pieces.append(f"v{at}")
        else:
            scope[f"dump{at}"] = codec.dump
            pieces.append(f"None if v{at} is None else dump{at}(v{at})")
    names = "".join([f"v{at}, " for at in range(len(pieces))])
    exec(f"def decode(row):\n    {names} = row\n    return ({', '.join(pieces)},)", scope)
    return cast(Callable[[Sequence[Any]], tuple[Any, ...]], scope["decode"])
