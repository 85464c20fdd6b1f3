"""What can be wrong with temporal values.

Neo4j has a status for texts that are none (SyntaxError, though the query runs), one for values that
have not what is asked for (TypeError) and one for all else (ArgumentError).
"""

from __future__ import annotations

from fivefold.errors import FivefoldError
from fivefold.values.graph.faults import fault

TEXT_CHARACTERS_MAX = 100
"""The longest text with a meaning has about 80: of a longer one this much is shown."""


def wrong(message: str) -> FivefoldError:
    """Return the fault for maps and results that are no temporal value."""
    return fault("InvalidArgumentValue", message, type="ArgumentError")


def unsupported(message: str) -> FivefoldError:
    """Return the fault for a part or a unit that a value has not."""
    return fault("InvalidArgumentValue", message, type="TypeError")


def malformed(what: str, text: str) -> FivefoldError:
    """Return the fault for a text that is no value of the type ``what``."""
    shown = text if len(text) <= TEXT_CHARACTERS_MAX else text[:TEXT_CHARACTERS_MAX] + "…"
    return fault("MalformedTemporalText", f'Text cannot be parsed to a {what}\n"{shown}"\n ^')
