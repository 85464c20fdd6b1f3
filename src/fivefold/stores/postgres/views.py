"""Views in the server itself, so that its catalogs show them: shadows of fivefold's own.

fivefold puts a view's query in its place in every statement, and needs none. The server's view is
for who asks its catalogs (``\\dv``, pg_get_viewdef) and for programs that read past fivefold. It is
made from the same text, in the same transaction. Since the server lets nothing go that a
view reads, the views that do are taken away before such a change, and whatever is missing after
a change is made, in any order that works. A view that the server refuses, and one in a
database beside the main one, whose names are others there, is not shown.
"""

from __future__ import annotations

from dataclasses import replace

import psycopg

from fivefold.catalog import codec
from fivefold.catalog.catalog import SEPARATOR
from fivefold.catalog.changes import AlterTable, Change, DropContainer
from fivefold.catalog.containers import Table, View
from fivefold.stores.postgres import comments
from fivefold.stores.postgres.names import OWN_SCHEMA, qualified, quote
from fivefold.stores.postgres.reflect import Execute

_TRY = "fivefold_view"  # the savepoint around what the server may refuse

# A view is read by way of its rewrite rule (PostgreSQL manual, 53.18 and 53.45).
_READERS = f"""
    WITH RECURSIVE readers(oid, depth) AS (
        SELECT to_regclass($1::text)::oid, 0
        UNION
        SELECT r.ev_class, readers.depth + 1 FROM readers
        JOIN pg_depend d ON d.refobjid = readers.oid AND d.refclassid = 'pg_class'::regclass
            AND d.classid = 'pg_rewrite'::regclass AND d.deptype = 'n'
        JOIN pg_rewrite r ON r.oid = d.objid AND r.ev_class <> readers.oid
    )
    SELECT n.nspname, c.relname FROM readers
    JOIN pg_class c ON c.oid = readers.oid AND c.relkind = 'v' AND readers.depth > 0
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN {OWN_SCHEMA}.fivefold_containers k ON k.namespace = n.nspname AND k.name = c.relname
    GROUP BY 1, 2 ORDER BY max(readers.depth) DESC
"""
_MISSING = f"""
    SELECT k.definition FROM {OWN_SCHEMA}.fivefold_containers k
    WHERE starts_with(k.definition, '{{"@":"View"') AND NOT EXISTS (
        SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = k.namespace AND c.relname = k.name
    )
"""
_IS_THERE = "SELECT 1 FROM pg_class WHERE oid = to_regclass($1::text) AND relkind = 'v'"


def clear(execute: Execute, change: Change) -> None:
    """Take away the views that read what a change drops or gives another shape."""
    match change:
        case DropContainer(container) if isinstance(container, Table | View):
            dropped = container
        case AlterTable(old) if _reshapes(change):
            dropped = old
        case _:
            return
    for namespace, name in execute(_READERS, (qualified(dropped.namespace, dropped.name),)):
        drop(execute, str(namespace), str(name))


def _reshapes(change: AlterTable) -> bool:
    """Say whether a view may stand in the way: it follows what is renamed, and minds no more."""
    renamed = dict(change.renamed)
    for column in change.old.columns:
        after = change.new.column(renamed.get(column.name, column.name))
        if after is None or after.type != column.type:
            return True
    # GROUP BY a primary key hangs on that key.
    return change.old.primary_key != change.new.primary_key


def drop(execute: Execute, namespace: str, name: str) -> None:
    """Drop a view, if it is there."""
    execute(f"DROP VIEW IF EXISTS {qualified(namespace, name)}")


def is_there(execute: Execute, view: View) -> bool:
    """Say whether the server has the view."""
    return bool(execute(_IS_THERE, (qualified(view.namespace, view.name),)))


def restore(execute: Execute) -> None:
    """Make the views that are missing: some may have to wait for others."""
    missing = [codec.decode(str(definition)) for (definition,) in execute(_MISSING)]
    views = [one for one in missing if isinstance(one, View) and SEPARATOR not in one.namespace]
    while views:
        left = [one for one in views if not _made(execute, one)]
        if len(left) == len(views):
            return
        views = left


def _made(execute: Execute, view: View) -> bool:
    """Make a view; False if the server refuses it now."""
    execute(f"SAVEPOINT {_TRY}")
    try:
        execute(view_text(view))
    except psycopg.Error:
        execute(f"ROLLBACK TO {_TRY}")
        return False
    finally:
        execute(f"RELEASE {_TRY}")
    plain = tuple(replace(column, comment=None) for column in view.columns)
    for text in comments.comment_texts(replace(view, comment=None, columns=plain), view):
        execute(text)
    return True


def view_text(view: View) -> str:
    """Return CREATE VIEW; the query's names are resolved, so that no search path matters."""
    columns = ", ".join(quote(column.name) for column in view.columns)
    listed = f" ({columns})" if columns else ""
    check = "" if view.check is None else f" WITH {view.check.upper()} CHECK OPTION"
    return f"CREATE VIEW {qualified(view.namespace, view.name)}{listed} AS {view.query}{check}"
