"""``fivefold user``: who may log in to a store that is served."""

from __future__ import annotations

import getpass
import sys

import fivefold
from fivefold.errors import InvalidValue


def set_password(store: str, name: str) -> None:
    """Make a user, or give one another password, which is asked for or read from a pipe."""
    password = _password(name)
    with fivefold.open(store) as database:
        is_new, is_first = name not in database.users, not len(database.users)
        database.users.set(name, password)
    print(f"user {name} {'made' if is_new else 'has another password'}")
    if is_first:
        print("From now on every client has to log in.")


def remove(store: str, name: str) -> None:
    """Remove a user."""
    with fivefold.open(store) as database:
        database.users.remove(name)
        is_last = not len(database.users)
    print(f"user {name} removed")
    if is_last:
        print("There are no users any more: whoever reaches the server may do anything.")


def show(store: str) -> None:
    """Print the users' names, one a line."""
    with fivefold.open(store) as database:
        for name in database.users:
            print(name)


def _password(name: str) -> str:
    """Return the password: one line of standard input, asked for twice on a terminal."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().removesuffix("\n").removesuffix("\r")
    password = getpass.getpass(f"Password for {name}: ")
    if getpass.getpass("Again: ") != password:
        raise InvalidValue("these are two passwords", hint="Type the same one twice.")
    return password
