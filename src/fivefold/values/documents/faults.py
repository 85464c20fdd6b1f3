"""MongoDB's numbered errors.

Source: the names and numbers that servers send, MongoDB 7.0 (manual, "Error Codes").
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fivefold.errors import (
    Conflict,
    Denied,
    FivefoldError,
    InvalidState,
    InvalidStatement,
    InvalidValue,
    Limit,
    Unavailable,
    Unsupported,
    Violation,
)

NAMES: dict[int, str] = {
    1: "InternalError",
    2: "BadValue",
    4: "NoSuchKey",
    5: "GraphContainsCycle",
    6: "HostUnreachable",
    8: "UnknownError",
    9: "FailedToParse",
    10: "CannotMutateObject",
    11: "UserNotFound",
    12: "UnsupportedFormat",
    13: "Unauthorized",
    14: "TypeMismatch",
    15: "Overflow",
    16: "InvalidLength",
    17: "ProtocolError",
    18: "AuthenticationFailed",
    20: "IllegalOperation",
    22: "InvalidBSON",
    26: "NamespaceNotFound",
    27: "IndexNotFound",
    28: "PathNotViable",
    29: "NonExistentPath",
    31: "RoleNotFound",
    34: "CannotBackfillArray",
    40: "ConflictingUpdateOperators",
    43: "CursorNotFound",
    47: "NoMatchingDocument",
    48: "NamespaceExists",
    50: "MaxTimeMSExpired",
    51: "ManualInterventionRequired",
    52: "DollarPrefixedFieldName",
    53: "InvalidIdField",
    54: "NotSingleValueField",
    55: "InvalidDBRef",
    56: "EmptyFieldName",
    57: "DottedFieldName",
    59: "CommandNotFound",
    61: "ShardKeyNotFound",
    64: "WriteConcernFailed",
    66: "ImmutableField",
    67: "CannotCreateIndex",
    68: "IndexAlreadyExists",
    72: "InvalidOptions",
    73: "InvalidNamespace",
    76: "NoReplicationEnabled",
    79: "UnknownReplWriteConcern",
    85: "IndexOptionsConflict",
    86: "IndexKeySpecsConflict",
    89: "NetworkTimeout",
    91: "ShutdownInProgress",
    96: "OperationFailed",
    100: "UnsatisfiableWriteConcern",
    111: "NotExactValueField",
    112: "WriteConflict",
    115: "CommandNotSupported",
    117: "ConflictingOperationInProgress",
    121: "DocumentValidationFailure",
    123: "NotAReplicaSet",
    125: "CommandFailed",
    133: "FailedToSatisfyReadPreference",
    134: "ReadConcernMajorityNotAvailableYet",
    143: "CursorInUse",
    146: "ExceededMemoryLimit",
    165: "ViewDepthLimitExceeded",
    166: "CommandNotSupportedOnView",
    167: "OptionNotSupportedOnView",
    168: "InvalidPipelineOperator",
    171: "CannotIndexParallelArrays",
    181: "AmbiguousIndexKeyPattern",
    182: "InvalidViewDefinition",
    183: "ClientMetadataMissingField",
    184: "ClientMetadataAppNameTooLarge",
    185: "ClientMetadataDocumentTooLarge",
    186: "ClientMetadataCannotBeMutated",
    189: "PrimarySteppedDown",
    197: "InvalidIndexSpecificationOption",
    202: "NetworkInterfaceExceededTimeLimit",
    206: "NoSuchSession",
    217: "IncompleteTransactionHistory",
    225: "TransactionTooOld",
    223: "IllegalOpMsgFlag",
    224: "QueryFeatureNotAllowed",
    233: "TooManyDocumentSequences",
    235: "InternalErrorNotSupported",
    237: "CursorKilled",
    238: "NotImplemented",
    241: "ConversionFailure",
    242: "CannotCreateCollection",
    246: "SnapshotUnavailable",
    251: "NoSuchTransaction",
    256: "TransactionCommitted",
    257: "TransactionTooLarge",
    261: "TooManyLogicalSessions",
    262: "ExceededTimeLimit",
    263: "OperationNotSupportedInTransaction",
    276: "IndexBuildAborted",
    279: "ClientDisconnect",
    288: "ChecksumMismatch",
    290: "TransactionExceededLifetimeLimitSeconds",
    291: "NoQueryExecutionPlans",
    292: "QueryExceededMemoryLimitNoDiskUseAllowed",
    301: "DataCorruptionDetected",
    322: "APIVersionError",
    323: "APIStrictError",
    324: "APIDeprecationError",
    334: "MechanismUnavailable",
    352: "UnsupportedOpQueryCommand",
    359: "CannotConvertIndexToUnique",
    365: "TemporarilyUnavailable",
    10107: "NotWritablePrimary",
    10334: "BSONObjectTooLarge",
    11000: "DuplicateKey",
    11600: "InterruptedAtShutdown",
    11601: "Interrupted",
    11602: "InterruptedDueToReplStateChange",
    13388: "StaleConfig",
    13435: "NotPrimaryNoSecondaryOk",
    13436: "NotPrimaryOrSecondary",
    14031: "OutOfDiskSpace",
    50768: "NotARetryableWriteCommand",
}

_KINDS: dict[int, tuple[type[FivefoldError], str]] = {
    11: (InvalidStatement, "undefined_object"),
    13: (Denied, "insufficient_privilege"),
    18: (Denied, "invalid_authorization"),
    26: (InvalidStatement, "undefined_table"),
    27: (InvalidStatement, "undefined_object"),
    43: (InvalidStatement, "invalid_cursor_name"),
    48: (InvalidStatement, "duplicate_table"),
    50: (Limit, "statement_timeout"),
    59: (InvalidStatement, "unknown_command"),
    66: (InvalidStatement, "invalid_object_definition"),
    68: (InvalidStatement, "duplicate_object"),
    85: (InvalidStatement, "duplicate_object"),
    86: (InvalidStatement, "duplicate_object"),
    112: (Conflict, "serialization_failure"),
    91: (Unavailable, "shutting_down"),
    115: (Unsupported, "feature_not_supported"),
    121: (Violation, "check_violation"),
    146: (Limit, "out_of_memory"),
    206: (InvalidState, "no_active_transaction"),
    251: (InvalidState, "no_active_transaction"),
    256: (InvalidState, "invalid_transaction_state"),
    263: (InvalidState, "active_transaction"),
    290: (Limit, "idle_transaction_timeout"),
    292: (Limit, "out_of_memory"),
    9: (InvalidStatement, "syntax_error"),
    40: (InvalidStatement, "syntax_error"),
    168: (InvalidStatement, "undefined_function"),
    10334: (Limit, "program_limit_exceeded"),
    238: (Unsupported, "feature_not_supported"),
    11000: (Violation, "unique_violation"),
    143: (InvalidState, "object_in_use"),
}
"""The kind and code of fivefold's that an error is; any other is a value that is not right."""


def fault(number: int, message: str, **facts: object) -> FivefoldError:
    """Return the error that MongoDB gives this number; ``facts`` go into the reply beside it."""
    kind, code = _KINDS.get(number, (InvalidValue, "invalid_parameter_value"))
    error = kind(message, code)
    error.number = number
    error.facts = facts
    return error


_APART = frozenset({13, 26, 43, 48, 73, 165, 166, 225, 244, 246, 251, 256, 263})
"""Errors of namespaces, cursors and transactions, which come before anything is executed."""


@contextmanager
def executing(what: str) -> Iterator[None]:
    """Have errors of what is executed say so in front, as MongoDB 7.0 does."""
    try:
        yield
    except FivefoldError as error:
        plain = error.number is not None and error.number not in _APART and not error.retry
        if plain and not error.message.startswith((what, _PLANNING)):
            error.message = f"{what} :: caused by :: {error.message}"
            error.args = (error.message,)
        raise


_PLANNING = "error processing query: planner returned error"


def name_of(number: int) -> str:
    """Return the name of an error's number, as ``codeName`` of a reply has it."""
    return NAMES.get(number) or f"Location{number}"
