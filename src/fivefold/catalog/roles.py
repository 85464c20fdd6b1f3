"""Who may come in: the roles of one database, which all protocols share."""

from __future__ import annotations

from dataclasses import dataclass

NAME_CHARS_MAX = 63
"""Of a role's name: as long as PostgreSQL's identifiers, the shortest limit of all protocols."""


@dataclass(frozen=True, slots=True)
class Role:
    """A user. ``verifier`` is what is kept of the password (security/verifier.py), None: there is
    none, so nobody can log in as this one."""

    name: str
    verifier: str | None = None
