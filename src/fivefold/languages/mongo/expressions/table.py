"""All operators by name: the families' tables in one."""

from __future__ import annotations

from fivefold.languages.mongo.expressions import (
    accumulating,
    arithmetic,
    arrays,
    bitwise,
    booleans,
    comparison,
    conditional,
    conversion,
    hashing,
    iteration,
    objects,
    randoms,
    regexes,
    sets,
    sizes,
    strings,
    timestamps,
    trigonometry,
    variables,
)
from fivefold.languages.mongo.expressions.dates import fields, making, moving
from fivefold.languages.mongo.expressions.forms import Operator

OPERATORS: dict[str, Operator] = {
    name: operator
    for family in (
        *(accumulating, arithmetic, arrays, bitwise, booleans, comparison, conditional, conversion),
        *(fields, hashing, iteration, making, moving, objects, randoms, regexes, sets, sizes),
        *(strings, timestamps, trigonometry, variables),
    )
    for name, operator in family.OPERATORS.items()
}

UNSUPPORTED: dict[str, str] = {
    "$accumulator": "it needs JavaScript; use the other accumulators",
    "$function": "it needs JavaScript; say it with the other operators",
    "$meta": "there are no text indexes and no Atlas Search; sort and project by fields",
}
"""Operators of MongoDB's that are not there, and what to do instead."""
