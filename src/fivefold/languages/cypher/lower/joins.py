"""A pattern as one statement: nodes and relationships joined, the rarest first.

Every relationship is a row of its table; of a node there is a row only where its labels, properties
or contents are asked for. No relationship comes twice in one match, which inequalities between
their ids see to. SQLite joins in the order that is written (CROSS JOIN); PostgreSQL finds its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from fivefold.catalog.roles import Privilege
from fivefold.languages.cypher.expressions.labels import compile_labels
from fivefold.languages.cypher.graph import Row, Run
from fivefold.languages.cypher.lower import conditions as asked
from fivefold.languages.cypher.lower.conditions import Compare, Conditions, Is, OfKind, There
from fivefold.languages.cypher.lower.indexes import Found, How, index_of
from fivefold.languages.cypher.lower.slots import (
    Slot,
    bound,
    id_slot,
    key_slot,
    list_slot,
    range_slot,
)
from fivefold.languages.cypher.matching.pattern import Link, Patterns
from fivefold.languages.cypher.tree import Direction
from fivefold.models.graph import layout
from fivefold.models.graph.vocabulary import Vocabulary
from fivefold.plan.statement import Access, Effort, Output, Path, Reading, Statement, Template
from fivefold.values.types import INT4, Type

ANYWHERE = 10**9
"""The rank of a node of which nothing is known."""

_RANKS = {How.EQUAL: 3, How.AMONG: 5, How.RANGE: 8}
"""For how many nodes one stands that an index finds, as far as anybody knows."""

Rare = Callable[[tuple[int, ...]], int]
"""About how many nodes have one of these kinds."""


class Join:
    """A statement in the making. ``froms`` and ``wheres`` are in the order of the text."""

    def __init__(
        self,
        patterns: Patterns,
        conditions: Conditions,
        namespace: str,
        vocabulary: Vocabulary,
        bound: frozenset[str],
        rare: Rare,
    ) -> None:
        self.namespace = namespace
        self.vocabulary = vocabulary
        self.froms: list[str] = []
        self.wheres: list[str | Slot] = []
        self.empty = False
        """Nothing can ever match, as long as the catalog is what it is."""
        self.is_exact = True
        """What SQL is asked finds what it should: no value is kept in a form of its own."""
        self.takes_lists = False
        """A row brings a list, of a length of its own."""
        self.columns: list[tuple[str, str, Type]] = []
        self.steps: list[str] = []
        """What is done, in Neo4j's words."""
        self.start_rank = 0
        """For how many nodes the first one stands, about."""
        self._patterns = patterns
        self.conditions = conditions
        self._bound = bound
        self._rare = rare
        self._containers: dict[str, tuple[str, str]] = {}
        self._paths: dict[str, Path] = {}
        self._ids: dict[str, str] = {}  # of nodes that are placed: what their id is in SQL
        self._tables: dict[str, str] = {}  # of nodes and links: the alias of their table
        self._left = list(patterns.links)
        self._used: set[int] = set()  # conditions that an index has taken over

    # The order of things

    def place_all(self) -> None:
        """Place every node and link. Sets ``empty`` if a label or type was never used."""
        waiting = list(self._patterns.nodes)
        while waiting or self._left:
            link = self._next_link()
            if link is not None:
                self._place_link(link)
            else:
                self._start([name for name in waiting if name not in self._ids])
            waiting = [name for name in waiting if name not in self._ids]
        self._keep_apart()

    def _next_link(self) -> Link | None:
        """Return a link one of whose ends is placed; best both."""
        found = None
        for link in self._left:
            ends = (link.left in self._ids) + (link.right in self._ids)
            if ends == 2:
                return link
            if ends and found is None:
                found = link
        return found

    def _start(self, names: list[str]) -> None:
        ranked = sorted(names, key=self._rank)
        best = ranked[0]
        if not self.froms:
            self.start_rank = self._rank(best)
        if self._rank(best) >= ANYWHERE:
            link = next(
                (
                    one
                    for one in self._left
                    if one.pattern.direction is not Direction.EITHER
                    and one.left in names
                    and one.right in names
                ),
                None,
            )
            if link is not None:
                self._place_first(link)
                return
        self._place_node(best)

    def _rank(self, name: str) -> int:
        """Return how many nodes a name may stand for, about."""
        if name in self._bound:
            return 0
        rank = ANYWHERE
        for one in self.conditions.of(name):
            match one:
                case Is():
                    rank = min(rank, 1)
                case OfKind(kinds=kinds):
                    if len(kinds) < len(self.vocabulary.labels):
                        rank = min(rank, 10 + self._rare(kinds))
        index = index_of(name, self.conditions, self.vocabulary)
        if index is not None:
            rank = min(rank, _RANKS[index[2]] - index[0].unique)
        return rank

    # Nodes

    def _place_node(self, name: str) -> None:
        index = index_of(name, self.conditions, self.vocabulary)
        if name in self._bound or any(isinstance(one, Is) for one in self.conditions.of(name)):
            index = None
        if index is not None:
            self._place_by_index(name, index)
        else:
            alias = self._new_table("n", name)
            self._ids[name] = f"{alias}.id"
            self.steps.append(f"{self._scan_of(name)} ({_shown(name)})")
        self._ask_bound(name)
        self._ask(name)

    def _scan_of(self, name: str) -> str:
        if name in self._bound:
            return "Argument"
        asked_of = [*self.conditions.of(name)]
        for one in asked_of:
            if isinstance(one, Is):
                return f"NodeBy{'Element' if one.element else ''}IdSeek"
        everything = len(self.vocabulary.labels)
        kinds = [one.kinds for one in asked_of if isinstance(one, OfKind)]
        labelled = any(len(one) < everything for one in kinds)
        return "NodeByLabelScan" if labelled else "AllNodesScan"

    def _place_by_index(self, name: str, found: Found) -> None:
        index, _, how = found
        key = f"i{len(self._containers)}"
        self._containers[key] = (self.namespace, layout.index_table_name(index))
        self.froms.append(f"{{{key}}} {key}")
        if found[2] is How.AMONG:
            self.takes_lists = True
            self.conditions.taken_over(found[1])
            self.wheres.append(list_slot(f"{key}.key", found[1]))
        else:
            self._used.update(map(id, found[1]))
            if how is How.EQUAL:
                self.wheres.append(key_slot(f"{key}.key", found[1]))
            else:
                self.wheres += [range_slot(f"{key}.key", one) for one in found[1]]
        alias = self._new_table("n", name)
        self._ids[name] = f"{alias}.id"
        kind = "Unique" if index.unique else ""
        way = "SeekByRange" if how is How.RANGE else "Seek"
        shown = f"({_shown(name)}:{index.label}({', '.join(index.properties)}))"
        self.steps.append(f"Node{kind}Index{way} {shown}")
        self.wheres.append(f"{alias}.id = {key}.id")

    def _new_table(self, sort: str, name: str) -> str:
        alias = f"{sort}{len(self._tables)}"
        self._tables[name] = alias
        table = layout.NODE_TABLE if sort == "n" else layout.RELATIONSHIP_TABLE
        self._containers[sort] = (self.namespace, table)
        self.froms.append(f"{{{sort}}} {alias}")
        return alias

    def _ask_bound(self, name: str) -> None:
        if name in self._bound:
            self.wheres.append(id_slot(self._ids[name], lambda row, run: row[name], entity=True))

    # Links

    def _place_first(self, link: Link) -> None:
        """Place a link and both of its ends, of which nothing is known."""
        self.steps.append(f"DirectedRelationshipTypeScan {_drawn(link)}")
        alias = self._place_row(link)
        source, target = _ends(link)
        for name, column in ((source, "source"), (target, "target")):
            if name in self._ids:  # a loop
                self.wheres.append(f"{alias}.{column} = {self._ids[name]}")
            else:
                self._reach(name, f"{alias}.{column}")

    def _place_link(self, link: Link) -> None:
        into = link.left in self._ids and link.right in self._ids
        self.steps.append(f"Expand({'Into' if into else 'All'}) {_drawn(link)}")
        alias = self._place_row(link)
        left, right = self._ids.get(link.left), self._ids.get(link.right)
        if link.pattern.direction is Direction.EITHER:
            self._place_either(link, alias, left, right)
            return
        source, target = _ends(link)
        for name, column in ((source, "source"), (target, "target")):
            if name in self._ids:
                self.wheres.append(f"{alias}.{column} = {self._ids[name]}")
        for name, column in ((source, "source"), (target, "target")):
            if name not in self._ids:
                self._reach(name, f"{alias}.{column}")

    def _place_either(self, link: Link, alias: str, left: str | None, right: str | None) -> None:
        if left is not None and right is not None:
            self.wheres.append(
                f"(({alias}.source = {left} AND {alias}.target = {right})"
                f" OR ({alias}.source = {right} AND {alias}.target = {left}))"
            )
            return
        known = left if left is not None else right
        self.wheres.append(f"({alias}.source = {known} OR {alias}.target = {known})")
        other = f"CASE WHEN {alias}.source = {known} THEN {alias}.target ELSE {alias}.source END"
        self._reach(link.right if left is not None else link.left, f"({other})")

    def _place_row(self, link: Link) -> str:
        self._left.remove(link)
        alias = self._new_table("r", link.name)
        numbers = self._types_of(link)
        if numbers is not None:
            if not numbers:
                self.empty = True
            self.wheres.append(among(f"{alias}.type", numbers))
        if link.name in self._bound:
            self.wheres.append(id_slot(f"{alias}.id", lambda row, run: row[link.name], entity=True))
        self._ask(link.name)
        return alias

    def _types_of(self, link: Link) -> list[int] | None:
        if link.types is None:
            assert link.pattern.types is not None
            test = compile_labels(link.pattern.types)
            types = enumerate(self.vocabulary.graph.types)
            return [number for number, name in types if test((name,))]
        return self.vocabulary.types(sorted(link.types)) if link.types else None

    def _reach(self, name: str, id_: str) -> None:
        """Place a node that a link leads to."""
        self._ids[name] = id_
        if name in self._bound:
            self.wheres.append(id_slot(id_, lambda row, run: row[name], entity=True))
        if any(not isinstance(one, Is) for one in self.conditions.of(name)):
            self.table_of(name)
        self._ask(name)

    def table_of(self, name: str) -> str:
        """Return the alias of a node's or link's table, joined if it was not yet."""
        alias = self._tables.get(name)
        if alias is None:
            alias = self._new_table("n", name)
            self.wheres.append(f"{alias}.id = {self._ids[name]}")
            self._ids[name] = f"{alias}.id"
        return alias

    def id_of(self, name: str) -> str:
        """Return what the id of a node or link is in SQL."""
        return self._ids[name] if name in self._ids else f"{self._tables[name]}.id"

    def _keep_apart(self) -> None:
        """Have no relationship stand for two links."""
        links = self._patterns.links
        for at, link in enumerate(links):
            for other in links[:at]:
                if link.name != other.name and link.may_be(other):
                    self.wheres.append(f"{self.id_of(link.name)} <> {self.id_of(other.name)}")

    # Conditions

    def _ask(self, name: str) -> None:
        for one in self.conditions.of(name):
            if id(one) in self._used:
                continue
            match one:
                case OfKind(kinds=kinds):
                    self._ask_kind(name, kinds)
                case Is(value=value):
                    self.wheres.append(id_slot(self.id_of(name), value))
                case There(key=key, negated=negated):
                    path = self.path(name, key, Reading.KIND)
                    self.wheres.append(f"{path} IS {'' if negated else 'NOT '}NULL")
                case Compare():
                    self.wheres.append(self._compare_slot(name, one))

    def _ask_kind(self, name: str, kinds: tuple[int, ...]) -> None:
        if len(kinds) == len(self.vocabulary.labels):
            return
        if not kinds:
            self.empty = True
        self.wheres.append(among(f"{self.table_of(name)}.kind", kinds))

    def _compare_slot(self, name: str, one: Compare) -> Slot:
        self.is_exact = self.is_exact and not self.vocabulary.graph.special

        def text(sort: str) -> str:
            return f"{self.path(name, one.key, asked.READINGS[sort])} {asked.OPERATORS[one.op]} ?"

        return Slot(
            one.value,
            text,
            lambda value: (int(value),) if value.__class__ is bool else (value,),
            lambda sort: (asked.TYPES[sort],),
            asked.NUMBER + asked.WHOLE + asked.TEXTUAL + asked.BOOLEAN,
        )

    def path(self, name: str, key: str, reading: Reading) -> str:
        """Return what reads a property in the statement's text."""
        steps = (asked.stored_key(key),)
        return self._labelled(Path(f"{self.table_of(name)}.properties", steps, reading))

    def _labelled(self, path: Path) -> str:
        for known, other in self._paths.items():
            if other == path:
                return f"{{{known}}}"
        label = f"p{len(self._paths)}"
        self._paths[label] = path
        return f"{{{label}}}"

    def whole(self, alias: str) -> str:
        """Return what reads all properties of a table's row."""
        return self._labelled(Path(f"{alias}.properties", (), Reading.JSON))

    def column(self, text: str, type_: Type) -> int:
        """Have the statement give a column; return its place."""
        self.columns.append((f"c{len(self.columns)}", text, type_))
        return len(self.columns) - 1

    # The statement

    @property
    def takes_values(self) -> bool:
        """Say whether the query brings any values."""
        return any(isinstance(part, Slot) for part in self.wheres)

    def bind(self, row: Row, run: Run) -> tuple[str, list[Any]]:
        """Return the sorts of the values that a row brings, and SQL's parameters.

        Raises NoRows, and CannotSay.
        """
        return bound(self.wheres, row, run)

    def statement(self, sorts: str) -> Statement:
        """Return the statement for values of these sorts."""
        texts: list[str] = []
        types: list[Type] = []
        for text, own in self._asked(sorts):
            texts.append(text)
            types += own
        return self._statement(self.froms, texts, types, [])

    def statement_of_many(self, sorts: str, rows: int) -> Statement:
        """Return the statement for as many rows that bring values of these sorts.

        Its last column is the row's number, from 0. A row of nulls finds nothing.
        """
        texts: list[str] = []
        types: list[Type] = []
        for text, own in self._asked(sorts):
            for type_ in own:
                types.append(type_)
                text = text.replace("?", f"given.column{len(types) + 1}", 1)
            texts.append(text)
        marks = ", ?" * len(types)
        values = ", ".join([f"({number}{marks})" for number in range(rows)])
        froms = [f"(VALUES {values}) given", *self.froms]
        number = ("number", "given.column1", INT4)
        return self._statement(froms, texts, types * rows, [number])

    def _asked(self, sorts: str) -> Iterator[tuple[str, tuple[Type, ...]]]:
        """Yield the conditions for values of these sorts, and the types of their parameters."""
        at = iter(sorts)
        for part in self.wheres:
            if isinstance(part, Slot):
                sort = next(at)
                yield part.text(sort), part.types(sort)
            else:
                yield part, ()

    def _statement(
        self,
        froms: list[str],
        wheres: list[str],
        parameters: list[Type],
        more: list[tuple[str, str, Type]],
    ) -> Statement:
        given = [*self.columns, *more]
        columns = ", ".join([f"{text} AS {name}" for name, text, _ in given])
        where = f" WHERE {' AND '.join(wheres)}" if wheres else ""
        text = f"SELECT {columns} FROM {' CROSS JOIN '.join(froms)}{where}"
        return Statement(
            Template(text, self._containers, self._paths or None),
            parameters=tuple(parameters),
            outputs=tuple([Output(name, type_) for name, _, type_ in given]),
            accesses=tuple([Access(*one, Privilege.READ) for one in self._containers.values()]),
            effort=Effort.SCAN,
        )


def _shown(name: str) -> str:
    """Return a name as it stands in the query: a hidden one is none."""
    return "" if name.startswith(" ") else name


def _drawn(link: Link) -> str:
    types = "|".join(sorted(link.types or ()))
    inside = _shown(link.name) + (f":{types}" if types else "")
    before = "<-" if link.pattern.direction is Direction.LEFT else "-"
    after = "->" if link.pattern.direction is Direction.RIGHT else "-"
    return f"({_shown(link.left)}){before}[{inside}]{after}({_shown(link.right)})"


def _ends(link: Link) -> tuple[str, str]:
    """Return the names at which a directed link begins and ends."""
    if link.pattern.direction is Direction.LEFT:
        return link.right, link.left
    return link.left, link.right


def among(column: str, numbers: Iterable[int]) -> str:
    """Return the condition that a column is one of some numbers."""
    listed = [str(number) for number in numbers]
    if not listed:
        return "1 = 0"
    return f"{column} = {listed[0]}" if len(listed) == 1 else f"{column} IN ({', '.join(listed)})"
