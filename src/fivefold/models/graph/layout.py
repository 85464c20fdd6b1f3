"""How a graph lies in the store.

The graph of the namespace ``neo4j`` is what SQL sees as the views ``neo4j.nodes`` and
``neo4j.relationships``; the former carries what there is to know about it
(``catalog.containers.Graph``). A node is a row of ``neo4j."nodes$"``: ``kind`` is the number of its
set of labels, ``properties`` JSON in the form that the store searches best
(``values.graph.storage``). A relationship is a row of ``neo4j."relationships$"``, whose ``type`` is
the number of its type. Both ends have an index that leads from a node to its neighbours without a
look at the row. An index named ``n`` is the table ``neo4j."nodes$n"`` (or ``"relationships$n"``) of
keys and ids.
"""

from __future__ import annotations

from fivefold.catalog.changes import Change, CreateContainer, CreateNamespace, DropContainer
from fivefold.catalog.containers import (
    Column,
    Graph,
    GraphIndex,
    Index,
    IndexPart,
    Key,
    Model,
    Table,
    View,
)
from fivefold.catalog.roles import Privilege
from fivefold.models.names import short
from fivefold.plan.statement import Access, Effort, Output, Path, Reading, Statement, Template
from fivefold.values.types import BYTEA, INT4, INT8, JSONB, TEXT, Kind, Type, array_of

NODES = "nodes"
RELATIONSHIPS = "relationships"
NODE_TABLE = f"{NODES}$"
RELATIONSHIP_TABLE = f"{RELATIONSHIPS}$"

GIVEN = Path("?", (), Reading.DOCUMENT)
"""Properties on their way into the store: the parameter ``{given}``."""

EACH = Path("?", (), Reading.EACH)
"""Many ids in one parameter, an array of them, as rows of FROM: ``{each}``."""

EACH_KEY = Path("?", (), Reading.EACH_BYTES)
"""Likewise many keys of an index: ``{each_key}``."""

EACH_PAIR = Path("?", (), Reading.EACH_PAIR)
"""Likewise many pairs of ids: ``{each_pair}``."""


def nodes(namespace: str, document: Type) -> Table:
    """Return the table of a graph's nodes; ``document`` is the type of a column of JSON."""
    return Table(
        namespace,
        NODE_TABLE,
        (
            Column("id", INT8, not_null=True),
            Column("kind", INT4, not_null=True),
            Column("properties", document, not_null=True),
        ),
        keys=(Key(f"{NODE_TABLE}_pkey", ("id",), primary=True),),
        indexes=(Index(f"{NODE_TABLE}_kind_idx", (IndexPart("kind"),)),),
        model=Model.GRAPH,
    )


def relationships(namespace: str, document: Type) -> Table:
    """Return the table of a graph's relationships."""
    return Table(
        namespace,
        RELATIONSHIP_TABLE,
        (
            Column("id", INT8, not_null=True),
            Column("type", INT4, not_null=True),
            Column("source", INT8, not_null=True),
            Column("target", INT8, not_null=True),
            Column("properties", document, not_null=True),
        ),
        keys=(Key(f"{RELATIONSHIP_TABLE}_pkey", ("id",), primary=True),),
        indexes=tuple(
            Index(f"{RELATIONSHIP_TABLE}_{parts[0]}_idx", tuple(map(IndexPart, parts)))
            for parts in (("source", "type", "target"), ("target", "type", "source"))
        ),
        model=Model.GRAPH,
    )


def index_table_name(index: GraphIndex) -> str:
    """Return the name of the table of an index."""
    return short(f"{RELATIONSHIPS if index.relationship else NODES}${index.name}")


def index_table(namespace: str, index: GraphIndex) -> Table:
    """Return the table of an index: in a unique one a key has one id."""
    table = index_table_name(index)
    key = ("key",) if index.unique else ("key", "id")
    return Table(
        namespace,
        table,
        (Column("key", BYTEA, not_null=True), Column("id", INT8, not_null=True)),
        keys=(Key(f"{table}_pkey", key, primary=True),),
        model=Model.GRAPH,
    )


def node_view(namespace: str, graph: Graph, document: Type) -> View:
    """Return the view that is the graph: its nodes."""
    labels = _chosen("kind", {at: _texts(kind) for at, kind in enumerate(graph.kinds)}, _texts(()))
    query = (
        f"SELECT id, {labels} AS labels, {_shown(document)} AS properties"
        f" FROM {_quoted(namespace, NODE_TABLE)}"
    )
    columns = (
        Column("id", INT8),
        Column("labels", array_of(TEXT)),
        Column("properties", JSONB),
    )
    return View(namespace, NODES, query, columns, model=Model.GRAPH, graph=graph)


def relationship_view(namespace: str, graph: Graph, document: Type) -> View:
    """Return the view of a graph's relationships."""
    type_ = _chosen("type", {at: _text(name) for at, name in enumerate(graph.types)}, "NULL::text")
    query = (
        f"SELECT id, {type_} AS type, source AS start_id, target AS end_id,"
        f" {_shown(document)} AS properties FROM {_quoted(namespace, RELATIONSHIP_TABLE)}"
    )
    columns = (
        Column("id", INT8),
        Column("type", TEXT),
        Column("start_id", INT8),
        Column("end_id", INT8),
        Column("properties", JSONB),
    )
    return View(namespace, RELATIONSHIPS, query, columns, model=Model.GRAPH)


def _chosen(column: str, texts: dict[int, str], otherwise: str) -> str:
    if not texts:
        return otherwise
    cases = " ".join([f"WHEN {number} THEN {text}" for number, text in texts.items()])
    return f"CASE {column} {cases} ELSE {otherwise} END"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'::text"


def _texts(values: tuple[str, ...]) -> str:
    return f"ARRAY[{', '.join(map(_text, values))}]::text[]"


def _shown(document: Type) -> str:
    return "properties" if document.kind is Kind.JSONB else "fivefold_document(properties)"


def _quoted(namespace: str, name: str) -> str:
    return ".".join('"' + part.replace('"', '""') + '"' for part in (namespace, name))


INDEXED = {column: column for column in ("kind", "source", "type", "target")}
"""The parts of the tables' indexes, as stores take them from the models."""


def made(namespace: str, graph: Graph, document: Type, *, space: bool) -> tuple[Change, ...]:
    """Return the changes that make a graph; ``space``: the namespace too."""
    return (
        *([CreateNamespace(namespace)] if space else []),
        CreateContainer(nodes(namespace, document), INDEXED),
        CreateContainer(relationships(namespace, document), INDEXED),
        CreateContainer(node_view(namespace, graph, document)),
        CreateContainer(relationship_view(namespace, graph, document)),
    )


def dropped(namespace: str, graph: Graph, document: Type) -> tuple[Change, ...]:
    """Return the changes that take a graph away."""
    return (
        DropContainer(relationship_view(namespace, graph, document)),
        DropContainer(node_view(namespace, graph, document)),
        *(DropContainer(index_table(namespace, index)) for index in graph.indexes),
        DropContainer(relationships(namespace, document)),
        DropContainer(nodes(namespace, document)),
    )


def described(namespace: str, old: Graph, new: Graph, document: Type) -> tuple[Change, ...]:
    """Return the changes after which a graph's views know its new labels, types and indexes."""
    changes: list[Change] = [
        DropContainer(node_view(namespace, old, document)),
        CreateContainer(node_view(namespace, new, document)),
    ]
    if old.types != new.types:
        changes += [
            DropContainer(relationship_view(namespace, old, document)),
            CreateContainer(relationship_view(namespace, new, document)),
        ]
    return tuple(changes)


TYPES: dict[str, Type] = {
    "id": INT8,
    "kind": INT4,
    "type": INT4,
    "source": INT8,
    "target": INT8,
    "ids": array_of(INT8),
    "keys": array_of(TEXT),
    "pairs": JSONB,
    "count": INT8,
    "n": INT8,
    "key": BYTEA,
    "low": BYTEA,
    "high": BYTEA,
    "json": TEXT,
    "given": JSONB,
    "text": TEXT,
}
"""The types of columns and parameters by their names."""


def statement(
    namespace: str,
    text: str,
    parameters: str = "",
    columns: str = "",
    *,
    index: GraphIndex | None = None,
    writes: bool = False,
    effort: Effort = Effort.POINT,
) -> Statement:
    """Return a statement over a graph's tables.

    Braces name them: ``{n}`` nodes, ``{r}`` relationships, ``{i}`` the index; ``{given}`` is a
    parameter of properties, ``{json}`` their text, ``{members}`` rows of their names as ``key``,
    ``{each}``, ``{each_key}``, ``{each_pair}`` rows of what is in a parameter. Parameters and
    columns are named for their types.
    """
    containers = {"n": (namespace, NODE_TABLE), "r": (namespace, RELATIONSHIP_TABLE)}
    if index is not None:
        containers["i"] = (namespace, index_table_name(index))
    used = {key: value for key, value in containers.items() if f"{{{key}}}" in text}
    paths = {"given": GIVEN, "json": Path("properties", (), Reading.JSON)}
    paths["members"] = Path("properties", (), Reading.MEMBERS)
    paths |= {"each": EACH, "each_key": EACH_KEY, "each_pair": EACH_PAIR}
    privilege = Privilege.WRITE if writes else Privilege.READ
    return Statement(
        Template(text, used, {key: path for key, path in paths.items() if f"{{{key}}}" in text}),
        parameters=tuple(TYPES[name] for name in parameters.split()),
        outputs=tuple(Output(name, TYPES[name]) for name in columns.split()) or None,
        accesses=tuple(Access(*each, privilege) for each in used.values()),
        writes=writes,
        effort=effort,
    )
