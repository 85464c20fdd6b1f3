"""How a collection lies in the store.

The collection ``shop.orders`` is a view with the columns ``_id`` and ``doc``, which is what SQL
sees, and the view carries what there is to know about it (``catalog.containers.Collection``). Its
documents are rows of ``shop."orders$"``: ``place`` rises with every insert and never changes, so
that its order is the natural one; ``key`` orders the ``_id``s (``keys``), ``bson`` is the document
as it came, and ``doc`` its shadow in the form that the store searches best: in front, so that a
search need not pass over large documents. An index named ``n``
is the table ``shop."orders$n"`` of keys and places. No collection of MongoDB's has a dollar in its
name. PostgreSQL's names are short: a longer one ends with a hash of the whole.
"""

from __future__ import annotations

from fivefold.catalog.containers import (
    Collection,
    Column,
    DocumentIndex,
    Key,
    Model,
    Table,
    View,
)
from fivefold.catalog.roles import Privilege
from fivefold.models.names import short
from fivefold.plan.statement import Access, Effort, Output, Path, Reading, Statement, Template
from fivefold.values.types import BYTEA, INT8, JSONB, Kind, Type

ID_INDEX = "_id_"
"""The name of the index of ``_id``, which is the key of the documents' own table."""

SHADOW = Path("?", (), Reading.DOCUMENT)


def documents(namespace: str, name: str, document: Type) -> Table:
    """Return the table of a collection's documents; ``document`` is the type of shadows."""
    table = documents_name(name)
    return Table(
        namespace,
        table,
        (
            Column("place", INT8, not_null=True),
            Column("key", BYTEA, not_null=True),
            Column("doc", document, not_null=True),
            Column("bson", BYTEA, not_null=True),
        ),
        keys=(
            Key(f"{table}pkey", ("place",), primary=True),
            Key(f"{table}key", ("key",)),
        ),
        model=Model.DOCUMENT,
    )


def documents_name(name: str) -> str:
    """Return the name of the table of a collection's documents."""
    return short(f"{name}$")


def index_table_name(name: str, index: str) -> str:
    """Return the name of the table of an index of a collection."""
    return short(f"{name}${index}")


def index_table(namespace: str, name: str, index: DocumentIndex) -> Table:
    """Return the table of an index: of a unique one, a key has one place."""
    table = index_table_name(name, index.name)
    columns = (Column("key", BYTEA, not_null=True), Column("place", INT8, not_null=True))
    key = ("key",) if index.unique else ("key", "place")
    return Table(
        namespace,
        table,
        columns,
        keys=(Key(f"{table}_pkey", key, primary=True),),
        model=Model.DOCUMENT,
    )


def view(namespace: str, name: str, collection: Collection, document: Type) -> View:
    """Return the view that is the collection."""
    shown = "doc" if document.kind is Kind.JSONB else "fivefold_document(doc)"
    if collection.source is not None:
        query = "SELECT NULL::jsonb AS _id, NULL::jsonb AS doc WHERE false"
    else:
        quoted = documents_name(name).replace('"', '""')
        space = namespace.replace('"', '""')
        query = f'SELECT {shown} -> \'_id\' AS _id, {shown} AS doc FROM "{space}"."{quoted}"'
    columns = (Column("_id", JSONB), Column("doc", JSONB))
    return View(namespace, name, query, columns, model=Model.DOCUMENT, collection=collection)


TYPES: dict[str, Type] = {
    "place": INT8,
    "count": INT8,
    "key": BYTEA,
    "low": BYTEA,
    "high": BYTEA,
    "bson": BYTEA,
    "doc": JSONB,
    "number": INT8,
    "n": INT8,
}


class Fixed:
    """The fixed statements over one collection, or over one of its indexes.

    Braces name the tables: ``{d}`` the documents, ``{i}`` the index; ``{shadow}`` is a parameter.
    """

    __slots__ = ("_containers", "_namespace")

    def __init__(self, namespace: str, name: str, index: str | None = None) -> None:
        self._namespace = namespace
        self._containers = {"d": (namespace, documents_name(name))}
        if index is not None:
            self._containers["i"] = (namespace, index_table_name(name, index))

    def read(self, text: str, parameters: str, columns: str, *, point: bool = True) -> Statement:
        """Return a statement that reads; parameters and columns are named for their types."""
        return self._statement(text, parameters, columns, None, point)

    def write(
        self, text: str, parameters: str, target: Table | None = None, columns: str = ""
    ) -> Statement:
        """Return a statement that writes."""
        return self._statement(text, parameters, columns, target, True, writes=True)

    def _statement(
        self,
        text: str,
        parameters: str,
        columns: str,
        target: Table | None,
        point: bool,
        writes: bool = False,
    ) -> Statement:
        used = {key: value for key, value in self._containers.items() if f"{{{key}}}" in text}
        privilege = Privilege.WRITE if writes else Privilege.READ
        return Statement(
            Template(text, used, {"shadow": SHADOW} if "{shadow}" in text else None),
            parameters=tuple(TYPES[name] for name in parameters.split()),
            outputs=tuple(Output(name, TYPES[name]) for name in columns.split()) or None,
            accesses=tuple(Access(*each, privilege) for each in used.values()),
            writes=writes,
            effort=Effort.POINT if point else Effort.SCAN,
            target=target,
        )
