"""Changes of schema: what a language asks for and a store carries out.

A change names the container before and after; a store that can alter a table in place
does so from ``steps``, one that cannot makes the new table and copies the rows over.
"""

from __future__ import annotations

from dataclasses import dataclass

from fivefold.catalog.containers import Container, Index, Table


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


@dataclass(frozen=True, slots=True)
class DropContainer:
    """Drop a container and what belongs to it alone (indexes, owned sequences)."""

    container: Container


@dataclass(frozen=True, slots=True)
class CreateIndex:
    """Add an index to a table."""

    table: Table
    index: Index


@dataclass(frozen=True, slots=True)
class DropIndex:
    """Drop an index of a table."""

    table: Table
    index: Index


@dataclass(frozen=True, slots=True)
class AlterTable:
    """Turn ``old`` into ``new`` without losing a row.

    ``renamed`` maps old column names to new ones. ``using`` maps a new column's name to the
    expression (PostgreSQL dialect, over old columns) that fills it where it is not simply
    the old column cast to the new type.
    """

    old: Table
    new: Table
    renamed: tuple[tuple[str, str], ...] = ()
    using: tuple[tuple[str, str], ...] = ()


Change = (
    CreateNamespace
    | DropNamespace
    | CreateContainer
    | DropContainer
    | CreateIndex
    | DropIndex
    | AlterTable
)
