"""The temporal tables of the openCypher Technology Compatibility Kit, where its folder is.

Only what these tables need of Cypher is read here: calls, maps, strings, numbers, names.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from tests.tck.kit import features

_QUERY = re.compile(r"(?:WITH (?P<bound>.*) )?RETURN (?P<expression>.*) AS \w+")
_BOUND = re.compile(r"(?P<expression>\w+\(.*?\)) AS (?P<name>\w+)(?:, |$)")

Rows = tuple[str, dict[str, str], str]


def rows(feature: str) -> Iterator[Rows]:
    """Yield (expression, expressions of its variables, result) of a feature's scenarios that
    return one value and read no graph; skips the test where the kit is not."""
    scenarios = features().get(f"expressions/temporal/{feature}")
    if scenarios is None:
        pytest.skip("the openCypher TCK is not here: FIVEFOLD_TCK names its folder")
    for scenario in scenarios:
        queries = [step.text for step in scenario.steps if step.text is not None]
        tables = [step.table for step in scenario.steps if step.table]
        found = _QUERY.fullmatch(" ".join(queries[-1].split()))
        if found is None or len(queries) > 1 or len(tables[0][0]) != 1 or "null" in queries[0]:
            continue
        bound = {one["name"]: one["expression"] for one in _BOUND.finditer(found["bound"] or "")}
        yield found["expression"], bound, tables[0][1][0]


def evaluate(expression: str, functions: Mapping[str, Callable[..., Any]], **names: Any) -> Any:
    """Return the value of a Cypher expression that Python reads alike, but for maps' bare keys."""
    parts = re.split(r"('[^']*')", expression)
    parts[::2] = [re.sub(r"(\w+):", r"'\1':", part) for part in parts[::2]]
    return _value(ast.parse("".join(parts), mode="eval").body, functions, names)


def _value(
    node: ast.expr, functions: Mapping[str, Callable[..., Any]], names: Mapping[str, Any]
) -> Any:
    match node:
        case ast.Constant(value):
            return value
        case ast.Name(name):
            return names[name]
        case ast.UnaryOp(ast.USub(), operand):
            return -_value(operand, functions, names)
        case ast.Dict(keys, values):
            inner = [_value(value, functions, names) for value in values]
            names_of = [ast.literal_eval(key) for key in keys if key is not None]
            return dict(zip(names_of, inner, strict=True))
        case ast.Call(function, arguments):
            called = functions[ast.unparse(function)]
            return called(*(_value(one, functions, names) for one in arguments))
    raise AssertionError(ast.dump(node))
