"""From fivefold's errors and from replies to the exceptions that pymongo raises for them.

The exception has MongoDB's number as ``code`` and the reply as ``details``; its cause is the error
of ``fivefold.errors``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pymongo.errors import (
    BulkWriteError,
    CursorNotFound,
    DuplicateKeyError,
    ExecutionTimeout,
    OperationFailure,
    WriteConcernError,
    WriteError,
)

from fivefold.errors import FivefoldError
from fivefold.values.documents.replyerrors import error_reply

_CLASSES: dict[int, type[OperationFailure]] = {
    11000: DuplicateKeyError,
    43: CursorNotFound,
    50: ExecutionTimeout,
}


def translated(error: FivefoldError, *, inside: bool) -> OperationFailure:
    """Return the exception for an error; ``inside``: it was raised in a transaction."""
    return refused(error_reply(error, inside=inside))


def refused(reply: Mapping[str, Any]) -> OperationFailure:
    """Return the exception for the reply of a command that failed."""
    code = reply.get("code")
    made = _CLASSES.get(code or 0, OperationFailure)
    return made(reply["errmsg"], code, reply)


def check_write(reply: Mapping[str, Any]) -> None:
    """Raise what is wrong with the write of one statement. Raises WriteError, WriteConcernError."""
    errors = reply.get("writeErrors")
    if errors:
        error = errors[-1]
        made = DuplicateKeyError if error["code"] == 11000 else WriteError
        raise made(error["errmsg"], error["code"], error)
    concern = reply.get("writeConcernError")
    if concern:
        raise WriteConcernError(concern["errmsg"], concern["code"], concern)


def check_bulk(result: dict[str, Any]) -> None:
    """Raise BulkWriteError if a write of several did not do everything."""
    if result["writeErrors"] or result["writeConcernErrors"]:
        result["writeErrors"].sort(key=lambda error: error["index"])
        raise BulkWriteError(result)
