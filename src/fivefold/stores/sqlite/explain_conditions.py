"""Finds where SQLite's plan keeps each condition of a statement.

SQLite tells which columns of an index it compares, and how, but not with what. The statement's
own conditions tell: one of the table that compares such a column so is the one, if no other
could be. Where two could, SQLite's words stay (``a = ?``). A condition is shown once, at the
first step that has all of its tables.

A name that stands for two sources, and a source whose query SQLite has taken apart, leave it
open which rows are meant: their conditions are not shown.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from fivefold.plan import nodes as exp
from fivefold.plan.conditions import alternatives, conjuncts
from fivefold.plan.explain import SHOWN, Shown
from fivefold.values.records import Record

_TERM = re.compile(r"(?P<expression><expr>|.+?)(?P<operator>>=|<=|=|>|<| IS )(?P<value>\?|.*)")
_SAME = (exp.EQ, exp.NullSafeEQ, exp.In, exp.Is)
_ORDERS: dict[type[exp.Expr], str] = {exp.GT: ">", exp.GTE: ">", exp.LT: "<", exp.LTE: "<"}
_MIRRORED = {"<": ">", ">": "<"}
_CHECKED = (exp.Select, exp.Update, exp.Delete)
_SEVERAL = "?"  # joined together: no one source
_RANGES = (exp.Between, exp.Like)


class Condition(Record):
    """One condition: the ``aliases`` it speaks of; ``joins``, the one that its ON joins.

    ``shown`` is None of one that has no text: it is not shown, but may be what SQLite compares.
    """

    node: exp.Expr
    shown: Shown | None
    aliases: frozenset[str]
    joins: str = ""


class Conditions:
    """The conditions of a statement that no step has yet; ``scanned`` are the plan's sources."""

    def __init__(self, source: exp.Expr, scanned: Iterable[str]) -> None:
        count = Counter(node.alias_or_name for node in source.walk() if isinstance(node, exp.Table))
        read = Counter(scanned)
        known = {name for name in read if read[name] == 1 and count[name] < 2}
        self._open = [one for one in _every(source) if one.aliases and one.aliases <= known]

    def ready(
        self, around: frozenset[str], seen: frozenset[str], level: frozenset[str], *, left: bool
    ) -> None:
        """Set the step: the sources around its level, those read so far, all of the level.

        ``left`` says that it is the inner side of a left join.
        """
        self._left = left
        self._there = [
            one
            for one in self._open
            if one.aliases & level
            and one.aliases <= around | seen
            and (not one.joins or one.joins in seen)
        ]

    def keyed(self, alias: str, text: str, parts: tuple[str, ...], rowid: str = "rowid") -> str:
        """Return SQLite's comparisons in an index as conditions, and take these.

        ``parts`` are the index's expressions, ``rowid`` the name of the column that is the rowid.
        """
        taken: list[Condition] = []
        found: list[str] = []
        for number, term in enumerate(text.split(" AND ")):
            matched = _TERM.fullmatch(term)
            if matched is None:
                found.append(f"({term})")
                continue
            expression, operator = matched["expression"], matched["operator"].strip()
            if expression == "rowid":
                expression = rowid
            elif expression == "<expr>" and number < len(parts):
                expression = parts[number]
            fit = [
                one
                for one in self._there
                if (one.joins == alias or not self._left)
                and _compares(one, alias, expression, operator)
            ]
            text_of = fit[0].shown if len(fit) == 1 else None
            if text_of is None:
                found.append(f"({expression} {operator} {matched['value']})")
            elif fit[0] not in taken:
                taken.append(fit[0])
                found.extend(text_of.keyed[alias])
        self._take(taken)
        return joined(found)

    def either(self) -> None:
        """Go on with the parts of the conditions of which one has to hold."""
        self._there = [
            part
            for one in self._there
            if isinstance(one.node, exp.Or)
            for branch in alternatives(one.node)
            for part in _conditions(branch, one.joins)
        ]

    def recheck(self) -> str:
        """Take the one condition that several indexes were read for."""
        found = [one for one in self._there if isinstance(one.node, exp.Or)]
        return self._taken(found if len(found) == 1 else ())

    def optional(self, alias: str) -> str:
        """Take what the ON of an outer join says of the joined source alone."""
        return self._taken(
            one for one in self._there if one.joins == alias and one.aliases == {alias}
        )

    def on(self, alias: str) -> str:
        """Take what is left of the ON of an outer join."""
        return self._taken(one for one in self._there if one.joins == alias)

    def rest(self) -> str:
        """Take all that can be checked here."""
        return self._taken(self._there)

    def single(self, alias: str, level: frozenset[str]) -> str:
        """Take what speaks of one source of its level only."""
        return self._taken(one for one in self._there if one.aliases & level == {alias})

    def _taken(self, conditions: Iterable[Condition]) -> str:
        found = list(conditions)
        self._take(found)
        return joined([text for one in found if one.shown is not None for text in one.shown.texts])

    def _take(self, conditions: list[Condition]) -> None:
        gone = {id(one) for one in conditions}
        self._open = [one for one in self._open if id(one) not in gone]
        self._there = [one for one in self._there if id(one) not in gone]


def joined(texts: list[str]) -> str:
    """Return conditions that hold together as one text."""
    return texts[0] if len(texts) == 1 else f"({' AND '.join(texts)})" if texts else ""


def shown(node: exp.Expr | None) -> str:
    """Return the text of a whole condition; '' if there is none of a part."""
    parts = [] if node is None else [one.meta.get(SHOWN) for one in conjuncts(node)]
    texts = [text for part in parts if part is not None for text in part.texts]
    return joined(texts) if None not in parts else ""


def _every(source: exp.Expr) -> Iterator[Condition]:
    for node in source.walk():
        joins = ""
        if isinstance(node, exp.Join):
            whole = node.args.get("on")
            joins = (node.this.alias_or_name or _SEVERAL) if node.side else ""
        else:
            where = node.args.get("where") if isinstance(node, _CHECKED) else None
            whole = None if where is None else where.this
        if whole is not None:
            yield from _conditions(whole, joins)


def _conditions(whole: exp.Expr, joins: str) -> Iterator[Condition]:
    for part in conjuncts(whole):
        own = part.walk(lambda node: isinstance(node, exp.Query))
        aliases = frozenset(one.table for one in own if isinstance(one, exp.Column))
        yield Condition(part, part.meta.get(SHOWN), aliases, joins)


def _plain(node: exp.Expr) -> exp.Expr:
    while isinstance(node, exp.Paren) or (isinstance(node, exp.Cast) and node.meta.get("implicit")):
        node = node.this
    return node


def _compares(one: Condition, alias: str, expression: str, operator: str) -> bool:
    """Say whether a condition compares an index's column or expression in that way."""
    node = one.node
    if alias not in one.aliases:
        return False
    if isinstance(node, _SAME + _RANGES):
        wanted = operator == "=" if isinstance(node, _SAME) else operator in "<>"
        sides = [(node.this, operator), (node.args.get("expression"), operator)]
        if not wanted:
            return False
    elif type(node) in _ORDERS:
        way = _ORDERS[type(node)]
        sides = [(node.this, way), (node.args["expression"], _MIRRORED[way])]
    else:
        return False
    return any(
        side is not None and way[0] == operator[0] and _is(_plain(side), alias, expression)
        for side, way in sides
    )


def _is(node: exp.Expr, alias: str, expression: str) -> bool:
    if isinstance(node, exp.Column):
        return node.table == alias and node.name == expression
    if isinstance(node, exp.Parameter | exp.Literal):
        return False
    return not expression.isidentifier() and any(
        isinstance(inner, exp.Column) and inner.table == alias for inner in node.walk()
    )
