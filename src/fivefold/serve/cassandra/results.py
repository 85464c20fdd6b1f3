"""Results as bodies of answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from fivefold.errors import Internal
from fivefold.languages.cql.results import Changed, KeyspaceSet, Result, Rows, Void
from fivefold.serve.cassandra.known import Known, Shape
from fivefold.wire.cassandra import encode


@dataclass(slots=True)
class Said:
    """The body of a RESULT, and what goes with it.

    ``keyspace`` is what the session's is from now on, ``changed``: so may be the schema.
    """

    body: bytes
    warnings: Sequence[str] = ()
    keyspace: str | None = None
    changed: bool = False
    rows: int = field(default=-1)
    """How many rows it has; -1: it has none, and could not."""


VOID = Said(encode.VOID)


def say(
    result: Result,
    version: int,
    known: Known | None,
    skip_metadata: bool = False,
    metadata_id: bytes | None = None,
) -> Said:
    """Return a result as it is said.

    ``metadata_id`` stands for the columns that the client knows, from version 5 on; before that
    it knows those that the statement was prepared with, and is told if they are others.
    """
    kind = result.__class__
    if kind is Void:
        assert isinstance(result, Void)
        return Said(encode.VOID, result.warnings) if result.warnings else VOID
    if isinstance(result, Rows):
        return _say_rows(result, version, known, skip_metadata, metadata_id)
    if isinstance(result, KeyspaceSet):
        return Said(encode.set_keyspace(result.keyspace), keyspace=result.keyspace)
    if isinstance(result, Changed):
        body = encode.VOID if result.change is None else encode.schema_change(result.change)
        return Said(body, result.warnings, changed=result.change is not None)
    raise Internal(f"a result of {kind.__name__}")


def _say_rows(
    result: Rows, version: int, known: Known | None, skip: bool, metadata_id: bytes | None
) -> Said:
    specs = result.columns
    if known is None:
        shape = Shape(specs, version)
        changed = False
    else:
        found = known.shape(version, specs)
        assert found is not None
        shape = found
        changed = skip and metadata_id is not None and metadata_id != shape.metadata.id
        if skip and metadata_id is None and specs is not known.prepared.columns:
            skip = [*specs] == [*(known.prepared.columns or ())]
    count = len(result.rows)
    rows = b"".join(map(shape.write, result.rows))
    body = shape.metadata.rows(count, rows, result.paging, skip=skip, changed=changed)
    return Said(body, result.warnings, rows=count)
