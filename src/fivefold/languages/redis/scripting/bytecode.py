"""Compiled scripts without tail calls.

redis-server's own functions are C, and a C function that is called last (``return redis.call(…)``)
leaves the script's line on the stack, so that errors can name it. Ours are Lua, for which a tail
call wipes the line out. So each tail call of a compiled script is made a plain one: the two
instructions differ in their number only, and both are followed by the same return.

Source: lopcodes.h and ldump.c of Lua 5.1.
"""

from __future__ import annotations

from struct import Struct

_HEADER_BYTES = 12
_CALL, _TAIL_CALL, _OPCODE_BITS = 28, 29, 0x3F
_NIL, _BOOLEAN, _NUMBER, _STRING = 0, 1, 3, 4
_INT, _SIZE = Struct("<i"), Struct("<Q")


def without_tail_calls(chunk: bytes) -> bytes:
    """Return a chunk of ``string.dump`` with its tail calls made plain calls."""
    code = bytearray(chunk)
    end = _patch_function(code, _HEADER_BYTES)
    assert end == len(code), (end, len(code))
    return bytes(code)


def _skip_string(code: bytearray, at: int) -> int:
    return at + _SIZE.size + int(_SIZE.unpack_from(code, at)[0])


def _count(code: bytearray, at: int) -> tuple[int, int]:
    return int(_INT.unpack_from(code, at)[0]), at + _INT.size


def _patch_function(code: bytearray, at: int) -> int:
    """Patch the function at this offset, and those inside it; return the offset behind it."""
    at = _skip_string(code, at) + 12  # its lines, and four bytes of sizes
    count, at = _count(code, at)
    for place in range(at, at + 4 * count, 4):
        if code[place] & _OPCODE_BITS == _TAIL_CALL:
            code[place] = code[place] & ~_OPCODE_BITS | _CALL
    at += 4 * count
    count, at = _count(code, at)
    for _ in range(count):
        at = _skip_constant(code, at)
    count, at = _count(code, at)
    for _ in range(count):
        at = _patch_function(code, at)
    count, at = _count(code, at)
    at += 4 * count  # lines
    count, at = _count(code, at)
    for _ in range(count):
        at = _skip_string(code, at) + 8
    count, at = _count(code, at)
    for _ in range(count):
        at = _skip_string(code, at)
    return at


def _skip_constant(code: bytearray, at: int) -> int:
    kind = code[at]
    at += 1
    if kind == _STRING:
        return _skip_string(code, at)
    assert kind in (_NIL, _BOOLEAN, _NUMBER), kind
    return at + {_NIL: 0, _BOOLEAN: 1, _NUMBER: 8}[kind]
