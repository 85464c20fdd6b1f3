"""How alike vectors are.

Source: "Vector similarity functions" of Cassandra's CQL reference.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from fivefold.languages.cql.terms.functions import javamath
from fivefold.languages.cql.terms.functions.signatures import Factory, Function, Parameter
from fivefold.values.cql.faults import invalid
from fivefold.values.cql.types import FLOAT, CqlType

Vector = Sequence[float]


def _is_vector(type: CqlType) -> str | None:
    good = type.name == "vector" and type.parameters[0] == FLOAT
    return None if good else "a float vector argument"


def _dot(left: Vector, right: Vector) -> float:
    return math.fsum(one * other for one, other in zip(left, right, strict=True))


def _cosine(left: Vector, right: Vector) -> float:
    if not any(left) or not any(right):
        raise invalid("Function system.similarity_cosine doesn't support all-zero vectors.")
    return (1 + _dot(left, right) / math.sqrt(_dot(left, left) * _dot(right, right))) / 2


def _euclidean(left: Vector, right: Vector) -> float:
    return 1 / (1 + math.fsum((one - other) ** 2 for one, other in zip(left, right, strict=True)))


def _dot_product(left: Vector, right: Vector) -> float:
    return (1 + _dot(left, right)) / 2


def _factory(name: str, compute: Callable[[Vector, Vector], float]) -> Factory:
    def make(name: str, types: tuple[CqlType, ...], _receiver: CqlType | None) -> Function:
        if types[0].dimension != types[1].dimension:
            raise invalid("All arguments must have the same vector dimensions")

        def call(left: Any, right: Any) -> float:
            return javamath.single(compute(left, right))

        return Function(name, types, FLOAT, call, by_factory=True)

    parameter = Parameter("vector<float, n>", _is_vector, _same)
    return Factory(name, (parameter, parameter), make)


def _same(types: Sequence[CqlType], _receiver: CqlType | None) -> CqlType | None:
    return types[0] if types else None


FACTORIES: tuple[Factory, ...] = (
    _factory("similarity_cosine", _cosine),
    _factory("similarity_euclidean", _euclidean),
    _factory("similarity_dot_product", _dot_product),
)
