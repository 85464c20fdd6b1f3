"""Values of options: as they are given, and as CQL shows them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from fivefold.languages.cql.parse.printing import string
from fivefold.languages.cql.tree import Constant, MapLiteral, OptionValue, SetLiteral
from fivefold.values.cql.faults import syntax


def as_text(name: str, value: OptionValue) -> str:
    """Return what is no map as text."""
    if isinstance(value, str):
        return value
    if isinstance(value, Constant):
        return value.text
    raise syntax(f"Invalid value for property '{name}'. It should be a string")


def as_boolean(name: str, value: OptionValue) -> bool:
    """Return a boolean, in one of its spellings."""
    text = as_text(name, value)
    if text.lower() in ("1", "true", "yes"):
        return True
    if text.lower() in ("0", "false", "no"):
        return False
    raise syntax(
        f"Invalid boolean value {text} for '{name}'. Positive values can be '1', 'true' or 'yes'."
        " Negative values can be '0', 'false' or 'no'."
    )


def as_map(name: str, value: OptionValue) -> dict[str, str]:
    """Return a map of constants by their texts; ``{}`` is one too."""
    if isinstance(value, SetLiteral) and not value.items:
        return {}
    if not isinstance(value, MapLiteral):
        raise syntax(f"Invalid value for property '{name}'. It should be a map.")
    found = {}
    for key, each in value.items:
        if not (isinstance(key, Constant) and isinstance(each, Constant)):
            raise syntax(f"Invalid value for property '{name}'. It should be a map.")
        found[key.text] = each.text
    return found


def map_text(values: Mapping[str, str]) -> str:
    """Return a map of texts as CQL shows it, by its keys."""
    pairs = [f"{string(key)}: {string(value)}" for key, value in sorted(values.items())]
    return "{" + ", ".join(pairs) + "}"


_STRING = re.compile(r"'((?:[^']|'')*)'")


def read_map(text: str) -> dict[str, str]:
    """Return the map of texts that ``map_text`` made."""
    found = [part.replace("''", "'") for part in _STRING.findall(text)]
    return dict(zip(found[::2], found[1::2], strict=True))


def read_text(text: str) -> str:
    """Return the string that CQL shows so."""
    return text[1:-1].replace("''", "'")


def java_double(number: float) -> str:
    """Return a float as Java writes it, for those between 0 and some millions."""
    if number and abs(number) < 1e-3:
        digits, _, exponent = f"{number:.16e}".partition("e")
        for length in range(1, 17):
            short = f"{number:.{length}e}"
            if float(short) == number:
                digits, _, exponent = short.partition("e")
                break
        return f"{digits}E{int(exponent)}"
    return repr(float(number))
