"""What SQL functions know of the session that runs them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Protocol

from fivefold.errors import Unsupported
from fivefold.values.types import Stored


class SystemCatalog(Protocol):
    """What functions know of the catalog that the session's statement sees."""

    def call(self, function: str, path: tuple[str, ...], arguments: tuple[Stored, ...]) -> Stored:
        """Return the answer of a function about the catalog; ``path`` is the search path."""
        ...

    def name_of(self, kind: str, oid: int, path: tuple[str, ...]) -> str:
        """Return the name that a reg… type shows for an oid."""
        ...

    def relation_name(self, oid: int) -> tuple[str, str] | None:
        """Return the namespace and name of a relation, None if there is none of that oid."""
        ...

    def oid_of(self, kind: str, text: str, path: tuple[str, ...]) -> int:
        """Return the oid that a reg… type reads; raises InvalidStatement if there is none."""
        ...


class AdvisoryLocks(Protocol):
    """The advisory locks that a session holds; engine/advisory.py says what each does."""

    def lock(
        self,
        parts: tuple[int, int, int],
        *,
        shared: bool,
        transaction: bool,
        check: Callable[[], None] | None,
    ) -> bool:
        """Take a lock, waiting for it if there is a ``check``; say whether it was taken."""
        ...

    def unlock(self, parts: tuple[int, int, int], *, shared: bool) -> bool:
        """Give a lock back once; say whether the session had it."""
        ...

    def unlock_all(self) -> None:
        """Give all locks of the session back."""
        ...


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _no_setting(name: str) -> str | None:
    return None


def _not_set(name: str, value: str | None, local: bool) -> str:
    return value or ""


def _going_on() -> None:
    pass


def _no_locks() -> AdvisoryLocks:
    raise Unsupported("advisory locks are not supported here", hint="Open a SQL session.")


def _nobody(process_id: int, terminate: bool) -> bool:
    return False


@dataclass(slots=True)
class Context:
    """The session's side of a statement; the engine keeps it true.

    ``transaction_utc`` is the start of the open transaction, None outside one. ``current_values``
    keeps what nextval last gave this session, by (namespace, sequence): currval reads it.
    ``settings`` are those that SQL's functions ask for most; ``find_setting`` knows all, None for
    no such name, and ``set_setting`` sets one, for the transaction or the session.
    ``signal`` cancels what the session with a process id runs, or ends that session, and says
    whether there is one.
    ``locks`` gives the session's advisory locks. ``check`` raises Limit where the running statement
    has been cancelled or has run too long: functions that wait call it now and then.
    ``touched`` are the keys of the rows that the running INSERT … DO UPDATE has made or changed.
    ``lock_timeout_ms`` is 0 where the store's own limit is to hold.
    ``search_path`` holds namespaces that exist, none twice; ``temporary`` is the session's own,
    in which relations are looked for before them, once it exists; ``store_path`` are both, as the
    store calls them. ``system`` makes the catalog
    of the statement's snapshot, where somebody asks.
    """

    transaction_utc: datetime | None = None
    zone: tzinfo = UTC
    user: str = "fivefold"
    session_user: str = "fivefold"
    database: str = "fivefold"
    search_path: tuple[str, ...] = ("public",)
    temporary: str | None = None
    store_path: tuple[str, ...] = ("public",)
    lock_timeout_ms: int = 0
    prefix: str = ""  # of this database's namespaces, in the store
    settings: dict[str, str] = field(default_factory=dict)
    find_setting: Callable[[str], str | None] = _no_setting
    set_setting: Callable[[str, str | None, bool], str] = _not_set
    process_id: int = 0
    signal: Callable[[int, bool], bool] = _nobody
    locks: Callable[[], AdvisoryLocks] = _no_locks
    check: Callable[[], None] = _going_on
    current_values: dict[tuple[str, str], int] = field(default_factory=dict)
    last_sequence: tuple[str, str] | None = None
    touched: set[tuple[Stored, ...]] = field(default_factory=set)
    clock: Callable[[], datetime] = _utc_now
    system: Callable[[], SystemCatalog] | None = None
    _statement_utc: datetime | None = None

    def begin_statement(self, transaction_utc: datetime | None) -> None:
        """Take note that a statement begins, in a transaction or by itself."""
        self.transaction_utc = transaction_utc
        self._statement_utc = None

    @property
    def relation_path(self) -> tuple[str, ...]:
        """Return the namespaces in which relations are looked for."""
        if self.temporary is None:
            return self.search_path
        return (self.temporary, *self.search_path)

    @property
    def statement_utc(self) -> datetime:
        """Return the statement's start; the clock is read when that is first asked for."""
        found = self._statement_utc
        if found is None:
            found = self._statement_utc = self.clock()
        return found

    @property
    def now_utc(self) -> datetime:
        """Return the transaction's start: a statement's own, if it is one by itself."""
        return self.transaction_utc or self.statement_utc


class Attended:
    """Stands for the context of whichever session uses a connection at the moment.

    Functions are registered once for each connection, and connections change hands.
    """

    __slots__ = ("check", "context")
    context: Context

    def __init__(self, check: Callable[[], None]) -> None:
        object.__setattr__(self, "check", check)
        object.__setattr__(self, "context", Context())

    def attend(self, context: Context) -> None:
        """Stand for this one from now on."""
        object.__setattr__(self, "context", context)

    def __getattr__(self, name: str) -> object:
        return getattr(self.context, name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self.context, name, value)
