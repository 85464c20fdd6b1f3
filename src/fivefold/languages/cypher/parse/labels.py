"""Parses expressions over labels and types of relationships.

Source: the openCypher 9 grammar, "NodeLabels" and "RelationshipTypes"; the Neo4j Cypher Manual 5,
"Label expressions". Low to high: ``|``, ``&`` (and ``:``), ``!``.
"""

from __future__ import annotations

from fivefold.languages.cypher.parse.stream import Stream
from fivefold.languages.cypher.tree import AnyLabel, Label, LabelAnd, LabelNot, LabelOr, Labels
from fivefold.values.graph.faults import fault

BEGINNINGS = frozenset({"(", "!", "%", "$"})
"""What a label expression may begin with beside a name."""


def colon_labels(s: Stream) -> Labels:
    """Parse ``:A:B``, ``:A|B``, ``:(A|!B)&C``."""
    s.expect(":")
    return label_expression(s)


def label_expression(s: Stream) -> Labels:
    start, first = s.at, s.index
    found = _either(s)
    marks = s.marks[first : s.index]
    # ":A|:B" is how alternatives of types were written of old.
    colons = [place for place, mark in enumerate(marks) if mark == ":" and marks[place - 1] != "|"]
    if colons and not {"&", "|", "!", "%"}.isdisjoint(marks):
        raise fault(
            "UnexpectedSyntax",
            "Mixing label expression symbols ('|', '&', '!', and '%') with colon (':') between"
            " labels is not allowed. Please only use one set of symbols",
            at=start,
        )
    return found


def _either(s: Stream) -> Labels:
    at = s.at
    operands = [_both(s)]
    while s.mark == "|" and s.index not in s.separators:
        s.advance()
        s.accept(":")
        operands.append(_both(s))
    return operands[0] if len(operands) == 1 else LabelOr(tuple(operands), at)


def _both(s: Stream) -> Labels:
    at = s.at
    operands = [_one(s)]
    while s.mark == "&" or s.mark == ":":
        s.advance()
        operands.append(_one(s))
    return operands[0] if len(operands) == 1 else LabelAnd(tuple(operands), at)


def _one(s: Stream) -> Labels:
    at = s.at
    if s.mark == "!":
        s.deeper()
        s.advance()
        operand = _one(s)
        s.depth -= 1
        return LabelNot(operand, at)
    if s.mark == "(":
        s.deeper()
        s.advance()
        inside = _either(s)
        s.expect(")")
        s.depth -= 1
        return inside
    if s.mark == "%":
        s.advance()
        return AnyLabel(at)
    if s.mark == "$":
        raise s.unsupported("a label that is computed", "Write the label's name.")
    if not s.is_name():
        raise s.unexpected("a label name", "'!'", "'%'", "'('")
    return Label(s.name(), at)


def plain_labels(s: Stream) -> tuple[str, ...]:
    """Parse ``:A:B``, as SET, REMOVE and schema commands have it."""
    found: list[str] = []
    if s.accept("IS"):
        found.append(s.name("a label name"))
    while s.accept(":"):
        if s.mark == "$":
            raise s.unsupported("a label that is computed", "Write the label's name.")
        found.append(s.name("a label name"))
    return tuple(found)
