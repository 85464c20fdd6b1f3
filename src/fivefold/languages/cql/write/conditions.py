"""IF: what a row has to be like for a statement to be applied.

Source: "UPDATE", and "Lightweight transactions", in Cassandra's CQL reference; rules and messages
are those observed of Cassandra 5.0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import ge, gt, le, lt
from typing import Any

from fivefold.languages.cql.run import Run
from fivefold.languages.cql.tables import Column
from fivefold.languages.cql.tree import Marker, Relation, TupleLiteral
from fivefold.languages.cql.write.operations import Compiling
from fivefold.languages.cql.write.shapes import Evaluate
from fivefold.values.cql.codec import Codec
from fivefold.values.cql.codecs import codec_of
from fivefold.values.cql.faults import invalid, invalid_value
from fivefold.values.cql.keys import comparing
from fivefold.values.cql.types import INT, CqlType, Unset, list_of
from fivefold.values.records import Record
from fivefold.values.types import Stored

Test = Callable[[Stored], bool]
"""Whether the value that a column has fulfils a condition."""


class Condition(Record):
    """A condition on one column; ``bind`` gives, for a run, what the column's value has to be."""

    column: Column
    bind: Callable[[Run], Test]


_ORDERED = {"<": lt, "<=": le, ">": gt, ">=": ge}


def condition(node: Relation, compiling: Compiling) -> Condition:
    """Return what a relation of IF says."""
    name = node.left[0].name
    column = compiling.column(name)
    if column.kind in ("partition_key", "clustering"):
        raise invalid(f"PRIMARY KEY column '{name}' cannot have IF conditions")
    type_ = column.codec.type
    if type_.name == "counter":
        raise invalid("Conditions on counters are not supported")
    if node.operator in ("CONTAINS", "CONTAINS KEY"):
        return Condition(column, _contains(node, column, compiling))
    if node.operator not in ("=", "!=", "IN", *_ORDERED):
        raise invalid(f"LWT Conditions do not support the {node.operator} operator")
    if type_.name == "duration" and node.operator in _ORDERED:
        raise invalid("Slice conditions are not supported on durations")
    if node.key is not None:
        inner, reach = _element(node, column, compiling)
        return Condition(
            column, _reaching(reach, _compared(node, f"value({name})", inner, compiling))
        )
    if node.field is not None:
        return Condition(column, _field(node, column, compiling))
    return Condition(column, _compared(node, name, type_, compiling))


def _compared(
    node: Relation, name: str, type_: CqlType, compiling: Compiling
) -> Callable[[Run], Test]:
    """Return what compares with the right side."""
    codec = codec_of(type_)
    operator = node.operator
    empty_is_null = type_.is_multicell
    if operator == "IN":
        return _among(node, name, type_, codec, compiling)
    assert node.right is not None
    evaluate = compiling.term(node.right, name, type_)

    def bind(run: Run) -> Test:
        given = _given(evaluate(run), codec, empty_is_null)
        if operator == "=":
            return lambda value: is_same(codec, value, given)
        if operator == "!=":
            return lambda value: not is_same(codec, value, given)
        if given is None:
            raise invalid_value(f'Invalid comparison with null for operator "{operator}"')
        key, compare = comparing(codec), _ORDERED[operator]
        limit = key(given)
        return lambda value: value is not None and compare(key(value), limit)

    return bind


def _given(value: Stored | Unset, codec: Codec, empty_is_null: bool) -> Stored:
    if isinstance(value, Unset):
        raise invalid_value("Invalid 'unset' value in condition")
    if empty_is_null and value is not None and not codec.to_plain(value):
        return None
    return value


def is_same(codec: Codec, one: Stored, other: Stored) -> bool:
    """Say whether two values, or nulls, are equal."""
    if one is None or other is None:
        return one is other
    if codec.type.name == "decimal":
        key = comparing(codec)
        return bool(key(one) == key(other))
    return one == other or codec.to_wire(one) == codec.to_wire(other)


def _among(
    node: Relation, name: str, type_: CqlType, codec: Codec, compiling: Compiling
) -> Callable[[Run], Test]:
    given: Callable[[Run], Sequence[Stored | Unset]]
    if isinstance(node.right, TupleLiteral):
        items = [compiling.term(item, name, type_) for item in node.right.items]

        def given(run: Run) -> Sequence[Stored | Unset]:
            return [item(run) for item in items]

    else:
        assert isinstance(node.right, Marker)
        given = _listed(compiling.term(node.right, f"in({name})", list_of(type_)), type_)

    def bind(run: Run) -> Test:
        found = [value for value in given(run) if not isinstance(value, Unset)]
        kept = [_given(value, codec, type_.is_multicell) for value in found]
        return lambda value: any(is_same(codec, value, one) for one in kept)

    return bind


def _listed(evaluate: Evaluate, type_: CqlType) -> Callable[[Run], Sequence[Stored | Unset]]:
    whole, item = codec_of(list_of(type_)), codec_of(type_)

    def given(run: Run) -> Sequence[Stored | Unset]:
        value = evaluate(run)
        if value is None:
            raise invalid_value("Invalid null list in IN condition")
        if isinstance(value, Unset):
            raise invalid_value("Invalid 'unset' value in condition")
        return [None if one is None else item.from_plain(one) for one in whole.to_plain(value)]

    return given


Reach = Callable[[Run], Callable[[Stored], Stored]]


def _reaching(reach: Reach, compared: Callable[[Run], Test]) -> Callable[[Run], Test]:
    def bind(run: Run) -> Test:
        part, test = reach(run), compared(run)
        return lambda value: test(part(value))

    return bind


def _element(node: Relation, column: Column, compiling: Compiling) -> tuple[CqlType, Reach]:
    """Return the type of an element, and what finds it in the column's value."""
    type_, name = column.codec.type, column.name
    assert node.key is not None
    if type_.name not in ("list", "map"):
        what = "set" if type_.name == "set" else "non-collection"
        raise invalid(f"Invalid element access syntax for {what} column {name}")
    inner = type_.parameters[-1]
    item = codec_of(inner)
    if type_.name == "list":
        evaluate = compiling.term(node.key, f"idx({name})", INT)
    else:
        evaluate = compiling.term(node.key, f"key({name})", type_.parameters[0])

    def reach(run: Run) -> Callable[[Stored], Stored]:
        at = evaluate(run)
        if at is None or isinstance(at, Unset):
            what = "null" if at is None else "unset"
            raise invalid_value(f"Invalid {what} value for {type_.name} element access")
        if type_.name == "list":
            assert isinstance(at, int)
            if at < 0:
                raise invalid_value(f"Invalid negative list index {at}")

            def indexed(value: Stored) -> Stored:
                plain = [] if value is None else column.codec.to_plain(value)
                return item.from_plain(plain[at]) if at < len(plain) else None

            return indexed
        keys = codec_of(type_.parameters[0])

        def keyed(value: Stored) -> Stored:
            for key, plain in ({} if value is None else column.codec.to_plain(value)).items():
                if is_same(keys, keys.from_plain(key), at):
                    return item.from_plain(plain)
            return None

        return keyed

    return inner, reach


def _field(node: Relation, column: Column, compiling: Compiling) -> Callable[[Run], Test]:
    type_, name = column.codec.type, column.name
    assert node.field is not None
    names = [field for field, _ in type_.fields]
    if node.field not in names:
        raise invalid(f"Unknown field {node.field} for column {name}")
    place = names.index(node.field)
    inner = type_.fields[place][1]
    codec = codec_of(inner)

    def part(value: Stored) -> Stored:
        plain = () if value is None else column.codec.to_plain(value)
        return (
            codec.from_plain(plain[place])
            if place < len(plain) and plain[place] is not None
            else None
        )

    return _reaching(lambda _: part, _compared(node, f"{name}.{node.field}", inner, compiling))


def _contains(node: Relation, column: Column, compiling: Compiling) -> Callable[[Run], Test]:
    type_, name, operator = column.codec.type, column.name, node.operator
    if not type_.is_collection:
        raise invalid(f"Cannot use {operator} on non-collection column {name}")
    if operator == "CONTAINS KEY" and type_.name != "map":
        raise invalid(f"Cannot use CONTAINS KEY on non-map column {name}")
    of_keys = operator == "CONTAINS KEY"
    inner = type_.parameters[0 if of_keys else -1]
    codec = codec_of(inner)
    assert node.right is not None
    evaluate = compiling.term(node.right, f"{'key' if of_keys else 'value'}({name})", inner)

    def bind(run: Run) -> Test:
        given = evaluate(run)
        if isinstance(given, Unset):
            raise invalid_value("Invalid 'unset' value in condition")
        if given is None:
            raise invalid_value(f'Invalid comparison with null for operator "{operator}"')

        def test(value: Stored) -> bool:
            plain: Any = [] if value is None else column.codec.to_plain(value)
            if type_.name == "map" and plain:
                plain = plain.keys() if of_keys else plain.values()
            return any(is_same(codec, codec.from_plain(one), given) for one in plain)

        return test

    return bind
