"""Failing on purpose: the fail point ``failCommand``, by which people test that they try again.

Only a server that was started with ``--test-commands`` has it. Source: MongoDB's wiki, "The
failCommand fail point"; the drivers' specification "Unified test format".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from fivefold.errors import FivefoldError
from fivefold.languages.mongo.arguments import take, take_flag, take_number, wrong_type
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document

_FIELDS = frozenset(
    {
        "failCommands",
        "errorCode",
        "errorLabels",
        "closeConnection",
        "writeConcernError",
        "blockConnection",
        "blockTimeMS",
        "appName",
        "failInternalCommands",
        "namespace",
    }
)


@dataclass(slots=True)
class FailPoint:
    """What is to fail, and how.

    ``left`` is how often still, None for always, but for the first ``skip``.
    ``labels`` None: those that such an error has by itself. ``namespace`` and ``application``: only
    for commands on that collection, of clients of that name.
    """

    commands: frozenset[str] = frozenset()
    left: int | None = None
    skip: int = 0
    number: int = 0
    labels: list[str] | None = None
    closes: bool = False
    write_concern_error: Document | None = None
    block_ms: int = 0
    application: str | None = None
    namespace: str | None = None
    entered: int = field(default=0)

    def hits(self, request_name: str, document: Document, metadata: Document | None) -> bool:
        """Say whether this command is to fail now; it counts."""
        if self.left == 0 or request_name not in self.commands:
            return False
        if self.application is not None and _application(metadata) != self.application:
            return False
        if self.namespace is not None:
            target = document.get(request_name)
            if f"{document.get('$db')}.{target}" != self.namespace:
                return False
        if self.skip:
            self.skip -= 1
            return False
        if self.left is not None:
            self.left -= 1
        self.entered += 1
        return True

    @property
    def error(self) -> FivefoldError | None:
        """Return what the command fails with, if it fails."""
        if not self.number:
            return None
        return fault(self.number, "Failing command via 'failCommand' failpoint")


def _application(metadata: Document | None) -> Any:
    application = (metadata or {}).get("application")
    return application.get("name") if isinstance(application, dict) else None


def fail_point(command: Document) -> FailPoint | None:
    """Return the fail point that configureFailPoint asks for; None to fail no more."""
    name = command["configureFailPoint"]
    if name != "failCommand":
        raise fault(2, f"fail point '{name}' is not there: fivefold has failCommand only")
    mode: Any = command.get("mode")
    point = FailPoint()
    if mode == "off":
        return None
    if isinstance(mode, dict) and len(mode) == 1 and next(iter(mode)) in ("times", "skip"):
        (kind, count), *_ = mode.items()
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            raise fault(2, f"'{kind}' of a fail point has to be a number of 0 or more")
        if kind == "times":
            point.left = count
        else:
            point.skip = count
    elif mode != "alwaysOn":
        raise fault(9, "the mode of a fail point is 'off', 'alwaysOn', {times: n} or {skip: n}")
    data = take(command, "data", "object", {})
    unknown = data.keys() - _FIELDS
    if unknown:
        raise fault(2, f"failCommand has no field '{min(unknown)}' in its data")
    names = data.get("failCommands")
    if not isinstance(names, list):
        raise wrong_type("data.failCommands", names, "array")
    point.commands = frozenset(names)
    point.number = take_number(data, "errorCode", 0)
    point.labels = take(data, "errorLabels", "array")
    point.closes = take_flag(data, "closeConnection")
    point.write_concern_error = take(data, "writeConcernError", "object")
    if take_flag(data, "blockConnection"):
        point.block_ms = take_number(data, "blockTimeMS", 0, least=0)
    point.application = take(data, "appName", "string")
    point.namespace = take(data, "namespace", "string")
    return point
