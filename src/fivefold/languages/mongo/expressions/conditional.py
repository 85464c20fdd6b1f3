"""$cond, $ifNull, $switch. Source: manual, "Conditional Expression Operators".

Only the branch that is taken is evaluated.
"""

from __future__ import annotations

from typing import Any

from fivefold.languages.mongo.expressions.booleans import truth
from fivefold.languages.mongo.expressions.forms import (
    Compile,
    Operator,
    Special,
    arguments_of,
    check_count,
)
from fivefold.languages.mongo.expressions.terms import (
    Evaluate,
    Scope,
    Term,
    Variables,
    constant,
    name_of,
    nullish,
    reads_of,
)
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import MISSING, Document

_COND = ("if", "then", "else")


def _cond(name: str, value: Any, scope: Scope, compile: Compile) -> Term:
    if isinstance(value, dict):
        for each in value:
            if each not in _COND:
                raise fault(17083, f"Unrecognized parameter to $cond: {each}")
        for number, each in zip((17080, 17081, 17082), _COND, strict=True):
            if each not in value:
                raise fault(number, f"Missing '{each}' parameter to $cond")
        given = [value[each] for each in _COND]
    else:
        given = arguments_of(value)
        check_count(name, len(given), 3, 3)
    condition, then, otherwise = (compile(each, scope) for each in given)
    if condition.fixed:
        return then if truth(condition.constant) else otherwise
    return Term(
        _choose(condition.run, then.run, otherwise.run), reads_of([condition, then, otherwise])
    )


def _choose(condition: Evaluate, then: Evaluate, otherwise: Evaluate) -> Evaluate:
    def run(document: Document, variables: Variables) -> Any:
        value = condition(document, variables)
        if value is True or (value is not False and truth(value)):
            return then(document, variables)
        return otherwise(document, variables)

    return run


def _if_null(name: str, value: Any, scope: Scope, compile: Compile) -> Term:
    given = arguments_of(value)
    if len(given) < 2:
        raise fault(1257300, f"$ifNull needs at least two arguments, had: {len(given)}")
    terms = [compile(each, scope) for each in given]
    if len(terms) == 2:
        return _first_of_two(*terms)
    last = terms[-1].run
    runs = [term.run for term in terms[:-1]]

    def run(document: Document, variables: Variables) -> Any:
        for each in runs:
            found = each(document, variables)
            if found is not None and found is not MISSING:
                return found
        return last(document, variables)

    if all(term.fixed for term in terms):
        return constant(run({}, {}))
    return Term(run, reads_of(terms))


def _first_of_two(first: Term, other: Term) -> Term:
    if first.fixed:
        return other if nullish(first.constant) else first
    one, two, name = first.run, other.run, first.name

    def run(document: Document, variables: Variables) -> Any:
        found = one(document, variables)
        return two(document, variables) if found is None or found is MISSING else found

    def run_name(document: Document, variables: Variables) -> Any:
        found = document.get(name)  # type: ignore[arg-type]
        return two(document, variables) if found is None else found

    return Term(run if name is None else run_name, reads_of([first, other]))


def _switch(name: str, value: Any, scope: Scope, compile: Compile) -> Term:
    if not isinstance(value, dict):
        raise fault(
            40060,
            "$switch requires an object as an argument, found: " + name_of(value),
        )
    for each in value:
        if each not in ("branches", "default"):
            raise fault(40067, f"$switch found an unknown argument: {each}")
    branches = value.get("branches", [])
    if not isinstance(branches, list):
        raise fault(40061, f"$switch expected an array for 'branches', found: {name_of(branches)}")
    if not branches:
        raise fault(40068, "$switch requires at least one branch.")
    pairs = [_branch(each, scope, compile) for each in branches]
    default = compile(value["default"], scope) if "default" in value else None
    otherwise = _no_branch if default is None else default.run
    terms = [term for pair in pairs for term in pair] + ([default] if default else [])
    runs = [(case.run, then.run) for case, then in pairs]

    def run(document: Document, variables: Variables) -> Any:
        for case, then in runs:
            if truth(case(document, variables)):
                return then(document, variables)
        return otherwise(document, variables)

    for case, then in pairs:
        if not case.fixed:
            return Term(run, reads_of(terms))
        if truth(case.constant):
            return then
    return Term(otherwise) if default is None else default


def _branch(value: Any, scope: Scope, compile: Compile) -> tuple[Term, Term]:
    if not isinstance(value, dict):
        raise fault(40062, f"$switch expected each branch to be an object, found: {name_of(value)}")
    for each in value:
        if each not in ("case", "then"):
            raise fault(40063, f"$switch found an unknown argument to a branch: {each}")
    if "case" not in value:
        raise fault(40064, "$switch requires each branch have a 'case' expression")
    if "then" not in value:
        raise fault(40065, "$switch requires each branch have a 'then' expression.")
    return compile(value["case"], scope), compile(value["then"], scope)


def _no_branch(document: Document, variables: Variables) -> Any:
    raise fault(
        40066,
        "$switch could not find a matching branch for an input, and no default was specified.",
    )


OPERATORS: dict[str, Operator] = {
    "$cond": Special(_cond),
    "$ifNull": Special(_if_null),
    "$switch": Special(_switch),
}
