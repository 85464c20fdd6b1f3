"""What programs read all day: some columns of one row, or of one slice of a partition.

That is one statement, whose rows are the result. Everything else goes the way of ``plan``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import islice

from fivefold.languages.cql.relations import Restrictions
from fivefold.languages.cql.relations.records import Bound, Equal, Range, Values, key_value
from fivefold.languages.cql.results import ColumnSpec, Rows
from fivefold.languages.cql.run import Run
from fivefold.languages.cql.select.columns import TOKEN_NAME, Row, lies_as_bytes, named, names_of
from fivefold.languages.cql.select.limits import Limit
from fivefold.languages.cql.select.sources import INLINE_MAX
from fivefold.languages.cql.select.states import Position, to_state
from fivefold.languages.cql.tables import ColumnFamily
from fivefold.languages.cql.terms import Selected
from fivefold.models.widecolumn.layout import rows_name, statement
from fivefold.plan.statement import Effort, Prepared
from fivefold.values.cql.tokens import partition_bytes, token_of
from fivefold.values.types import INT8, Stored, Type

TOKENS_MAX = 4096
"""Tokens that a plan remembers: those of the partitions that were read last."""


class Direct:
    """A SELECT that is one statement."""

    def __init__(
        self,
        restrictions: Restrictions,
        columns: tuple[ColumnSpec, ...],
        names: Sequence[str],
        limit: Limit | None,
        *,
        backwards: bool,
    ) -> None:
        family = restrictions.family
        assert restrictions.partition is not None
        self.family = family
        self.columns = columns
        self._limit = limit
        values = (*restrictions.partition, *restrictions.clustering)
        keys = (*family.partition, *family.clustering)
        self._keys = [
            (value.marker, value.evaluate, column)
            for value, column in zip(values, keys, strict=False)
        ]
        self._width = len(family.partition)
        last = restrictions.leading[-1] if restrictions.leading else None
        self._bounds: list[tuple[Bound, bool]] = []
        if isinstance(last, Range):
            self._bounds = [
                (bound, low) for bound, low in ((last.low, True), (last.high, False)) if bound
            ]
        self._whole = len(restrictions.clustering) == len(family.clustering)
        self._text = _text(
            family, len(self._keys), self._bounds, backwards=backwards, whole=self._whole
        )
        self._names = names
        self._missing = [c for c in family.clustering if c.name not in names]
        wide = [*names, *(column.name for column in self._missing)]
        self._last_at = [wide.index(column.name) for column in family.clustering]
        self._prepared: dict[tuple[bool, bool], Prepared] = {}
        codecs = tuple(column.codec for column in family.partition)
        self._token = lru_cache(TOKENS_MAX)(lambda key: token_of(partition_bytes(codecs, key)))

    def run(self, run: Run) -> Rows | None:
        """Return the rows, from the first one on; None if it takes more than one statement."""
        parameters = run.parameters
        values: list[Stored] = []
        for marker, evaluate, column in self._keys:
            found = evaluate(run) if marker is None else parameters[marker]
            if found.__class__ not in _PLAIN:
                found = key_value(column, found, filtered=False)
            values.append(found)  # type: ignore[arg-type]
        key = tuple(values[: self._width])
        values.insert(0, self._token(key))
        for bound, _ in self._bounds:
            found = bound.read(run, filtered=False)
            if found == (None,):
                return None
            values += found
        limit = None if self._limit is None else self._limit(run)
        page = run.options.page_size
        paged = page is not None and page > 0 and (limit is None or limit > page)
        wanted = page if paged else limit
        if self._whole:
            rows = run.unit.runner.run(self._statement(run, False, paged), values)
        elif wanted is not None:
            values.append(wanted)
            rows = _read(run, self._statement(run, True, paged), values, wanted)
        else:
            rows = _read(run, self._statement(run, False, paged), values, INLINE_MAX + 1)
        if not paged:
            return Rows(self.columns, rows)
        return self._page(key, rows, wanted, limit)

    def _page(self, key: Values, rows: list[Row], page: int | None, limit: int | None) -> Rows:
        assert page is not None
        state = None
        if len(rows) >= page:
            last = rows[-1]
            remaining = None if limit is None else limit - len(rows)
            clustering = tuple([last[place] for place in self._last_at])
            position = Position(key, clustering, remaining, len(rows))
            state = to_state(self.family.family.id, position)
        if self._missing:
            width = len(self._names)
            rows = [row[:width] for row in rows]
        return Rows(self.columns, rows, state)

    def _statement(self, run: Run, limited: bool, paged: bool) -> Prepared:
        found = self._prepared.get((limited, paged))
        if found is None:
            found = self._prepare(run, limited, paged)
            self._prepared[limited, paged] = found
        return found

    def _prepare(self, run: Run, limited: bool, paged: bool) -> Prepared:
        family = self.family
        names = [*self._names, *(column.name for column in self._missing if paged)]
        columns = [(name, family.by_name[name].codec.store) for name in names]
        text = f"SELECT {names_of(columns)} FROM {{r}} {self._text}"
        types: list[Type] = [INT8, *(column.codec.store for _, _, column in self._keys)]
        for bound, _ in self._bounds:
            types += [column.codec.store for column in bound.columns]
        if limited:
            text += " LIMIT ?"
            types.append(INT8)
        effort = Effort.POINT if self._whole else Effort.SCAN
        table = {"r": (family.keyspace, rows_name(family.name))}
        return run.unit.prepare(statement(text, table, types, columns, effort=effort))


_PLAIN = frozenset({int, str, float, bytes})


def direct(
    restrictions: Restrictions,
    columns: tuple[ColumnSpec, ...],
    selected: Sequence[Selected],
    limit: Limit | None,
    *,
    backwards: bool,
) -> Direct | None:
    """Return the plan of a SELECT without DISTINCT and the like, if it is one statement."""
    family = restrictions.family
    names = [one.column for one in selected if one.column is not None]
    statics = {column.name for column in family.static}
    if (
        len(names) < len(selected)
        or family.system
        or family.family.expires
        or restrictions.partition is None
        or restrictions.filters
        or restrictions.has_token
        or any(lies_as_bytes(column) for column in family.clustering)
        or not statics.isdisjoint(names)
        or (statics and not restrictions.restricts_clustering)
        or not _one_slice(restrictions)
    ):
        return None
    return Direct(restrictions, columns, names, limit, backwards=backwards)


def _one_slice(restrictions: Restrictions) -> bool:
    leading = restrictions.leading
    equal = leading[:-1] if leading and isinstance(leading[-1], Range) else leading
    return all(isinstance(one, Equal) and one.value is not None for one in equal)


def _text(
    family: ColumnFamily,
    given: int,
    bounds: Sequence[tuple[Bound, bool]],
    *,
    backwards: bool,
    whole: bool,
) -> str:
    """Return what comes after FROM, but for LIMIT."""
    keys = (*family.partition, *family.clustering)
    where = [f"{TOKEN_NAME} = ?", *(f"{named(column.name)} = ?" for column in keys[:given])]
    for bound, low in bounds:
        columns = ", ".join([named(column.name) for column in bound.columns])
        marks = ", ".join("?" * len(bound.columns))
        operator = (">" if low else "<") + ("=" if bound.inclusive else "")
        several = len(bound.columns) > 1
        where.append(f"({columns}) {operator} ({marks})" if several else f"{columns} {operator} ?")
    text = f"WHERE {' AND '.join(where)}"
    if whole:
        return text
    order = [
        named(column.name) + (" DESC" if column.descending != backwards else "")
        for column in family.clustering
    ]
    return f"{text} ORDER BY {', '.join(order)}"


def _read(run: Run, prepared: Prepared, values: Sequence[Stored], wanted: int) -> list[Row]:
    """Return the rows; on the server's loop only as many as it may read."""
    runner = run.unit.runner
    if wanted <= INLINE_MAX:
        return runner.run(prepared, values)
    found = runner.stream(prepared, values)
    rows = list(islice(found, INLINE_MAX))
    if len(rows) == INLINE_MAX:
        run.unit.expect(wanted)
        rows += found
    return rows
