"""What one SQL statement lowers to: the few things that the engine can be asked to do.

``tag`` is the word with which the statement's success is reported (CommandComplete of the wire
protocol); statements that count rows have the count put behind it by the engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fivefold.catalog.changes import Change
from fivefold.errors import FivefoldError
from fivefold.plan.statement import Output, Statement


@dataclass(frozen=True, slots=True)
class Notice:
    """Something worth telling although it is no error. ``code`` is a PostgreSQL SQLSTATE."""

    message: str
    code: str = "00000"
    severity: Literal["NOTICE", "WARNING"] = "NOTICE"


@dataclass(frozen=True, slots=True)
class Query:
    """SELECT, VALUES, INSERT, UPDATE, DELETE, CREATE TABLE AS's filling: statements of the waist."""

    statement: Statement
    tag: str


@dataclass(frozen=True, slots=True)
class Schema:
    """A change of schema, and then the statements that fill what it made (CREATE TABLE AS)."""

    changes: tuple[Change, ...]
    tag: str
    notices: tuple[Notice, ...] = ()
    fills: tuple[Query, ...] = ()


@dataclass(frozen=True, slots=True)
class Several:
    """Statements that are one to the user, such as TRUNCATE of several tables."""

    statements: tuple[Statement, ...]
    tag: str


@dataclass(frozen=True, slots=True)
class Begin:
    """BEGIN, START TRANSACTION; every isolation level is served by serializable."""

    tag: str = "BEGIN"
    isolation: str | None = None
    read_only: bool | None = None


@dataclass(frozen=True, slots=True)
class Commit:
    """COMMIT, END."""

    tag: str = "COMMIT"
    chain: bool = False


@dataclass(frozen=True, slots=True)
class Rollback:
    """ROLLBACK, ABORT."""

    tag: str = "ROLLBACK"
    chain: bool = False


@dataclass(frozen=True, slots=True)
class Savepoint:
    """SAVEPOINT name."""

    name: str
    tag: str = "SAVEPOINT"


@dataclass(frozen=True, slots=True)
class Release:
    """RELEASE SAVEPOINT name."""

    name: str
    tag: str = "RELEASE"


@dataclass(frozen=True, slots=True)
class RollbackTo:
    """ROLLBACK TO SAVEPOINT name."""

    name: str
    tag: str = "ROLLBACK"


@dataclass(frozen=True, slots=True)
class SetTransaction:
    """SET TRANSACTION, and SET SESSION CHARACTERISTICS if ``session``."""

    isolation: str | None = None
    read_only: bool | None = None
    session: bool = False
    tag: str = "SET"


@dataclass(frozen=True, slots=True)
class Set:
    """SET name; ``value`` None means DEFAULT, ``local`` until the transaction's end."""

    name: str
    value: str | None
    local: bool = False
    tag: str = "SET"


@dataclass(frozen=True, slots=True)
class Reset:
    """RESET name; None: ALL."""

    name: str | None
    tag: str = "RESET"


@dataclass(frozen=True, slots=True)
class Show:
    """SHOW name; ``all`` for ALL."""

    name: str
    tag: str = "SHOW"


@dataclass(frozen=True, slots=True)
class Discard:
    """DISCARD ALL, PLANS, SEQUENCES or TEMP."""

    what: str
    tag: str = "DISCARD ALL"


@dataclass(frozen=True, slots=True)
class CopyOptions:
    """How COPY's data is written; the defaults are those of ``format``."""

    format: Literal["text", "csv"] = "text"
    delimiter: str = "\t"
    null: str = "\\N"
    header: bool | Literal["match"] = False
    quote: str = '"'
    escape: str = '"'
    force_quote: tuple[str, ...] | Literal["*"] = ()
    force_not_null: tuple[str, ...] | Literal["*"] = ()
    force_null: tuple[str, ...] | Literal["*"] = ()


@dataclass(frozen=True, slots=True)
class CopyIn:
    """COPY table FROM STDIN. ``insert`` takes ``columns`` as its parameters, in order.

    The parameters' types are the columns' own, so the values need no further cast.
    """

    insert: Statement
    columns: tuple[Output, ...]
    options: CopyOptions
    tag: str = "COPY"


@dataclass(frozen=True, slots=True)
class CopyOut:
    """COPY table or query TO STDOUT."""

    query: Statement
    options: CopyOptions
    tag: str = "COPY"


@dataclass(frozen=True, slots=True)
class Prepare:
    """PREPARE name AS text."""

    name: str
    text: str
    types: tuple[int | str, ...]
    tag: str = "PREPARE"


@dataclass(frozen=True, slots=True)
class Execute:
    """EXECUTE name (arguments): ``arguments`` is a query of one row that computes them."""

    name: str
    arguments: Statement | None
    tag: str = "EXECUTE"


@dataclass(frozen=True, slots=True)
class Deallocate:
    """DEALLOCATE name; None: ALL."""

    name: str | None
    tag: str = "DEALLOCATE"


@dataclass(frozen=True, slots=True)
class Explain:
    """EXPLAIN: ``statement`` is described, and run too if ``analyze``."""

    statement: Statement
    analyze: bool = False
    format: Literal["text", "json"] = "text"
    tag: str = "EXPLAIN"


@dataclass(frozen=True, slots=True)
class Nothing:
    """An empty text, or a statement that needs nothing done, such as LISTEN's opposite."""

    tag: str = ""
    notice: Notice | FivefoldError | None = None


Command = (
    Query
    | Schema
    | Several
    | Begin
    | Commit
    | Rollback
    | Savepoint
    | Release
    | RollbackTo
    | SetTransaction
    | Set
    | Reset
    | Show
    | Discard
    | CopyIn
    | CopyOut
    | Prepare
    | Execute
    | Deallocate
    | Explain
    | Nothing
)
