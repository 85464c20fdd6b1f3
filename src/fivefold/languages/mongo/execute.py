"""From a command to its reply.

``resolve`` finds the command and checks what all commands have in common, so that the engine
knows what it wants (``writes``, ``scans``) before it opens a transaction; ``perform`` runs it.
``execute`` is both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fivefold.errors import FivefoldError
from fivefold.languages.mongo.arguments import unknown, wrong_type
from fivefold.languages.mongo.command import Command
from fivefold.languages.mongo.commands import COMMANDS
from fivefold.languages.mongo.context import Context
from fivefold.languages.mongo.known import KNOWN
from fivefold.languages.mongo.request import Request, read_request, unsatisfied
from fivefold.values.documents.codec import decode, encode
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document
from fivefold.values.documents.raw import Batch

Sequences = Mapping[str, list[bytes]]
"""The documents that came beside a command, in BSON's bytes, by the name of their field."""

NOTHING_BESIDE: Sequences = {}


def execute(
    context: Context, document: Document, sequences: Sequences = NOTHING_BESIDE
) -> Document:
    """Run one command, return its reply. Raises FivefoldError."""
    return perform(context, resolve(document, sequences), document)


def find(document: Document) -> Command:
    """Return the command that a document names. Raises 59 if there is no such command."""
    for name in document:
        command = COMMANDS.get(name)
        if command is None:
            raise _not_found(name)
        return command
    raise fault(59, "no such command: ''")


def resolve(document: Document, sequences: Sequences = NOTHING_BESIDE) -> Request:
    """Return what a command asks for. Puts the documents that came beside it into it.

    A command's ``raw`` fields become ``Batch``; other documents are decoded.
    """
    command = find(document)
    for name, documents in sequences.items():
        if name in document:
            raise fault(9, f"The field '{name}' is in the command and in a document sequence too")
        document[name] = Batch(documents) if name in command.raw else list(map(decode, documents))
    for name in command.raw:
        given = document.get(name)
        if given.__class__ is list:
            document[name] = _batch(f"{command.name}.{name}", given)
    if command.allowed is not None and not document.keys() <= command.allowed:
        field = next(name for name in document if name not in command.allowed)
        raise unknown(f"{command.name}.{field}")
    request = read_request(command, document)
    if "admin" in command.flags and request.database != "admin":
        raise fault(13, f"{command.name} may only be run against the admin database.")
    return request


def _batch(field: str, given: list[Any]) -> Batch:
    """Return documents, which did not come as bytes, as bytes. Raises 14 for what is none."""
    for number, each in enumerate(given):
        if not isinstance(each, dict):
            raise wrong_type(f"{field}.{number}", each, "object")
    return Batch(map(encode, given))


def perform(context: Context, request: Request, document: Document) -> Document:
    """Run a command that ``resolve`` found."""
    client = context.client
    if context.hub.has_users and not (client.users or client.owner or request.command.early):
        raise fault(13, f"Command {request.command.name} requires authentication")
    context.request = request
    reply = request.command.handler(context, document)
    if request.command.writes and "writeConcernError" not in reply:
        refusal = unsatisfied(request.write_concern)
        if refusal is not None:
            reply["writeConcernError"] = refusal
    return reply


def _not_found(name: str) -> FivefoldError:
    instead = KNOWN.get(name)
    if instead is not None:
        return fault(238, f"command '{name}' is not supported by fivefold: {instead}")
    return fault(59, f"no such command: '{name}'")
