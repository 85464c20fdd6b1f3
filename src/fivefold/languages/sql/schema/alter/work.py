"""One ALTER TABLE under way: the table so far, and what must happen around it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from fivefold.catalog.changes import AlterTable, Change
from fivefold.catalog.containers import Column, Table
from fivefold.errors import InvalidStatement
from fivefold.languages.sql.bind.nodes import Node
from fivefold.languages.sql.bind.state import Context
from fivefold.languages.sql.commands import Notice
from fivefold.languages.sql.schema import stored
from fivefold.languages.sql.schema.texts import bind_all
from fivefold.plan.statement import Access


@dataclass(slots=True)
class Work:
    """``others`` are tables beside it: what they were and have become, to be altered first."""

    context: Context
    old: Table
    table: Table
    taken: set[str]
    renamed: dict[str, str] = field(default_factory=dict)  # old name to new
    using: dict[str, Node] = field(default_factory=dict)
    others: dict[tuple[str, str], tuple[Table, Table]] = field(default_factory=dict)
    before: list[Change] = field(default_factory=list)
    after: list[Change] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    accesses: list[Access] = field(default_factory=list)

    def column(self, name: str) -> Column:
        found = self.table.column(name)
        if found is None:
            raise InvalidStatement(
                f'column "{name}" of relation "{self.table.name}" does not exist',
                "undefined_column",
            )
        return found

    def put(self, name: str, column: Column) -> None:
        columns = tuple(column if one.name == name else one for one in self.table.columns)
        self.table = replace(self.table, columns=columns)

    def notice(self, message: str, code: str = "successful_completion") -> None:
        self.notices.append(Notice(message, code=code))

    def readers(self) -> list[stored.Reader]:
        """Return the views that read the table."""
        return stored.readers(self.context, self.old)

    def now(self, other: Table) -> Table:
        """Return another table as it has become so far; this one too."""
        if (other.namespace, other.name) == (self.old.namespace, self.old.name):
            return self.table
        return self.others.get((other.namespace, other.name), (other, other))[1]

    def drop_foreign_keys(self, other: Table, names: set[str]) -> None:
        """Take foreign keys away from a table that may be this one."""
        now = self.now(other)
        kept = tuple(key for key in now.foreign_keys if key.name not in names)
        now = replace(now, foreign_keys=kept)
        if (other.namespace, other.name) == (self.old.namespace, self.old.name):
            self.table = now
        else:
            self.others[other.namespace, other.name] = (other, now)

    def changes(self) -> list[Change]:
        """Return everything that has to be done, in order."""
        first: list[Change] = [
            AlterTable(old, new, bound=bind_all(self.context, new))
            for old, new in self.others.values()
        ]
        if self.table == self.old and not self.using:
            return [*first, *self.before, *self.after]
        main = AlterTable(
            self.old,
            self.table,
            tuple(self.renamed.items()),
            self.using,
            bind_all(self.context, self.table),
        )
        return [*first, *self.before, main, *self._referrers(), *self.after]

    def _referrers(self) -> list[Change]:
        """Point the foreign keys of other tables at the new names."""
        old, new = self.old, self.table
        if (old.namespace, old.name) == (new.namespace, new.name) and not self.renamed:
            return []
        changes: list[Change] = []
        for other in self.context.catalog.referrers(old):
            if other == old:
                continue
            before = self.now(other)
            keys = tuple(
                replace(
                    key,
                    target=(new.namespace, new.name),
                    target_columns=tuple(self.renamed.get(one, one) for one in key.target_columns),
                )
                if key.target == (old.namespace, old.name)
                else key
                for key in before.foreign_keys
            )
            after = replace(before, foreign_keys=keys)
            if after != before:
                changes.append(AlterTable(before, after, bound=bind_all(self.context, after)))
        return changes
