"""Statements that are one statement of the store, if nothing is there that they have to look at.

An INSERT of plain values, or an UPDATE of plain columns, of one row. Whether the row is as simple
as the store's statement supposes, that statement finds out itself; if not, it changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

from fivefold.languages.cql.run import Run
from fivefold.languages.cql.terms import Value
from fivefold.languages.cql.write.attributes import Attributes
from fivefold.languages.cql.write.writer import Writer
from fivefold.models.widecolumn.cells import ROW, Part
from fivefold.models.widecolumn.statements import DIGITS, NO_MARKER, Plans
from fivefold.plan.statement import Prepared
from fivefold.values.cql.tokens import KEY_BYTES_MAX
from fivefold.values.cql.types import UNSET

_compact = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode

VALUE_BYTES_SURE = KEY_BYTES_MAX // 4
"""A text of so many characters surely fits into a key."""


class Quick:
    """One such statement: the key's values, then those of columns."""

    def __init__(
        self,
        writer: Writer,
        attributes: Attributes,
        key: Sequence[Value],
        columns: Sequence[tuple[Part, Value]],
        *,
        inserts: bool,
    ) -> None:
        self._writer = writer
        self._attributes = attributes
        self._inserts = inserts
        self._parts = [part for part, _ in columns]
        self._names = tuple([part.name for part in self._parts])
        self._pick = _picking([*key, *(value for _, value in columns)])
        shape = writer.shape
        self._count = len(shape.partition)
        self._all = len(key)
        self._converted = [
            (self._count + place, column)
            for place, column in enumerate(shape.clustering)
            if column.by_bytes
        ]
        self._long = [
            place
            for place, column in enumerate(shape.clustering, self._count)
            if column.codec.type.name in _UNBOUNDED
        ]
        self._whole = [
            place for place, part in enumerate(self._parts, self._all) if part.kind != "cell"
        ]
        self._expires = bool(attributes.default_ttl) or attributes.has_ttl
        self._plans: Plans | None = None
        self._statement: Prepared | None = None

    def run(self, run: Run, timestamp: int) -> bool:
        """Do it, or nothing; say which."""
        values = self._pick(run)
        if UNSET in values:
            return False
        for place in self._whole:
            if values[place] in _EMPTY or self._parts[place - self._all].kind == "udt":
                return False
        cells, expires = None, None
        if None in values or self._expires:
            if not self._inserts or None in values[: self._all]:
                return False
            cells, expires = self._described(run, timestamp, values)
        key = values[: self._all]
        for place in self._long:
            if len(key[place]) > VALUE_BYTES_SURE:
                return False
        partition = self._writer.partition(key[: self._count])
        if self._converted:
            changed = list(values)
            for place, column in self._converted:
                changed[place] = column.kept(changed[place])
            values = tuple(changed)
        parameters: tuple[Any, ...]
        statement = self._statement
        if statement is None:
            statement = self._prepare(run)
        if self._inserts:
            parameters = (partition.token, *values, timestamp, cells, expires)
        else:
            parameters = (partition.token, *values, timestamp, NO_MARKER, None)
        if self._writer.shape.past:
            parameters += (partition.token, timestamp)
        if not self._inserts:
            text = str(timestamp)
            if len(text) != DIGITS:
                return False
            amended = _compact(dict.fromkeys(self._names, (timestamp,)))
            parameters += (amended, amended, text, text)
        runner = run.unit.runner
        runner.run(statement, parameters)
        return runner.changes() == 1

    def _prepare(self, run: Run) -> Prepared:
        side = self._writer.plans(run.unit).rows
        made = side.insert(self._names) if self._inserts else side.update(self._names)
        self._statement = made
        return made

    def _described(
        self, run: Run, timestamp: int, values: Sequence[Any]
    ) -> tuple[str | None, int | None]:
        """Return ``cells$`` and ``expires$`` of a row that expires, or has nulls."""
        stamp = self._attributes.stamp(run, timestamp)
        self._writer.need_expiry(run.unit, stamp)
        named: dict[str, Any] = {}
        if stamp.second is not None:
            named[ROW] = [1, stamp.ttl, stamp.second]
        for part, value in zip(self._parts, values[self._all :], strict=True):
            if value is None and part.kind == "cell":
                named[part.name] = [timestamp, 0, stamp.now_s]
            elif value is None:
                named[part.name] = [[timestamp - 1, stamp.now_s], 0, {}]
        return (_compact(named) if named else None), stamp.second


_EMPTY = ("[]", "{}")
"""Collections that are not there, if their elements are cells."""

_UNBOUNDED = frozenset({"text", "ascii", "blob", "varint", "decimal"})


def _picking(values: Sequence[Value]) -> Callable[[Run], tuple[Any, ...]]:
    """Return what evaluates terms."""
    markers = [value.marker for value in values]
    if len(markers) > 1 and None not in markers:
        pick = itemgetter(*markers)
        return lambda run: pick(run.parameters)
    closures = [value.evaluate for value in values]
    return lambda run: tuple([closure(run) for closure in closures])
