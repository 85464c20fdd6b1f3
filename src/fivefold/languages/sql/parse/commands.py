"""The parsers of all statements but queries and changes of rows, by their first words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fivefold.languages.sql.parse import (
    comments,
    copying,
    cursors,
    definitions,
    explaining,
    privileges,
    sessions,
    upkeep,
)
from fivefold.languages.sql.parse.stream import Stream

PARSERS: dict[str, Callable[[Stream], Any]] = {
    **comments.PARSERS,
    **sessions.PARSERS,
    **upkeep.PARSERS,
    **copying.PARSERS,
    **cursors.PARSERS,
    **explaining.PARSERS,
    **definitions.PARSERS,
    **privileges.PARSERS,
}
