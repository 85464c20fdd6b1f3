"""Parses when a constraint is checked: [NOT] DEFERRABLE and INITIALLY ….

Source: the PostgreSQL manual, "CREATE TABLE"; what may not stand together as its gram.y and
parse_utilcmd.c say it, which differ between a column's constraints and a table's.
"""

from __future__ import annotations

from fivefold.errors import InvalidStatement, Unsupported
from fivefold.languages.sql.definitions import Constraint
from fivefold.languages.sql.parse.stream import Stream

_TIMING = ("DEFERRABLE", "NOT DEFERRABLE", "INITIALLY IMMEDIATE", "INITIALLY DEFERRED")
_OPPOSITE = {
    "DEFERRABLE": "NOT DEFERRABLE",
    "NOT DEFERRABLE": "DEFERRABLE",
    "INITIALLY IMMEDIATE": "INITIALLY DEFERRED",
    "INITIALLY DEFERRED": "INITIALLY IMMEDIATE",
}
_NEVER = {"NOT DEFERRABLE", "INITIALLY DEFERRED"}
_NAMES = {"check": "CHECK", "unique": "UNIQUE", "primary": "PRIMARY KEY"}


def of_column(s: Stream, before: list[Constraint]) -> bool:
    """Parse what is said of the last of a column's constraints; say whether anything was."""
    at = s.at
    said = _clause(s, _TIMING)
    if said is None:
        return False
    if not before or before[-1].kind not in ("primary", "unique", "foreign"):
        raise InvalidStatement(f"misplaced {said} clause", position=at + 1)
    found = {said}
    while True:
        at = s.at
        said = _clause(s, _TIMING)
        if said is None:
            before[-1] = _timed(before[-1], found)
            return True
        if {said, _OPPOSITE[said]} & found:
            kind = "DEFERRABLE/NOT DEFERRABLE"
            if said.startswith("INITIALLY"):
                kind = "INITIALLY IMMEDIATE/DEFERRED"
            raise InvalidStatement(f"multiple {kind} clauses not allowed", position=at + 1)
        found.add(said)
        _refuse_never(found, at)


def of_table(s: Stream, constraint: Constraint) -> Constraint:
    """Parse what is said of a constraint of a whole table, NOT VALID among it."""
    found: set[str] = set()
    while True:
        at = s.at
        said = _clause(s, (*_TIMING, "NOT VALID"))
        if said is None:
            break
        found.add(said)
        _refuse_never(found, at)
        if _OPPOSITE.get(said) in found:
            raise InvalidStatement("conflicting constraint properties", position=at + 1)
    timed = _timed(constraint, found)
    kind = _NAMES.get(constraint.kind)
    if kind == "CHECK" and timed.deferrable:
        raise Unsupported("CHECK constraints cannot be marked DEFERRABLE")
    if "NOT VALID" in found:
        if kind not in (None, "CHECK"):
            raise Unsupported(f"{kind} constraints cannot be marked NOT VALID")
        timed = timed._replace(valid=False)
    return timed


def _clause(s: Stream, clauses: tuple[str, ...]) -> str | None:
    return next((one for one in clauses if s.accept(*one.lower().split())), None)


def _refuse_never(found: set[str], at: int) -> None:
    if found >= _NEVER:
        raise InvalidStatement(
            "constraint declared INITIALLY DEFERRED must be DEFERRABLE", position=at + 1
        )


def _timed(constraint: Constraint, found: set[str]) -> Constraint:
    deferred = "INITIALLY DEFERRED" in found
    return constraint._replace(deferrable=deferred or "DEFERRABLE" in found, deferred=deferred)
