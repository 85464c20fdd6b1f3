"""Several relations of the same columns: which may go together, and what they come to."""

from __future__ import annotations

from fivefold.languages.cql.relations.records import (
    Among,
    Containing,
    Equal,
    Range,
    Restriction,
    TokenEqual,
    TokenRange,
    TokenRestriction,
)
from fivefold.languages.cql.tables import Column
from fivefold.values.cql.faults import invalid
from fivefold.values.records import changed


def merged(one: Restriction, other: Restriction) -> Restriction:
    """Return what two restrictions with columns in common come to. Raises Cassandra's errors."""
    if isinstance(one, Equal | Among):
        word = "an Equal" if isinstance(one, Equal) else "a IN"
        raise invalid(
            f"{_common(one, other)} cannot be restricted by more than one relation"
            f" if it includes {word}"
        )
    if isinstance(one, Containing):
        if not isinstance(other, Containing):
            raise invalid(
                f"Collection column {one.columns[0].name} can only be restricted by CONTAINS,"
                " CONTAINS KEY, or map-entry equality"
            )
        return Containing(one.columns, one.parts + other.parts)
    if not isinstance(other, Range):
        raise invalid(
            f'Column "{_common(one, other)}" cannot be restricted by both an equality and an'
            " inequality relation"
        )
    if one.columns[0].name != other.columns[0].name:
        later = max(one.columns[0], other.columns[0], key=_position)
        raise invalid(
            f'Column "{later.name}" cannot be restricted by two inequalities not starting with'
            " the same column"
        )
    for low, word in ((True, "start"), (False, "end")):
        if all((each.low if low else each.high) is not None for each in (one, other)):
            raise invalid(
                f"More than one restriction was found for the {word} bound on "
                + _common(one, other)
            )
    longer = max(one.columns, other.columns, key=len)
    return Range(longer, one.low or other.low, one.high or other.high, one.several or other.several)


def merged_tokens(one: TokenRestriction, other: TokenRestriction) -> TokenRestriction:
    """Return what two restrictions of the token come to. Raises Cassandra's errors."""
    names = ", ".join([column.name for column in one.columns])
    if isinstance(one, TokenEqual):
        raise invalid(
            f"{names} cannot be restricted by more than one relation if it includes an Equal"
        )
    if not isinstance(other, TokenRange):
        raise invalid(
            f'Columns "{names}" cannot be restricted by both an equality and an inequality relation'
        )
    for before, after, word in ((one.low, other.low, "start"), (one.high, other.high, "end")):
        if before is not None and after is not None:
            raise invalid(f"More than one restriction was found for the {word} bound on {names}")
    return changed(one, low=one.low or other.low, high=one.high or other.high)


def _common(one: Restriction, other: Restriction) -> str:
    names = {column.name for column in other.columns}
    return " ,".join([column.name for column in one.columns if column.name in names])


def _position(column: Column) -> int:
    return column.position
