"""Notifications as clients of different versions hear them, and the outcome beside them.

Until 5.4 they are a list of their own; since 5.5 they are among the ``statuses``, of which one says
how the query ended. The most important comes first.

Source: Bolt manual, SUCCESS of PULL; Neo4j Status Codes 5, "List of all GQLSTATUS notification
codes" and "Notifications".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from fivefold.wire.neo4j.encode import Packed
from fivefold.wire.neo4j.errors import position
from fivefold.wire.neo4j.messages import Notifications, Version

if TYPE_CHECKING:
    from fivefold.languages.cypher.graph import Notification

STATUSES_SINCE = (5, 5)

OFF = "OFF"
"""As the lowest severity that a client wants: none."""

SUCCESS = ("00000", "note: successful completion")
OMITTED = ("00001", "note: successful completion - omitted result")
NO_DATA = ("02000", "note: no data")

_PRECEDENCE = {"02": 0, "01": 1, "00": 2, "03": 3}


def wanted(found: Iterable[Notification], filters: Notifications) -> list[Notification]:
    """Return the notifications that a client wants to hear."""
    if filters.minimum == OFF:
        return []
    return [
        each
        for each in found
        if each.category not in filters.disabled
        and (filters.minimum != "WARNING" or each.severity == "WARNING")
    ]


def metadata(
    found: Sequence[Notification],
    version: Version,
    query: str,
    *,
    has_columns: bool,
    has_rows: bool,
) -> dict[str, Any]:
    """Return what a summary says of them in a version."""
    if version < STATUSES_SINCE:
        return {"notifications": [_notification(each, query) for each in found]} if found else {}
    outcome = SUCCESS if has_rows else NO_DATA if has_columns else OMITTED
    if not found:
        return {"statuses": _ALONE[outcome]}
    statuses = [*(_status(each, query) for each in found), _said(outcome)]
    statuses.sort(key=lambda status: _PRECEDENCE[status["gql_status"][:2]])
    return {"statuses": statuses}


def _said(outcome: tuple[str, str]) -> dict[str, Any]:
    status, text = outcome
    return {"gql_status": status, "status_description": text}


_ALONE = {outcome: Packed([_said(outcome)]) for outcome in (SUCCESS, OMITTED, NO_DATA)}


def _notification(found: Notification, query: str) -> dict[str, Any]:
    said: dict[str, Any] = {
        "code": found.code,
        "title": found.title,
        "description": found.description,
        "severity": found.severity,
        "category": found.category,
    }
    if found.at is not None:
        said["position"] = position(query, found.at)
    return said


def _status(found: Notification, query: str) -> dict[str, Any]:
    record: dict[str, Any] = {"_severity": found.severity, "_classification": found.category}
    if found.at is not None:
        record["_position"] = position(query, found.at)
    return {
        "gql_status": found.gql,
        "status_description": found.told,
        "description": found.description,
        "neo4j_code": found.code,
        "title": found.title,
        "diagnostic_record": record,
    }
