"""All functions by name; a family is imported when one of its functions is first asked for."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Final

from fivefold.languages.cypher.functions.function import Function

FAMILIES: Final[Mapping[str, str]] = {
    "aggregating": "avg collect count max min percentileCont percentileDisc stDev stDevP sum",
    "scalar": "size",
    "temporal": (
        "date date.realtime date.statement date.transaction date.truncate datetime"
        " datetime.fromepoch datetime.fromepochmillis datetime.realtime datetime.statement"
        " datetime.transaction datetime.truncate duration duration.between duration.inDays"
        " duration.inMonths duration.inSeconds localdatetime localdatetime.realtime"
        " localdatetime.statement localdatetime.transaction localdatetime.truncate localtime"
        " localtime.realtime localtime.statement localtime.transaction localtime.truncate time"
        " time.realtime time.statement time.transaction time.truncate"
    ),
}
"""Family (a module beside this one with a table FUNCTIONS) → names of its functions."""

_FAMILY_OF: Final = {
    name.lower(): family for family, names in FAMILIES.items() for name in names.split()
}


def find(name: str) -> Function | None:
    """Return the function of a name in any case, with its namespace; None if there is none."""
    family = _FAMILY_OF.get(name.lower())
    return None if family is None else _table(family)[name.lower()]


def all_functions() -> list[Function]:
    """Return every function, by name, the aggregating ones too."""
    found = [function for family in FAMILIES for function in _table(family).values()]
    return sorted(found, key=lambda function: function.name.lower())


def _table(family: str) -> dict[str, Function]:
    module = importlib.import_module(f"fivefold.languages.cypher.functions.{family}")
    functions: dict[str, Function] = module.FUNCTIONS
    return functions
