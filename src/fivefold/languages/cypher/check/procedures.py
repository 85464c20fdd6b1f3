"""Checks of procedures' calls.

Source: openCypher 9, "CALL"; Neo4j Cypher Manual 5, "CALL procedure".
"""

from __future__ import annotations

from collections.abc import Iterator

import fivefold.languages.cypher.check.expressions as expressions
from fivefold.languages.cypher import tree
from fivefold.languages.cypher.check.scope import Here, Signature, State, require
from fivefold.languages.cypher.check.types import ANY, Type, written
from fivefold.languages.cypher.procedures import unknown
from fivefold.values.graph.faults import fault


def look_up(clause: tree.CallProcedure, state: State) -> Signature:
    """Return the procedure that is called. Raises fault ProcedureNotFound, or Unsupported."""
    procedure = state.procedures.get(clause.name)
    if procedure is None:
        raise unknown(clause.name, clause.at)
    state.reads = True
    state.writes = state.writes or procedure.writes
    return procedure


def check_arguments(procedure: Signature, clause: tree.CallProcedure, here: Here) -> None:
    """Check how many arguments there are and, as far as it is known, of which types."""
    if clause.arguments is None:  # taken from parameters
        return
    declared = procedure.arguments
    least = sum(1 for argument in declared if not argument.optional)
    types = [expressions.check(argument, here) for argument in clause.arguments]
    if not least <= len(types) <= len(declared):
        raise fault(
            "InvalidNumberOfArguments",
            f"Procedure call does not provide the required number of arguments: got {len(types)}"
            f" expected {'at least ' if least < len(declared) else ''}{least}.",
            at=clause.at,
        )
    for argument, given, wanted in zip(clause.arguments, types, declared, strict=False):
        require(given, expressions.start(argument), *written(wanted.type))


def check_yields(
    procedure: Signature, clause: tree.CallProcedure, *, all_of_them: bool = False
) -> Iterator[tuple[str, Type]]:
    """Yield the variables that a call binds, with their types."""
    results = {name: _type(type) for name, type in procedure.results}
    if clause.star or (all_of_them and clause.yields is None):
        yield from results.items()
        return
    for result, variable in clause.yields or ():
        if result not in results:
            message = f"Unknown procedure output: `{result}`"
            raise fault("UndefinedVariable", message, at=clause.at)
        yield variable, results[result]


def _type(text: str) -> Type:
    types = written(text)
    return types[0] if len(types) == 1 else ANY
