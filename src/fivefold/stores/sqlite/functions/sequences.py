"""Sequences: rows of ``fivefold_sequences``, moved by statements nested in the running one.

PostgreSQL does not give a number back when a transaction is rolled back; here the row rolls
back with it, which no other transaction can see, since there is one writer.
"""

from __future__ import annotations

import apsw

from fivefold.errors import InvalidState, InvalidStatement, InvalidValue
from fivefold.stores.sqlite.context import Context
from fivefold.stores.sqlite.functions.table import Entry, Needs

READ = (
    "SELECT last_value, is_called, increment, minimum, maximum, cycle FROM fivefold_sequences "
    "WHERE namespace = ? AND name = ?"
)
WRITE = (
    "UPDATE fivefold_sequences SET last_value = ?, is_called = ? WHERE namespace = ? AND name = ?"
)


def _key(context: Context, name: str | int) -> tuple[str, str]:
    if isinstance(name, int):  # an oid; a sequence that is named comes by its name
        found = None if context.system is None else context.system().relation_name(name)
        if found is None:
            raise InvalidStatement(f"could not open relation with OID {name}", "undefined_table")
        return context.prefix + found[0], found[1]
    namespace, dot, bare = name.partition(".")
    return (
        (namespace, bare)
        if dot
        else (
            context.prefix + next(iter(context.search_path), ""),
            namespace,
        )
    )


def _read(connection: apsw.Connection, key: tuple[str, str]) -> tuple[int, ...]:
    row = connection.execute(READ, key).fetchone()
    if row is None:
        raise InvalidStatement(f'relation "{key[1]}" does not exist', "undefined_table")
    found: tuple[int, ...] = row
    return found


def next_value(connection: apsw.Connection, context: Context, name: str | int | None) -> int | None:
    """Draw the next number. Raises InvalidValue at the end of a sequence that does not cycle."""
    if name is None:
        return None
    key = _key(context, name)
    last, is_called, increment, minimum, maximum, cycle = _read(connection, key)
    value = last + increment if is_called else last
    if value > maximum or value < minimum:
        if not cycle:
            side, bound = ("maximum", maximum) if value > maximum else ("minimum", minimum)
            raise InvalidValue(
                f'nextval: reached {side} value of sequence "{key[1]}" ({bound})',
                "sequence_limit_exceeded",
            )
        value = minimum if increment > 0 else maximum
    connection.execute(WRITE, (value, 1, *key))
    context.current_values[key] = value
    context.last_sequence = key
    return int(value)


def current_value(
    connection: apsw.Connection, context: Context, name: str | int | None
) -> int | None:
    """Return what nextval last gave this session."""
    if name is None:
        return None
    key = _key(context, name)
    _read(connection, key)
    found = context.current_values.get(key)
    if found is None:
        raise InvalidState(
            f'currval of sequence "{key[1]}" is not yet defined in this session',
            "object_not_in_prerequisite_state",
        )
    return found


def last_value(context: Context) -> int:
    """Return what nextval last gave this session of any sequence."""
    if context.last_sequence is None:
        raise InvalidState(
            "lastval is not yet defined in this session", "object_not_in_prerequisite_state"
        )
    return context.current_values[context.last_sequence]


def set_value(
    connection: apsw.Connection,
    context: Context,
    name: str | int | None,
    value: int | None,
    is_called: int | None = 1,
) -> int | None:
    """Set a sequence; the next number follows the value if ``is_called``, else it is the value."""
    if name is None or value is None or is_called is None:
        return None
    key = _key(context, name)
    _, _, _, minimum, maximum, _ = _read(connection, key)
    if not minimum <= value <= maximum:
        raise InvalidValue(
            f'setval: value {value} is out of bounds for sequence "{key[1]}" '
            f"({minimum}..{maximum})",
            "numeric_value_out_of_range",
        )
    connection.execute(WRITE, (value, is_called, *key))
    if is_called:
        context.current_values[key] = value
    return value


FUNCTIONS: tuple[Entry, ...] = (
    Entry("ff_nextval", 1, next_value, deterministic=False, needs=Needs.CONNECTION),
    Entry("ff_currval", 1, current_value, deterministic=False, needs=Needs.CONNECTION),
    Entry("ff_lastval", 0, last_value, deterministic=False, needs=Needs.CONTEXT),
    Entry("ff_setval", -1, set_value, deterministic=False, needs=Needs.CONNECTION),
)
