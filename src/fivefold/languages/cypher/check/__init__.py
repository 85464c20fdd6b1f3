"""What is wrong with a statement before it runs, and what is known of it then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fivefold.languages.cypher import tree
from fivefold.languages.cypher.check.queries import check_whole
from fivefold.languages.cypher.check.scope import Signature, State
from fivefold.languages.cypher.check.types import Type
from fivefold.languages.cypher.graph import Notification

__all__ = ["Checked", "Signature", "Type", "check"]


@dataclass(frozen=True, slots=True)
class Checked:
    """A statement that may run.

    ``columns`` are the result's, in order, with what is known of their types. ``labels``
    and ``types`` are those that it asks for, each with where it does first.
    """

    statement: tree.Statement
    columns: Mapping[str, Type]
    reads: bool
    writes: bool
    notifications: tuple[Notification, ...]
    labels: Mapping[str, int]
    types: Mapping[str, int]
    parameters: tuple[str, ...]

    @property
    def kind(self) -> str:
        """Return what Bolt calls the statement's type: r, rw, w, or s for a change of schema."""
        if isinstance(self.statement.body, tree.Command):
            return "r" if isinstance(self.statement.body, tree.Show) else "s"
        if not self.writes:
            return "r"
        return "rw" if self.columns else "w"


def check(statement: tree.Statement, procedures: Mapping[str, Signature]) -> Checked:
    """Check a statement. Commands other than queries are checked by ``schema``.

    Raises faults of phase "compile", with the details of the openCypher kit.
    """
    state = State(procedures)
    body = statement.body
    columns = check_whole(body, state) if isinstance(body, tree.Query) else {}
    return Checked(
        statement,
        columns,
        state.reads,
        state.writes or (isinstance(body, tree.Command) and not isinstance(body, tree.Show)),
        tuple(state.notifications),
        state.labels,
        state.types,
        tuple(state.parameters),
    )
