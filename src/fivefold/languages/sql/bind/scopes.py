"""What names mean inside one SELECT: its sources, the queries around it, and WITH queries."""

from __future__ import annotations

from fivefold.catalog.containers import Table
from fivefold.errors import InvalidStatement
from fivefold.languages.sql.bind import nodes
from fivefold.languages.sql.bind.state import State
from fivefold.plan import nodes as exp
from fivefold.values.records import Record
from fivefold.values.types import Type


class Field(Record):
    """A column of a source: the name that SQL sees, and the one it has in the bound tree."""

    name: str
    type: Type
    inner: str
    origin: tuple[str, str, str] | None = None


class Source:
    """One entry of FROM. ``qualifier`` is the namespace that may precede its name."""

    __slots__ = ("alias", "fields", "nullable", "qualifier", "scalar", "table")

    def __init__(
        self,
        alias: str,
        fields: tuple[Field, ...],
        qualifier: str | None = None,
        table: Table | None = None,
    ) -> None:
        self.alias = alias
        self.fields = fields
        self.qualifier = qualifier
        self.table = table
        self.nullable = False  # an outer join may leave its rows out
        self.scalar = False  # a function's one column: the row is that value


class Visible(Record):
    """A name that needs no qualifier: a field, or the merged column of JOIN … USING."""

    name: str
    source: Source | None
    field: Field | None
    merged: exp.Expr | None = None


class Common:
    """A WITH query: ``used`` is set by the first reference; without rows ``fields`` is None."""

    __slots__ = ("fields", "name", "used")

    def __init__(self, name: str, fields: tuple[Field, ...] | None) -> None:
        self.name = name
        self.fields = fields
        self.used = False


class Scope:
    """The names of one SELECT. ``clause`` is the one being bound, for errors."""

    def __init__(
        self,
        state: State,
        parent: Scope | None = None,
        sources: list[Source] | None = None,
        visible: list[Visible] | None = None,
        commons: dict[str, Common] | None = None,
        clause: str = "",
        hidden: frozenset[str] = frozenset(),
    ) -> None:
        self.state = state
        self.parent = parent
        self.sources = [] if sources is None else sources
        self.visible = [] if visible is None else visible
        self.commons = {} if commons is None else commons
        self.clause = clause
        self.hidden = hidden  # sources that are here but may not be named (yet)
        self.unreachable: dict[str, tuple[str | None, str | None]] = {}  # why: detail, hint
        self.sets = 0  # set-returning functions among the outputs bound so far
        self.inside: str | None = None  # 'aggregate' or 'window' while its arguments are bound
        self.aggregates = False
        self.lent = False  # whether a query inside has an aggregate of this one
        self.windows: dict[str, object] = {}
        state.scopes += 1
        self.number = state.scopes  # tells the columns of one scope from another's

    def common(self, name: str) -> Common | None:
        """Return the nearest WITH query of that name."""
        scope: Scope | None = self
        while scope is not None:
            found = scope.commons.get(name)
            if found is not None:
                return found
            scope = scope.parent
        return None

    def add(self, source: Source) -> None:
        """Add a source; raises InvalidStatement if its name is taken."""
        for other in self.sources:
            if other.alias == source.alias:
                raise InvalidStatement(
                    f'table name "{source.alias}" specified more than once',
                    "duplicate_alias",
                )
        self.sources.append(source)

    def column(self, name: str, at: int) -> exp.Expr | None:
        """Return the column that an unqualified name means, here or further out, or None."""
        scope: Scope | None = self
        while scope is not None:
            found = [entry for entry in scope.visible if entry.name == name]
            if len(found) > 1:
                raise ambiguous(name, at)
            if found:
                return scope.node(found[0], at)
            scope = scope.parent
        return None

    def node(self, entry: Visible, at: int) -> exp.Expr:
        """Return the bound node of a visible name."""
        if entry.merged is not None:
            made = entry.merged.copy()
            for part in made.walk():
                part.meta["at"] = at
                if isinstance(part, exp.Column):
                    part.meta["scope"] = self.number
            return made
        assert entry.source is not None
        assert entry.field is not None
        return self.field_node(entry.source, entry.field, at)

    def field_node(self, source: Source, found: Field, at: int) -> exp.Column:
        if source.alias in self.unreachable:
            raise self.out_of_reach(source.alias, at)
        made = nodes.column(source.alias, found.inner, found.type, at)
        made.meta["scope"] = self.number
        made.meta["name"] = found.name
        if found.origin is not None:
            made.meta["origin"] = found.origin
            if self.state.notes is not None:
                self.state.notes.columns.add(found.origin)
        return made

    def out_of_reach(self, alias: str, at: int) -> InvalidStatement:
        """Return the error for a source that is known but may not be spoken of here."""
        detail, hint = self.unreachable[alias]
        return InvalidStatement(
            f'invalid reference to FROM-clause entry for table "{alias}"',
            "invalid_column_reference",
            detail=detail,
            hint=hint,
            position=at + 1,
        )

    def source(self, qualifier: str | None, name: str) -> tuple[Scope, Source] | None:
        """Return the source of that name, here or further out, with its scope."""
        scope: Scope | None = self
        while scope is not None:
            for source in scope.sources:
                if source.alias == name and (qualifier is None or source.qualifier == qualifier):
                    return scope, source
            scope = scope.parent
        return None


def ambiguous(name: str, at: int) -> InvalidStatement:
    return InvalidStatement(
        f'column reference "{name}" is ambiguous', "ambiguous_column", position=at + 1
    )


def make_fields(columns: list[tuple[str, Type]]) -> tuple[Field, ...]:
    """Return fields whose inner names are distinct even where the visible ones are not."""
    taken: set[str] = set()
    made = []
    for name, type_ in columns:
        inner, count = name, 1
        while inner in taken:
            count += 1
            inner = f"{name}:{count}"
        taken.add(inner)
        made.append(Field(name, type_, inner))
    return tuple(made)
