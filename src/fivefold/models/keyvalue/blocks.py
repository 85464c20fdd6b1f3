"""Counted blocks: how a large sorted set finds a rank without counting.

A B-tree does not know how many rows lie before one of them. So the members of a large sorted set,
in their order by (score, member), are divided into blocks, and a row of ``sorted_set_blocks``
says where a block begins and how many members it holds. Blocks of level 1 hold members,
those of level 2 hold blocks of level 1, and so on; the topmost level is short enough to be read
whole. A rank is the sum of the counts before it at each level on the way down, and a few hundred
members at most that are counted one by one.

The first block of each level begins at ``START``, before every member. A block ends where the
next of its level begins. Blocks are made when a set outgrows ``MEMBERS_MAX`` and dropped when one
block would do; ``entry.state`` is the number of levels, None of a set without blocks.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from fivefold.models.keyvalue.entries import Entry
from fivefold.models.keyvalue.fixed import Fixed, read, write
from fivefold.models.keyvalue.space import KeySpace

Position = tuple[float, bytes]
"""Where a member stands among the others: by score, then by its bytes."""

START: Position = (float("-inf"), b"")

MEMBERS_MAX, MEMBERS_MIN = 512, 64
"""How many members a block holds: past the one it is cut in halves, below the other merged."""

CHILDREN_MAX, CHILDREN_MIN = 128, 16
"""The same of the blocks in a block."""

LOOKED_THROUGH = 8
"""Blocks in the whole set for each change up to which all are read instead of one by one."""

_HERE = "id = ? AND level = ?"
_FROM, _TO = "(score, member) >= (?, ?)", "(score, member) < (?, ?)"
_FORWARD = "ORDER BY score, member LIMIT ?"
_PLACE = "id level score member"
_ROW = "score member count"

HOLDING = read(
    f"SELECT score, member, count FROM {{sorted_set_blocks}} WHERE {_HERE}"
    " AND (score, member) <= (?, ?) ORDER BY score DESC, member DESC LIMIT 1",
    _PLACE,
    _ROW,
)
BEFORE = read(HOLDING.text.replace("<=", "<"), _PLACE, _ROW)
UP_TO = read(
    f"SELECT score, member, count FROM {{sorted_set_blocks}} WHERE {_HERE} AND {_FROM}"
    " AND (score, member) <= (?, ?) ORDER BY score, member",
    f"{_PLACE} score member",
    _ROW,
)
ONWARDS = read(
    f"SELECT score, member, count FROM {{sorted_set_blocks}} WHERE {_HERE} AND {_FROM} {_FORWARD}",
    f"{_PLACE} number",
    _ROW,
)
WITHIN = read(
    f"SELECT score, member, count FROM {{sorted_set_blocks}} WHERE {_HERE} AND {_FROM} AND {_TO}"
    f" {_FORWARD}",
    f"{_PLACE} score member number",
    _ROW,
)
NEXT = read(
    f"SELECT score, member FROM {{sorted_set_blocks}} WHERE {_HERE} AND (score, member) > (?, ?)"
    f" {_FORWARD}",
    f"{_PLACE} number",
    "score member",
)
RECOUNT = write(
    f"UPDATE {{sorted_set_blocks}} SET count = ? WHERE {_HERE} AND score = ? AND member = ?",
    f"count {_PLACE}",
)
INSERT = write(
    "INSERT INTO {sorted_set_blocks} (id, level, score, member, count) VALUES (?, ?, ?, ?, ?)",
    f"{_PLACE} count",
)
DELETE = write(
    f"DELETE FROM {{sorted_set_blocks}} WHERE {_HERE} AND score = ? AND member = ?", _PLACE
)
MEMBER_AFTER = read(
    f"SELECT score, member FROM {{sorted_set_members}} WHERE id = ? AND {_FROM}"
    " ORDER BY score, member LIMIT 1 OFFSET ?",
    "id score member number",
    "score member",
)

Block = tuple[Position, int]


class Blocks:
    """The blocks of one sorted set. What changes is the blocks' rows and ``entry.state``."""

    __slots__ = ("_entry", "_space", "levels")

    def __init__(self, space: KeySpace, entry: Entry) -> None:
        space.settle_elements(entry)  # what it counts
        self._space = space
        self._entry = entry
        self.levels = int(entry.state or 0)

    # Ranks

    def before(self, position: Position) -> tuple[int, Position]:
        """Return how many members lie before the block that holds a position, and its start."""
        total, start = 0, START
        for level in range(self.levels, 0, -1):
            rows = self._space.read(UP_TO, (self._entry.id, level, *start, *position))
            total += sum([count for _, _, count in rows[:-1]])
            start = rows[-1][:2]
        return total, start

    def at(self, rank: int) -> tuple[Position, int]:
        """Return the start of the block in which a rank lies, and how many members to skip."""
        start = START
        for level in range(self.levels, 0, -1):
            rows = self._space.read(ONWARDS, (self._entry.id, level, *start, CHILDREN_MAX))
            for score, member, count in rows:
                start = (score, member)
                if rank < count:
                    break
                rank -= count
        return start, rank

    # Changes

    def make(self) -> None:
        """Divide a set without blocks, whose members are in place, into blocks."""
        self._space.change(INSERT, (self._entry.id, 1, *START, self._entry.count))
        self._set_levels(1)
        self._cut_members(START, self._entry.count)

    def count(self, changes: Iterable[tuple[Position, int]]) -> None:
        """Count members that came (1) or went (-1), each at its position."""
        tally = sorted(changes)
        touched: list[Block] = []
        for level in range(1, self.levels + 1):
            rows = self._add(level, tally)
            touched = touched or [(start, count) for start, count, _ in rows]
            tally = [(start, delta) for start, _, delta in rows]
        for start, count in touched:
            if count > MEMBERS_MAX:
                self._cut_members(start, count)
            elif count < MEMBERS_MIN and self.levels and self._is_start(1, start):
                self._merge(1, start)

    def _add(
        self, level: int, tally: list[tuple[Position, int]]
    ) -> list[tuple[Position, int, int]]:
        """Add to the blocks of a level; return (start, new count, what was added) of each."""
        place = (self._entry.id, level)
        if self._entry.count < len(tally) * LOOKED_THROUGH * MEMBERS_MAX // 2:
            return self._add_together(place, tally)
        found = []
        done = 0
        while done < len(tally):
            position, delta = tally[done]
            done += 1
            if done < len(tally):  # others may fall into the same block
                end = self._next(level, position)
                while done < len(tally) and (end is None or tally[done][0] < end):
                    delta += tally[done][1]
                    done += 1
            if delta:
                # Reading and writing apart takes half the time of an UPDATE that looks for its row.
                score, member, count = self._space.read(HOLDING, (*place, *position))[0]
                count += delta
                self._space.change(RECOUNT, (count, *place, score, member))
                found.append(((score, member), count, delta))
        return found

    def _add_together(
        self, place: tuple[int, int], tally: list[tuple[Position, int]]
    ) -> list[tuple[Position, int, int]]:
        """Do what ``_add`` does with a look at every block from the first position to the last."""
        low, high = tally[0][0], tally[-1][0]
        score, member, _ = self._space.read(HOLDING, (*place, *low))[0]
        rows = self._space.read(UP_TO, (*place, score, member, *high))
        found = []
        positions = iter([*tally, None])
        position = next(positions)
        for (score, member, count), following in zip(rows, [*rows[1:], None], strict=True):
            total = 0
            while position is not None and (following is None or position[0] < following[:2]):
                total += position[1]
                position = next(positions)
            if total:
                found.append(((score, member), count + total, total))
        recounted = [(count, *place, *start) for start, count, _ in found]
        self._space.change_many(RECOUNT, recounted)
        return found

    def _cut_members(self, start: Position, count: int) -> None:
        """Cut a block of level 1 that holds too many members."""
        pieces = -(-count // (MEMBERS_MAX // 2))
        ends = [count * piece // pieces for piece in range(1, pieces + 1)]
        position, made = start, []
        skipped = ends[0]
        for end, following in pairwise(ends):
            position = self._space.read(MEMBER_AFTER, (self._entry.id, *position, skipped))[0]
            skipped = following - end
            made.append((position, skipped))
        self._replace(1, (start, ends[0]), made)

    def _replace(self, level: int, first: Block, others: list[Block]) -> None:
        """Have a block hold less than it did, and what it held besides lie in new ones after it."""
        start, count = first
        id_ = self._entry.id
        self._space.change(RECOUNT, (count, id_, level, *start))
        rows = [(id_, level, *begins, holds) for begins, holds in others]
        self._space.change_many(INSERT, rows)
        self._cut_children(level + 1, start)

    def _cut_children(self, level: int, position: Position) -> None:
        """Cut a block that holds too many blocks of the level below."""
        if level > self.levels:
            children = self._children(level, START, None, CHILDREN_MAX)
            if len(children) <= CHILDREN_MAX:
                return
            self._space.change(INSERT, (self._entry.id, level, *START, 0))
            self._set_levels(level)
        parent, end = self._holding(level, position), self._next(level, position)
        children = self._children(level, parent, end)
        if len(children) <= CHILDREN_MAX:
            return
        pieces = -(-len(children) // (CHILDREN_MAX // 2))
        size = -(-len(children) // pieces)
        made = [
            (children[at][0], sum([count for _, count in children[at : at + size]]))
            for at in range(0, len(children), size)
        ]
        self._replace(level, (parent, made[0][1]), made[1:])

    def _merge(self, level: int, start: Position) -> None:
        """Have a block that holds little, and one beside it in the same parent, be one."""
        parent, end = START, None
        if level < self.levels:
            parent, end = self._holding(level + 1, start), self._next(level + 1, start)
        before = self._space.read(BEFORE, (self._entry.id, level, *start)) if start > parent else []
        left = before[0][:2] if before else start
        right = start if before else self._next(level, start)
        if right is None or (end is not None and right >= end):
            if level < self.levels:
                self._merge(level + 1, parent)
            else:  # one block that holds everything is no use
                self._drop()
            return
        beyond = self._next(level, right)
        if self._size(level, left, right) + self._size(level, right, beyond) > (
            MEMBERS_MAX if level == 1 else CHILDREN_MAX
        ):
            return
        rows = self._space.read(ONWARDS, (self._entry.id, level, *left, 2))
        self._space.change(DELETE, (self._entry.id, level, *right))
        self._space.change(RECOUNT, (rows[0][2] + rows[1][2], self._entry.id, level, *left))
        if level == self.levels:
            if left == START and beyond is None:
                self._drop()
        elif self._size(level + 1, parent, end) < CHILDREN_MIN:
            self._merge(level + 1, parent)

    def _drop(self) -> None:
        """Do without the topmost level, which has one block."""
        self._space.change(DELETE, (self._entry.id, self.levels, *START))
        self._set_levels(self.levels - 1)

    # Looking around

    def _set_levels(self, levels: int) -> None:
        self.levels = levels
        self._entry.state = str(levels) if levels else None

    def _holding(self, level: int, position: Position) -> Position:
        found: Position = self._space.read(HOLDING, (self._entry.id, level, *position))[0][:2]
        return found

    def _is_start(self, level: int, position: Position) -> bool:
        return self._holding(level, position) == position

    def _next(self, level: int, position: Position) -> Position | None:
        rows = self._space.read(NEXT, (self._entry.id, level, *position, 1))
        return rows[0] if rows else None

    def _children(
        self, level: int, start: Position, end: Position | None, most: int = 1 << 31
    ) -> list[Block]:
        """Return the blocks below ``level`` from ``start`` to ``end``; one more than ``most``."""
        fixed: Fixed = ONWARDS if end is None else WITHIN
        bounds = start if end is None else (*start, *end)
        rows = self._space.read(fixed, (self._entry.id, level - 1, *bounds, most + 1))
        return [((score, member), count) for score, member, count in rows]

    def _size(self, level: int, start: Position, end: Position | None) -> int:
        """Return how much a block holds: members, or blocks of the level below."""
        if level > 1:
            return len(self._children(level, start, end, CHILDREN_MAX))
        return int(self._space.read(ONWARDS, (self._entry.id, 1, *start, 1))[0][2])
