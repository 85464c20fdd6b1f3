"""Parts of jsonb put in place: subscripts as targets, jsonb_set_lax.

Source: the PostgreSQL 15 manual, 8.14.5 "jsonb Subscripting" and 9.16.
"""

from __future__ import annotations

from typing import Any

from fivefold.errors import InvalidValue
from fivefold.stores.sqlite.functions import json
from fivefold.stores.sqlite.functions.table import Entry
from fivefold.values.json import parse_jsonb


def assign(text: str | None, new: str | None, *steps: int | str | None) -> str:
    """j[step]… = new: what is missing on the way is made, gaps of arrays are filled with null."""
    places = [one for one in steps if one is not None]
    if len(places) < len(steps):
        raise InvalidValue(
            "jsonb subscript in assignment must not be null", "null_value_not_allowed"
        )
    value: Any = ([] if isinstance(places[0], int) else {}) if text is None else json.read(text)
    if not isinstance(value, dict | list):
        raise _not_composite()
    last = None if new is None else json.read(new)
    inner = value
    for at, step in enumerate(places):
        is_last = at == len(places) - 1
        fresh = last if is_last else [] if _index(places[at + 1]) is not None else {}
        if isinstance(inner, dict):
            key: Any = str(step)
            if is_last or key not in inner:
                inner[key] = fresh
        elif isinstance(inner, list):
            key = _index(step)
            if key is None:
                raise InvalidValue(
                    f'path element at position {at + 1} is not an integer: "{step}"',
                    "invalid_text_representation",
                )
            if key < 0:
                key += len(inner)
                if key < 0:
                    raise InvalidValue(
                        f"path element at position {at + 1} is out of range: {step}",
                        "invalid_parameter_value",
                    )
            missing = key >= len(inner)
            inner += [None] * (key + 1 - len(inner))
            if is_last or missing:
                inner[key] = fresh
        else:
            raise _not_composite()
        inner = inner[key]
    return parse_jsonb(json.write(value))


def _index(step: int | str) -> int | None:
    try:
        return int(step)
    except ValueError:
        return None


def _not_composite() -> InvalidValue:
    return InvalidValue(
        "cannot replace existing key",
        "invalid_parameter_value",
        detail="The path assumes key is a composite object, but it is a scalar value.",
    )


def set_lax(
    text: str | None,
    path: str | None,
    new: str | None,
    create: int | None = 1,
    treatment: str | None = "use_json_null",
) -> str | None:
    """jsonb_set_lax: jsonb_set, and a choice of what NULL does."""
    if text is None or path is None or create is None:
        return None
    if treatment is None:
        raise InvalidValue(
            'null_value_treatment must be "delete_key", "return_target", '
            '"use_json_null", or "raise_exception"',
            "invalid_parameter_value",
        )
    if new is not None:
        return json.set_path(text, path, new, create)
    match treatment:
        case "raise_exception":
            raise InvalidValue(
                "JSON value must not be null",
                "null_value_not_allowed",
                detail='Exception was raised because null_value_treatment is "raise_exception".',
                hint="To avoid, either change the null_value_treatment argument or ensure that "
                "an SQL NULL is not passed.",
            )
        case "use_json_null":
            return json.set_path(text, path, "null", create)
        case "delete_key":
            return json.delete_path(text, path)
        case "return_target":
            return text
    raise InvalidValue(
        'null_value_treatment must be "delete_key", "return_target", '
        '"use_json_null", or "raise_exception"',
        "invalid_parameter_value",
    )


FUNCTIONS: tuple[Entry, ...] = (
    Entry("ff_jsonb_assign", -1, assign),
    Entry("ff_jsonb_set_lax", -1, set_lax),
)
