"""Parses the clauses that change a graph.

Source: the openCypher 9 grammar, "UpdatingClause" and below; the Neo4j Cypher Manual 5, "CREATE",
"MERGE", "SET", "REMOVE", "DELETE".
"""

from __future__ import annotations

import fivefold.languages.cypher.parse.atoms as atoms
import fivefold.languages.cypher.parse.expressions as grammar
from fivefold.languages.cypher import tree
from fivefold.languages.cypher.parse import patterns
from fivefold.languages.cypher.parse.labels import plain_labels
from fivefold.languages.cypher.parse.stream import Stream
from fivefold.languages.cypher.tree import Clause


def create(s: Stream) -> Clause:
    at = s.at
    s.advance()
    if s.mark == "UNIQUE" and s.peek() in ("(", "="):
        raise s.unsupported("CREATE UNIQUE", "Use MERGE.", at)
    return tree.Create(patterns.pattern(s, creating=True), at)


def merge(s: Stream) -> Clause:
    at = s.at
    s.advance()
    pattern = patterns.path(s)
    on_create: list[tree.SetItem] = []
    on_match: list[tree.SetItem] = []
    while s.accept("ON"):
        if s.mark != "CREATE" and s.mark != "MATCH":
            raise s.unexpected("CREATE", "MATCH")
        items = on_create if s.mark == "CREATE" else on_match
        s.advance()
        s.expect("SET")
        items += _set_items(s)
    return tree.Merge(pattern, tuple(on_create), tuple(on_match), at)


def set_(s: Stream) -> Clause:
    at = s.at
    s.advance()
    return tree.Set(tuple(_set_items(s)), at)


def _set_items(s: Stream) -> list[tree.SetItem]:
    found = [_set_item(s)]
    while s.accept(","):
        found.append(_set_item(s))
    return found


def _set_item(s: Stream) -> tree.SetItem:
    at = s.at
    if s.is_name():
        following = s.peek()
        if following == "=" or following == "+=":
            name = s.name()
            s.advance()
            return tree.SetProperties(name, grammar.expression(s), following == "+=", at)
        if following == ":" or following == "IS":
            return tree.SetLabels(s.name(), plain_labels(s), at)
    target = atoms.without_labels(s)
    subject, key = _property(s, target, "'='")
    s.expect("=")
    return tree.SetProperty(subject, key, grammar.expression(s), at)


def _property(
    s: Stream, target: tree.Expression, expected: str
) -> tuple[tree.Expression, str | tree.Expression]:
    """Return the entity and the key of what is to be set or removed."""
    if type(target) is tree.Property:
        return target.subject, target.key
    if type(target) is tree.Index:
        return target.subject, target.index
    raise s.unexpected("'.'", "'['", "':'", expected)


def remove(s: Stream) -> Clause:
    at = s.at
    s.advance()
    found = [_remove_item(s)]
    while s.accept(","):
        found.append(_remove_item(s))
    return tree.Remove(tuple(found), at)


def _remove_item(s: Stream) -> tree.RemoveProperty | tree.RemoveLabels:
    at = s.at
    if s.is_name() and s.peek() in (":", "IS"):
        return tree.RemoveLabels(s.name(), plain_labels(s), at)
    subject, key = _property(s, atoms.without_labels(s), "','")
    return tree.RemoveProperty(subject, key, at)


def delete(s: Stream) -> Clause:
    at = s.at
    detach = s.accept("DETACH")
    if not detach:
        s.accept("NODETACH")
    s.expect("DELETE")
    found = [grammar.expression(s)]
    while s.accept(","):
        found.append(grammar.expression(s))
    return tree.Delete(tuple(found), detach, at)
