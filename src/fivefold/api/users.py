"""``db.users``: who may log in when the database is served."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fivefold.engine import logins
from fivefold.engine.session import Session


class Users:
    """The users of one database, the same for every protocol.

    While there are none, whoever reaches the server may do anything; from the first one on, every
    client has to log in, by its protocol's own means. Users that are made here are superusers, who
    may do everything; SQL's CREATE ROLE and GRANT make others. A program that opens the file is
    not asked for a password: it has the file.
    """

    def __init__(self, session: Callable[[], Session]) -> None:
        self._session = session

    def set(self, name: str, password: str) -> None:
        """Make a user, or give one another password; who is connected stays so.

        What is kept of the password does not tell it. Raises InvalidValue for a name or a password
        that is empty or too long, Denied for a password that no client could send.
        """
        logins.set_password(self._session(), name, password)

    def remove(self, name: str) -> None:
        """Remove a user; who is connected stays so. Raises InvalidStatement if there is none."""
        logins.remove(self._session(), (name,))

    def __contains__(self, name: object) -> bool:
        return name in logins.roles(self._session().engine)

    def __iter__(self) -> Iterator[str]:
        """Yield the names, in order."""
        return iter(logins.names(self._session().engine))

    def __len__(self) -> int:
        return len(logins.roles(self._session().engine))
