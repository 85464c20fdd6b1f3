"""What ``help`` tells: the shell's own words, and the methods with a line on each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fivefold.cli.mongo.database import METHODS, PLACES
from fivefold.cli.mongo.tokens import NO_JAVASCRIPT

__all__ = ["DATABASE", "NO_JAVASCRIPT", "SHELL", "listing", "summary"]

WORDS: Mapping[str, str] = {
    "show dbs": "list the databases",
    "show collections": "list the collections of this one; so does show tables",
    "use NAME": "take another database; it is there once something is in it",
    "db": "tell which database this is",
    "db.NAME.find({…})": "find documents; sort, limit, skip, explain may follow",
    "db.help()": "list the methods of databases",
    "db.NAME.help()": "list the methods of collections",
    "db.NAME.find().help()": "list what may follow find",
    "it": "show the next documents of the last find or aggregate",
    "cls": "clear the screen",
    "exit": "leave; so do quit and Ctrl-D",
}


def summary(method: Callable[..., Any] | str) -> str:
    """Return the line on a method."""
    return method if isinstance(method, str) else (method.__doc__ or "").partition("\n")[0]


def _table(lines: Mapping[str, str]) -> str:
    width = max(map(len, lines), default=0)
    return "\n".join(f"  {name:<{width}}  {what}" for name, what in lines.items())


def listing(methods: Mapping[str, Callable[..., Any] | str]) -> str:
    """Return a table of methods."""
    return _table({name: summary(method) for name, method in sorted(methods.items())})


DATABASE: Mapping[str, Callable[..., Any] | str] = {**METHODS, **PLACES}
SHELL = f"{_table(WORDS)}\n\nValues are written as in mongosh; {NO_JAVASCRIPT}."
