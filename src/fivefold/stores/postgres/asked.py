"""What a statement asks about its session: fivefold answers that, for the server knows another.

The server's own session belongs to a pool; its user, database and settings are the store's. So a
call of these functions becomes a parameter, whose value is found just before each run.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fivefold.errors import InvalidStatement, InvalidValue, Unsupported
from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.stores.context import Context
from fivefold.values.text import output
from fivefold.values.types import Kind, Stored, Type

Values = Sequence[Stored]

_TEXTS = (Kind.TEXT, Kind.VARCHAR, Kind.NAME)
_INTEGERS = (Kind.INT2, Kind.INT4, Kind.INT8)


@dataclass(frozen=True, slots=True)
class Asked:
    """One call: ``arguments`` are values, or numbers of parameters (from 0) in a tuple of one."""

    function: Callable[[Context, Values], Stored]
    arguments: tuple[Stored | tuple[int], ...]
    write: Callable[[str], str] | None  # of an array's stored form

    def value(self, context: Context, parameters: Values) -> Stored:
        """Return the answer, as it crosses to the server."""
        given = [parameters[one[0]] if isinstance(one, tuple) else one for one in self.arguments]
        found = self.function(context, given)
        return self.write(found) if self.write is not None and isinstance(found, str) else found


def _text(value: Stored) -> str:
    assert isinstance(value, str)
    return value


def _setting(context: Context, given: Values) -> Stored:
    name, missing = given[0], given[1] if len(given) > 1 else 0
    if name is None:
        return None
    found = context.find_setting(_text(name))
    if found is None and not missing:
        raise InvalidStatement(
            f'unrecognized configuration parameter "{_text(name)}"', "undefined_object"
        )
    return found


def _set_setting(context: Context, given: Values) -> Stored:
    name, value, local = given
    if name is None:
        raise InvalidValue("SET requires parameter name", "null_value_not_allowed")
    return context.set_setting(_text(name), None if value is None else _text(value), bool(local))


def _schemas(context: Context, given: Values) -> Stored:
    if given[0] is None:
        return None
    own = () if context.temporary is None else (context.temporary,)
    return json.dumps([*((*own, "pg_catalog") if given[0] else ()), *context.search_path])


def _signal(ends: bool) -> Callable[[Context, Values], Stored]:
    def run(context: Context, given: Values) -> Stored:
        return None if given[0] is None else int(context.signal(int(given[0]), ends))

    return run


def _no_session_locks(context: Context, _: Values) -> Stored:
    raise Unsupported(
        "advisory locks of a session are not supported by the PostgreSQL store",
        hint="Use pg_advisory_xact_lock or pg_try_advisory_xact_lock in a transaction.",
    )


_ANSWERS: dict[str, Callable[[Context, Values], Stored]] = {
    "current_setting": _setting,
    "set_config": _set_setting,
    "current_schemas": _schemas,
    "current_schema": lambda context, _: next(iter(context.search_path), None),
    "current_database": lambda context, _: context.database,
    "current_catalog": lambda context, _: context.database,
    "current_user": lambda context, _: context.user,
    "current_role": lambda context, _: context.user,
    "user": lambda context, _: context.user,
    "session_user": lambda context, _: context.session_user,
    "pg_cancel_backend": _signal(False),
    "pg_terminate_backend": _signal(True),
    "pg_backend_pid": lambda context, _: context.process_id or os.getpid(),
    # A session has no connection of its own there between its transactions.
    **dict.fromkeys(
        (
            *("pg_advisory_lock", "pg_advisory_lock_shared"),
            *("pg_try_advisory_lock", "pg_try_advisory_lock_shared"),
            *("pg_advisory_unlock", "pg_advisory_unlock_shared"),
        ),
        _no_session_locks,
    ),
}


def crossing(tree: exp.Expr, parameters: int) -> tuple[exp.Expr, tuple[int | Asked, ...]]:
    """Return a tree without such calls, and what crosses to the server as its $1, $2, ….

    That are numbers of the statement's own parameters (from 0), and calls; () is the parameters
    as they are. A parameter that is only asked about does not cross: it would have no type.
    Raises Unsupported for a call whose arguments are not known before the statement runs.
    """
    asked = any(_is_asked(node) or _is_untyped(node) for node in tree.walk())
    if not asked and len(_used(tree)) == parameters:
        return tree, ()
    calls: list[Asked] = []

    def answer(node: exp.Expr) -> exp.Expr | None:
        if _is_untyped(node):
            return _untyped(node)
        if not _is_asked(node):
            return None
        type_ = type_of(node)
        arguments = tuple([_known(node.name, one) for one in node.expressions])
        write = output(type_) if type_.kind is Kind.ARRAY else None
        calls.append(Asked(_ANSWERS[node.name], arguments, write))
        return _parameter(parameters + len(calls), type_)

    copied = exp.Paren(this=tree.copy())  # the root itself may be such a call
    copied.replace_all(answer)
    used = sorted(_used(copied))
    places = {number: place for place, number in enumerate(used, 1)}

    def renumber(node: exp.Expr) -> exp.Expr | None:
        if not isinstance(node, exp.Parameter):
            return None
        return _parameter(places[_number(node)], type_of(node))

    copied.replace_all(renumber)
    crossed = [one - 1 if one <= parameters else calls[one - parameters - 1] for one in used]
    return copied.this, tuple(crossed)


def _used(tree: exp.Expr) -> set[int]:
    return {_number(node) for node in tree.find_all(exp.Parameter)}


def _number(node: exp.Parameter) -> int:
    return int(node.this.this)


def _parameter(number: int, type_: Type) -> exp.Parameter:
    made = exp.Parameter(this=exp.Literal(this=str(number), is_string=False))
    made.meta["type"] = type_
    return made


def _is_untyped(node: exp.Expr) -> bool:
    """Say whether it asks for the type of a parameter that has none, as a lifted literal may."""
    if not (isinstance(node, exp.Anonymous) and node.name == "pg_typeof"):
        return False
    (given,) = node.expressions
    return isinstance(given, exp.Parameter) and type_of(given).kind is Kind.UNKNOWN


def _untyped(node: exp.Expr) -> exp.Expr:
    """Return the same question about NULL, which has no type either and needs no parameter."""
    nothing = exp.Null()
    nothing.meta["type"] = type_of(node.expressions[0])
    made = exp.Anonymous(this=node.this, expressions=[nothing])
    made.meta.update(node.meta)
    return made


def _is_asked(node: exp.Expr) -> bool:
    return isinstance(node, exp.Anonymous) and node.name in _ANSWERS


def _keeps(given: Type, wanted: Type) -> bool:
    """Say whether a cast leaves a value's stored form as it is."""
    if wanted.kind in _INTEGERS:
        return given.kind in _INTEGERS[: _INTEGERS.index(wanted.kind) + 1]
    return wanted.kind in _TEXTS


def _known(name: str, node: exp.Expr) -> Stored | tuple[int]:
    while isinstance(node, exp.Cast) and _keeps(type_of(node.this), type_of(node)):
        node = node.this
    if isinstance(node, exp.Parameter):
        return (_number(node) - 1,)
    if isinstance(node, exp.Null):
        return None
    if isinstance(node, exp.Boolean):
        return int(node.this)
    if isinstance(node, exp.Literal):
        return str(node.this)
    raise Unsupported(
        f"{name} of a value that each row computes is not supported by the PostgreSQL store",
        hint="Give it a constant or a parameter.",
    )
