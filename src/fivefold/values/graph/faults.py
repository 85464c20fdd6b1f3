"""What can be wrong with a query of Cypher.

Source: the details that the openCypher Technology Compatibility Kit tells apart, with its types and
phases; the status codes of the Neo4j Status Codes reference, version 5.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from fivefold.errors import (
    Conflict,
    Denied,
    FivefoldError,
    InvalidState,
    InvalidStatement,
    InvalidValue,
    Limit,
    Violation,
)

Phase = Literal["compile", "runtime"]
Kind = type[FivefoldError]


class Detail(NamedTuple):
    """A detail's type and phase in the TCK, its status in Neo4j, its kind and code here."""

    type: str
    phase: Phase
    status: str
    kind: Kind
    code: str


_STATEMENT = "Neo.ClientError.Statement."
_SCHEMA = "Neo.ClientError.Schema."
_DATABASE_SCHEMA = "Neo.DatabaseError.Schema."

STATUSES: Final[dict[str, str]] = {
    "SyntaxError": f"{_STATEMENT}SyntaxError",
    "SemanticError": f"{_STATEMENT}SemanticError",
    "TypeError": f"{_STATEMENT}TypeError",
    "ArgumentError": f"{_STATEMENT}ArgumentError",
    "ArithmeticError": f"{_STATEMENT}ArithmeticError",
    "EntityNotFound": f"{_STATEMENT}EntityNotFound",
    "PropertyNotFound": f"{_STATEMENT}PropertyNotFound",
    "LabelNotFound": f"{_STATEMENT}LabelNotFound",
    "ParameterMissing": f"{_STATEMENT}ParameterMissing",
    "ProcedureError": "Neo.ClientError.Procedure.ProcedureNotFound",
    "ConstraintValidationFailed": f"{_SCHEMA}ConstraintValidationFailed",
    "ConstraintVerificationFailed": f"{_SCHEMA}ConstraintValidationFailed",
}
"""The status that goes with a type of the TCK's."""


def _syntax(code: str = "syntax_error") -> Detail:
    status = STATUSES["SyntaxError"]
    return Detail("SyntaxError", "compile", status, InvalidStatement, code)


def _value(type: str, code: str = "data_exception") -> Detail:
    return Detail(type, "runtime", STATUSES[type], InvalidValue, code)


def _schema(status: str, code: str, prefix: str = _SCHEMA) -> Detail:
    return Detail("SchemaError", "runtime", f"{prefix}{status}", InvalidStatement, code)


DETAILS: Final[dict[str, Detail]] = {
    "AmbiguousAggregationExpression": _syntax("grouping_error"),
    "ColumnNameConflict": _syntax("duplicate_column"),
    "CreatingVarLength": _syntax(),
    "DifferentColumnsInUnion": _syntax("datatype_mismatch"),
    "FloatingPointOverflow": _syntax(),
    "IntegerOverflow": _syntax(),
    "InvalidAggregation": _syntax("grouping_error"),
    "InvalidHint": _syntax(),
    "InvalidArgumentExpression": _syntax(),
    "InvalidArgumentPassingMode": _syntax(),
    "InvalidArgumentType": _syntax("datatype_mismatch"),
    "InvalidClauseComposition": _syntax(),
    "InvalidDelete": _syntax(),
    "InvalidNumberLiteral": _syntax(),
    "InvalidNumberOfArguments": _syntax("wrong_argument_count"),
    "InvalidParameterUse": _syntax(),
    "InvalidRelationshipPattern": _syntax(),
    "InvalidUnicodeCharacter": _syntax(),
    "InvalidUnicodeLiteral": _syntax(),
    "NegativeIntegerArgument": Detail(
        "SyntaxError",
        "compile",
        STATUSES["SyntaxError"],
        InvalidValue,
        "invalid_row_count_in_limit_clause",
    ),
    "NestedAggregation": _syntax("grouping_error"),
    "NoExpressionAlias": _syntax(),
    "NonConstantExpression": _syntax(),
    "NoSingleRelationshipType": _syntax(),
    "NoVariablesInScope": _syntax(),
    "RelationshipUniquenessViolation": _syntax(),
    "RequiresDirectedRelationship": _syntax(),
    "UndefinedVariable": _syntax("undefined_column"),
    "UnexpectedSyntax": _syntax(),
    "UnknownFunction": _syntax("undefined_function"),
    "VariableAlreadyBound": _syntax("duplicate_alias"),
    "VariableTypeConflict": _syntax("datatype_mismatch"),
    "MissingParameter": Detail(
        "ParameterMissing",
        "runtime",
        STATUSES["ParameterMissing"],
        InvalidStatement,
        "undefined_parameter",
    ),
    "ProcedureNotFound": Detail(
        "ProcedureError",
        "compile",
        STATUSES["ProcedureError"],
        InvalidStatement,
        "undefined_function",
    ),
    "DeletedEntityAccess": _value("EntityNotFound"),
    "InvalidArgumentValue": _value("TypeError", "invalid_parameter_value"),
    "InvalidPropertyType": _value("TypeError", "wrong_value_kind"),
    "ListElementAccessByNonInteger": _value("TypeError", "wrong_value_kind"),
    "MapElementAccessByNonString": _value("TypeError", "wrong_value_kind"),
    "PropertyAccessOnNonMap": _value("TypeError", "wrong_value_kind"),
    "PropertyAccessByNonString": _value("TypeError", "wrong_value_kind"),
    "InvalidElementAccess": _value("TypeError", "wrong_value_kind"),
    "MalformedTemporalText": Detail(
        *("SyntaxError", "runtime", STATUSES["SyntaxError"]),
        *(InvalidValue, "invalid_datetime_format"),
    ),
    "NumberOutOfRange": _value("ArgumentError", "numeric_value_out_of_range"),
    "ArithmeticOverflow": _value("ArithmeticError", "numeric_value_out_of_range"),
    "DivisionByZero": _value("ArithmeticError", "division_by_zero"),
    "MergeReadOwnWrites": _value("SemanticError", "null_value_not_allowed"),
    "DeleteConnectedNode": Detail(
        "ConstraintVerificationFailed",
        "runtime",
        STATUSES["ConstraintVerificationFailed"],
        Violation,
        "foreign_key_violation",
    ),
    "CreateBlockedByConstraint": Detail(
        "ConstraintValidationFailed",
        "runtime",
        STATUSES["ConstraintValidationFailed"],
        Violation,
        "unique_violation",
    ),
    "MissingProperty": Detail(
        "ConstraintValidationFailed",
        "runtime",
        STATUSES["ConstraintValidationFailed"],
        Violation,
        "not_null_violation",
    ),
    "WrongPropertyType": Detail(
        "ConstraintValidationFailed",
        "runtime",
        STATUSES["ConstraintValidationFailed"],
        Violation,
        "check_violation",
    ),
    "IndexAlreadyExists": _schema("IndexAlreadyExists", "duplicate_object"),
    "IndexWithNameAlreadyExists": _schema("IndexWithNameAlreadyExists", "duplicate_object"),
    "IndexNotFound": _schema("IndexNotFound", "undefined_object"),
    "IndexToDropNotFound": _schema("IndexDropFailed", "undefined_object", _DATABASE_SCHEMA),
    "IndexDropFailed": _schema(
        "IndexDropFailed", "dependent_objects_still_exist", _DATABASE_SCHEMA
    ),
    "RepeatedProperty": _schema("RepeatedPropertyInCompositeSchema", "duplicate_column"),
    "EquivalentSchemaRuleAlreadyExists": _schema(
        "EquivalentSchemaRuleAlreadyExists", "duplicate_object"
    ),
    "ConstraintAlreadyExists": _schema("ConstraintAlreadyExists", "duplicate_object"),
    "ConstraintWithNameAlreadyExists": _schema(
        "ConstraintWithNameAlreadyExists", "duplicate_object"
    ),
    "ConstraintNotFound": _schema("ConstraintDropFailed", "undefined_object", _DATABASE_SCHEMA),
    "ConstraintCreationFailed": Detail(
        "SchemaError",
        "runtime",
        f"{_DATABASE_SCHEMA}ConstraintCreationFailed",
        Violation,
        "unique_violation",
    ),
    "AccessMode": Detail(
        "SessionError", "runtime", f"{_STATEMENT}AccessMode", InvalidState, "read_only_transaction"
    ),
    "DatabaseExists": Detail(
        "SessionError",
        "runtime",
        "Neo.ClientError.Database.ExistingDatabaseFound",
        InvalidStatement,
        "duplicate_object",
    ),
    "DatabaseNotFound": Detail(
        "SessionError",
        "compile",
        "Neo.ClientError.Database.DatabaseNotFound",
        InvalidStatement,
        "undefined_database",
    ),
    "Forbidden": Detail(
        "SessionError",
        "runtime",
        "Neo.ClientError.Security.Forbidden",
        Denied,
        "insufficient_privilege",
    ),
    "DeadlockDetected": Detail(
        "TransientError",
        "runtime",
        "Neo.TransientError.Transaction.DeadlockDetected",
        Conflict,
        "serialization_failure",
    ),
    "MemoryLimit": Detail(
        "TransientError",
        "runtime",
        "Neo.TransientError.General.MemoryPoolOutOfMemoryError",
        Limit,
        "out_of_memory",
    ),
}


def fault(
    detail: str,
    message: str,
    *,
    at: int | None = None,
    type: str | None = None,
    phase: Phase | None = None,
    status: str | None = None,
    hint: str | None = None,
) -> FivefoldError:
    """Return the error for a detail of ``DETAILS``; ``at`` counts the query's characters from 0.

    ``type`` is another one of ``STATUSES`` than the detail's usual one: with SyntaxError the query
    was refused before it ran, with any other while it ran; ``phase`` says where that is not so, and
    what is refused before it runs has the status of a SyntaxError. ``status`` is the one of
    ``STATUSES`` that Neo4j gives it, where that is another one than the kit's type. The error's
    ``facts`` are ``detail``, ``type``, ``phase`` and ``status``.
    """
    known = DETAILS[detail]
    usual, called, kind, code = known.phase, known.status, known.kind, known.code
    if type is not None and type != known.type:
        called = STATUSES[type]
        usual = "compile" if type == "SyntaxError" else "runtime"
        if usual == "runtime" and kind is InvalidStatement:
            kind, code = InvalidValue, "data_exception"
        elif usual == "compile" and kind is not InvalidStatement:
            kind, code = InvalidStatement, "syntax_error"
    if status is None and phase == "compile" and usual == "runtime":
        status = "SyntaxError"
    error = kind(message, code, position=None if at is None else at + 1, hint=hint)
    error.facts = MappingProxyType(
        {
            "detail": detail,
            "type": type or known.type,
            "phase": phase or usual,
            "status": called if status is None else STATUSES[status],
        }
    )
    return error
