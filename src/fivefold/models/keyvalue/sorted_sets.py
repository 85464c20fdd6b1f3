"""Sorted sets: members, each with a score, in order of (score, bytes of the member).

A member's score is found by the table's key, a range of them by its index on the score, and a
rank by counting, which in a large set goes by blocks (see ``blocks``). A range is half open:
from one position up to another, or to the end. As scores are doubles, "greater than 1" begins at
the next double after 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fivefold.models.keyvalue.blocks import MEMBERS_MAX, START, Blocks, Position
from fivefold.models.keyvalue.entries import Entry
from fivefold.models.keyvalue.fixed import read, write
from fivefold.models.keyvalue.layout import SORTED_SET
from fivefold.models.keyvalue.space import PUT_OFF_MAX, KeySpace

Scored = tuple[bytes, float]
"""A member and its score."""

Range = tuple[Position, Position | None]
"""From the one position up to, and without, the other; None: to the end."""

ALL: Range = (START, None)
NO_LIMIT = 1 << 62

SCORES_TOGETHER = 16
"""Members looked up by one statement where several are wanted."""

_MEMBER = "id = ? AND member = ?"
SCORE = read(f"SELECT score FROM {{sorted_set_members}} WHERE {_MEMBER}", "id member", "score")
SCORES = read(
    "SELECT member, score FROM {sorted_set_members} WHERE id = ?"
    f" AND member IN ({', '.join('?' * SCORES_TOGETHER)})",
    "id" + " member" * SCORES_TOGETHER,
    "member score",
)
INSERT = write(
    "INSERT INTO {sorted_set_members} (id, member, score) VALUES (?, ?, ?)", "id member score"
)
FIRST = read(
    "SELECT member, score FROM {sorted_set_members} WHERE id = ? ORDER BY member LIMIT ?",
    "id number",
    "member score",
)
AFTER = read(
    "SELECT member, score FROM {sorted_set_members} WHERE id = ? AND member > ?"
    " ORDER BY member LIMIT ?",
    "id member number",
    "member score",
)
RESCORE = write(f"UPDATE {{sorted_set_members}} SET score = ? WHERE {_MEMBER}", "score id member")
DELETE = write(f"DELETE FROM {{sorted_set_members}} WHERE {_MEMBER}", "id member")

_FROM = "FROM {sorted_set_members} WHERE id = ? AND (score, member) >= (?, ?)"
_TO = " AND (score, member) < (?, ?)"
_ORDER = {
    False: " ORDER BY score, member LIMIT ? OFFSET ?",
    True: " ORDER BY score DESC, member DESC LIMIT ? OFFSET ?",
}
RANGES = {
    (ends, reverse): read(
        f"SELECT member, score {_FROM}{_TO if ends else ''}{_ORDER[reverse]}",
        f"id score member {'score member ' if ends else ''}number number",
        "member score",
    )
    for ends in (False, True)
    for reverse in (False, True)
}
"""By whether the range ends before the set does, and whether it is wanted backwards."""
COUNTS = {
    ends: read(
        f"SELECT count(*) {_FROM}{_TO if ends else ''}",
        f"id score member {'score member' if ends else ''}",
        "number",
    )
    for ends in (False, True)
}


class SortedSet:
    """One sorted set that is there. Members are bytes, scores doubles and never NaN."""

    __slots__ = ("_space", "entry")

    def __init__(self, space: KeySpace, entry: Entry) -> None:
        self._space = space
        self.entry = entry

    # Looking

    def score(self, member: bytes) -> float | None:
        """Return a member's score, or None if it is not in the set."""
        known = self.entry.known
        if known is None:
            known = self.entry.known = {}
        elif member in known:
            return known[member]  # type: ignore[no-any-return]  # known are doubles
        rows = self._space.look(SCORE, (self.entry.id, member))
        if not rows:
            return None
        score: float = rows[0][0]
        if len(known) < PUT_OFF_MAX:
            known[member] = score
        return score

    def scores(self, members: Sequence[bytes]) -> dict[bytes, float]:
        """Return the scores of those of ``members`` that are in the set."""
        if len(members) == 1:
            score = self.score(members[0])
            return {} if score is None else {members[0]: score}
        found: dict[bytes, float] = {}
        for start in range(0, len(members), SCORES_TOGETHER):
            part = list(members[start : start + SCORES_TOGETHER])
            part += part[-1:] * (SCORES_TOGETHER - len(part))
            found.update(self._space.read(SCORES, (self.entry.id, *part)))
        return found

    def members(
        self, range_: Range = ALL, limit: int = NO_LIMIT, skip: int = 0, *, reverse: bool = False
    ) -> list[Scored]:
        """Return members of a range in order, or in the reverse order."""
        low, high = range_
        end = () if high is None else high
        fixed = RANGES[high is not None, reverse]
        return self._space.read(fixed, (self.entry.id, *low, *end, limit, skip))

    def after(self, member: bytes | None, limit: int) -> list[Scored]:
        """Return members in the order of their bytes, from the first or after one."""
        if member is None:
            return self._space.read(FIRST, (self.entry.id, limit))
        return self._space.read(AFTER, (self.entry.id, member, limit))

    def slice(self, first: int, last: int) -> list[Scored]:
        """Return the members of ranks ``first`` to ``last``, both in ``range(count)``."""
        start, skip = Blocks(self._space, self.entry).at(first)
        return self.members((start, None), last - first + 1, skip)

    def before(self, position: Position | None) -> int:
        """Return how many members lie before a position: the rank of one that stands there."""
        if position is None:
            return self.entry.count
        total, start = Blocks(self._space, self.entry).before(position)
        rows = self._space.read(COUNTS[True], (self.entry.id, *start, *position))
        return total + int(rows[0][0])

    def count(self, range_: Range) -> int:
        """Return how many members a range holds."""
        low, high = range_
        if self.entry.state is None:
            end = () if high is None else high
            rows = self._space.read(COUNTS[high is not None], (self.entry.id, *low, *end))
            return int(rows[0][0])
        return max(self.before(high) - self.before(low), 0)

    # Changing: the caller touches or removes the entry

    def put(self, new: Mapping[bytes, float], old: Mapping[bytes, float]) -> None:
        """Give members scores: ``old`` has those of them that are in the set as they stand."""
        id_, entry = self.entry.id, self.entry
        scores = {member: score + 0.0 for member, score in new.items()}  # there is no minus zero
        space = self._space
        put_off, known = space.put_off, entry.known
        if known is None:
            known = entry.known = {}
        elif len(known) >= PUT_OFF_MAX:
            space.catch_up()
            known.clear()
        for member, score in scores.items():
            if member in old:
                put_off(RESCORE, (score, id_, member))
            else:
                put_off(INSERT, (id_, member, score))
        known.update(scores)
        entry.count += len(scores) - len(old)
        if entry.state is not None:
            came = [((score, member), 1) for member, score in scores.items()]
            went = [((old[member], member), -1) for member in old]
            Blocks(space, entry).count(came + went)
        elif entry.count > MEMBERS_MAX:
            Blocks(self._space, entry).make()

    def remove(self, members: Sequence[Scored]) -> None:
        """Take out members that are in the set."""
        id_, entry = self.entry.id, self.entry
        entry.known = None
        if len(members) == entry.count and (entry.count > 1 or entry.state is not None):
            self._space.empty(entry)
            entry.state = None
            return
        self._space.change_many(DELETE, [(id_, member) for member, _ in members])
        entry.count -= len(members)
        if entry.state is not None:
            went = [((score, member), -1) for member, score in members]
            Blocks(self._space, entry).count(went)


def find(space: KeySpace, key: bytes, now_ms: int) -> SortedSet | None:
    """Return the sorted set at a key, or None. Raises ``wrong_kind``."""
    entry = space.entry(key, SORTED_SET, now_ms)
    return None if entry is None else SortedSet(space, entry)


def make(space: KeySpace, key: bytes, scores: Mapping[bytes, float], stamp: int) -> SortedSet:
    """Make a key the sorted set of these members, of which there is one at least."""
    made = SortedSet(space, space.make(key, SORTED_SET, stamp))
    made.put(scores, {})
    return made
