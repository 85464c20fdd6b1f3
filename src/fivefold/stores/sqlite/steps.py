"""WITH queries that change rows: one statement of the waist as several of SQLite, in one savepoint.

In PostgreSQL all parts of such a statement see the tables as they were before it; they learn of
each other's work only through what RETURNING hands on. Here each part is a step. Its rows go to the
steps that name it as a parameter, a JSON array. Steps are put into an order in which none reads a
table that one before it has changed: a query that reads such a table and names no change is itself
a step, run first. Where there is no such order the statement is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, NoReturn

from fivefold.catalog.containers import Table
from fivefold.errors import Unsupported
from fivefold.plan import nodes as exp
from fivefold.plan.statement import Output, Prepared, Statement, type_of
from fivefold.stores.sqlite.render.records import Handed
from fivefold.values.strings import bytea_hex
from fivefold.values.types import TEXT, Row, Stored, Type

Place = tuple[str, str]
"""A table's namespace and name."""

_CHANGES = (exp.Insert, exp.Update, exp.Delete)


class Step(NamedTuple):
    """One part; ``handed`` says that its rows are a parameter of the steps after it."""

    prepared: Prepared
    handed: bool


class Stepped(Prepared):
    """A statement in steps, the statement's own part last; ``text`` is that part's."""

    steps: tuple[Step, ...] = ()


class Part(NamedTuple):
    """A WITH query, or the statement's own part, whose name is ''."""

    name: str
    node: exp.Expr
    cte: exp.CTE | None
    uses: frozenset[str]  # the WITH queries that it names, and those that these name
    reads: frozenset[Place]  # the tables that it reads itself
    changes: frozenset[Place]

    @property
    def is_change(self) -> bool:
        """Whether it inserts, updates or deletes rows."""
        return isinstance(self.node, _CHANGES)


def is_stepped(statement: Statement) -> bool:
    """Say whether WITH queries of a statement change rows."""
    return statement.writes and any(
        isinstance(cte.this, _CHANGES) for cte in _withs(statement.source)
    )


def _withs(source: object) -> list[exp.CTE]:
    found = source.args.get("with_") if isinstance(source, exp.Expr) else None
    return [] if found is None else list(found.expressions)


def prepare(statement: Statement, prepare_one: Callable[[Statement], Prepared]) -> Stepped:
    """Return the steps of a statement. Raises Unsupported if no order of them is right."""
    assert isinstance(statement.source, exp.Expr)
    root = statement.source.copy()
    ctes = _withs(root)
    recursive = bool(root.args["with_"].args.get("recursive"))
    root.set("with_", None)
    ctes += _taken_out(root, _changing(ctes))
    parts = _parts(root, ctes)
    order = _ordered(_needed(parts))
    numbers: dict[str, int] = {}
    steps: list[Step] = []
    for part in order:
        types = (*statement.parameters, *[TEXT] * len(numbers))
        own = _statement(part, parts, numbers, statement, types, recursive=recursive)
        is_main = part.cte is None
        steps.append(Step(prepare_one(own), not is_main and bool(own.outputs)))
        if steps[-1].handed:
            numbers[part.name] = len(statement.parameters) + len(numbers) + 1
    return Stepped(statement, steps[-1].prepared.text, True, steps=tuple(steps))


# -- parts ----------------------------------------------------------------------------------------


def _changing(ctes: list[exp.CTE]) -> set[str]:
    """Return the names of the WITH queries that change rows, or name one that does."""
    found: set[str] = set()
    for cte in ctes:
        if isinstance(cte.this, _CHANGES) or _names(cte.this, found):
            found.add(cte.alias)
    return found


def _names(node: exp.Expr, names: set[str]) -> bool:
    return any(not one.db and one.name in names for one in node.find_all(exp.Table))


def _taken_out(root: exp.Expr, changing: set[str]) -> list[exp.CTE]:
    """Make WITH queries of queries that name no change, so that they can be steps.

    They are what INSERT takes its rows from, the sides of a UNION, and the last part as a whole.
    """
    made: list[exp.CTE] = []
    if isinstance(root, exp.Query):
        for side in _sides(root):
            if not _names(side, changing):
                side.args = _named(side.copy_alone(), made).args
                side.meta.pop("sets", None)
    elif isinstance(root, exp.Insert):
        body = root.expression
        if isinstance(body, exp.Select | exp.SetOperation) and not _names(body, changing):
            root.set("expression", _named(body, made))
    return made


def _sides(root: exp.Expr) -> Iterator[exp.Select]:
    if isinstance(root, exp.SetOperation | exp.Subquery):
        for one in (root.this, root.expression):
            if one is not None:
                yield from _sides(one)
    elif isinstance(root, exp.Select):
        yield root


def _named(query: exp.Query, made: list[exp.CTE]) -> exp.Select:
    """Return ``SELECT columns FROM "ff:part…"`` and add that WITH query."""
    name = exp.Identifier(this=f"ff:part{len(made) + 1}")
    columns = [exp.Identifier(this=f"c{at}") for at, _ in enumerate(query.selects, 1)]
    made.append(exp.CTE(this=query, alias=exp.TableAlias(this=name, columns=columns)))
    outputs = []
    selects: list[exp.Expr] = query.selects
    for column, output in zip(columns, selects, strict=True):
        value = exp.Column(this=column, table=name)
        value.meta["type"] = type_of(output)
        alias = exp.Alias(this=value, alias=exp.Identifier(this=output.alias_or_name))
        alias.meta["type"] = type_of(output)
        outputs.append(alias)
    source = exp.Table(this=name, alias=exp.TableAlias(this=name))
    return exp.Select(expressions=outputs, from_=exp.From(this=source))


def _parts(root: exp.Expr, ctes: list[exp.CTE]) -> dict[str, Part]:
    parts: dict[str, Part] = {}
    for cte in ctes:
        parts[cte.alias] = _part(cte.alias, cte.this, cte, parts)
    parts[""] = _part("", root, None, parts)
    return parts


def _part(name: str, node: exp.Expr, cte: exp.CTE | None, known: dict[str, Part]) -> Part:
    target = node.this.this if isinstance(node, exp.Insert) else None
    if isinstance(node, exp.Insert):
        conflict = node.args.get("conflict")
        if conflict is not None and conflict.expressions:
            target = None  # it reads the rows that are there
    uses: set[str] = set()
    reads: set[Place] = set()
    for table in node.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier) or table is target:
            continue
        if table.db:
            reads.add((table.db, table.name))
        elif table.name in known:
            uses.add(table.name)
    for used in list(uses):
        uses |= known[used].uses
    reached = node.meta.get("reached", frozenset())
    return Part(name, node, cte, frozenset(uses), frozenset(reads), reached)


def _needed(parts: dict[str, Part]) -> list[Part]:
    """Return the parts that are steps: changes, the last part, and queries to run before them."""
    changed = frozenset(place for part in parts.values() for place in part.changes)
    used = frozenset(name for part in parts.values() for name in part.uses)
    return [
        part
        for part in parts.values()
        if part.is_change or part.cte is None or (part.name in used and part.reads & changed)
    ]


def _ordered(steps: list[Part]) -> list[Part]:
    """Order steps so that each comes after those it names and before those that change what it
    reads.
    """
    order: list[Part] = []
    waiting = list(steps)
    while waiting:
        for step in waiting:
            if not any(_before(other, step) for other in waiting if other is not step):
                break
        else:
            places = sorted(
                {".".join(p) for one in waiting for p in one.changes & _own(one, steps)}
            )
            _refuse(
                "a WITH query that changes a table which another part of the statement reads",
                "Run the parts as statements of their own, in a transaction."
                + (f" The table: {places[0]}." if places else ""),
            )
        order.append(step)
        waiting.remove(step)
    return order


def _own(one: Part, steps: list[Part]) -> frozenset[Place]:
    return frozenset(place for other in steps if other is not one for place in other.reads)


def _before(one: Part, other: Part) -> bool:
    """Say whether ``one`` has to come before ``other``."""
    if one.name in other.uses or other.cte is None:
        return True
    return bool(one.reads & other.changes)


def _statement(
    part: Part,
    parts: dict[str, Part],
    numbers: dict[str, int],
    whole: Statement,
    types: tuple[Type, ...],
    *,
    recursive: bool,
) -> Statement:
    """Return the statement of one step, the WITH queries that it names before it."""
    node = part.node
    ctes = []
    for name in parts:
        if name in part.uses:
            ctes.append(_source_of(parts[name], numbers))
    if ctes:
        outer = node.args.get("with_")
        inner = list(outer.expressions) if outer is not None else []
        node.set("with_", exp.With(expressions=[*ctes, *inner], recursive=recursive))
    is_main = part.cte is None
    outputs = whole.outputs if is_main else None
    target: Table | None = whole.target if is_main else node.meta.get("target")
    handed_types = [] if is_main else _types(node)
    if handed_types:
        outputs = tuple([Output(f"c{at}", type_) for at, type_ in enumerate(handed_types)])
    return Statement(node, types, outputs, writes=target is not None, target=target)


def _source_of(part: Part, numbers: dict[str, int]) -> exp.CTE:
    assert part.cte is not None
    number = numbers.get(part.name)
    if number is None:
        return part.cte
    this = Handed(number=number, types=_types(part.node))
    return exp.CTE(this=this, alias=part.cte.args["alias"])


def _types(node: exp.Expr) -> list[Type]:
    """Return the types of a part's rows."""
    outputs: list[exp.Expr]
    if isinstance(node, _CHANGES):
        returning = node.args.get("returning")
        outputs = [] if returning is None else returning.expressions
    else:
        assert isinstance(node, exp.Query)
        outputs = node.selects
    return [type_of(one) for one in outputs]


def _refuse(what: str, hint: str) -> NoReturn:
    raise Unsupported(f"{what} is not supported by the embedded store", hint=hint)


# -- running --------------------------------------------------------------------------------------


def run(
    prepared: Stepped,
    parameters: Sequence[Stored],
    run_one: Callable[[Prepared, Sequence[Stored]], list[Row]],
) -> list[Row]:
    """Run the steps; the rows are those of the last."""
    values = list(parameters)
    rows: list[Row] = []
    for step in prepared.steps:
        rows = run_one(step.prepared, values)
        if step.handed:
            values.append(as_json(rows))
    return rows


def as_json(rows: list[Row]) -> str:
    """Return rows as JSON, with bytes as their text; SQLite reads infinities as Python writes
    them.
    """
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"), default=bytea_hex)
