"""What is evaluated for every element of an array: $map, $filter, $reduce; and $sortArray.

Source: manual, each operator's page. The variables of an element live in a copy of those around it,
made once for an array.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fivefold.languages.mongo.expressions.booleans import truth
from fivefold.languages.mongo.expressions.forms import Compile, Named, Operator, Special, applied
from fivefold.languages.mongo.expressions.names import check_variable
from fivefold.languages.mongo.expressions.numbers import int32
from fivefold.languages.mongo.expressions.terms import (
    Scope,
    Term,
    Variables,
    constant,
    name_of,
    nullish,
    reads_of,
    shown_value,
)
from fivefold.languages.mongo.sorting import ascending, descending, parse_sort
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import MISSING, Document


def _checked(
    value: Any,
    operator: str,
    names: dict[str, int],
    optional: tuple[str, ...],
    numbers: tuple[int, int],
) -> None:
    """Raise what is wrong with the names of $map's or $filter's arguments."""
    not_object, unknown = numbers
    if not isinstance(value, dict):
        raise fault(not_object, f"{operator} only supports an object as its argument")
    for each in value:
        if each not in names and each not in optional:
            raise fault(unknown, f"Unrecognized parameter to {operator}: {each}")
    for each, number in names.items():
        if each not in value:
            raise fault(number, f"Missing '{each}' parameter to {operator}")


def _element_name(value: Document) -> str:
    name = value.get("as", "this")
    if not isinstance(name, str):
        raise fault(16866, "empty variable names are not allowed")
    if "as" in value:
        check_variable(name, user=True)
    return name


def _map(operator: str, value: Any, scope: Scope, compile: Compile) -> Term:
    _checked(value, operator, {"input": 16880, "in": 16882}, ("as",), (16878, 16879))
    name = _element_name(value)
    source = compile(value["input"], scope)
    body = compile(value["in"], scope.having(name))
    array, each = source.run, body.run

    def run(document: Document, variables: Variables) -> Any:
        items = array(document, variables)
        if not isinstance(items, list):
            if nullish(items):
                return None
            raise fault(16883, f"input to $map must be an array not {name_of(items)}")
        inner = {**variables}
        mapped = []
        for item in items:
            inner[name] = item
            result = each(document, inner)
            mapped.append(None if result is MISSING else result)
        return mapped

    return Term(run, reads_of([source, body]))


def _filter(operator: str, value: Any, scope: Scope, compile: Compile) -> Term:
    _checked(value, operator, {"input": 28648, "cond": 28650}, ("as", "limit"), (28646, 28647))
    name = _element_name(value)
    source = compile(value["input"], scope)
    condition = compile(value["cond"], scope.having(name))
    limit = compile(value["limit"], scope) if "limit" in value else constant(None)
    array, keeps, count = source.run, condition.run, limit.run

    def run(document: Document, variables: Variables) -> Any:
        items = array(document, variables)
        if not isinstance(items, list):
            if nullish(items):
                return None
            raise fault(28651, f"input to $filter must be an array not {name_of(items)}")
        most = _limit(count(document, variables))
        inner = {**variables}
        kept: list[Any] = []
        for item in items:
            inner[name] = item
            if truth(keeps(document, inner)):
                kept.append(item)
                if len(kept) == most:
                    break
        return kept

    return Term(run, reads_of([source, condition, limit]))


def _limit(value: Any) -> int | None:
    if nullish(value):
        return None
    whole = int32(value)
    if whole is None:
        raise fault(
            327391,
            f"$filter: limit must be represented as a 32-bit integral value: {shown_value(value)}",
        )
    if whole <= 0:
        raise fault(327392, f"$filter: limit must be greater than 0: {whole}")
    return whole


def _reduce(operator: str, value: Any, scope: Scope, compile: Compile) -> Term:
    if not isinstance(value, dict):
        raise fault(40075, f"$reduce requires an object as an argument, found: {name_of(value)}")
    for each in value:
        if each not in ("input", "initialValue", "in"):
            raise fault(40076, f"$reduce found an unknown argument: {each}")
    for number, each in ((40077, "input"), (40078, "initialValue"), (40079, "in")):
        if each not in value:
            raise fault(number, f"$reduce requires '{each}' to be specified")
    source = compile(value["input"], scope)
    start = compile(value["initialValue"], scope)
    body = compile(value["in"], scope.having("this", "value"))
    array, first, step = source.run, start.run, body.run

    def run(document: Document, variables: Variables) -> Any:
        items = array(document, variables)
        if not isinstance(items, list):
            if nullish(items):
                return None
            raise fault(
                40080, f"$reduce requires that 'input' be an array, found: {shown_value(items)}"
            )
        inner = {**variables}
        result = first(document, variables)
        for item in items:
            inner["this"], inner["value"] = item, result
            result = step(document, inner)
        return result

    return Term(run, reads_of([source, start, body]))


_SORT = Named(
    lambda array, by: None,
    ("input", "sortBy"),
    not_object=(2942500, "{operator} requires an object as an argument"),
    unknown=(2942501, "{operator} found an unknown argument: {name}"),
    lacking=(2942502, "{operator} requires '{name}' to be specified"),
    numbers={"sortBy": 2942503},
)


def _sort_array(operator: str, value: Any, scope: Scope, compile: Compile) -> Term:
    given = _SORT.checked(operator, value)
    key = _sort_key(given["sortBy"])

    def run(array: Any) -> Any:
        if nullish(array):
            return None
        if not isinstance(array, list):
            raise fault(
                2942504,
                "The input argument to $sortArray must be an array, but was of type: "
                f"{name_of(array)}",
            )
        return sorted(array, key=key)

    return applied(run, [compile(given["input"], scope)])


def _sort_key(by: Any) -> Callable[[Any], Any]:
    """Return what gives the keys of elements: of their fields, or of themselves for 1 or -1."""
    if isinstance(by, dict):
        key = parse_sort(by).key
        return lambda item: key(item if isinstance(item, dict) else {})
    direction = int32(by)
    if direction not in (1, -1):
        raise fault(
            2942507, "$sortArray's 'sortBy' must be 1 (ascending), -1 (descending) or an object"
        )
    return ascending if direction == 1 else descending


OPERATORS: dict[str, Operator] = {
    "$filter": Special(_filter),
    "$map": Special(_map),
    "$reduce": Special(_reduce),
    "$sortArray": Special(_sort_array),
}
