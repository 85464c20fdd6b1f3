"""The functions that there are, by name; one module for each family of them.

All are native, of the keyspace system. User-defined ones are not supported.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from fivefold.languages.cql.terms.functions.aggregates import COUNT_ROWS
from fivefold.languages.cql.terms.functions.signatures import Factory, Function
from fivefold.languages.cql.terms.scope import Scope

__all__ = ["COUNT_ROWS", "candidates_of", "factory_of"]


@cache
def _functions() -> dict[str, list[Function]]:
    from fivefold.languages.cql.terms.functions import (
        aggregates,
        blobs,
        casts,
        mathematics,
        moments,
        operators,
    )

    found: dict[str, list[Function]] = {}
    for module in (aggregates, blobs, casts, mathematics, moments, operators):
        for function in module.FUNCTIONS:
            found.setdefault(function.name, []).append(function)
    return found


@cache
def _factories() -> dict[str, Factory]:
    from fivefold.languages.cql.terms.functions import (
        aggregates,
        collections,
        conversions,
        masking,
        vectors,
    )

    modules = (aggregates, collections, conversions, masking, vectors)
    return {factory.name: factory for module in modules for factory in module.FACTORIES}


def candidates_of(name: str, scope: Scope) -> Sequence[Function]:
    """Return the functions of a name, of which those of ``token`` depend on the table."""
    if name == "token" and scope.family is not None:
        from fivefold.languages.cql.terms.functions.conversions import token

        return (token(scope.family),)
    return _functions().get(name, ())


def factory_of(name: str) -> Factory | None:
    """Return the factory of a name."""
    return _factories().get(name)
