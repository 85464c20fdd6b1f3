"""What one statement's binding knows and gathers: the context, parameters, accesses, pinned
literals.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, tzinfo

from fivefold.catalog.catalog import DEFAULT_NAMESPACE, Catalog
from fivefold.catalog.containers import Container, Table
from fivefold.catalog.roles import Privilege
from fivefold.errors import InvalidStatement
from fivefold.languages.sql import tree
from fivefold.plan.statement import Access
from fivefold.security.identity import Identity, denied
from fivefold.values.records import Record
from fivefold.values.types import UNKNOWN, Type

PARAMETERS_MAX = 65_535  # what the wire's Bind message can carry


class Context(Record):
    """What the meaning of a text depends on. ``parameters``: types that the client declared; None
    or ``UNKNOWN`` where it left the choice to the statement.
    """

    catalog: Catalog
    database: str = "fivefold"
    search_path: tuple[str, ...] = (DEFAULT_NAMESPACE,)
    user: str = "fivefold"
    zone: tzinfo = UTC
    parameters: tuple[Type | None, ...] = ()
    prefix: str = ""
    """What the names of this database's namespaces begin with in the store."""
    temporary: str | None = None
    """The namespace of the session's temporary relations, first in ``search_path``."""
    identity: Identity | None = None
    """Whose statement it is; None is the owner's. What this one has no privilege on is not there,
    but for what else depends on it."""

    def hides(self, container: Container) -> bool:
        """Say whether the user's own words cannot mean this container."""
        identity = self.identity
        return identity is not None and not identity.knows(
            self.prefix + container.namespace, container.name
        )

    def administers(self, container: Container) -> bool:
        """Say whether the user may change what the container is."""
        namespace = self.prefix + container.namespace
        return self.identity is None or self.identity.may(
            Privilege.ADMINISTER, namespace, container.name
        )

    def check_administers(self, container: Container) -> None:
        """Raise Denied if the user may not, before anything is told of what depends on it."""
        if not self.administers(container):
            raise denied(container.name, Privilege.ADMINISTER)

    @property
    def known(self) -> Catalog:
        """The catalog without what is hidden."""
        if self.identity is None:
            return self.catalog
        return self.identity.known(self.catalog, self.prefix)


class NeedsTemporary(Exception):
    """A temporary relation is to be made, and the session has no namespace for them yet."""


class Notes:
    """What the names of a query that the catalog keeps turned out to mean.

    ``relations``: each name in FROM with its container. ``stars``: each ``*`` with the columns that
    it stands for, as text. ``columns``: the (namespace, table, column)s that are read.
    ``constants``: where a constant names a relation, as in ``nextval('s')``, and which.
    """

    __slots__ = ("columns", "constants", "relations", "stars")

    def __init__(self) -> None:
        self.relations: list[tuple[tree.Relation, Container]] = []
        self.stars: list[tuple[tree.Name, list[tuple[str, ...]]]] = []
        self.columns: set[tuple[str, str, str]] = set()
        self.constants: list[tuple[int, tuple[str, str]]] = []


class State:
    """The binding of one statement. ``lifts`` maps a literal's offset to its number in ``lift``.

    It is ``quiet`` inside a view or default: accesses are the definition's, not the user's. It is
    ``faithful`` for the deparser: the tree keeps what was written where a store would not care.
    """

    def __init__(
        self,
        context: Context,
        lifts: Mapping[int, int] | None = None,
        *,
        scopes: int = 0,
        quiet: bool = False,
        faithful: bool = False,
    ) -> None:
        self.context = context
        self.lifts: Mapping[int, int] = {} if lifts is None else lifts
        self.parameters: dict[int, Type] = {}
        self.accesses: dict[Access, None] = {}
        self.system: dict[tuple[str, str], None] = {}  # system relations, views' own too
        self.tables: dict[str, Table] = {}  # by alias, for effort.py
        self.asked = False  # what the catalog holds, beside the system relations
        self.waits = False  # a function may, for a moment or for another session
        self.changed: list[Table] = []  # by WITH queries
        self.scopes = scopes  # how many SELECTs were bound so far
        self.quiet = quiet
        self.locks: list[tree.Lock] = []  # FOR UPDATE and its like, wherever they stand
        self.notes: Notes | None = None  # kept for a query that the catalog will keep
        self.faithful = faithful

    def access(self, namespace: str, container: str, privilege: Privilege) -> None:
        if not self.quiet:
            self.accesses[Access(namespace, container, privilege)] = None

    def parameter(self, node: tree.Parameter) -> Type:
        """Return the type of $n so far; raises InvalidStatement for a number out of range."""
        if not 1 <= node.number <= PARAMETERS_MAX:
            raise InvalidStatement(
                f"there is no parameter ${node.number}",
                "undefined_parameter",
                position=node.at + 1,
            )
        if node.number not in self.parameters:
            declared = self.context.parameters
            given = declared[node.number - 1] if node.number <= len(declared) else None
            self.parameters[node.number] = given or UNKNOWN
        return self.parameters[node.number]

    def parameter_types(self) -> tuple[Type, ...]:
        """Return the types of $1..$n; raises InvalidStatement for one that nothing determines."""
        count = max([len(self.context.parameters), *self.parameters])
        types = []
        for number in range(1, count + 1):
            found = self.parameters.get(number, UNKNOWN)
            if found is UNKNOWN and number <= len(self.context.parameters):
                found = self.context.parameters[number - 1] or UNKNOWN
            if found == UNKNOWN:
                raise InvalidStatement(
                    f"could not determine data type of parameter ${number}",
                    "indeterminate_datatype",
                )
            types.append(found)
        return tuple(types)
