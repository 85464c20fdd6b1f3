"""One description of what is in a database, whatever database and whatever model it is.

The design tools know nothing else: ``readers`` make it of a store, or of somebody else's database.
It is what people draw: a collection's arrays are entities of their own, which hang on their
document, and so is each label of a graph. Names are (namespace, name).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Place = tuple[str, str]
"""(namespace, name) of an entity."""


class EntityKind(StrEnum):
    """What an entity is where it comes from."""

    TABLE = "table"
    VIEW = "view"
    COLLECTION = "collection"
    ITEMS = "items"  # of an array inside the documents of a collection
    FAMILY = "column family"
    LABEL = "label"


class Many(StrEnum):
    """How many rows there may be at one end of a reference, for one row at the other."""

    ONE = "exactly one"
    ZERO_OR_ONE = "zero or one"
    ZERO_OR_MORE = "zero or more"


@dataclass(frozen=True, slots=True)
class Field:
    """A column, a path of documents or a property. ``type`` is as its own database writes it."""

    name: str
    type: str
    nullable: bool = True
    default: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Index:
    """An index that is no key's own. ``parts`` are names of fields, or expressions."""

    name: str
    parts: tuple[str, ...]
    unique: bool = False
    where: str | None = None
    method: str = "btree"


@dataclass(frozen=True, slots=True)
class Reference:
    """Fields that name a row of ``target``; of a graph or an array, ``fields`` are none.

    ``sources`` is how many rows here one row there may have, ``targets`` the other way round.
    """

    name: str
    fields: tuple[str, ...]
    target: Place
    target_fields: tuple[str, ...]
    sources: Many = Many.ZERO_OR_MORE
    targets: Many = Many.ONE


@dataclass(frozen=True, slots=True)
class Entity:
    """What rows, documents or nodes of one sort have. ``rows`` is an estimate of how many.

    ``unique_keys`` leave the primary key out.
    """

    kind: EntityKind
    namespace: str
    name: str
    fields: tuple[Field, ...]
    primary_key: tuple[str, ...] = ()
    unique_keys: tuple[tuple[str, ...], ...] = ()
    indexes: tuple[Index, ...] = ()
    references: tuple[Reference, ...] = ()
    rows: int | None = None
    comment: str | None = None

    @property
    def place(self) -> Place:
        """Its namespace and name."""
        return (self.namespace, self.name)

    def field(self, name: str) -> Field | None:
        """Return the field of that name, if there is one."""
        return next((field for field in self.fields if field.name == name), None)


@dataclass(frozen=True, slots=True)
class Schema:
    """All entities of a database, sorted by namespace and name."""

    entities: tuple[Entity, ...]

    def find(self, place: Place) -> Entity | None:
        """Return the entity of that place, if there is one."""
        return next((entity for entity in self.entities if entity.place == place), None)


def reference(
    name: str,
    fields: tuple[str, ...],
    target: Place,
    target_fields: tuple[str, ...],
    *,
    columns: tuple[Field, ...],
    keys: tuple[tuple[str, ...], ...],
) -> Reference:
    """Return a foreign key of an entity with these columns and keys, its cardinalities told.

    A field that may be null makes the target optional; a key among the fields lets one row of the
    target have one row here at most.
    """
    optional = any(column.nullable for column in columns if column.name in fields)
    single = any(key and set(key) <= set(fields) for key in keys)
    return Reference(
        *(name, fields, target, target_fields),
        sources=Many.ZERO_OR_ONE if single else Many.ZERO_OR_MORE,
        targets=Many.ZERO_OR_ONE if optional else Many.ONE,
    )
