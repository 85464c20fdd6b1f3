"""Why PostgreSQL lets no rows be changed through a view.

Source: the PostgreSQL manual, "CREATE VIEW", "Updatable Views".
"""

from __future__ import annotations

from fivefold.catalog.containers import View
from fivefold.errors import FivefoldError, InvalidState
from fivefold.languages.sql import tree
from fivefold.languages.sql.functions import BY_NAME
from fivefold.languages.sql.signatures import Form

_WORDS = {
    "insert into": ("inserting into", "INSERT"),
    "update": ("updating", "UPDATE"),
    "delete from": ("deleting from", "DELETE"),
}


NOT_SINGLE = "that do not select from a single table or view"
NONE_UPDATABLE = "that have no updatable columns"


def refused(view: View, verb: str, why: str) -> FivefoldError:
    """Return PostgreSQL's error of a statement that changes ``view``; ``why``: what it has."""
    doing, event = _WORDS[verb]
    return InvalidState(
        f'cannot {verb} view "{view.name}"',
        "object_not_in_prerequisite_state",
        detail=f"Views {why} are not automatically updatable.",
        hint=f"To enable {doing} the view, provide an INSTEAD OF {event} trigger or an "
        f"unconditional ON {event} DO INSTEAD rule.",
    )


def obstacle(query: tree.Query) -> str | None:
    """Return what a view has that keeps PostgreSQL from changing its rows."""
    body = query.body
    select = body if isinstance(body, tree.Select) else None
    forms = set() if select is None else _forms(select)
    obstacles = (
        (select is not None and select.distinct is not None, "containing DISTINCT"),
        (select is not None and select.group is not None, "containing GROUP BY"),
        (select is not None and select.having is not None, "containing HAVING"),
        (isinstance(body, tree.SetOperation), "containing UNION, INTERSECT, or EXCEPT"),
        (bool(query.commons), "containing WITH"),
        (query.limit is not None or query.offset is not None, "containing LIMIT or OFFSET"),
        ("aggregate" in forms, "that return aggregate functions"),
        ("window" in forms, "that return window functions"),
        ("set" in forms, "that return set-returning functions"),
        (
            select is None
            or len(select.sources) != 1
            or not isinstance(select.sources[0], tree.Relation),
            NOT_SINGLE,
        ),
    )
    return next((why for found, why in obstacles if found), None)


def _forms(select: tree.Select) -> set[str]:
    """Return the kinds of functions, other than plain ones, that the outputs call."""
    found = set()
    for part in _outside_queries(select.targets):
        if not isinstance(part, tree.Call):
            continue
        if part.over is not None:
            found.add("window")
            continue
        for function in BY_NAME.get(part.name[-1], ())[:1]:
            if function.form is Form.AGGREGATE:
                found.add("aggregate")
            elif function.form is Form.SET:
                found.add("set")
    return found


def _outside_queries(targets: tuple[tree.Target, ...]) -> list[object]:
    inner = {
        id(below)
        for part in tree.walk(targets)
        if isinstance(part, tree.Query)
        for below in tree.walk(part)
    }
    return [part for part in tree.walk(targets) if id(part) not in inner]
