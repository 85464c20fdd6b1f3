"""CALL of procedures.

Source: openCypher 9, "CALL"; Cypher Manual, "CALL procedure".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from fivefold.languages.cypher import tree
from fivefold.languages.cypher.context import Context, Names, Procedure
from fivefold.languages.cypher.expressions import Evaluate
from fivefold.languages.cypher.functions.function import Argument
from fivefold.languages.cypher.graph import Row, Run
from fivefold.languages.cypher.operators import Operator
from fivefold.values.graph.faults import fault


class ProcedureCall(Operator):
    """For each row those of a procedure; a void one lets the row pass as it came."""

    name = "ProcedureCall"
    reads = True

    def __init__(
        self, clause: tree.CallProcedure, scope: Names, context: Context, *, alone: bool
    ) -> None:
        self._procedure = procedure = context.procedures[clause.name]
        self.yields = yielded(clause, procedure, alone=alone)
        super().__init__(sorted(scope | {variable for _, variable in self.yields}))
        self.writes = procedure.writes
        names = [name for name, _ in procedure.results]
        self._taken = tuple((names.index(result), variable) for result, variable in self.yields)
        self._arguments = _arguments(clause, procedure, context)
        self._optional = clause.optional

    @property
    def details(self) -> str:
        return f"{self._procedure.name}({', '.join(one.name for one in self._procedure.arguments)})"

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        procedure, taken = self._procedure, self._taken
        for row in input:
            values = [evaluate(row, run) for evaluate in self._arguments]
            found = procedure.call(run, values)
            if not procedure.results:
                for _ in found:
                    pass
                yield row
                continue
            some = False
            for result in found:
                some = True
                yield {**row, **{variable: result[place] for place, variable in taken}}
            if self._optional and not some:
                yield {**row, **{variable: None for _, variable in taken}}


def yielded(
    clause: tree.CallProcedure, procedure: Procedure, *, alone: bool
) -> Sequence[tuple[str, str]]:
    """Return (result, variable) for each column that a call makes."""
    if clause.star or (alone and clause.yields is None):
        return [(name, name) for name, _ in procedure.results]
    return clause.yields or ()


def _arguments(
    clause: tree.CallProcedure, procedure: Procedure, context: Context
) -> tuple[Evaluate, ...]:
    declared = procedure.arguments
    given: Iterable[Evaluate]
    if clause.arguments is None:
        given = [_parameter(one) for one in declared if not one.optional]
    else:
        given = [context.evaluate(one) for one in clause.arguments]
    return tuple(_converted(evaluate, one) for evaluate, one in zip(given, declared, strict=False))


def _parameter(argument: Argument) -> Evaluate:
    name = argument.name

    def evaluate(row: Row, run: Run) -> Any:
        if name not in run.parameters:
            # The call cannot even be made: the kit counts that to the time before a query runs.
            raise fault("MissingParameter", f"Expected parameter(s): {name}", phase="compile")
        return run.parameters[name]

    return evaluate


def _converted(evaluate: Evaluate, argument: Argument) -> Evaluate:
    """Return the value as the argument's type wants it: integers may stand for floats."""
    convert: Callable[[Any], Any] | None = _CONVERSIONS.get(argument.type)
    if convert is None:
        return evaluate

    def converted(row: Row, run: Run) -> Any:
        value = evaluate(row, run)
        return convert(value) if type(value) is int else value

    return converted


_CONVERSIONS: dict[str, Callable[[Any], Any]] = {"FLOAT": float, "FLOAT NOT NULL": float}
