"""Options of collections and views: what create and collMod are told, checked, and shown again.

Source: manual, "create", "collMod", "listCollections", "Capped Collections", "Schema Validation",
"Views".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bson.binary import Binary

from fivefold.catalog.catalog import Catalog
from fivefold.catalog.containers import Collection, View
from fivefold.languages.mongo.arguments import take, take_flag, truth, whole_number, wrong_type
from fivefold.languages.mongo.collections import Name
from fivefold.languages.mongo.commands.common import simple_collation
from fivefold.languages.mongo.databases import collection_of
from fivefold.values.documents.codec import from_json, to_json
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document

CAPPED_BYTES_MAX = 1 << 50
CAPPED_BYTES_MIN = 4096
CAPPED_BYTES_STEP = 256
VIEWS_DEEP_MAX = 20
"""Views that read views (manual, "Views")."""

LEVELS = ("off", "strict", "moderate")
ACTIONS = ("error", "warn")

_SYSTEM = ("admin", "local", "config")  # databases whose collections have no validators

_INSTEAD = {
    "timeseries": "time series collections are not supported: keep one document for each "
    "measurement, with an index of its time and a TTL on it",
    "encryptedFields": "queryable encryption is not supported: encrypt in the client, or the file",
    "changeStreamPreAndPostImages": "change streams are not supported, and so neither are images",
    "recordPreImages": "change streams are not supported, and so neither are images",
    "clusteredIndex": "clustered collections are not supported: _id has an index as it is",
}
"""What a collection may have in MongoDB, and what to do instead."""


@dataclass(frozen=True, slots=True)
class Validation:
    """A validator as it is kept, with its level and action; None is as it was."""

    validator: str | None = None
    level: str | None = None
    action: str | None = None
    given: bool = False

    def fields(self) -> dict[str, object]:
        """Return what of a ``Collection`` changes."""
        changed: dict[str, object] = {}
        if self.given:
            changed["validator"] = self.validator
        if self.level is not None:
            changed["level"] = self.level
        if self.action is not None:
            changed["action"] = self.action
        return changed


def refuse_unsupported(command: Document) -> None:
    """Raise 115 for what a collection cannot be here."""
    simple_collation(command)
    for name, instead in _INSTEAD.items():
        given = command.get(name)
        if given is None or given is False:
            continue
        if name == "changeStreamPreAndPostImages" and not truth(given.get("enabled")):
            continue
        raise fault(115, instead)


def read_validation(database: str, command: Document) -> Validation:
    """Return the validator that a command brings. Raises what is wrong with it."""
    from fivefold.languages.mongo.match import parse_filter

    given = take(command, "validator", "object")
    text = None
    if given:
        if database in _SYSTEM:
            raise fault(
                72,
                f"Document validators are not allowed on collections in the {database} database",
            )
        parse_filter(given)
        text = to_json(given)
    return Validation(
        text,
        _chosen(command, "validationLevel", LEVELS),
        _chosen(command, "validationAction", ACTIONS),
        given is not None,
    )


def _chosen(command: Document, name: str, known: tuple[str, ...]) -> str | None:
    value = take(command, name, "string")
    if value is not None and value not in known:
        field = f"{next(iter(command))}.{name}"
        raise fault(2, f"Enumeration value '{value}' for field '{field}' is not a valid value.")
    chosen: str | None = value
    return chosen


def read_capped(command: Document) -> tuple[int | None, int | None]:
    """Return the bytes and documents that a capped collection holds, None of what is not."""
    capped = take_flag(command, "capped")
    size, most = command.get("size"), command.get("max")
    if capped and size is None:
        raise fault(72, "the 'size' field is required when 'capped' is true")
    if not capped and (size is not None or most is not None):
        raise fault(
            72,
            "the 'capped' field needs to be true when either the 'size' or 'max' fields are"
            " present",
        )
    if not capped:
        return None, None
    return capped_bytes(size, "create.size"), _documents(most)


def capped_bytes(size: Any, field: str) -> int:
    """Return the bytes of a capped collection, rounded up as MongoDB does it."""
    number = whole_number(size, field)
    if not 1 <= number <= CAPPED_BYTES_MAX:
        edge, bound = ("<=", CAPPED_BYTES_MAX) if number > 1 else (">=", 1)
        name = field.rpartition(".")[2]
        raise fault(
            51024, f"BSON field '{name}' value must be {edge} {bound}, actual value '{number}'"
        )
    number = max(number, CAPPED_BYTES_MIN)
    return -(-number // CAPPED_BYTES_STEP) * CAPPED_BYTES_STEP


def _documents(most: Any) -> int | None:
    if most is None:
        return None
    number = whole_number(most, "create.max")
    if number >= 1 << 31:
        raise fault(
            2,
            "max in a capped collection has to be < 2^31 or not set",
        )
    return number if number > 0 else None


# Views


def read_view(catalog: Catalog, name: Name, source: Any, pipeline: Any, field: str) -> Document:
    """Return the options of a ``Collection`` that make it a view. Raises what is wrong with it."""
    from fivefold.languages.mongo.namespaces import check_collection
    from fivefold.languages.mongo.pipeline import parse_pipeline

    if not isinstance(source, str):
        raise wrong_type(f"{field}.viewOn", source, "string")
    if not source:
        raise fault(2, "'viewOn' cannot be empty")
    check_collection(name[0], source)
    pipeline = [] if pipeline is None else pipeline
    if not isinstance(pipeline, list):
        raise wrong_type(f"{field}.pipeline", pipeline, "array")
    for at, stage in enumerate(pipeline):
        for operator in ("$out", "$merge"):
            if isinstance(stage, dict) and operator in stage:
                raise fault(
                    167,
                    f"The aggregation stage {operator} in location {at} of the pipeline cannot be"
                    f" used in the view definition of {'.'.join(name)} because it writes to disk",
                )
    parse_pipeline(pipeline, name[0])
    _check_depth(catalog, name, source)
    return {"source": source, "pipeline": to_json(pipeline)}


def _check_depth(catalog: Catalog, name: Name, source: str) -> None:
    """Raise 5 for a view that would read itself, 165 for one too many above each other."""
    seen = [name[1]]
    at: str | None = source
    while at is not None:
        seen.append(at)
        if at == name[1]:
            path = " => ".join(f"{name[0]}.{one}" for one in seen)
            raise fault(5, f"View cycle detected: {path}")
        if len(seen) > VIEWS_DEEP_MAX:
            raise fault(
                165,
                f"View depth limit exceeded; maximum depth is {VIEWS_DEEP_MAX}",
            )
        collection = collection_of(catalog.find(name[0], at))
        at = None if collection is None else collection.source


# What listCollections shows


def shown_options(collection: Collection) -> Document:
    """Return a collection's options as they were given."""
    options: Document = {}
    if collection.capped_bytes is not None:
        options["capped"] = True
        options["size"] = collection.capped_bytes
        if collection.capped_documents is not None:
            options["max"] = collection.capped_documents
    if collection.source is not None:
        options["viewOn"] = collection.source
        options["pipeline"] = from_json(collection.pipeline or "[]")
    if collection.validator is not None:
        options["validator"] = from_json(collection.validator)
    if collection.level != "strict":
        options["validationLevel"] = collection.level
    if collection.action != "error":
        options["validationAction"] = collection.action
    return options


def uuid_of(collection: Collection) -> Binary:
    """Return a collection's UUID."""
    return Binary(bytes.fromhex(collection.uuid), 4)


def as_view(container: object, name: Name) -> View:
    """Return a collection or view of documents. Raises 26 and 166 for anything else."""
    from fivefold.languages.mongo.collections import not_a_collection

    if container is None:
        raise fault(26, "ns does not exist")
    if not isinstance(container, View) or container.collection is None:
        raise not_a_collection(name, getattr(container, "model", ""))  # type: ignore[arg-type]
    return container
