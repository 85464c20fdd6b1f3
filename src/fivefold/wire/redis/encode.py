"""How replies are spelled in RESP2 and RESP3.

Source: "Redis serialization protocol specification" (redis.io); where RESP2 lacks a type, what
redis-server 7.0 sends to such a client: maps, sets and pushes become arrays, a boolean 1 or 0, a
double and a big number bulk strings, a verbatim text a bulk string, attributes nothing.

The commonest replies have a constant or a function of their own, the same in both versions but
for the nulls; `encode_2` and `encode_3` take any `Reply`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from fivefold.errors import FivefoldError
from fivefold.values.replies import format_double
from fivefold.wire.redis.errors import encode_error
from fivefold.wire.redis.messages import (
    NIL_ARRAY,
    Attributed,
    BigNumber,
    Digits,
    Frames,
    Members,
    Push,
    Reply,
    Verbatim,
)

OK = b"+OK\r\n"
QUEUED = b"+QUEUED\r\n"
PONG = b"+PONG\r\n"
NULL_2 = b"$-1\r\n"
NULL_ARRAY_2 = b"*-1\r\n"
NULL_3 = b"_\r\n"
EMPTY_ARRAY = b"*0\r\n"

_INTEGERS = [b":%d\r\n" % number for number in range(10_000)]
_BULK_HEADERS = [b"$%d\r\n" % length for length in range(4096)]
_SIMPLES = {"OK": OK, "QUEUED": QUEUED, "PONG": PONG}


def encode_integer(number: int) -> bytes:
    """Return an integer reply; `number` fits 64 bits with its sign."""
    return _INTEGERS[number] if 0 <= number < 10_000 else b":%d\r\n" % number


def encode_bulk(text: bytes) -> bytes:
    """Return a bulk string."""
    length = len(text)
    if length < 4096:
        return _BULK_HEADERS[length] + text + b"\r\n"
    return b"$%d\r\n%b\r\n" % (length, text)


def encode_simple(text: str) -> bytes:
    """Return a simple string; `text` holds no line end."""
    known = _SIMPLES.get(text)
    if known is not None:
        return known
    assert "\n" not in text, text
    return b"+%b\r\n" % text.encode()


def encode_array_header(length: int) -> bytes:
    """Return what goes before the `length` replies of an array."""
    return b"*%d\r\n" % length


def encode_bulks(texts: Iterable[bytes | None]) -> bytes:
    """Return an array of bulk strings and nulls as RESP2 has them, as MGET and LRANGE answer."""
    parts = [NULL_2 if text is None else encode_bulk(text) for text in texts]
    return b"*%d\r\n%b" % (len(parts), b"".join(parts))


def _encode_texts(values: list[Reply] | tuple[Reply, ...]) -> bytes:
    """Return an array of bulk strings, as most long ones are, in a third of the time; or nothing.

    Nothing if something else may be among them: no frame is to stand between an array and those
    inside it, for they may be deep.
    """
    if values and type(values[0]) is bytes and type(values[-1]) is bytes:
        try:
            lengths = {*map(len, values)}  # type: ignore[arg-type]  # by its type
            if len(lengths) == 1:  # as of ids and records: one header between all
                between = b"\r\n$%d\r\n" % lengths.pop()
                return b"*%d%b%b\r\n" % (len(values), between, between.join(values))  # type: ignore[arg-type]  # by its type
            parts = [b"\r\n"] * (3 * len(values))
            parts[::3] = [_BULK_HEADERS[len(text)] for text in values]  # type: ignore[arg-type]  # by its type
            parts[1::3] = values  # type: ignore[assignment]
            return b"*%d\r\n%b" % (len(values), b"".join(parts))
        except (TypeError, IndexError):
            pass  # something else is among them, or a long one
    return b""


def _flat(pairs: Mapping[Reply, Reply]) -> list[Reply]:
    return [item for pair in pairs.items() for item in pair]


def encode_2(value: Reply) -> bytes:
    """Return any reply as RESP2."""
    kind = type(value)
    if kind is bytes:
        return encode_bulk(value)  # type: ignore[arg-type]  # by its type
    if kind is int:
        return encode_integer(value)  # type: ignore[arg-type]  # by its type
    if value is None:
        return NULL_2
    return _encode_rare_2(value)


def _encode_rare_2(value: Reply) -> bytes:
    match value:
        case str():
            return encode_simple(value)
        case list() | tuple():
            texts = _encode_texts(value)
            return texts or b"*%d\r\n%b" % (len(value), b"".join(map(encode_2, value)))
        case set() | frozenset():
            return b"*%d\r\n%b" % (len(value), b"".join(map(encode_2, value)))
        case dict():
            return b"*%d\r\n%b" % (2 * len(value), b"".join(map(encode_2, _flat(value))))
        case bytes():
            return encode_bulk(value)
        case int():  # a boolean too
            return encode_integer(int(value))
        case float():
            return encode_bulk(format_double(value))
        case FivefoldError():
            return encode_error(value)
        case BigNumber():
            return encode_bulk(b"%d" % value.value)
        case Verbatim() | Digits():
            return encode_bulk(value.text)
        case Push():
            return encode_2(list(value.items))
        case Frames():
            return b"".join(map(encode_2, value.items))
        case Attributed():
            return encode_2(value.value)
        case _:
            assert value is NIL_ARRAY, value
            return NULL_ARRAY_2


def encode_3(value: Reply) -> bytes:
    """Return any reply as RESP3."""
    kind = type(value)
    if kind is bytes:
        return encode_bulk(value)  # type: ignore[arg-type]  # by its type
    if kind is int:
        return encode_integer(value)  # type: ignore[arg-type]  # by its type
    if value is None:
        return NULL_3
    return _encode_rare_3(value)


def _encode_rare_3(value: Reply) -> bytes:
    match value:
        case str():
            return encode_simple(value)
        case Members():
            return b"~%d\r\n%b" % (len(value), b"".join(map(encode_3, value)))
        case list() | tuple():
            texts = _encode_texts(value)
            return texts or b"*%d\r\n%b" % (len(value), b"".join(map(encode_3, value)))
        case dict():
            return b"%%%d\r\n%b" % (len(value), b"".join(map(encode_3, _flat(value))))
        case set() | frozenset():
            return b"~%d\r\n%b" % (len(value), b"".join(map(encode_3, value)))
        case bytes():
            return encode_bulk(value)
        case bool():
            return b"#t\r\n" if value else b"#f\r\n"
        case int():
            return encode_integer(value)
        case float():
            return b",%b\r\n" % format_double(value)
        case FivefoldError():
            return encode_error(value)
        case BigNumber():
            return b"(%d\r\n" % value.value
        case Digits():
            return b",%b\r\n" % value.text
        case Verbatim():
            assert len(value.format) == 3, value.format
            text = b"%b:%b" % (value.format.encode(), value.text)
            return b"=%d\r\n%b\r\n" % (len(text), text)
        case Push():
            return b">%d\r\n%b" % (len(value.items), b"".join(map(encode_3, value.items)))
        case Frames():
            return b"".join(map(encode_3, value.items))
        case Attributed():
            pairs = _flat(value.attributes)
            header = b"|%d\r\n%b" % (len(value.attributes), b"".join(map(encode_3, pairs)))
            return header + encode_3(value.value)
        case _:
            assert value is NIL_ARRAY, value
            return NULL_3


ENCODERS: dict[int, Callable[[Reply], bytes]] = {2: encode_2, 3: encode_3}
