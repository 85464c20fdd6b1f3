"""A salvaged file's models brought into agreement with the rows that are left.

What only repeats other rows (indexes of documents, graphs and column families, counts and
blocks of keys) is made anew; what refers to a row that is lost, and cannot be without it, goes, and
is counted. Everything is a note of what was done.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from fivefold.catalog.containers import View
from fivefold.catalog.roles import Privilege
from fivefold.errors import FivefoldError, Violation
from fivefold.models.document.layout import index_table_name
from fivefold.models.graph import layout as graph_layout
from fivefold.models.keyvalue.layout import ELEMENTS, KEYS, LIST, STREAM, TABLES
from fivefold.models.widecolumn.layout import INDEXED, TOKEN, index_name
from fivefold.models.widecolumn.shape import named
from fivefold.plan.statement import Access, Effort, Statement, Template
from fivefold.stores.contract import Connection, Store
from fivefold.upkeep import documents, families, graphs, keyvalue
from fivefold.upkeep.looking import Looking
from fivefold.upkeep.report import Place
from fivefold.values.types import BYTEA, INT8, Type

_LAST_POSITION = 1 << 40
"""Where a list that has lost items begins anew: no position that it had is near."""


def repair(store: Store) -> list[str]:
    """Bring the models' tables into agreement; return what was done, a sentence each."""
    connection = store.connect()
    try:
        connection.begin(write=True)
        look = Looking(store, connection, connection.load_catalog())
        notes = list(_Repair(look, store, connection).all())
        connection.commit()
        return notes
    finally:
        connection.close()


class _Repair:
    """One run, inside one transaction."""

    def __init__(self, look: Looking, store: Store, connection: Connection) -> None:
        self._look, self._store, self._connection = look, store, connection

    def all(self) -> Iterator[str]:
        for place, container in sorted(self._look.catalog.containers.items()):
            if not isinstance(container, View):
                continue
            try:
                if container.collection is not None and container.collection.source is None:
                    yield from self._documents(container)
                elif container.graph is not None:
                    yield from self._graph(container)
                elif container.family is not None:
                    yield from self._family(container)
            except FivefoldError as error:  # a table of it is lost: the rest goes on
                yield f"{'.'.join(place)} is left as it is: {error}"
        for space in keyvalue.databases(self._look.catalog):
            try:
                yield from self._keys(space)
            except FivefoldError as error:
                yield f"{space} is left as it is: {error}"

    def _run(
        self,
        text: str,
        containers: dict[str, Place],
        given: Sequence[Type] = (),
        rows: Iterable[Sequence[Any]] = ((),),
    ) -> int:
        """Run a statement once for each row; return how many rows of the table it changed."""
        prepared = self._store.prepare(
            Statement(
                Template(text, containers),
                parameters=tuple(given),
                accesses=tuple(Access(*each, Privilege.WRITE) for each in containers.values()),
                writes=True,
                effort=Effort.SCAN,
            )
        )
        changed = 0
        for row in rows:
            self._connection.run(prepared, tuple(row))
            changed += self._connection.changes()
        return changed

    def _filled(
        self, table: Place, columns: str, types: Sequence[Type], rows: Iterable[Sequence[Any]]
    ) -> int:
        """Empty the table of an index, fill it anew, and return how many were refused."""
        kept = list(rows)
        self._run("DELETE FROM {i}", {"i": table})
        marks = ", ".join("?" * len(types))
        text = f"INSERT INTO {{i}} ({columns}) VALUES ({marks})"
        refused = 0
        for row in kept:
            try:
                self._run(text, {"i": table}, types, [row])
            except Violation:
                refused += 1
        return refused

    def _documents(self, view: View) -> Iterator[str]:
        for keys in (found := documents.Documents(self._look, view)).keys:
            name = keys.definition.name
            table = (view.namespace, index_table_name(view.name, name))
            refused = self._filled(table, "key, place", [BYTEA, INT8], found.expected(keys))
            if refused:
                yield f"{refused} keys are twice in the unique index {name} of {view.name}"

    def _graph(self, view: View) -> Iterator[str]:
        tables = {
            "n": (view.namespace, graph_layout.NODE_TABLE),
            "r": (view.namespace, graph_layout.RELATIONSHIP_TABLE),
        }
        gone = self._run(
            "DELETE FROM {r} WHERE NOT EXISTS (SELECT 1 FROM {n} n WHERE n.id = source)"
            " OR NOT EXISTS (SELECT 1 FROM {n} n WHERE n.id = target)",
            tables,
        )
        if gone:
            yield f"{gone} relationships of {view.namespace} went with nodes that are lost"
        found = graphs.GraphRows(self._look, view)
        assert view.graph is not None
        for index in view.graph.indexes:
            table = (view.namespace, graph_layout.index_table_name(index))
            refused = self._filled(table, "key, id", [BYTEA, INT8], found.expected(index))
            if refused:
                yield f"{refused} keys are twice in the unique index {index.name}"

    def _family(self, view: View) -> Iterator[str]:
        found = families.FamilyRows(self._look, view)
        for index, side in found.indexes():
            table = (view.namespace, index_name(view.name, index.name))
            columns = ", ".join(
                [named(INDEXED), named(TOKEN), *(named(one.name) for one in side.keys)]
            )
            types = [BYTEA, *side.key_types]
            self._filled(
                table, columns, types, found.expected(index, side.static, self._look.now_s)
            )
        yield from ()

    # Keys

    def _keys(self, space: str) -> Iterator[str]:
        keys = (space, KEYS)
        for kind, tables in ELEMENTS.items():
            for table in tables:
                containers = {"e": (space, table), "k": keys, "g": (space, "garbage")}
                gone = self._run(
                    "DELETE FROM {e} WHERE NOT EXISTS (SELECT 1 FROM {k} k WHERE k.id = {e}.id"
                    f" AND k.kind = '{kind}')"
                    " AND NOT EXISTS (SELECT 1 FROM {g} g WHERE g.id = {e}.id)",
                    containers,
                )
                if gone and table == tables[0]:
                    yield f"{gone} elements in {space}.{table} went with their keys, which are lost"
            yield from self._counted(space, kind, tables[0])
        for table in ("stream_consumers", "stream_pending"):
            self._run(
                "DELETE FROM {e} WHERE NOT EXISTS"
                " (SELECT 1 FROM {g} g WHERE g.id = {e}.id AND g.name = {e}.name)",
                {"e": (space, table), "g": (space, "stream_groups")},
            )

        broken = [(id_,) for _, id_, _ in keyvalue.Keys(self._look, space).broken_blocks()]
        self._run(
            "DELETE FROM {b} WHERE id = ?", {"b": (space, "sorted_set_blocks")}, [INT8], broken
        )
        self._run("UPDATE {k} SET state = NULL WHERE id = ?", {"k": keys}, [INT8], broken)

    def _counted(self, space: str, kind: str, table: str) -> Iterator[str]:
        """Have keys that have lost elements count what is left."""
        containers = {"k": (space, KEYS), "e": (space, table)}
        only = " AND e.place = 0" if kind == STREAM else ""
        there = f"(SELECT count(*) FROM {{e}} e WHERE e.id = {{k}}.id{only})"
        wrong = f"kind = '{kind}' AND (count IS NULL OR count <> {there})"
        rows = [*self._look.rows(f"SELECT id FROM {{k}} WHERE {wrong}", containers, [INT8])]
        if not rows:
            return
        self._run(f"UPDATE {{k}} SET count = {there} WHERE id = ?", containers, [INT8], rows)
        if "slot" in TABLES[table].columns.split():
            self._run(
                "UPDATE {e} SET slot = made.number FROM (SELECT id, slot,"
                " row_number() OVER (PARTITION BY id ORDER BY slot) - 1 AS number FROM {e})"
                " AS made WHERE made.id = {e}.id AND made.slot = {e}.slot AND {e}.id = ?",
                *({"e": containers["e"]}, [INT8], rows),
            )
        if kind == LIST:
            self._run(
                "UPDATE {e} SET position = made.number FROM (SELECT id, position,"
                f" {_LAST_POSITION} + row_number() OVER (PARTITION BY id ORDER BY position)"
                " AS number FROM {e}) AS made"
                " WHERE made.id = {e}.id AND made.position = {e}.position AND {e}.id = ?",
                *({"e": containers["e"]}, [INT8], rows),
            )
            first = f"UPDATE {{k}} SET first = {_LAST_POSITION + 1} WHERE id = ?"
            self._run(first, {"k": containers["k"]}, [INT8], rows)
        gone = 0
        if kind != STREAM:  # an empty stream may be
            text = f"DELETE FROM {{k}} WHERE kind = '{kind}' AND count = 0"
            gone = self._run(text, {"k": containers["k"]})
        yield (
            f"{len(rows)} keys of the kind {kind} in {space} have lost elements"
            + (f", {gone} of them all" if gone else "")
        )
