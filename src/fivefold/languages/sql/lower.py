"""The door of the room: SQL text becomes commands for the engine.

Lowering is pure: the same text in the same ``Context`` gives the same command. The tree keeps no
trace of parsing; what a cache needs is in ``Query`` (see lift.py for the keys).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fivefold.catalog.containers import ForeignKey, Key, Table
from fivefold.errors import InvalidStatement
from fivefold.languages.sql import commands, foreign, indexed, tree
from fivefold.languages.sql.bind import queries
from fivefold.languages.sql.bind.scopes import Field
from fivefold.languages.sql.bind.state import Context, NeedsTemporary, State
from fivefold.languages.sql.effort import effort_of
from fivefold.languages.sql.lift import lift, positions
from fivefold.languages.sql.parse.statements import Parsed, parse
from fivefold.plan import nodes as exp
from fivefold.plan.statement import Output, Statement, type_of
from fivefold.values.types import Kind, Type

_TAGS = {tree.Query: "SELECT", tree.Insert: "INSERT", tree.Update: "UPDATE", tree.Delete: "DELETE"}


def lower(text: str, context: Context, *, lifting: bool = True) -> commands.Command:
    """Lower a text of one statement.

    With ``lifting``, literals become parameters where their values do not matter. Raises
    InvalidStatement, InvalidValue or Unsupported with a position in ``text``; a text of several
    statements is refused as PostgreSQL refuses it in the extended protocol.
    """
    parsed = parse(text)
    if len(parsed) > 1:
        raise InvalidStatement("cannot insert multiple commands into a prepared statement")
    return lower_parsed(parsed[0], context, lifting=lifting)


def lower_all(text: str, context: Callable[[], Context]) -> Iterator[commands.Command]:
    """Lower the statements of a text one after another, each in the context of its turn.

    All are parsed first, so that a syntax error anywhere raises before the first is handed out.
    Literals are not lifted from texts of several statements.
    """
    parsed = parse(text)
    for one in parsed:
        yield lower_parsed(one, context(), lifting=len(parsed) == 1)


def lower_parsed(parsed: Parsed, context: Context, *, lifting: bool = True) -> commands.Command:
    """Lower one parsed statement."""
    node = parsed.node
    if isinstance(node, tree.Query | tree.Insert | tree.Update | tree.Delete):
        return lower_query(node, context, _lifts(parsed, lifting))
    if isinstance(node, commands.Action):
        return node
    from fivefold.languages.sql import definitions
    from fivefold.languages.sql.schema import lower_definition

    if isinstance(node, definitions.Explain):
        from fivefold.languages.sql.schema.explaining import explain

        return explain(node, context, _lifts(parsed, lifting))
    try:
        command = lower_definition(node, context)
    except NeedsTemporary:
        return commands.WithTemporary(parsed.text[parsed.start : parsed.end])
    foreign.check(command)
    return command


def _lifts(parsed: Parsed, lifting: bool) -> dict[int, int]:
    if not lifting or lift(parsed.text) is None:
        return {}
    return {at: index for index, at in enumerate(positions(parsed.text))}


def lower_query(
    node: tree.Query | tree.Insert | tree.Update | tree.Delete,
    context: Context,
    lifts: dict[int, int] | None = None,
) -> commands.Query:
    """Lower a query or a change of rows; ``lifts`` maps literals' offsets to their numbers."""
    state = State(context, lifts or {})
    target: Table | None = None
    if isinstance(node, tree.Query):
        bound = queries.bind_top(state, node)
        made = bound.node
        fields: tuple[Field, ...] | None = bound.fields
    else:
        from fivefold.languages.sql.bind import changes

        change = changes.change(state, node)
        made, fields, target = change.node, change.fields, change.table
    declared = state.parameter_types()
    indexed.note(made, context)
    lifted, pinned = _lift_literals(made, len(declared), len(state.lifts))
    statement = Statement(
        made,
        (*declared, *(literal.type for literal in lifted)),
        None if fields is None else _outputs(fields),
        tuple(state.accesses),
        target is not None or bool(state.changed),
        effort_of(made, state.tables, state.waits),
        target,
        any(_is_deferred(one, context) for one in (*state.changed, *([target] if target else []))),
        tuple(state.system),
        bool(state.system) and not state.asked and not any(map(_is_own, made.walk())),
    )
    nowait = any(lock.wait == "NOWAIT" for lock in state.locks)
    return commands.Query(
        statement,
        _TAGS[type(node)],
        len(declared),
        lifted,
        pinned,
        bool(state.locks),
        state.locks[0].strength if state.locks else "",
        nowait,
    )


def _is_own(node: exp.Expr) -> bool:
    """Say whether an expression is of a type that the catalog keeps, or an array of it."""
    type_ = type_of(node)
    return (type_.element or type_).kind is Kind.ENUM


def _outputs(fields: tuple[Field, ...]) -> tuple[Output, ...]:
    return tuple(Output(entry.name, entry.type, entry.origin) for entry in fields)


def _is_deferred(table: Table, context: Context) -> bool:
    """Say whether changing ``table`` may break a constraint that is checked at commit only."""
    keys: tuple[Key | ForeignKey, ...] = (*table.keys, *table.foreign_keys)
    if any(key.initially_deferred for key in keys):
        return True
    target = (table.namespace, table.name)
    return any(
        key.initially_deferred and key.target == target
        for other in context.catalog.referrers(table)
        for key in other.foreign_keys
    )


def _lift_literals(
    made: exp.Expr, declared: int, count: int
) -> tuple[tuple[commands.Lifted, ...], tuple[int, ...]]:
    """Turn marked literals into parameters; the numbers of all others are pinned."""
    found: list[exp.Expr] = []
    for node in made.walk():
        meta = node.meta
        if "lift" in meta and isinstance(node, exp.Literal):
            found.append(node)
    found.sort(key=lambda node: int(node.meta["lift"][0]))
    lifted: list[commands.Lifted] = []
    numbers: dict[tuple[int, Type], int] = {}
    parameters: dict[int, exp.Expr] = {}  # by the identity of what they stand for
    for node in found:
        index, negated = node.meta["lift"]
        type_ = type_of(node)
        number = numbers.get((index, type_))
        if number is None:
            lifted.append(commands.Lifted(index, type_, negated))
            number = numbers[index, type_] = declared + len(lifted)
        parameters[id(node)] = parameter = exp.Parameter(
            this=exp.Literal(this=str(number), is_string=False)
        )
        parameter.meta["type"] = type_
        parameter.meta["literal"] = node
    if parameters:
        made.replace_all(lambda node: parameters.get(id(node)))
    used = {literal.index for literal in lifted}
    return tuple(lifted), tuple(index for index in range(count) if index not in used)
