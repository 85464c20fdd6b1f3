"""From SQL text to a plan, parsed at most once.

Two caches, both of the catalog's snapshot, and behind them one for plans that outlive it. The first
knows whole texts without literals, as programs with parameters send them. The second knows a text
by its shape: its literals are lifted out and become parameters, so that a client that writes values
into its texts is served from one plan. A literal whose value decides the plan (ORDER BY 1) is
*pinned*: it is part of the second key.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

from fivefold.catalog.catalog import Version
from fivefold.engine.cache import Cache
from fivefold.engine.engine import Engine, Snapshot
from fivefold.engine.limits import CACHED_TEXT_CHARS
from fivefold.errors import FivefoldError
from fivefold.languages.sql.lift import lift, positions
from fivefold.plan.statement import Effort, Output, Prepared, Statement, Template
from fivefold.values.records import changed
from fivefold.values.text import Relative, parser
from fivefold.values.types import FLOATS, REFERENCES, Kind, Row, Stored, Type

if TYPE_CHECKING:
    from fivefold.languages.sql.bind.state import Context
    from fivefold.languages.sql.commands import Command, CopyOut, Declare, Explain, Query

VARIANTS_MAX = 64
"""Plans of one shape that differ in pinned literals; past it they are all made again."""

RENDERED = Template("", {})
"""Stands for a statement's source once a store has rendered it."""

Convert = Callable[[str], Stored]


@dataclass(slots=True, eq=False)
class Plan:
    """A lowered and rendered statement.

    ``prepared`` are the store's statements, in order. ``types`` are those of the user's parameters;
    ``lifted`` the literals behind them: which one of the text's, and what makes its value.
    ``named`` are the outputs, by number, that show names for oids, with their types' kinds.
    ``lasting`` plans hold for every catalog: those of queries about the system catalogs alone,
    which tools ask again after each change of schema. A plan that ``sees`` reads anything else;
    one that ``waits`` may do so for a moment or for another session.
    """

    command: Command
    version: Version
    prepared: tuple[Prepared, ...] = ()
    types: tuple[Type, ...] = ()
    lifted: tuple[tuple[int, Convert], ...] = ()
    outputs: tuple[Output, ...] | None = None
    writes: bool = False
    point: bool = False
    waits: bool = False
    named: tuple[tuple[int, str], ...] = ()
    lasting: bool = False
    sees: bool = True
    attached: dict[Hashable, object] = field(default_factory=dict)
    """What the edges made for this plan (encoders of its rows), by their own keys."""


@dataclass(slots=True, eq=False)
class Shape:
    """The plans of one lifted text, by the texts of its pinned literals."""

    pinned: tuple[int, ...]
    plans: dict[tuple[str, ...], Plan] = field(default_factory=dict)


Found = tuple[Plan, Row]
"""A plan and the values of its lifted literals, which follow the user's parameters."""


def find_plan(
    engine: Engine, snapshot: Snapshot, text: str, key: Hashable, context: Context
) -> Found:
    """Return the plan of one statement, made now if it is not cached. Raises FivefoldError.

    ``key`` stands for the context: two contexts over one snapshot with equal keys are equal.
    """
    known = snapshot.texts.get((text, key))
    if known is not None:
        return known, ()
    lifted = lift(text)
    if lifted is None or not lifted[1]:
        return _whole(engine, snapshot, text, key, context), ()
    literals = lifted[1]
    try:
        plan = _find(snapshot.plans.get((lifted[0], key)), literals)
        if plan is None:
            plan = _of_shape(engine, snapshot, text, context, (lifted[0], key), literals)
        return plan, _values(plan, literals, text)
    except Relative:
        return _whole(engine, snapshot, text, key, context), ()


def _whole(engine: Engine, snapshot: Snapshot, text: str, key: Hashable, context: Context) -> Plan:
    """Return the plan of a text whose literals, if any, stay where they are."""
    plan = _renewed(engine.lasting.get((text, key)), snapshot.version)
    keeps = len(text) <= CACHED_TEXT_CHARS
    if plan is None:
        plan = make_plan(engine, snapshot.version, text, context, lifting=False)
        if keeps and plan.lasting:
            engine.lasting.put((text, key), plan)
    if keeps:
        snapshot.texts.put((text, key), plan)
    return plan


def _of_shape(
    engine: Engine,
    snapshot: Snapshot,
    text: str,
    context: Context,
    shape_key: Hashable,
    literals: tuple[str, ...],
) -> Plan:
    """Make and keep the plan of a text without its literals."""
    keeps = len(text) <= CACHED_TEXT_CHARS
    plan = _renewed(_find(engine.lasting.get(shape_key), literals), snapshot.version)
    if plan is None:
        plan = make_plan(engine, snapshot.version, text, context, lifting=True)
        if keeps and plan.lasting:
            _keep(engine.lasting, shape_key, literals, plan)
    if keeps:
        _keep(snapshot.plans, shape_key, literals, plan)
    return plan


def _find(shape: Shape | None, literals: tuple[str, ...]) -> Plan | None:
    if shape is None:
        return None
    return shape.plans.get(tuple([literals[index] for index in shape.pinned]))


def _keep(
    cache: Cache[Hashable, Any], shape_key: Hashable, literals: tuple[str, ...], plan: Plan
) -> None:
    pinned = getattr(plan.command, "pinned", tuple(range(len(literals))))
    shape: Shape | None = cache.get(shape_key)
    if shape is None or shape.pinned != pinned or len(shape.plans) >= VARIANTS_MAX:
        shape = Shape(pinned)
        cache.put(shape_key, shape)
    shape.plans[tuple([literals[index] for index in pinned])] = plan


def _renewed(plan: Plan | None, version: Version) -> Plan | None:
    """Return a lasting plan for another version of the catalog."""
    return None if plan is None else replace(plan, version=version)


def _values(plan: Plan, literals: tuple[str, ...], text: str) -> Row:
    index = 0
    try:
        values = []
        for index, convert in plan.lifted:
            values.append(convert(literals[index]))
        return tuple(values)
    except FivefoldError as error:
        error.position = positions(text)[index] + 1
        raise


def make_plan(
    engine: Engine, version: Version, text: str, context: Context, *, lifting: bool
) -> Plan:
    """Lower one statement and have the store render it."""
    # Imported only where SQL is lowered: a program of the key-value model never does.
    from fivefold.languages.sql.lower import lower

    command = lower(text, context, lifting=lifting)
    if context.prefix:
        from fivefold.engine.databases import stored

        command = stored(command, context.prefix)
    return render(engine, version, command, context.zone)


def render(engine: Engine, version: Version, command: Command, zone: tzinfo) -> Plan:
    """Have the store render what a command runs."""
    from fivefold.languages.sql import commands as c

    prepare = engine.store.prepare
    match command:
        case c.Query(statement=statement):
            plan = _plan_of(command, statement, version, prepare(statement))
            return _with_values(plan, command, zone)
        case c.Truncate(deletes=deletes):
            return Plan(command, version, tuple(map(prepare, deletes)), writes=True)
        case c.CopyIn(statement=insert):
            return Plan(command, version, (prepare(insert),), writes=True)
        case c.Explain(query=query):
            return _explaining(command, query, version, prepare, zone)
        case c.Declare(query=query):
            return _with_values(
                _plan_of(command, query.statement, version, prepare(query.statement)), query, zone
            )
        case c.CopyOut(statement=statement):
            return _plan_of(command, statement, version, prepare(statement))
        case c.WithTemporary() | c.Several() | c.Database():
            return Plan(command, version, writes=True)
        case c.Schema():
            return Plan(command, version, writes=bool(command.changes))
        case _:
            return Plan(command, version)


def _with_values(plan: Plan, query: Query, zone: tzinfo) -> Plan:
    plan.types = query.statement.parameters[: query.declared]
    plan.lifted = tuple(
        (each.index, _converter(each.type, each.negated, zone)) for each in query.lifted
    )
    return plan


def _explaining(
    command: Explain,
    query: Query | None,
    version: Version,
    prepare: Callable[[Statement], Prepared],
    zone: tzinfo,
) -> Plan:
    from fivefold.engine.explaining import outputs_of

    plan = Plan(command, version, outputs=outputs_of(command.options))
    if query is not None:
        plan.prepared = (prepare(query.statement),)
        plan.writes = command.options.analyze and (query.statement.writes or query.locks)
        _with_values(plan, query, zone)
    return plan


def _plan_of(
    command: Query | CopyOut | Declare,
    statement: Statement,
    version: Version,
    prepared: Prepared,
) -> Plan:
    from fivefold.languages.sql import commands

    # A tree is some 20 kB and has done its work: what is cached keeps the text alone.
    lean = changed(statement, source=RENDERED)
    query = command.query if isinstance(command, commands.Declare) else command
    made = changed(query, statement=lean)
    return Plan(
        changed(command, query=made) if query is not command else made,
        version,
        (changed(prepared, statement=lean),),
        statement.parameters,
        outputs=statement.outputs,
        # A row that is read for an update has the writer's place, as far as a file can lock rows.
        writes=statement.writes or getattr(query, "locks", False),
        point=statement.effort is Effort.POINT and not statement.alone,
        waits=statement.effort is Effort.WAIT,
        named=tuple(
            (at, output.type.kind.value)
            for at, output in enumerate(statement.outputs or ())
            if output.type.kind in REFERENCES and output.type.kind is not Kind.OID
        ),
        lasting=statement.lasting,
        sees=bool(statement.accesses) and not statement.lasting,
    )


def _converter(type_: Type, negated: bool, zone: tzinfo) -> Convert:
    parse = parser(type_, zone)
    if negated and type_.kind in FLOATS:  # -0.0 is a numeric, and those have no -0
        return lambda text: parse("-" + text) or 0.0
    if negated:
        return lambda text: parse("-" + text)
    return parse
