"""Cases of expressions by family: page of the manual -> (expression, document, result) rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Case = tuple[Any, dict[str, Any], Any]
Pages = dict[str, list[Case]]


@dataclass(frozen=True)
class Fails:
    """A result that is an error, with MongoDB's number and some of its text."""

    number: int
    text: str = ""
