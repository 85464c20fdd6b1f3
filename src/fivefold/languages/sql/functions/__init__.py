"""Every function that SQL can call, with its argument and result types.

Source: the PostgreSQL 15 manual, chapter 9; names, signatures and volatility as in pg_proc.

In a bound tree every call is ``exp.Anonymous(this=name, expressions=[…])`` with the arguments cast
to
the signature's types; ``node.meta["function"]`` is the ``Function``. For ``any`` arguments the
type of
each argument is in its own ``meta["type"]``. Aggregates nest in this order, innermost first:

    Anonymous(this="string_agg", expressions=[Distinct(expressions=[x, ', '])])      DISTINCT: one
        node as the only argument, holding all arguments
    Order(this=Anonymous(…), expressions=[Ordered, …])                                ORDER BY
    inside
    WithinGroup(this=Anonymous(direct arguments), order=Order)        in its place: WITHIN GROUP
    Filter(this=…, expression=Where(this=condition))                                  FILTER
    Window(this=…, partition_by=[…], order=Order, spec=WindowSpec)                    OVER

``count(*)`` is ``count`` without arguments. Window frames are always in the WindowSpec with
``kind``
ROWS, RANGE or GROUPS, ``start``/``end`` 'UNBOUNDED', 'CURRENT ROW' or an expression, and
``start_side``/``end_side`` 'PRECEDING' or 'FOLLOWING' (``exclude`` a Var); named
windows are
resolved, so no WINDOW clause is left. Set-returning functions stand in FROM as
``Table(this=Anonymous, alias=TableAlias(this, columns))``; with ``ordinality`` the last column
counts the rows.
"""

from __future__ import annotations

from fivefold.languages.sql.functions import (
    aggregates,
    arrays,
    catalogs,
    dates,
    json,
    numbers,
    sets,
    strings,
    system,
)
from fivefold.languages.sql.functions.sets import RECORD_COLUMNS, SET_COLUMNS
from fivefold.languages.sql.functions.system import WAITING
from fivefold.languages.sql.signatures import Function
from fivefold.values.types import INT8

__all__ = [
    "BY_NAME",
    "FUNCTIONS",
    "NAMED",
    "ORDINALITY",
    "RECORD_COLUMNS",
    "SET_COLUMNS",
    "WAITING",
]

FUNCTIONS: tuple[Function, ...] = (
    *strings.FUNCTIONS,
    *numbers.FUNCTIONS,
    *dates.FUNCTIONS,
    *json.FUNCTIONS,
    *arrays.FUNCTIONS,
    *system.FUNCTIONS,
    *catalogs.FUNCTIONS,
    *aggregates.FUNCTIONS,
    *sets.FUNCTIONS,
)

BY_NAME: dict[str, tuple[Function, ...]] = {}
for _function in FUNCTIONS:
    BY_NAME[_function.name] = (*BY_NAME.get(_function.name, ()), _function)

ORDINALITY = INT8

Default = tuple[str, str]
"""A constant's kind and text, as in ``tree.Const``."""


def _named(
    words: str, *, from_: int = 99, default: Default | None = None
) -> tuple[tuple[str, Default | None], ...]:
    return tuple((word, default if at >= from_ else None) for at, word in enumerate(words.split()))


NAMED: dict[str, tuple[tuple[str, Default | None], ...]] = {
    "make_interval": _named(
        "years months weeks days hours mins secs", from_=0, default=("int", "0")
    ),
    "make_date": _named("year month day"),
    "make_time": _named("hour min sec"),
    "make_timestamp": _named("year month mday hour min sec"),
    "make_timestamptz": _named("year month mday hour min sec timezone"),
    "jsonb_set": _named(
        "jsonb_in path replacement create_if_missing", from_=3, default=("bool", "true")
    ),
    "jsonb_set_lax": (
        *_named("jsonb_in path replacement create_if_missing", from_=3, default=("bool", "true")),
        ("null_value_treatment", ("string", "use_json_null")),
    ),
    "jsonb_insert": _named(
        "jsonb_in path replacement insert_after", from_=3, default=("bool", "false")
    ),
    "jsonb_strip_nulls": _named("target"),
    "parse_ident": _named("str strict", from_=1, default=("bool", "true")),
}
"""The names of arguments of functions that have them, with what stands for those left out."""
