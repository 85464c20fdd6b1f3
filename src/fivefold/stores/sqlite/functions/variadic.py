"""Functions of any number of arguments, called with all of them in one array (VARIADIC)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fivefold.stores.sqlite.context import Context
from fivefold.stores.sqlite.functions import arrays, json_making, system, text
from fivefold.stores.sqlite.functions.codes import code_of, type_of_code
from fivefold.stores.sqlite.functions.table import Entry, Needs
from fivefold.values.arrays import unpack
from fivefold.values.json import parse_jsonb
from fivefold.values.text import output
from fivefold.values.types import Stored

Texts = list[str | None]


def concat(values: Texts) -> str:
    """Join texts, nulls left out."""
    return "".join([one for one in values if one is not None])


def concat_ws(values: Texts, separator: str | None) -> str | None:
    """Join texts with a separator, nulls left out."""
    return None if separator is None else separator.join([one for one in values if one is not None])


def formatted(values: Texts, pattern: str | None) -> str | None:
    """Fill a format."""
    return text.format_text(pattern, *values)


_OF_TEXTS: dict[str, Callable[..., Stored]] = {
    "concat": concat,
    "concat_ws": concat_ws,
    "format": formatted,
    "num_nulls": lambda values: system.nulls(*values),
    "num_nonnulls": lambda values: system.not_nulls(*values),
}
_OF_VALUES: dict[str, Callable[..., str]] = {
    "json_build_object": json_making.build_object,
    "jsonb_build_object": json_making.build_jsonb_object,
    "json_build_array": json_making.build_array,
    "jsonb_build_array": lambda *all_: parse_jsonb(json_making.build_array(*all_)),
}


def call(context: Context, name: str, code: str, array: str | None, *fixed: Any) -> Stored:
    """Call ``name``; ``fixed`` are the arguments before the array."""
    element = type_of_code(code).element
    assert element is not None
    if array is None and name != "format":
        return None
    values = [] if array is None else arrays.flat(unpack(element, array))
    if name in _OF_VALUES:
        pairs = [part for one in values for part in (one, code_of(element))]
        return _OF_VALUES[name](context, *pairs)
    show = output(element, zone=context.zone)
    return _OF_TEXTS[name]([None if one is None else show(one) for one in values], *fixed)


FUNCTIONS: tuple[Entry, ...] = (
    Entry("ff_variadic", -1, call, deterministic=False, needs=Needs.CONTEXT),
)
