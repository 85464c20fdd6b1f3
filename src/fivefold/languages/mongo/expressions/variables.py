"""$let and $literal. Source: manual, "$let (aggregation)", "$literal (aggregation)"."""

from __future__ import annotations

from typing import Any

from fivefold.languages.mongo.expressions.forms import Compile, Operator, Special
from fivefold.languages.mongo.expressions.names import check_variable
from fivefold.languages.mongo.expressions.terms import (
    Scope,
    Term,
    Variables,
    constant,
    reads_of,
)
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document


def _literal(name: str, value: Any, scope: Scope, compile: Compile) -> Term:
    return constant(value)


def _let(name: str, value: Any, scope: Scope, compile: Compile) -> Term:
    if not isinstance(value, dict):
        raise fault(16874, "$let only supports an object as its argument")
    for each in value:
        if each not in ("vars", "in"):
            raise fault(16875, f"Unrecognized parameter to $let: {each}")
    if "vars" not in value:
        raise fault(16876, "Missing 'vars' parameter to $let")
    if "in" not in value:
        raise fault(16877, "Missing 'in' parameter to $let")
    bound = value["vars"]
    if not isinstance(bound, dict):
        raise fault(10065, "invalid parameter: expected an object (vars)")
    for each in bound:
        check_variable(each, user=True)
    terms = [compile(each, scope) for each in bound.values()]
    body = compile(value["in"], scope.having(*bound))
    if body.fixed:
        return body
    inner = body.run
    pairs = [(each, term.run) for each, term in zip(bound, terms, strict=True)]

    def run(document: Document, variables: Variables) -> Any:
        return inner(
            document,
            {**variables, **{each: found(document, variables) for each, found in pairs}},
        )

    return Term(run, reads_of([*terms, body]))


OPERATORS: dict[str, Operator] = {
    "$const": Special(_literal),  # what servers write $literal as
    "$let": Special(_let),
    "$literal": Special(_literal),
}
