"""Binds calls of functions, aggregates and window functions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast as typing_cast

import fivefold.languages.sql.bind.expressions as expressions
from fivefold.catalog.roles import Privilege
from fivefold.errors import InvalidStatement, Unsupported
from fivefold.languages.sql import functions, tree
from fivefold.languages.sql.bind import nodes, resolve
from fivefold.languages.sql.bind.casts import Ease, coerce, require, settle
from fivefold.languages.sql.bind.names import named_type
from fivefold.languages.sql.bind.nodes import Node, typed
from fivefold.languages.sql.bind.operators import again, behind
from fivefold.languages.sql.bind.relations import find_sequence
from fivefold.languages.sql.bind.scopes import Scope
from fivefold.languages.sql.functions.aggregates import HYPOTHETICAL
from fivefold.languages.sql.signatures import Form, Function, Pseudo
from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.values.records import changed
from fivefold.values.types import BOOLEAN, INT4, RECORD, REGCLASS, TEXT, UNKNOWN, Type

_AGGREGATE_CLAUSES = frozenset({"SELECT", "HAVING", "ORDER BY", "WINDOW"})
_WINDOW_CLAUSES = frozenset({"SELECT", "ORDER BY"})
_OF_SEQUENCES = frozenset({"nextval", "currval", "setval"})
_MOVE_SET = "You might be able to move the set-returning function into a LATERAL FROM item."


def bind_call(scope: Scope, node: tree.Call) -> Node:
    """Bind a call where a value stands; sets of rows are for FROM (see sources.py)."""
    bound = bind_any(scope, node)
    function = bound.meta.get("function")
    if isinstance(function, Function) and function.form is Form.SET:
        _check_set(scope, bound, node.at + 1)
        scope.sets += 1
    return bound


def _check_set(scope: Scope, bound: Node, position: int) -> None:
    """Refuse a set of rows where only one value can stand; see stores for how it multiplies."""
    if scope.inside is not None:
        raise Unsupported(
            f"{scope.inside} function calls cannot contain set-returning function calls",
            hint=_MOVE_SET,
            position=position,
        )
    if scope.clause in ("functions in FROM", "GROUP BY", "DISTINCT ON"):
        raise Unsupported(
            f"a set-returning function inside {scope.clause} is not supported", position=position
        )
    if scope.clause not in ("SELECT", "ORDER BY"):
        raise Unsupported(
            f"set-returning functions are not allowed in {scope.clause}", position=position
        )
    if type_of(bound) == RECORD:
        raise Unsupported(
            "function returning record called in context that cannot accept type record",
            position=position,
        )


def refuse_sets(scope: Scope, parts: Iterable[Node], construct: str) -> None:
    """Refuse sets of rows inside CASE and COALESCE."""
    for part in parts:
        for inner in part.walk(prune=lambda one: isinstance(one, exp.Query)):
            function = inner.meta.get("function")
            if isinstance(function, Function) and function.form is Form.SET:
                raise Unsupported(
                    f"set-returning functions are not allowed in {construct}",
                    hint=_MOVE_SET,
                    position=nodes.position_of(inner),
                )


_ONLY_WORDS = frozenset(
    {"current_catalog", "current_date", "current_role", "current_timestamp", "localtime"}
    | {"localtimestamp", "user"}
)
"""What SQL writes as words alone: no functions of these names are called."""


def bind_any(scope: Scope, node: tree.Call) -> Node:
    """Bind a call of whatever form."""
    name = _function_name(node)
    if name in _ONLY_WORDS and not node.syntax:
        found = [str(type_of(expressions.bind(scope, one))) for one in node.arguments]
        raise InvalidStatement(
            f"function {'.'.join(node.name)}({', '.join(found)}) does not exist",
            "undefined_function",
            hint=resolve.NO_FUNCTION,
            position=node.at + 1,
        )
    if name == "current_time":
        raise Unsupported(
            "type time with time zone is not supported; use LOCALTIME", position=node.at + 1
        )
    if node.within:
        from fivefold.languages.sql.bind.within import bind_within

        return bind_within(scope, node, name)
    if name == "grouping" and node.syntax:
        return _grouping(scope, node)
    if node.names:
        node = _positional(node, name)
    forms = {function.form for function in functions.BY_NAME.get(name, ())}
    if Form.AGGREGATE in forms:
        return _aggregate(scope, node, name)
    if Form.ORDERED in forms or (name in HYPOTHETICAL and node.arguments):
        arguments = [expressions.bind(scope, argument) for argument in node.arguments]
        if name not in HYPOTHETICAL:
            _resolved(scope, node, name, arguments)
        raise InvalidStatement(
            f"WITHIN GROUP is required for ordered-set aggregate {name}",
            "wrong_object_type",
            position=node.at + 1,
        )
    if Form.WINDOW in forms:
        return _window_function(scope, node, name)
    _refuse_aggregate_parts(node, name, known=bool(forms))
    arguments = [expressions.bind(scope, argument) for argument in node.arguments]
    if not forms:
        return _cast_or_fail(scope, node, name, arguments)
    if name in _OF_SEQUENCES and arguments and _is_sequence_name(arguments[0]):
        arguments[0] = _sequence_name(scope, node, arguments[0], name)
    elif name in _OF_SEQUENCES and scope.state.context.identity is not None:
        raise _computed(node)
    return _resolved(scope, node, name, arguments)


def _function_name(node: tree.Call) -> str:
    if len(node.name) == 1:
        return node.name[0]
    if node.name[:-1] == ("pg_catalog",):
        return node.name[-1]
    raise (
        Unsupported(
            f"functions of the schema {node.name[0]} are not supported", position=node.at + 1
        )
        if node.name[0] in ("information_schema",)
        else InvalidStatement(
            f"function {'.'.join(node.name)} does not exist",
            "undefined_function",
            position=node.at + 1,
        )
    )


def _resolved(scope: Scope, node: tree.Call, name: str, arguments: list[Node]) -> Node:
    types = tuple(type_of(argument) for argument in arguments)
    found = resolve.function(name, types, node.variadic)
    if isinstance(found, InvalidStatement):
        raise again(found, -1 if found.code == "datatype_mismatch" else node.at)
    function = typing_cast(Function, found.chosen)
    asked = name == "pg_typeof"  # which says so of what has no type yet
    fitted = [
        argument if asked else coerce(scope.state, argument, type_, Ease.IMPLICIT)
        for argument, type_ in zip(arguments, found.types, strict=True)
    ]
    result = found.result
    if result.element is not None and result.element.kind is RECORD.kind:
        raise Unsupported("an array of records is not supported", position=node.at + 1)
    if result == RECORD and name in functions.RECORD_COLUMNS:
        result = Type(RECORD.kind, fields=functions.RECORD_COLUMNS[name])
    if name in functions.WAITING:
        scope.state.waits = True
    made = nodes.call(name, fitted, result, node.at)
    made.meta["function"] = function
    made.meta["syntax"] = node.syntax
    made.meta["variadic"] = node.variadic
    if node.variadic and function.arguments[-1] is Pseudo.ANY:
        made.set("variadic", True)
    return made


def _positional(node: tree.Call, name: str) -> tree.Call:
    """Put named arguments at their places, defaults where none is given.

    Raises InvalidStatement (undefined_function) for names that the function has not.
    """
    known = functions.NAMED.get(name)
    given = len(node.arguments) - len(node.names)
    by_name = dict(zip(node.names, node.arguments[given:], strict=False))
    placed: list[tree.Expr] = list(node.arguments[:given])
    if known is not None and len(by_name) == len(node.names):
        for word, default in known[given:]:
            value = by_name.pop(word, None)
            if value is not None:
                placed.append(value)
            elif default is not None:
                placed.append(tree.Const(*default, node.at, -1))
            else:
                break
        if not by_name:
            return changed(node, arguments=tuple(placed), names=())
    raise InvalidStatement(
        f"function {name} has no arguments of these names",
        "undefined_function",
        position=node.at + 1,
    )


def _cast_or_fail(scope: Scope, node: tree.Call, name: str, arguments: list[Node]) -> Node:
    """Read ``int4(x)`` as a cast, or raise the error for a function that does not exist."""
    made = behind(scope.state, name, arguments, node.at)
    if made is not None:
        return made
    if len(arguments) == 1 and not node.star:
        try:
            named = tree.TypeName((name,), (), 0, None, node.at)
            target = named_type(named, scope.state.context)
        except (InvalidStatement, Unsupported):
            pass
        else:
            return expressions.explicit_cast(scope, arguments[0], target, node.at)
    from fivefold.languages.sql import instead

    instead.refuse_function(name, node.at)
    error = resolve.function(name, tuple(type_of(argument) for argument in arguments))
    assert isinstance(error, InvalidStatement)
    raise again(error, node.at)


def _is_sequence_name(argument: Node) -> bool:
    known = type_of(argument)
    return known == UNKNOWN or (known == REGCLASS and isinstance(argument, exp.Literal))


def _computed(node: tree.Call) -> Unsupported:
    """Return the error of a sequence that is known only when the statement runs."""
    return Unsupported(
        "a sequence whose name is computed is only for superusers",
        hint="Write its name as a constant.",
        position=node.at + 1,
    )


def _sequence_name(scope: Scope, node: tree.Call, argument: Node, name: str) -> Node:
    """Resolve the literal name of a sequence now: the bound tree says 'namespace.name'."""
    if not isinstance(argument, exp.Literal):
        if scope.state.context.identity is not None:
            raise _computed(node)
        return coerce(scope.state, argument, TEXT, Ease.IMPLICIT)
    written = argument.meta.get("qualified", argument.this)
    sequence = find_sequence(scope.state, written, nodes.at_of(argument))
    privilege = Privilege.READ if name == "currval" else Privilege.WRITE
    scope.state.access(sequence.namespace, sequence.name, privilege)
    made = nodes.literal(f"{sequence.namespace}.{sequence.name}", REGCLASS, nodes.at_of(argument))
    made.meta["relation"] = (sequence.namespace, sequence.name)
    return made


def _refuse_aggregate_parts(node: tree.Call, name: str, *, known: bool) -> None:
    if not known:
        return
    position = node.at + 1
    if node.over is not None:
        raise InvalidStatement(
            f"OVER specified, but {name} is not a window function nor an aggregate function",
            "wrong_object_type",
            position=position,
        )
    for present, words in (
        (node.star, f"{name}(*)"),
        (node.distinct, "DISTINCT"),
        (bool(node.order), "ORDER BY"),
        (node.filter is not None, "FILTER"),
    ):
        if present:
            raise InvalidStatement(
                f"{words} specified, but {name} is not an aggregate function",
                "wrong_object_type",
                position=position,
            )


# -- aggregates -----------------------------------------------------------------------------------


def _aggregate(scope: Scope, node: tree.Call, name: str) -> Node:
    windowed = node.over is not None
    if windowed:
        check_place(scope, node, windowed=True)
    if node.star and name != "count":
        raise again(typing_cast(InvalidStatement, resolve.function(name, ())), node.at)
    outer = scope.inside
    scope.inside = "window" if windowed else "aggregate"
    try:
        arguments = [expressions.bind(scope, argument) for argument in node.arguments]
        if not arguments and not node.star and name == "count":
            raise InvalidStatement(
                "count(*) must be used to call a parameterless aggregate function",
                "wrong_object_type",
                position=node.at + 1,
            )
        made: Node = _resolved(scope, node, name, arguments)
        order = _order(scope, node.order)
        condition = None
        if node.filter is not None:
            condition = bind_filter(scope, node.filter)
    finally:
        scope.inside = outer
    type_ = type_of(made)
    function = made.meta["function"]
    owner = scope
    if not windowed:
        owner = owner_of(scope, [*arguments, *order, *([] if condition is None else [condition])])
        check_place(owner, node, windowed=False)
        owner.aggregates = True
        owner.lent = owner.lent or owner is not scope
    if node.distinct:
        made = _distinct(made, arguments, node, order)
    if order:
        made = typed(exp.Order(this=made, expressions=order), type_, node.at)
    if condition is not None:
        where = exp.Where(this=condition)
        made = typed(exp.Filter(this=made, expression=where), type_, node.at)
    if node.over is not None:
        if node.distinct:
            raise Unsupported(
                "DISTINCT is not implemented for window functions", position=node.at + 1
            )
        if node.order:
            raise Unsupported(
                "aggregate ORDER BY is not implemented for window functions", position=node.at + 1
            )
        return _window(scope, node, made, type_)
    made.meta["aggregate"] = owner.number
    made.meta["function"] = function
    return made


def _distinct(made: Node, written: list[Node], node: tree.Call, order: list[exp.Ordered]) -> Node:
    """Put DISTINCT around the arguments; ``written`` are they before they were converted."""
    arguments = list(made.expressions)
    if not arguments:
        raise InvalidStatement(
            "DISTINCT specified, but count(*) has no argument", position=node.at + 1
        )
    for part in order:
        if part.this in arguments:
            continue
        if part.this in written:
            argument = arguments[written.index(part.this)]
            part.set("this", argument.copy())
            part.meta["type"] = type_of(argument)
        else:
            raise InvalidStatement(
                "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list",
                "invalid_column_reference",
                position=nodes.position_of(part.this),
            )
    from fivefold.languages.sql.bind.grouping import check_equality

    check_equality(arguments[0])
    made.set("expressions", [exp.Distinct(expressions=arguments)])
    return made


def bind_filter(scope: Scope, condition: tree.Expr) -> Node:
    """Bind the condition of FILTER."""
    outer, scope.clause, scope.inside = (scope.clause, scope.inside), "FILTER", None
    try:
        return require(scope.state, expressions.bind(scope, condition), BOOLEAN, "FILTER")
    finally:
        scope.clause, scope.inside = outer


def _order(scope: Scope, keys: tuple[tree.SortKey, ...]) -> list[exp.Ordered]:
    return [ordered(settle(scope.state, expressions.bind(scope, key.value)), key) for key in keys]


def ordered(value: Node, key: tree.SortKey) -> exp.Ordered:
    """Return one part of an ORDER BY, with where its nulls go said out."""
    first = key.descending if key.nulls_first is None else key.nulls_first
    made = exp.Ordered(this=value, desc=key.descending, nulls_first=first)
    return typed(made, type_of(value), key.at)


GROUPING_ARGUMENTS_MAX = 31  # bits of an integer, as in PostgreSQL


def _grouping(scope: Scope, node: tree.Call) -> Node:
    """Bind GROUPING(…): grouping.py looks at its arguments when the keys are known."""
    position = node.at + 1
    if len(node.arguments) > GROUPING_ARGUMENTS_MAX:
        raise InvalidStatement(
            "GROUPING must have fewer than 32 arguments", "too_many_arguments", position=position
        )
    if scope.inside == "aggregate":
        raise InvalidStatement(
            "aggregate function calls cannot be nested", "grouping_error", position=position
        )
    if scope.clause not in _AGGREGATE_CLAUSES:
        raise InvalidStatement(
            f"grouping operations are not allowed in {scope.clause}",
            "grouping_error",
            position=position,
        )
    arguments = [settle(scope.state, expressions.bind(scope, one)) for one in node.arguments]
    scopes = {column.meta.get("scope") for one in arguments for column in one.find_all(exp.Column)}
    if scopes and scope.number not in scopes:
        raise Unsupported(
            "GROUPING over columns of an outer query is not supported", position=position
        )
    scope.aggregates = True
    made = nodes.call("grouping", arguments, INT4, node.at)
    made.meta["grouping"] = scope.number
    return made


def check_place(scope: Scope, node: tree.Call, *, windowed: bool) -> None:
    """Raise InvalidStatement if no aggregate or window function may stand here."""
    position = node.at + 1
    clause = scope.clause
    if windowed:
        if scope.inside == "aggregate":
            raise InvalidStatement(
                "aggregate function calls cannot contain window function calls",
                "grouping_error",
                position=position,
            )
        if scope.inside == "window":
            raise InvalidStatement(
                "window function calls cannot be nested", "windowing_error", position=position
            )
        if clause not in _WINDOW_CLAUSES:
            shown = "window definitions" if clause == "WINDOW" else clause
            raise InvalidStatement(
                f"window functions are not allowed in {shown}", "windowing_error", position=position
            )
        return
    if scope.inside == "aggregate":
        raise InvalidStatement(
            "aggregate function calls cannot be nested", "grouping_error", position=position
        )
    if clause not in _AGGREGATE_CLAUSES:
        raise InvalidStatement(
            f"aggregate functions are not allowed in {clause}", "grouping_error", position=position
        )


def owner_of(scope: Scope, parts: list[Node]) -> Scope:
    """Return the query that an aggregate belongs to: the innermost one whose columns it has."""
    inner = {found.meta.get("scope") for part in parts for found in part.find_all(exp.Column)}
    owner: Scope | None = scope
    while owner is not None:
        if owner.number in inner:
            return owner
        owner = owner.parent
    return scope


# -- windows --------------------------------------------------------------------------------------


def _window_function(scope: Scope, node: tree.Call, name: str) -> Node:
    if node.over is None:
        raise InvalidStatement(
            f"window function {name} requires an OVER clause",
            "wrong_object_type",
            position=node.at + 1,
        )
    check_place(scope, node, windowed=True)
    if node.filter is not None:
        raise Unsupported(
            "FILTER is not implemented for non-aggregate window functions", position=node.at + 1
        )
    if node.distinct:
        raise Unsupported("DISTINCT is not implemented for window functions", position=node.at + 1)
    outer, scope.inside = scope.inside, "window"
    try:
        arguments = [expressions.bind(scope, argument) for argument in node.arguments]
    finally:
        scope.inside = outer
    made = _resolved(scope, node, name, arguments)
    return _window(scope, node, made, type_of(made))


def _window(scope: Scope, node: tree.Call, made: Node, type_: Type) -> Node:
    from fivefold.languages.sql.bind.windows import window_parts

    assert node.over is not None
    outer, scope.clause, scope.inside = (scope.clause, scope.inside), "WINDOW", None
    try:
        parts = window_parts(scope, node.over, node.over_at)
    finally:
        scope.clause, scope.inside = outer
    over = typed(exp.Window(this=made, **parts), type_, node.at)
    if scope.state.faithful:
        over.meta["written"] = node.over
    return over
