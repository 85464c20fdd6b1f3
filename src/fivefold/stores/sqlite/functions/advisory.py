"""Advisory locks as SQL's functions: pg_advisory_lock and its kin.

Source: the PostgreSQL 15 manual, table 9.97.
"""

from __future__ import annotations

from itertools import product

from fivefold.stores.sqlite.context import Context
from fivefold.stores.sqlite.functions.table import Entry, Function, Needs

_MASK = (1 << 32) - 1


def _parts(keys: tuple[int, ...]) -> tuple[int, int, int]:
    """Return classid, objid and objsubid of a lock, as pg_locks tells them."""
    if len(keys) == 1:
        return keys[0] >> 32 & _MASK, keys[0] & _MASK, 1
    return keys[0] & _MASK, keys[1] & _MASK, 2


def _lock(*, tries: bool, transaction: bool, shared: bool) -> Function:
    def lock(context: Context, *keys: int | None) -> int | str | None:
        given = tuple([key for key in keys if key is not None])
        if len(given) < len(keys):
            return None
        check = None if tries else context.check
        locks = context.locks()
        taken = locks.lock(_parts(given), shared=shared, transaction=transaction, check=check)
        return int(taken) if tries else ""

    return lock


def _unlock(*, shared: bool) -> Function:
    def unlock(context: Context, *keys: int | None) -> int | None:
        given = tuple([key for key in keys if key is not None])
        if len(given) < len(keys):
            return None
        return int(context.locks().unlock(_parts(given), shared=shared))

    return unlock


def _unlock_all(context: Context) -> str:
    context.locks().unlock_all()
    return ""


def _entries() -> list[Entry]:
    made: dict[str, Function] = {"ff_pg_advisory_unlock_all": _unlock_all}
    for tries, transaction, shared in product((False, True), repeat=3):
        name = f"ff_pg_{'try_' if tries else ''}advisory_{'xact_' if transaction else ''}lock"
        made[name + ("_shared" if shared else "")] = _lock(
            tries=tries, transaction=transaction, shared=shared
        )
    for shared in (False, True):
        made["ff_pg_advisory_unlock" + ("_shared" if shared else "")] = _unlock(shared=shared)
    return [
        Entry(name, 0 if function is _unlock_all else -1, function, False, Needs.CONTEXT)
        for name, function in made.items()
    ]


FUNCTIONS: tuple[Entry, ...] = tuple(_entries())
