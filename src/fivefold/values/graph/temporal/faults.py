"""The one error of temporal values: they cannot be made of what was given."""

from __future__ import annotations

from fivefold.errors import FivefoldError
from fivefold.values.graph.faults import fault


def wrong(message: str) -> FivefoldError:
    """Return the fault for texts, maps and results that are no temporal value."""
    return fault("InvalidArgumentValue", message, type="ArgumentError")
