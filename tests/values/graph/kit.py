"""The temporal tables of the openCypher Technology Compatibility Kit, where its folder is.

Only what these tables need of Cypher is read here: calls, maps, strings, numbers, names.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[4] / "shared/tck/features/expressions/temporal"

_QUERY = re.compile(r'executing query:\n\s*"""\n(.*?)"""', re.DOTALL)
_RETURN = re.compile(r"(?:WITH (?P<bound>.*) )?RETURN (?P<expression>.*) AS \w+")
_BOUND = {"other": "other", "otherDate": "otherDate", "otherTime": "otherTime"}


def rows(feature: str) -> Iterator[tuple[str, Mapping[str, str], str]]:
    """Yield (expression, what its variables are bound to, result) of a feature's outlines that
    return one expression of one row; skips the test where the kit is not."""
    if not FOLDER.is_dir():
        pytest.skip(f"the openCypher TCK is not at {FOLDER}")
    text = (FOLDER / f"{feature}.feature").read_text(encoding="utf-8")
    for outline in text.split("Scenario Outline:")[1:]:
        query, examples = _QUERY.search(outline), outline.partition("Examples:")[2]
        found = query and _RETURN.fullmatch(" ".join(query[1].split()))
        table = [_cells(line) for line in examples.splitlines() if line.strip().startswith("|")]
        if not found or not table or "result" not in table[0]:
            continue
        for cells in table[1:]:
            row = dict(zip(table[0], cells, strict=True))
            expression = re.sub(r"<(\w+)>", lambda name, row=row: row[name[1]], found["expression"])
            yield expression, {name: row[name] for name in _BOUND if name in row}, row["result"]


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


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
            return {
                ast.literal_eval(key or ""): value for key, value in zip(keys, inner, strict=True)
            }
        case ast.Call(function, arguments):
            name = ast.unparse(function)
            return functions[name](*(_value(one, functions, names) for one in arguments))
    raise AssertionError(ast.dump(node))
