"""Functions about the catalog: the session's own view of it answers them.

``ff_reg_oid`` and ``ff_reg_name`` are the input and output of regclass and its like.
"""

from __future__ import annotations

from functools import partial

from fivefold.errors import Unsupported
from fivefold.stores.context import SystemCatalog
from fivefold.stores.sqlite.context import Context
from fivefold.stores.sqlite.functions.names import CATALOGS
from fivefold.stores.sqlite.functions.table import Entry, Function, Needs
from fivefold.values.types import Stored


def _system(context: Context) -> SystemCatalog:
    if context.system is None:
        raise Unsupported("there is no catalog to ask here", hint="Ask through a session.")
    return context.system()


def _answer(name: str, context: Context, *arguments: Stored) -> Stored:
    return _system(context).call(name, context.relation_path, arguments)


def reg_oid(context: Context, kind: str, value: Stored) -> int | None:
    """Return the oid of what a name names; a number is one already."""
    if value is None or isinstance(value, int):
        return value
    return _system(context).oid_of(kind, str(value), context.relation_path)


def reg_name(context: Context, kind: str, oid: int | None) -> str | None:
    """Return the name of what has an oid."""
    if oid is None:
        return None
    return _system(context).name_of(kind, oid, context.relation_path)


def _here(name: str, function: Function) -> Entry:
    return Entry(f"ff_{name}", -1, function, deterministic=False, needs=Needs.CONTEXT)


FUNCTIONS: tuple[Entry, ...] = (
    *[_here(name, partial(_answer, name)) for name in CATALOGS],
    _here("reg_oid", reg_oid),
    _here("reg_name", reg_name),
)
