"""A client's statements of CQL: which transaction they run in, what is prepared.

Outside a transaction each statement, and each batch, is one of its own. A plan is remembered by
the statement's text and the keyspace that its names are of, as long as the catalog is what it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from traceback import clear_frames
from typing import Any

from fivefold.engine.session import MustWait, Session
from fivefold.engine.units import StoreUnit, Units
from fivefold.errors import InvalidStatement
from fivefold.languages.cql.planning import (
    Plan,
    Prepared,
    alters,
    plan_of,
    prepared_of,
    understand,
)
from fivefold.languages.cql.results import (
    NO_OPTIONS,
    Changed,
    ColumnSpec,
    KeyspaceSet,
    Options,
    Parameters,
    Result,
)
from fivefold.languages.cql.run import Run
from fivefold.languages.cql.system import Node
from fivefold.languages.cql.tree import Parsed
from fivefold.languages.cql.write import ModificationPlan, run_batch
from fivefold.values.cql.faults import invalid

Named = Mapping[str, Any]
"""Parameters by the names of their markers."""

Statement = str | Prepared


class CqlSession(Units):
    """One client's line to the column families. ``keyspace`` is the one that names are of.

    ``node`` is the server that it goes to, if it is one's client.
    """

    __slots__ = ("keyspace", "node")

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.keyspace: str | None = None
        self.node: Node | None = None

    # Prepared statements

    def prepare(self, text: str, keyspace: str | None = None, *, inline: bool = False) -> Prepared:
        """Return a statement prepared; its names are of ``keyspace``, or else of the session's.

        Raises what is wrong with it.
        """
        self.inline = inline
        space = keyspace or self.keyspace
        plan = self._plan(text, space)
        prepared = prepared_of(text, space, plan)
        self._engine.lasting.put(("cql prepared", prepared.id), prepared)
        return prepared

    def prepared(self, id: bytes) -> Prepared | None:
        """Return the statement that some client of this process has prepared, if it is known."""
        found: Prepared | None = self._engine.lasting.get(("cql prepared", id))
        return found

    def markers(self, text: str, keyspace: str | None = None) -> tuple[ColumnSpec, ...]:
        """Return what a statement's markers take, the same object as long as its plan is."""
        return self._plan(text, keyspace or self.keyspace).parameters

    # Statements

    def writes(
        self, statement: Statement, keyspace: str | None = None, *, inline: bool = False
    ) -> bool:
        """Say whether a statement may write. Raises its faults; MustWait if it is new."""
        self.inline = inline
        if isinstance(statement, str):
            text, space = statement, keyspace or self.keyspace
        else:
            text, space = statement.text, statement.keyspace
        return alters(self._understood(text).statement) or self._plan(text, space).writes

    def run(
        self,
        statement: Statement,
        parameters: Parameters | Named = (),
        options: Options = NO_OPTIONS,
        *,
        keyspace: str | None = None,
        inline: bool = False,
    ) -> Result:
        """Run a statement; ``keyspace`` is that of its names, instead of the session's.

        ``inline``: raises MustWait if it takes long. Raises FivefoldError.
        """
        self.inline = inline
        if isinstance(statement, str):
            text, space = statement, keyspace or self.keyspace
        else:
            text, space = statement.text, statement.keyspace
        plan: Plan | None = self.session.seen.plans.get(("cql", space, text))
        if plan is None:
            if alters(self._understood(text).statement):
                return self._alter(text, space, options)
            plan = self._plan(text, space)
        if isinstance(parameters, Mapping):
            parameters = by_position(plan, parameters)
        else:
            _check_count(plan, parameters)

        def work(unit: StoreUnit) -> Result:
            found = unit.snapshot.plans.get(("cql", space, text)) or self._made(unit, text, space)
            return found.run(Run(unit, parameters, options, space, self.node))

        result = self._perform(work, write=plan.writes, several=plan.several)
        if type(result) is KeyspaceSet:
            self.keyspace = result.keyspace
        return result

    def batch(
        self,
        kind: str,
        statements: Sequence[tuple[Statement, Parameters]],
        options: Options = NO_OPTIONS,
        *,
        keyspace: str | None = None,
        inline: bool = False,
    ) -> Result:
        """Run statements of changes as one batch: logged, unlogged or counter."""
        self.inline = inline
        space = keyspace or self.keyspace
        parts = [
            (statement, space, parameters)
            if isinstance(statement, str)
            else (statement.text, statement.keyspace, parameters)
            for statement, parameters in statements
        ]
        for text, _, _ in parts:
            self._understood(text)

        def work(unit: StoreUnit) -> Result:
            changes = [
                (
                    self._modification(unit, text, own, parameters),
                    Run(unit, parameters, options, own, self.node),
                )
                for text, own, parameters in parts
            ]
            return run_batch(kind, changes, Run(unit, (), options, space, self.node))

        return self.write(work)

    def _modification(
        self, unit: StoreUnit, text: str, space: str | None, parameters: Parameters
    ) -> ModificationPlan:
        known: Plan | None = unit.snapshot.plans.get(("cql", space, text))
        plan = known or self._made(unit, text, space)
        if plan.change is None:
            raise invalid(
                "Invalid statement in batch: only UPDATE, INSERT and DELETE statements are allowed."
            )
        count = len(plan.parameters)
        if len(parameters) != count:
            raise invalid(
                f"There were {count} markers(?) in CQL but {len(parameters)} bound variables",
                "wrong_parameter_count",
            )
        return plan.change

    def _alter(self, text: str, space: str | None, options: Options) -> Result:
        parsed = self._understood(text)

        def work(unit: StoreUnit) -> Result:
            return plan_of(parsed, unit.catalog, space).run(
                Run(unit, (), options, space, self.node)
            )

        try:
            result = self.alter(work)
        except BaseException as error:
            clear_frames(error.__traceback__)
            raise
        assert isinstance(result, Changed)
        return result

    def _understood(self, text: str) -> Parsed:
        lasting = self._engine.lasting
        found: Parsed | None = lasting.get(("cql", text))
        if found is None:
            if self.inline:
                raise MustWait(for_writer=False)
            found = understand(text)
            lasting.put(("cql", text), found)
        return found

    def _plan(self, text: str, space: str | None) -> Plan:
        """Return the plan under the catalog as it is known now."""
        plans = self.session.seen.plans
        found: Plan | None = plans.get(("cql", space, text))
        if found is None:
            parsed = self._understood(text)
            try:
                found = plan_of(parsed, self.session.seen.catalog, space)
            except InvalidStatement:
                # Another process may have made what is missing, or granted it.
                if self.inline or not self.session.renew():
                    raise
                return self._plan(text, space)
            plans.put(("cql", space, text), found)
        return found

    def _made(self, unit: StoreUnit, text: str, space: str | None) -> Plan:
        """Return the plan under the unit's own catalog, which is another one."""
        found = plan_of(self._understood(text), unit.catalog, space)
        unit.snapshot.plans.put(("cql", space, text), found)
        return found

    def close(self) -> None:
        """Roll back what is open, and give everything back."""
        self.session.close()


def by_position(plan: Plan, named: Named) -> Parameters:
    """Return parameters in the order of the markers. Raises InvalidStatement."""
    try:
        return [named[spec.name] for spec in plan.parameters]
    except KeyError as error:
        raise invalid(
            f"Invalid unset value for bind variable {error.args[0]}", "undefined_parameter"
        ) from None


def _check_count(plan: Plan, parameters: Parameters) -> None:
    if len(parameters) != len(plan.parameters):
        raise invalid("Invalid amount of bind variables", "wrong_parameter_count")
