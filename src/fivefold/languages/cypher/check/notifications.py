"""What a query is told about before it runs (``notifications``)."""

from __future__ import annotations

from fivefold.languages.cypher import notifications, tree
from fivefold.languages.cypher.check.scope import Scope, State
from fivefold.languages.cypher.printing import printed


def note_match(clause: tree.Match, before: Scope, state: State) -> None:
    """Note what a MATCH may cost."""
    apart = _disconnected(clause, before)
    if apart:
        shown = ", ".join(map(printed, clause.patterns))
        state.notifications += [
            notifications.cartesian_product(shown, names, clause.at) for names in apart
        ]
    for pattern in clause.patterns:
        if pattern.shortest is not None and any(
            isinstance(element, tree.RelationshipPattern)
            and element.length is not None
            and element.length.least is None
            and element.length.most is None
            for element in pattern.elements
        ):
            plain = tree.PathPattern(pattern.elements)
            state.notifications.append(
                notifications.unbounded_shortest_path(printed(plain), pattern.elements[0].at)
            )


def _disconnected(clause: tree.Match, before: Scope) -> list[list[str]]:
    """Return the variables of each pattern that nothing joins to those before it."""
    groups: list[set[str]] = []
    for pattern in clause.patterns:
        names = {element.variable for element in pattern.elements if element.variable is not None}
        own = {name for name in names if before.get(name) is None}
        if own != names:  # what is bound already is one row each
            continue
        joined = [group for group in groups if group & own]
        groups = [group for group in groups if not group & own]
        groups.append(own.union(*joined))
    return [sorted(group) for group in groups[1:]]
