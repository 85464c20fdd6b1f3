"""Checks of functions' calls: is there such a function, and are its arguments right?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import fivefold.languages.cypher.check.expressions as expressions
from fivefold.languages.cypher import tree
from fivefold.languages.cypher.check.scope import Here, require
from fivefold.languages.cypher.check.types import (
    ANY,
    INTEGER,
    NOTHING,
    Type,
    joined,
    list_of,
    written,
)
from fivefold.languages.cypher.functions.function import Argument, Function
from fivefold.languages.cypher.functions.table import find
from fivefold.languages.cypher.notifications import deprecated_function
from fivefold.languages.cypher.walk import every
from fivefold.values.graph.faults import fault

_LATE = frozenset(("range",))
"""Functions that complain of their arguments' types only when they run: so does the kit."""


def check_count_star(expression: tree.CountStar, here: Here) -> Type:
    """Check ``count(*)``."""
    here.aggregate("count", expression.at)
    return INTEGER


def check_call(call: tree.Call, here: Here) -> Type:
    """Check a function's call and return the type of its result."""
    function = find(call.name)
    if function is None:
        raise fault("UnknownFunction", f"Unknown function '{call.name}'", at=call.at)
    if function.name == "id":
        here.state.notifications.append(deprecated_function("id", call.at))
    if function.aggregating:
        here.aggregate(function.name, call.at)
        here = here.nested()
        _refuse_chance(call)
    elif call.distinct:
        message = f"Invalid use of DISTINCT with function '{function.name}'"
        raise fault("UnexpectedSyntax", message, at=call.at)
    types = [expressions.check(argument, here) for argument in call.arguments]
    _check_count(function, call)
    if function.name.lower() not in _LATE:
        for argument, given, wanted in zip(
            call.arguments, types, _declared(function, len(types)), strict=True
        ):
            require(given, expressions.start(argument), *written(wanted.type))
    return _result(function, types)


def _declared(function: Function, count: int) -> Sequence[Argument]:
    """Return what is declared for each of a call's arguments; the last one may repeat."""
    declared = function.arguments
    return [*declared, *declared[-1:] * (count - len(declared))][:count]


def _check_count(function: Function, call: tree.Call) -> None:
    count = len(call.arguments)
    if function.takes(count):
        return
    few = count < function.least
    wrong = "Insufficient" if few else "Too many"
    message = f"{wrong} parameters for function '{function.name}'"
    raise fault("InvalidNumberOfArguments", message, at=call.at)


def _refuse_chance(call: tree.Call) -> None:
    """Raise the fault if what is aggregated is not the same each time it is looked at."""
    for node in every(call):
        if isinstance(node, tree.Call) and node is not call:
            inner = find(node.name)
            if inner is not None and inner.category in _CHANCE and not inner.deterministic:
                message = (
                    "Can't use non-deterministic (random) functions inside of aggregate functions."
                )
                raise fault("NonConstantExpression", message, at=node.at)


_CHANCE = frozenset(("Numeric", "Scalar"))
"""Categories whose functions, if they are not deterministic, are random ones."""


def _element(types: Sequence[Type]) -> Type:
    item = types[0].item
    return ANY if item is None or item == NOTHING else item


def _same(types: Sequence[Type]) -> Type:
    return types[0]


_RESULTS: dict[str, Callable[[Sequence[Type]], Type]] = {
    "coalesce": joined,
    "collect": lambda types: list_of(types[0]),
    "head": _element,
    "last": _element,
    "reverse": _same,
    "tail": _same,
    "min": _same,
    "max": _same,
}
"""Functions whose result is of a type that depends on the arguments'."""


def _result(function: Function, types: Sequence[Type]) -> Type:
    special = _RESULTS.get(function.name.lower())
    if special is not None:
        return special(types)
    results = written(function.result)
    return results[0] if len(results) == 1 else ANY
