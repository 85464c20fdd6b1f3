"""What SQL functions know of the session that runs them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Context:
    """The session's side of a statement; the engine sets it before it runs one.

    ``now_utc`` is the transaction's start, ``statement_utc`` the statement's. ``current_values``
    keeps what nextval last gave this session, by (namespace, sequence): currval reads it.
    """

    now_utc: datetime = field(default_factory=_utc_now)
    statement_utc: datetime = field(default_factory=_utc_now)
    zone: tzinfo = UTC
    user: str = "fivefold"
    session_user: str = "fivefold"
    database: str = "fivefold"
    search_path: tuple[str, ...] = ("public",)
    settings: dict[str, str] = field(default_factory=dict)
    process_id: int = 0
    current_values: dict[tuple[str, str], int] = field(default_factory=dict)
    last_sequence: tuple[str, str] | None = None
