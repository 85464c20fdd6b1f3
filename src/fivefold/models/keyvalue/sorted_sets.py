"""Sorted sets: members, each with a score, in order of (score, bytes of the member).

A member's score is found by the table's key, a range of them by its index on the score, and a
rank by counting, which in a large set goes by blocks (see ``blocks``). A range is half open:
from one position up to another, or to the end. As scores are doubles, "greater than 1" begins at
the next double after 1.

What changes of members is put off: what scores they had and are to have is gathered, written many
at a time, and counted in the blocks once. Who takes the second member at an end in a transaction is
likely to be followed by others, so from there on some are read ahead. ``entry.known`` has scores by
members, None for one that is not there; all members with a change put off are among them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from fivefold.models.keyvalue.blocks import MEMBERS_MAX, START, Blocks, Position
from fivefold.models.keyvalue.entries import Entry
from fivefold.models.keyvalue.fixed import read, write
from fivefold.models.keyvalue.layout import SORTED_SET
from fivefold.models.keyvalue.space import KNOWN_BYTES_MAX, PUT_OFF_MAX, KeySpace

Scored = tuple[bytes, float]
"""A member and its score."""

Range = tuple[Position, Position | None]
"""From the one position up to, and without, the other; None: to the end."""

ALL: Range = (START, None)
NO_LIMIT = 1 << 62

SCORES_TOGETHER = 16
"""Members looked up, or deleted, by one statement where there are several."""

READ_AHEAD = 32
"""Members at an end that are read together by the second to take one there."""

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
DELETE_SOME = write(
    "DELETE FROM {sorted_set_members} WHERE id = ?"
    f" AND member IN ({', '.join('?' * SCORES_TOGETHER)})",
    "id" + " member" * SCORES_TOGETHER,
)

_FROM = "FROM {sorted_set_members} WHERE id = ? AND (score, member) >= (?, ?)"
_TO = " AND (score, member) < (?, ?)"
_ORDER = {
    False: " ORDER BY score, member LIMIT ? OFFSET ?",
    True: " ORDER BY score DESC, member DESC LIMIT ? OFFSET ?",
}
_SHORT = f"CASE WHEN length(member) <= {KNOWN_BYTES_MAX} THEN member END"
AHEAD = {
    reverse: read(
        f"SELECT {_SHORT}, score FROM {{sorted_set_members}} WHERE id = ?{order}",
        "id number number",
        "member score",
    )
    for reverse, order in _ORDER.items()
}
"""As RANGES, but long members are null."""
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
            return known[member]  # type: ignore[no-any-return]  # known are doubles and None
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
        for part in _parts(members):
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
        entry = self.entry
        entry.ahead = None
        changes = self._changes(len(new))
        known = entry.known
        assert known is not None
        for member, score in new.items():
            score += 0.0  # there is no minus zero
            changes.note(member, old.get(member), score)
            known[member] = score
        entry.count += len(new) - len(old)
        if entry.state is None and entry.count > MEMBERS_MAX:
            self._space.settle_elements(entry)
            Blocks(self._space, entry).make()

    def remove(self, members: Sequence[Scored]) -> None:
        """Take out members that are in the set."""
        entry = self.entry
        entry.ahead = None
        if len(members) == entry.count and (entry.count > 1 or entry.state is not None):
            entry.known = None
            self._space.empty(entry)
            entry.state = None
        else:
            self._remove(members)

    def _remove(self, members: Sequence[Scored]) -> None:
        changes = self._changes(len(members))
        known = self.entry.known
        assert known is not None
        for member, score in members:
            changes.note(member, score, None)
            known[member] = None
        self.entry.count -= len(members)

    def pop(self, *, largest: bool) -> Scored:
        """Take out the member at one end; there is one."""
        entry = self.entry
        ahead = entry.ahead
        taken: Scored
        if entry.count == 1:
            taken = self.members()[0]
            self.remove([taken])
            return taken
        if ahead is None or ahead[0] is not largest:
            ahead = entry.ahead = [largest]
            taken = self.members(ALL, 1, reverse=largest)[0]
        else:
            if len(ahead) == 1:
                ahead += self._space.read(AHEAD[largest], (entry.id, READ_AHEAD, 0))[::-1]
            known = ahead.pop()
            taken = known if known[0] is not None else self.members(ALL, 1, reverse=largest)[0]
        self._remove([taken])
        return taken

    def _changes(self, number: int) -> _Changes:
        """Return where to note so many changes."""
        entry = self.entry
        changes = entry.pending
        if changes is not None:
            assert isinstance(changes, _Changes)
            if len(changes.members) + number > PUT_OFF_MAX:
                self._space.settle_elements(entry)
                changes = None
        if changes is None:
            changes = _Changes(self._space, entry)
            self._space.await_settling(entry, changes)
        if entry.known is None:
            entry.known = {}
        return changes


class _Changes:
    """Members of one sorted set whose scores are to change, with the scores before and after.

    None is the score of a member that is not there.
    """

    __slots__ = ("_entry", "_space", "members")

    def __init__(self, space: KeySpace, entry: Entry) -> None:
        self._space = space
        self._entry = entry
        self.members: dict[bytes, list[float | None]] = {}

    def note(self, member: bytes, before: float | None, after: float | None) -> None:
        """Note a change, perhaps of what was noted before."""
        noted = self.members.get(member)
        if noted is None:
            self.members[member] = [before, after]
        else:
            noted[1] = after

    def settle(self) -> None:
        """Write the scores, and count them in the blocks."""
        space, entry = self._space, self._entry
        id_ = entry.id
        inserted, rescored, deleted = [], [], []
        tally: list[tuple[Position, int]] = []
        for member, (before, after) in self.members.items():
            if before == after:
                continue
            if before is None:
                inserted.append((id_, member, after))
            elif after is None:
                deleted.append(member)
            else:
                rescored.append((after, id_, member))
            if before is not None:
                tally.append(((before, member), -1))
            if after is not None:
                tally.append(((after, member), 1))
        space.make_many(INSERT, inserted)
        space.change_many(RESCORE, rescored)
        if len(deleted) == 1:
            space.change(DELETE, (id_, *deleted))
        else:
            for part in _parts(deleted):
                space.change(DELETE_SOME, (id_, *part))
        if tally and entry.state is not None:
            Blocks(space, entry).count(tally)
        known = entry.known
        if known is not None and len(known) >= PUT_OFF_MAX:
            known.clear()


def _parts(members: Sequence[bytes]) -> Iterator[list[bytes]]:
    """Yield members as many at a time as a statement takes; the last part has one repeated."""
    for start in range(0, len(members), SCORES_TOGETHER):
        part = list(members[start : start + SCORES_TOGETHER])
        yield part + part[-1:] * (SCORES_TOGETHER - len(part))


def find(space: KeySpace, key: bytes, now_ms: int) -> SortedSet | None:
    """Return the sorted set at a key, or None. Raises ``wrong_kind``."""
    entry = space.entry(key, SORTED_SET, now_ms)
    return None if entry is None else SortedSet(space, entry)


def make(space: KeySpace, key: bytes, scores: Mapping[bytes, float], stamp: int) -> SortedSet:
    """Make a key the sorted set of these members, of which there is one at least."""
    made = SortedSet(space, space.make(key, SORTED_SET, stamp))
    made.put(scores, {})
    return made
