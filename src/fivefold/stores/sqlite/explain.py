"""EXPLAIN of a statement, from what SQLite says in EXPLAIN QUERY PLAN.

Each of its rows is (id, parent, unused, detail); the details are texts such as
``SEARCH x USING INDEX i (a=? AND b>?)``. Rows with one parent belong to one SELECT: scans beside
each other are a nested loop, from the outer to the inner; what is sorted or made first has a row
of its own. What a SELECT does to its rows besides (groups them, counts them, stops after some)
SQLite does not tell: the bound tree does.

SQLite counts no rows within a plan, nor estimates costs that mean anything outside of it: there
are figures for the whole statement only, and none where nothing was run.

Source: "EXPLAIN QUERY PLAN" at sqlite.org, and wherecode.c, select.c for what it leaves out.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import apsw

from fivefold.catalog.catalog import Catalog
from fivefold.catalog.containers import Table
from fivefold.plan import nodes as exp
from fivefold.plan.explain import SHOWN, Actual, Explanation, Node, Options
from fivefold.plan.statement import Prepared
from fivefold.stores.sqlite.explain_conditions import Conditions, shown
from fivefold.stores.sqlite.names import index_name, quote, rowid_key, table_name
from fivefold.stores.sqlite.render.aggregates import AGGREGATES
from fivefold.values.records import changed
from fivefold.values.types import Stored

if TYPE_CHECKING:
    from fivefold.stores.sqlite.connection import SqliteConnection

_SCAN = re.compile(
    r"(?P<how>SCAN|SEARCH) (?P<name>.+?)(?P<exists> EXISTS)?"
    r"(?: USING (?:(?P<rowid>INTEGER PRIMARY KEY)|(?P<key>PRIMARY KEY)"
    r"|(?P<automatic>AUTOMATIC (?:PARTIAL )?)?(?P<covering>COVERING )?INDEX(?P<index>.*?))"
    r"(?: \((?P<conditions>.*)\))?)?"
    r"(?P<virtual> VIRTUAL TABLE INDEX .*)?(?P<left> LEFT-JOIN)?"
)
_VALUES = re.compile(r"SCAN (?:\d+(?:-ROW VALUES CLAUSE| CONSTANT ROWS?)|CONSTANT ROW)")
_SUBQUERY = re.compile(r"(?:CORRELATED )?(?:SCALAR|LIST) SUBQUERY (\d+)")
_MADE = re.compile(r"(?:CO-ROUTINE|MATERIALIZE) (.+)")
_COMPOUND = re.compile(r"(UNION ALL|UNION|INTERSECT|EXCEPT)(?: USING TEMP B-TREE)?")
Row = tuple[int, int, int, str]


def explain(
    connection: SqliteConnection,
    prepared: Prepared,
    parameters: Sequence[Stored],
    options: Options,
    catalog: Catalog,
) -> Explanation:
    """Explain a statement, and run it if ``options`` ask for that."""
    began = time.perf_counter()
    asking = Prepared(prepared.statement, f"EXPLAIN QUERY PLAN {prepared.text}", prepared.writes)
    rows = connection.run(asking, parameters)
    planning_ms = (time.perf_counter() - began) * 1000
    source = prepared.statement.source
    assert isinstance(source, exp.Expr)
    # The rows of EXPLAIN QUERY PLAN are (number, parent, unused, text).
    plan = _Reader(connection.raw, source, catalog, rows).whole()  # type: ignore[arg-type]  # the rows of EXPLAIN are such
    summary = options.analyze if options.summary is None else options.summary
    if not options.analyze:
        return Explanation(plan, planning_ms=planning_ms if summary else None)
    actual = _run(connection, prepared, parameters)
    return Explanation(
        _measured(plan, actual, connection.changes(), prepared),
        planning_ms=planning_ms if summary else None,
        execution_ms=actual.total_ms if summary else None,
    )


def _run(connection: SqliteConnection, prepared: Prepared, parameters: Sequence[Stored]) -> Actual:
    began = time.perf_counter()
    if prepared.writes:
        count = len(connection.run(prepared, parameters))
        total = (time.perf_counter() - began) * 1000
        return Actual(total, total, count)
    first = began
    count = 0
    for _ in connection.stream(prepared, parameters):
        if not count:
            first = time.perf_counter()
        count += 1
    ended = time.perf_counter()
    first_ms = (first - began if count else ended - began) * 1000
    return Actual(first_ms, (ended - began) * 1000, count)


def _measured(plan: Node, actual: Actual, changes: int, prepared: Prepared) -> Node:
    """Put the figures to the root; a change without RETURNING returns no rows."""
    if plan.operation and prepared.statement.outputs is None:
        actual = changed(actual, rows=0)
        label = {"Insert": "Rows Inserted", "Update": "Rows Updated", "Delete": "Rows Deleted"}
        plan = changed(plan, details=(*plan.details, (label[plan.operation], str(changes))))
    return changed(plan, actual=actual)


class _Reader:
    """Reads the rows of one EXPLAIN QUERY PLAN beside the statement's tree."""

    def __init__(
        self, raw: apsw.Connection, source: exp.Expr, catalog: Catalog, rows: Iterable[Row]
    ) -> None:
        self._raw = raw
        self._source = source
        self._rows: dict[int, list[tuple[int, str]]] = {}
        for number, parent, _, detail in rows:
            self._rows.setdefault(parent, []).append((number, detail))
        self._tables: dict[str, list[Table]] = {}  # by what SQLite calls them: alias or name
        self._named: dict[str, tuple[str, str]] = {}  # other sources: their type, their name
        self._queries: dict[str, exp.Expr] = {}  # by alias or WITH name
        self._made: dict[str, tuple[Node, str]] = {}
        self._checks: list[Node] = []  # scans that look for references
        self._making: list[str] = []  # recursive queries read themselves
        self._own = {
            table_name(one.namespace, one.name): one
            for one in catalog.containers.values()
            if isinstance(one, Table)
        }
        for node in source.walk():
            self._note(node, catalog)
        either = {
            child
            for under in self._rows.values()
            for number, detail in under
            if detail == "MULTI-INDEX OR"
            for child, _ in self._rows.get(number, [])
        }
        read = [name for one in self._rows if one not in either for name in self._level_names(one)]
        self._conditions = Conditions(source, read)
        self._around: frozenset[str] = frozenset()

    def _names(self, *parents: int) -> frozenset[str]:
        """Return the names of what the SELECTs under ``parents`` read."""
        details = [detail for parent in parents for _, detail in self._rows.get(parent, [])]
        found = (_SCAN.fullmatch(detail) for detail in details)
        return frozenset(one["name"] for one in found if one is not None)

    def _note(self, node: exp.Expr, catalog: Catalog) -> None:
        if isinstance(node, exp.Table):
            if not isinstance(node.this, exp.Identifier):
                self._named[node.alias or node.this.name] = ("Function Scan", node.this.name)
                return
            if not node.db:
                self._named[node.alias_or_name] = ("CTE Scan", node.name)
                return
            table = catalog.containers.get((node.db, node.name))
            if isinstance(table, Table):
                name = node.alias or node.name
                own = table_name(table.namespace, table.name)
                for shown in dict.fromkeys((name, own)):
                    self._tables.setdefault(shown, []).append(table)
        elif isinstance(node, (exp.Subquery, exp.CTE)) and node.alias:
            self._queries[node.alias] = node.this

    # A level: one SELECT

    def whole(self) -> Node:
        """Return the plan of the whole statement."""
        source = self._source
        if not isinstance(source, (exp.Insert, exp.Update, exp.Delete)):
            return self._level(0, source)
        target = source.this.this if isinstance(source, exp.Insert) else source.this
        assert isinstance(target, exp.Table)
        query = source.expression if isinstance(source, exp.Insert) else None
        if isinstance(query, exp.Values) and not self._rows.get(0):
            inner = Node("Result" if len(query.expressions) == 1 else "Values Scan")
            if inner.type == "Values Scan":
                inner = changed(inner, alias="*VALUES*")
        else:
            inner = self._level(0, query)
        return Node(
            "ModifyTable",
            target.name,
            target.db,
            target.alias_or_name,
            operation=type(source).__name__,
            children=(inner, *self._checks),
        )

    def _level(self, parent: int, query: exp.Expr | None) -> Node:
        joined: Node | None = None
        first: list[Node] = []  # what is made before: WITH queries, subplans
        sorted_for: list[str] = []
        level = self._level_names(parent)
        around, self._around = self._around, self._around | level
        seen: frozenset[str] = frozenset()
        right = any(row[1].startswith("RIGHT-JOIN ") for row in self._rows.get(parent, []))
        for number, detail in self._rows.get(parent, []):
            made = _MADE.fullmatch(detail)
            subquery = _SUBQUERY.fullmatch(detail)
            if made is not None:
                self._make(made[1], number, first)
            elif subquery is not None:
                inner = self._level(number, None)
                name = f"SubPlan {subquery[1]}"
                first.append(changed(inner, relationship="SubPlan", subplan=name))
            elif detail.startswith("USE TEMP B-TREE FOR "):
                sorted_for.append(detail.removeprefix("USE TEMP B-TREE FOR "))
            elif detail == "MULTI-INDEX OR":
                name = self._either_name(number)
                seen |= {name}
                self._conditions.ready(around, seen, level, left=False)
                self._conditions.either()
                either = self._either(number)
                self._conditions.ready(around, seen, level, left=False)
                either = _with(either, "Recheck Cond", self._conditions.recheck())
                joined = self._placed(joined, either, name, "Inner", level if not right else None)
            elif detail == "COMPOUND QUERY":
                joined = self._compound(number)
            elif detail.startswith("MERGE ("):
                joined = self._merged(number, detail[7:-1])
            elif detail == "SETUP":
                joined = self._recursive(parent)
            elif detail.startswith("RIGHT-JOIN ") and joined is not None:
                word = "Full" if joined.join == "Left" else "Right"
                joined = changed(joined, join=word)
            elif detail.startswith(("SCAN ", "SEARCH ")):
                name = _named(detail)
                seen |= {name}
                left = detail.endswith(" LEFT-JOIN")
                self._conditions.ready(around, seen, level, left=left)
                scan, word = self._scan(detail)
                if scan.subplan:
                    self._checks.append(scan)
                    continue
                joined = self._placed(joined, scan, name, word, level if not right else None)
        self._around = around
        return self._shaped(joined or Node("Result"), query, sorted_for, first)

    def _level_names(self, parent: int) -> frozenset[str]:
        either = [row for row in self._rows.get(parent, []) if row[1] == "MULTI-INDEX OR"]
        return self._names(parent) | {self._either_name(number) for number, _ in either}

    def _either_name(self, number: int) -> str:
        parents = [child for child, _ in self._rows.get(number, [])]
        return next(iter(self._names(*parents)), "")

    def _placed(
        self, outer: Node | None, scan: Node, name: str, word: str, level: frozenset[str] | None
    ) -> Node:
        """Join a scan to what stands before it, each with the conditions that it checks.

        ``level`` are the sources of the SELECT; None if there is a right join, which checks
        conditions at a time that SQLite does not tell.
        """
        conditions = self._conditions
        left = word == "Left"
        if level is not None:
            own = conditions.optional(name) if left else conditions.single(name, level)
            scan = _with(scan, "Filter", own)
        if outer is None:
            return scan if level is None else _with(scan, "Filter", conditions.rest())
        children = (outer, changed(scan, relationship="Inner"))
        both = Node("Nested Loop", join=word, children=children)
        if level is None:
            return both
        if left:
            both = _with(both, "Join Filter", conditions.on(name))
        return _with(both, "Filter" if left else "Join Filter", conditions.rest())

    def _make(self, name: str, number: int, first: list[Node]) -> None:
        """Take note of a query that is made for a scan of it."""
        query = self._queries.get(name)
        self._making.append(name)
        inner = self._level(number, query)
        self._making.pop()
        if any(kind == "CTE Scan" and of == name for kind, of in self._named.values()):
            first.append(changed(inner, relationship="InitPlan", subplan=f"CTE {name}"))
            self._made[name] = (inner, "CTE Scan")
        else:
            self._made[name] = (inner, "Subquery Scan")

    # Scans

    def _scan(self, detail: str) -> tuple[Node, str]:
        """Return a scan and the word of its join with what stands before it."""
        if _VALUES.fullmatch(detail):
            if detail == "SCAN CONSTANT ROW":
                return Node("Result"), "Inner"
            return Node("Values Scan", alias="*VALUES*"), "Inner"
        found = _SCAN.fullmatch(detail)
        assert found is not None, detail
        name = found["name"]
        word = "Left" if found["left"] else "Semi" if found["exists"] else "Inner"
        if name in self._made and self._made[name][1] == "Subquery Scan":
            inner = self._made[name][0]
            if inner.type == "Recursive Union" and name not in self._queries:
                return self._series(), word
            if name.startswith("(subquery-") or name not in self._queries:
                return inner, word
            child = changed(inner, relationship="Subquery")
            return Node("Subquery Scan", alias=name, children=(child,)), word
        index = (found["index"] or "").strip()
        table = self._table_of(name, index)
        label = ""
        if table is None and name in self._own and name not in self._named:
            # The statement does not name it: its rows may refer to those that are changed.
            table, label = self._own[name], "Foreign Key Check"
        if table is None:
            kind, relation = self._named.get(name, ("Function Scan", name))
            if relation in self._making:
                kind = "WorkTable Scan"
            return Node(kind, relation, alias=name), word
        scan = Node("Seq Scan", table.name, table.namespace, name, subplan=label)
        if label:
            scan = changed(scan, relationship="SubPlan")
        if name == table_name(table.namespace, table.name):
            scan = changed(scan, alias=table.name)
        if found["automatic"] is not None:
            condition = self._conditions.keyed(name, found["conditions"] or "", ())
            details = (("Index Cond", condition),)
            note = (("Automatic Index", "made for this statement alone"),)
            return changed(scan, type="Index Scan", index="automatic", details=details + note), word
        lone = found["how"] == "SEARCH" and table.primary_key is not None  # its least or greatest
        if found["rowid"] or found["key"] or index or lone:
            scan = self._indexed(scan, table, index, bool(found["covering"]), found["conditions"])
        return scan, word

    def _series(self) -> Node:
        """Return the scan of generate_series, which is written as a recursive query."""
        for alias, (kind, name) in self._named.items():
            if kind == "Function Scan" and name == "generate_series":
                return Node(kind, name, alias=alias)
        return Node("Function Scan", "generate_series")

    def _table_of(self, name: str, index: str) -> Table | None:
        """Return the table that an alias stands for; an index tells those of one name apart."""
        tables = self._tables.get(name, [])
        if index and len(tables) > 1:
            query = "SELECT tbl_name FROM sqlite_schema WHERE type = 'index' AND name = ?"
            own = self._raw.execute(query, (index,)).get
            tables = [one for one in tables if table_name(one.namespace, one.name) == own] or tables
        return tables[0] if tables else None

    def _indexed(
        self, scan: Node, table: Table, index: str, covering: bool, conditions: str | None
    ) -> Node:
        """Say by which of our indexes or constraints a table is read."""
        parts: tuple[str, ...] = ()
        key = table.primary_key
        if not index:
            name = key.name if key is not None else "rowid"
        else:
            name = index
            own = next(
                (one for one in table.indexes if index_name(table.namespace, one.name) == index),
                None,
            )
            if own is not None:
                name, parts = own.name, tuple(part.expression for part in own.parts)
            else:
                columns = self._columns(index)
                name = next((key.name for key in table.keys if key.columns == columns), index)
        details: tuple[tuple[str, str], ...] = ()
        if conditions:
            rowid = rowid_key(table)
            own_name = "rowid" if rowid is None else rowid.name
            alias = "" if scan.subplan else scan.alias
            condition = self._conditions.keyed(alias, conditions, parts, own_name)
            details = (("Index Cond", condition),)
        kind = "Index Only Scan" if covering else "Index Scan"
        return changed(scan, type=kind, index=name, details=details)

    def _columns(self, index: str) -> tuple[str, ...]:
        return tuple(row[2] for row in self._raw.execute(f"PRAGMA index_info({quote(index)})"))

    def _either(self, number: int) -> Node:
        """Return the scan by several indexes whose rows are put together."""
        scans = []
        for _, detail in (
            row for child, _ in self._rows.get(number, []) for row in self._rows.get(child, [])
        ):
            if detail.startswith(("SCAN ", "SEARCH ")):
                scans.append(self._scan(detail)[0])
        if not scans:
            return Node("Result")
        members = tuple(
            Node("Bitmap Index Scan", index=one.index, details=one.details, relationship="Member")
            for one in scans
        )
        table = scans[0]
        both = Node("BitmapOr", children=members)
        return Node(
            "Bitmap Heap Scan", table.relation, table.namespace, table.alias, children=(both,)
        )

    # Queries of several parts

    def _compound(self, number: int) -> Node:
        parts: list[Node] = []
        whole: Node | None = None
        for child, detail in self._rows.get(number, []):
            inner = changed(self._level(child, None), relationship="Member")
            found = _COMPOUND.fullmatch(detail)
            if found is None:
                parts.append(inner)
                continue
            if whole is not None:
                parts = [changed(whole, relationship="Member")]
                whole = None
            parts.append(inner)
            if found[1] != "UNION ALL":
                whole = _set_operation(found[1], parts)
        return whole or Node("Append", children=tuple(parts))

    def _merged(self, number: int, operation: str) -> Node:
        parts = [
            changed(self._level(child, None), relationship="Member")
            for child, _ in self._rows.get(number, [])
        ]
        if operation == "UNION ALL":
            return Node("Merge Append", children=tuple(parts))
        return _set_operation(operation, parts, "Merge Append")

    def _recursive(self, parent: int) -> Node:
        parts = {detail: child for child, detail in self._rows.get(parent, [])}
        start = self._level(parts["SETUP"], None)
        step = parts.get("RECURSIVE STEP")
        inner = Node("Result") if step is None else self._level(step, None)
        return Node("Recursive Union", children=(start, changed(inner, relationship="Inner")))

    # What a SELECT does to its rows

    def _shaped(
        self, rows: Node, query: exp.Expr | None, sorted_for: list[str], first: list[Node]
    ) -> Node:
        while isinstance(query, exp.Subquery):
            query = query.this
        if isinstance(query, exp.Select):
            rows = _grouped(rows, query, sorted_for)
        order = query.args.get("order") if query is not None else None
        for what in sorted_for:
            if what == "DISTINCT":
                keys = _keys("Group Key", query)
                rows = Node("Aggregate", strategy="Hashed", details=keys, children=(rows,))
            elif what == "ORDER BY" or what.endswith("OF ORDER BY"):
                kind = "Sort" if what == "ORDER BY" else "Incremental Sort"
                rows = Node(kind, details=_keys("Sort Key", order), children=(rows,))
        if (
            isinstance(query, exp.Select)
            and query.args.get("distinct")
            and ("DISTINCT" not in sorted_for)
        ):
            rows = Node("Unique", children=(rows,))
        if query is not None and (query.args.get("limit") or query.args.get("offset")):
            rows = Node("Limit", children=(rows,))
        return changed(rows, children=(*first, *rows.children)) if first else rows


def _named(detail: str) -> str:
    found = _SCAN.fullmatch(detail)
    return "" if found is None else found["name"]


def _with(node: Node, label: str, text: str) -> Node:
    return changed(node, details=(*node.details, (label, text))) if text else node


def _grouped(rows: Node, query: exp.Select, sorted_for: list[str]) -> Node:
    group = query.args.get("group")
    if group is not None:
        if "GROUP BY" in sorted_for:
            rows = Node("Sort", details=_keys("Sort Key", group), children=(rows,))
        rows = Node(
            "Aggregate", strategy="Sorted", details=_keys("Group Key", group), children=(rows,)
        )
    elif query.args.get("having") or any(map(_aggregates, query.expressions)):
        rows = Node("Aggregate", strategy="Plain", children=(rows,))
    having = query.args.get("having")
    if having is not None:
        rows = _with(rows, "Filter", shown(having.this))
    if any(one.find(exp.Window) for one in query.expressions):
        rows = Node("WindowAgg", children=(rows,))
    return rows


def _aggregates(output: exp.Expr) -> bool:
    """Say whether an output calls an aggregate of its own SELECT."""
    windows = {id(one.this) for one in output.walk() if isinstance(one, exp.Window)}
    return any(
        isinstance(one, exp.Anonymous) and one.name in AGGREGATES and id(one) not in windows
        for one in output.walk(lambda node: isinstance(node, exp.Query))
    )


def _set_operation(name: str, parts: list[Node], below: str = "Append") -> Node:
    appended = Node(below, children=tuple(parts))
    if name == "UNION":
        return Node("Aggregate", strategy="Hashed", children=(appended,))
    command = {"INTERSECT": "Intersect", "EXCEPT": "Except"}[name]
    return Node("SetOp", operation=command, children=(appended,))


def _keys(label: str, clause: exp.Expr | None) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the keys of a sort or group, if all of them have a text."""
    if clause is not None and clause.args.get("sets"):
        return ()
    keys = [] if clause is None else [key.meta.get(SHOWN) for key in clause.expressions]
    if not keys or None in keys:
        return ()
    return ((label, tuple(key.texts[0] for key in keys if key is not None)),)
