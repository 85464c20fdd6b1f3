"""What EXPLAIN and PROFILE show of a plan: Neo4j's tree of operators, and its picture as text.

Source: Cypher Manual, "Execution plans and query tuning"; what the drivers read of a summary's
``plan`` and ``profile``: operatorType, identifiers, args and children, of a profile rows and dbHits
too. The picture is the argument ``string-representation`` of the tree's root.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from fivefold.languages.cypher.clauses import Plan
from fivefold.languages.cypher.graph import Profile
from fivefold.languages.cypher.operators import Argument, Operator, Pipeline

Shown = dict[str, Any]

RUNTIME: Final = "SLOTTED"
"""Neo4j's word for rows that are made one at a time."""


def shown(plan: Plan, database: str, profile: Profile | None = None) -> Shown:
    """Return the tree of a plan, its last operator first.

    ``profile`` is what was counted of each operator. What is written after the last row is the
    root's.
    """
    root = _pipeline(plan.pipeline, database, profile)
    assert root is not None
    if profile is not None:
        root["dbHits"] += profile.hits.get(-1, 0)
        root["args"]["DbHits"] = root["dbHits"]
    for id, operator in enumerate(_every(root)):
        operator["args"]["Id"] = id
    root["args"] |= {
        "planner": "COST",
        "runtime": RUNTIME,
        "version": "5",
        "string-representation": picture(root),
    }
    return root


def _pipeline(pipeline: Pipeline, database: str, profile: Profile | None) -> Shown | None:
    below: Shown | None = None
    for operator in pipeline.operators:
        if operator.name and not (isinstance(operator, Argument) and not operator.columns):
            below = _operator(operator, below, database, profile)
    return below


def _operator(
    operator: Operator, below: Shown | None, database: str, profile: Profile | None
) -> Shown:
    inner = (_pipeline(one, database, profile) for one in operator.inner)
    made: Shown = {
        "operatorType": f"{operator.name}@{database}",
        "identifiers": list(operator.columns),
        "args": {"Details": operator.details} if operator.details else {},
        "children": [one for one in (below, *inner) if one is not None],
    }
    if profile is not None:
        rows, hits = profile.rows.get(operator.number, 0), profile.hits.get(operator.number, 0)
        made |= {"rows": rows, "dbHits": hits}
        made["args"] |= {"Rows": rows, "DbHits": hits}
    return made


def _every(operator: Shown) -> Iterator[Shown]:
    yield operator
    for child in operator["children"]:
        yield from _every(child)


def picture(root: Shown) -> str:
    """Return the tree as Neo4j draws it: a table, the operator that runs last on top."""
    is_profile = "rows" in root
    header = ["Operator", "Id", "Details", *(["Rows", "DB Hits"] if is_profile else [])]
    lines = [
        [f"{branch}+{operator['operatorType'].partition('@')[0]}", str(operator["args"]["Id"])]
        + [operator["args"].get("Details", "")]
        + ([str(operator["rows"]), str(operator["dbHits"])] if is_profile else [])
        if operator is not None
        else [branch, *[""] * (len(header) - 1)]
        for branch, operator in _lines(root, "")
    ]
    widths = [max(map(len, column)) for column in zip(header, *lines, strict=True)]
    bar = "+".join(["", *("-" * (width + 2) for width in widths), ""])
    table = [bar, _line(header, widths), bar, *(_line(line, widths) for line in lines), bar]
    return "\n".join(["Planner COST", "", f"Runtime {RUNTIME}", "", *table, ""])


def _lines(operator: Shown, branch: str) -> Iterator[tuple[str, Shown | None]]:
    """Yield an operator and those below it; what it runs for its rows is a branch to the right."""
    yield branch, operator
    first, *others = operator["children"] or (None,)
    for other in others:
        yield f"{branch}|\\", None
        yield from _lines(other, f"{branch}| ")
    if first is not None:
        yield f"{branch}|", None
        yield from _lines(first, branch)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    """Return a line of the table: numbers on the right, all else on the left."""
    padded = (
        cell.rjust(width) if cell.isdecimal() else cell.ljust(width)
        for cell, width in zip(cells, widths, strict=True)
    )
    return f"| {' | '.join(padded)} |"
