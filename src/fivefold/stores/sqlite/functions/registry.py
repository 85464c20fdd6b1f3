"""All functions in one table, and their registration.

Registration passes ready-made functions to SQLite, 0.8 µs each; what a function needs beyond its
arguments (the session's context, the connection) is bound to it by ``partial``, which is in C.
"""

from __future__ import annotations

from functools import partial

import apsw

from fivefold.stores.sqlite.context import Context
from fivefold.stores.sqlite.functions import (
    advisory,
    aggregates,
    arrays,
    binary,
    bounds,
    casts,
    catalogs,
    clocks,
    collations,
    datetime,
    degrees,
    fields,
    filling,
    formats_dates,
    formats_numbers,
    formats_reading,
    hashes,
    json,
    json_making,
    json_parts,
    json_records,
    meetings,
    numbers,
    numeric,
    patterns,
    ranges,
    sequences,
    series,
    sizes,
    system,
    text,
    variadic,
)
from fivefold.stores.sqlite.functions.table import Entry, Needs

FUNCTIONS: tuple[Entry, ...] = (
    *numeric.FUNCTIONS,
    *numbers.FUNCTIONS,
    *degrees.FUNCTIONS,
    *casts.FUNCTIONS,
    *text.FUNCTIONS,
    *binary.FUNCTIONS,
    *bounds.FUNCTIONS,
    *patterns.FUNCTIONS,
    *variadic.FUNCTIONS,
    *datetime.FUNCTIONS,
    *fields.FUNCTIONS,
    *clocks.FUNCTIONS,
    *formats_dates.FUNCTIONS,
    *formats_numbers.FUNCTIONS,
    *formats_reading.FUNCTIONS,
    *hashes.FUNCTIONS,
    *json.FUNCTIONS,
    *json_making.FUNCTIONS,
    *json_parts.FUNCTIONS,
    *json_records.FUNCTIONS,
    *arrays.FUNCTIONS,
    *filling.FUNCTIONS,
    *sequences.FUNCTIONS,
    *meetings.FUNCTIONS,
    *ranges.FUNCTIONS,
    *series.FUNCTIONS,
    *sizes.FUNCTIONS,
    *system.FUNCTIONS,
    *advisory.FUNCTIONS,
    *catalogs.FUNCTIONS,
    *aggregates.FUNCTIONS,
)


def register(connection: apsw.Connection, context: Context) -> None:
    """Register every function, aggregate and collation with a connection."""
    create = connection.create_scalar_function
    for name, arguments, function, deterministic, needs in FUNCTIONS:
        if needs is Needs.CONTEXT:
            function = partial(function, context)
        elif needs is Needs.CONNECTION:
            function = partial(function, connection, context)
        create(name, function, arguments, deterministic=deterministic)
    for name, factory in aggregates.AGGREGATES.items():
        connection.create_window_function(name, factory(context))
    connection.collation_needed(collations.add)
