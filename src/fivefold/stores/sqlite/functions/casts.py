"""Casts that SQLite has not, by the value domain's own rules."""

from __future__ import annotations

from fivefold.stores.sqlite.context import Context
from fivefold.stores.sqlite.functions.codes import type_of_code
from fivefold.stores.sqlite.functions.table import Entry, Needs
from fivefold.values.casts import coerce
from fivefold.values.types import Stored


def cast(value: Stored, source: str, target: str) -> Stored:
    """CAST(value AS target): texts that are too long are cut."""
    if value is None:
        return None
    return coerce(type_of_code(target), type_of_code(source), value, explicit=True)


def assign(value: Stored, source: str, target: str) -> Stored:
    """Convert for storing: texts that are too long are refused."""
    if value is None:
        return None
    return coerce(type_of_code(target), type_of_code(source), value)


def cast_here(context: Context, value: Stored, source: str, target: str) -> Stored:
    """CAST to or from timestamptz, which the session's time zone decides."""
    if value is None:
        return None
    zone = context.zone
    return coerce(type_of_code(target), type_of_code(source), value, zone=zone, explicit=True)


def assign_here(context: Context, value: Stored, source: str, target: str) -> Stored:
    """Convert to or from timestamptz for storing."""
    if value is None:
        return None
    return coerce(type_of_code(target), type_of_code(source), value, zone=context.zone)


FUNCTIONS: tuple[Entry, ...] = (
    Entry("ff_cast", 3, cast),
    Entry("ff_assign", 3, assign),
    Entry("ff_cast_here", 3, cast_here, deterministic=False, needs=Needs.CONTEXT),
    Entry("ff_assign_here", 3, assign_here, deterministic=False, needs=Needs.CONTEXT),
)
