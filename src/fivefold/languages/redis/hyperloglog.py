"""HyperLogLog as redis-server keeps it: a string that counts different elements, nearly.

16,384 registers of 6 bits, after a header of 16 bytes: ``HYLL``, the encoding (0 dense, 1 sparse),
three zero bytes, and a count that was worked out before, little-endian, whose highest bit says that
it no longer holds. Sparse registers are runs: ``00nnnnnn`` so many zeros (and one more),
``01nnnnnn nnnnnnnn`` likewise with 14 bits, ``1vvvvvnn`` a value (and one more) up to four times.

The hash is MurmurHash64A and the estimate Otmar Ertl's ("New cardinality estimation
algorithms for HyperLogLog sketches", 2017, algorithm 6), so counts agree with redis-server's.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby

REGISTERS = 1 << 14
_BITS = 50  # of the hash, after those that choose the register
_HEADER_BYTES = 16
_DENSE_BYTES = _HEADER_BYTES + REGISTERS * 6 // 8
_SPARSE_BYTES_MAX = 3000
_SPARSE_VALUE_MAX = 32
_DENSE, _SPARSE = 0, 1
_STALE = b"\0\0\0\0\0\0\0\x80"
_ALPHA = 0.721347520444481703680

_MULTIPLIER, _SEED, _MASK = 0xC6A4A7935BD1E995, 0xADC83B19, 2**64 - 1


class Corrupted(Exception):
    """The registers of a string that begins like one of ours make no sense."""


def is_log(value: bytes) -> bool:
    """Say whether a string is a HyperLogLog, by its header."""
    if value[:4] != b"HYLL" or len(value) < _HEADER_BYTES or value[4] > _SPARSE:
        return False
    return value[4] == _SPARSE or len(value) == _DENSE_BYTES


def new() -> bytes:
    """Return a HyperLogLog that has seen nothing."""
    return _sparse(bytes(REGISTERS)) or b""


def add(value: bytes, elements: Iterable[bytes]) -> bytes | None:
    """Return the HyperLogLog after more elements; None if they change nothing.

    Raises Corrupted.
    """
    found = [_place(element) for element in elements]
    if value[4] == _DENSE:
        return _add_dense(value, found)
    registers = read(value)
    changed = False
    for register, rank in found:
        if rank > registers[register]:
            registers[register] = rank
            changed = True
    return build(registers) if changed else None


def _add_dense(value: bytes, found: list[tuple[int, int]]) -> bytes | None:
    made = bytearray(value)
    changed = False
    for register, rank in found:
        at, shift = divmod(register * 6, 8)
        at += _HEADER_BYTES
        pair = made[at] | (made[at + 1] << 8 if at + 1 < len(made) else 0)
        if rank > (pair >> shift & 63):
            pair = pair & ~(63 << shift) | rank << shift
            made[at] = pair & 255
            if at + 1 < len(made):
                made[at + 1] = pair >> 8
            changed = True
    if not changed:
        return None
    made[8:16] = _STALE
    return bytes(made)


def read(value: bytes) -> bytearray:
    """Return the registers. Raises Corrupted."""
    body = value[_HEADER_BYTES:]
    registers = bytearray(_unpacked(body) if value[4] == _DENSE else b"".join(_runs(body)))
    if len(registers) != REGISTERS:
        raise Corrupted
    return registers


def _unpacked(body: bytes) -> Iterator[int]:
    for one, two, three in zip(body[::3], body[1::3], body[2::3], strict=True):
        yield one & 63
        yield (one >> 6 | two << 2) & 63
        yield (two >> 4 | three << 4) & 63
        yield three >> 2


def _runs(body: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(body):
        code = body[at]
        at += 1
        if code & 0x80:
            yield bytes([(code >> 2 & 31) + 1]) * ((code & 3) + 1)
        elif code & 0x40:
            if at == len(body):
                raise Corrupted
            yield bytes(((code & 63) << 8 | body[at]) + 1)
            at += 1
        else:
            yield bytes(code + 1)


def build(registers: bytes | bytearray) -> bytes:
    """Return a HyperLogLog with these registers, as short as may be."""
    return _sparse(registers) or _dense(registers)


def _sparse(registers: bytes | bytearray) -> bytes | None:
    body = bytearray()
    for rank, same in groupby(registers):
        count = sum(1 for _ in same)
        if rank > _SPARSE_VALUE_MAX:
            return None
        if rank:
            while count:
                part = min(count, 4)
                body.append(0x80 | (rank - 1) << 2 | part - 1)
                count -= part
        elif count <= 64:
            body.append(count - 1)
        else:
            body += bytes([0x40 | count - 1 >> 8, count - 1 & 255])
        if len(body) > _SPARSE_BYTES_MAX:
            return None
    return b"HYLL\x01\0\0\0" + _STALE + body


def _dense(registers: bytes | bytearray) -> bytes:
    body = bytearray()
    for at in range(0, REGISTERS, 4):
        one, two, three, four = registers[at : at + 4]
        body += (one | two << 6 | three << 12 | four << 18).to_bytes(3, "little")
    return b"HYLL\0\0\0\0" + _STALE + body


def merged(logs: Iterable[bytearray]) -> bytearray:
    """Return registers that have seen what any of these has."""
    return bytearray(map(max, bytes(REGISTERS), bytes(REGISTERS), *logs))


def count(registers: bytes | bytearray) -> int:
    """Return about how many different elements were added."""
    ranks = Counter(registers)
    z = REGISTERS * _tau((REGISTERS - ranks[_BITS + 1]) / REGISTERS)
    for rank in range(_BITS, 0, -1):
        z = (z + ranks[rank]) * 0.5
    z += REGISTERS * _sigma(ranks[0] / REGISTERS)
    if math.isinf(z):
        return 0
    return math.floor(_ALPHA * REGISTERS * REGISTERS / z + 0.5)


def _sigma(x: float) -> float:
    if x == 1.0:
        return math.inf
    y, z = 1.0, x
    while True:
        x *= x
        before = z
        z += x * y
        y += y
        if z == before:
            return z


def _tau(x: float) -> float:
    if x in (0.0, 1.0):
        return 0.0
    y, z = 1.0, 1 - x
    while True:
        x = math.sqrt(x)
        before = z
        y *= 0.5
        z -= (1 - x) ** 2 * y
        if z == before:
            return z / 3


def _place(element: bytes) -> tuple[int, int]:
    """Return the register of an element, and the rank that it has at least after it."""
    hashed = _hash(element)
    rest = hashed >> 14 | 1 << _BITS
    return hashed & REGISTERS - 1, (rest & -rest).bit_length()


def _hash(data: bytes) -> int:
    hashed = _SEED ^ (len(data) * _MULTIPLIER & _MASK)
    whole = len(data) & ~7
    for at in range(0, whole, 8):
        word = int.from_bytes(data[at : at + 8], "little") * _MULTIPLIER & _MASK
        word = (word ^ word >> 47) * _MULTIPLIER & _MASK
        hashed = (hashed ^ word) * _MULTIPLIER & _MASK
    if len(data) > whole:
        hashed = (hashed ^ int.from_bytes(data[whole:], "little")) * _MULTIPLIER & _MASK
    hashed = (hashed ^ hashed >> 47) * _MULTIPLIER & _MASK
    return hashed ^ hashed >> 47
