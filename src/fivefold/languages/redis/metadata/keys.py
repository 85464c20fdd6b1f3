"""Which words of a command are keys, and what is done to them: COMMAND GETKEYS.

As redis-server does it: by the key specifications, and for the few commands whose specifications
do not tell all (SORT … STORE, GEORADIUS, MIGRATE, SET and BITFIELD) by a function of their own.
"""

from __future__ import annotations

from collections.abc import Callable

from fivefold.languages.redis.metadata.facts import Facts, KeySpec

Found = list[tuple[int, tuple[str, ...]]]
"""The positions of the keys, each with the flags of COMMAND GETKEYSANDFLAGS."""

_READ = ("RO", "access")
_OVERWRITE = ("OW", "update")
_CHANGE = ("RW", "access", "update")
_NO_INTEGER = 1 << 63
_SORT_OPTIONS = {b"LIMIT": 2, b"GET": 1, b"BY": 1}
_MIGRATE_OPTIONS = {b"AUTH": 1, b"AUTH2": 2}


def has_keys(facts: Facts) -> bool:
    """Say whether some word of the command may be a key."""
    return any("not_key" not in spec.flags for spec in facts.key_specs)


def find_keys(facts: Facts, words: list[bytes]) -> Found:
    """Return where the keys are; empty if the words make no sense."""
    if not any("variable_flags" in spec.flags for spec in facts.key_specs):
        found = _by_specs(facts, words)
        if found is not None:
            return found
    by_hand = _BY_HAND.get(facts.name)
    return [] if by_hand is None else by_hand(words)


def _by_specs(facts: Facts, words: list[bytes]) -> Found | None:
    """Return where the keys are, or None if a specification cannot be followed."""
    found: Found = []
    for spec in facts.key_specs:
        if "not_key" in spec.flags:
            continue
        first = _begin(spec, words)
        place = None if first is None else _range(spec, first, words)
        if place is None or "incomplete" in spec.flags:
            return None
        first, last, step = place
        if not first <= last < len(words):
            return None
        found += [(at, spec.flags) for at in range(first, last + 1, step)]
    return found


def _begin(spec: KeySpec, words: list[bytes]) -> int | None:
    match spec.begin:
        case ("index", position):
            return int(position)
        case ("keyword", keyword, position):
            start, count = int(position), len(words)
            places = range(start, count - 1) if start > 0 else range(count + start, 1, -1)
            sought = keyword.encode()
            return next((at + 1 for at in places if words[at].upper() == sought), None)
    return None


def _range(spec: KeySpec, first: int, words: list[bytes]) -> tuple[int, int, int] | None:
    """Return the first and last position of the keys, and the step from one to the next."""
    match spec.find:
        case ("range", last, step, limit):
            if int(last) >= 0:
                return first, first + int(last), int(step)
            if int(limit):
                return first, first + (len(words) - first) // int(limit) - 1, int(step)
            return first, len(words) + int(last), int(step)
        case ("keynum", at, offset, step):
            place = first + int(at)
            count = _number(words[place]) if place < len(words) else -1
            if count < 0:
                return None
            first += int(offset)
            return first, first + count - 1, int(step)
    return None


def _number(word: bytes) -> int:
    """Return a number of keys, or -1."""
    return int(word) if word.isdigit() and int(word) < _NO_INTEGER else -1


def _sort(words: list[bytes]) -> Found:
    found: Found = [(1, _READ)]
    at = 2
    while at < len(words):
        word = words[at].upper()
        if word == b"STORE" and at + 1 < len(words):
            found[1:] = [(at + 1, _OVERWRITE)]
        at += 1 + _SORT_OPTIONS.get(word, 0)
    return found


def _sort_ro(words: list[bytes]) -> Found:
    return [(1, _READ)]


def _georadius(words: list[bytes]) -> Found:
    found: Found = [(1, _READ)]
    at = 5
    while at + 1 < len(words):
        if words[at].upper() in (b"STORE", b"STOREDIST"):
            at += 1
            found[1:] = [(at, _OVERWRITE)]
        at += 1
    return found


def _migrate(words: list[bytes]) -> Found:
    flags = ("RW", "access", "delete")
    at = 6
    while at < len(words):
        word = words[at].upper()
        if word == b"KEYS":
            return [] if words[3] else [(place, flags) for place in range(at + 1, len(words))]
        at += 1 + _MIGRATE_OPTIONS.get(word, 0)
    return [(3, flags)]


def _set(words: list[bytes]) -> Found:
    gets = any(word.upper() == b"GET" for word in words[3:])
    return [(1, _CHANGE if gets else _OVERWRITE)]


def _bitfield(words: list[bytes]) -> Found:
    at = 2
    while at < len(words):
        word, left = words[at].upper(), len(words) - at - 1
        if word == b"GET" and left >= 2:
            at += 3
        elif word == b"OVERFLOW" and left >= 1:
            at += 2
        else:
            return [(1, _CHANGE)]
    return [(1, _READ)]


_BY_HAND: dict[str, Callable[[list[bytes]], Found]] = {
    "bitfield": _bitfield,
    "georadius": _georadius,
    "georadiusbymember": _georadius,
    "migrate": _migrate,
    "set": _set,
    "sort": _sort,
    "sort_ro": _sort_ro,
}
