"""A statement of the waist: what every language lowers to and every store runs.

The text is either a tree of ``nodes`` in the PostgreSQL dialect, bound by a language (each
expression's type stands in ``node.meta["type"]``, see ``type_of``), or a ``Template``: text in
the subset that SQLite and PostgreSQL share, for the fixed statements of the models, which
need no parser. Both are rendered once by a store and then run many times.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from fivefold.catalog.containers import Table
from fivefold.catalog.roles import Privilege
from fivefold.plan.expr import Expr
from fivefold.values.records import Record
from fivefold.values.types import UNKNOWN, Type


class Access(Record):
    """One container that a statement touches, and how."""

    namespace: str
    container: str
    privilege: Privilege


class Reading(StrEnum):
    """How a value inside a document is read: null where there is none.

    The first four are for paths where nothing else but null is known to be; the PLAIN ones give
    null for what is of another kind.
    """

    NUMBER = "number"
    INTEGER = "integer"
    TEXT = "text"
    BOOLEAN = "boolean"  # 1 or 0
    PLAIN_NUMBER = "plain number"
    PLAIN_TEXT = "plain text"
    PLAIN_BOOLEAN = "plain boolean"
    KIND = "kind"  # some text, or null if nothing is there
    ELEMENTS = "elements"  # of an array, as rows of FROM whose column is ``value``
    MEMBERS = "members"  # of an object, as rows of FROM with their names as ``key``
    JSON = "json"  # as a text
    DOCUMENT = "document"  # of a text, JSON, what is kept to be read: ``column`` is "?"
    EACH = "each"  # of an array of numbers, "?", as rows of FROM whose column is ``value``
    EACH_BYTES = "each bytes"  # likewise of an array of texts: bytes in hexadecimal
    EACH_PAIR = "each pair"  # of JSON's array of pairs of numbers: the columns ``one``, ``other``


class Path(Record):
    """A value inside a column of documents, such as ``d.doc``: the names of fields that lead there.

    No name holds a quote, a backslash or a control character. An ``element`` is a value inside the
    column ``value`` of the rows that ELEMENTS gives.
    """

    column: str
    steps: tuple[str, ...]
    reading: Reading
    element: bool = False


class Template(Record):
    """Statement text with ``{name}`` for containers and paths, ``?`` for parameters, in order.

    ``containers`` maps each name to (namespace, container).
    """

    text: str
    containers: Mapping[str, tuple[str, str]]
    paths: Mapping[str, Path] | None = None


class Output(Record):
    """One column of a result. ``origin`` is (namespace, container, column) of a plain column."""

    name: str
    type: Type
    origin: tuple[str, str, str] | None = None


class Effort(StrEnum):
    """How much a statement may cost, which decides where the server runs it."""

    POINT = "point"  # few rows, found by a unique key: inline on the loop
    SCAN = "scan"  # anything else: on a worker thread
    WAIT = "wait"  # until a moment has come, or another session has done something


class Statement(Record):
    """One statement of the waist.

    ``parameters`` are the types of $1..$n as the language inferred them. ``outputs`` is None if no
    rows come back. ``target`` is the table that an INSERT, UPDATE or DELETE changes: stores use
    it to name the constraint that refused a row. ``alone`` says that the statement needs a
    transaction of its own (a constraint is checked at commit), so it never joins a group.
    ``system`` are the system relations, (namespace, name), whose rows the engine has to provide.
    ``lasting`` says that it means the same whatever the catalog holds.
    """

    source: Expr | Template
    parameters: tuple[Type, ...] = ()
    outputs: tuple[Output, ...] | None = None
    accesses: tuple[Access, ...] = ()
    writes: bool = False
    effort: Effort = Effort.SCAN
    target: Table | None = None
    alone: bool = False
    system: tuple[tuple[str, str], ...] = ()
    lasting: bool = False


class Prepared(Record):
    """A statement as one store renders it: ``text`` takes the parameters by position.

    A ``personal`` one uses what its session has left in the connection: see ``Connection``.
    """

    statement: Statement
    text: str
    writes: bool = False
    personal: bool = False


CHECK_OPTION = "fivefold_check_option"
"""The call that WITH CHECK OPTION becomes: true, or the error for a row that a view does not show.

Its arguments are the number of checks, a view's name and its condition for each, and the row.
"""


def type_of(node: Expr) -> Type:
    """Return the type that the binder gave to an expression of a bound tree."""
    found = node.meta.get("type")
    return found if isinstance(found, Type) else UNKNOWN
