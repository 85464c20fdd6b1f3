"""$rand and $sampleRate. Source: manual, "$rand (aggregation)", "$sampleRate (aggregation)"."""

from __future__ import annotations

import random
from typing import Any

from fivefold.languages.mongo.expressions.forms import Compile, Operator, Special
from fivefold.languages.mongo.expressions.numbers import rank
from fivefold.languages.mongo.expressions.terms import Scope, Term
from fivefold.values.documents.faults import fault


def _rand(name: str, value: Any, scope: Scope, compile: Compile) -> Term:
    if not isinstance(value, dict | list):
        raise fault(10065, "invalid parameter: expected an object ($rand)")
    if value:
        raise fault(3040501, "$rand does not currently accept arguments")
    return Term(lambda document, variables: random.random())


def _sample_rate(name: str, value: Any, scope: Scope, compile: Compile) -> Term:
    rate = compile(value, scope)
    if not rate.fixed or not rank(rate.constant):
        raise fault(2, "argument to $sampleRate must be a numeric literal")
    share = float(str(rate.constant))
    if not 0 <= share <= 1:
        raise fault(2, "numeric argument to $sampleRate must be in [0, 1]")
    return Term(lambda document, variables: random.random() < share)


OPERATORS: dict[str, Operator] = {"$rand": Special(_rand), "$sampleRate": Special(_sample_rate)}
