"""The model's fixed statements: written once as text, prepared for a database when first wanted.

A module of the model writes them as constants: ``read("SELECT value FROM {hash_fields} WHERE
id = ? AND field = ?", "id field", "value")``. Braces hold the model's own tables; parameters and
columns are named for their types, see ``layout.TYPES``. The text is what SQLite and PostgreSQL
have in common.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from fivefold.catalog.roles import Privilege
from fivefold.models.keyvalue import layout
from fivefold.models.keyvalue.layout import TABLES, TYPES
from fivefold.plan.statement import Access, Effort, Output, Prepared, Statement, Template

ROWS_TOGETHER = 16
"""Rows that one statement inserts where there are many: that costs half of one at a time."""

_VALUES = re.compile(r"VALUES (\([?, ]+\))")
_TABLE = re.compile(r"\{(\w+)\}")


class Fixed:
    """One fixed statement, the same for every database."""

    __slots__ = ("_together", "columns", "parameters", "scans", "text", "writes")

    def __init__(
        self, text: str, parameters: str, columns: str, *, writes: bool, scans: bool
    ) -> None:
        self.text = text
        self.parameters = tuple(TYPES[name] for name in parameters.split())
        self.columns = tuple(Output(name, TYPES[name]) for name in columns.split())
        self.writes = writes
        self.scans = scans
        self._together: Fixed | None = None

    @property
    def together(self) -> Fixed | None:
        """Return the statement that inserts ``ROWS_TOGETHER`` rows; None if this inserts none."""
        found = _VALUES.search(self.text) if self._together is None else None
        if found is not None:
            rows = ", ".join([found[1]] * ROWS_TOGETHER)
            text = self.text.replace(found[0], f"VALUES {rows}")
            self._together = made = Fixed(text, "", "", writes=True, scans=False)
            made.parameters = self.parameters * ROWS_TOGETHER
        return self._together

    def statement(self, number: int) -> Statement:
        """Return the statement over database ``number``."""
        space = layout.namespace(number)
        names = list(dict.fromkeys(_TABLE.findall(self.text)))
        privilege = Privilege.WRITE if self.writes else Privilege.READ
        return Statement(
            Template(self.text, {name: (space, name) for name in names}),
            parameters=self.parameters,
            outputs=self.columns or None,
            accesses=tuple(Access(space, name, privilege) for name in names),
            writes=self.writes,
            effort=Effort.SCAN if self.scans else Effort.POINT,
            target=TABLES[names[0]].table(space) if self.writes else None,
        )


def read(text: str, parameters: str, columns: str, *, scans: bool = False) -> Fixed:
    """Return a statement that reads; ``scans``: its time grows with the database."""
    return Fixed(text, parameters, columns, writes=False, scans=scans)


def write(text: str, parameters: str, returning: str = "", *, scans: bool = False) -> Fixed:
    """Return a statement that writes the first table it names, and perhaps returns rows."""
    return Fixed(text, parameters, returning, writes=True, scans=scans)


class Looked:
    """How many keys were there to be read, and how many were not, over all of an engine."""

    __slots__ = ("hits", "misses")

    def __init__(self) -> None:
        self.hits = self.misses = 0


class Statements:
    """The fixed statements over one database as a store renders them, each when first wanted.

    The tables need not exist yet.
    """

    __slots__ = ("_made", "_prepare", "looked", "number")

    def __init__(
        self,
        prepare: Callable[[Statement], Prepared],
        number: int,
        looked: Looked | None = None,
    ) -> None:
        self.number = number
        self.looked = looked or Looked()
        self._prepare = prepare
        self._made: dict[Fixed, Prepared] = {}

    def __getitem__(self, fixed: Fixed) -> Prepared:
        made = self._made.get(fixed)
        if made is None:
            made = self._made[fixed] = self._prepare(fixed.statement(self.number))
        return made

    def copying(self, table: str, source: int) -> Prepared:
        """Return the statement that puts all rows of a table of another database into ours."""
        names = {
            "ours": (layout.namespace(self.number), table),
            "theirs": (layout.namespace(source), table),
        }
        columns = ", ".join(TABLES[table].columns.split())
        text = f"INSERT INTO {{ours}} ({columns}) SELECT {columns} FROM {{theirs}}"
        accesses = (
            Access(*names["ours"], Privilege.WRITE),
            Access(*names["theirs"], Privilege.READ),
        )
        target = TABLES[table].table(names["ours"][0])
        statement = Statement(Template(text, names), accesses=accesses, writes=True, target=target)
        return self._prepare(statement)
