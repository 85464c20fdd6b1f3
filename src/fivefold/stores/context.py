"""What SQL functions know of the session that runs them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Context:
    """The session's side of a statement; the engine keeps it true.

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


class Attended:
    """Stands for the context of whichever session uses a connection at the moment.

    Functions are registered once for each connection, and connections change hands.
    """

    __slots__ = ("context",)

    def __init__(self) -> None:
        object.__setattr__(self, "context", Context())

    def attend(self, context: Context) -> None:
        """Stand for this one from now on."""
        object.__setattr__(self, "context", context)

    def __getattr__(self, name: str) -> object:
        return getattr(self.context, name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self.context, name, value)
