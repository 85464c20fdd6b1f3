"""What is told of the aggregating functions; ``aggregations`` has what they do.

Source: Cypher Manual, "Aggregating functions".
"""

from __future__ import annotations

from typing import Final

from fivefold.languages.cypher.aggregations import AGGREGATIONS
from fivefold.languages.cypher.functions.function import Function, by_name, declare


def _of(signature: str, description: str) -> Function:
    name = signature.partition("(")[0].lower()
    return declare("Aggregating", signature, description, AGGREGATIONS[name], aggregating=True)


_NUMBER = "INTEGER | FLOAT"
_ADDABLE = "INTEGER | FLOAT | DURATION"

FUNCTIONS: Final[dict[str, Function]] = by_name(
    (
        _of(f"avg(input :: {_ADDABLE}) :: {_ADDABLE}", "The average of numbers or durations."),
        _of("collect(input :: ANY) :: LIST<ANY>", "A list of the values that are not null."),
        _of("count(input :: ANY) :: INTEGER", "How many values are not null."),
        _of("max(input :: ANY) :: ANY", "The value that is last in order."),
        _of("min(input :: ANY) :: ANY", "The value that is first in order."),
        _of(
            f"percentileCont(input :: {_NUMBER}, percentile :: FLOAT) :: FLOAT",
            "The percentile of numbers, between the two nearest.",
        ),
        _of(
            f"percentileDisc(input :: {_NUMBER}, percentile :: FLOAT) :: {_NUMBER}",
            "The percentile of numbers, as the nearest of them.",
        ),
        _of(f"stDev(input :: {_NUMBER}) :: FLOAT", "The standard deviation of a sample."),
        _of(f"stDevP(input :: {_NUMBER}) :: FLOAT", "The standard deviation of a population."),
        _of(f"sum(input :: {_ADDABLE}) :: {_ADDABLE}", "The sum of numbers or durations."),
    )
)
