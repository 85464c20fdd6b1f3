"""``fivefold salvage``: everything readable of a damaged file in a new one, and what was not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fivefold.errors import FivefoldError, Unsupported
from fivefold.stores.open import FILE_SCHEME, POSTGRES_SCHEMES, open_store
from fivefold.upkeep.checking import check
from fivefold.upkeep.repairing import repair
from fivefold.upkeep.report import Report

if TYPE_CHECKING:
    from fivefold.stores.sqlite.trees import Lost

VALUE_CHARS_MAX = 40


@dataclass(frozen=True, slots=True)
class Salvage:
    """What came of it. ``rows`` are those that are in the new file, by table."""

    rows: dict[str, int]
    lost: tuple[Lost, ...]
    notes: tuple[str, ...]  # what was brought into agreement with what is left
    report: Report  # of the new file

    @property
    def is_whole(self) -> bool:
        """Say whether nothing was lost."""
        return not self.lost and not self.notes and self.report.is_sound

    def plain(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "whole": self.is_whole,
            "rows": self.rows,
            "lost": [
                {
                    "table": one.table or None,
                    "page": one.page,
                    "after": None if one.after is None else [*map(_plain, one.after)],
                    "before": None if one.before is None else [*map(_plain, one.before)],
                    "reason": one.reason,
                }
                for one in self.lost
            ],
            "notes": list(self.notes),
            "check": self.report.plain(),
        }


def salvage(damaged: str, new: str, key: str | bytes | None = None) -> Salvage:
    """Put everything readable of the file ``damaged`` into the file ``new``.

    ``key`` is that of both; without one it is looked for in the environment if the damaged file is
    encrypted. Raises Unavailable, InvalidState if ``new`` is there, Unsupported for another store.
    """
    for url in (damaged, new):
        if url.startswith(POSTGRES_SCHEMES) or url == ":memory:":
            raise Unsupported(
                "salvage is for a file, and this store is none",
                hint="PostgreSQL has pg_dump, and zero_damaged_pages for what that cannot read.",
            )
    from fivefold.stores.sqlite import salvaging
    from fivefold.stores.sqlite.encryption import key_from_environment

    if key is None:
        key = key_from_environment()
    source, target = damaged.removeprefix(FILE_SCHEME), new.removeprefix(FILE_SCHEME)
    found = salvaging.salvage(source, target, key)
    store = open_store(target, key=key)
    try:
        notes = repair(store)
    except FivefoldError as error:  # what is there stays as it was read
        notes = [f"the models' tables are as they were read: {error}"]
    finally:
        store.close()
    return Salvage(found.rows, tuple(found.lost), tuple(notes), check(target, key))


def described(lost: Lost) -> str:
    """Return a sentence about what was lost."""
    table = lost.table or "the file"
    if lost.page is None or (lost.after is not None and lost.after == lost.before):
        where = "" if lost.after is None else f" {_key(lost.after)}"
        return f"{table}:{where} {lost.reason}"
    if not lost.table:
        return f"{table}: {lost.reason}"
    after = "the beginning" if lost.after is None else _key(lost.after)
    before = "the end" if lost.before is None else _key(lost.before)
    return f"{table}: rows between {after} and {before}: {lost.reason}"


def _key(values: tuple[Any, ...]) -> str:
    return f"({', '.join(map(_shown, values))})"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= VALUE_CHARS_MAX else f"{text[:VALUE_CHARS_MAX]}…"


def _plain(value: Any) -> Any:
    return {"hex": value.hex()} if isinstance(value, bytes) else value
