"""Chooses the operator or function that a call means.

Source: the PostgreSQL manual, 10.2 "Operators" and 10.3 "Functions"; polymorphic types, 38.2.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from fivefold.errors import InvalidStatement
from fivefold.languages.sql import functions, operators
from fivefold.languages.sql.bind.casts import PREFERRED, Ease, bare, castable, category
from fivefold.languages.sql.signatures import Argument, Function, Operator, Pseudo
from fivefold.values.records import Record
from fivefold.values.types import (
    TEXT,
    UNKNOWN,
    VECTOR_ELEMENTS,
    Kind,
    Type,
    array_of,
    element_of,
)

_ADVICE = "You might need to add explicit type casts."
_NO_OPERATOR = f"No operator matches the given name and argument types. {_ADVICE}"
NO_FUNCTION = f"No function matches the given name and argument types. {_ADVICE}"

_ELEMENTS = (Pseudo.ELEMENT, Pseudo.NONARRAY)
_ARRAYS = (Pseudo.ARRAY, Pseudo.COMPATIBLE_ARRAY)
_OF_ELEMENT = frozenset({Pseudo.ELEMENT, Pseudo.NONARRAY, Pseudo.ENUM, Pseudo.ARRAY})
_OF_COMPATIBLE = frozenset({Pseudo.COMPATIBLE, Pseudo.COMPATIBLE_ARRAY})


class Candidate(Record):
    """One way to read a call: declared arguments, and the types that they stand for here."""

    declared: tuple[Argument, ...]
    types: tuple[Type, ...]
    result: Type
    chosen: Function | Operator


@lru_cache(4096)
def operator(symbol: str, left: Type | None, right: Type) -> Candidate | InvalidStatement:
    """Return the operator for these operand types, or the error that says why there is none."""
    actual = (right,) if left is None else (left, right)
    if left is not None and UNKNOWN in actual and left != right:
        known = right if left == UNKNOWN else left
        exact = _exactly(symbol, known)
        if exact is not None:
            return exact
    candidates = []
    for found in operators.BY_SYMBOL.get(symbol, ()):
        if (found.left is None) != (left is None):
            continue
        declared = (found.right,) if found.left is None else (found.left, found.right)
        candidate = _concrete(declared, found.result, actual, found)
        if candidate is not None:
            candidates.append(candidate)
    best = _select(candidates, actual)
    if isinstance(best, Candidate):
        return best
    shown = f"{symbol} {bare(right)}" if left is None else f"{bare(left)} {symbol} {bare(right)}"
    if best:
        return InvalidStatement(
            f"operator is not unique: {shown}",
            "ambiguous_function",
            hint=f"Could not choose a best candidate operator. {_ADVICE}",
        )
    return InvalidStatement(
        f"operator does not exist: {shown}", "undefined_function", hint=_NO_OPERATOR
    )


def _exactly(symbol: str, known: Type) -> Candidate | None:
    """Take an unknown operand as one of the other's type, if there is such an operator."""
    type_ = bare(known)
    for found in operators.BY_SYMBOL.get(symbol, ()):
        if found.left == type_ and found.right == type_:
            assert isinstance(found.result, Type)
            return Candidate((type_, type_), (type_, type_), found.result, found)
    return None


@lru_cache(4096)
def function(
    name: str, actual: tuple[Type, ...], variadic: bool = False
) -> Candidate | InvalidStatement:
    """Return the function for these argument types, or the error that says why there is none.

    ``variadic``: the last argument was marked VARIADIC, an array of all that may be repeated.
    """
    candidates: list[Candidate] = []
    for found in functions.BY_NAME.get(name, ()):
        declared = _gathered(found, actual) if variadic else _spread(found, len(actual))
        if declared is not None:
            candidate = _concrete(declared, found.result, actual, found)
            # One that repeats its last argument comes after one that has it once.
            if candidate is not None and not _has(candidates, candidate):
                candidates.append(candidate)
    best = _select(candidates, actual)
    if isinstance(best, Candidate):
        if _undetermined(best, actual):
            return InvalidStatement(
                "could not determine polymorphic type because input has type unknown",
                "datatype_mismatch",
            )
        return best
    shown = f"{name}({', '.join(str(bare(type_)) for type_ in actual)})"
    if best:
        return InvalidStatement(
            f"function {shown} is not unique",
            "ambiguous_function",
            hint=f"Could not choose a best candidate function. {_ADVICE}",
        )
    return InvalidStatement(
        f"function {shown} does not exist", "undefined_function", hint=NO_FUNCTION
    )


def _has(candidates: list[Candidate], one: Candidate) -> bool:
    return any(other.declared == one.declared for other in candidates)


def _undetermined(candidate: Candidate, actual: Sequence[Type]) -> bool:
    places = [
        type_
        for type_, place in zip(actual, candidate.declared, strict=True)
        if place in _OF_ELEMENT
    ]
    return bool(places) and all(type_ == UNKNOWN for type_ in places)


def _spread(found: Function, count: int) -> tuple[Argument, ...] | None:
    """Return the declared arguments for a call with ``count`` of them."""
    declared = found.arguments
    if not found.variadic:
        return declared if len(declared) == count else None
    fixed = len(declared) - 1
    if count <= fixed:
        return None
    return declared[:fixed] + (declared[fixed],) * (count - fixed)


def _gathered(found: Function, actual: tuple[Type, ...]) -> tuple[Argument, ...] | None:
    """Return the declared arguments for a call whose last argument is VARIADIC."""
    if not found.variadic or len(actual) != len(found.arguments):
        return None
    last = found.arguments[-1]
    if isinstance(last, Type):
        return (*found.arguments[:-1], array_of(last))
    return found.arguments if actual[-1].kind is Kind.ARRAY else None


def _concrete(
    declared: tuple[Argument, ...],
    result: Argument,
    actual: tuple[Type, ...],
    chosen: Function | Operator,
) -> Candidate | None:
    """Return the candidate with its pseudo-types filled in; None if the arguments do not fit."""
    element = _element(declared, actual)
    compatible = _compatible(declared, actual)
    if element is None or compatible is None:
        return None
    filled: dict[Pseudo, Type] = {
        Pseudo.ELEMENT: element,
        Pseudo.NONARRAY: element,
        Pseudo.ENUM: element,
        Pseudo.ARRAY: array_of(element),
        Pseudo.COMPATIBLE: compatible,
        Pseudo.COMPATIBLE_ARRAY: array_of(compatible),
    }
    types = []
    for place, given in zip(declared, actual, strict=True):
        if isinstance(place, Type):
            type_ = place
        elif place is Pseudo.ANY:
            type_ = TEXT if given == UNKNOWN else given
        elif place in _ARRAYS and given.kind in VECTOR_ELEMENTS:
            type_ = given  # whose subscripts begin at 0
        else:
            type_ = filled[place]
        if place is Pseudo.NONARRAY and given.kind is Kind.ARRAY:
            return None
        if place is Pseudo.ENUM and type_.kind is not Kind.ENUM:
            return None
        if not castable(given, type_, Ease.IMPLICIT):
            return None
        types.append(type_)
    assert result is not Pseudo.ANY
    return Candidate(
        declared, tuple(types), result if isinstance(result, Type) else filled[result], chosen
    )


def _element(declared: Sequence[Argument], actual: Sequence[Type]) -> Type | None:
    """Return what anyelement stands for: text if no argument says; None if they disagree."""
    found = UNKNOWN
    for place, given in zip(declared, actual, strict=True):
        if place not in _OF_ELEMENT or given == UNKNOWN:
            continue
        type_ = bare(given)
        if place is Pseudo.ARRAY:
            inner = element_of(type_)
            if inner is None:
                return None
            type_ = inner
        if found not in (UNKNOWN, type_):
            return None
        found = type_
    return TEXT if found == UNKNOWN else found


def _compatible(declared: Sequence[Argument], actual: Sequence[Type]) -> Type | None:
    found = UNKNOWN
    for place, given in zip(declared, actual, strict=True):
        if place not in _OF_COMPATIBLE or given == UNKNOWN:
            continue
        type_ = bare(given)
        if place is Pseudo.COMPATIBLE_ARRAY:
            inner = element_of(type_)
            if inner is None:
                return None
            type_ = inner
        elif type_.element is not None:
            return None
        if found == UNKNOWN:
            found = type_
        elif not castable(type_, found, Ease.IMPLICIT):
            if not castable(found, type_, Ease.IMPLICIT):
                return None
            found = type_
    return TEXT if found == UNKNOWN else found


def _select(candidates: list[Candidate], actual: tuple[Type, ...]) -> Candidate | bool:
    """Return the best candidate; True if there are several as good, False if there is none."""
    if not candidates:
        return False
    plain = tuple(bare(type_) for type_ in actual)
    for candidate in candidates:
        if candidate.declared == plain:
            return candidate
    for score in (_exact, _exact_or_preferred):
        if len(candidates) == 1:
            return candidates[0]
        scores = [score(candidate, plain) for candidate in candidates]
        best = max(scores)
        candidates = [
            candidate
            for candidate, points in zip(candidates, scores, strict=True)
            if points == best
        ]
    if len(candidates) == 1:
        return candidates[0]
    if UNKNOWN not in plain:
        return True
    return _guess_unknowns(candidates, plain)


def _exact(candidate: Candidate, actual: tuple[Type, ...]) -> int:
    return sum(
        place == given
        for place, given in zip(candidate.declared, actual, strict=True)
        if given != UNKNOWN
    )


def _exact_or_preferred(candidate: Candidate, actual: tuple[Type, ...]) -> int:
    points = 0
    for place, given in zip(candidate.declared, actual, strict=True):
        if given == UNKNOWN:
            continue
        points += place == given or (
            isinstance(place, Type)
            and place.kind in PREFERRED
            and category(place) == category(given)
        )
    return points


def _guess_unknowns(candidates: list[Candidate], actual: tuple[Type, ...]) -> Candidate | bool:
    narrowed: list[Candidate] | None = candidates
    for index, given in enumerate(actual):
        if given == UNKNOWN and narrowed is not None:
            narrowed = _narrow(narrowed, index)
    if narrowed is not None and len(narrowed) == 1:
        return narrowed[0]
    candidates = narrowed or candidates
    known = {type_ for type_ in actual if type_ != UNKNOWN}
    if len(known) == 1:
        (type_,) = known
        alike = (type_,) * len(actual)
        fitting = [
            fitted
            for candidate in candidates
            for fitted in [
                _concrete(candidate.declared, candidate.chosen.result, alike, candidate.chosen)
            ]
            if fitted is not None
        ]
        if len(fitting) == 1:
            return fitting[0]
    return True


def _narrow(candidates: list[Candidate], index: int) -> list[Candidate] | None:
    """Keep the candidates whose argument here is of the family that an unknown most likely is."""
    families = {_family(candidate.declared[index]) for candidate in candidates}
    if "S" in families:
        family = "S"
    elif len(families) == 1:
        (family,) = families
    else:
        return None
    kept = [c for c in candidates if _family(c.declared[index]) == family]
    preferred = [c for c in kept if _is_preferred(c.declared[index])]
    return preferred or kept


def _family(place: Argument) -> str:
    return category(place) if isinstance(place, Type) else "P"


def _is_preferred(place: Argument) -> bool:
    return isinstance(place, Type) and place.kind in PREFERRED
