"""The catalog as one immutable value, and the changes that make the next one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from fivefold.catalog.containers import Container, EnumType, Sequence, Table
from fivefold.catalog.roles import Role
from fivefold.errors import InvalidStatement
from fivefold.values.oids import type_oid
from fivefold.values.types import Type, array_of

DEFAULT_NAMESPACE = "public"

SEPARATOR = "/"  # between a database's name and that of a schema in it

Version = tuple[int, int]
"""(the store's own count of schema changes, fivefold's count of catalog changes)."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """Every namespace and container at one version; look-ups are by exact name."""

    version: Version = (0, 0)
    namespaces: frozenset[str] = frozenset({DEFAULT_NAMESPACE})
    containers: Mapping[tuple[str, str], Container] = field(
        default_factory=lambda: MappingProxyType({})
    )
    comments: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Those of namespaces, by name; the database's own under ""."""
    others: frozenset[str] | None = None
    """The databases beside the main one, where the catalog is what one of them sees."""
    roles: Mapping[str, Role] = field(default_factory=lambda: MappingProxyType({}))
    """Who may log in, by name. While there is nobody, anybody may."""

    @property
    def databases(self) -> frozenset[str]:
        """The databases beside the main one: each has a namespace of its name and a slash."""
        if self.others is not None:
            return self.others
        return frozenset(name[:-1] for name in self.namespaces if name.endswith(SEPARATOR))

    def find(self, namespace: str, name: str) -> Container | None:
        """Return the container, or None."""
        return self.containers.get((namespace, name))

    def search(self, path: tuple[str, ...], name: str) -> Container | None:
        """Return the first container of that name along a search path, or None."""
        for namespace in path:
            found = self.containers.get((namespace, name))
            if found is not None:
                return found
        return None

    def tables(self) -> Iterator[Table]:
        """Yield every table."""
        for container in self.containers.values():
            if isinstance(container, Table):
                yield container

    def referrers(self, table: Table) -> Iterator[Table]:
        """Yield the tables with a foreign key to ``table``, itself included."""
        target = (table.namespace, table.name)
        for other in self.tables():
            if any(key.target == target for key in other.foreign_keys):
                yield other

    def owned_sequences(self, table: Table) -> Iterator[Sequence]:
        """Yield the sequences that belong to columns of ``table``."""
        for container in self.containers.values():
            if (
                isinstance(container, Sequence)
                and container.namespace == table.namespace
                and container.owner is not None
                and container.owner[0] == table.name
            ):
                yield container

    def enum_of(self, oid: int) -> Type | None:
        """Return the enum, or the array of one, that a client calls by its oid."""
        for container in self.containers.values():
            if isinstance(container, EnumType):
                for type_ in (container.type, array_of(container.type)):
                    if type_oid(type_) == oid:
                        return type_
        return None

    def with_containers(self, changes: Mapping[tuple[str, str], Container | None]) -> Catalog:
        """Return a catalog in which ``changes`` were put in place (None: taken out)."""
        merged = dict(self.containers)
        for key, container in changes.items():
            if container is None:
                merged.pop(key, None)
            else:
                merged[key] = container
        return replace(self, containers=MappingProxyType(merged))

    def with_namespaces(self, namespaces: frozenset[str]) -> Catalog:
        """Return a catalog with exactly these namespaces."""
        return replace(self, namespaces=namespaces)


def missing_container(name: str, position: int | None = None) -> InvalidStatement:
    """Return the error for a container that does not exist, in PostgreSQL's words."""
    return InvalidStatement(
        f'relation "{name}" does not exist', "undefined_table", position=position
    )


def missing_database(name: str) -> InvalidStatement:
    """Return the error for a database that does not exist."""
    return InvalidStatement(f'database "{name}" does not exist', "undefined_database")
