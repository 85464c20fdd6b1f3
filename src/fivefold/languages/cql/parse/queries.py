"""SELECT."""

from __future__ import annotations

from fivefold.languages.cql.parse import relations, terms, tokens
from fivefold.languages.cql.parse.stream import Stream
from fivefold.languages.cql.tree import ColumnName, Constant, Ordering, Select, Selector, Term


def select(s: Stream) -> Select:
    """Read SELECT."""
    s.expect("SELECT")
    json = s.mark == "JSON" and s.peek() not in (",", "FROM", "AS", ".", "[", "(")
    if json:
        s.advance()
    distinct = s.mark == "DISTINCT" and s.peek() not in (",", "FROM", "AS", ".", "[", "(")
    if distinct:
        s.advance()
    selectors = () if s.accept("*") else s.listed(_selector)
    s.expect("FROM")
    table = s.qualified()
    where = relations.where(s)
    grouped = s.listed(_group) if s.accept("GROUP") and _by(s) else ()
    ordered = s.listed(_ordering) if s.accept("ORDER") and _by(s) else ()
    per_partition = None
    if s.accept("PER"):
        s.expect("PARTITION", "LIMIT")
        per_partition = _count(s)
    limit = _count(s) if s.accept("LIMIT") else None
    filtering = s.accept("ALLOW")
    if filtering:
        s.expect("FILTERING")
    return Select(
        *(table, selectors, distinct, json, where, grouped, ordered),
        *(per_partition, limit, filtering),
    )


def _by(s: Stream) -> bool:
    s.expect("BY")
    return True


def _selector(s: Stream) -> Selector:
    at = s.at
    term = terms.selected(s)
    alias = s.name() if s.accept("AS") else None
    return Selector(term, alias, at)


def _group(s: Stream) -> Term:
    return terms.selected(s)


def _ordering(s: Stream) -> Ordering:
    column = ColumnName(s.name(), s.tokens[s.index - 1].at)
    ann = None
    if s.accept("ANN"):
        s.expect("OF")
        ann = terms.term(s)
    descending = s.accept("DESC")
    if not descending:
        s.accept("ASC")
    return Ordering(column, descending, ann)


def _count(s: Stream) -> Term:
    """Read a whole number or a marker."""
    if s.mark in ("?", ":"):
        return terms.marker(s)
    at = s.at
    sign = "-" if s.accept("-") else ""
    if s.mark != tokens.INTEGER:
        s.fail()
    return Constant("integer", sign + s.advance().text, at)
