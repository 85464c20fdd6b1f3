"""What Neo4j says of a query before it runs: codes and words are its own.

Source: Neo4j Status Codes 5, "Notification codes".
"""

from __future__ import annotations

from fivefold.languages.cypher import tree
from fivefold.languages.cypher.check.scope import Scope, State
from fivefold.languages.cypher.graph import Notification

_CLIENT = "Neo.ClientNotification.Statement."


def note_match(clause: tree.Match, before: Scope, state: State) -> None:
    """Note what a MATCH may cost."""
    apart = _disconnected(clause, before)
    if apart:
        shown = ", ".join(apart)
        state.notifications.append(
            Notification(
                f"{_CLIENT}CartesianProduct",
                "This query builds a cartesian product between disconnected patterns.",
                "If a part of a query contains multiple disconnected patterns, this will build a"
                " cartesian product between all those parts. This may produce a large amount of"
                " data and slow down query processing. While occasionally intended, it may often"
                " be possible to reformulate the query that avoids the use of this cross product,"
                " perhaps by adding a relationship between the different parts or by using"
                f" OPTIONAL MATCH (identifier is: ({shown}))",
                severity="INFORMATION",
                category="PERFORMANCE",
                at=clause.at,
            )
        )
    for pattern in clause.patterns:
        if pattern.shortest is not None and any(
            isinstance(element, tree.RelationshipPattern)
            and element.length is not None
            and element.length.most is None
            for element in pattern.elements
        ):
            state.notifications.append(
                Notification(
                    f"{_CLIENT}UnboundedVariableLengthPattern",
                    "The provided pattern is unbounded, consider adding an upper limit to the"
                    " number of node hops.",
                    "Using shortest path with an unbounded pattern will likely result in long"
                    " execution times. It is recommended to use an upper limit to the number of"
                    " node hops in your pattern.",
                    severity="INFORMATION",
                    category="PERFORMANCE",
                    at=pattern.at,
                )
            )


def _disconnected(clause: tree.Match, before: Scope) -> list[str]:
    """Return the variables of a pattern that nothing joins to the first one; none if all are."""
    groups: list[set[str]] = []
    for pattern in clause.patterns:
        names = {element.variable for element in pattern.elements if element.variable is not None}
        own = {name for name in names if before.get(name) is None}
        if own != names:  # what is bound already is one row each
            continue
        joined = [group for group in groups if group & own]
        groups = [group for group in groups if not group & own]
        groups.append(own.union(*joined))
    return sorted(groups[-1]) if len(groups) > 1 else []
