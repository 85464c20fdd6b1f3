"""A table of another model as a collection that is only read: its rows are documents.

A column is a field, null where it is null; ``_id`` is the primary key, a document if it has several
columns. Numbers with decimals are Decimal128, dates and times without zone are UTC's, and a date
that BSON cannot hold is its text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from bson.binary import Binary
from bson.decimal128 import Decimal128, create_decimal128_context
from bson.int64 import Int64

from fivefold.catalog.containers import Table, View
from fivefold.catalog.roles import Privilege
from fivefold.errors import InvalidValue
from fivefold.languages.unit import Unit
from fivefold.plan.statement import Access, Output, Statement, Template
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import INT64_MAX, INT64_MIN, Document
from fivefold.values.python import to_python
from fivefold.values.text import output
from fivefold.values.types import Kind, Type

_DECIMALS = create_decimal128_context()


def rows(unit: Unit, container: Table | View) -> Iterator[Document]:
    """Yield a table's rows as documents. Raises 166 for a view of SQL."""
    if isinstance(container, View):
        raise fault(
            166,
            f"{container.namespace}.{container.name} is a view of SQL, which find and aggregate "
            "cannot read: read its tables, or ask for it in SQL",
        )
    columns = [column for column in container.columns if column.name != "_id"]
    quoted = ", ".join([_quoted(column.name) for column in columns])
    name = (container.namespace, container.name)
    statement = Statement(
        Template(f"SELECT {quoted} FROM {{t}}", {"t": name}),
        outputs=tuple(Output(column.name, column.type) for column in columns),
        accesses=(Access(*name, Privilege.READ),),
    )
    prepared = unit.remember(("table", *name), lambda: unit.prepare(statement))
    loads = [loader(column.type) for column in columns]
    names = [column.name for column in columns]
    key = container.primary_key
    keys = () if key is None else key.columns
    for row in unit.runner.stream(prepared):
        fields = {
            name: None if value is None else load(value)
            for name, load, value in zip(names, loads, row, strict=True)
        }
        if len(keys) == 1:
            yield {"_id": fields.get(keys[0])} | fields
        elif keys:
            yield {"_id": {one: fields.get(one) for one in keys}} | fields
        else:
            yield fields


def _quoted(name: str) -> str:
    """Return a column's name as a template has it."""
    for mark in '"{}':
        name = name.replace(mark, mark * 2)
    return f'"{name}"'


def loader(type_: Type) -> Callable[[Any], Any]:
    """Return what makes a value of BSON of a stored one."""
    if type_.kind is Kind.INT8:
        return Int64
    if type_.kind is Kind.FLOAT8:
        return lambda value: float("nan") if value == "NaN" else value
    load = to_python(type_)
    if load is None:
        return _value
    show = output(type_)

    def loaded(value: Any) -> Any:
        try:
            return _value(load(value))
        except InvalidValue:  # a date that BSON has not, such as infinity
            return show(value)

    return loaded


def _value(value: Any) -> Any:
    """Return a value of Python as BSON has it."""
    match value:
        case int() if not INT64_MIN <= value <= INT64_MAX:
            return Decimal128(_DECIMALS.create_decimal(value))
        case Decimal():
            return Decimal128(_DECIMALS.create_decimal(value))
        case datetime():
            return value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)
        case date():
            return datetime(value.year, value.month, value.day)
        case time() | timedelta():
            return str(value)
        case UUID():
            return Binary.from_uuid(value)
        case list() | tuple():
            return [_value(one) for one in value]
        case dict():
            return {str(name): _value(each) for name, each in value.items()}
    return value
