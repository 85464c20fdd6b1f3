"""Values that a query brings to a statement: known when it runs, and asked for by their sorts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from fivefold.errors import FivefoldError
from fivefold.languages.cypher.expressions.compiler import Evaluate
from fivefold.languages.cypher.graph import Row, Run
from fivefold.languages.cypher.lower import conditions as asked
from fivefold.languages.cypher.lower.conditions import Among, Compare
from fivefold.models.graph.keys import key_of, kind_range
from fivefold.values.graph.entities import Entity
from fivefold.values.types import BYTEA, INT8, Type

LISTED_MAX = 1 << 10
"""How many values of a list an index is asked for at most: each is a parameter."""


class CannotSay(Exception):
    """A value is of a sort that SQL is not asked about: somebody else has to find the rows."""


class NoRows(Exception):
    """Nothing can match."""


@dataclass(frozen=True, slots=True, eq=False)
class Slot:
    """A value that the query brings: ``text`` says what SQL is asked for its sort.

    ``sorts`` are those it can be asked about; another plain one makes the condition false, and
    what is not plain raises CannotSay.
    """

    evaluate: Evaluate
    text: Callable[[str], str]
    give: Callable[[Any], tuple[Any, ...]]
    types: Callable[[str], tuple[Type, ...]]
    sorts: str
    sort_of: Callable[[Any], str | None] = asked.sort_of


def bound(parts: Iterable[str | Slot], row: Row, run: Run) -> tuple[str, list[Any]]:
    """Return the sorts of the values that a row brings, and SQL's parameters.

    Raises NoRows, and CannotSay.
    """
    sorts = ""
    parameters: list[Any] = []
    for part in parts:
        if part.__class__ is str:
            continue
        assert isinstance(part, Slot)
        try:
            value = part.evaluate(row, run)
        except FivefoldError as error:  # which matters only if there is a row to be asked
            raise CannotSay from error
        if isinstance(value, Entity):
            sort = asked.WHOLE
        else:
            found = part.sort_of(value)
            if found is None:
                raise CannotSay
            sort = found
        if sort not in part.sorts:
            raise CannotSay if sort == asked.INSTANT else NoRows
        sorts += sort
        parameters += part.give(value)
    return sorts, parameters


def id_slot(column: str, evaluate: Evaluate, *, entity: bool = False) -> Slot:
    return Slot(
        evaluate,
        lambda sort: f"{column} = ?",
        (lambda value: (value.id,)) if entity else (lambda value: (value,)),
        lambda sort: (asked.TYPES[sort],) if sort in asked.TYPES else (INT8,),
        asked.WHOLE + asked.NUMBER,
    )


_INDEXED = asked.NUMBER + asked.WHOLE + asked.TEXTUAL + asked.BOOLEAN + asked.INSTANT


def key_slot(column: str, taken: list[Compare]) -> Slot:
    if len(taken) == 1:
        return Slot(
            taken[0].value,
            lambda sort: f"{column} = ?",
            lambda value: (key_of(value),),
            lambda sort: (BYTEA,),
            _INDEXED,
        )
    values = [one.value for one in taken]

    def all_of(row: Row, run: Run) -> Any:
        found = [value(row, run) for value in values]
        if None in found:
            return None
        if any(asked.sort_of(one) is None for one in found):
            raise CannotSay
        return b"".join(map(key_of, found)).hex()

    return Slot(
        all_of,
        lambda sort: f"{column} = ?",
        lambda value: (bytes.fromhex(value),),
        lambda sort: (BYTEA,),
        _INDEXED,
    )


_SIZES = "".join([chr(ord("A") + at) for at in range(LISTED_MAX.bit_length())])
"""Sorts of lists: the one at n has at most 2^n values."""


def list_slot(column: str, one: Among) -> Slot:
    """Return the slot for a list: a null finds nothing, what orders by itself alone cannot be said.

    Lists of few sizes are asked for, so that few statements are made: the last key comes again.
    """

    def keys(row: Row, run: Run) -> tuple[bytes, ...] | None:
        listed = one.values(row, run)
        if listed is None:
            return None
        if not isinstance(listed, list | tuple):
            raise CannotSay
        wanted = [value for value in listed if value is not None]
        if any(asked.sort_of(value) is None for value in wanted):
            raise CannotSay
        found = [*dict.fromkeys(map(key_of, wanted))]
        if len(found) > LISTED_MAX:
            raise CannotSay
        size = 1 << (len(found) - 1).bit_length() if found else 0
        return (*found, *found[-1:] * (size - len(found)))

    def size_of(sort: str) -> int:
        return 1 << _SIZES.index(sort)

    return Slot(
        keys,
        lambda sort: f"{column} IN ({', '.join('?' * size_of(sort))})",
        lambda keys: keys,
        lambda sort: (BYTEA,) * size_of(sort),
        _SIZES,
        lambda keys: _SIZES[len(keys).bit_length() - 1] if keys else asked.NOTHING,
    )


def range_slot(column: str, one: Compare) -> Slot:
    def give(value: Any) -> tuple[bytes, bytes]:
        low, high = kind_range(value)
        key = key_of(value)
        after = key + b"\x00"  # no key begins another one
        match one.op:
            case "<":
                return low, key
            case "<=":
                return low, after
            case ">":
                return after, high
        return key, high

    return Slot(
        one.value,
        lambda sort: f"{column} >= ? AND {column} < ?",
        give,
        lambda sort: (BYTEA, BYTEA),
        _INDEXED,
    )
