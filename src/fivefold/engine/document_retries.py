"""Retryable writes: a write that comes again, because its answer was lost, is done once.

A session's last write and its answer are a row of ``config.retryable_writes``, written in the
transaction of the write itself: whatever became of the server meanwhile, either both are there or
neither. Source: the drivers' specification "Retryable Writes".
"""

from __future__ import annotations

from fivefold.catalog.changes import Change, CreateContainer, CreateNamespace
from fivefold.catalog.containers import Column, Key, Model, Table
from fivefold.catalog.roles import Privilege
from fivefold.languages.unit import NeedsChange, Unit
from fivefold.plan.statement import Access, Effort, Output, Prepared, Statement, Template
from fivefold.values.documents.codec import decode, encode
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document
from fivefold.values.types import BYTEA, INT8

NAME = ("config", "retryable_writes")

TABLE = Table(
    *NAME,
    (
        Column("session", BYTEA, not_null=True),
        Column("number", INT8, not_null=True),
        Column("used_ms", INT8, not_null=True),
        Column("reply", BYTEA, not_null=True),
    ),
    keys=(Key("retryable_writes_pkey", ("session",), primary=True),),
    model=Model.DOCUMENT,
)

_CONTAINERS = {"t": NAME}
_FIND = Statement(
    Template("SELECT number, reply FROM {t} WHERE session = ?", _CONTAINERS),
    parameters=(BYTEA,),
    outputs=(Output("number", INT8), Output("reply", BYTEA)),
    accesses=(Access(*NAME, Privilege.READ),),
    effort=Effort.POINT,
)
_KEEP = Statement(
    Template(
        "INSERT INTO {t} (session, number, used_ms, reply) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (session) DO UPDATE SET number = excluded.number,"
        " used_ms = excluded.used_ms, reply = excluded.reply",
        _CONTAINERS,
    ),
    parameters=(BYTEA, INT8, INT8, BYTEA),
    accesses=(Access(*NAME, Privilege.WRITE),),
    writes=True,
    effort=Effort.POINT,
)
_SWEEP = Statement(
    Template("DELETE FROM {t} WHERE used_ms < ?", _CONTAINERS),
    parameters=(INT8,),
    accesses=(Access(*NAME, Privilege.WRITE),),
    writes=True,
)


def done(unit: Unit, lsid: bytes, number: int) -> Document | None:
    """Return the answer of a write that was done, None if it was not. Raises fault 225."""
    if unit.catalog.find(*NAME) is None:
        return None
    rows = unit.runner.run(_prepared(unit, _FIND), (lsid,))
    if not rows or rows[0][0] < number:
        return None
    if rows[0][0] > number:
        raise fault(
            225,
            f"Retryable write with txnNumber {number} is prohibited on session {lsid.hex()} because"
            f" a newer retryable write with txnNumber {rows[0][0]} has already started.",
        )
    return decode(rows[0][1])


def keep(unit: Unit, lsid: bytes, number: int, reply: Document) -> None:
    """Keep a write's answer. Raises NeedsChange if there is no table for it yet."""
    if unit.catalog.find(*NAME) is None:
        changes: list[Change] = [CreateContainer(TABLE)]
        if NAME[0] not in unit.catalog.namespaces:
            changes.insert(0, CreateNamespace(NAME[0]))
        raise NeedsChange(tuple(changes))
    values = (lsid, number, unit.now_ms, encode(reply))
    unit.runner.run(_prepared(unit, _KEEP), values)


def sweep(unit: Unit, before_ms: int) -> None:
    """Forget the writes of sessions that have not written since."""
    if unit.catalog.find(*NAME) is not None:
        unit.runner.run(_prepared(unit, _SWEEP), (before_ms,))


def _prepared(unit: Unit, statement: Statement) -> Prepared:
    return unit.remember(("retries", id(statement)), lambda: unit.prepare(statement))
