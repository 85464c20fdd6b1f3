"""$and, $or, $not. Source: manual, "Boolean Expression Operators".

Null, missing, false and zero are false, everything else is true. What is decided by one argument
does not evaluate those after it.
"""

from __future__ import annotations

from typing import Any

from bson.decimal128 import Decimal128

from fivefold.languages.mongo.expressions.forms import (
    Compile,
    Fixed,
    Operator,
    Special,
    arguments_of,
)
from fivefold.languages.mongo.expressions.terms import (
    Scope,
    Term,
    Variables,
    constant,
    reads_of,
)
from fivefold.values.documents.kinds import MISSING, Document


def truth(value: Any) -> bool:
    if value is True or value is False:
        return value
    if value is None or value is MISSING:
        return False
    if isinstance(value, int | float):
        return value != 0
    if isinstance(value, Decimal128):
        return value.to_decimal() != 0
    return True


def _all_or_any(decides: bool) -> Special:
    """Return $or (one that is true decides) or $and (one that is false does)."""

    def build(name: str, value: Any, scope: Scope, compile: Compile) -> Term:
        terms = [compile(each, scope) for each in arguments_of(value)]
        if any(term.fixed and truth(term.constant) is decides for term in terms):
            return constant(decides)
        varying = [term for term in terms if not term.fixed]
        if not varying:
            return constant(not decides)
        return Term(_decided(decides, varying), reads_of(varying))

    return Special(build)


def _decided(decides: bool, terms: list[Term]) -> Any:
    runs = [term.run for term in terms]

    def run(document: Document, variables: Variables) -> bool:
        for each in runs:
            value = each(document, variables)
            if (value if value.__class__ is bool else truth(value)) is decides:
                return decides
        return not decides

    return run


OPERATORS: dict[str, Operator] = {
    "$and": _all_or_any(False),
    "$or": _all_or_any(True),
    "$not": Fixed(lambda value: not truth(value)),
}
