"""What the privileges of a plan are: those of its statements and of its command itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fivefold.catalog.changes import AlterTable, Change, CreateContainer
from fivefold.catalog.containers import ForeignKey, Table
from fivefold.catalog.roles import Privilege
from fivefold.engine.plans import Plan
from fivefold.languages.sql import commands as c
from fivefold.plan.statement import Access, Statement


def needed(plan: Plan) -> tuple[Access, ...]:
    """Return all that a plan does to containers, by the names that the store knows."""
    found: dict[Access, None] = {}
    for prepared in plan.prepared:
        found |= dict.fromkeys(prepared.statement.accesses)
    command = plan.command
    match command:
        case c.Schema(changes=changes, accesses=accesses, fill=fill, empty=empty):
            found |= dict.fromkeys(accesses)
            found |= dict.fromkeys(_referenced(changes))
            for statement in (fill, empty):
                found |= dict.fromkeys(_of(statement))
        case c.LockTables(tables=tables):
            found |= {Access(each.namespace, each.name, Privilege.WRITE): None for each in tables}
        case c.Upkeep(tables=tables):
            found |= {
                Access(each.namespace, each.name, Privilege.ADMINISTER): None for each in tables
            }
        case c.Database():
            found[Access("", "", Privilege.ADMINISTER)] = None
        case c.Query(locks=True):
            found |= {
                Access(each.namespace, each.container, Privilege.WRITE): None for each in [*found]
            }
    return tuple(found)


def _referenced(changes: Iterable[Change]) -> Iterator[Access]:
    """Yield what new foreign keys need: they look for rows, and keep them from being deleted."""
    for change in changes:
        old: tuple[ForeignKey, ...] = ()
        match change:
            case CreateContainer(container=Table() as new):
                own = (new.namespace, new.name)
            case AlterTable(old=before, new=new):
                old, own = before.foreign_keys, (new.namespace, new.name)
            case _:
                continue
        for key in new.foreign_keys:
            if key.target != own and key.target not in [each.target for each in old]:
                yield Access(*key.target, Privilege.READ)
                yield Access(*key.target, Privilege.WRITE)


def _of(statement: Statement | None) -> tuple[Access, ...]:
    return () if statement is None else statement.accesses
