"""Plans of statements that change data, and of batches of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from fivefold.languages.cql.relations import Restrictions, restrict
from fivefold.languages.cql.results import Rows, Void
from fivefold.languages.cql.run import Run
from fivefold.languages.cql.tables import Column, ColumnFamily
from fivefold.languages.cql.terms import Scope, Value, compile_value
from fivefold.languages.cql.tree import (
    Assignment,
    Batch,
    Delete,
    Insert,
    Modification,
    Name,
    Relation,
    Update,
)
from fivefold.languages.cql.write import batch as batches
from fivefold.languages.cql.write.attributes import Attributes
from fivefold.languages.cql.write.conditions import condition
from fivefold.languages.cql.write.counters import Counting
from fivefold.languages.cql.write.modification import Conditions
from fivefold.languages.cql.write.modification import Modification as Compiled
from fivefold.languages.cql.write.operations import (
    Compiling,
    Count,
    assignment,
    deletion,
    written,
)
from fivefold.languages.cql.write.quick import Quick
from fivefold.languages.cql.write.shapes import Operation, part_of
from fivefold.languages.cql.write.targets import InsertTargets, WhereTargets
from fivefold.languages.cql.write.writer import Writer
from fivefold.languages.unit import Unit
from fivefold.models.widecolumn.cells import Part
from fivefold.values.cql.faults import invalid, unauthorized

Resolve = Callable[[Name], ColumnFamily]
"""A table's name in a statement to the table; a materialized view's too. Raises as Cassandra."""


class ModificationPlan(Protocol):
    """INSERT, UPDATE or DELETE.

    ``partition`` are the numbers of the markers that are the partition key, in its order; empty if
    not all of it are markers. ``conditional``: it has IF, and returns rows.
    """

    @property
    def family(self) -> ColumnFamily: ...
    @property
    def partition(self) -> tuple[int, ...]: ...
    @property
    def conditional(self) -> bool: ...
    def run(self, run: Run) -> Rows | Void:
        """Do it, within a unit that writes. Raises NeedsChange, and errors as Cassandra's."""
        ...


class BatchPlan(Protocol):
    """BEGIN BATCH … APPLY BATCH."""

    @property
    def partition(self) -> tuple[int, ...]: ...
    @property
    def conditional(self) -> bool: ...
    def run(self, run: Run) -> Rows | Void: ...


def plan_modification(
    statement: Modification, family: ColumnFamily, scope: Scope, resolve: Resolve
) -> ModificationPlan:
    """Return the plan of a statement on that table, which resolves its materialized views."""
    return _compiled(statement, family, scope, resolve)


def _compiled(
    statement: Modification, family: ColumnFamily, scope: Scope, resolve: Resolve
) -> Compiled:
    if family.system:
        raise unauthorized(f"{family.keyspace} keyspace is not user-modifiable.")
    if family.family.base is not None:
        raise invalid("Cannot directly modify a materialized view")
    compiling = Compiling(family, scope)
    writer = Writer(family, resolve)
    writer.keep_others(scope)
    ttl = None if isinstance(statement, Delete) else statement.ttl
    attributes = Attributes(family, statement.timestamp, ttl, scope)
    if isinstance(statement, Insert):
        made = _insert(statement, compiling, writer, attributes)
    elif isinstance(statement, Update):
        made = _update(statement, compiling, writer, attributes)
    else:
        made = _delete(statement, compiling, writer, attributes)
    _check(made)
    return made


def _check(made: Compiled) -> None:
    attributes, counter = made.attributes, made.writer.shape.counter
    if made.conditional and attributes.has_timestamp:
        raise invalid("Cannot provide custom timestamp for conditional updates")
    if counter and attributes.has_timestamp:
        raise invalid("Cannot provide custom timestamp for counter updates")
    if counter and attributes.has_ttl:
        raise invalid("Cannot provide custom TTL for counter updates")
    if counter and made.conditional:
        raise invalid("Conditional updates are not supported on counter tables")


def _insert(
    statement: Insert, compiling: Compiling, writer: Writer, attributes: Attributes
) -> Compiled:
    family = compiling.family
    if family.is_counter:
        raise invalid("INSERT statements are not allowed on counter tables, use UPDATE instead")
    if statement.json is not None:
        from fivefold.languages.cql.write.json import json_values

        given = json_values(statement, compiling)
    else:
        given = _insert_values(statement, compiling)
    named = {column.name: value for column, value in given}
    missing = [column.name for column in family.partition if column.name not in named]
    if missing:
        raise invalid(f"Some partition key parts are missing: {', '.join(missing)}")
    missing = [column.name for column in family.clustering if column.name not in named]
    others = [(column, value) for column, value in given if column.kind in ("static", "regular")]
    only_static = bool(others) and all(column.kind == "static" for column, _ in others)
    marks = not (only_static and len(missing) == len(family.clustering) > 0)
    if missing and marks:
        raise invalid(f"Some clustering keys are missing: {', '.join(missing)}")
    clustering = family.clustering if marks else ()
    targets = InsertTargets(
        [(column, named[column.name]) for column in family.partition],
        [(column, named[column.name]) for column in clustering],
    )
    rows = [(column, value) for column, value in others if column.kind == "regular"]
    made = Compiled(
        *(writer, attributes, targets),
        rows=[written(column, value.evaluate) for column, value in rows],
        statics=[
            written(column, value.evaluate) for column, value in others if column.kind == "static"
        ],
        conditions=Conditions(False) if statement.if_not_exists else None,
        inserts=marks,
    )
    if marks and len(rows) == len(others) and statement.json is None:
        made.quick = _quick(made, [(part_of(column), value) for column, value in rows])
    return made


def _insert_values(statement: Insert, compiling: Compiling) -> list[tuple[Column, Value]]:
    names = [column.name for column in statement.columns]
    columns = [compiling.column(name) for name in names]
    if len(names) != len(statement.values):
        raise invalid("Unmatched column names/values")
    if len(set(names)) != len(names):
        raise invalid("The column names contains duplicates")
    family, scope = compiling.family, compiling.scope
    return [
        (column, compile_value(term, family.spec(column), scope))
        for column, term in zip(columns, statement.values, strict=True)
    ]


def _quick(made: Compiled, columns: Sequence[tuple[Part, Value]]) -> Quick | None:
    """Return how one statement does it, if one may."""
    writer, single = made.writer, made.targets.single
    if made.conditional or single is None or writer.watchers:
        return None
    return Quick(writer, made.attributes, single, columns, inserts=made.inserts)


def _update(
    statement: Update, compiling: Compiling, writer: Writer, attributes: Attributes
) -> Compiled:
    family, scope = compiling.family, compiling.scope
    statics: list[Operation] = []
    rows: list[Operation] = []
    counts: list[Count] = []
    for node in statement.assignments:
        column, operation = assignment(node, compiling)
        if isinstance(operation, Count):
            counts.append(operation)
        else:
            (statics if column.kind == "static" else rows).append(operation)
    conditions = _conditions(statement.if_exists, statement.conditions, compiling)
    counting = Counting(writer, counts) if family.is_counter else None
    regular = bool(rows) or (counting is not None and counting.changes_rows)
    static_only = not regular and not _asks_rows(conditions)
    restrictions = restrict(family, statement.where, scope, "UPDATE", static_only=static_only)
    _refuse_in(conditions, restrictions, "updates")
    made = Compiled(
        *(writer, attributes, WhereTargets(writer.shape, restrictions)),
        rows=rows,
        statics=statics,
        counting=counting,
        conditions=conditions,
    )
    plain = [_plain(node, compiling) for node in statement.assignments]
    if not statics and all(one is not None for one in plain):
        made.quick = _quick(made, [one for one in plain if one is not None])
    return made


def _plain(node: Assignment, compiling: Compiling) -> tuple[Part, Value] | None:
    """Return a column that is no more than set, with the value."""
    column = compiling.column(node.column.name)
    part = part_of(column)
    if node.operator != "=" or node.key is not None or node.field is not None:
        return None
    if part.kind != "cell":
        return None
    return part, compile_value(node.value, compiling.family.spec(column), compiling.scope)


def _delete(
    statement: Delete, compiling: Compiling, writer: Writer, attributes: Attributes
) -> Compiled:
    family, scope = compiling.family, compiling.scope
    found = [deletion(node, compiling) for node in statement.deletions]
    statics = [operation for column, operation in found if column.kind == "static"]
    rows = [operation for column, operation in found if column.kind == "regular"]
    conditions = _conditions(statement.if_exists, statement.conditions, compiling)
    static_only = bool(statics) and not rows and not _asks_rows(conditions)
    restrictions = restrict(family, statement.where, scope, "DELETE", static_only=static_only)
    _refuse_in(conditions, restrictions, "deletions")
    if conditions is not None and not restrictions.whole_rows and not static_only:
        what = "delete" if not statics else "use IF condition on"
        raise invalid(
            "DELETE statements must restrict all PRIMARY KEY columns with equality relations in"
            f" order to {what} non static columns"
        )
    if rows and not restrictions.whole_rows:
        raise invalid("Range deletions are not supported for specific columns")
    counting = None
    if family.is_counter:
        counting = Counting(writer, (), [column.name for column, _ in found])
    return Compiled(
        *(writer, attributes, WhereTargets(writer.shape, restrictions)),
        rows=rows,
        statics=statics,
        counting=counting,
        conditions=conditions,
        deletes=not statement.deletions,
    )


def _conditions(
    if_exists: bool, relations: Sequence[Relation], compiling: Compiling
) -> Conditions | None:
    if if_exists:
        return Conditions(True)
    if not relations:
        return None
    return Conditions(None, tuple(condition(relation, compiling) for relation in relations))


def _asks_rows(conditions: Conditions | None) -> bool:
    return conditions is not None and any(
        test.column.kind == "regular" for test in conditions.tests
    )


def _refuse_in(conditions: Conditions | None, restrictions: Restrictions, what: str) -> None:
    """Raise for IN with conditions."""
    if conditions is None:
        return
    if restrictions.several_partitions:
        raise invalid(f"IN on the partition key is not supported with conditional {what}")
    if restrictions.several_rows:
        raise invalid(f"IN on the clustering key columns is not supported with conditional {what}")


def plan_batch(batch: Batch, scope: Scope, resolve: Resolve) -> BatchPlan:
    """Return the plan of a batch; ``scope`` collects the markers of all its statements."""
    attributes = Attributes(None, batch.timestamp, batch.ttl, scope)
    made = [_compiled(one, resolve(one.table), scope, resolve) for one in batch.statements]
    batches.check(batch.kind, made, attributes)
    return batches.Batching(batch.kind, made, attributes)


def run_batch(
    kind: str, statements: Sequence[tuple[ModificationPlan, Run]], run: Run
) -> Rows | Void:
    """Run a batch of the protocol: each plan with its own parameters, all with ``run``'s options.

    ``kind``: logged, unlogged or counter.
    """
    given = [(plan, own) for plan, own in statements if isinstance(plan, Compiled)]
    assert len(given) == len(statements)
    batches.check(kind, [plan for plan, _ in given], None)
    timestamp = run.options.timestamp
    return batches.perform(kind, given, run, run.now_us if timestamp is None else timestamp)


def truncate(unit: Unit, family: ColumnFamily, resolve: Resolve) -> None:
    """Empty a table, with its indexes and materialized views."""
    if family.family.base is not None:
        raise invalid(
            "Cannot TRUNCATE materialized view directly; must truncate base table instead"
        )
    Writer(family, resolve).truncate(unit)
