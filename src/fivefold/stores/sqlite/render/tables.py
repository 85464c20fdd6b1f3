"""All handlers in one table."""

from __future__ import annotations

from fivefold.plan import nodes as exp
from fivefold.stores.sqlite.render import (
    calls,
    casts,
    changes,
    leaves,
    logic,
    operators,
    patterns,
    queries,
    records,
)
from fivefold.stores.sqlite.render.writer import Handler

HANDLERS: dict[type[exp.Expr], Handler] = {
    **queries.HANDLERS,
    **changes.HANDLERS,
    **leaves.HANDLERS,
    **logic.HANDLERS,
    **operators.HANDLERS,
    **patterns.HANDLERS,
    **casts.HANDLERS,
    **calls.HANDLERS,
    **records.HANDLERS,
}
