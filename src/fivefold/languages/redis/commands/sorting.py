"""SORT, which orders the elements of a list, set or sorted set by themselves or by other keys."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

from fivefold.languages.redis.arguments import bad_value, parse_int, syntax_error
from fivefold.languages.redis.command import Command
from fivefold.languages.redis.commands.elements import changed
from fivefold.languages.redis.context import Context
from fivefold.models.keyvalue import lists
from fivefold.models.keyvalue.entries import Entry
from fivefold.models.keyvalue.fixed import read
from fivefold.models.keyvalue.layout import HASH, LIST, SET, SORTED_SET, STRING
from fivefold.models.keyvalue.slots import FIELDS, MEMBERS
from fivefold.models.keyvalue.space import wrong_kind
from fivefold.values.replies import Reply

# What strtod reads to the end of the word.
_NUMBER = re.compile(
    rb"[ \t\n\v\f\r]*[+-]?(?:inf(?:inity)?|0x[0-9a-f]*\.?[0-9a-f]+(?:p[+-]?[0-9]+)?"
    rb"|[0-9]+\.?[0-9]*(?:e[+-]?[0-9]+)?|\.[0-9]+(?:e[+-]?[0-9]+)?)?",
    re.IGNORECASE,
)

_BY_SCORE = read(
    "SELECT member FROM {sorted_set_members} WHERE id = ? ORDER BY score, member",
    "id",
    "member",
    scans=True,
)


@dataclass(slots=True)
class _Options:
    descending: bool = False
    alpha: bool = False
    start: int = 0
    count: int = -1
    by: bytes | None = None
    gets: list[bytes] = field(default_factory=list)
    target: bytes | None = None


def _read_options(args: list[bytes], may_store: bool) -> _Options:
    options = _Options()
    at = 2
    while at < len(args):
        word, left = args[at].upper(), len(args) - at - 1
        if word in (b"ASC", b"DESC"):
            options.descending = word == b"DESC"
        elif word == b"ALPHA":
            options.alpha = True
        elif word == b"LIMIT" and left >= 2:
            options.start, options.count = parse_int(args[at + 1]), parse_int(args[at + 2])
            at += 2
        elif word == b"STORE" and left >= 1 and may_store:
            options.target = args[at + 1]
            at += 1
        elif word == b"BY" and left >= 1:
            options.by = args[at + 1]
            at += 1
        elif word == b"GET" and left >= 1:
            options.gets.append(args[at + 1])
            at += 1
        else:
            raise syntax_error()
        at += 1
    return options


def _elements(context: Context, entry: Entry) -> list[bytes]:
    space = context.space
    if entry.kind == LIST:
        return lists.between(space, entry, 0, entry.count)
    rows = MEMBERS.all(space, entry) if entry.kind == SET else space.read(_BY_SCORE, (entry.id,))
    return [member for (member,) in rows]


def _look_up(context: Context, pattern: bytes, element: bytes) -> bytes | None:
    """Return what a pattern means for an element: a string, or with ``->`` a hash's field."""
    if pattern == b"#":
        return element
    before, star, after = pattern.partition(b"*")
    if not star:
        return None
    rest, _, name = after.partition(b"->")
    rest = rest if name else after
    space = context.space
    entry = space.find(before + element + rest, context.now_ms)
    if entry is None or entry.kind != (HASH if name else STRING):
        return None
    return FIELDS.value(space, entry, name) if name else space.value(entry)


def _number(word: bytes | None) -> float:
    if word is None:
        return 0.0
    text = word.strip(b" \t\n\v\f\r") if _NUMBER.fullmatch(word) else b"nan"
    try:
        value = float.fromhex(text.decode()) if b"x" in text.lower() else float(text or b"0")
    except (ValueError, OverflowError):
        value = math.nan
    if math.isnan(value) or (math.isinf(value) and b"inf" not in text.lower()):
        raise bad_value("One or more scores can't be converted into double")
    return value


def _sorted(context: Context, elements: list[bytes], options: _Options) -> list[bytes]:
    by = options.by
    keys = {
        element: element if by is None else _look_up(context, by, element) for element in elements
    }
    if not options.alpha:
        numbers = {element: _number(word) for element, word in keys.items()}
        return sorted(
            elements,
            key=lambda element: (numbers[element], element),
            reverse=options.descending,
        )
    return sorted(
        elements,
        key=lambda element: (keys[element] is not None, keys[element] or b""),
        reverse=options.descending,
    )


def _sort(context: Context, args: list[bytes], may_store: bool) -> Reply:
    options = _read_options(args, may_store)
    entry = context.space.find(args[1], context.now_ms)
    if entry is not None and entry.kind not in (LIST, SET, SORTED_SET):
        raise wrong_kind()
    elements: list[bytes] = []
    if entry is not None:
        context.expect(entry.count * (1 + len(options.gets) + (options.by is not None)))
        elements = _elements(context, entry)
        unsorted = options.by is not None and b"*" not in options.by
        if unsorted and entry.kind == SET and options.target is not None:
            unsorted, options.alpha, options.by = False, True, None
        if not unsorted:
            elements = _sorted(context, elements, options)
        elif entry.kind != SET and options.descending:
            elements.reverse()
    start = max(options.start, 0)
    chosen = elements[start : None if options.count < 0 else start + options.count]
    gets = options.gets or [b"#"]
    found = [_look_up(context, pattern, element) for element in chosen for pattern in gets]
    if options.target is None:
        return found  # type: ignore[return-value]  # a list of bytes or None is a list of replies
    return _store(context, options.target, [value or b"" for value in found])


def _store(context: Context, key: bytes, values: list[bytes]) -> int:
    space = context.space
    if not values:
        if space.delete(key, context.now_ms):
            context.notify("g", "del", key)
        return 0
    made = space.make(key, LIST, context.stamp())
    lists.push(space, made, values, left=False)
    changed(context, made, "l", "sortstore")
    return len(values)


def sort(context: Context, args: list[bytes]) -> Reply:
    """Return elements in order, or what other keys say of them; or store that as a list."""
    return _sort(context, args, True)


def sort_ro(context: Context, args: list[bytes]) -> Reply:
    """Return elements in order, or what other keys say of them."""
    return _sort(context, args, False)


COMMANDS = (
    Command("sort", sort, -2, ("write", "denyoom", "movablekeys"), 1, 1, 1),
    Command("sort_ro", sort_ro, -2, ("readonly", "movablekeys"), 1, 1, 1),
)
