"""What is found to be wrong with a store."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """The kinds of what can be wrong, lowest first: what is above rests on what is below."""

    PAGES = "pages"  # the file's own structure
    CATALOG = "catalog"  # what fivefold says of a container, beside what there is
    INDEX = "index"  # an index, beside the rows that it is of
    FOREIGN_KEY = "foreign key"
    CONSTRAINT = "constraint"  # not null, check, unique
    ROWS = "rows"  # a model's own tables, beside each other
    UNCHECKED = "not checked"  # not wrong: nobody has looked


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong: ``place`` is (namespace, name) of a container, None for the whole store."""

    fault: Fault
    message: str
    place: tuple[str, str] | None = None
