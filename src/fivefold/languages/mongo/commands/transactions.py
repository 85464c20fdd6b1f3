"""commitTransaction, abortTransaction (manual, "Sessions Commands")."""

from __future__ import annotations

from fivefold.languages.mongo.command import Command
from fivefold.languages.mongo.context import Context
from fivefold.values.documents.kinds import Document


def _commit(context: Context, command: Document) -> Document:
    context.end_transaction(commit=True)
    return {}


def _abort(context: Context, command: Document) -> Document:
    context.end_transaction(commit=False)
    return {}


_FLAGS = ("admin", "retryable", "transaction", "stable")

COMMANDS = (
    Command(
        "commitTransaction", _commit, ("recoveryToken",), _FLAGS, summary="Commit a transaction."
    ),
    Command(
        "abortTransaction", _abort, ("recoveryToken",), _FLAGS, summary="Roll a transaction back."
    ),
)
