"""Queries as pipelines: clause after clause, each with the variables that it sees.

Source: openCypher 9, "Query structure"; Cypher Manual, "Clauses", "Subqueries".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from fivefold.errors import Unsupported
from fivefold.languages.cypher import tree
from fivefold.languages.cypher.clauses.calling import ProcedureCall
from fivefold.languages.cypher.clauses.creating import Create
from fivefold.languages.cypher.clauses.deleting import Delete
from fivefold.languages.cypher.clauses.merging import Merge
from fivefold.languages.cypher.clauses.projecting import Distinct, Keep
from fivefold.languages.cypher.clauses.projection import compile_projection
from fivefold.languages.cypher.clauses.reading import Apply, Filter, Union, Unwind
from fivefold.languages.cypher.clauses.repeating import Foreach
from fivefold.languages.cypher.clauses.setting import Update, operator_name
from fivefold.languages.cypher.context import Context, Names
from fivefold.languages.cypher.operators import Argument, Operator, Pipeline, with_barriers
from fivefold.languages.cypher.printing import printed
from fivefold.languages.cypher.walk import looks
from fivefold.values.records import changed

NOTHING: Names = frozenset()


def parts_of(query: tree.Query) -> Iterator[tree.Query]:
    """Yield the parts of a UNION, in order."""
    part: tree.Query | None = query
    while part is not None:
        yield part
        part = part.union


def compile_parts(query: tree.Query, scope: Names, context: Context) -> Pipeline:
    """Return the pipeline of a query, of all parts of a UNION; ``columns`` are those of RETURN."""
    parts = [
        _compile_clauses(part.clauses, scope, context, alone=query.union is None)
        for part in parts_of(query)
    ]
    return _united(parts, query)


def _united(parts: list[Pipeline], query: tree.Query) -> Pipeline:
    if len(parts) == 1:
        return parts[0]
    columns = parts[0].columns
    operators: list[Operator] = [Union(columns, parts)]
    if query.distinct:
        operators.append(Distinct(columns))
    return Pipeline(with_barriers(operators, ends=not columns), columns)


def _compile_clauses(
    clauses: tuple[tree.Clause, ...], scope: Names, context: Context, *, alone: bool = False
) -> Pipeline:
    compiled = _Clauses(scope, context, alone=alone and len(clauses) == 1)
    for clause in clauses:
        compiled.add(clause)
    operators = with_barriers(compiled.operators, ends=not compiled.columns)
    return Pipeline(operators, compiled.columns)


class _Clauses:
    """Clauses of one query part that have become operators, and the variables after them."""

    def __init__(self, scope: Names, context: Context, *, alone: bool) -> None:
        self.scope = scope
        self.context = context
        self.alone = alone
        """It is the only clause of its query."""
        self.columns: tuple[str, ...] = ()
        self.argument = Argument(sorted(scope | context.ambient))
        self.operators: list[Operator] = [self.argument]

    @property
    def bound(self) -> Names:
        """Return all variables that a clause sees."""
        return self.scope | self.context.ambient

    def add(self, clause: tree.Clause) -> None:
        """Compile the next clause."""
        _COMPILE[type(clause)](self, clause)

    def _add(self, operator: Operator) -> None:
        self.operators.append(operator)

    def match(self, clause: tree.Match) -> None:
        operators = self.context.match(clause, self.bound, self.context)
        self.operators += operators
        self.scope |= _pattern_names(clause.patterns) - self.context.ambient

    def unwind(self, clause: tree.Unwind) -> None:
        source = self.context.evaluate(clause.source)
        self.scope |= {clause.variable}
        unwind = Unwind(sorted(self.scope), source, clause.variable, printed(clause.source))
        unwind.reads = looks(clause.source)
        self._add(unwind)

    def with_(self, clause: tree.With) -> None:
        self._project(clause.projection, clause.where)

    def return_(self, clause: tree.Return) -> None:
        self.columns = self._project(clause.projection, None)

    def _project(
        self, projection: tree.Projection, where: tree.Expression | None
    ) -> tuple[str, ...]:
        operators, names = compile_projection(
            projection, where, self.scope, self.context, self.argument
        )
        self.operators += operators
        self.scope = frozenset(names)
        return names

    def create(self, clause: tree.Create) -> None:
        self._add(Create(clause.patterns, self.bound, self.context))
        self.scope |= _pattern_names(clause.patterns) - self.context.ambient

    def merge(self, clause: tree.Merge) -> None:
        self._add(Merge(clause, self.bound, self.context))
        self.scope |= _pattern_names((clause.pattern,)) - self.context.ambient

    def update(self, clause: tree.Set | tree.Remove) -> None:
        name = operator_name(clause.items)
        self._add(Update(name, sorted(self.scope), clause.items, self.context))

    def delete(self, clause: tree.Delete) -> None:
        self._add(Delete(sorted(self.scope), clause, self.context))

    def foreach(self, clause: tree.Foreach) -> None:
        inside = self.scope | {clause.variable}
        updates = _compile_clauses(clause.updates, inside, self.context)
        source = self.context.evaluate(clause.source)
        columns, text = sorted(self.scope), printed(clause.source)
        self._add(Foreach(columns, clause.variable, source, updates, text))

    def call(self, clause: tree.CallProcedure) -> None:
        operator = ProcedureCall(clause, self.scope, self.context, alone=self.alone)
        self._add(operator)
        names = tuple(variable for _, variable in operator.yields)
        self.scope |= {*names}
        if clause.where is not None:
            condition, text = self.context.evaluate(clause.where), printed(clause.where)
            self._add(Filter(sorted(self.scope), condition, text))
        if self.alone:
            self.columns = names

    def subquery(self, clause: tree.CallSubquery) -> None:
        query, imports = _inner_query(clause, self.bound, self.context)
        self.scope |= {*query.columns}
        self._add(
            Apply(
                sorted(self.scope),
                query,
                imports,
                query.columns,
                unit=not query.columns,
                optional=clause.optional,
            )
        )

    def use(self, clause: tree.Use) -> None:
        own = self.context.database
        if own is not None and clause.database.lower() != own.lower():
            raise Unsupported(
                f"USE of another database than the session's own, `{own}`",
                hint=f"Open a session on the database `{clause.database}`.",
            )


def _inner_query(
    clause: tree.CallSubquery, bound: Names, context: Context
) -> tuple[Pipeline, list[str]]:
    """Return the pipeline of ``CALL {…}`` and the variables that its rows begin with."""
    if clause.imports is not None:
        taken = bound if clause.imports == ("*",) else frozenset(clause.imports)
        inside = changed(context, ambient=taken)
        return compile_parts(clause.query, NOTHING, inside), sorted(taken)
    inside = changed(context, ambient=NOTHING)
    parts = []
    imports = False
    for part in parts_of(clause.query):
        if isinstance(part.clauses[0], tree.With):
            parts.append(_compile_clauses(part.clauses, bound, inside))
            imports = True
        else:
            compiled = _compile_clauses(part.clauses, NOTHING, inside)
            parts.append(Pipeline([Keep((), NOTHING), *compiled.operators], compiled.columns))
    return _united(parts, clause.query), sorted(bound) if imports else []


def _pattern_names(patterns: tuple[tree.PathPattern, ...]) -> Names:
    return frozenset(
        part.variable
        for pattern in patterns
        for part in (pattern, *pattern.elements)
        if part.variable is not None
    )


_COMPILE: dict[type[tree.Clause], Callable[[_Clauses, Any], None]] = {
    tree.Match: _Clauses.match,
    tree.Unwind: _Clauses.unwind,
    tree.With: _Clauses.with_,
    tree.Return: _Clauses.return_,
    tree.Create: _Clauses.create,
    tree.Merge: _Clauses.merge,
    tree.Set: _Clauses.update,
    tree.Remove: _Clauses.update,
    tree.Delete: _Clauses.delete,
    tree.Foreach: _Clauses.foreach,
    tree.CallProcedure: _Clauses.call,
    tree.CallSubquery: _Clauses.subquery,
    tree.Use: _Clauses.use,
}
