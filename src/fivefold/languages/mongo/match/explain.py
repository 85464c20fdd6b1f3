"""Why a document does not match a filter: ``errInfo`` of error 121, as MongoDB 5 and later give it
(manual, "Specify Validation With Query Operators", "Specify JSON Schema Validation").

A clause is one operator of the filter. It says why it is not so or, inside ``$nor``, ``$not``,
``$ne`` and the like, why it is: the reasons come in pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bson.int64 import Int64

from fivefold.errors import FivefoldError
from fivefold.languages.mongo.match.evaluate import Match, matcher
from fivefold.languages.mongo.match.parse import is_operators, is_true, parse_filter
from fivefold.languages.mongo.match.schema import explain_schema
from fivefold.values.documents.faults import name_of
from fivefold.values.documents.kinds import MISSING, NAMES, NUMBERS, Document, Kind, kind_of
from fivefold.values.documents.paths import ends_at, parse_path

CONSIDERED_MAX = 10
"""How many values of an array are shown (MongoDB's default for it)."""


@dataclass(frozen=True, slots=True)
class Clause:
    """An operator: whether it holds, and why not (or, asked the other way round, why it does)."""

    match: Match
    why: Callable[[Document, bool], Document]


@dataclass(frozen=True, slots=True)
class Reasons:
    """What an operator has to say; ``expected`` are the types that it is about, None for all."""

    normal: str
    inverted: str
    expected: frozenset[Kind] | None = None
    expand: bool = True
    """Whether the elements of an array are shown rather than the array."""


_COMPARED = Reasons("comparison failed", "comparison succeeded")
_FOUND = Reasons("no matching value found in array", "matching value found in array")
_BITS = Reasons(
    "bitwise operator failed to match",
    "bitwise operator matched successfully",
    NUMBERS | {Kind.BINARY},
)
_REASONS: dict[str, Reasons] = {
    **dict.fromkeys(["$eq", "$ne", "$gt", "$gte", "$lt", "$lte"], _COMPARED),
    **dict.fromkeys(["$in", "$nin"], _FOUND),
    **dict.fromkeys(["$bitsAllSet", "$bitsAnySet", "$bitsAllClear", "$bitsAnyClear"], _BITS),
    "$exists": Reasons("path does not exist", "path does exist"),
    "$type": Reasons("type did not match", "type did match"),
    "$mod": Reasons(
        "$mod did not evaluate to expected remainder",
        "$mod did evaluate to expected remainder",
        NUMBERS,
    ),
    "$regex": Reasons(
        "regular expression did not match",
        "regular expression did match",
        frozenset({Kind.STRING, Kind.SYMBOL, Kind.REGEX}),
    ),
    "$size": Reasons(
        "array length was not equal to given size",
        "array length was equal to given size",
        frozenset({Kind.ARRAY}),
        False,
    ),
    "$elemMatch": Reasons(
        "array did not satisfy the child predicate",
        "array did satisfy the child predicate",
        frozenset({Kind.ARRAY}),
        False,
    ),
    "$all": Reasons(
        "array did not contain all specified values",
        "array did contain all specified values",
        None,
        False,
    ),
}
_NEGATIONS = frozenset({"$ne", "$nin"})


def explain_failure(
    filter: Document, document: Document, variables: Mapping[str, Any] | None = None
) -> Document:
    """Return ``errInfo`` for a document that a validator, which is a filter, does not match."""
    clauses = _clauses(filter, variables or {})
    details = clauses[0] if len(clauses) == 1 else _all_of(clauses)
    return {
        "failingDocumentId": document.get("_id"),
        "details": details.why(document, False),
    }


def _clauses(filter: Document, variables: Mapping[str, Any]) -> list[Clause]:
    """Return the clauses of a filter, one for each operator."""
    clauses = []
    for name, value in filter.items():
        if name == "$comment":
            continue
        make = _PATHLESS.get(name)
        if make is not None:
            clauses.append(make(name, value, variables))
        elif name.startswith("$"):
            clauses.append(_constant(name, value, variables))
        elif is_operators(value):
            clauses += _field_clauses(name, value, variables)
        else:
            clauses.append(_implicit(name, value))
    return clauses


def _field_clauses(name: str, operators: Document, variables: Mapping[str, Any]) -> list[Clause]:
    clauses = []
    for operator, value in operators.items():
        if operator == "$options":
            continue
        if operator == "$not":
            clauses.append(_negation(name, value, variables))
            continue
        said = {operator: value}
        if operator == "$regex":
            said = {each: operators[each] for each in operators if each in ("$regex", "$options")}
        inverted = operator in _NEGATIONS or (operator == "$exists" and not is_true(value))
        clauses.append(_leaf(name, operator, {name: said}, inverted))
    return clauses


def _implicit(name: str, value: Any) -> Clause:
    operator = "$regex" if kind_of(value) is Kind.REGEX else "$eq"
    return _leaf(name, operator, {name: value}, False)


def _leaf(name: str, operator: str, said: Document, negated: bool) -> Clause:
    """Return the clause of an operator on a field."""
    reasons = _REASONS[operator]
    path = parse_path(name)

    def why(document: Document, inverted: bool) -> Document:
        details: Document = {"operatorName": operator, "specifiedAs": said}
        reason = reasons.inverted if inverted is not negated else reasons.normal
        if operator == "$exists":
            return {**details, "reason": reason}
        values = _considered(ends_at(document, path), reasons.expand)
        if values is None:
            return {**details, "reason": "field was missing"}
        kinds = [kind_of(each) for each in values]
        if reasons.expected is not None and not reasons.expected.intersection(kinds):
            details["reason"] = "type did not match"
            details |= _named("consideredType", kinds) if kinds else {}
            details |= _named("expectedType", reasons.expected)
        else:
            details["reason"] = reason
        details |= _shown(values)
        if operator == "$type" and kinds:
            details |= _named("consideredType", kinds)
        return details

    return Clause(matcher(parse_filter(said)), why)


def _considered(ends: list[Any], expand: bool) -> list[Any] | None:
    """Return the values that an operator looked at; None if the field is missing."""
    values: list[Any] = []
    for end in ends:
        if end is MISSING:
            break
        if expand and isinstance(end, list):
            values += end
        else:
            values.append(end)
    return values if values or (ends and ends[0] is not MISSING) else None


def _shown(values: list[Any]) -> Document:
    if len(values) == 1:
        return {"consideredValue": values[0]}
    shown: Document = {"consideredValues": values[:CONSIDERED_MAX]}
    return {**shown, "consideredValuesTruncated": True} if len(values) > CONSIDERED_MAX else shown


def _named(name: str, kinds: Any) -> Document:
    names = sorted({NAMES[kind] for kind in kinds})
    return {name: names[0]} if len(names) == 1 else {f"{name}s": names}


# Clauses of clauses -------------------------------------------------------------------------------


def _all_of(clauses: list[Clause]) -> Clause:
    def why(document: Document, inverted: bool) -> Document:
        found = [
            (at, each) for at, each in enumerate(clauses) if inverted or not each.match(document)
        ]
        return _listed("$and", found, document, inverted)

    return Clause(lambda document: all(each.match(document) for each in clauses), why)


def _any_of(clauses: list[Clause]) -> Clause:
    def why(document: Document, inverted: bool) -> Document:
        found = [
            (at, each) for at, each in enumerate(clauses) if not inverted or each.match(document)
        ]
        return _listed("$or", found, document, inverted)

    return Clause(lambda document: any(each.match(document) for each in clauses), why)


def _none_of(clauses: list[Clause]) -> Clause:
    def why(document: Document, inverted: bool) -> Document:
        found = [(at, each) for at, each in enumerate(clauses) if inverted or each.match(document)]
        return _listed("$nor", found, document, not inverted)

    return Clause(lambda document: not any(each.match(document) for each in clauses), why)


def _listed(
    operator: str, found: list[tuple[int, Clause]], document: Document, inverted: bool
) -> Document:
    return {
        "operatorName": operator,
        "clausesSatisfied" if inverted else "clausesNotSatisfied": [
            {"index": Int64(at), "details": each.why(document, inverted)} for at, each in found
        ],
    }


def _logic(name: str, value: Any, variables: Mapping[str, Any]) -> Clause:
    clauses = []
    for each in value:
        inner = _clauses(each, variables)
        clauses.append(inner[0] if len(inner) == 1 else _all_of(inner))
    return _LOGIC[name](clauses)


_LOGIC = {"$and": _all_of, "$or": _any_of, "$nor": _none_of}


def _negation(name: str, value: Any, variables: Mapping[str, Any]) -> Clause:
    """Return the clause of ``$not``."""
    inner = (
        _field_clauses(name, value, variables)
        if isinstance(value, dict)
        else [_implicit(name, value)]
    )
    what = inner[0] if len(inner) == 1 else _all_of(inner)
    return Clause(
        lambda document: not what.match(document),
        lambda document, inverted: {
            "operatorName": "$not",
            "details": what.why(document, not inverted),
        },
    )


def _schema(name: str, value: Any, variables: Mapping[str, Any]) -> Clause:
    def why(document: Document, inverted: bool) -> Document:
        if inverted:
            return {"operatorName": "$jsonSchema", "reason": "schema matched"}
        return explain_schema(value, document)

    return Clause(matcher(parse_filter({name: value})), why)


def _expression(name: str, value: Any, variables: Mapping[str, Any]) -> Clause:
    from fivefold.languages.mongo.expressions import Scope, compile_expression

    run = compile_expression(value, Scope().having(*variables))
    match = matcher(parse_filter({name: value}, [*variables]), variables)

    def why(document: Document, inverted: bool) -> Document:
        details: Document = {"operatorName": name, "specifiedAs": {name: value}}
        try:
            result = run(document, dict(variables))
        except FivefoldError as error:
            details["reason"] = "failed to evaluate aggregation expression"
            number = error.number or 8
            about = {"code": number, "codeName": name_of(number), "errmsg": error.message}
            return {**details, "details": about}
        details["reason"] = "expression did match" if inverted else "expression did not match"
        return details if result is MISSING else {**details, "expressionResult": result}

    return Clause(match, why)


def _constant(name: str, value: Any, variables: Mapping[str, Any]) -> Clause:
    def why(document: Document, inverted: bool) -> Document:
        always = "true" if inverted else "false"
        reason = f"expression always evaluates to {always}"
        return {"operatorName": name, "specifiedAs": {name: value}, "reason": reason}

    return Clause(matcher(parse_filter({name: value})), why)


_PATHLESS: dict[str, Callable[[str, Any, Mapping[str, Any]], Clause]] = {
    **dict.fromkeys(_LOGIC, _logic),
    "$jsonSchema": _schema,
    "$expr": _expression,
}
