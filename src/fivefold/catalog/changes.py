"""Changes of schema: what a language asks for and a store carries out.

A change names the container before and after; a store that can alter a table in place
does so from ``steps``, one that cannot makes the new table and copies the rows over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from fivefold.catalog.containers import Container, EnumType, Index, Sequence, Table
from fivefold.catalog.roles import Role

Bound = Mapping[str, object]
"""Each expression's text in a container (check, generated column, index part, condition) to its
bound tree, whose columns stand unqualified; or, for the models' own containers, to text that
every store understands. What a tree is, the catalog need not know. Defaults are not among them:
the language fills them in at each INSERT."""


@dataclass(frozen=True, slots=True)
class CreateNamespace:
    """Make a namespace."""

    name: str


@dataclass(frozen=True, slots=True)
class DropNamespace:
    """Drop an empty namespace (its containers are dropped by changes of their own, before)."""

    name: str


@dataclass(frozen=True, slots=True)
class CreateContainer:
    """Make a container that does not exist yet, with its indexes."""

    container: Container
    bound: Bound = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DropContainer:
    """Drop a container and what belongs to it alone (indexes, owned sequences)."""

    container: Container


@dataclass(frozen=True, slots=True)
class CreateIndex:
    """Add an index to a table."""

    table: Table
    index: Index
    bound: Bound = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DropIndex:
    """Drop an index of a table."""

    table: Table
    index: Index


@dataclass(frozen=True, slots=True)
class AlterTable:
    """Turn ``old`` into ``new`` without losing a row.

    ``renamed`` maps old column names to new ones. ``using`` maps a new column's name to the
    bound expression (over the new names of the old columns) that fills it: always present for an
    added column with a default and for a column whose type changes. Tables whose foreign keys
    point at a renamed column or table need an AlterTable of their own, after this one.
    """

    old: Table
    new: Table
    renamed: tuple[tuple[str, str], ...] = ()
    using: Bound = field(default_factory=dict)
    bound: Bound = field(default_factory=dict)

    def rename_steps(self) -> Iterator[tuple[str, str]]:
        """Yield renames to do one by one: columns that swap names go by way of spare ones."""
        taken = {before for before, _ in self.renamed}
        later = []
        for number, (before, after) in enumerate(self.renamed):
            if after in taken:
                spare = f"fivefold_renamed_{number}"
                later.append((spare, after))
                yield before, spare
            else:
                yield before, after
        yield from later


@dataclass(frozen=True, slots=True)
class AlterSequence:
    """Turn a sequence into another that goes on where it is, or begins at ``restart``."""

    old: Sequence
    new: Sequence
    restart: int | None = None


@dataclass(frozen=True, slots=True)
class Describe:
    """Record a container whose comments, or those of its parts, are others; its rows stay."""

    old: Container
    new: Container


@dataclass(frozen=True, slots=True)
class DescribeNamespace:
    """Set or take away a namespace's comment; "" is the database itself."""

    name: str
    comment: str | None


@dataclass(frozen=True, slots=True)
class AlterType:
    """Turn the enum ``old`` into ``new``; ``relabelled`` maps old labels to new ones.

    ``carriers`` are the tables and views with columns of it, before and after.
    """

    old: EnumType
    new: EnumType
    relabelled: tuple[tuple[str, str], ...] = ()
    carriers: tuple[tuple[Container, Container], ...] = ()


@dataclass(frozen=True, slots=True)
class SetRole:
    """Make a role (``old`` is None), change it, or drop it (``new`` is None)."""

    old: Role | None
    new: Role | None


Change = (
    CreateNamespace
    | DropNamespace
    | CreateContainer
    | DropContainer
    | CreateIndex
    | DropIndex
    | AlterTable
    | AlterSequence
    | AlterType
    | Describe
    | DescribeNamespace
    | SetRole
)
