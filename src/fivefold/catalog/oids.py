"""The oids of what a catalog describes: PostgreSQL's own for its types and namespaces, a hash of
the name for everything else.

The hash is that of values/oids.py, which knows the types' too. An object that is renamed has
another oid; no client keeps one across that. Two objects of one system catalog with the same
hash are told apart by ``Oids``.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from fivefold.values.oids import FIRST_OID, PAST_OID, hashed_oid

OWNER_OID = 10  # the role that owns everything: PostgreSQL's bootstrap superuser


class Of(StrEnum):
    """The system catalog in which an object's oid is unique."""

    NAMESPACE = "pg_namespace"
    RELATION = "pg_class"
    TYPE = "pg_type"
    CONSTRAINT = "pg_constraint"
    DEFAULT = "pg_attrdef"
    REWRITE = "pg_rewrite"
    TRIGGER = "pg_trigger"
    ENUM = "pg_enum"
    ROLE = "pg_authid"
    DATABASE = "pg_database"
    FUNCTION = "pg_proc"
    OPERATOR = "pg_operator"


NAMESPACES: dict[str, int] = {
    "pg_catalog": 11,
    "pg_toast": 99,
    "public": 2200,
    "information_schema": 13_207,
}


def oid_of(of: Of, namespace: str, *names: str) -> int:
    """Return the oid of an object by its names.

    A namespace, role or database has no namespace: it is ``names``, or ``namespace`` alone. A
    constraint's names are its table's and its own, an enum label's its type's and its own; a
    default's its table's and column's.
    """
    if of is Of.NAMESPACE and namespace in NAMESPACES:
        return NAMESPACES[namespace]
    return hashed_oid(of.value, namespace, *names)


class Oids:
    """The oids of many objects of one system catalog: no two alike.

    An object that meets a taken oid has the next free one; which of two that is, their order says.
    """

    def __init__(self, of: Of, objects: Iterable[tuple[str, ...]] = ()) -> None:
        self.of = of
        self.by_name: dict[tuple[str, ...], int] = {}
        self.by_oid: dict[int, tuple[str, ...]] = {}
        for each in objects:
            self.add(*each)

    def add(self, *names: str) -> int:
        """Return the oid of an object, which is given one if it has none."""
        known = self.by_name.get(names)
        if known is not None:
            return known
        oid = oid_of(self.of, *names)
        while oid in self.by_oid:
            oid = oid + 1 if oid + 1 < PAST_OID else FIRST_OID
        self.by_name[names] = oid
        self.by_oid[oid] = names
        return oid
