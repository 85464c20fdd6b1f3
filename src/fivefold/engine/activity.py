"""What the sessions of a server do, as pg_stat_activity and pg_locks tell it.

Source: the PostgreSQL 15 manual, tables 28.3 and 54.12. A file has one writer: who waits for its
place is shown as PostgreSQL shows who waits for a row, by a lock on the writer's transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from fivefold.catalog.oids import Of, oid_of
from fivefold.languages.sql.system.catalog import row
from fivefold.values.datetimes import moment_text
from fivefold.values.records import Record
from fivefold.values.types import Row

if TYPE_CHECKING:
    from fivefold.engine.sql import SqlSession
    from fivefold.stores.contract import Connection

QUERY_BYTES_MAX = 1023
"""Of a query's text, as where track_activity_query_size has its default."""


class Activity(Record):
    """One session. ``heard`` is when its client last sent something; ``address`` is the client's.

    ``writes`` says that it has the writer's place, ``waits_to_write`` that it stands in line.
    """

    sql: SqlSession
    busy: bool
    writes: bool
    waits_to_write: bool
    query: str
    started: datetime | None = None
    heard: datetime | None = None
    address: str | None = None
    port: int | None = None


def _sessions(session: SqlSession) -> list[Activity]:
    """Return the sessions of the server, or this one, which no server knows."""
    if session.peers is not None:
        return session.peers()
    return [Activity(session, True, session.session.granted, False, "")]


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment_text(moment.replace(tzinfo=None)) + "+00"


_STATES = {"I": "idle", "T": "idle in transaction", "E": "idle in transaction (aborted)"}


def activities(session: SqlSession, connection: Connection) -> Iterator[Row]:
    """Yield pg_stat_activity."""
    waiting = {one.process_id for one, _ in _advisory(session)[1]}
    for one in _sessions(session):
        sql, own = one.sql, one.sql is session
        active = one.busy or own
        begun = sql.session.begun_utc
        heard = one.heard
        if own:  # a statement by itself began with its transaction
            heard = begun if begun and sql.implicit else session.context.statement_utc
        begun = begun or (heard if active else None)
        process_id = sql.context.process_id
        lock = "transactionid" if one.waits_to_write else None
        lock = "advisory" if process_id in waiting else lock
        yield row(
            "pg_stat_activity",
            datid=oid_of(Of.DATABASE, sql.database),
            datname=sql.database,
            pid=process_id,
            usesysid=10,
            usename=sql.user,
            application_name=sql.settings.values.get("application_name", ""),
            client_addr=one.address,
            client_port=one.port,
            backend_start=_moment(one.started),
            xact_start=_moment(begun),
            query_start=_moment(heard),
            state_change=_moment(heard),
            wait_event_type="Lock" if lock else None if active else "Client",
            wait_event=lock or (None if active else "ClientRead"),
            state="active" if active else _STATES[sql.status],
            backend_xid=process_id if one.writes else None,
            query=_shown(session, one),
            backend_type="client backend",
        )


def _shown(session: SqlSession, one: Activity) -> str:
    """Return the query, of others' only for superusers."""
    if one.sql.user != session.user and session.session.identity is not None:
        return "<insufficient privilege>"
    return one.query.encode()[:QUERY_BYTES_MAX].decode(errors="ignore")


def locks(session: SqlSession, connection: Connection) -> Iterator[Row]:
    """Yield pg_locks: the writer's place, and advisory locks."""
    sessions = _sessions(session)
    writer = next((one for one in sessions if one.writes), None)
    for one in sessions:
        process_id = one.sql.context.process_id
        if one is writer or (one.waits_to_write and writer is not None):
            yield row(
                "pg_locks",
                locktype="transactionid",
                transactionid=None if writer is None else writer.sql.context.process_id,
                virtualtransaction=f"{process_id}/1",
                pid=process_id,
                mode="ExclusiveLock" if one is writer else "ShareLock",
                granted=int(one is writer),
                fastpath=0,
                waitstart=_moment(None if one is writer else one.heard),
            )
    for granted, found in zip((1, 0), _advisory(session), strict=True):
        for owner, lock in found:
            prefix, classid, objid, objsubid = lock.key
            database = prefix.rstrip("/") or session.engine.store.name
            yield row(
                "pg_locks",
                locktype="advisory",
                database=oid_of(Of.DATABASE, database),
                classid=classid,
                objid=objid,
                objsubid=objsubid,
                virtualtransaction=f"{owner.process_id}/1",
                pid=owner.process_id,
                mode=lock.mode,
                granted=granted,
                fastpath=0,
            )


def _advisory(session: SqlSession) -> tuple[list[Held], list[Held]]:
    """Return who holds which advisory locks, and who waits for which."""
    return session.engine.advisory.held()


if TYPE_CHECKING:
    from fivefold.engine.advisory import Lock, SessionLocks

    Held = tuple[SessionLocks, Lock]
