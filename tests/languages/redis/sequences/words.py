"""The kinds of words that commands.txt names: few of each, so that they meet, and some bad ones."""

from __future__ import annotations

START_MS = 1_700_000_000_000
"""What the clocks say when a sequence begins."""

Words = tuple[bytes, ...]


def _of(text: str, *more: bytes) -> Words:
    return *(word.encode() for word in text.split()), *more


_INT64_MAX, _INT64_MIN = 2**63 - 1, -(2**63)
_EXTREMES = f"{_INT64_MAX} {_INT64_MIN} {_INT64_MAX + 1}"
_BINARY = b"\xff\x00*"

# Minus zero is nowhere (RD-65). No offset is so large, and yet right, that a string of 512 MB would
# be made.
NASTY = _of(
    f"x -1 0 1 2 abc {_EXTREMES} 18446744073709551615 4294967296 nan inf -inf +inf 1.5 1e400 0x10"
    " 01 +5 ( [ - + $ * = ~ # 1-1 NX XX GET COUNT LIMIT STORE WITHSCORES s1 h1 l1 t1 z1 x1",
    *(b"", _BINARY, b" 1", b"1 ", b"a\r\nb"),
)

_OWN = {
    "string": "s1 s2",
    "number": "n1 n1 s1",
    "bits": "b1 b2 b3 s1",
    "hash": "h1 h1 h2",
    "list": "l1 l1 l2",
    "set": "t1 t2 t3",
    "zset": "z1 z2 z3",
    "geo": "g1",
    "stream": "x1 x1 x2",
    "hll": "p1 p2 p3",
}
_ALL = " ".join(_OWN.values()) + " d1 d2"


def _keys(own: str) -> Words:
    """Nine in ten are of the kind, when nothing has been renamed."""
    strange = [*_ALL.split(), "missing", ""]
    usual = own.split() * (9 * len(strange) // len(own.split()))
    return tuple(word.encode() for word in usual + strange)


_MEMBERS = "a b c d e aa ab 1 2 3 10 -5 1.5"

KINDS: dict[str, Words] = {
    **{kind: _keys(own) for kind, own in _OWN.items()},
    "key": _of(_ALL, b"missing", b"", _BINARY),
    "new": _of("d1 d2 d1 d2 s1 h1 l1 t1 z1 x1 g1"),
    "value": _of("0 1 12 -7 1.5 word a b c 3e2 007", b"", _BINARY, b"a longer word " * 5),
    "field": _of("f1 f2 f3 a 1", b"", _BINARY),
    "member": _of(_MEMBERS + " " + _MEMBERS, b"", _BINARY, b"a longer member " * 5),
    "score": _of("0 1 2 3 -1 1.5 0.25 1 2 3 0.1 1e3 1e300 inf -inf +inf 1e-7 nan x 0x10"),
    "bound": _of("-inf +inf (1 1 2 (2 0 3 (inf -1 (-1 0.1 1e3 -inf +inf inf x ( (x nan"),
    "lex": _of("- + [a (a [b (c [1 (e - + [ ( a -inf", b"[\xff"),
    "integer": _of(f"0 1 -1 5 -7 100 1 2 {_EXTREMES} x 1.0 010", b"", b" 1"),
    "float": _of("1 1.5 0.1 -2 1e2 3.0e3 -0.25 0x1p4 inf nan x 1e-10 1234567890.123456789", b""),
    "index": _of("0 1 -1 2 -2 3 5 -100 100 0 -1 x"),
    "offset": _of("0 1 2 7 8 30 100 -1 x 4294967296"),
    "bit": _of("0 1 1 0 2 x"),
    "bitkind": _of("u8 i8 u1 i16 u4 i5 u63 i64 u64 i65 u0 x"),
    "place": _of("0 1 3 #0 #1 #2 7 100 -1 x #x"),
    "count": _of("1 2 0 3 10 1 2 5 100 -1 x"),
    "randomcount": _of("1 2 0 3 -1 -3 10 -10 x"),
    "seconds": _of(f"1 10 100 1 0 -1 x 9223372036854775 {_INT64_MAX} {_INT64_MIN}"),
    "ms": _of(f"1 500 1000 5000 500 0 -1 x {_INT64_MAX} {_INT64_MIN}"),
    "unixtime": _of(f"1700000001 1700000010 1700000100 1 0 -1 x {_INT64_MAX}"),
    "unixms": _of(f"1700000000500 1700000010000 1700000001000 1 0 -5 x {_INT64_MAX}"),
    "timeout": _of("0.01 1 0.5 0 2 -1 x inf nan 1e400"),
    "pattern": _of(r"* a* ? [ab]* f? [a-c] [^a]* *1 \a", b"", b"[a"),
    "weights": _of("w_* nosort s1 h1->* *->f1 h*->f1 n* s*"),
    "gets": _of("# w_* s1 h1->f1 *"),
    "cursor": _of("0 0 0 0 0 x -1"),
    "kind": _of("string hash list set zset stream STRING x"),
    "database": _of("0 1 0 1 16 -1 x"),
    "newid": _of("* * 1-1 1-2 2-1 3-3 5-* 7 9-9 1700000000000-5 0-0 0-1 x 1-1-1 1- -"),
    "rangeid": _of("- + 0 1-1 1-2 (1-1 2 2-1 (2 3-3 5 9-9 1700000000000 0-0 (- x 1-x", b""),
    "group": _of("g1 g1 g1 g2", b""),
    "consumer": _of("c1 c1 c2"),
    "longitude": _of("13.361389 15.087269 2.35 0 -122.4 180 -180 181 x"),
    "latitude": _of("38.115556 37.502669 48.85 0 37.77 85.05112878 -85.05112878 86 x"),
    "radius": _of("100 200 0 1e6 300.5 20000000 -1 x"),
    "unit": _of("m km km ft mi KM x"),
}
