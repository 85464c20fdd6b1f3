"""What a container is: tables, views and sequences with their columns and constraints.

All are frozen values; a change of schema makes new ones. Texts of expressions (defaults,
checks, view queries) are kept in the PostgreSQL dialect, as the user wrote them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fivefold.values.types import INT8, Kind, Type


class Model(StrEnum):
    """The five data models."""

    RELATIONAL = "relational"
    DOCUMENT = "document"
    KEYVALUE = "keyvalue"
    WIDECOLUMN = "widecolumn"
    GRAPH = "graph"


class Action(StrEnum):
    """What a foreign key does when the row it points at goes or changes its key."""

    NO_ACTION = "NO ACTION"
    RESTRICT = "RESTRICT"
    CASCADE = "CASCADE"
    SET_NULL = "SET NULL"
    SET_DEFAULT = "SET DEFAULT"


class Identity(StrEnum):
    """GENERATED … AS IDENTITY, or serial (a default that draws from an owned sequence)."""

    ALWAYS = "always"
    BY_DEFAULT = "by default"
    SERIAL = "serial"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``default`` and ``generated`` (stored) are expressions as text.

    ``sequence`` names the sequence, in the table's namespace, that an identity draws from.
    A column of an enum has its ``Type`` whole, labels and all: ``Catalog`` keeps them in step.
    """

    name: str
    type: Type
    not_null: bool = False
    default: str | None = None
    identity: Identity | None = None
    sequence: str | None = None
    generated: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """A primary key or unique constraint; ``include`` are columns it carries but does not key.

    Rows that are clustered by it lie in the descending order of the columns in ``descending``.
    """

    name: str
    columns: tuple[str, ...]
    primary: bool = False
    nulls_not_distinct: bool = False
    include: tuple[str, ...] = ()
    deferrable: bool = False
    initially_deferred: bool = False
    comment: str | None = None
    descending: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Columns that must be found in ``target`` = (namespace, table), or hold a null."""

    name: str
    columns: tuple[str, ...]
    target: tuple[str, str]
    target_columns: tuple[str, ...]
    on_delete: Action = Action.NO_ACTION
    on_update: Action = Action.NO_ACTION
    deferrable: bool = False
    initially_deferred: bool = False
    match_full: bool = False
    comment: str | None = None
    on_delete_columns: tuple[str, ...] = ()  # of SET NULL or SET DEFAULT; () is all


@dataclass(frozen=True, slots=True)
class Check:
    """A check constraint."""

    name: str
    expression: str
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class IndexPart:
    """One part of an index: an expression (a column's name is one), its direction."""

    expression: str
    descending: bool = False
    nulls_first: bool | None = None


@dataclass(frozen=True, slots=True)
class Index:
    """An index that is not a constraint's own; ``where`` makes it partial."""

    name: str
    parts: tuple[IndexPart, ...]
    unique: bool = False
    where: str | None = None
    method: str = "btree"
    include: tuple[str, ...] = ()
    nulls_not_distinct: bool = False
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A container that lies in one store table, whatever the model that owns it.

    ``query`` is that of a materialized view, whose rows REFRESH makes anew.
    """

    namespace: str
    name: str
    columns: tuple[Column, ...]
    keys: tuple[Key, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    checks: tuple[Check, ...] = ()
    indexes: tuple[Index, ...] = ()
    model: Model = Model.RELATIONAL
    query: str | None = None
    populated: bool = True
    comment: str | None = None

    @property
    def primary_key(self) -> Key | None:
        """Return the primary key, if the table has one."""
        return next((key for key in self.keys if key.primary), None)

    def column(self, name: str) -> Column | None:
        """Return the column of that name, if there is one."""
        for column in self.columns:
            if column.name == name:
                return column
        return None


@dataclass(frozen=True, slots=True)
class DocumentIndex:
    """An index of a collection: a table of keys and of the places of the documents they are in.

    ``parts`` are (path, direction): 1, -1 or "hashed". ``partial`` is a filter as extended JSON;
    ``expire_seconds`` makes it one by which documents go. ``options`` are kept to be shown.
    """

    name: str
    parts: tuple[tuple[str, int | str], ...]
    unique: bool = False
    sparse: bool = False
    partial: str | None = None
    expire_seconds: float | None = None
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Collection:
    """What makes a view a collection of documents; see models/document.

    ``shape`` says of each path, as (path, bits), which kinds of values were ever seen there.
    ``validator`` is a filter as extended JSON, ``level`` (off, moderate, strict) and ``action``
    (error, warn) how it is applied. ``source`` and ``pipeline``, extended JSON, make it a view of
    MongoDB's, which has no documents of its own. ``uuid`` has 32 hexadecimal digits.
    """

    uuid: str
    shape: tuple[tuple[str, int], ...] = ()
    indexes: tuple[DocumentIndex, ...] = ()
    validator: str | None = None
    level: str = "strict"
    action: str = "error"
    capped_bytes: int | None = None
    capped_documents: int | None = None
    source: str | None = None
    pipeline: str | None = None


@dataclass(frozen=True, slots=True)
class GraphIndex:
    """An index of a graph: a table of keys and of the ids of the entities that have them.

    ``label`` is the type of relationships if ``relationship``. ``kind`` is range, text or point:
    all of them are kept alike. ``constraint`` says that it belongs to the one of its name.
    """

    name: str
    label: str
    properties: tuple[str, ...]
    relationship: bool = False
    unique: bool = False
    kind: str = "range"
    constraint: bool = False


@dataclass(frozen=True, slots=True)
class GraphConstraint:
    """What nodes with a label, or relationships of a type, have to fulfil.

    ``kind`` is unique, key (unique and there), exists or type; ``type`` is then normalised text.
    """

    name: str
    kind: str
    label: str
    properties: tuple[str, ...]
    relationship: bool = False
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Graph:
    """What makes a view a graph; see models/graph.

    ``kinds`` are all sets of labels that nodes ever had, each sorted, ``types`` those of
    relationships: rows have the places in these, which only grow. ``uuid`` has 32 hexadecimal
    digits. ``special``: some number or text was ever stored that stores do not find among theirs.
    """

    uuid: str
    kinds: tuple[tuple[str, ...], ...] = ((),)
    types: tuple[str, ...] = ()
    indexes: tuple[GraphIndex, ...] = ()
    constraints: tuple[GraphConstraint, ...] = ()
    special: bool = False


@dataclass(frozen=True, slots=True)
class FamilyColumn:
    """A column of a column family: ``type`` is its type's text in CQL, its user types unqualified.

    ``kind`` is partition_key, clustering, static or regular. Those of the key are in its order.
    """

    name: str
    type: str
    kind: str = "regular"
    descending: bool = False


@dataclass(frozen=True, slots=True)
class FamilyIndex:
    """A secondary index; ``target`` is values, keys, entries or full of the column."""

    name: str
    column: str
    target: str = "values"
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DroppedColumn:
    """A column that was dropped at a time, in microseconds: it may come back with its type only."""

    name: str
    type: str
    kind: str
    at: int


@dataclass(frozen=True, slots=True)
class Family:
    """What makes a view a column family; see models/widecolumn.

    ``id`` has 32 hexadecimal digits. ``columns`` are in the order partition key, clustering,
    the others by name. ``options`` are those that were given, by name, each as CQL text. ``base``
    makes it a materialized view of that table, ``where`` is then its condition as CQL, ``all``
    that it was made by ``SELECT *``. ``past`` and ``expires`` say that something was ever deleted,
    or written to expire, there.
    """

    id: str
    columns: tuple[FamilyColumn, ...]
    indexes: tuple[FamilyIndex, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    dropped: tuple[DroppedColumn, ...] = ()
    base: str | None = None
    where: str | None = None
    all: bool = False
    past: bool = False
    expires: bool = False


@dataclass(frozen=True, slots=True)
class UserType:
    """A user type: its fields in order, each (name, type's text in CQL)."""

    name: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Keyspace:
    """What a namespace is as a keyspace; ``replication`` are the words of its map, in order."""

    replication: tuple[tuple[str, str], ...]
    durable_writes: bool = True
    types: tuple[UserType, ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """A named query; ``columns`` are its outputs' names and types.

    ``check``, local or cascaded, is that of WITH CHECK OPTION. ``collection``: it shows documents;
    ``graph``: it shows the nodes of one; ``family``: it shows a column family; ``keyspace``: it
    shows what is known of its namespace as a keyspace.
    """

    namespace: str
    name: str
    query: str
    columns: tuple[Column, ...]
    model: Model = Model.RELATIONAL
    comment: str | None = None
    check: str | None = None
    collection: Collection | None = None
    graph: Graph | None = None
    family: Family | None = None
    keyspace: Keyspace | None = None


@dataclass(frozen=True, slots=True)
class Sequence:
    """A source of numbers. Its current value is data, not catalog: see ``fivefold_sequences``."""

    namespace: str
    name: str
    type: Type = INT8
    start: int = 1
    increment: int = 1
    minimum: int = 1
    maximum: int = 2**63 - 1
    cycle: bool = False
    cache: int = 1  # shown, and kept for PostgreSQL: numbers are taken one by one
    owner: tuple[str, str] | None = None  # (table, column) in the same namespace
    model: Model = Model.RELATIONAL
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class EnumType:
    """A type whose values are labels, in order. It shares the names of tables, as there."""

    namespace: str
    name: str
    labels: tuple[str, ...]
    model: Model = Model.RELATIONAL
    comment: str | None = None

    @property
    def type(self) -> Type:
        """The type of a column of it."""
        return Type(Kind.ENUM, name=(self.namespace, self.name), labels=self.labels)


Container = Table | View | Sequence | EnumType
