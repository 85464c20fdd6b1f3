"""$bucket and $bucketAuto.

Source: manual 7.0, "$bucket (aggregation)", "$bucketAuto (aggregation)"; numbers and texts of
errors as in MongoDB 7.0.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from bson.decimal128 import Decimal128

from fivefold.languages.mongo.accumulators.table import Accumulation
from fivefold.languages.mongo.expressions.compile import compile_term
from fivefold.languages.mongo.expressions.terms import Scope, Term
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import INT32_MAX, MISSING, Document
from fivefold.values.documents.order import MINIMUM, equal, rank_of, sort_key
from fivefold.values.documents.text import shown

from .base import Site, Stages
from .context import Context
from .granularity import GRANULARITIES, Granularity
from .group import Group, field_of
from .spilling import Spool, sorted_documents

Fields = tuple[tuple[str, Accumulation], ...]


@dataclass(frozen=True, slots=True)
class Bucket:
    """$bucket: groups between ``boundaries``, in their order; ``default`` is MISSING if there is
    none.
    """

    group_by: Any
    term: Term = field(repr=False)
    boundaries: tuple[Any, ...]
    default: Any
    fields: Fields

    def run(self, documents: Iterator[Document], context: Context) -> Iterator[Document]:
        group = Group(None, Term(self._placed()), self.fields)
        order = _identity_key
        return iter(sorted(group.run(documents, context), key=order))

    def _placed(self) -> Any:
        """Return the expression that gives a document's boundary."""
        keys = [sort_key(each) for each in self.boundaries]
        boundaries, default, run = self.boundaries, self.default, self.term.run

        def place(document: Document, variables: dict[str, Any]) -> Any:
            value = run(document, variables)
            key = MINIMUM if value is MISSING else sort_key(value)
            at = bisect_right(keys, key)
            if 0 < at < len(keys):
                return boundaries[at - 1]
            if default is MISSING:
                raise fault(
                    40066,
                    "$switch could not find a matching branch for an input, and no default was "
                    "specified.",
                )
            return default

        return place


def _identity_key(document: Document) -> Any:
    return sort_key(document["_id"])


@dataclass(frozen=True, slots=True)
class BucketAuto:
    """$bucketAuto: at most ``buckets`` groups of about as many documents each."""

    group_by: Any
    term: Term = field(repr=False)
    buckets: int
    fields: Fields
    granularity: Granularity | None = None

    def run(self, documents: Iterator[Document], context: Context) -> Iterator[Document]:
        run, variables = self.term.run, context.variables

        def placed(document: Document) -> Document:
            value = run(document, variables)
            return {"v": None if value is MISSING else value, "d": document}

        spool = Spool("$bucketAuto", context)
        for each in sorted_documents(
            map(placed, documents), lambda each: sort_key(each["v"]), context, stage="$bucketAuto"
        ):
            if self.granularity is not None:
                self.granularity.check(each["v"])
            spool.add(each)
        if spool.count:
            yield from self._filled(spool, context)

    def _filled(self, spool: Spool, context: Context) -> Iterator[Document]:
        """Yield the buckets: each takes its share, and all that equal its last value."""
        share = max(1, round_half_up(spool.count, self.buckets))
        pending = iter(spool)
        each = next(pending, None)
        lower: Any = MISSING
        buckets = 0
        while each is not None:
            buckets += 1
            states = [accumulation.make({}, context.variables) for _, accumulation in self.fields]
            least = each["v"]
            count, last = 0, least
            bound: Any = MISSING
            while each is not None:
                value = each["v"]
                if count >= share and buckets < self.buckets:
                    if self.granularity is None:
                        if not equal(value, last):
                            break
                    else:
                        if bound is MISSING:
                            bound = self.granularity.above(last)
                        if not sort_key(value) < sort_key(bound):
                            break
                for state, (_, accumulation) in zip(states, self.fields, strict=True):
                    state.add(accumulation.value(each["d"], context.variables))
                count, last = count + 1, value
                each = next(pending, None)
            upper = self._upper(bound, last, each)
            if lower is MISSING:
                lower = least if self.granularity is None else self.granularity.below(least)
            yield self._result(lower, upper, states)
            lower = upper

    def _upper(self, bound: Any, last: Any, following: Document | None) -> Any:
        if self.granularity is not None:
            return self.granularity.above(last) if bound is MISSING else bound
        return last if following is None else following["v"]

    def _result(self, least: Any, most: Any, states: list[Any]) -> Document:
        result: Document = {"_id": {"min": least, "max": most}}
        for state, (name, _) in zip(states, self.fields, strict=True):
            result[name] = state.result()
        return result


def round_half_up(count: int, buckets: int) -> int:
    """Return how many documents a bucket gets."""
    return (2 * count + buckets) // (2 * buckets)


def parse_bucket(value: Any, site: Site) -> Stages:
    if not isinstance(value, dict):
        raise fault(
            40201, f"Argument to $bucket stage must be an object, but found: {shown(value)}."
        )
    for name in value:
        if name not in ("groupBy", "boundaries", "default", "output"):
            raise fault(40197, f"Unrecognized option to $bucket: {name}.")
    if "groupBy" not in value or "boundaries" not in value:
        raise fault(40198, "$bucket requires 'groupBy' and 'boundaries' to be specified.")
    _check_group_by("$bucket", value["groupBy"], 40202)
    boundaries = _boundaries(value["boundaries"], site.scope)
    default = MISSING
    if "default" in value:
        default = _constant(value["default"], site.scope)
        if default is _VARIES:
            raise fault(
                40195,
                "The $bucket 'default' field must be a constant expression, but found: "
                f"{shown(value['default'])}.",
            )
        if rank_of(default) == rank_of(boundaries[0]) and sort_key(boundaries[0]) <= sort_key(
            default
        ) < sort_key(boundaries[-1]):
            raise fault(
                40199,
                "The $bucket 'default' field must be less than the lowest boundary or greater than "
                "or equal to the highest boundary.",
            )
    fields = _fields("$bucket", value, site.scope, 40196)
    term = compile_term(value["groupBy"], site.scope)
    return (Bucket(value["groupBy"], term, boundaries, default, fields),)


_VARIES = object()


def _constant(value: Any, scope: Scope) -> Any:
    term = compile_term(value, scope)
    return term.constant if term.fixed else _VARIES


def _check_group_by(stage: str, value: Any, number: int) -> None:
    if isinstance(value, str):
        right = value.startswith("$")
    else:
        right = isinstance(value, dict) and next(iter(value), "").startswith("$")
    if not right:
        raise fault(
            number,
            f"The {stage} 'groupBy' field must be defined as a $-prefixed path or an expression, "
            f"but found: {shown(value)}.",
        )


def _boundaries(value: Any, scope: Scope) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise fault(
            40200,
            f"The $bucket 'boundaries' field must be an array, but found type: {shown(value)}.",
        )
    if len(value) < 2:
        raise fault(
            40192,
            "The $bucket 'boundaries' field must have at least 2 values, but found "
            f"{len(value)} value(s).",
        )
    boundaries = []
    for each in value:
        constant = _constant(each, scope)
        if constant is _VARIES:
            raise fault(
                40191,
                "The $bucket 'boundaries' field must be an array of constant values, but found "
                f"value: {shown(each)}.",
            )
        boundaries.append(constant)
    for before, after in pairwise(boundaries):
        if rank_of(before) != rank_of(after):
            raise fault(
                40193,
                "All values in the the 'boundaries' option to $bucket must have the same type. "
                f"Found conflicting types: {shown(before)} and {shown(after)}.",
            )
        if not sort_key(before) < sort_key(after):
            raise fault(
                40194,
                "The 'boundaries' option to $bucket must be sorted, but elements "
                f"{shown(before)} and {shown(after)} are not in sorted order.",
            )
    return tuple(boundaries)


def _fields(stage: str, value: Document, scope: Scope, number: int) -> Fields:
    output = value.get("output", {"count": {"$sum": 1}})
    if not isinstance(output, dict):
        raise fault(
            number, f"The {stage} 'output' field must be an object, but found: {shown(output)}."
        )
    return tuple([(name, field_of(name, each, scope)) for name, each in output.items()])


def parse_bucket_auto(value: Any, site: Site) -> Stages:
    if not isinstance(value, dict):
        raise fault(
            40240, f"The argument to $bucketAuto must be an object, but found: {shown(value)}."
        )
    for name in value:
        if name not in ("groupBy", "buckets", "output", "granularity"):
            raise fault(40245, f"Unrecognized option to $bucketAuto: {name}.")
    if "groupBy" not in value or "buckets" not in value:
        raise fault(40246, "$bucketAuto requires 'groupBy' and 'buckets' to be specified.")
    _check_group_by("$bucketAuto", value["groupBy"], 40239)
    buckets = _buckets(value["buckets"])
    fields = _fields("$bucketAuto", value, site.scope, 40244)
    granularity = None
    if "granularity" in value:
        name = value["granularity"]
        if not isinstance(name, str):
            raise fault(
                40261,
                f"The $bucketAuto 'granularity' field must be a string, but found: {shown(name)}.",
            )
        if name not in GRANULARITIES:
            raise fault(40257, f"Unknown rounding granularity '{name}'")
        granularity = GRANULARITIES[name]
    term = compile_term(value["groupBy"], site.scope)
    return (BucketAuto(value["groupBy"], term, buckets, fields, granularity),)


def _buckets(value: Any) -> int:
    plain = value.to_decimal() if isinstance(value, Decimal128) else value
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal128):
        raise fault(
            40241,
            f"The $bucketAuto 'buckets' field must be a numeric value, but found: {shown(value)}.",
        )
    if plain != plain or abs(plain) > INT32_MAX or plain != int(plain):
        raise fault(
            40242,
            "The $bucketAuto 'buckets' field must be representable as a 32-bit integer, but found "
            f"{shown(value)}.",
        )
    if plain <= 0:
        raise fault(
            40243,
            f"The $bucketAuto 'buckets' field must be greater than 0, but found: {shown(value)}.",
        )
    return int(plain)
