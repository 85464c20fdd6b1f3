"""When two replies mean the same although their bytes differ: where Redis promises no order.

Whatever is not named here must agree byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Words = tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A reply: its first byte, its text, and the items of a collection, those of a map in turn."""

    kind: bytes
    text: bytes
    items: tuple[Node, ...] = ()

    def key(self) -> tuple[object, ...]:
        """Return what to sort by."""
        return self.kind, self.text, tuple(item.key() for item in self.items)


class NotWhole(Exception):
    """More bytes are to come."""


def parse(data: bytes, at: int = 0) -> tuple[Node, int]:
    """Return the reply that begins at ``at`` and where the next begins. Raises NotWhole.

    Source: "Redis serialization protocol specification" (redis.io), RESP2 and RESP3.
    """
    end = data.find(b"\r\n", at)
    if end < 0:
        raise NotWhole
    kind, line, at = data[at : at + 1], data[at + 1 : end], end + 2
    if kind in b"$=" and line != b"-1":
        length = int(line)
        if len(data) < at + length + 2:
            raise NotWhole
        return Node(kind, data[at : at + length]), at + length + 2
    if kind not in b"*~>%|" or line == b"-1":
        return Node(kind, line), at
    items: list[Node] = []
    for _ in range(int(line) * (2 if kind in b"%|" else 1)):
        item, at = parse(data, at)
        items.append(item)
    return Node(kind, line, tuple(items)), at


Rule = Callable[[Words, Node, Node], bool]


def _sorted(items: tuple[Node, ...], together: int = 1) -> list[tuple[object, ...]]:
    groups = [items[at : at + together] for at in range(0, len(items), together)]
    return sorted(tuple(item.key() for item in group) for group in groups)


def _same_shape(ours: Node, theirs: Node) -> bool:
    return (ours.kind, len(ours.items)) == (theirs.kind, len(theirs.items))


def unordered(words: Words, ours: Node, theirs: Node) -> bool:
    """The same items in some order."""
    return _same_shape(ours, theirs) and _sorted(ours.items) == _sorted(theirs.items)


def pairs(words: Words, ours: Node, theirs: Node) -> bool:
    """The same pairs in some order."""
    return _same_shape(ours, theirs) and _sorted(ours.items, 2) == _sorted(theirs.items, 2)


def scanned(together: int) -> Rule:
    """Cursors are anybody's own; two scans that ended at once found the same."""

    def rule(words: Words, ours: Node, theirs: Node) -> bool:
        if not (_same_shape(ours, theirs) and len(ours.items) == 2):
            return False
        if words[1 if words[0].upper() == b"SCAN" else 2] != b"0":
            return True
        if b"0" not in (ours.items[0].text, theirs.items[0].text):
            return True
        if ours.items[0].text != theirs.items[0].text:
            return _is_part(ours.items[1], theirs.items[1], together)
        return _sorted(ours.items[1].items, together) == _sorted(theirs.items[1].items, together)

    return rule


def _is_part(one: Node, other: Node, together: int) -> bool:
    mine, others = _sorted(one.items, together), _sorted(other.items, together)
    return all(item in others for item in mine) or all(item in mine for item in others)


def chosen(words: Words, ours: Node, theirs: Node) -> bool:
    """Chance chose: as many, and of the same kinds. Who they are, the sequence checks."""
    if ours.kind != theirs.kind or ours.kind == b"-":
        return False
    return len(ours.items) == len(theirs.items) and all(map(_alike, ours.items, theirs.items))


def _alike(ours: Node, theirs: Node) -> bool:
    return (ours.kind, len(ours.items)) == (theirs.kind, len(theirs.items))


def at_most(words: Words, ours: Node, theirs: Node) -> bool:
    """redis-server counts what has expired until it is deleted (RD-3)."""
    return ours.kind == theirs.kind == b":" and int(ours.text) <= int(theirs.text)


def searched(words: Words, ours: Node, theirs: Node) -> bool:
    """Places are found in no order unless one is asked for; ANY takes whichever come first."""
    said = {word.upper() for word in words}
    if b"ANY" in said:
        return chosen(words, ours, theirs)
    return not said & {b"ASC", b"DESC", b"COUNT"} and unordered(words, ours, theirs)


def described(words: Words, ours: Node, theirs: Node) -> bool:
    """A client's number is its own, and so is a stream's radix tree."""
    return ours.kind == theirs.kind in b"*%" and _told(ours) == _told(theirs)


def _told(node: Node) -> list[tuple[object, ...]]:
    told = zip(node.items[::2], node.items[1::2], strict=False)
    return [
        (name.text, value.key())
        for name, value in told
        if name.text != b"id" and b"radix" not in name.text
    ]


def counted(words: Words, ours: Node, theirs: Node) -> bool:
    """PFCOUNT leaves its count in Redis's string: eight bytes of it are a cache (RD-76)."""
    mine, other = ours.text, theirs.text
    if mine[:4] != b"HYLL" or ours.kind != theirs.kind:
        return False
    return mine[:8] + mine[16:] == other[:8] + other[16:]


def listed(words: Words, ours: Node, theirs: Node) -> bool:
    """Each has the commands that it has (RD-1)."""
    return len(words) == 1 and ours.kind == theirs.kind == b"*"


RULES: dict[bytes, Rule] = {
    b"COMMAND": listed,
    b"GET": counted,
    **dict.fromkeys([b"SMEMBERS", b"SINTER", b"SUNION", b"SDIFF", b"KEYS"], unordered),
    **dict.fromkeys([b"HKEYS", b"HVALS"], unordered),
    b"HGETALL": pairs,
    **dict.fromkeys([b"SCAN", b"SSCAN"], scanned(1)),
    **dict.fromkeys([b"HSCAN", b"ZSCAN"], scanned(2)),
    **dict.fromkeys([b"SRANDMEMBER", b"HRANDFIELD", b"ZRANDMEMBER", b"RANDOMKEY"], chosen),
    b"SPOP": chosen,
    b"DBSIZE": at_most,
    **dict.fromkeys([b"GEOSEARCH", b"GEORADIUS", b"GEORADIUSBYMEMBER"], searched),
    **dict.fromkeys([b"GEORADIUS_RO", b"GEORADIUSBYMEMBER_RO"], searched),
    **dict.fromkeys([b"XINFO", b"HELLO"], described),
}


def agree(words: Words, ours: bytes, theirs: bytes, queued: list[Words]) -> bool:
    """Say whether two replies mean the same; ``queued`` is what an EXEC has run."""
    if ours == theirs:
        return True
    return _agree(words, parse(ours)[0], parse(theirs)[0], queued)


def _agree(words: Words, ours: Node, theirs: Node, queued: list[Words]) -> bool:
    if ours == theirs:
        return True
    name = words[0].upper()
    if name == b"EXEC" and queued:
        return _same_shape(ours, theirs) and all(
            _agree(each, mine, other, [])
            for each, mine, other in zip(queued, ours.items, theirs.items, strict=True)
        )
    if name in (b"EVAL", b"EVALSHA") and len(words) > 3:
        name, words = words[3].upper(), words[3:]
    rule = RULES.get(name)
    return rule is not None and rule(words, ours, theirs)
