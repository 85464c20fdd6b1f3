"""INSERT, UPDATE and DELETE."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fivefold.catalog.containers import Model, Table
from fivefold.errors import InvalidStatement
from fivefold.plan import nodes as exp
from fivefold.stores.sqlite.ddl import null_index_parts
from fivefold.stores.sqlite.names import NULL_KEY, quote, rowid_key, table_name
from fivefold.stores.sqlite.render.queries import join_text, output, query, values, with_clause
from fivefold.stores.sqlite.render.sources import source_text
from fivefold.stores.sqlite.render.writer import Handler, Writer, bare, unsupported, with_collation


def may_meet_twice(node: exp.Expr) -> bool:
    """Say whether a statement could come to a row of its table a second time."""
    if not isinstance(node, exp.Insert) or node.args.get("conflict") is None:
        return False
    source = node.expression
    one_row = source is None or (isinstance(source, exp.Values) and len(source.expressions) == 1)
    return bool(node.args["conflict"].expressions) and not one_row


def _row_key(w: Writer, source: str) -> str:
    """Return what calls a row of the changed table, its columns those of ``source``."""
    assert w.target is not None
    if w.target.model is not Model.RELATIONAL and w.target.primary_key is not None:
        names = w.target.primary_key.columns  # it has no rowid
    else:
        taken = {column.name.lower() for column in w.target.columns}
        free = [name for name in ("rowid", "_rowid_", "oid") if name not in taken]
        if not free:
            unsupported("DO UPDATE of several rows of a table with columns of these names")
        names = (free[0],)
    return ", ".join([f"{source}{quote(name)}" for name in names])


def insert(w: Writer, node: exp.Expr) -> str:
    """Write INSERT with its conflict clause and RETURNING."""
    schema = node.this
    table, columns = (
        (schema.this, schema.expressions) if isinstance(schema, exp.Schema) else (schema, [])
    )
    source = node.expression
    if columns and w.target is not None:
        columns, source = _with_key(w.target, columns, source)
    conflict = node.args.get("conflict")
    head = with_clause(w, node)
    names = f" ({', '.join(quote(one.name) for one in columns)})" if columns else ""
    if source is None or not columns:
        body = "DEFAULT VALUES"
    elif isinstance(source, exp.Values):
        body = values(w, source)
    else:
        body = query(w, source)
        if conflict is not None:
            # Without a WHERE the parser of SQLite takes ON CONFLICT for a join's ON.
            body = f"SELECT * FROM ({body}) WHERE true"
    parts = [f"{head}INSERT INTO {_target(table)}{names} {body}"]
    watched = may_meet_twice(node)
    if (
        conflict is not None
        and watched
        and _reads([*conflict.expressions, conflict.args.get("where")], table)
    ):
        unsupported(
            "a query in DO UPDATE of the table that is changed, for several rows",
            "Insert one row at a time, or ask before, in the same transaction.",
        )
    if conflict is not None:
        met = quote(table.alias or table.name) + "." if watched else ""
        parts.append(_conflict(w, conflict, met))
    parts.append(returning(w, node, table, watched=watched))
    return " ".join([part for part in parts if part])


def _with_key(
    table: Table, columns: list[exp.Expr], source: exp.Expr
) -> tuple[list[exp.Expr], exp.Expr]:
    """See to it that a rowid is never null, where SQLite would number the row itself."""
    key = _key_of(table)
    if key is None:
        return columns, source
    names = [one.name for one in columns]
    if key in names:
        return columns, _keyed(source, names.index(key))
    return [*columns, exp.Identifier(this=key)], _keyed(source, len(names))


def _key_of(table: Table | None) -> str | None:
    """Return the rowid's name, unless SQLite is to number the rows (a table that others made)."""
    key = None if table is None else rowid_key(table)
    return None if key is None or (key.identity and not key.sequence) else key.name


def _keyed(node: exp.Expr, at: int) -> exp.Expr:
    """Return a query or a row with a text in place of a null at ``at``, or one member more."""
    made = node.copy_alone()
    if isinstance(node, exp.SetOperation):
        made.set("expression", _keyed(node.expression, at))
    if isinstance(node, exp.SetOperation | exp.Subquery):
        made.set("this", _keyed(node.this, at))
    elif isinstance(node, exp.Values):
        made.set("expressions", [_keyed(row, at) for row in node.expressions])
    else:
        members = node.expressions
        before = _never_null(members[at]) if at < len(members) else _NULL_KEY
        made.set("expressions", [*members[:at], before, *members[at + 1 :]])
    return made


_NULL_KEY = exp.Literal(this=NULL_KEY, is_string=True)


def _never_null(node: exp.Expr) -> exp.Expr:
    """Return an output that is a text where it would be null."""
    if isinstance(node, exp.Alias):
        return exp.Alias(this=_never_null(node.this), alias=node.args["alias"])
    inner = bare(node)
    while isinstance(inner, exp.Cast):
        inner = bare(inner.this)
    draws = isinstance(inner, exp.Anonymous) and inner.name == "nextval"
    if draws or isinstance(inner, exp.Literal):
        return node
    return exp.Coalesce(this=node, expressions=[_NULL_KEY])


def _target(table: exp.Table) -> str:
    own = table_name(table.db, table.name)
    shown = table.alias or table.name
    return quote(own) if own == shown else f"{quote(own)} AS {quote(shown)}"


def _conflict(w: Writer, node: exp.Expr, met: str) -> str:
    """Write ON CONFLICT; the row ``met``, if it is named, is to be one not touched before."""
    columns = node.args.get("conflict_keys") or []
    named = node.args.get("constraint")
    predicate = node.args.get("index_predicate")
    condition = "" if predicate is None else w.sql(predicate)
    names = _columns_of(w, named.name) if named is not None else [bare(one).name for one in columns]
    targets = []
    if named is not None:
        targets.append(f" ({', '.join(quote(one) for one in names)})")
    elif columns:
        where = f" WHERE {condition}" if condition else ""
        targets.append(f" ({', '.join(_key(w, one) for one in columns)}){where}")
    for key in _of_equal_nulls(w.target, names):
        parts, where = null_index_parts(*key)
        where = f"({where}) AND {condition}" if condition else where
        targets.append(f" ({parts}) WHERE {where}")
    action = _action(w, node, met)
    return " ".join([f"ON CONFLICT{target} {action}" for target in targets or [""]])


def _of_equal_nulls(
    table: Table | None, names: Sequence[str]
) -> Iterator[tuple[Table, Sequence[str]]]:
    """Yield the columns of the keys on these that take nulls for equal: they have two indexes."""
    if table is not None:
        found = [key.columns for key in table.keys if key.nulls_not_distinct]
        found += [
            tuple([part.expression for part in index.parts])
            for index in table.indexes
            if index.unique and index.nulls_not_distinct
        ]
        for columns in found:
            if set(columns) == set(names):
                yield table, columns


def _action(w: Writer, node: exp.Expr, met: str) -> str:
    if not node.expressions:
        return "DO NOTHING"
    text = f"DO UPDATE SET {_assignments(w, node.expressions)}"
    where = node.args.get("where")
    condition = "" if where is None else w.sql(where)
    if met:
        # SQLite may turn the sides of AND, not of CASE.
        first = f"ff_meet({_row_key(w, met)})"
        condition = f"CASE WHEN {first} THEN {condition} END" if condition else first
    return f"{text} WHERE {condition}" if condition else text


def _key(w: Writer, node: exp.Expr) -> str:
    value = bare(node)
    return quote(value.name) if isinstance(value, exp.Column) else w.closed(value)


def _columns_of(w: Writer, constraint: str) -> Sequence[str]:
    if w.target is not None:
        for key in w.target.keys:
            if key.name == constraint:
                return key.columns
    raise InvalidStatement(f'constraint "{constraint}" does not exist', "undefined_object")


def _assignments(w: Writer, nodes: list[exp.Expr]) -> str:
    return ", ".join([_assignment(w, node) for node in nodes])


def _assignment(w: Writer, node: exp.Expr) -> str:
    target, value = node.this, node.expression
    key = _key_of(w.target)
    if isinstance(target, exp.Tuple):
        columns = [one.name for one in target.expressions]
        names = ", ".join(map(quote, columns))
        inner = bare(value)
        if key in columns:
            inner = _keyed(inner, columns.index(key))
        if isinstance(inner, exp.Subquery):
            return f"({names}) = ({query(w, inner)})"
        return f"({names}) = ({w.listed(inner.expressions)})"
    if key == target.name:
        value = _never_null(value)
    return f"{quote(target.name)} = {w.sql(value)}"


def update(w: Writer, node: exp.Expr) -> str:
    """Write UPDATE; FROM is SQLite's own."""
    outer = dict(w.columns)
    head = with_clause(w, node)
    source = node.args.get("from_")
    from_text = ""
    if source is not None:
        from_text = "FROM " + _sources(w, source.this)
    elif _reads(node.expressions, node.this):
        # With a FROM all values are computed before the first row changes.
        from_text = 'FROM (SELECT 1) AS "ff:once"'
    where = node.args.get("where")
    parts = [
        f"{head}UPDATE {_target(node.this)} SET {_assignments(w, node.expressions)}",
        from_text,
        "" if where is None else f"WHERE {w.sql(where)}",
    ]
    w.columns = outer
    parts.append(returning(w, node, node.this, None if source is None else source.this))
    return " ".join([part for part in parts if part])


def _reads(nodes: Sequence[exp.Expr | None], table: exp.Table) -> bool:
    """Say whether queries inside these read the table that changes."""
    return any(
        (found.db, found.name) == (table.db, table.name)
        for one in nodes
        if one is not None
        for found in one.find_all(exp.Table)
    )


def delete(w: Writer, node: exp.Delete) -> str:
    """Write DELETE; a rule has taken USING away."""
    head = with_clause(w, node)
    where = node.args.get("where")
    using = node.args.get("using")
    if not using:
        condition = "" if where is None else f"WHERE {w.sql(where)}"
    else:
        condition = f"WHERE {_among(w, node, using[0])}"
    parts = [
        f"{head}DELETE FROM {_target(node.this)}",
        condition,
        returning(w, node, node.this, using[0] if using else None),
    ]
    return " ".join([part for part in parts if part])


def _among(w: Writer, node: exp.Delete, leaf: exp.Expr) -> str:
    """Say of the rows to delete that they join with the sources of USING.

    By the primary key if there is one, so that SQLite may begin with either table.
    """
    outer = dict(w.columns)
    sources = _sources(w, leaf)
    where = node.args.get("where")
    condition = "" if where is None else f" WHERE {w.sql(where)}"
    w.columns = outer
    key = None if w.target is None else w.target.primary_key
    if key is None or key.deferrable or w.target is None:
        return f"EXISTS (SELECT 1 FROM {sources}{condition})"
    shown = quote(node.this.alias or node.this.name)
    texts = []
    for name in key.columns:
        column = w.target.column(name)
        text = f"{shown}.{quote(name)}"
        texts.append(text if column is None else with_collation(text, column.type))
    names = ", ".join(texts)
    left = names if len(texts) == 1 else f"({names})"
    return f"{left} IN (SELECT {names} FROM {_target(node.this)}, {sources}{condition})"


def _sources(w: Writer, leaf: exp.Expr) -> str:
    """Write the sources of FROM in UPDATE or of USING: a leaf that holds its joins."""
    parts = [source_text(w, leaf)]
    for join in leaf.args.get("joins") or []:
        text, is_comma = join_text(w, join)
        parts.append(f", {text}" if is_comma else f" {text}")
    return "".join(parts)


def returning(
    w: Writer,
    node: exp.Expr,
    table: exp.Table,
    joined: exp.Expr | None = None,
    *,
    watched: bool = False,
) -> str:
    """Write RETURNING, where SQLite knows the changed table alone, and by its own name.

    What speaks of the sources it was ``joined`` with is found again by a subquery. The rows of a
    ``watched`` statement are noted on the way.
    """
    found = node.args.get("returning")
    if found is None:
        return f"RETURNING ff_touch(NULL, {_row_key(w, '')})" if watched else ""
    if _reads(found.expressions, table):
        unsupported(
            "a query in RETURNING of the table that is changed",
            "Ask in a statement of its own before, in the same transaction.",
        )
    own, shown = table_name(table.db, table.name), table.alias or table.name
    outer = dict(w.sources)
    w.sources[shown] = quote(own)
    outputs = []
    for one in found.expressions:
        foreign = [part for part in one.find_all(exp.Column) if part.table != shown]
        if joined is not None and foreign:
            outputs.append(_joined_output(w, node, table, joined, one))
        else:
            outputs.append(output(w, one))
    if watched:
        first = found.expressions[0]
        value = w.sql(first.this if isinstance(first, exp.Alias) else first)
        outputs[0] = f"ff_touch({value}, {_row_key(w, '')})"
    w.sources = outer
    return "RETURNING " + ", ".join(outputs)


def _joined_output(
    w: Writer, node: exp.Expr, table: exp.Table, joined: exp.Expr, one: exp.Expr
) -> str:
    """Find the joined row again, which needs that the change has not touched what joins."""
    changed = {part.this.name for part in node.expressions if isinstance(part, exp.EQ)}
    where = node.args.get("where")
    again = any(
        part.name == table.name and part.db == table.db for part in joined.find_all(exp.Table)
    )
    used = set() if where is None else {part.name for part in where.find_all(exp.Column)}
    if (
        again
        or (changed & used)
        or any(isinstance(part.this, exp.Tuple) for part in node.expressions)
    ):
        unsupported(
            "RETURNING a column of another table here", "Select it before, in the same transaction."
        )
    outer = dict(w.columns)
    condition = "" if where is None else f" WHERE {w.sql(where)}"
    sources = _sources(w, joined)
    value = w.sql(one.this if isinstance(one, exp.Alias) else one)
    w.columns = outer
    return f"(SELECT {value} FROM {sources}{condition} LIMIT 1) AS {quote(one.alias_or_name)}"


HANDLERS: dict[type[exp.Expr], Handler] = {
    exp.Insert: insert,
    exp.Update: update,
    exp.Delete: delete,
}
