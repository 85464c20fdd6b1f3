"""Who may come in and what they may do: the roles of one database, which all protocols share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

NAME_CHARS_MAX = 63
"""Of a role's name: as long as PostgreSQL's identifiers, the shortest limit of all protocols."""

PUBLIC = "public"
"""The role that everybody has, once something was granted to it."""


class Privilege(StrEnum):
    """What one may do with a container; the gate checks it once for all languages.

    ``administer`` holds the others; ``write`` does not hold ``read``.
    """

    READ = "read"
    WRITE = "write"
    CREATE = "create"
    ADMINISTER = "administer"


@dataclass(frozen=True, slots=True)
class Grant:
    """A privilege on a container, on all of a namespace (``container`` is None), or on
    everything (both are)."""

    privilege: Privilege
    namespace: str | None = None
    container: str | None = None


@dataclass(frozen=True, slots=True)
class Role:
    """A user, or a group of privileges that users are members of.

    ``verifier`` is what is kept of the password (security/verifier.py), None: there is none, so
    nobody can log in as this one. A superuser may do everything, grants do not matter.
    """

    name: str
    verifier: str | None = None
    superuser: bool = True
    login: bool = True
    memberships: tuple[str, ...] = ()
    grants: tuple[Grant, ...] = ()


def held(roles: Mapping[str, Role], name: str) -> Iterator[Role]:
    """Yield the role, all that it is a member of, and what everybody has; each once."""
    waiting, seen = [PUBLIC, name], set()
    while waiting:
        each = waiting.pop()
        role = roles.get(each)
        if role is not None and each not in seen:
            seen.add(each)
            yield role
            waiting.extend(role.memberships)


def moved(
    roles: Mapping[str, Role],
    gone: frozenset[tuple[str, str | None]],
    renamed: Mapping[tuple[str, str | None], tuple[str, str | None]],
) -> Iterator[tuple[Role, Role]]:
    """Yield the roles whose grants are on containers that are gone or have another name.

    A container's grants go with it: another one of its name begins with none. Namespaces are
    (name, None).
    """
    for role in roles.values():
        grants = []
        for grant in role.grants:
            if grant.namespace is None:
                grants.append(grant)
                continue
            key = (grant.namespace, grant.container)
            if key in renamed:
                namespace, container = renamed[key]
                grants.append(Grant(grant.privilege, namespace, container))
            elif key not in gone:
                grants.append(grant)
        if len(grants) != len(role.grants) or tuple(grants) != role.grants:
            yield role, replace(role, grants=tuple(grants))
