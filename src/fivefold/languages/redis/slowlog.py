"""The slow log: commands that took long to carry out, newest first (redis.io, "SLOWLOG")."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

WORDS_SHOWN = 32
WORD_BYTES_SHOWN = 128


@dataclass(frozen=True, slots=True)
class Slow:
    """One command: when it began (seconds since 1970), how long it took, and who sent it."""

    number: int
    at: int
    microseconds: int
    words: tuple[bytes, ...]
    address: str
    name: bytes


class SlowLog:
    """The log of one engine. What took ``threshold`` microseconds or more is kept; -1: nothing."""

    def __init__(self, threshold: int, length_max: int) -> None:
        self.threshold = threshold
        self._lock = threading.Lock()
        self._next = 0
        self._entries: deque[Slow] = deque(maxlen=length_max)

    def set_limits(self, threshold: int, length_max: int) -> None:
        """Keep from now on what is as slow, and no more than so many."""
        with self._lock:
            self.threshold = threshold
            kept = list(self._entries)[:length_max]
            self._entries = deque(kept, length_max)

    def add(
        self, words: list[bytes], at: int, microseconds: int, address: str, name: bytes
    ) -> None:
        """Keep a command, cut to what is worth seeing of it."""
        with self._lock:
            entry = Slow(self._next, at, microseconds, _cut(words), address, name)
            self._next += 1
            self._entries.appendleft(entry)

    def entries(self, count: int) -> list[Slow]:
        """Return the newest ones; -1: all of them."""
        with self._lock:
            entries = list(self._entries)
        return entries if count < 0 else entries[:count]

    def __len__(self) -> int:
        return len(self._entries)

    def clear(self) -> None:
        """Forget all of them; numbers go on."""
        with self._lock:
            self._entries.clear()


def _cut(words: list[bytes]) -> tuple[bytes, ...]:
    kept = words
    if len(words) > WORDS_SHOWN:
        kept = words[: WORDS_SHOWN - 1]
        more = b"... (%d more arguments)" % (len(words) - len(kept))
        return (*map(_cut_word, kept), more)
    return tuple(map(_cut_word, kept))


def _cut_word(word: bytes) -> bytes:
    if len(word) <= WORD_BYTES_SHOWN:
        return word
    return b"%b... (%d more bytes)" % (word[:WORD_BYTES_SHOWN], len(word) - WORD_BYTES_SHOWN)
