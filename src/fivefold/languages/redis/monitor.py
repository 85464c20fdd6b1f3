"""How MONITOR shows a command (redis.io, "MONITOR")."""

from __future__ import annotations

_ESCAPES = {
    ord("\\"): b"\\\\",
    ord('"'): b'\\"',
    ord("\n"): b"\\n",
    ord("\r"): b"\\r",
    ord("\t"): b"\\t",
    ord("\a"): b"\\a",
    ord("\b"): b"\\b",
}
_SHOWN = [
    _ESCAPES.get(byte, bytes((byte,)) if 32 <= byte < 127 else b"\\x%02x" % byte)
    for byte in range(256)
]


def monitor_line(now_ms: int, database: int, address: str, words: list[bytes]) -> str:
    """Return the line for one command; passwords are not in it."""
    who = address or "lua"
    shown = b" ".join(b'"%b"' % b"".join([_SHOWN[byte] for byte in word]) for word in _safe(words))
    seconds, milliseconds = divmod(now_ms, 1000)
    return f"{seconds}.{milliseconds:03d}000 [{database} {who}] {shown.decode()}"


def _safe(words: list[bytes]) -> list[bytes]:
    name = words[0].lower()
    if name == b"auth":
        return [words[0], *[b"(redacted)"] * (len(words) - 1)]
    if name == b"hello":
        for at, word in enumerate(words):
            if word.upper() == b"AUTH":
                hidden = words[at + 1 : at + 3]
                return [*words[: at + 1], *[b"(redacted)"] * len(hidden), *words[at + 3 :]]
    return words
