"""Rows as an Arrow table, made from their stored forms column by column.

Source: Arrow's columnar format, arrow.apache.org/docs/format/Columnar.html. Needs pyarrow
(``pip install fivefold[arrow]``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from fivefold.errors import FivefoldError, InvalidValue, Unsupported
from fivefold.plan.statement import Output
from fivefold.values.python import to_python
from fivefold.values.text import output as text_output
from fivefold.values.types import Kind, Row, Type

if TYPE_CHECKING:
    import pyarrow

Column = Sequence[Any]

DECIMAL128_DIGITS = 38


def table(outputs: Sequence[Output], rows: Sequence[Row]) -> pyarrow.Table:
    """Return a table with a column for each output.

    numeric(p, s) is decimal128 or decimal256, numeric alone as wide as its values; timestamptz is
    microseconds in UTC; interval months, days and nanoseconds; an enum is a dictionary;
    json, jsonb and uuid are strings. Raises InvalidValue for what Arrow cannot hold (infinite
    dates, NaN as a numeric), Unsupported for records, and without pyarrow.
    """
    try:
        import pyarrow
    except ImportError:
        raise Unsupported("to_arrow needs pyarrow", hint="pip install fivefold[arrow]") from None
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(outputs)
    arrays = [_array(output, column) for output, column in zip(outputs, columns, strict=True)]
    return pyarrow.Table.from_arrays(arrays, names=[output.name for output in outputs])


def _array(output: Output, column: Column) -> pyarrow.Array:
    import pyarrow

    try:
        return _typed(output.type, column)
    except (pyarrow.ArrowException, ArithmeticError) as error:
        raise InvalidValue(
            f'column "{output.name}" holds a value that Arrow has no form for: {error}',
            "invalid_parameter_value",
            hint="Cast it in the statement, for example to text.",
        ) from None
    except FivefoldError as error:
        error.detail = error.detail or f'column "{output.name}"'
        raise


def _typed(type_: Type, column: Column) -> pyarrow.Array:
    import pyarrow as pa

    kind = type_.kind
    if kind in _READ_BY_ARROW:
        # Arrow reads texts such as these at C's speed.
        target = _READ_BY_ARROW[kind](pa)
        return pa.array(column, pa.string()).cast(target)
    if kind is Kind.NUMERIC:
        return _decimals(type_, column)
    if kind is Kind.ENUM:
        return pa.array(column, pa.string()).dictionary_encode()
    if kind is Kind.ARRAY or kind in _OBJECTS:
        load = to_python(type_) or (lambda item: item)
        return pa.array(_each(load, column), _type_of_objects(type_))
    if kind is Kind.INTERVAL:
        return pa.array(_each(_interval, column), pa.month_day_nano_interval())
    if kind in _PLAIN:
        return pa.array(column, _PLAIN[kind](pa))
    show = text_output(type_)
    return pa.array(_each(show, column), pa.string())


def _each(convert: Callable[[Any], object], column: Column) -> list[object]:
    return [None if item is None else convert(item) for item in column]


_READ_BY_ARROW: dict[Kind, Callable[[Any], Any]] = {
    Kind.DATE: lambda pa: pa.date32(),
    Kind.TIMESTAMP: lambda pa: pa.timestamp("us"),
    Kind.TIMESTAMPTZ: lambda pa: pa.timestamp("us", "UTC"),
}
_PLAIN: dict[Kind, Callable[[Any], Any]] = {
    Kind.INT2: lambda pa: pa.int16(),
    Kind.INT4: lambda pa: pa.int32(),
    Kind.INT8: lambda pa: pa.int64(),
    Kind.OID: lambda pa: pa.uint32(),
    Kind.TEXT: lambda pa: pa.string(),
    Kind.VARCHAR: lambda pa: pa.string(),
    Kind.NAME: lambda pa: pa.string(),
    Kind.BYTEA: lambda pa: pa.binary(),
}
_OBJECTS: dict[Kind, Callable[[Any], Any]] = {
    Kind.BOOLEAN: lambda pa: pa.bool_(),
    Kind.FLOAT4: lambda pa: pa.float32(),
    Kind.FLOAT8: lambda pa: pa.float64(),
    Kind.TIME: lambda pa: pa.time64("us"),
}


def _type_of_objects(type_: Type) -> Any:
    """Return the type of what ``to_python`` makes; of lists Arrow finds it in the values."""
    import pyarrow as pa

    return None if type_.element is not None else _OBJECTS[type_.kind](pa)


def _decimals(type_: Type, column: Column) -> pyarrow.Array:
    import pyarrow as pa

    values = _each(Decimal, column)
    if type_.precision is not None:
        make = pa.decimal256 if type_.precision > DECIMAL128_DIGITS else pa.decimal128
        return pa.array(values, make(type_.precision, type_.scale or 0))
    if all(value is None for value in values):
        return pa.array(values, pa.decimal128(DECIMAL128_DIGITS, 0))
    return pa.array(values)


def _interval(stored: str) -> tuple[int, int, int]:
    from fivefold.values.intervals import stored_interval

    value = stored_interval(stored)
    return value.months, value.days, value.micros * 1000
