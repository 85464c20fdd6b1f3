"""Tokens that a partition key's token is compared with."""

from __future__ import annotations

from fivefold.languages.cql.results import ColumnSpec
from fivefold.languages.cql.run import Run
from fivefold.languages.cql.tables import ColumnFamily
from fivefold.languages.cql.terms import Scope, Value, compile_value
from fivefold.languages.cql.tree import Call, Term
from fivefold.values.cql.faults import invalid
from fivefold.values.cql.tokens import partition_bytes, token_of
from fivefold.values.cql.types import BIGINT, UNSET
from fivefold.values.types import Stored

LEAST = -(2**63)
"""The token that no key has: as a bound it is none."""

RECEIVER = "partition key token"


def token_value(term: Term, family: ColumnFamily, scope: Scope) -> Value:
    """Return a term, a number or ``token(…)`` of values of the partition key, as a token."""
    if not (isinstance(term, Call) and term.name[1] == "token"):
        return compile_value(
            term, ColumnSpec(family.keyspace, family.name, RECEIVER, BIGINT), scope
        )
    columns = family.partition
    if len(term.arguments) != len(columns):
        raise invalid(
            f"Invalid number of arguments in call to function system.token:"
            f" {len(columns)} required but {len(term.arguments)} provided"
        )
    values = [
        compile_value(
            each,
            ColumnSpec(
                family.keyspace, family.name, f"arg{number}(system.token)", column.codec.type
            ),
            scope,
        )
        for number, (column, each) in enumerate(zip(columns, term.arguments, strict=True))
    ]
    codecs = tuple(column.codec for column in columns)

    def evaluate(run: Run) -> Stored:
        found = [value.evaluate(run) for value in values]
        if any(each is UNSET for each in found):
            raise invalid("Invalid unset value for argument in call to function token")
        if any(each is None for each in found):
            return None
        return token_of(partition_bytes(codecs, tuple(found)))  # type: ignore[arg-type]

    return Value(evaluate)


def token_at(value: Value, run: Run) -> int:
    """Return a token. Raises Cassandra's error for null."""
    found = value.evaluate(run)
    if found is None:
        raise invalid("Invalid null token value")
    if found is UNSET:
        raise invalid("Invalid unset token value")
    assert isinstance(found, int)
    return found
