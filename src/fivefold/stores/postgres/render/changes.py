"""INSERT, UPDATE and DELETE."""

from __future__ import annotations

from fivefold.plan import nodes as exp
from fivefold.stores.postgres.names import quote
from fivefold.stores.postgres.render.queries import joined, source
from fivefold.stores.postgres.render.writer import Handler, clauses, listed, names, render


def _insert(node: exp.Insert) -> str:
    columns = node.this.expressions
    parts = [*clauses(node, "with_"), f"INSERT INTO {source(node.this.this)}"]
    if columns:
        parts += [f"({names(columns)})", render(node.expression)]
    else:
        parts.append("DEFAULT VALUES")
    return " ".join([*parts, *clauses(node, "conflict", "returning")])


def _on_conflict(node: exp.OnConflict) -> str:
    parts = ["ON CONFLICT"]
    keys, constraint = node.args.get("conflict_keys"), node.args.get("constraint")
    if constraint is not None:
        parts.append(f"ON CONSTRAINT {quote(constraint.name)}")
    elif keys:
        parts.append(f"({', '.join([_unqualified(one) for one in keys])})")
        predicate = node.args.get("index_predicate")
        if predicate is not None:
            parts.append(_unqualified(predicate))
    if not node.expressions:
        return " ".join([*parts, "DO NOTHING"])
    return " ".join([*parts, f"DO UPDATE SET {_sets(node.expressions)}", *clauses(node, "where")])


def _unqualified(node: exp.Expr) -> str:
    """Write a part of a conflict's target, where the grammar has no place for the table's name."""
    copied = node.copy()
    for column in copied.find_all(exp.Column):
        column.set("table", None)
    text = render(copied)
    return text if isinstance(node, exp.Column | exp.Where) else f"({text})"


def _set(node: exp.Expr) -> str:
    """Write one part of SET; parts of a column are each assigned for themselves."""
    found: list[str] = []
    value = node.expression
    while isinstance(value, exp.Assigned):
        steps = "".join([f"[{render(one)}]" for one in value.expressions])
        found.insert(0, f"{render(node.this)}{steps} = {render(value.expression)}")
        value = value.this
    return ", ".join(found) or render(node)


def _sets(nodes: list[exp.Expr]) -> str:
    return ", ".join([_set(one) for one in nodes])


def _update(node: exp.Update) -> str:
    parts = [*clauses(node, "with_"), f"UPDATE {source(node.this)}"]
    parts.append(f"SET {_sets(node.expressions)}")
    if "from_" in node.args:
        parts.append(f"FROM {_with_its_joins(node.args['from_'].this)}")
    return " ".join([*parts, *clauses(node, "where", "returning")])


def _delete(node: exp.Delete) -> str:
    parts = [*clauses(node, "with_"), f"DELETE FROM {source(node.this)}"]
    if "using" in node.args:
        parts.append(f"USING {_with_its_joins(node.args['using'][0])}")
    return " ".join([*parts, *clauses(node, "where", "returning")])


def _with_its_joins(leaf: exp.Expr) -> str:
    """Write the sources of UPDATE and DELETE, whose leaf holds its joins."""
    return joined(leaf, leaf.args.get("joins"))


def _returning(node: exp.Returning) -> str:
    return f"RETURNING {listed(node.expressions)}"


HANDLERS: dict[type[exp.Expr], Handler] = {
    exp.Returning: _returning,
    exp.Insert: _insert,
    exp.OnConflict: _on_conflict,
    exp.Update: _update,
    exp.Delete: _delete,
}
