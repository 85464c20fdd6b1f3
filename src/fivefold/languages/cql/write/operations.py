"""What UPDATE sets and DELETE takes from a row, column by column.

Source: "UPDATE" and "DELETE" of "Data manipulation", and "Collections" of "Data types", in
Cassandra's CQL reference; rules and messages are those observed of Cassandra 5.0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from fivefold.errors import FivefoldError
from fivefold.languages.cql.parse.printing import term_text
from fivefold.languages.cql.results import ColumnSpec
from fivefold.languages.cql.run import Run
from fivefold.languages.cql.tables import Column, ColumnFamily
from fivefold.languages.cql.terms import Scope, compile_term
from fivefold.languages.cql.tree import Assignment, Deletion, Term
from fivefold.languages.cql.write.shapes import (
    Apply,
    Evaluate,
    Look,
    Operation,
    Pick,
    Stamp,
    part_of,
)
from fivefold.models.widecolumn.cells import Part, Parts, path_of
from fivefold.models.widecolumn.rows import Row
from fivefold.values.cql.faults import invalid, invalid_value
from fivefold.values.cql.types import INT, CqlType, Unset, set_of
from fivefold.values.records import Record
from fivefold.values.types import Stored


class Compiling:
    """What operations are compiled in: a statement's table and scope."""

    def __init__(self, family: ColumnFamily, scope: Scope) -> None:
        self.family = family
        self.scope = scope

    def column(self, name: str) -> Column:
        """Return a column. Raises InvalidRequest if there is none."""
        column = self.family.by_name.get(name)
        if column is None:
            table = f"{self.family.keyspace}.{self.family.name}"
            raise invalid(f"Undefined column name {name} in table {table}")
        return column

    def spec(self, name: str, type: CqlType) -> ColumnSpec:
        """Return what a value is received by."""
        return ColumnSpec(self.family.keyspace, self.family.name, name, type)

    def term(self, term: Term, name: str, type: CqlType) -> Evaluate:
        """Return a value's closure."""
        return compile_term(term, self.spec(name, type), self.scope)


def written(column: Column, evaluate: Evaluate) -> Operation:
    """Return what sets a column to a value, whole."""
    part = part_of(column)
    if part.kind == "cell":

        def plain(run: Run, stamp: Stamp) -> Apply | None:
            value = evaluate(run)
            if isinstance(value, Unset):
                return None
            cell = stamp.cell(value)
            return lambda row: row.put(part, cell)

        return plain

    def whole(run: Run, stamp: Stamp) -> Apply | None:
        value = evaluate(run)
        return None if isinstance(value, Unset) else overwriting(part, value, stamp)

    return whole


def overwriting(part: Part, value: Stored, stamp: Stamp) -> Apply:
    """Return what puts a value in the place of all parts that are older."""

    def apply(row: Row) -> None:
        parts = row.parts(part)
        parts.delete(stamp.timestamp - 1, stamp.now_s)
        if value is not None:
            _added(parts, value, stamp)

    return apply


def _added(parts: Parts, value: Stored, stamp: Stamp) -> None:
    """Add the parts of a value."""
    for path, plain in parts_of(parts.part, value):
        if path is None:
            parts.extend([stamp.cell(plain)])
        else:
            parts.put(path, stamp.cell(plain))


def parts_of(part: Part, value: Stored) -> Iterable[tuple[str | None, Any]]:
    """Return the paths, None in lists, and the values of cells of a value's parts."""
    plain = part.codec.to_plain(value)
    match part.kind:
        case "list":
            return [(None, item) for item in plain]
        case "set":
            return [(path_of(part, item), item) for item in plain]
        case "map":
            return [(path_of(part, key), (key, item)) for key, item in plain.items()]
    return [(str(place), item) for place, item in enumerate(plain) if item is not None]


def assignment(node: Assignment, compiling: Compiling) -> tuple[Column, Operation | Count]:
    """Return what one part of SET does, and to which column."""
    column = compiling.column(node.column.name)
    if column.kind in ("partition_key", "clustering"):
        raise invalid(f"PRIMARY KEY part {column.name} found in SET part")
    if node.key is not None:
        return column, _element(node, column, compiling)
    if node.field is not None:
        return column, _field(node, column, compiling)
    if node.operator == "=":
        if column.codec.type.name == "counter":
            raise invalid(
                f"Cannot set the value of counter column {column.name}"
                " (counters can only be incremented/decremented, not set)"
            )
        type_ = column.codec.type
        return column, written(column, compiling.term(node.value, column.name, type_))
    if node.operator == "prepend":
        return column, _prepended(node, column, compiling)
    return column, (_plus if node.operator == "+" else _minus)(node, column, compiling)


def _refused(node: Assignment, what: str) -> FivefoldError:
    name, value = node.column.name, term_text(node.value)
    if node.key is not None:
        shown = f"{name}[{term_text(node.key)}] = {value}"
    elif node.field is not None:
        shown = f"{name}.{node.field} = {value}"
    elif node.operator == "prepend":
        shown = f"{name} = {value} - {name}"
    else:
        shown = f"{name} = {name} {node.operator} {value}"
    return invalid(f"Invalid operation ({shown}) for {what} column {name}")


def _plus(node: Assignment, column: Column, compiling: Compiling) -> Operation | Count:
    type_ = column.codec.type
    if not type_.is_collection:
        if type_.name in ("tuple", "udt"):
            raise _refused(node, "tuple")
        if type_.name != "counter":
            raise _refused(node, "non counter")
        return Count(column, compiling.term(node.value, column.name, type_), 1)
    if not type_.is_multicell:
        raise _refused(node, "frozen collection")
    part = part_of(column)
    try:
        evaluate = compiling.term(node.value, column.name, type_)
    except FivefoldError as error:
        if type_.name != "map":
            raise
        shown = term_text(node.value)
        text = f"Value for a map addition has to be a map, but was: '{shown}'"
        raise invalid(text) from error

    def bind(run: Run, stamp: Stamp) -> Apply | None:
        value = evaluate(run)
        if value is None or isinstance(value, Unset):
            return None
        return lambda row: _added(row.parts(part), value, stamp)

    return bind


class Count(Record):
    """What is added to a counter: ``sign`` is 1 or -1."""

    column: Column
    evaluate: Evaluate
    sign: int


def increment(value: Stored | Unset, sign: int) -> int | None:
    """Return what is to be added to a counter, None for an unset value. Raises for null."""
    if isinstance(value, Unset):
        return None
    if value is None:
        raise invalid_value("Invalid null value for counter increment/decrement")
    assert isinstance(value, int)
    if sign < 0 and value == -(2**63):
        raise invalid_value(
            f"The negation of {value} overflows supported counter precision"
            " (signed 8 bytes integer)"
        )
    return value * sign


def _minus(node: Assignment, column: Column, compiling: Compiling) -> Operation | Count:
    type_ = column.codec.type
    if not type_.is_collection:
        if type_.name != "counter":
            raise _refused(node, "non counter")
        return Count(column, compiling.term(node.value, column.name, type_), -1)
    if not type_.is_multicell:
        raise _refused(node, "frozen collection")
    part = part_of(column)
    if type_.name == "list":
        return _discarded(part, compiling.term(node.value, column.name, type_))
    if type_.name == "map":
        try:
            evaluate = compiling.term(node.value, column.name, set_of(type_.parameters[0]))
        except FivefoldError as error:
            shown = term_text(node.value)
            text = f"Value for a map substraction has to be a set, but was: '{shown}'"
            raise invalid(text) from error
    else:
        evaluate = compiling.term(node.value, column.name, type_)
    keys = part if part.kind == "set" else _key_set(part)

    def bind(run: Run, stamp: Stamp) -> Apply | None:
        value = evaluate(run)
        if value is None or isinstance(value, Unset):
            return None
        paths = [path for path, _ in parts_of(keys, value) if path is not None]

        def apply(row: Row) -> None:
            parts = row.parts(part)
            for path in paths:
                parts.put(path, stamp.cell(None))

        return apply

    return bind


def _key_set(part: Part) -> Part:
    """Return the set of a map's keys as a column."""
    from fivefold.values.cql.codecs import codec_of

    codec = codec_of(set_of(part.codec.type.parameters[0]))
    return Part(part.name, "set", codec, part.keys)


def _discarded(part: Part, evaluate: Evaluate) -> Operation:
    item_codec = part.values[0]

    def bind(run: Run, stamp: Stamp) -> Pick | None:
        value = evaluate(run)
        if value is None or isinstance(value, Unset):
            return None
        taken = {_same(item_codec, item) for item in part.codec.to_plain(value)}
        cell = stamp.cell(None)
        return lambda parts: [
            (place, cell)
            for place, item in enumerate(parts.items)
            if item.is_live(stamp.now_s) and _same(item_codec, item.value) in taken
        ]

    return Look(part, bind)


def _same(codec: Any, plain: Any) -> bytes:
    """Return the bytes by which values of lists are alike: those of the protocol."""
    found: bytes = codec.to_wire(codec.from_plain(plain))
    return found


def _prepended(node: Assignment, column: Column, compiling: Compiling) -> Operation:
    type_ = column.codec.type
    if type_.name != "list":
        raise _refused(node, "non list")
    if not type_.is_multicell:
        raise _refused(node, "frozen list")
    part = part_of(column)
    evaluate = compiling.term(node.value, column.name, type_)

    def bind(run: Run, stamp: Stamp) -> Apply | None:
        value = evaluate(run)
        if value is None or isinstance(value, Unset):
            return None
        items = [stamp.cell(item) for item in part.codec.to_plain(value)]
        return lambda row: row.parts(part).extend(items, before=True)

    return bind


def _element(node: Assignment, column: Column, compiling: Compiling) -> Operation:
    type_ = column.codec.type
    if not type_.is_collection:
        raise _refused(node, "non collection")
    if not type_.is_multicell:
        raise _refused(node, "frozen collection")
    if type_.name == "set":
        raise _refused(node, "set")
    assert node.key is not None
    part = part_of(column)
    codec = part.values[0]
    value_name = f"value({column.name})"
    if part.kind == "list":
        index = _index_of(node.key, part, compiling)
        evaluate = compiling.term(node.value, value_name, type_.parameters[-1])
        return _item(part, index, evaluate, "set an element on")
    place = _place(node.key, part, compiling)
    evaluate = compiling.term(node.value, value_name, type_.parameters[-1])

    def bind(run: Run, stamp: Stamp) -> Apply | None:
        path, key = place(run)
        value = evaluate(run)
        if isinstance(value, Unset):
            return None
        cell = stamp.cell(None if value is None else (key, codec.to_plain(value)))
        return lambda row: row.parts(part).put(path, cell)

    return bind


def _item(part: Part, index: Callable[[Run], int], evaluate: Evaluate, what: str) -> Operation:
    """Return what overwrites the item of a list with an index."""
    codec = part.values[0]

    def bind(run: Run, stamp: Stamp) -> Pick | None:
        found = index(run)
        value = evaluate(run)
        if isinstance(value, Unset):
            return None
        cell = stamp.cell(None if value is None else codec.to_plain(value))
        return lambda parts: [(_index(parts, found, stamp, what), cell)]

    return Look(part, bind)


def _index(parts: Parts, index: int, stamp: Stamp, what: str) -> int:
    """Return the place in ``items`` of the item with an index. Raises as Cassandra does."""
    live = [place for place, item in enumerate(parts.items) if item.is_live(stamp.now_s)]
    if not live:
        raise invalid_value(f"Attempted to {what} a list which is null")
    if not 0 <= index < len(live):
        raise invalid_value(f"List index {index} out of bound, list has size {len(live)}")
    return live[index]


_NULL_KEYS = {
    "list": "Invalid {} value for list index",
    "set": "Invalid {} set element",
    "map": "Invalid {} map key",
}


def _index_of(term: Term, part: Part, compiling: Compiling) -> Callable[[Run], int]:
    """Return which item of a list the term in brackets names."""
    evaluate = compiling.term(term, f"idx({part.name})", INT)

    def index(run: Run) -> int:
        value = _named_key(evaluate(run), part)
        assert isinstance(value, int)
        return value

    return index


def _place(term: Term, part: Part, compiling: Compiling) -> Callable[[Run], tuple[str, Any]]:
    """Return the path of the part that the term in brackets names, and the key itself."""
    name = f"{'value' if part.kind == 'set' else 'key'}({part.name})"
    evaluate = compiling.term(term, name, part.codec.type.parameters[0])

    def place(run: Run) -> tuple[str, Any]:
        value = _named_key(evaluate(run), part)
        assert part.keys is not None
        plain = part.keys.to_plain(value)
        return path_of(part, plain), plain

    return place


def _named_key(value: Stored | Unset, part: Part) -> Stored:
    if value is None or isinstance(value, Unset):
        what = "null" if value is None else "unset"
        raise invalid_value(_NULL_KEYS[part.kind].format(what))
    return value


def _field(node: Assignment, column: Column, compiling: Compiling) -> Operation:
    type_ = column.codec.type
    assert node.field is not None
    if type_.name != "udt":
        raise _refused(node, "non-UDT")
    if not type_.is_multicell:
        raise _refused(node, "frozen UDT")
    part = part_of(column)
    place = field_place(column, node.field)
    name = f"{column.name}.{node.field}"
    evaluate = compiling.term(node.value, name, type_.fields[place][1])

    def bind(run: Run, stamp: Stamp) -> Apply | None:
        value = evaluate(run)
        if isinstance(value, Unset):
            return None
        cell = stamp.cell(None if value is None else part.values[place].to_plain(value))
        return lambda row: row.parts(part).put(str(place), cell)

    return bind


def field_place(column: Column, field: str) -> int:
    """Return the number of a user type's field. Raises InvalidRequest if there is none."""
    for place, (name, _) in enumerate(column.codec.type.fields):
        if name == field:
            return place
    raise invalid(f"UDT column {column.name} does not have a field named {field}")


def deletion(node: Deletion, compiling: Compiling) -> tuple[Column, Operation]:
    """Return what DELETE does to a column, or to one part of it."""
    column = compiling.column(node.column.name)
    name = column.name
    if column.kind in ("partition_key", "clustering"):
        raise invalid(f"Invalid identifier {name} for deletion (should not be a PRIMARY KEY part)")
    type_, part = column.codec.type, part_of(column)
    if node.key is not None:
        if not type_.is_collection:
            raise invalid(f"Invalid deletion operation for non collection column {name}")
        if not type_.is_multicell:
            raise invalid(f"Invalid deletion operation for frozen collection column {name}")
        if part.kind == "list":
            index = _index_of(node.key, part, compiling)
            return column, _item(part, index, lambda run: None, "delete an element from")
        return column, _element_deleted(part, _place(node.key, part, compiling))
    if node.field is not None:
        if type_.name != "udt":
            raise invalid(f"Invalid field deletion operation for non-UDT column {name}")
        if not type_.is_multicell:
            raise invalid(f"Frozen UDT column {name} does not support field deletions")
        path = str(field_place(column, node.field))
        return column, lambda run, stamp: lambda row: row.parts(part).put(path, stamp.cell(None))
    if part.kind == "cell":
        return column, lambda run, stamp: lambda row: row.put(part, stamp.cell(None))
    return (
        column,
        lambda run, stamp: lambda row: row.parts(part).delete(stamp.timestamp, stamp.now_s),
    )


def _element_deleted(part: Part, place: Callable[[Run], tuple[str, Any]]) -> Operation:
    def bind(run: Run, stamp: Stamp) -> Apply:
        path, _ = place(run)
        cell = stamp.cell(None)
        return lambda row: row.parts(part).put(path, cell)

    return bind
