"""Plans one session's statements, and knows what they depend on besides the catalog.

That is the session's database and user, its search path, its time zone and whether it has anything
temporary. Sessions that agree in it share their plans.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from datetime import datetime, tzinfo

from fivefold.engine.cache import Cache
from fivefold.engine.engine import Snapshot
from fivefold.engine.plans import Plan, find_plan
from fivefold.engine.session import Session
from fivefold.engine.settings import Settings
from fivefold.errors import InvalidStatement
from fivefold.languages.sql.bind.state import Context
from fivefold.languages.sql.tokens import tokenize
from fivefold.stores.context import Context as StoreContext
from fivefold.values.text import parser
from fivefold.values.types import Kind, Row, Stored, Type

_AS_GIVEN = (Kind.TEXT, Kind.VARCHAR)  # texts' stored form is the text

CONTEXTS_CACHED = 100  # choices of parameter types in use at a time


class Planner:
    """The planner of one session.

    ``temporary`` is the name of the session's own namespace, once one was wanted, and
    ``has_temporary`` says whether the catalog has it.
    """

    def __init__(self, session: Session, settings: Settings, context: StoreContext) -> None:
        self.temporary: str | None = None
        self.has_temporary = False
        self._session = session
        self._settings = settings
        self._context = context
        self._search_path = settings.search_path
        self._contexts: Cache[tuple[Type | None, ...], tuple[Context, object]] = Cache(
            CONTEXTS_CACHED
        )
        self._snapshot: Snapshot | None = None
        self._key: Hashable = None
        self._mark: object = None

    def mark(self) -> object:
        """Return an object that is another one whenever plans have to be made again."""
        if self._session.snapshot is not self._snapshot:
            self.forget()
        return self._mark

    def plan(self, text: str, types: tuple[Type | None, ...]) -> tuple[Plan, Row]:
        """Return the plan of one statement and the values of its lifted literals."""
        snapshot = self._session.snapshot
        if snapshot is not self._snapshot:
            self.forget()
        known = self._contexts.get(types)
        if known is None:
            known = (self._bound_in(snapshot, types), self._token(types))
            self._contexts.put(types, known)
        try:
            return find_plan(self._session.engine, snapshot, text, known[1], known[0])
        except InvalidStatement:
            if self._session.renew():
                return self.plan(text, types)  # another process may have made what was missing
            raise

    def _bound_in(self, snapshot: Snapshot, types: tuple[Type | None, ...]) -> Context:
        context = self._context
        return Context(
            snapshot.view(context.prefix),
            context.database,
            self._search_path,
            context.user,
            self._settings.zone,
            types,
            context.prefix,
            self.temporary if self.has_temporary else None,
            self._session.identity,
        )

    def _token(self, types: tuple[Type | None, ...]) -> object:
        return self._session.engine.token((types, self._key))

    def forget(self) -> None:
        """Take note that a setting or the catalog changed, on which plans depend."""
        self._contexts.clear()
        self._snapshot = self._session.snapshot
        self._mark = object()
        settings, context = self._settings, self._context
        seen = self._snapshot.view(context.prefix).namespaces
        self.has_temporary = self.temporary is not None and self.temporary in seen
        self._search_path = settings.search_path
        if self.temporary is not None and self.has_temporary:
            self._search_path = (self.temporary, *self._search_path)
        zone = settings.values["timezone"]
        # Roles with grants have plans of their own: the same name may mean nothing to another.
        identity = self._session.identity
        self._key = (context.database, self._search_path, context.user, zone, identity)
        self._session.lock_timeout_seconds = settings.lock_timeout_ms / 1000
        context.zone = settings.zone
        context.temporary = self.temporary if self.has_temporary else None
        context.lock_timeout_ms = settings.lock_timeout_ms
        context.search_path = tuple(
            name for name in dict.fromkeys(settings.search_path) if name in seen
        )
        found = dict.fromkeys(name for name in self._search_path if name in seen)
        context.store_path = tuple(context.prefix + name for name in found)


def read_texts(
    plan: Plan,
    texts: Sequence[Stored],
    types: tuple[Type | None, ...],
    zone: tzinfo,
    now: Callable[[], datetime],
) -> Sequence[Stored]:
    """Return parameters in stored form; those for which no type was given are texts still."""
    values = list(texts)
    for at, given in enumerate(types):
        if given is None and values[at] is not None:
            type_ = plan.types[at]
            if type_.kind not in _AS_GIVEN:
                values[at] = parser(type_, zone, now)(str(values[at]))
    return values


def missing_parameter(text: str, given: int) -> InvalidStatement | None:
    """Return what to raise if the text names more parameters than it is given."""
    for kind, value, start, _ in tokenize(text):
        if kind == "parameter" and int(value) > given:
            return InvalidStatement(
                f"there is no parameter ${value}", "undefined_parameter", position=start + 1
            )
    return None
