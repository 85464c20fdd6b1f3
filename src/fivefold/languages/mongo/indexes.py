"""Specifications of indexes: what createIndexes is told, checked and read.

Source: manual, "createIndexes", "Index Properties", "Hashed Indexes", "TTL Indexes", "Partial
Indexes" (Behavior), "MongoDB Limits and Thresholds" (Indexes).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fivefold.catalog.containers import DocumentIndex
from fivefold.errors import FivefoldError
from fivefold.languages.mongo.partial import check_partial
from fivefold.values.documents.codec import from_json, to_json
from fivefold.values.documents.faults import fault
from fivefold.values.documents.identity import identical
from fivefold.values.documents.kinds import INT32_MAX, NAMES, NUMBERS, Document, Kind, kind_of
from fivefold.values.documents.order import equal, is_nan, number
from fivefold.values.documents.text import shown, shown_field

PARTS_MAX = 32
"""The fields that an index may have (manual, "MongoDB Limits and Thresholds")."""

ID_NAME = "_id_"
"""The name of the index of ``_id``, which every collection has."""

_UNSUPPORTED = {
    "text": "text indexes are not supported; match with $regex, which can use an ordinary index",
    "2d": "2d indexes are not supported; index the coordinates as two ordinary fields",
    "2dsphere": "2dsphere indexes are not supported; index the coordinates as two ordinary fields",
    "geoHaystack": "geoHaystack indexes are not supported; MongoDB has given them up too",
    "columnstore": "columnstore indexes are not supported; index the fields that are filtered by",
    "wildcard": "wildcard indexes are not supported; index the fields that are filtered by",
}
"""Kinds of indexes that MongoDB has beside, and what to use instead."""

_FLAGS = ("unique", "sparse", "hidden", "background", "prepareUnique")
_FIELDS = frozenset(
    {
        *("v", "ns", "key", "name", "expireAfterSeconds", "partialFilterExpression", "collation"),
        *("storageEngine", "wildcardProjection", "columnstoreProjection", "clustered"),
        *("weights", "default_language", "language_override", "textIndexVersion"),
        *("2dsphereIndexVersion", "bits", "min", "max", "bucketSize"),
        *("coarsestIndexedLevel", "finestIndexedLevel", *_FLAGS),
    }
)
_ID_FIELDS = frozenset({"v", "ns", "key", "name", "collation", "background"})


@dataclass(frozen=True, slots=True)
class IndexSpec:
    """An index that is wanted. ``parts`` are (dotted path, direction): 1, -1 or "hashed".

    ``key`` is the key as it was sent, with its numbers' types; ``partial`` is a filter.
    """

    name: str
    key: Document
    parts: tuple[tuple[str, int | str], ...]
    unique: bool = False
    sparse: bool = False
    hidden: bool = False
    expire_seconds: float | None = None
    partial: Document | None = None

    def document(self) -> Document:
        """Return the specification as listIndexes shows it."""
        shown: Document = {"v": 2, "key": self.key, "name": self.name}
        for name, flag in (("unique", self.unique), ("sparse", self.sparse)):
            if flag:
                shown[name] = True
        if self.expire_seconds is not None:
            shown["expireAfterSeconds"] = self.expire_seconds
        if self.partial is not None:
            shown["partialFilterExpression"] = self.partial
        if self.hidden:
            shown["hidden"] = True
        return shown


def default_name(key: Document) -> str:
    """Return the name that drivers give to an index with this key: ``a_1_b_-1``."""
    return "_".join(
        f"{path}_{value if isinstance(value, str) else int(number(value))}"
        for path, value in key.items()
    )


def parse_index(spec: Document) -> IndexSpec:
    """Return the index that an element of createIndexes' ``indexes`` asks for.

    Raises faults 2, 9, 14, 67, 72, 115, 197, 16764, 31303.
    """
    try:
        _check_fields(spec)
        parts = _parts(spec["key"])
        name = _name(spec)
    except FivefoldError as error:
        if error.number in (None, 2, 115):
            raise
        text = f"Error in specification {shown(spec)} :: caused by :: {error.message}"
        raise fault(error.number or 0, text) from None
    if name == "*":
        raise fault(2, "The index name '*' is not valid.")
    if next(iter(spec["key"])) == "_id" and len(parts) == 1 and parts[0][1] != "hashed":
        return _id_index(spec)
    index = IndexSpec(
        name,
        spec["key"],
        parts,
        unique=_flag(spec, "unique"),
        sparse=_flag(spec, "sparse"),
        hidden=_flag(spec, "hidden"),
        expire_seconds=_expiry(spec, len(parts)),
        partial=spec.get("partialFilterExpression"),
    )
    _check_together(index, spec)
    return index


def _check_fields(spec: Document) -> None:
    for name in spec:
        if name not in _FIELDS:
            raise fault(
                197,
                f"The field '{name}' is not valid for an index specification. Specification:"
                f" {shown(spec)}",
            )
    for name, kinds, wanted in (
        ("key", (Kind.OBJECT,), "an object"),
        ("name", (Kind.STRING,), "a string"),
        ("partialFilterExpression", (Kind.OBJECT,), "an object"),
        ("collation", (Kind.OBJECT,), "an object"),
    ):
        if name in spec and kind_of(spec[name]) not in kinds:
            got = NAMES[kind_of(spec[name])]
            raise fault(14, f"The field '{name}' must be {wanted}, but got {got}")
    if "key" not in spec:
        raise fault(9, "The 'key' field is a required property of an index specification")
    for name in _FLAGS:
        _flag(spec, name)
    _check_version(spec)
    _check_collation(spec)


def _check_version(spec: Document) -> None:
    version = spec.get("v", 2)
    if kind_of(version) not in NUMBERS:
        got = NAMES[kind_of(version)]
        raise fault(14, f"The field 'v' must be a number, but got {got}")
    if not (equal(version, 1) or equal(version, 2)):
        raise fault(
            67,
            f"Invalid index specification {shown(spec)}; cannot create an index with"
            f" {shown_field('v', version)}",
        )


def _check_collation(spec: Document) -> None:
    collation = spec.get("collation")
    if collation is not None and collation.get("locale") != "simple":
        text = "collations other than {locale: 'simple'} are not supported; keep a folded copy"
        raise fault(115, f"{text} of the field and index that")


def _parts(key: Document) -> tuple[tuple[str, int | str], ...]:
    if not key:
        raise fault(67, "Index keys cannot be empty.")
    if len(key) > PARTS_MAX:
        raise fault(13103, "too many compound keys")
    hashed = sum(value == "hashed" for value in key.values())
    plugins = {value for value in key.values() if isinstance(value, str)}
    for plugin in sorted(plugins):
        if plugin in _UNSUPPORTED:
            raise fault(115, _UNSUPPORTED[plugin])
        if plugin != "hashed":
            raise fault(67, f"Unknown index plugin '{plugin}'")
    if hashed > 1:
        raise fault(
            31303,
            f"A maximum of one index field is allowed to be hashed but found {hashed} for 'key'"
            f" {shown(key)}",
        )
    return tuple((path, _direction(path, value)) for path, value in key.items())


def _direction(path: str, value: Any) -> int | str:
    _check_path(path)
    if isinstance(value, str):
        return value
    if kind_of(value) not in NUMBERS:
        raise fault(
            67,
            f"Values in v:2 index key pattern cannot be of type {NAMES[kind_of(value)]}. Only"
            " numbers > 0, numbers < 0, and strings are allowed.",
        )
    if is_nan(value):
        raise fault(67, "Values in the index key pattern cannot be NaN.")
    exact = number(value)
    if exact == 0:
        raise fault(67, "Values in the index key pattern cannot be 0.")
    return 1 if exact > 0 else -1


def _check_path(path: str) -> None:
    if not path:
        raise fault(67, "Index keys cannot be an empty field.")
    if path == "$**" or path.endswith(".$**"):
        raise fault(115, _UNSUPPORTED["wildcard"])
    for place, part in enumerate(path.split(".")):
        if not part:
            raise fault(67, "Index keys cannot contain an empty field.")
        if part.startswith("$") and (place == 0 or part not in ("$id", "$ref", "$db")):
            raise fault(
                67,
                "Index key contains an illegal field name: field name starts with '$'.",
            )


def _name(spec: Document) -> str:
    if "name" not in spec:
        raise fault(9, "The 'name' field is a required property of an index specification")
    name: str = spec["name"]
    if not name:
        raise fault(67, "index name cannot be empty")
    if "\0" in name:
        raise fault(67, "index name cannot contain a null byte")
    return name


def _flag(spec: Document, name: str) -> bool:
    value = spec.get(name, False)
    if isinstance(value, bool):
        return value
    if kind_of(value) not in NUMBERS:
        raise fault(
            14,
            f"The field '{name} has value {shown_field(name, value)}, which is not convertible to"
            " bool",
        )
    return not equal(value, 0)


def _expiry(spec: Document, parts: int) -> float | None:
    value = spec.get("expireAfterSeconds")
    if value is None:
        return None
    if kind_of(value) not in NUMBERS:
        raise fault(
            67,
            "TTL index 'expireAfterSeconds' option must be numeric, but received a type of"
            f" '{NAMES[kind_of(value)]}'. Index spec: {shown(spec)}",
        )
    seconds = parse_expiry(value, f". Index spec: {shown(spec)} :: caused by :: ")
    if parts > 1:
        raise fault(
            67,
            "TTL indexes are single-field indexes, compound indexes do not support TTL. Index"
            f" spec: {shown(spec)}",
        )
    return seconds


def parse_expiry(value: Any, intro: str = "") -> int:
    """Return the seconds after which documents go; ``intro`` begins the message.

    Raises 14 for no number, 67 for seconds that no TTL index can have.
    """
    if kind_of(value) not in NUMBERS:
        text = "expireAfterSeconds field must be a number"
        raise fault(14, intro + text)
    seconds = INT32_MAX if is_nan(value) else number(value)
    for wrong, problem in (
        (seconds < 0, "cannot be less than 0"),
        (seconds > INT32_MAX, "must be within an acceptable range, try a lower number"),
    ):
        if wrong:
            raise fault(67, f"{intro}TTL index 'expireAfterSeconds' option {problem}")
    return int(seconds)


def _id_index(spec: Document) -> IndexSpec:
    """Return the index of ``_id``, which can be asked for but has no options."""
    key = spec["key"]
    if not equal(key["_id"], 1):
        raise fault(2, f"The field 'key' for an _id index must be {{_id: 1}}, but got {shown(key)}")
    for name in spec:
        if name == "hidden" and _flag(spec, name):
            raise fault(2, "can't hide _id index")
        if name not in _ID_FIELDS and name != "hidden":
            raise fault(
                197,
                f"The field '{name}' is not valid for an _id index specification. Specification:"
                f" {shown(spec | {'v': 2})}",
            )
    return IndexSpec(ID_NAME, {"_id": 1}, (("_id", 1),))


def _check_together(index: IndexSpec, spec: Document) -> None:
    if index.unique and any(direction == "hashed" for _, direction in index.parts):
        text = "Currently hashed indexes cannot guarantee uniqueness. Use a regular index."
        raise fault(16764, text)
    if index.partial is None:
        return
    intro = f"Error in specification {shown(spec | {'v': 2})} :: caused by :: "
    if index.sparse:
        raise fault(67, f'{intro}cannot mix "partialFilterExpression" and "sparse" options')
    check_partial(index.partial, intro)


def find_conflict(wanted: IndexSpec, existing: Iterable[IndexSpec]) -> bool:
    """Return whether the wanted index is there already, under its name and with its options.

    Raises fault 86 for another index of that name, 85 for an equivalent one that differs.
    Two indexes are equivalent that have the same key, the same partial filter, and are alike in
    being unique and sparse (manual, "createIndexes", Behavior).
    """
    others = list(existing)
    both = f"Requested index: {shown(wanted.document())}, existing index: "
    for other in others:
        if other.name != wanted.name:
            continue
        here = both + shown(other.document())
        if not _equivalent(wanted, other):
            raise fault(
                86,
                "An existing index has the same name as the requested index. When index names are"
                " not specified, they are auto generated and can cause conflicts. Please refer to"
                f" our documentation. {here}",
            )
        if not _alike(wanted, other):
            text = "An equivalent index already exists with the same name but different options. "
            raise fault(85, text + here)
        return True
    for other in others:
        if not _equivalent(wanted, other):
            continue
        if wanted.name == ID_NAME or other.name == ID_NAME:
            return True
        if _alike(wanted, other):
            raise fault(85, f"Index already exists with a different name: {other.name}")
        text = "An equivalent index already exists with a different name and options. "
        raise fault(85, text + both + shown(other.document()))
    return False


def _equivalent(first: IndexSpec, second: IndexSpec) -> bool:
    return (
        first.parts == second.parts
        and first.unique == second.unique
        and first.sparse == second.sparse
        and identical(first.partial, second.partial)
    )


def _alike(first: IndexSpec, second: IndexSpec) -> bool:
    return first.expire_seconds == second.expire_seconds


# Indexes as the catalog has them


def spec_of(index: DocumentIndex) -> IndexSpec:
    """Return the specification of an index that is there."""
    partial = None
    if index.partial is not None:
        partial = from_json(index.partial)
    return IndexSpec(
        index.name,
        dict(index.parts),
        index.parts,
        unique=index.unique,
        sparse=index.sparse,
        hidden=index.hidden,
        expire_seconds=None if index.expire_seconds is None else int(index.expire_seconds),
        partial=partial,
    )


def definition_of(spec: IndexSpec) -> DocumentIndex:
    """Return a specification as the catalog keeps it."""
    return DocumentIndex(
        spec.name,
        spec.parts,
        unique=spec.unique,
        sparse=spec.sparse,
        partial=None if spec.partial is None else to_json(spec.partial),
        expire_seconds=spec.expire_seconds,
        hidden=spec.hidden,
    )


def find_by_name(indexes: Iterable[DocumentIndex], name: str) -> DocumentIndex | None:
    """Return the index of a name."""
    return next((one for one in indexes if one.name == name), None)


def find_by_key(indexes: Iterable[DocumentIndex], key: Document) -> DocumentIndex | None:
    """Return the index with a key. Raises 181 if there are several."""
    found = [one for one in indexes if tuple(key.items()) == one.parts]
    if len(found) > 1:
        told = ", ".join(shown(spec_of(one).document()) for one in found[:2])
        raise fault(
            181,
            f"{len(found)} indexes found for key: {shown(key)}, identify by name instead."
            f" Conflicting indexes: {told}",
        )
    return found[0] if found else None
