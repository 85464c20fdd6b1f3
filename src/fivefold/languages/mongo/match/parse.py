"""From a filter's document to its tree (manual, "Query and Projection Operators").

Errors have MongoDB's numbers and words. Operators are in two tables: ``PATHLESS`` are those that
stand where a field's name would, ``OPERATORS`` those that are said of a field.

What needs JavaScript, a text or a geospatial index is refused with what to use instead
(``REFUSED``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from bson.decimal128 import Decimal128
from bson.regex import Regex as BsonRegex

from fivefold.errors import FivefoldError
from fivefold.languages.mongo.match.numbers import (
    is_number,
    size_number,
    whole_number,
    whole_part,
)
from fivefold.languages.mongo.match.tree import (
    Always,
    Bits,
    BitTest,
    Compare,
    Comparison,
    ElemMatch,
    ElemMatchValue,
    Exists,
    Expr,
    In,
    JsonSchema,
    Mod,
    Node,
    Nor,
    Not,
    Or,
    Regex,
    Size,
    TypeIs,
    all_of,
)
from fivefold.languages.mongo.patterns import compile_pattern, options_text
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import ALIASES, NUMBERS, Document, Kind
from fivefold.values.documents.order import flags_text
from fivefold.values.documents.paths import Path, parse_path
from fivefold.values.documents.text import shown_field

DEPTH_MAX = 200
"""Names in a path, and filters within filters: as deep as MongoDB stores documents."""

REFUSED: dict[str, str] = {
    "$where": "it needs JavaScript; use $expr",
    "$text": "it needs a text index; use $regex",
    "$near": "it needs a geospatial index; compute the distance in $expr",
    "$nearSphere": "it needs a geospatial index; compute the distance in $expr",
    "$geoNear": "it needs a geospatial index; compute the distance in $expr",
    "$within": "it needs geometry; compare the coordinates",
    "$geoWithin": "it needs geometry; compare the coordinates",
    "$geoIntersects": "it needs geometry; compare the coordinates",
}
"""What is not there, and what to use instead."""


def parse_filter(filter: Document, variables: Sequence[str] = ()) -> Node:
    """Return the tree of a filter; ``variables`` are the names that ``$expr`` may use.

    Raises fault 2 (BadValue), 9 (FailedToParse), 14 (TypeMismatch) and others for a filter that is
    none, 238 for what is not supported.
    """
    return _Parser(tuple(variables)).filter(filter, True, 0)


def is_operators(value: Any, loose_references: bool = False) -> bool:
    """Tell whether a value is a document of operators: its first name begins with a dollar.

    A database reference (``$ref`` and ``$id``; with ``loose_references`` any of ``$ref``, ``$id``,
    ``$db``) is a value.
    """
    if not isinstance(value, dict):
        return False
    first = next(iter(value), "")
    if not first.startswith("$"):
        return False
    if loose_references:
        return not ("$ref" in value or "$id" in value or "$db" in value)
    return not ("$ref" in value and "$id" in value)


_REGEXES = (BsonRegex, re.Pattern)
"""What is read as a regular expression."""


class _Parser:
    """One filter; ``top`` says whether what is read is said of the whole document."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names

    def filter(self, filter: Document, top: bool, depth: int) -> Node:
        """Return a document of conditions as a tree."""
        if depth > DEPTH_MAX:
            raise fault(2, f"filters within filters are too many: at most {DEPTH_MAX}")
        nodes: list[Node] = []
        for name, value in filter.items():
            if name.startswith("$"):
                read = PATHLESS.get(name)
                if read is None:
                    raise _unknown_pathless(name)
                nodes.append(read(self, name, value, top, depth))
                continue
            path = parse_path(name)
            if len(path) > DEPTH_MAX:
                raise fault(5729100, "FieldPath is too long")
            if is_operators(value):
                nodes.append(self.operators(path, value, depth))
            else:
                nodes.append(_equality(path, value))
        return all_of(nodes)

    def operators(self, path: Path, operators: Document, depth: int) -> Node:
        """Return the conditions on one field."""
        nodes: list[Node] = []
        for name, value in operators.items():
            read = OPERATORS.get(name)
            if read is None:
                if name in REFUSED:
                    raise _refused(name)
                raise fault(2, f"unknown operator: {name}")
            nodes.append(read(self, path, name, value, operators, depth))
        return all_of(nodes)


def _equality(path: Path, value: Any) -> Node:
    if isinstance(value, _REGEXES):
        return _regex_value(path, value)
    return Compare(path, "$eq", value)


def _refused(name: str) -> FivefoldError:
    return fault(115, f"{name} is not supported: {REFUSED[name]}")


def _unknown_pathless(name: str) -> FivefoldError:
    if name in REFUSED:
        return _refused(name)
    hint = "If you have a field name that starts with a '$' symbol, consider using $getField or "
    hint += "$setField."
    if name == "$not":
        hint = "If you are trying to negate an entire expression, use $nor."
    return fault(2, f"unknown top level operator: {name}. {hint}")


# Operators without a path -------------------------------------------------------------------------


def _parse_logic(
    make: Callable[[tuple[Node, ...]], Node],
) -> Callable[[_Parser, str, Any, bool, int], Node]:
    def parse(parser: _Parser, name: str, value: Any, top: bool, depth: int) -> Node:
        if not isinstance(value, list):
            raise fault(2, f"{name} must be an array")
        if not value:
            raise fault(2, "$and/$or/$nor must be a nonempty array")
        nodes = []
        for each in value:
            if not isinstance(each, dict):
                raise fault(2, "$or/$and/$nor entries need to be full objects")
            nodes.append(parser.filter(each, top, depth + 1))
        return make(tuple(nodes))

    return parse


def _parse_comment(parser: _Parser, name: str, value: Any, top: bool, depth: int) -> Node:
    return Always(True)


def _parse_always(parser: _Parser, name: str, value: Any, top: bool, depth: int) -> Node:
    if whole_number(name, value) != 1:
        raise fault(9, f"{name} must be an integer value of 1")
    return Always(name == "$alwaysTrue")


def _parse_reference(parser: _Parser, name: str, value: Any, top: bool, depth: int) -> Node:
    return Compare((name,), "$eq", value)


def _parse_expr(parser: _Parser, name: str, value: Any, top: bool, depth: int) -> Node:
    _only_top(name, top)
    from fivefold.languages.mongo.match.expr import check_expression

    check_expression(value, parser.names)
    return Expr(value, parser.names)


def _parse_sample_rate(parser: _Parser, name: str, value: Any, top: bool, depth: int) -> Node:
    _only_top(name, top)
    if not is_number(value):
        raise fault(2, "argument to $sampleRate must be a numeric type")
    rate = float(value.to_decimal() if isinstance(value, Decimal128) else value)
    if not 0.0 <= rate <= 1.0:
        raise fault(2, "numeric argument to $sampleRate must be in [0, 1]")
    if rate in (0.0, 1.0):
        return Always(rate == 1.0)
    return Expr({"$lt": [{"$rand": {}}, rate]})


def _parse_json_schema(parser: _Parser, name: str, value: Any, top: bool, depth: int) -> Node:
    if not isinstance(value, dict):
        raise fault(14, "$jsonSchema must be an object")
    from fivefold.languages.mongo.match.schema import parse_schema

    parse_schema(value)
    return JsonSchema(value)


def _only_top(name: str, top: bool) -> None:
    if not top:
        raise fault(2, f"{name} can only be applied to the top-level document")


def _conjunction(nodes: tuple[Node, ...]) -> Node:
    return all_of([*nodes])


PATHLESS: dict[str, Callable[[_Parser, str, Any, bool, int], Node]] = {
    "$and": _parse_logic(_conjunction),
    "$or": _parse_logic(Or),
    "$nor": _parse_logic(Nor),
    "$comment": _parse_comment,
    "$alwaysTrue": _parse_always,
    "$alwaysFalse": _parse_always,
    "$expr": _parse_expr,
    "$jsonSchema": _parse_json_schema,
    "$sampleRate": _parse_sample_rate,
    "$ref": _parse_reference,
    "$id": _parse_reference,
    "$db": _parse_reference,
}
"""The operators that stand where a field's name would."""


# Operators of a field -----------------------------------------------------------------------------


def _parse_comparison(
    parser: _Parser, path: Path, name: str, value: Any, context: Document, depth: int
) -> Node:
    if isinstance(value, _REGEXES) and name != "$eq":
        if name == "$ne":
            raise fault(2, "Can't have regex as arg to $ne.")
        raise fault(2, f"Can't have RegEx as arg to predicate over field '{'.'.join(path)}'.")
    if isinstance(value, re.Pattern):
        value = BsonRegex.from_native(value)
    if name == "$ne":
        return Not(Compare(path, "$eq", value))
    return Compare(path, _COMPARISONS[name], value)


_COMPARISONS: dict[str, Comparison] = {
    "$eq": "$eq",
    "$gt": "$gt",
    "$gte": "$gte",
    "$lt": "$lt",
    "$lte": "$lte",
}


def _parse_in(
    parser: _Parser, path: Path, name: str, value: Any, context: Document, depth: int
) -> Node:
    if not isinstance(value, list):
        raise fault(2, f"{name} needs an array")
    values: list[Any] = []
    patterns: list[Regex] = []
    for each in value:
        if is_operators(each):
            raise fault(2, "cannot nest $ under $in")
        if isinstance(each, _REGEXES):
            patterns.append(_regex_value(path, each))
        else:
            values.append(each)
    node = In(path, tuple(values), tuple(patterns))
    return Not(node) if name == "$nin" else node


def _parse_exists(
    parser: _Parser, path: Path, name: str, value: Any, context: Document, depth: int
) -> Node:
    return Exists(path) if is_true(value) else Not(Exists(path))


def is_true(value: Any) -> bool:
    """Tell what BSON takes for true: all but false, null and the zeros."""
    if isinstance(value, Decimal128):
        return bool(value.to_decimal() != 0)
    if isinstance(value, bool | int | float) or value is None:
        return bool(value)
    return True


def _parse_type(
    parser: _Parser, path: Path, name: str, value: Any, context: Document, depth: int
) -> Node:
    kinds: set[Kind] = set()
    for each in value if isinstance(value, list) else [value]:
        kinds |= type_kinds(each)
    if not kinds:
        raise fault(9, f"{'.'.join(path)} must match at least one type")
    return TypeIs(path, frozenset(kinds))


def type_kinds(value: Any) -> frozenset[Kind]:
    """Return the types that an alias or a number names. Raises fault 2 or 14."""
    if isinstance(value, str):
        return alias_kinds(value, ALIASES)
    if not is_number(value):
        raise fault(14, "type must be represented as a number or a string")
    shown = shown_field("", value).removeprefix(": ").removesuffix(".0")
    try:
        number = whole_number(name="$type", value=value)
    except FivefoldError:
        number = -2
    if number == 0:
        raise fault(2, f"Invalid numerical type code: {shown}. Instead use {{$exists:false}}.")
    if number not in Kind.__members__.values():
        raise fault(2, f"Invalid numerical type code: {shown}")
    return frozenset({Kind(number)})


def alias_kinds(name: str, aliases: dict[str, Kind]) -> frozenset[Kind]:
    """Return the types that a name stands for among ``aliases``. Raises fault 2."""
    if name == "number":
        return NUMBERS
    if name not in aliases:
        if name == "missing":
            raise fault(
                2,
                "'missing' is not a legal type name. To query for non-existence of a field, use "
                "{$exists:false}.",
            )
        raise fault(2, f"Unknown type name alias: {name}")
    return frozenset({aliases[name]})


def _parse_not(
    parser: _Parser, path: Path, name: str, value: Any, context: Document, depth: int
) -> Node:
    if isinstance(value, _REGEXES):
        return Not(_regex_value(path, value))
    if not isinstance(value, dict):
        raise fault(2, "$not needs a regex or a document")
    if not value:
        raise fault(2, "$not cannot be empty")
    if depth > DEPTH_MAX:
        raise fault(2, f"filters within filters are too many: at most {DEPTH_MAX}")
    return Not(parser.operators(path, value, depth + 1))


def _parse_regex(
    parser: _Parser, path: Path, name: str, value: Any, context: Document, depth: int
) -> Node:
    """Read ``$regex`` with its ``$options``, whichever comes first."""
    if name == "$options":
        if "$regex" not in context:
            raise fault(2, "$options needs a $regex")
        return Always(True)
    pattern = options = ""
    for operator, each in context.items():
        if operator == "$regex":
            if isinstance(each, re.Pattern):
                each = BsonRegex.from_native(each)
            if isinstance(each, BsonRegex):
                pattern = str(each.pattern)
                if own := flags_text(each):
                    if options:
                        raise fault(51074, "options set in both $regex and $options")
                    options = own
            elif isinstance(each, str):
                pattern = each
            else:
                raise fault(2, "$regex has to be a string")
        elif operator == "$options":
            if not isinstance(each, str):
                raise fault(2, "$options has to be a string")
            if options:
                raise fault(51075, "options set in both $regex and $options")
            options = each
    compile_pattern(pattern, options)
    return Regex(path, pattern, options_text(options))


def _regex_value(path: Path, value: Any) -> Regex:
    regex = value if isinstance(value, BsonRegex) else BsonRegex.from_native(value)
    pattern, options = regex.pattern, flags_text(regex)
    if isinstance(pattern, bytes):
        try:
            pattern = pattern.decode()
        except UnicodeDecodeError:
            raise fault(2, "Regular expression is not valid UTF-8") from None
    compile_pattern(pattern, options)
    return Regex(path, pattern, options)


def _parse_mod(
    parser: _Parser, path: Path, name: str, value: Any, context: Document, depth: int
) -> Node:
    if not isinstance(value, list):
        raise fault(2, "malformed mod, needs to be an array")
    if not value:
        raise fault(2, "malformed mod, not enough elements")
    if not is_number(value[0]):
        raise fault(2, "malformed mod, divisor not a number")
    if len(value) < 2:
        raise fault(2, "malformed mod, not enough elements")
    if not is_number(value[1]):
        raise fault(2, "malformed mod, remainder not a number")
    if len(value) > 2:
        raise fault(2, "malformed mod, too many elements")
    divisor, remainder = (
        _coerced(which, each) for which, each in zip(("divisor", "remainder"), value, strict=True)
    )
    if divisor == 0:
        raise fault(2, "divisor cannot be 0")
    return Mod(path, divisor, remainder)


def _coerced(which: str, value: Any) -> int:
    whole = whole_part(value)
    if whole is not None:
        return whole
    exact = value.to_decimal() if isinstance(value, Decimal128) else value
    why = "Out of bounds coercing to integral value"
    if exact != exact or exact in (float("inf"), float("-inf")):
        why = "Unable to coerce NaN/Inf to integral type"
    raise fault(2, f"malformed mod, {which} value is invalid :: caused by :: {why}")


def _parse_size(
    parser: _Parser, path: Path, name: str, value: Any, context: Document, depth: int
) -> Node:
    try:
        return Size(path, size_number(name, value, 32))
    except FivefoldError as error:
        raise fault(2, f"Failed to parse $size. {error.message}") from None


def _parse_elem_match(
    parser: _Parser, path: Path, name: str, value: Any, context: Document, depth: int
) -> Node:
    if not isinstance(value, dict):
        raise fault(2, "$elemMatch needs an Object")
    if depth > DEPTH_MAX:
        raise fault(2, f"filters within filters are too many: at most {DEPTH_MAX}")
    first = next(iter(value), "")
    if is_operators(value, loose_references=True) and first not in PATHLESS:
        return ElemMatchValue(path, parser.operators((), value, depth + 1))
    return ElemMatch(path, parser.filter(value, False, depth + 1))


def _parse_all(
    parser: _Parser, path: Path, name: str, value: Any, context: Document, depth: int
) -> Node:
    if not isinstance(value, list):
        raise fault(2, "$all needs an array")
    if value and isinstance(value[0], dict) and next(iter(value[0]), "") == "$elemMatch":
        nodes = []
        for each in value:
            if not isinstance(each, dict) or next(iter(each), "") != "$elemMatch":
                raise fault(2, "$all/$elemMatch has to be consistent")
            inner = each["$elemMatch"]
            nodes.append(_parse_elem_match(parser, path, "$elemMatch", inner, each, depth))
        return all_of(nodes)
    for each in value:
        first = next(iter(each), "") if isinstance(each, dict) else ""
        if first != "$not" and (first in OPERATORS or first in REFUSED):
            raise fault(2, "no $ expressions in $all")
    return all_of([_equality(path, each) for each in value]) if value else Always(False)


def _parse_bits(
    parser: _Parser, path: Path, name: str, value: Any, context: Document, depth: int
) -> Node:
    """Read bit positions, a number as a mask, or binary: a mask whose lowest bits come first."""
    if isinstance(value, list):
        positions = []
        for place, each in enumerate(value):
            try:
                positions.append(size_number(str(place), each, 32))
            except FivefoldError as error:
                raise fault(2, f"Failed to parse bit position. {error.message}") from None
        return Bits(path, _BIT_TESTS[name], tuple(dict.fromkeys(positions)))
    if is_number(value):
        mask = size_number(name, value)
    elif isinstance(value, bytes):
        mask = int.from_bytes(value, "little")
    else:
        raise fault(
            2,
            f"{'.'.join(path)} takes an Array, a number, or a BinData but received: "
            f"{shown_field(name, value)}",
        )
    return Bits(
        path,
        _BIT_TESTS[name],
        tuple(bit for bit in range(mask.bit_length()) if mask >> bit & 1),
    )


_BIT_TESTS: dict[str, BitTest] = {
    "$bitsAllSet": "$bitsAllSet",
    "$bitsAnySet": "$bitsAnySet",
    "$bitsAllClear": "$bitsAllClear",
    "$bitsAnyClear": "$bitsAnyClear",
}

OPERATORS: dict[str, Callable[[_Parser, Path, str, Any, Document, int], Node]] = {
    **dict.fromkeys(["$eq", "$ne", "$gt", "$gte", "$lt", "$lte"], _parse_comparison),
    **dict.fromkeys(["$in", "$nin"], _parse_in),
    "$exists": _parse_exists,
    "$type": _parse_type,
    "$not": _parse_not,
    **dict.fromkeys(["$regex", "$options"], _parse_regex),
    "$mod": _parse_mod,
    "$size": _parse_size,
    "$all": _parse_all,
    "$elemMatch": _parse_elem_match,
    **dict.fromkeys(_BIT_TESTS, _parse_bits),
}
"""The operators that are said of a field."""
