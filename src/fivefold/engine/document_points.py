"""Single documents without a command: what an embedded program does all day.

A look-up by ``_id``, or by a filter whose form is known, an insert into a collection that knows
such documents already, an update or a delete by ``_id`` are a statement or two each. Whatever else
there is to do, a collection to be made, a validator to be asked, an error to be told, is a
command's work: who calls is told so by ``NotQuick``, and nothing was done.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final, Literal, TypeVar

from fivefold.engine.documents import Documents
from fivefold.engine.session import StalePlan
from fivefold.errors import FivefoldError
from fivefold.languages.mongo import collections
from fivefold.languages.mongo.collections import Name, Opened, entry_of
from fivefold.languages.mongo.lower.forms import Form, Way, form_of, interval_of, way_of
from fivefold.languages.mongo.writing import Pair, quick_entry
from fivefold.languages.unit import Unit
from fivefold.models.document.records import Records
from fivefold.models.document.shape import Paths
from fivefold.stores.contract import Connection
from fivefold.values.documents.codec import DOCUMENT_BYTES_MAX, decode, encode
from fivefold.values.documents.kinds import Document

T = TypeVar("T")

HELD_MAX = 2_000
"""Documents that are read at once; to more of them a cursor leads."""


class NotQuick(Exception):
    """It takes a command."""


NOT_QUICK: Final = NotQuick()


def get(data: Documents, name: Name, key: bytes) -> bytes | None:
    """Return the document with that key of ``_id``. Raises NotQuick, FivefoldError."""
    session = data.session
    snapshot = session.snapshot
    opened: Opened | None = snapshot.plans.get(("collection", *name))
    if opened is None:
        opened = _open(data, name)
        snapshot = session.snapshot
    statement = opened.plans.get

    def work(connection: Connection) -> list[tuple[Any, ...]]:
        return connection.run(statement, (key,))

    try:
        rows = session.perform(work, write=False, version=snapshot.version)
    except StalePlan:
        raise NOT_QUICK from None
    return rows[0][0] if rows else None


def find(data: Documents, name: Name, filter: Document, limit: int) -> list[bytes]:
    """Return the documents that a filter finds, the first ``limit`` if that is not 0.

    Raises NotQuick, also if there are more of them than should be held, and FivefoldError.
    """
    known = form_of(filter)
    if known is None:
        raise NOT_QUICK
    form, values = known
    session = data.session
    snapshot = session.snapshot
    key = ("form", *name, *form)
    way: Way | Literal[False] | None = snapshot.plans.get(key, False)
    if way is False:
        way = _way(data, name, filter, form, values)
        snapshot = session.snapshot
        snapshot.plans.put(key, way)
    if way is None:
        raise NOT_QUICK
    statement = way.statement
    interval = interval_of(way, form, values)
    if interval is None:
        raise NOT_QUICK
    most = limit or HELD_MAX + 1

    def work(connection: Connection) -> list[Any]:
        return [row[1] for row in islice(connection.stream(statement, interval), most)]

    try:
        found = session.perform(work, write=False, version=snapshot.version)
    except StalePlan:
        raise NOT_QUICK from None
    if len(found) > (limit or HELD_MAX):
        raise NOT_QUICK
    return found


def _way(
    data: Documents, name: Name, filter: Document, form: Form, values: list[Any]
) -> Way | None:
    _open(data, name)

    def work(unit: Unit) -> Way | None:
        opened = collections.find(unit, name)
        return None if opened is None else way_of(unit, opened, filter, form, values)

    return data.read(work, several=False)


def insert(data: Documents, name: Name, pair: Pair) -> None:
    """Insert a document. Raises NotQuick, and FivefoldError for what is wrong with it."""
    session = data.session
    snapshot = session.snapshot
    opened: Opened | None = snapshot.plans.get(("collection", *name))
    if opened is None:
        opened = _open(data, name)
        snapshot = session.snapshot
    entry = quick_entry(opened, pair)
    if entry is None:
        raise NOT_QUICK
    plans, stamp = opened.plans, session.engine.clock.stamp

    def work(connection: Connection) -> None:
        Records(connection, plans, stamp).insert(entry)

    try:
        # In PostgreSQL a statement that is refused takes its transaction with it.
        several = bool(plans.indexes) or not plans.numbered
        session.perform(work, write=True, several=several, version=snapshot.version)
    except StalePlan:
        raise NOT_QUICK from None


def update(data: Documents, name: Name, key: bytes, given: Document) -> tuple[int, int]:
    """Update the document with that key of ``_id``, or replace it; return how many were matched
    and how many changed. Raises NotQuick, and FivefoldError for a conflict.
    """
    from fivefold.languages.mongo.update.compile import compile_update

    session = data.session
    opened = _writable(data, name)
    try:
        change = compile_update(given)
    except FivefoldError:
        raise NOT_QUICK from None
    if change.positional:
        raise NOT_QUICK
    plans, clock = opened.plans, session.engine.clock
    now = datetime.fromtimestamp(clock.now_ms() / 1000, UTC).replace(tzinfo=None)

    def work(connection: Connection) -> tuple[int, int]:
        rows = connection.run(plans.locate, (key,))
        if not rows:
            return 0, 0
        place: Any
        raw: Any
        place, raw = rows[0]
        before = decode(raw)
        try:
            after = change.apply(before, now=now)
            if after is before:
                return 1, 0
            raw = encode(after)
            grown: Paths = {}
            if len(raw) > DOCUMENT_BYTES_MAX:
                raise NOT_QUICK
            entry = entry_of(raw, after, opened.shape, grown)
            if grown:
                raise NOT_QUICK
            Records(connection, plans, clock.stamp).replace(place, before, entry)
        except FivefoldError as error:
            if error.retry:
                raise
            raise NOT_QUICK from None
        return 1, 1

    return _changed(data, work)


def delete(data: Documents, name: Name, key: bytes) -> int:
    """Delete the document with that key of ``_id``; return how many that was.

    Raises NotQuick, and FivefoldError for a conflict.
    """
    plans, stamp = _writable(data, name).plans, data.session.engine.clock.stamp

    def work(connection: Connection) -> int:
        rows = connection.run(plans.locate, (key,))
        if not rows:
            return 0
        place: Any
        raw: Any
        place, raw = rows[0]
        Records(connection, plans, stamp).delete(place, decode(raw))
        return 1

    return _changed(data, work)


def _writable(data: Documents, name: Name) -> Opened:
    """Return a collection whose documents are no matter of any others. Raises NotQuick."""
    opened: Opened | None = data.session.snapshot.plans.get(("collection", *name))
    if opened is None:
        opened = _open(data, name)
    if not opened.takes_all:
        raise NOT_QUICK
    return opened


def _changed(data: Documents, work: Callable[[Connection], T]) -> T:
    """Return what work that writes returns. Raises NotQuick if its plans are of an older schema."""
    session = data.session
    try:
        return session.perform(work, write=True, several=True, version=session.snapshot.version)
    except StalePlan:
        raise NOT_QUICK from None


def _open(data: Documents, name: Name) -> Opened:
    """Return a collection of documents that is there. Raises NotQuick."""
    if not data.session.open and not data.session.snapshot.catalog.find(*name):
        raise NOT_QUICK
    opened = data.read(
        lambda unit: collections.find(unit, name) if collections.is_stored(unit, name) else None,
        several=False,
    )
    if opened is None:
        raise NOT_QUICK
    return opened
