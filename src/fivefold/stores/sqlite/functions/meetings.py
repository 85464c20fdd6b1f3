"""INSERT … ON CONFLICT DO UPDATE of several rows: each row of the table is met once, or refused.

PostgreSQL cannot change a row that the same command has made or changed; SQLite would. So what such
a statement makes and changes is noted by its RETURNING, which SQLite computes row by row, and what
it meets is looked up before its DO UPDATE has a say.
"""

from __future__ import annotations

from fivefold.errors import InvalidStatement
from fivefold.stores.sqlite.context import Context
from fivefold.stores.sqlite.functions.table import Entry, Needs
from fivefold.values.types import Stored


def meet(context: Context, *key: Stored) -> int:
    """Return 1 for a row, called by its key, that the statement has not touched yet."""
    if key in context.touched:
        raise InvalidStatement(
            "ON CONFLICT DO UPDATE command cannot affect row a second time",
            "cardinality_violation",
            hint="Ensure that no rows proposed for insertion within the same command have"
            " duplicate constrained values.",
        )
    return 1


def touch(context: Context, value: Stored, *key: Stored) -> Stored:
    """Note that the statement has made or changed a row, and return ``value``."""
    context.touched.add(key)
    return value


FUNCTIONS = (
    Entry("ff_meet", -1, meet, deterministic=False, needs=Needs.CONTEXT),
    Entry("ff_touch", -1, touch, deterministic=False, needs=Needs.CONTEXT),
)
