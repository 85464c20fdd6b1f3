"""A line to PostgreSQL for one statement by key at a time, which nobody waits for.

It stays in libpq's pipeline mode (PostgreSQL manual, 34.5): the look at the catalog's version, the
statement and the Sync that commits both leave in one message, and one comes back. The look fails
if the catalog is another one than the statement was made from; then nothing has been done. Both
are prepared on the server, the statement when it comes for the first time.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import psycopg
from psycopg import errors
from psycopg.adapt import Transformer
from psycopg.pq import ExecStatus

from fivefold.catalog.catalog import Version
from fivefold.errors import FivefoldError
from fivefold.plan.statement import Prepared
from fivefold.stores.context import Context
from fivefold.stores.contract import Answer
from fivefold.stores.postgres import failures, schema
from fivefold.stores.postgres.cancelling import cancel
from fivefold.stores.postgres.names import DEFAULTS, Settings, settings_texts
from fivefold.stores.postgres.prepared import PostgresPrepared
from fivefold.values.types import Stored

if TYPE_CHECKING:
    from psycopg.pq.abc import PGresult

STATEMENTS_PREPARED = 500  # kept by each line, as by the other connections

_LOOK = b"fivefold_look"
_SAME_VERSION = (
    f"SELECT 1 / CAST(value = $1::int8 AS int4) FROM {schema.META} WHERE name = 'catalog_version'"
).encode()
"""Divides by zero, which ends the transaction, unless $1 is the catalog's version."""

_BAD = (ExecStatus.FATAL_ERROR, ExecStatus.BAD_RESPONSE)


class PostgresLine:
    """A line of the store's contract over one ``psycopg.Connection``; for one thread."""

    def __init__(self, raw: psycopg.Connection) -> None:
        self.raw = raw
        self.broken = False  # nothing more can be sent
        self._line = raw.pgconn
        result = self._line.prepare(_LOOK, _SAME_VERSION)
        if result.status in _BAD:
            raise failures.translate(errors.error_from_result(result))
        self._line.nonblocking = 1
        self._line.enter_pipeline_mode()
        self._transformer = Transformer(raw)
        self._names: OrderedDict[bytes, bytes] = OrderedDict()  # what is prepared, oldest first
        self._useless: list[bytes] = []  # of what is prepared, to be forgotten
        self._count = 0
        self._set: Settings = DEFAULTS
        self._prepared: Prepared | None = None  # what is being run
        self._fresh: bytes | None = None  # its text, if it is being prepared
        self._syncs = 0  # that are still to be answered
        self._looked = False  # the version was found to be the same
        self._failure: FivefoldError | None = None
        self._answer = Answer([], 0)

    def fileno(self) -> int:
        """Return the socket to wait for."""
        return self._line.socket

    def send(
        self,
        prepared: Prepared,
        parameters: Sequence[Stored],
        context: Context,
        version: Version,
    ) -> bool:
        """Send a statement made from that version of the catalog; False says ``flush`` is due."""
        assert isinstance(prepared, PostgresPrepared)
        assert self._prepared is None, "a line runs one statement at a time"
        values = prepared.crossing_values(parameters, context)
        packed = [_packed(value) for value in values]
        formats = [int(type(value) is bytes) for value in values]
        line = self._line
        self._failure, self._looked, self._answer = None, False, Answer([], 0)
        try:
            wanted = (context.zone, context.store_path, context.lock_timeout_ms)
            if wanted != self._set:
                for text in settings_texts(*wanted):
                    line.send_query_params(text.encode(), None)
                self._sync()
                self._set = wanted
            name = self._names.get(prepared.packed) or self._prepare(prepared.packed)
            line.send_query_prepared(_LOOK, (b"%d" % version[1],))
            line.send_query_prepared(name, packed, formats)
            self._prepared = prepared
            self._sync()
            return line.flush() == 0
        except psycopg.Error as error:
            self.broken = True
            raise failures.translate(error) from None

    def _prepare(self, text: bytes) -> bytes:
        if len(self._names) >= STATEMENTS_PREPARED:
            _, oldest = self._names.popitem(last=False)
            self._useless.append(oldest)
        for name in self._useless:
            self._line.send_query_params(b"DEALLOCATE " + name, None)
        self._useless.clear()
        self._count += 1
        name = b"fivefold_line_%d" % self._count
        self._line.send_prepare(name, text)
        # A transaction of its own: the name holds whatever becomes of the statement.
        self._sync()
        self._names[text] = name
        self._fresh = text
        return name

    def _sync(self) -> None:
        self._line.pipeline_sync()
        self._syncs += 1

    def flush(self) -> bool:
        """Send more of what was too long to be sent at once; True once all of it has left."""
        try:
            return self._line.flush() == 0
        except psycopg.Error as error:
            raise failures.translate(error) from None

    def receive(self) -> Answer | None:
        """Take what has come; return the answer when it is whole.

        Raises what the statement failed with, Conflict if the schema has changed, Unavailable
        if the line is broken.
        """
        line = self._line
        try:
            line.consume_input()
            while self._syncs and not line.is_busy():
                result = line.get_result()
                if result is not None:
                    self._take(result)
        except psycopg.Error as error:
            self.broken = True
            raise failures.translate(error) from None
        if self._syncs or self._prepared is None:
            return None
        self._prepared, self._fresh = None, None
        if self._failure is not None:
            raise self._failure
        return self._answer

    def _take(self, result: PGresult) -> None:
        status = result.status
        if status == ExecStatus.PIPELINE_SYNC:
            self._syncs -= 1
        elif status in _BAD:
            self._failed(result)
        elif self._syncs == 1 and status in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
            if not self._looked:
                self._looked = True
                return
            assert isinstance(self._prepared, PostgresPrepared)
            rows = []
            if status == ExecStatus.TUPLES_OK and result.ntuples:
                self._transformer.set_pgresult(result)
                rows = self._prepared.as_stored(
                    self._transformer.load_rows(0, result.ntuples, tuple)
                )
            self._answer = Answer(rows, result.command_tuples or 0)

    def _failed(self, result: PGresult) -> None:
        """Keep the first failure: what follows it says no more than that it was passed over."""
        if self._syncs > 1 and self._fresh is not None:
            self._names.pop(self._fresh, None)
        if self._failure is not None:
            return
        error = errors.error_from_result(result)
        stale = self._syncs == 1 and not self._looked
        if failures.is_cached_plan(error):
            assert isinstance(self._prepared, PostgresPrepared)
            self._useless.append(self._names.pop(self._prepared.packed))
            stale = True
        if stale or error.sqlstate in failures.STALE:
            self._failure = failures.schema_changed()
        else:
            self._failure = failures.translate(error)

    def interrupt(self) -> None:
        """End the statement that is running; callable from any thread, while it runs."""
        cancel(self.raw)

    def close(self) -> None:
        """Close the line."""
        self.raw.close()


def _packed(value: Stored) -> bytes | None:
    """Return a value as it crosses: text, and bytes as they are."""
    if value is None or type(value) is bytes:
        return value
    return value.encode() if type(value) is str else repr(value).encode()
