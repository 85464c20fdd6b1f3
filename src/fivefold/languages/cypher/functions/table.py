"""All functions by name; a family is imported when one of its functions is first asked for."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Final

from fivefold.errors import Unsupported
from fivefold.languages.cypher.functions.function import Function

FAMILIES: Final[Mapping[str, str]] = {
    "aggregating": "avg collect count max min percentileCont percentileDisc stDev stDevP sum",
    "conversion": (
        "toBoolean toBooleanList toBooleanOrNull toFloat toFloatList toFloatOrNull toInteger"
        " toIntegerList toIntegerOrNull toString toStringList toStringOrNull"
    ),
    "lists": "keys labels nodes range relationships reverse tail",
    "logarithmic": "e exp log log10 sqrt",
    "numeric": "abs ceil floor isNaN rand round sign",
    "predicates": "exists isEmpty",
    "scalar": (
        "char_length character_length coalesce elementId endNode head id last length nullIf"
        " properties randomUUID size startNode timestamp type valueType"
    ),
    "strings": (
        "btrim left lower ltrim normalize replace right rtrim split substring toLower toUpper"
        " trim upper"
    ),
    "temporal": (
        "date date.realtime date.statement date.transaction date.truncate datetime"
        " datetime.fromepoch datetime.fromepochmillis datetime.realtime datetime.statement"
        " datetime.transaction datetime.truncate duration duration.between duration.inDays"
        " duration.inMonths duration.inSeconds localdatetime localdatetime.realtime"
        " localdatetime.statement localdatetime.transaction localdatetime.truncate localtime"
        " localtime.realtime localtime.statement localtime.transaction localtime.truncate time"
        " time.realtime time.statement time.transaction time.truncate"
    ),
    "trigonometric": "acos asin atan atan2 cos cot degrees haversin pi radians sin tan",
}
"""Family (a module beside this one with a table FUNCTIONS) → names of its functions."""

_FAMILY_OF: Final = {
    name.lower(): family for family, names in FAMILIES.items() for name in names.split()
}
_SPATIAL: Final = frozenset(("point", "point.distance", "point.withinbbox", "distance"))


def find(name: str) -> Function | None:
    """Return the function of a name in any case, with its namespace; None if there is none.

    Raises Unsupported for those of points.
    """
    lower = name.lower()
    family = _FAMILY_OF.get(lower)
    if family is not None:
        return _table(family)[lower]
    if lower in _SPATIAL:
        raise Unsupported(
            f"{name}(): points are not supported",
            hint="Keep coordinates in properties of their own; compute with sin, cos, haversin.",
        )
    return None


def all_functions() -> list[Function]:
    """Return every function by name, the aggregating ones and the forms too."""
    families = (*FAMILIES, "forms")
    found = [function for family in families for function in _table(family).values()]
    return sorted(found, key=lambda function: function.name.lower())


def _table(family: str) -> dict[str, Function]:
    module = importlib.import_module(f"fivefold.languages.cypher.functions.{family}")
    functions: dict[str, Function] = module.FUNCTIONS
    return functions
