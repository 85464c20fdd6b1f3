"""What a procedure is, and how the families declare theirs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from fivefold.languages.cypher.functions.function import Argument
from fivefold.languages.cypher.graph import Run

Rows = Iterable[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure that CALL may call. ``results`` are names with types such as ``STRING``.

    ``mode`` is READ, WRITE or DBMS, as SHOW PROCEDURES tells it. ``handle`` is given the Run and as
    many arguments as it has, ``defaults`` for those that were left out.
    """

    name: str
    arguments: tuple[Argument, ...]
    results: tuple[tuple[str, str], ...]
    mode: str
    description: str
    handle: Callable[..., Rows]
    defaults: tuple[Any, ...] = ()

    @property
    def writes(self) -> bool:
        """Say whether it may change the graph."""
        return self.mode == "WRITE"

    def call(self, run: Run, arguments: Sequence[Any]) -> Rows:
        """Yield rows of values, one for each of ``results``."""
        left_out = len(self.arguments) - len(arguments)
        return self.handle(run, *arguments, *self.defaults[len(self.defaults) - left_out :])

    @property
    def signature(self) -> str:
        """Return it as SHOW PROCEDURES writes it."""
        required = len(self.arguments) - len(self.defaults)
        arguments = [
            f"{one.name} :: {one.type}"
            if place < required
            else f"{one.name} = {_shown(self.defaults[place - required])} :: {one.type}"
            for place, one in enumerate(self.arguments)
        ]
        results = ", ".join(f"{name} :: {type}" for name, type in self.results)
        return f"{self.name}({', '.join(arguments)}) :: {f'({results})' if results else 'VOID'}"


def _shown(value: Any) -> str:
    return "null" if value is None else str(value)


_SIGNATURE = re.compile(r"([\w. ]+)\((.*?)\) :: (?:\((.*)\)|VOID)")


def declare(
    mode: str,
    signature: str,
    description: str,
    handle: Callable[..., Rows],
    *defaults: Any,
) -> Procedure:
    """Return the procedure of a signature such as ``db.labels() :: (label :: STRING)``.

    The last arguments may be left out, as many as there are ``defaults``.
    """
    matched = _SIGNATURE.fullmatch(signature)
    assert matched, signature
    name, taken, given = matched.groups()
    listed = _pairs(taken)
    required = len(listed) - len(defaults)
    arguments = [Argument(word, type, at >= required) for at, (word, type) in enumerate(listed)]
    return Procedure(
        name, tuple(arguments), _pairs(given or ""), mode, description, handle, defaults
    )


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    pairs = []
    for one in text.split(", ") if text else ():
        name, type = one.split(" :: ")
        pairs.append((name, type))
    return tuple(pairs)
