"""How a module of functions lists them."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, NamedTuple

Function = Callable[..., Any]


class Needs(Enum):
    """What a function gets before its SQL arguments."""

    NOTHING = 0
    CONTEXT = 1  # the session's Context
    CONNECTION = 2  # the apsw.Connection and the Context


class Entry(NamedTuple):
    """One function. ``arguments`` is their number, -1 for any number."""

    name: str
    arguments: int
    function: Function
    deterministic: bool = True
    needs: Needs = Needs.NOTHING


def strict(function: Function) -> Function:
    """Return a function that gives null where any argument is null."""
    count = function.__code__.co_argcount
    if _count(function) < 0:
        return lambda *values: None if None in values else function(*values)
    match count:
        case 1:
            return lambda a: None if a is None else function(a)
        case 2:
            return lambda a, b: None if a is None or b is None else function(a, b)
        case 3:
            return lambda a, b, c: (
                None if a is None or b is None or c is None else function(a, b, c)
            )
    return lambda *values: None if None in values else function(*values)


def stricts(*pairs: tuple[str, Function]) -> tuple[Entry, ...]:
    """List pure functions that give null for null, their arguments counted from their code."""
    return tuple([Entry(name, _count(function), strict(function)) for name, function in pairs])


def _count(function: Function) -> int:
    if function.__code__.co_flags & 0x04 or function.__defaults__:
        return -1
    return function.__code__.co_argcount
