"""BITFIELD: numbers of any width at any bit of a string."""

from __future__ import annotations

from dataclasses import dataclass

from fivefold.languages.redis.arguments import bad_value, parse_int, syntax_error
from fivefold.languages.redis.command import Command
from fivefold.languages.redis.commands.bits import find, parse_offset, store
from fivefold.languages.redis.context import Context
from fivefold.values.replies import Reply


@dataclass(frozen=True, slots=True)
class _Operation:
    """One GET, SET or INCRBY; ``overflow`` is WRAP, SAT or FAIL."""

    name: bytes
    signed: bool
    width: int
    offset: int
    amount: int
    overflow: bytes

    def read(self, value: bytearray) -> int:
        """Return the number as it stands; beyond the end all bits are 0."""
        first, last = self.offset >> 3, (self.offset + self.width - 1) >> 3
        whole = int.from_bytes(value[first : last + 1].ljust(last - first + 1, b"\0"), "big")
        number = whole >> self._spare & ((1 << self.width) - 1)
        return self._wrap(number)

    @property
    def _spare(self) -> int:
        """Return how many bits follow the number in its last byte."""
        return 7 - (self.offset + self.width - 1 & 7)

    def _wrap(self, number: int) -> int:
        number &= (1 << self.width) - 1
        if self.signed and number >> (self.width - 1):
            number -= 1 << self.width
        return number

    def write(self, value: bytearray, number: int) -> None:
        """Overwrite the number; the value is long enough."""
        first, last = self.offset >> 3, (self.offset + self.width - 1) >> 3
        mask = ((1 << self.width) - 1) << self._spare
        whole = int.from_bytes(value[first : last + 1], "big") & ~mask
        whole |= number << self._spare & mask
        value[first : last + 1] = whole.to_bytes(last - first + 1, "big")

    def bounded(self, start: int, amount: int) -> int | None:
        """Return ``start + amount``, treated as ``overflow`` says; None: it fails."""
        low = -(1 << (self.width - 1)) if self.signed else 0
        high = (1 << (self.width - self.signed)) - 1
        total = start + amount
        over = start > high or total > high
        if not over and start >= low and total >= low:
            return total
        if self.overflow == b"WRAP":
            return self._wrap(total)
        if self.overflow == b"SAT":
            return high if over else low
        return None


def _parse_type(word: bytes) -> tuple[bool, int]:
    signed = word[:1] == b"i"
    if word[:1] in (b"i", b"u") and word[1:].isdigit() and len(word) < 4:
        width = int(word[1:])
        if 1 <= width <= 63 + signed and b"%d" % width == word[1:]:
            return signed, width
    raise bad_value(
        "Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64"
        " is."
    )


def _parse(args: list[bytes]) -> list[_Operation]:
    operations = []
    overflow = b"WRAP"
    at = 2
    while at < len(args):
        name, left = args[at].upper(), len(args) - at - 1
        if name == b"OVERFLOW" and left >= 1:
            overflow = args[at + 1].upper()
            if overflow not in (b"WRAP", b"SAT", b"FAIL"):
                raise bad_value("Invalid OVERFLOW type specified")
            at += 2
            continue
        words = {b"GET": 2, b"SET": 3, b"INCRBY": 3}.get(name)
        if words is None or left < words:
            raise syntax_error()
        signed, width = _parse_type(args[at + 1])
        offset = parse_offset(args[at + 2], width)
        amount = parse_int(args[at + 3]) if words == 3 else 0
        operations.append(_Operation(name, signed, width, offset, amount, overflow))
        at += 1 + words
    return operations


def _run(operation: _Operation, value: bytearray) -> int | None:
    """Carry out one operation on a value that is long enough; return its answer."""
    old = operation.read(value)
    if operation.name == b"GET":
        return old
    if operation.name == b"INCRBY":
        new = operation.bounded(old, operation.amount)
        answer = new
    else:
        wanted = operation.amount if operation.signed else operation.amount % 2**64
        new = operation.bounded(wanted, 0)
        answer = None if new is None else old
    if new is not None:
        operation.write(value, new)
    return answer


def bitfield(context: Context, args: list[bytes]) -> Reply:
    """Read and write numbers of any width; return one answer for each operation."""
    operations = _parse(args)
    entry, old = find(context, args[1])
    value = bytearray(old)
    ends = [each.offset + each.width for each in operations if each.name != b"GET"]
    if ends:
        value = bytearray(old.ljust((max(ends) + 7) >> 3, b"\0"))
    answers: list[Reply] = [_run(operation, value) for operation in operations]
    if ends and (bytes(value) != old or entry is None):
        store(context, args[1], entry, bytes(value), "setbit")
    return answers


def bitfield_ro(context: Context, args: list[bytes]) -> Reply:
    """Read numbers of any width."""
    operations = _parse(args)
    if any(operation.name != b"GET" for operation in operations):
        raise bad_value("BITFIELD_RO only supports the GET subcommand")
    _, old = find(context, args[1])
    value = bytearray(old)
    return [operation.read(value) for operation in operations]


COMMANDS = (
    Command("bitfield", bitfield, -2, ("write", "denyoom"), 1, 1, 1),
    Command("bitfield_ro", bitfield_ro, -2, ("readonly", "fast"), 1, 1, 1),
)
