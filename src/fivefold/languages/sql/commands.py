"""What one SQL statement lowers to: the engine carries these out.

``tag`` is the word of PostgreSQL's CommandComplete message, without its counts.
"""

from __future__ import annotations

from enum import StrEnum

from fivefold.catalog.changes import Change
from fivefold.catalog.containers import Sequence, Table
from fivefold.plan.explain import Options
from fivefold.plan.statement import Access, Statement
from fivefold.values.records import Record
from fivefold.values.types import Type


class Action(Record):
    """What the engine carries out."""


class Lifted(Record):
    """A literal that became a parameter: number ``index`` in ``lift``'s list, as one of ``type``.

    Its value is ``parse(type, text)`` of that literal's text, with a minus put before if
    ``negated``.
    """

    index: int
    type: Type
    negated: bool = False


class Notice(Record):
    """A message to the client that is no error; ``code`` as SQLSTATE's condition name."""

    message: str
    severity: str = "NOTICE"
    code: str = "successful_completion"
    detail: str | None = None


class Query(Action):
    """A statement of the waist.

    The parameters of ``statement`` are the client's own, ``statement.parameters[:declared]``, and
    after them one for each of ``lifted``, in order. ``pinned`` numbers the literals whose values
    are
    part of the statement: another text with the same key is the same statement only if these agree.
    ``locks`` says that FOR UPDATE or its like was asked, ``strength`` which, ``nowait`` that it
    must not wait.
    """

    statement: Statement
    tag: str
    declared: int = 0
    lifted: tuple[Lifted, ...] = ()
    pinned: tuple[int, ...] = ()
    locks: bool = False
    strength: str = ""
    nowait: bool = False


class Schema(Action):
    """Changes of schema, in order. ``empty`` then deletes the rows of a table, and ``fill`` is the
    INSERT of a query's rows into it.

    ``on_commit``: drop or delete, what each transaction's end does with a temporary table.
    """

    changes: tuple[Change, ...]
    tag: str
    notices: tuple[Notice, ...] = ()
    accesses: tuple[Access, ...] = ()
    fill: Statement | None = None
    empty: Statement | None = None
    on_commit: str = ""


class WithTemporary(Action):
    """Make the session's namespace of temporary relations, then run ``text``, which needs it."""

    text: str
    tag: str = "CREATE TABLE"


class Several(Action):
    """Statements that one stands for, all or nothing; in ``schema`` first, if one is named."""

    texts: tuple[str, ...]
    tag: str
    schema: str | None = None


class Database(Action):
    """CREATE, DROP or ALTER DATABASE; ``kind``: create, drop, owner."""

    kind: str
    name: str
    tag: str
    exists: bool = False
    force: bool = False


class Truncate(Action):
    """Empty tables, then start the sequences again at their first values."""

    deletes: tuple[Statement, ...]
    tables: tuple[Table, ...]
    restarts: tuple[Sequence, ...]
    tag: str = "TRUNCATE TABLE"


class Begin(Action):
    """``isolation``: 'serializable', 'repeatable read', … or None for the default."""

    isolation: str | None = None
    read_only: bool | None = None
    deferrable: bool | None = None
    tag: str = "BEGIN"


class Commit(Action):
    chain: bool = False
    tag: str = "COMMIT"


class Rollback(Action):
    chain: bool = False
    tag: str = "ROLLBACK"


class Savepoint(Action):
    name: str
    tag: str = "SAVEPOINT"


class Release(Action):
    name: str
    tag: str = "RELEASE"


class RollbackTo(Action):
    name: str
    tag: str = "ROLLBACK"


class SetTransaction(Action):
    """SET TRANSACTION, or with ``session`` SET SESSION CHARACTERISTICS."""

    isolation: str | None
    read_only: bool | None
    deferrable: bool | None
    session: bool = False
    tag: str = "SET"


class LockTables(Action):
    """LOCK TABLE; ``mode`` as in SQL: 'ACCESS EXCLUSIVE'."""

    tables: tuple[Table, ...]
    mode: str
    nowait: bool
    tag: str = "LOCK TABLE"


class Upkeep(Action):
    """VACUUM, which a store does by itself, or ANALYZE: ``tables`` are those to count."""

    tables: tuple[Table, ...]
    vacuum: bool
    tag: str
    notices: tuple[Notice, ...] = ()


class SetConstraints(Action):
    """``names`` is None for ALL."""

    names: tuple[str, ...] | None
    deferred: bool
    tag: str = "SET CONSTRAINTS"


class Set(Action):
    """``value`` is the text that SHOW gives back; None sets the default. ``local``: this
    transaction only.

    A list, as for search_path, is its parts between ', ', quoted where they must be; ``parts`` has
    them bare.
    """

    name: str
    value: str | None
    parts: tuple[str, ...] = ()
    local: bool = False
    tag: str = "SET"


class Show(Action):
    """``name`` is 'all' for SHOW ALL."""

    name: str
    tag: str = "SHOW"


class Reset(Action):
    name: str
    tag: str = "RESET"


class Discard(Action):
    """``what``: all, plans, sequences, temp."""

    what: str
    tag: str = "DISCARD"


class Format(StrEnum):
    """How rows are written in a COPY."""

    TEXT = "text"
    CSV = "csv"
    BINARY = "binary"


class CopyOptions(Record):
    """COPY's options, defaults filled in. ``force_quote``: '*' or column names."""

    format: Format = Format.TEXT
    delimiter: str = "\t"
    null: str = "\\N"
    header: bool = False
    header_match: bool = False
    quote: str = '"'
    escape: str = '"'
    force_quote: tuple[str, ...] = ()
    force_not_null: tuple[str, ...] = ()
    force_null: tuple[str, ...] = ()
    freeze: bool = False


class CopyIn(Action):
    """Rows from the client into ``columns`` of ``table``.

    ``statement`` inserts one row: its parameters are the columns' values in stored form, in order;
    missing columns take their defaults.
    """

    table: Table
    columns: tuple[str, ...]
    options: CopyOptions
    statement: Statement
    tag: str = "COPY"


class CopyOut(Action):
    """Rows of ``statement`` to the client; its outputs name the columns."""

    statement: Statement
    options: CopyOptions
    tag: str = "COPY"


class Prepare(Action):
    """PREPARE: lower ``text`` with the declared ``types`` when it is made."""

    name: str
    types: tuple[Type, ...]
    text: str
    tag: str = "PREPARE"


class Execute(Action):
    """EXECUTE: ``arguments`` are expressions as text, to be lowered as ``SELECT …``."""

    name: str
    arguments: tuple[str, ...]
    tag: str = "EXECUTE"


class Deallocate(Action):
    """``name`` is None for ALL."""

    name: str | None
    tag: str = "DEALLOCATE"


class Declare(Action):
    """DECLARE … CURSOR; ``scroll`` is None where neither SCROLL nor NO SCROLL was said."""

    name: str
    query: Query
    scroll: bool | None = None
    hold: bool = False
    binary: bool = False
    tag: str = "DECLARE CURSOR"


class Fetch(Action):
    """``count`` rows in ``direction`` (forward, backward, absolute, relative, first, last); None
    is all.

    ``move`` returns no rows.
    """

    name: str
    direction: str
    count: int | None
    move: bool = False
    tag: str = "FETCH"


class CloseCursor(Action):
    """``name`` is None for ALL."""

    name: str | None
    tag: str = "CLOSE CURSOR"


class Explain(Action):
    """Describe the plan of ``query``, or of what ``execute`` names, its text after ``prefix``."""

    query: Query | None
    options: Options
    execute: Execute | None = None
    prefix: str = ""
    tag: str = "EXPLAIN"

    @property
    def pinned(self) -> tuple[int, ...]:
        """The literals whose values are part of the answer: all, as conditions show them."""
        if self.query is None:
            return ()
        lifted = (literal.index for literal in self.query.lifted)
        return tuple(sorted({*self.query.pinned, *lifted}))


class Nothing(Action):
    """Asks for nothing here (VACUUM, ANALYZE, COMMENT): answered with its tag, maybe with a
    notice.
    """

    tag: str
    notices: tuple[Notice, ...] = ()


class Empty(Action):
    """No statement between two semicolons, or in the whole text."""

    tag: str = ""


Command = (
    Query | Schema | Database | WithTemporary | Several | Truncate
    | Begin | Commit | Rollback | Savepoint | Release | RollbackTo
    | SetTransaction | LockTables | Upkeep | SetConstraints
    | Set | Show | Reset | Discard | CopyIn | CopyOut | Prepare
    | Execute | Deallocate | Declare | Fetch | CloseCursor | Explain | Nothing | Empty
)  # fmt: skip
