"""What one role may do, worked out once for a version of the catalog."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from fivefold.catalog.catalog import SEPARATOR, Catalog
from fivefold.catalog.changes import (
    AlterSequence,
    AlterTable,
    AlterType,
    Change,
    CreateContainer,
    CreateIndex,
    CreateNamespace,
    Describe,
    DescribeNamespace,
    DropContainer,
    DropIndex,
    DropNamespace,
    SetRole,
)
from fivefold.catalog.containers import Container, EnumType, Table
from fivefold.catalog.roles import Grant, Privilege, Role, held
from fivefold.errors import Denied
from fivefold.plan.statement import Access

PASSED_MAX = 10_000
"""Statements that are known to be allowed, by identity."""

SYSTEM = frozenset({"pg_catalog", "information_schema"})
"""Namespaces of relations whose rows are made for who reads them, and that nobody can change."""

_MAKING = {Privilege.CREATE}

TEMPORARY = "pg_temp"
"""With what the namespaces begin that are a session's own."""


class Identity:
    """The privileges of a role that is no superuser. Equal only to itself."""

    __slots__ = ("_containers", "_everything", "_known", "_namespaces", "_passed", "name")

    def __init__(self, name: str, roles: Mapping[str, Role]) -> None:
        self.name = name
        self._everything: set[Privilege] = set()
        self._namespaces: dict[str, set[Privilege]] = {}
        self._containers: dict[tuple[str, str], set[Privilege]] = {}
        self._passed: dict[int, tuple[Access, ...]] = {}
        self._known: dict[tuple[str, int], tuple[Catalog, Catalog]] = {}
        for role in held(roles, name):
            for grant in role.grants:
                if grant.namespace is None:
                    self._everything.add(grant.privilege)
                elif grant.container is None:
                    self._namespaces.setdefault(grant.namespace, set()).add(grant.privilege)
                else:
                    key = (grant.namespace, grant.container)
                    self._containers.setdefault(key, set()).add(grant.privilege)

    def may(
        self, privilege: Privilege, namespace: str | None = None, container: str | None = None
    ) -> bool:
        """Say whether it may: with a container, a whole namespace (None), everything (None)."""
        if namespace is not None and (namespace in SYSTEM or is_temporary(namespace)):
            return True
        found = self._everything
        if privilege in found or Privilege.ADMINISTER in found:
            return True
        if namespace is None:
            return False
        found = self._namespaces.get(namespace, found)
        if privilege in found or Privilege.ADMINISTER in found:
            return True
        if container is None:
            return False
        found = self._containers.get((namespace, container), found)
        return privilege in found or Privilege.ADMINISTER in found

    def knows(self, namespace: str, container: str) -> bool:
        """Say whether it has any privilege on the container, so that it may know of it.

        Who may make containers does not know by that of those that are there.
        """
        return (
            bool(self._everything - _MAKING)
            or bool(self._namespaces.get(namespace, _MAKING) - _MAKING)
            or (namespace, container) in self._containers
            or is_temporary(namespace)
        )

    def known(self, catalog: Catalog, prefix: str) -> Catalog:
        """Return the view of a database's catalog that has only what the role may know of.

        Types are for all. ``prefix``: of the database's namespaces in the store.
        """
        key = (prefix, id(catalog))
        if key not in self._known:
            shown = {
                key: _without_keys(container, lambda *name: self.knows(prefix + name[0], name[1]))
                for key, container in catalog.containers.items()
                if isinstance(container, EnumType) or self.knows(prefix + key[0], key[1])
            }
            made = replace(catalog, containers=MappingProxyType(shown))
            self._known[key] = catalog, made  # the first kept, so that no other can have its id
        return self._known[key][1]

    def check(self, accesses: tuple[Access, ...]) -> None:
        """Return if a statement may do all of this. Raises Denied."""
        key = id(accesses)
        if self._passed.get(key) is accesses:
            return
        for access in accesses:
            if not self.may(access.privilege, access.namespace or None, access.container or None):
                raise denied(access.container or access.namespace, access.privilege)
        if len(self._passed) >= PASSED_MAX:
            self._passed.clear()
        self._passed[key] = accesses  # kept, so that no other can have its id

    def check_change(self, change: Change, catalog: Catalog) -> None:
        """Return if it may change the schema so. Raises Denied."""
        match change:
            case CreateNamespace(name=name):
                if not is_temporary(name):
                    self._need(Privilege.CREATE, None, None)
            case DropNamespace(name=name) | DescribeNamespace(name=name):
                self._need(Privilege.ADMINISTER, name, None)
            case CreateContainer(container=container):
                self._need(Privilege.CREATE, container.namespace, None)
            case DropContainer(container=container):
                self._need(Privilege.ADMINISTER, container.namespace, container.name)
            case CreateIndex(table=table) | DropIndex(table=table):
                self._need(Privilege.ADMINISTER, table.namespace, table.name)
            case (
                AlterTable(old=old, new=new)
                | AlterSequence(old=old, new=new)
                | AlterType(old=old, new=new)
                | Describe(old=old, new=new)
            ):
                self._need(Privilege.ADMINISTER, old.namespace, old.name)
                if new.namespace != old.namespace:
                    self._need(Privilege.CREATE, new.namespace, None)
            case SetRole(old=role, new=other):
                self._check_role(role, other)

    def check_implied(self, change: Change) -> None:
        """Return if it may change the schema so by writing: what a first row of a kind makes.

        Raises Denied.
        """
        match change:
            case CreateContainer(container=one) | DropContainer(container=one):
                self._need(Privilege.WRITE, one.namespace, one.name)
            case Describe(old=old) | AlterTable(old=old):
                self._need(Privilege.WRITE, old.namespace, old.name)
            case CreateIndex(table=table):
                self._need(Privilege.WRITE, table.namespace, table.name)
            case _:
                self._need(Privilege.ADMINISTER, None, None)

    def _need(self, privilege: Privilege, namespace: str | None, container: str | None) -> None:
        if not self.may(privilege, namespace, container):
            raise denied(container or namespace, privilege)

    def _check_role(self, old: Role | None, new: Role | None) -> None:
        """Raise Denied unless only grants change on what it administers, or its own password.

        Whoever administers everything may do all but make or change superusers.
        """
        of_superuser = any(each is not None and each.superuser for each in (old, new))
        if self.may(Privilege.ADMINISTER) and not of_superuser:
            return
        if old is None or new is None or _but(old) != _but(new):
            raise denied(None, Privilege.ADMINISTER)
        if old.verifier != new.verifier and old.name != self.name:
            raise denied(None, Privilege.ADMINISTER)
        for grant in {*old.grants} ^ {*new.grants}:
            self._need_grant(grant)

    def _need_grant(self, grant: Grant) -> None:
        self._need(Privilege.ADMINISTER, grant.namespace, grant.container)


def _without_keys(container: Container, knows: Callable[[str, str], bool]) -> Container:
    """Return a table without the foreign keys to tables that nobody is to know of."""
    if not isinstance(container, Table) or all(knows(*k.target) for k in container.foreign_keys):
        return container
    shown = tuple(key for key in container.foreign_keys if knows(*key.target))
    return replace(container, foreign_keys=shown)


def _but(role: Role) -> tuple[object, ...]:
    """Return what a role is but for its password and grants."""
    return role.name, role.superuser, role.login, role.memberships


def identity_of(catalog: Catalog, name: str) -> Identity | None:
    """Return what a role may do; None is everything: a superuser, or there are no roles.

    A role that is gone may do nothing.
    """
    role = catalog.roles.get(name)
    if not catalog.roles or (role is not None and role.superuser):
        return None
    return Identity(name, catalog.roles if role is not None else {})


def is_temporary(namespace: str) -> bool:
    """Say whether a namespace, of whichever database, is a session's own."""
    return namespace.rpartition(SEPARATOR)[2].startswith(TEMPORARY)


def denied(what: str | None, privilege: Privilege) -> Denied:
    """Return the error of a role without this privilege."""
    return Denied(
        f"permission denied for {what}" if what else "permission denied",
        hint=f"Ask somebody who administers it for the privilege to {privilege.value}.",
    )
