"""CRC-32C, the checksum of OP_MSG (RFC 3720, appendix B.4: polynomial 0x1EDC6F41, reflected).

No driver sends it unless told to, so it is plain Python: eight bytes a step.
"""

from __future__ import annotations

import struct
from functools import cache

_POLYNOMIAL = 0x82F63B78


@cache
def _tables() -> list[list[int]]:
    first = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = value >> 1 ^ _POLYNOMIAL if value & 1 else value >> 1
        first.append(value)
    tables = [first]
    for _ in range(7):
        tables.append([value >> 8 ^ first[value & 255] for value in tables[-1]])
    return tables


def crc32c(data: bytes | memoryview) -> int:
    """Return the checksum of bytes, unsigned."""
    t0, t1, t2, t3, t4, t5, t6, t7 = _tables()
    crc = 0xFFFFFFFF
    whole = len(data) & ~7
    for low, high in struct.iter_unpack("<II", data[:whole]):
        low ^= crc
        crc = (
            t7[low & 255]
            ^ t6[low >> 8 & 255]
            ^ t5[low >> 16 & 255]
            ^ t4[low >> 24]
            ^ t3[high & 255]
            ^ t2[high >> 8 & 255]
            ^ t1[high >> 16 & 255]
            ^ t0[high >> 24]
        )
    for byte in data[whole:]:
        crc = crc >> 8 ^ t0[(crc ^ byte) & 255]
    return crc ^ 0xFFFFFFFF
