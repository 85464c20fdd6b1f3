"""Binds FOR UPDATE and its like: what they may stand on, and which sources they name."""

from __future__ import annotations

from fivefold.errors import InvalidStatement, Unsupported
from fivefold.languages.sql import tree
from fivefold.languages.sql.bind.nodes import Node, identifier
from fivefold.languages.sql.bind.scopes import Scope
from fivefold.plan import nodes as exp


def bind(scope: Scope, query: tree.Query, node: Node) -> None:
    """Check the locks of one query, and put them into its tree."""
    strength = query.locking[0].strength
    if isinstance(query.body, tree.SetOperation):
        raise Unsupported(f"FOR {strength} is not allowed with UNION/INTERSECT/EXCEPT")
    if not isinstance(query.body, tree.Select):
        raise Unsupported(f"FOR {strength} cannot be applied to VALUES")
    nullable = {source.alias for source in scope.sources if source.nullable}
    made = []
    for lock in query.locking:
        found = [source.alias for source in scope.sources]
        if lock.of:
            for name, at in lock.of:
                if name not in found:
                    raise InvalidStatement(
                        f'relation "{name}" in FOR {lock.strength} clause not found in FROM clause',
                        "undefined_table",
                        position=at + 1,
                    )
            found = [name for name, _ in lock.of]
        if nullable.intersection(found):
            raise Unsupported(
                f"FOR {lock.strength} cannot be applied to the nullable side of an outer join"
            )
        names = [identifier(name) for name, _ in lock.of]
        made.append(
            exp.Lock(
                this=exp.Var(this=lock.strength), expressions=names, wait=exp.Var(this=lock.wait)
            )
        )
    scope.state.locks += query.locking
    node.set("locks", made)
