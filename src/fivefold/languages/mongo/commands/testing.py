"""configureFailPoint, for those who test that they try again."""

from __future__ import annotations

from fivefold.languages.mongo.command import Command
from fivefold.languages.mongo.context import Context
from fivefold.languages.mongo.failing import fail_point
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document


def _configure(context: Context, command: Document) -> Document:
    hub = context.hub
    if not hub.test_commands:
        raise fault(
            59,
            "no such command: 'configureFailPoint'; a server that was started with "
            "--test-commands has it",
        )
    before = hub.fail_point
    hub.fail_point = fail_point(command)
    return {"count": 0 if before is None else before.entered}


COMMANDS = (
    Command(
        "configureFailPoint",
        _configure,
        ("mode", "data"),
        ("storeless", "admin"),
        summary="Have commands fail on purpose.",
    ),
)
