"""One relation, read: its columns found, its terms compiled for them.

Source: "The WHERE clause" of Cassandra's CQL reference; the messages are Cassandra's.
"""

from __future__ import annotations

from collections.abc import Sequence

from fivefold.languages.cql.parse.printing import quoted, relation_text, term_text
from fivefold.languages.cql.relations.parts import elements_of
from fivefold.languages.cql.relations.records import (
    Among,
    Bound,
    Containing,
    Equal,
    Part,
    Range,
    Restriction,
    TokenEqual,
    TokenRange,
    TokenRestriction,
    Tuple,
    Values,
    all_of,
    key_value,
    present,
    single,
)
from fivefold.languages.cql.relations.tokens import token_value
from fivefold.languages.cql.results import ColumnSpec
from fivefold.languages.cql.run import Run
from fivefold.languages.cql.tables import Column, ColumnFamily
from fivefold.languages.cql.terms import Scope, Value, compile_value
from fivefold.languages.cql.tree import (
    ColumnName,
    Relation,
    Term,
    TupleLiteral,
)
from fivefold.values.cql.faults import invalid
from fivefold.values.cql.names import type_text
from fivefold.values.cql.types import UNSET, CqlType, list_of, tuple_of

SLICES = frozenset({"<", "<=", ">", ">="})


class Reading:
    """The relations of one statement of a column family."""

    def __init__(self, family: ColumnFamily, scope: Scope) -> None:
        self.family = family
        self.scope = scope

    def column(self, name: ColumnName) -> Column:
        """Return a column. Raises Cassandra's error if there is none of that name."""
        return column_named(self.family, name.name)

    def relation(self, relation: Relation) -> Restriction | TokenRestriction:
        """Return what a relation, not IS NOT NULL, restricts."""
        if relation.token:
            return self._token(relation)
        if relation.operator == "!=":
            raise invalid(f'Unsupported "!=" relation: {relation_text(relation)}')
        if relation.several:
            return self._several(relation)
        return self._single(relation)

    def _value(self, term: Term | None, name: str, type_: CqlType) -> Value:
        assert term is not None
        family = self.family
        return compile_value(
            term, ColumnSpec(family.keyspace, family.name, name, type_), self.scope
        )

    # One column

    def _single(self, relation: Relation) -> Restriction:
        column = self.column(relation.left[0])
        operator = relation.operator
        _check_single(column, relation)
        if operator == "LIKE":
            raise invalid(
                "LIKE restriction is only supported on properly indexed columns."
                f" {relation_text(relation)} is not valid."
            )
        if operator in {"CONTAINS", "CONTAINS KEY"}:
            return self._containing(column, relation)
        type_ = column.codec.type
        if relation.key is not None:
            key_type, value_type = type_.parameters
            key = self._value(relation.key, f"key({column.name})", key_type)
            value = self._value(relation.right, f"value({column.name})", value_type)
            return Containing((column,), (Part(key, value),))
        if operator == "IN":
            return self._among(column, relation.right)
        value = self._value(relation.right, column.name, type_)
        if operator == "=":
            return Equal((column,), single(column, value), value)
        if operator not in SLICES:
            raise invalid(f'Unsupported "{operator}" relation: {relation_text(relation)}')
        _check_no_duration(type_)
        bound = Bound((column,), _bound(column, value), operator.endswith("="))
        low = operator.startswith(">")
        return Range((column,), bound if low else None, None if low else bound)

    def _containing(self, column: Column, relation: Relation) -> Containing:
        parameters = column.codec.type.parameters
        if relation.operator == "CONTAINS KEY":
            key = self._value(relation.right, f"key({column.name})", parameters[0])
            return Containing((column,), (Part(key, None),))
        value = self._value(relation.right, f"value({column.name})", parameters[-1])
        return Containing((column,), (Part(None, value),))

    def _among(self, column: Column, right: Term | None) -> Equal | Among:
        type_ = column.codec.type
        if isinstance(right, TupleLiteral):
            values = [self._value(each, column.name, type_) for each in right.items]
            if len(values) == 1:
                return Equal((column,), single(column, values[0]), values[0])

            def read(run: Run, *, filtered: bool) -> list[Values]:
                return _listed(column, [value.evaluate(run) for value in values], filtered)

            return Among((column,), read)
        whole = self._value(right, f"in({column.name})", list_of(type_))
        apart = elements_of(list_of(type_))

        def read_list(run: Run, *, filtered: bool) -> list[Values]:
            found = whole.evaluate(run)
            if found is None or found is UNSET:
                word = "null" if found is None else "unset"
                raise invalid(f"Invalid {word} value for column {column.name}")
            return _listed(column, apart(found), filtered)  # type: ignore[arg-type]

        return Among((column,), read_list)

    # Several columns

    def _several(self, relation: Relation) -> Restriction:
        columns = self._columns(relation)
        operator = relation.operator
        if operator == "IN":
            return self._several_among(columns, relation.right)
        if operator != "=" and operator not in SLICES:
            raise invalid(f"Unsupported operator in a multi-column relation: {operator}")
        read = self._tuple(columns, relation.right, bound=operator != "=")
        if operator == "=":
            return Equal(columns, read)
        for column in columns:
            _check_no_duration(column.codec.type)
        bound = Bound(columns, read, operator.endswith("="))
        low = operator.startswith(">")
        return Range(columns, bound if low else None, None if low else bound, several=True)

    def _columns(self, relation: Relation) -> tuple[Column, ...]:
        columns: list[Column] = []
        for name in relation.left:
            column = self.column(name)
            if column.kind != "clustering":
                raise invalid(
                    "Multi-column relations can only be applied to clustering columns but was"
                    f" applied to: {quoted(column.name)}"
                )
            if column.name in [each.name for each in columns]:
                raise invalid(
                    f'Column "{column.name}" appeared twice in a relation: '
                    + relation_text(relation)
                )
            if columns and column.position != columns[-1].position + 1:
                raise invalid(
                    "Clustering columns must appear in the PRIMARY KEY order in multi-column"
                    f" relations: {relation_text(relation)}"
                )
            columns.append(column)
        return tuple(columns)

    def _several_among(self, columns: tuple[Column, ...], right: Term | None) -> Equal | Among:
        name, type_ = _tuple_receiver(columns)
        if isinstance(right, TupleLiteral):
            reads = [self._tuple(columns, each, bound=False) for each in right.items]
            if len(reads) == 1:
                return Equal(columns, reads[0])

            def read(run: Run, *, filtered: bool) -> list[Values]:
                return [each(run, filtered=filtered) for each in reads]

            return Among(columns, read)
        whole = self._value(right, f"in{name}", list_of(type_))
        rows, row = elements_of(list_of(type_)), elements_of(type_)

        def read_list(run: Run, *, filtered: bool) -> list[Values]:
            found = whole.evaluate(run)
            if found is UNSET:
                raise invalid(f"Invalid unset value for in{name}")
            if found is None:
                raise invalid("Invalid null value for IN restriction")
            return [present(columns, row(each), "") for each in rows(found)]  # type: ignore[arg-type]

        return Among(columns, read_list)

    def _tuple(self, columns: tuple[Column, ...], term: Term | None, *, bound: bool) -> Tuple:
        """Return what reads ``(x, y)``, or a marker for it."""
        if isinstance(term, TupleLiteral):
            if len(term.items) != len(columns):
                raise invalid(
                    f"Expected {len(columns)} elements in value tuple,"
                    f" but got {len(term.items)}: {term_text(term)}"
                )
            values = tuple(
                self._value(each, column.name, column.codec.type)
                for column, each in zip(columns, term.items, strict=True)
            )
            return all_of(columns, values, bound=bound)
        name, type_ = _tuple_receiver(columns)
        whole = self._value(term, name, type_)
        apart = elements_of(type_)
        told = " in condition" if bound else ""

        def read(run: Run, *, filtered: bool) -> Values:
            found = whole.evaluate(run)
            if found is None or found is UNSET:
                word = "null" if found is None else "unset"
                raise invalid(f"Invalid {word} value for tuple {name}")
            return present(columns, apart(found), told)  # type: ignore[arg-type]

        return read

    # Tokens

    def _token(self, relation: Relation) -> TokenRestriction:
        columns = tuple(self.column(name) for name in relation.left)
        _check_token(columns, self.family.partition)
        operator = relation.operator
        if operator != "=" and operator not in SLICES:
            raise invalid(f'Unsupported "{operator}" relation: {relation_text(relation)}')
        assert relation.right is not None
        value = token_value(relation.right, self.family, self.scope)
        if operator == "=":
            return TokenEqual(columns, value)
        bound = (value, operator.endswith("="))
        low = operator.startswith(">")
        return TokenRange(columns, bound if low else None, None if low else bound)


def column_named(family: ColumnFamily, name: str) -> Column:
    """Return a column of a family. Raises Cassandra's error if there is none of that name."""
    found = family.by_name.get(name)
    if found is None:
        raise invalid(
            f"Undefined column name {quoted(name)} in table"
            f" {quoted(family.keyspace)}.{quoted(family.name)}",
            "undefined_column",
        )
    return found


def _listed(column: Column, found: Sequence[object], filtered: bool) -> list[Values]:
    """Return the values of IN. As filters nulls are kept, and match nothing; unset is left out."""
    if filtered:
        return [(each,) for each in found if each is not UNSET]  # type: ignore[misc]
    return [(key_value(column, each, filtered=False),) for each in found]  # type: ignore[arg-type]


def _bound(column: Column, value: Value) -> Tuple:
    """Return what reads a bound, in a key possibly null, which is before all values."""
    evaluate = value.evaluate

    def read(run: Run, *, filtered: bool) -> Values:
        found = evaluate(run)
        if found is None and not filtered:
            return (None,)
        return (key_value(column, found, filtered=filtered),)

    return read


def _tuple_receiver(columns: tuple[Column, ...]) -> tuple[str, CqlType]:
    """Return the name and type of a marker that stands for the values of columns."""
    name = f"({','.join([column.name for column in columns])})"
    return name, tuple_of(*[column.codec.type for column in columns])


def _check_single(column: Column, relation: Relation) -> None:
    type_ = column.codec.type
    name, operator = column.name, relation.operator
    # Cassandra does not look into what lies in descending order.
    if operator == "CONTAINS KEY" and (type_.name != "map" or column.descending):
        raise invalid(f"Cannot use CONTAINS KEY on non-map column {name}")
    if operator == "CONTAINS" and (not type_.is_collection or column.descending):
        raise invalid(f"Cannot use CONTAINS on non-collection column {name}")
    if relation.key is not None:
        if type_.name == "list":
            raise invalid(
                f"Indexes on list entries ({name}[index] = value) are not currently supported."
            )
        if type_.name != "map":
            raise invalid(f"Column {name} cannot be used as a map")
        if not type_.is_multicell:
            raise invalid(
                f"Map-entry equality predicates on frozen map column {name} are not supported"
            )
        if operator != "=":
            raise invalid("Only EQ relations are supported on map entries")
    elif type_.is_multicell and type_.name == "udt":
        raise invalid(
            f"Non-frozen UDT column '{name}' ({type_text(type_)}) cannot be restricted by any"
            " relation"
        )
    elif type_.is_multicell and not operator.startswith("CONTAINS"):
        raise invalid(
            f"Collection column '{name}' ({type_text(type_)}) cannot be restricted by a"
            f" '{operator}' relation"
        )


def _check_no_duration(type_: CqlType) -> None:
    if type_.name == "duration":
        raise invalid("Slice restrictions are not supported on duration columns")
    if _has_duration(type_):
        kind = {"tuple": "tuples", "udt": "UDTs"}.get(type_.name, "collections")
        raise invalid(f"Slice restrictions are not supported on {kind} containing durations")


def _has_duration(type_: CqlType) -> bool:
    inner = (*type_.parameters, *(field for _, field in type_.fields))
    return type_.name == "duration" or any(_has_duration(each) for each in inner)


def _check_token(columns: tuple[Column, ...], partition: tuple[Column, ...]) -> None:
    names = [column.name for column in columns]
    key = [column.name for column in partition]
    if names == key:
        return
    if not {*key} <= {*names}:
        raise invalid(
            "The token() function must be applied to all partition key components or none of them"
        )
    if len({*names}) < len(names):
        raise invalid("The token() function contains duplicate partition key components")
    if {*names} - {*key}:
        raise invalid("The token() function must contains only partition key components")
    raise invalid(
        "The token function arguments must be in the partition key order: " + ", ".join(key)
    )
