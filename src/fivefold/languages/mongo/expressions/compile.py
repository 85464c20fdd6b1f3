"""From an expression to a term: literals, paths, variables, objects, arrays, operators.

Source: MongoDB 7.0 manual, "Aggregation Expressions", "Field Paths" and "Variables in Aggregation
Expressions".
"""

from __future__ import annotations

from typing import Any

from fivefold.languages.mongo.expressions.forms import listed
from fivefold.languages.mongo.expressions.names import check_name, check_variable
from fivefold.languages.mongo.expressions.table import OPERATORS, UNSUPPORTED
from fivefold.languages.mongo.expressions.terms import (
    BUILT_IN,
    Evaluate,
    Scope,
    Term,
    Variables,
    constant,
    reads_of,
    shown_value,
)
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import MISSING, Document
from fivefold.values.documents.paths import Path


def compile_expression(value: Any, scope: Scope | None = None) -> Evaluate:
    """Return the closure that evaluates an expression on (document, variables).

    It returns MISSING for what is not there. Raises MongoDB's errors for what is no expression,
    and those of evaluation for parts that depend on no document.
    """
    return compile_term(value, scope or Scope()).run


def paths_read(value: Any, scope: Scope | None = None) -> set[Path]:
    """Return the paths of the document that an expression may read; ``()`` is all of it."""
    return set(compile_term(value, scope or Scope()).reads)


def constant_of(value: Any, scope: Scope | None = None) -> Any:
    """Return what an expression always is, MISSING included, or VARYING if that depends."""
    return compile_term(value, scope or Scope()).constant


def compile_term(value: Any, scope: Scope) -> Term:
    """Return the term of an expression: what ``compile_expression`` knows of it.

    Raises fault 15 too, for one whose parts lie too deep in each other.
    """
    try:
        return _compiled(value, scope)
    except RecursionError:
        raise fault(15, "the expression is nested too deeply; say it in several stages") from None


def _compiled(value: Any, scope: Scope) -> Term:
    if isinstance(value, str):
        if value[:1] != "$":
            return constant(value)
        return _variable(value[2:], scope) if value[1:2] == "$" else _field(value[1:], scope)
    if isinstance(value, dict):
        return _object(value, scope)
    if isinstance(value, list):
        return listed(_array, [_compiled(each, scope) for each in value])
    return constant(value)


def _array(values: list[Any]) -> list[Any]:
    return [None if value is MISSING else value for value in values]


def _object(value: Document, scope: Scope) -> Term:
    first = next(iter(value), "")
    if first[:1] == "$":
        if len(value) > 1:
            raise fault(
                15983,
                "An object representing an expression must have exactly one field: "
                + shown_value(value),
            )
        return _operator(first, value[first], scope)
    for name in value:
        check_name(name)
    terms = [_compiled(each, scope) for each in value.values()]
    fields = [(name, term.run) for name, term in zip(value, terms, strict=True)]

    def run(document: Document, variables: Variables) -> Document:
        made = {}
        for name, each in fields:
            found = each(document, variables)
            if found is not MISSING:
                made[name] = found
        return made

    if all(term.fixed for term in terms):
        return constant(run({}, {}))
    return Term(run, reads_of(terms))


def _operator(name: str, value: Any, scope: Scope) -> Term:
    operator = OPERATORS.get(name)
    if operator is None:
        if name in UNSUPPORTED:
            raise fault(115, f"{name} is not supported; {UNSUPPORTED[name]}")
        raise fault(168, f"Unrecognized expression '{name}'")
    return operator.build(name, value, scope, _compiled)


def _parts(path: str) -> Path:
    if path[-1:] == ".":
        raise fault(40353, "FieldPath must not end with a '.'.")
    parts = tuple(path.split("."))
    for part in parts:
        check_name(part)
    return parts


def _field(path: str, scope: Scope) -> Term:
    if not path:
        raise fault(16872, "'$' by itself is not a valid FieldPath")
    parts = _parts(path)
    if scope.current:
        return _part_of("CURRENT", parts)
    name = parts[0]
    reads = frozenset({parts})
    if len(parts) == 1:
        return Term(lambda document, variables: document.get(name, MISSING), reads, name=name)
    if len(parts) == 2:
        return Term(_of_two(name, parts[1]), reads)
    return Term(lambda document, variables: walk(document, parts), reads)


def _of_two(name: str, second: str) -> Evaluate:
    rest = (second,)

    def run(document: Document, variables: Any) -> Any:
        value = document.get(name)
        if value.__class__ is dict:
            return value.get(second, MISSING)
        return walk(value, rest)

    return run


def walk(value: Any, path: Path) -> Any:
    """Return what lies at a path inside a value: of an array, what lies there in its documents.

    No part of a path is an index of an array here, and arrays in arrays are not looked into.
    """
    for at, name in enumerate(path):
        if isinstance(value, dict):
            value = value.get(name, MISSING)
        elif isinstance(value, list):
            rest = path[at:]
            found = [walk(item, rest) for item in value if isinstance(item, dict)]
            return [item for item in found if item is not MISSING]
        else:
            return MISSING
    return value


_CONSTANTS = {"REMOVE": MISSING, "DESCEND": "descend", "PRUNE": "prune", "KEEP": "keep"}
"""The variables that are always the same; those of $redact are what its results are told by."""


def _variable(text: str, scope: Scope) -> Term:
    name, dot, rest = text.partition(".")
    check_variable(name)
    if name not in scope.names:
        raise fault(17276, f"Use of undefined variable: {name}")
    parts = _parts(rest) if dot else ()
    if name in _CONSTANTS:
        return constant(MISSING if parts else _CONSTANTS[name])
    if name == "CURRENT" and not scope.current:
        if parts:
            return _field(rest, scope)
        return Term(lambda document, variables: document, frozenset({()}))
    if name == "ROOT":
        reads = frozenset({parts})
        if not parts:
            return Term(lambda document, variables: variables.get("ROOT", document), reads)
        return Term(lambda document, variables: walk(variables.get("ROOT", document), parts), reads)
    return _part_of(name, parts)


def _part_of(name: str, parts: Path) -> Term:
    """Return the term of a variable or of a path in it."""
    if name in BUILT_IN:
        return Term(lambda document, variables: walk(_built_in(variables, name), parts))
    if not parts:
        return Term(lambda document, variables: variables[name])
    if len(parts) > 1:
        return Term(lambda document, variables: walk(variables[name], parts))
    part = parts[0]

    def run(document: Document, variables: Variables) -> Any:
        value = variables[name]
        if value.__class__ is dict:
            return value.get(part, MISSING)
        return walk(value, parts)

    return Term(run)


def _built_in(variables: Variables, name: str) -> Any:
    try:
        return variables[name]
    except KeyError:
        raise fault(51144, f"Builtin variable '$${name}' is not available") from None
