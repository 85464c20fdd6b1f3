"""What the fields that all commands share ask for: database, session, transaction, concerns.

Source: the drivers' specifications "Sessions", "Transactions", "Read and Write Concern",
"Stable API"; manual, "Read Concern", "Write Concern". What means the same on a set of one member
is accepted, what does not is refused: nothing is ignored that would change an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bson.binary import Binary
from bson.timestamp import Timestamp

from fivefold.languages.mongo.arguments import missing, take, whole_number, wrong_type
from fivefold.languages.mongo.command import Command
from fivefold.languages.mongo.namespaces import check_database
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import INT32_MAX, Document

READ_CONCERNS = ("local", "available", "majority", "linearizable", "snapshot")

READ_MODES = ("primary", "primaryPreferred", "secondary", "secondaryPreferred", "nearest")

MEMBERS_MAX = 50
"""As many members as a replica set may have, so the largest ``w`` (manual, "Write Concern")."""

_SPECIAL = frozenset(
    {
        "$readPreference",
        "apiDeprecationErrors",
        "apiStrict",
        "apiVersion",
        "autocommit",
        "maxTimeMS",
        "readConcern",
        "startTransaction",
        "txnNumber",
        "writeConcern",
    }
)
"""The general fields that have something to say besides the database and the session."""


@dataclass(frozen=True, slots=True)
class SessionFields:
    """A command's place in a logical session.

    ``lsid`` has the 16 bytes of the session's id, None outside of sessions. ``txn_number`` numbers
    the session's transactions and retryable writes; ``inside`` says that the command belongs to the
    transaction of that number, and ``starts`` that it is the first of it.
    """

    lsid: bytes | None = None
    txn_number: int | None = None
    inside: bool = False
    starts: bool = False

    @property
    def retryable(self) -> bool:
        """Say whether the command is a retryable write: it may come again by the same number."""
        return self.txn_number is not None and not self.inside


@dataclass(frozen=True, slots=True)
class WriteConcern:
    """Who has to have a write before it is answered; one member, which has it, is all there are."""

    w: int | str = "majority"
    journal: bool | None = None
    timeout_ms: int = 0


NO_SESSION = SessionFields()
DEFAULT_WRITE = WriteConcern()


@dataclass(frozen=True, slots=True)
class Request:
    """A command with what its general fields ask for. ``max_time_ms`` 0 is no limit."""

    command: Command
    database: str
    session: SessionFields = NO_SESSION
    read_concern: str | None = None
    write_concern: WriteConcern = DEFAULT_WRITE
    max_time_ms: int = 0
    api_strict: bool = False


def read_request(command: Command, document: Document) -> Request:
    """Return what a command's general fields ask for. Raises faults."""
    database = document.get("$db")
    if not isinstance(database, str):
        raise fault(40571, "OP_MSG requests require a $db argument")
    check_database(database)
    lsid = document.get("lsid")
    session_id = None if lsid is None else session_id_of(lsid, "OperationSessionInfo.lsid")
    if _SPECIAL.isdisjoint(document):
        if session_id is None:
            return Request(command, database)
        return Request(command, database, SessionFields(session_id))
    session = _session(command, database, session_id, document)
    return Request(
        command,
        database,
        session,
        _read_concern(session, document),
        _write_concern(command, session, document),
        _max_time_ms(document),
        _api(command, document),
    )


def session_id_of(lsid: Any, field: str) -> bytes:
    """Return the 16 bytes of a session's id from the document that names it. Raises faults."""
    if not isinstance(lsid, dict):
        raise wrong_type(field, lsid, "object")
    if "id" not in lsid:
        raise missing(f"{field}.id")
    value = lsid["id"]
    if not isinstance(value, bytes):
        raise wrong_type(f"{field}.id", value, "binData")
    if not isinstance(value, Binary) or value.subtype != 4 or len(value) != 16:
        subtype = value.subtype if isinstance(value, Binary) else 0
        raise fault(
            14,
            f"BSON field '{field}.id' is the wrong binary type '{subtype}', expected type 'UUID'",
        )
    return bytes(value)


def _session(
    command: Command, database: str, lsid: bytes | None, document: Document
) -> SessionFields:
    number, autocommit, starts = map(document.get, ("txnNumber", "autocommit", "startTransaction"))
    if number is not None:
        if not isinstance(number, int) or isinstance(number, bool):
            raise wrong_type("OperationSessionInfo.txnNumber", number, "long")
        if lsid is None:
            raise fault(72, "Transaction number requires a session ID to also be specified")
        if number < 0:
            raise fault(72, "Transaction number cannot be negative")
    if autocommit is not None:
        if not isinstance(autocommit, bool):
            raise wrong_type("OperationSessionInfo.autocommit", autocommit, "bool")
        if number is None:
            raise fault(72, "'autocommit' field requires a transaction number to also be specified")
        if autocommit:
            raise fault(72, "Specifying autocommit=true is not allowed.")
    if starts is not None:
        if not isinstance(starts, bool):
            raise wrong_type("OperationSessionInfo.startTransaction", starts, "bool")
        if autocommit is None:
            raise fault(
                72, "'startTransaction' field requires 'autocommit' field to also be specified"
            )
        if not starts:
            raise fault(72, "Specifying startTransaction=false is not allowed.")
    if lsid is None:
        return NO_SESSION
    if number is None:
        return SessionFields(lsid)
    if autocommit is None:
        if "retryable" not in command.flags:
            raise fault(
                50768,
                "txnNumber may only be provided for multi-document transactions and retryable "
                f"write commands. autocommit:false was not provided, and {command.name} is not a "
                "retryable write command.",
            )
        return SessionFields(lsid, int(number))
    _check_inside(command, database, bool(starts))
    return SessionFields(lsid, int(number), inside=True, starts=bool(starts))


ENDINGS = frozenset({"commitTransaction", "abortTransaction"})


def _check_inside(command: Command, database: str, starts: bool) -> None:
    """Refuse what a transaction of several statements may not hold."""
    name = command.name
    if name in ENDINGS:
        if starts:
            raise fault(263, f"Cannot run '{name}' as the first command of a transaction.")
        return
    if "transaction" not in command.flags:
        raise fault(263, f"Cannot run '{name}' in a multi-document transaction.")
    if starts and command.storeless:
        raise fault(263, f"Cannot run '{name}' as the first command of a transaction.")
    if database in ("admin", "config", "local") and not command.storeless:
        raise fault(263, f"Cannot run command against the '{database}' database in a transaction.")


def _read_concern(session: SessionFields, document: Document) -> str | None:
    given = take(document, "readConcern", "object")
    if given is None:
        return None
    for name, value in given.items():
        if name == "level":
            if not isinstance(value, str):
                raise wrong_type("readConcern.level", value, "string")
            if value not in READ_CONCERNS:
                raise fault(
                    2,
                    f"Enumeration value '{value}' for field 'readConcern.level' "
                    "is not a valid value.",
                )
        elif name == "afterClusterTime":
            if not isinstance(value, Timestamp):
                raise wrong_type("readConcern.afterClusterTime", value, "timestamp")
        elif name == "atClusterTime":
            raise fault(
                246,
                "fivefold keeps no older snapshots to read at: readConcern.atClusterTime is not "
                "supported. What one transaction reads is of one moment.",
            )
        elif name != "provenance":
            raise fault(40415, f"BSON field 'readConcern.{name}' is an unknown field.")
    level: str | None = given.get("level")
    if session.inside:
        if not session.starts:
            raise fault(72, "Only the first command in a transaction may specify a readConcern")
        if level in ("available", "linearizable"):
            raise fault(
                72,
                "The readConcern level must be either 'local' (default), 'majority' or 'snapshot' "
                "in order to run in a transaction",
            )
    elif level == "snapshot":
        raise fault(
            246,
            "readConcern level 'snapshot' outside of transactions is not supported by fivefold, "
            "which keeps no older snapshots to read at. What one transaction reads is of one "
            "moment: use startTransaction.",
        )
    return level


def _write_concern(command: Command, session: SessionFields, document: Document) -> WriteConcern:
    given = take(document, "writeConcern", "object")
    if given is None:
        return DEFAULT_WRITE
    if session.inside and command.name not in ENDINGS:
        raise fault(72, "writeConcern is not allowed within a multi-statement transaction")
    return parse_write_concern(given)


def parse_write_concern(given: Mapping[str, Any]) -> WriteConcern:
    """Return a write concern. Raises 9 (FailedToParse) for what is none."""
    w: int | str = "majority"
    journal: bool | None = None
    timeout_ms = 0
    for name, value in given.items():
        if name == "w":
            if isinstance(value, str):
                w = value
            else:
                if isinstance(value, bool) or not isinstance(value, (int, float)):
                    raise fault(9, "w has to be a number, string, or object")
                w = int(value)
                if not 0 <= w <= MEMBERS_MAX:
                    raise fault(
                        9, f"w has to be a non-negative number and not greater than {MEMBERS_MAX}"
                    )
        elif name in ("j", "fsync"):
            if not isinstance(value, (bool, int, float)):
                raise wrong_type(f"writeConcern.{name}", value, "bool", "long", "int", "double")
            journal = bool(value) or journal
        elif name in ("wtimeout", "wtimeoutMS"):
            timeout_ms = whole_number(value, f"writeConcern.{name}")
        elif name not in ("provenance", "wElectionId", "wOpTime", "getLastError"):
            raise fault(9, f"unrecognized write concern field: {name}")
    return WriteConcern(w, journal, timeout_ms)


def unsatisfied(concern: WriteConcern) -> Document | None:
    """Return ``writeConcernError`` where a set of one cannot do what a write asked for.

    The write itself is done, as in MongoDB.
    """
    if isinstance(concern.w, int):
        if concern.w <= 1:
            return None
        return {
            "code": 100,
            "codeName": "UnsatisfiableWriteConcern",
            "errmsg": "Not enough data-bearing nodes",
        }
    if concern.w == "majority":
        return None
    return {
        "code": 79,
        "codeName": "UnknownReplWriteConcern",
        "errmsg": f"No write concern mode named '{concern.w}' found in replica set configuration",
    }


def _max_time_ms(document: Document) -> int:
    given = document.get("maxTimeMS")
    if given is None:
        return 0
    number = whole_number(given, "maxTimeMS")
    if not 0 <= number <= INT32_MAX:
        raise fault(2, f"{number} value for maxTimeMS is out of range [0, {INT32_MAX}]")
    return number


def _api(command: Command, document: Document) -> bool:
    """Check what is asked of the Stable API; say whether it is strict."""
    mode = take(document, "$readPreference", "object", {}).get("mode", "primary")
    if mode not in READ_MODES:
        raise fault(
            9,
            f"Could not parse $readPreference mode '{mode}'. Only the modes "
            "'primary', 'primaryPreferred', 'secondary', 'secondaryPreferred', and 'nearest' "
            "are supported.",
        )
    version = take(document, "apiVersion", "string")
    strict = take(document, "apiStrict", "bool", False)
    errors = take(document, "apiDeprecationErrors", "bool")
    if version is None:
        for name, given in (("apiStrict", strict or None), ("apiDeprecationErrors", errors)):
            if given is not None:
                raise fault(322, f"Provided {name} without passing apiVersion")
        return False
    if version != "1":
        raise fault(322, 'API version must be "1"')
    if strict and "stable" not in command.flags:
        raise fault(
            323,
            f"Provided apiStrict:true, but the command {command.name} is not in API Version 1. "
            "Information on supported commands and migrations in API Version 1 can be found at "
            "https://dochub.mongodb.org/core/manual-versioned-api",
        )
    return bool(strict)
