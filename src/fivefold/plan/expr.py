"""What all nodes of a bound tree have in common; ``nodes`` lists their classes.

A node has ``args``, by name, and ``meta``, what the binder found out about it: its type above all
(see ``plan.statement.type_of``). Its children are those values of ``args`` that are nodes, or
members of lists there.

A node does not know its parent, so that a tree holds no cycles and one node may stand in two
places. Nodes are equal if they say the same, whatever their types and places in the text; all
that goes through a tree does so without recursion, since a chain of ANDs may be long.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterator
from typing import ClassVar, Self

_Found = typing.TypeVar("_Found", bound="Expr")


class _Slotted(type):
    """Makes classes without a dictionary in each object, and gives them their ``key``."""

    def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, typing.Any]) -> _Slotted:
        body.setdefault("__slots__", ())
        body["key"] = name.lower()
        return super().__new__(cls, name, bases, body)


class Expr(metaclass=_Slotted):
    """Any node. ``key`` is the name of its class in lower case."""

    __slots__ = ("args", "meta")
    key: ClassVar[str]
    is_leaf: ClassVar[bool] = False  # whether ``this`` is its text

    def __init__(self, **args: typing.Any) -> None:
        self.args = args
        self.meta: dict[str, typing.Any] = {}

    @property
    def this(self) -> typing.Any:
        """The first operand, or what the node is about; None if there is none."""
        return self.args.get("this")

    @property
    def expression(self) -> typing.Any:
        """The second operand; None if there is none."""
        return self.args.get("expression")

    @property
    def expressions(self) -> list[typing.Any]:
        """The members of a node that has many."""
        return self.args.get("expressions") or []

    def text(self, key: str) -> str:
        """Return an argument that is text, or a leaf that holds some; '' for anything else."""
        value = self.args.get(key)
        if isinstance(value, Expr) and value.is_leaf:
            value = value.args["this"]
        return value if isinstance(value, str) else ""

    @property
    def name(self) -> str:
        """The name of a column, table, alias or call; the text of a leaf."""
        return self.text("this")

    @property
    def alias(self) -> str:
        """The name after AS."""
        alias = self.args.get("alias")
        return alias.name if isinstance(alias, Expr) else ""

    @property
    def alias_or_name(self) -> str:
        """What an output or source is called."""
        return self.alias or self.name

    def set(self, key: str, value: object) -> None:
        """Set an argument; None takes it away."""
        if value is None:
            self.args.pop(key, None)
        else:
            self.args[key] = value

    def iter_expressions(self) -> Iterator[Expr]:
        """Yield the children."""
        for value in self.args.values():
            if isinstance(value, Expr):
                yield value
            elif isinstance(value, list):
                for one in value:
                    if isinstance(one, Expr):
                        yield one

    def walk(self, prune: Callable[[Expr], bool] | None = None) -> Iterator[Expr]:
        """Yield this node and all below, those nearer to it first.

        Below a node for which ``prune`` is true nothing is looked at.
        """
        waiting = [self]
        for node in waiting:  # grows while it is gone through
            yield node
            if prune is None or not prune(node):
                for value in node.args.values():
                    if isinstance(value, Expr):
                        waiting.append(value)
                    elif isinstance(value, list):
                        waiting += [one for one in value if isinstance(one, Expr)]

    def find_all(self, *kinds: type[_Found]) -> Iterator[_Found]:
        """Yield the nodes of these classes."""
        for node in self.walk():
            if isinstance(node, kinds):
                yield node

    def find(self, *kinds: type[_Found]) -> _Found | None:
        """Return the nearest node of these classes, or None."""
        return next(self.find_all(*kinds), None)

    def replace_all(self, change: Callable[[Expr], Expr | None]) -> None:
        """Put what ``change`` returns in the place of each node below this one; None keeps it."""
        for node in self.walk():
            for key, value in node.args.items():
                if isinstance(value, Expr):
                    node.args[key] = change(value) or value
                elif isinstance(value, list):
                    value[:] = [
                        (change(one) or one) if isinstance(one, Expr) else one for one in value
                    ]

    def copy(self) -> Self:
        """Return a copy of the whole tree; what ``meta`` holds is shared."""
        made = self.copy_alone()
        waiting: list[Expr] = [made]
        for node in waiting:
            for key, value in node.args.items():
                if isinstance(value, Expr):
                    node.args[key] = value.copy_alone()
                    waiting.append(node.args[key])
                elif isinstance(value, list):
                    node.args[key] = many = [
                        one.copy_alone() if isinstance(one, Expr) else one for one in value
                    ]
                    waiting += [one for one in many if isinstance(one, Expr)]
        return made

    def copy_alone(self) -> Self:
        """Return a copy of this node over the same children."""
        made = self.__class__(**self.args)
        made.meta = dict(self.meta)
        return made

    def __eq__(self, other: object) -> bool:
        waiting: list[tuple[object, object]] = [(self, other)]
        for one, another in waiting:
            if one is another:
                continue
            if type(one) is not type(another):
                return False
            if isinstance(one, Expr) and isinstance(another, Expr):
                given, others = _given(one), _given(another)
                if given.keys() != others.keys():
                    return False
                waiting += [(value, others[key]) for key, value in given.items()]
            elif isinstance(one, list) and isinstance(another, list):
                if len(one) != len(another):
                    return False
                waiting += zip(one, another, strict=True)
            elif one != another:
                return False
        return True

    def __hash__(self) -> int:
        # Equal nodes have equal names; what is below is left to the comparison.
        return hash((self.key, self.name))

    def __repr__(self) -> str:
        shown = ", ".join(f"{key}={value!r}" for key, value in self.args.items())
        return f"{type(self).__name__}({shown})"


def _given(node: Expr) -> dict[str, object]:
    """Return the arguments that say something: false, None and no members are as if left out."""
    return {key: value for key, value in node.args.items() if value}
