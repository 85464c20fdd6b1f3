"""In which order the parts of a MATCH are looked for.

It begins with what is bound, goes on along links to what hangs together with it, and only then
begins anew: at a node that can be found by its id, by an index, by its rarest label, or else at all
nodes. A condition is looked at as soon as all that it mentions is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from fivefold.languages.cypher import tree
from fivefold.languages.cypher.clauses.reading import Filter
from fivefold.languages.cypher.context import Context, Names
from fivefold.languages.cypher.expressions import Evaluate
from fivefold.languages.cypher.expressions.labels import Test, compile_labels
from fivefold.languages.cypher.graph import Row, Run
from fivefold.languages.cypher.matching.expanding import (
    Edge,
    Expand,
    ExpandInto,
    ProjectEndpoints,
    Step,
)
from fivefold.languages.cypher.matching.pattern import (
    Condition,
    Link,
    Patterns,
    Route,
    property_conditions,
)
from fivefold.languages.cypher.matching.routes import JoinedPath
from fivefold.languages.cypher.matching.shortest import ShortestPath
from fivefold.languages.cypher.matching.starts import Start, starts
from fivefold.languages.cypher.matching.trails import VarLengthExpand
from fivefold.languages.cypher.operators import Operator
from fivefold.languages.cypher.printing import printed
from fivefold.languages.cypher.walk import names_in
from fivefold.values.graph.entities import Node, Relationship


class Planner:
    """One MATCH on its way to become operators; ``scope`` are the variables that are bound."""

    def __init__(self, patterns: Patterns, scope: Names, context: Context) -> None:
        self._context = context
        self._scope = scope
        self._nodes = patterns.nodes
        self._links = list(patterns.links)
        self._routes = list(patterns.routes)
        self._conditions = list(patterns.conditions)
        self._followed: list[Link] = []
        searched = (link for link in patterns.links if link.shortest is not None)
        self._own = frozenset(
            (
                *patterns.nodes,
                *(link.name for link in patterns.links),
                *(route.name for route in patterns.routes),
                *(link.shortest.path for link in searched if link.shortest is not None),
            )
        )
        self._known = {name for name in self._own if name in scope}
        self._operators: list[Operator] = []

    def plan(self) -> list[Operator]:
        """Return the operators that find all matches of a row."""
        linked = {name for link in self._links for name in (link.left, link.right)}
        for name in self._nodes:
            if name in self._known and name not in linked:
                there = tree.IsNull(tree.Variable(name), negated=True)
                self._conditions.append(Condition(there, frozenset((name,))))
        self._settle()
        while self._go_on() or self._begin():
            self._settle()
        assert not self._conditions, self._conditions
        return self._operators

    @property
    def _columns(self) -> list[str]:
        return sorted(name for name in self._scope | self._known if not name.startswith(" "))

    def _add(self, operator: Callable[[list[str]], Operator], *names: str) -> None:
        """Add an operator that makes these variables known."""
        self._known.update(names)
        self._operators.append(operator(self._columns))

    # What is possible as soon as enough is known.

    def _settle(self) -> None:
        """Add the paths that are whole, and the conditions of which everything is known."""
        for route in [one for one in self._routes if self._known.issuperset(one.elements)]:
            self._routes.remove(route)
            self._join(route)
        ready = [one for one in self._conditions if self._is_known(one.names)]
        if ready:
            self._conditions = [one for one in self._conditions if one not in ready]
            condition = all_of([self._context.evaluate(one.expression) for one in ready])
            text = " AND ".join(printed(one.expression) for one in ready)
            self._add(lambda columns: Filter(columns, condition, text))

    def _is_known(self, names: Iterable[str]) -> bool:
        return all(name in self._known or name not in self._own for name in names)

    def _join(self, route: Route) -> None:
        self._add(lambda columns: JoinedPath(columns, route), route.name)

    # Links.

    def _go_on(self) -> bool:
        """Follow the link that promises most; say whether there was one."""
        best = min(
            ((rank, place) for place, link in enumerate(self._links) if (rank := self._rank(link))),
            default=None,
        )
        if best is None:
            return False
        self._follow(self._links.pop(best[1]))
        return True

    def _rank(self, link: Link) -> int:
        """Return how late to follow a link; 0 while it cannot be."""
        ends = (link.left in self._known) + (link.right in self._known)
        if link.shortest is not None:
            return 4 if ends == 2 else 0
        if link.name in self._known:
            return 1
        if ends == 2:
            return 3 if link.is_long else 2
        if ends == 0:
            return 0
        there = link.right if link.left in self._known else link.left
        is_narrowed = any(
            there in one.names and self._is_known(one.names - {there, link.name})
            for one in self._conditions
        )
        return (7 if link.is_long else 5) + (not is_narrowed)

    def _follow(self, link: Link) -> None:
        here = link.left if link.left in self._known else link.right
        step = Step(link, here, self._followed, self._type_test(link))
        into = link.left in self._known and link.right in self._known
        ends = (link.left, link.right, link.name)
        if link.shortest is not None:
            self._search(step)
            return
        self._followed.append(link)
        if link.name in self._known:
            edge, known = self._edge(link), frozenset(self._known)
            self._add(lambda columns: ProjectEndpoints(columns, step, known, edge), *ends)
        elif link.is_long:
            self._follow_long(step, into=into)
        elif into:
            self._add(lambda columns: ExpandInto(columns, step), *ends)
        else:
            self._add(lambda columns: Expand(columns, step), *ends)

    def _follow_long(self, step: Step, *, into: bool) -> None:
        edge = self._edge(step.link)
        keeps_list = self._is_wanted(step.name) or any(map(step.link.may_be, self._links))
        keeps_end = self._is_wanted(step.there)
        self._add(
            lambda columns: VarLengthExpand(
                columns, step, edge, into=into, keeps_list=keeps_list, keeps_end=keeps_end
            ),
            *(step.link.left, step.link.right, step.name),
        )

    def _is_wanted(self, name: str) -> bool:
        """Say whether anybody looks at a variable later, here or after this MATCH."""
        used = self._context.used
        if name in used if used is not None else not name.startswith(" "):
            return True
        return (
            any(name in one.names for one in self._conditions)
            or any(name in route.elements for route in self._routes)
            or any(name in (link.name, link.left, link.right) for link in self._links)
        )

    def _type_test(self, link: Link) -> Test | None:
        if link.types is not None or link.pattern.types is None:
            return None
        return compile_labels(link.pattern.types)

    def _edge(self, link: Link) -> Edge:
        """Return what a long link asks of each of its relationships."""
        if not link.is_long:
            return None
        one = " relationship"
        variable = tree.Variable(one, at=link.pattern.at)
        conditions = list(property_conditions(link.pattern.properties, variable))
        tests = [(one, self._context.evaluate(condition)) for condition in conditions]
        if link.pattern.where is not None:
            tests.append((link.name, self._context.evaluate(link.pattern.where)))
        return each_of(tests)

    # Shortest paths.

    def _search(self, step: Step) -> None:
        link = step.link
        assert link.shortest is not None
        made = {link.name, link.shortest.path}
        mine = [one for one in self._conditions if made & one.names]
        mine = [one for one in mine if self._is_known(one.names - made)]
        self._conditions = [one for one in self._conditions if one not in mine]
        nodes: list[tuple[str, Evaluate]] = []
        relationships: list[tuple[str, Evaluate]] = []
        others: list[Evaluate] = []
        for condition in mine:
            each = self._of_each(condition.expression, link)
            if each is None:
                others.append(self._context.evaluate(condition.expression))
            else:
                which, variable, test = each
                tests = nodes if which == "nodes" else relationships
                tests.append((variable, self._context.evaluate(test)))
        edge, node = both(self._edge(link), each_of(relationships)), each_of(nodes)
        self._add(
            lambda columns: ShortestPath(columns, step, edge=edge, node=node, conditions=others),
            link.name,
            link.shortest.path,
        )

    def _of_each(
        self, expression: tree.Expression, link: Link
    ) -> tuple[str, str, tree.Expression] | None:
        """Return what a condition asks of each node or relationship of the path that is searched.

        That is ("nodes" or "relationships", the variable, the test); None if it asks for more.
        """
        if not isinstance(expression, tree.Quantifier) or expression.kind not in ("all", "none"):
            return None
        assert link.shortest is not None
        source, test = expression.source, expression.where
        if names_in(test) & {link.name, link.shortest.path}:
            return None
        which = ""
        if isinstance(source, tree.Variable) and source.name == link.name:
            which = "relationships"
        elif isinstance(source, tree.Call) and source.name.lower() in ("nodes", "relationships"):
            (argument,) = source.arguments
            if isinstance(argument, tree.Variable) and argument.name == link.shortest.path:
                which = source.name.lower()
        if not which:
            return None
        if expression.kind == "none":
            test = tree.Unary("not", test, at=expression.at)
        return which, expression.variable, test

    # Beginnings.

    def _begin(self) -> bool:
        """Begin at the node or relationship that promises fewest rows; say whether one was left."""
        left = [name for name in self._nodes if name not in self._known]
        if not left:
            return False
        links = [link for link in self._links if link.name not in self._known]
        found: list[Start] = []
        for start in starts(left, links, self._conditions, self._is_known, self._context):
            found.append(start)
        best = min(found, key=lambda start: start.cost)
        self._conditions = [one for one in self._conditions if one not in best.settles]
        if best.link is None:
            self._add(best.make, best.name)
            return True
        self._links.remove(best.link)
        self._add(best.make, best.link.name, best.link.left, best.link.right)
        used = Step(best.link, best.link.left, self._followed, None)
        if used.singles or used.lists:
            self._add(lambda columns: Filter(columns, _unused(used), "relationship is not used"))
        self._followed.append(best.link)
        return True


def _unused(step: Step) -> Evaluate:
    return lambda row, run: row[step.name].id not in step.used(row)


def all_of(conditions: Sequence[Evaluate]) -> Evaluate:
    """Return the condition that is true if all are, looking at one after the other."""
    if len(conditions) == 1:
        return conditions[0]

    def evaluate(row: Row, run: Run) -> Any:
        for condition in conditions:
            value = condition(row, run)
            if value is not True:
                return value
        return True

    return evaluate


def each_of(
    tests: Sequence[tuple[str, Evaluate]],
) -> Callable[[Row, Run], Callable[[Any], bool]] | None:
    """Return for a row the condition on an entity that tests give, each with its variable."""
    if not tests:
        return None

    def of_row(row: Row, run: Run) -> Callable[[Node | Relationship], bool]:
        def is_meant(entity: Node | Relationship) -> bool:
            return all(
                evaluate({**row, variable: entity}, run) is True for variable, evaluate in tests
            )

        return is_meant

    return of_row


def both(one: Edge, other: Edge) -> Edge:
    """Return the condition that is met if both are."""
    if one is None or other is None:
        return one or other

    def of_row(row: Row, run: Run) -> Callable[[Relationship], bool]:
        first, second = one(row, run), other(row, run)
        return lambda relationship: first(relationship) and second(relationship)

    return of_row
