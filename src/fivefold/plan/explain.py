"""What a store says about how it will run a statement, or did run it, and its two spellings.

A store makes a tree of ``Node``s, whatever language the statement came in; the words are those of
PostgreSQL's EXPLAIN, so that its tools can read them. Figures that a store does not have are None
and are not printed. A store that explains in these words itself gives its own ``lines`` instead.

Source: PostgreSQL manual, "Using EXPLAIN"; the order of fields in JSON is that of its answers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from fivefold.values.records import Record


class Format(StrEnum):
    """How a plan is printed."""

    TEXT = "text"
    JSON = "json"


class Options(Record):
    """What EXPLAIN was asked for; None where the choice is the default's."""

    analyze: bool = False
    verbose: bool = False
    costs: bool = True
    settings: bool = False
    buffers: bool = False
    wal: bool = False
    timing: bool | None = None  # default: as analyze
    summary: bool | None = None  # default: as analyze
    format: Format = Format.TEXT


class Actual(Record):
    """What running gave: milliseconds to the first row and to the last, and the number of rows."""

    first_ms: float
    total_ms: float
    rows: int


class Node(Record):
    """One step of a plan and those that feed it.

    ``type`` is PostgreSQL's name of it ('Seq Scan'). ``details`` are lines under it ('Index Cond',
    '(a = ?)'). ``relationship`` is to its parent: Outer, Inner, Member, SubPlan, InitPlan or
    Subquery; ``subplan`` its name there ('SubPlan 1', 'CTE x').
    """

    type: str
    relation: str = ""
    namespace: str = ""
    alias: str = ""
    index: str = ""
    join: str = ""  # Inner, Left, Right, Full, Semi
    operation: str = ""  # of ModifyTable: Insert, Update, Delete; of SetOp: Intersect, Except
    strategy: str = ""  # of Aggregate: Plain, Sorted, Hashed
    details: tuple[tuple[str, str | tuple[str, ...]], ...] = ()
    children: tuple[Node, ...] = ()
    relationship: str = "Outer"
    subplan: str = ""
    actual: Actual | None = None


class Explanation(Record):
    """A plan, or the store's own ``lines``. Times are milliseconds."""

    plan: Node | None = None
    lines: tuple[str, ...] = ()
    planning_ms: float | None = None
    execution_ms: float | None = None


SHOWN = "shown"
"""The place in a node's ``meta`` of what a language says of a condition or key (``Shown``)."""


class Shown(Record):
    """What EXPLAIN prints of a condition or key: ``texts``, more than one if it is several.

    ``keyed`` says it by alias as an index of that table's has it: its column to the left, bare.
    """

    texts: tuple[str, ...]
    keyed: Mapping[str, tuple[str, ...]]


_JOINED = {"Inner": ""} | {word: f" {word} Join" for word in ("Left", "Right", "Full", "Semi")}
_AGGREGATES = {"Plain": "Aggregate", "Sorted": "GroupAggregate", "Hashed": "HashAggregate"}
_RELATION_KEYS = {"CTE Scan": "CTE Name", "WorkTable Scan": "CTE Name"}
_UNNAMED = frozenset({"Subquery Scan", "Values Scan"})  # have an alias only
_FUNCTIONS = "Function Scan"


def lines_of(explanation: Explanation, options: Options) -> list[str]:
    """Return what EXPLAIN prints, a line a row; JSON is one row of many lines."""
    plan = explanation.plan
    if plan is None:
        return list(explanation.lines)
    if options.format is Format.JSON:
        return [json.dumps([_whole(explanation, plan, options)], indent=2, ensure_ascii=False)]
    lines = list(_text(plan, options, 0))
    if explanation.planning_ms is not None:
        lines.append(f"Planning Time: {explanation.planning_ms:.3f} ms")
    if explanation.execution_ms is not None:
        lines.append(f"Execution Time: {explanation.execution_ms:.3f} ms")
    return lines


# -- text ------------------------------------------------------------------------------------------


def _text(node: Node, options: Options, depth: int) -> Iterator[str]:
    """Yield a node's line, its details and its children, as deep as ``depth`` arrows."""
    arrow = " " * (6 * depth - 4) + "->  " if depth else ""
    yield f"{arrow}{_title(node, options)}{_figures(node.actual, options)}"
    indent = " " * (6 * depth + 2)
    for label, value in node.details:
        yield f"{indent}{label}: {value if isinstance(value, str) else ', '.join(value)}"
    for child in node.children:
        if child.subplan:
            yield f"{indent}{child.subplan}"
            for line in _text(child, options, depth + 1):
                yield "  " + line
        else:
            yield from _text(child, options, depth + 1)


def _title(node: Node, options: Options) -> str:
    if node.type == "SetOp":
        return f"SetOp {node.operation}"
    if node.operation:
        return f"{node.operation} on {_relation(node, options)}"
    if node.type == "Aggregate":
        return _AGGREGATES[node.strategy]
    if node.join:
        return f"{node.type}{_JOINED[node.join]}"
    words = node.type
    if node.index:
        words += f" {'on' if node.type == 'Bitmap Index Scan' else 'using'} {_quoted(node.index)}"
    if node.relation or node.alias:
        words += f" on {_relation(node, options)}"
    return words


def _relation(node: Node, options: Options) -> str:
    if not node.relation:
        return _quoted(node.alias)
    name = _quoted(node.relation)
    if options.verbose and node.namespace:
        name = f"{_quoted(node.namespace)}.{name}"
    differs = node.alias and node.alias != node.relation
    return f"{name} {_quoted(node.alias)}" if differs else name


def _quoted(name: str) -> str:
    plain = name.replace("_", "a").replace("$", "a")
    if plain.isalnum() and plain == plain.lower() and not plain[:1].isdigit():
        return name
    return '"' + name.replace('"', '""') + '"'


def _figures(actual: Actual | None, options: Options) -> str:
    if actual is None:
        return ""
    rows = f"rows={actual.rows} loops=1"
    if options.timing is False:
        return f" (actual {rows})"
    return f" (actual time={actual.first_ms:.3f}..{actual.total_ms:.3f} {rows})"


# -- JSON ------------------------------------------------------------------------------------------


def _whole(explanation: Explanation, plan: Node, options: Options) -> dict[str, Any]:
    found: dict[str, Any] = {"Plan": _node(plan, options, root=True)}
    if explanation.planning_ms is not None:
        found["Planning Time"] = round(explanation.planning_ms, 3)
    if options.analyze:
        found["Triggers"] = []
    if explanation.execution_ms is not None:
        found["Execution Time"] = round(explanation.execution_ms, 3)
    return found


def _node(node: Node, options: Options, *, root: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = {"Node Type": node.type}
    if node.strategy:
        found["Strategy"] = node.strategy
        found["Partial Mode"] = "Simple"
    if node.operation:
        found["Command" if node.type == "SetOp" else "Operation"] = node.operation
    if not root:
        found["Parent Relationship"] = node.relationship
    if node.subplan:
        found["Subplan Name"] = node.subplan
    found["Parallel Aware"] = found["Async Capable"] = False
    if "Index" in node.type and node.type != "Bitmap Index Scan":
        found["Scan Direction"] = "Forward"
    if node.index:
        found["Index Name"] = node.index
    if node.join:
        found["Join Type"] = node.join
    if node.relation:
        named = "Function Name" if node.type == _FUNCTIONS else "Relation Name"
        found[_RELATION_KEYS.get(node.type, named)] = node.relation
    if options.verbose and node.namespace:
        found["Schema"] = node.namespace
    if node.relation or node.type in _UNNAMED:
        found["Alias"] = node.alias or node.relation
    if node.actual is not None:
        if options.timing is not False:
            found["Actual Startup Time"] = round(node.actual.first_ms, 3)
            found["Actual Total Time"] = round(node.actual.total_ms, 3)
        found["Actual Rows"] = node.actual.rows
        found["Actual Loops"] = 1
    for label, value in node.details:
        found[label] = value if isinstance(value, str) else list(value)
    if node.children:
        found["Plans"] = [_node(child, options) for child in node.children]
    return found
