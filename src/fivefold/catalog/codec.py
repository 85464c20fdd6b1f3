"""Containers to JSON and back: how the catalog lies in a store's ``fivefold_containers``.

A value becomes an object with its class's name under ``@`` and the fields that differ from
their defaults, so that a field added later needs no migration.
"""

from __future__ import annotations

import json
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, cast

from fivefold.catalog import containers
from fivefold.catalog.containers import Container
from fivefold.catalog.roles import Grant, Privilege, Role
from fivefold.errors import Unavailable
from fivefold.values.types import Kind, Type

DECODED_MAX = 4_000  # containers, over all databases of the process

_CLASSES: dict[str, type] = {
    cls.__name__: cls
    for cls in (
        containers.Table,
        containers.View,
        containers.Sequence,
        containers.EnumType,
        containers.Collection,
        containers.DocumentIndex,
        containers.Graph,
        containers.GraphIndex,
        containers.GraphConstraint,
        containers.Family,
        containers.FamilyColumn,
        containers.FamilyIndex,
        containers.DroppedColumn,
        containers.Keyspace,
        containers.UserType,
        containers.Column,
        containers.Key,
        containers.ForeignKey,
        containers.Check,
        containers.Index,
        containers.IndexPart,
        Role,
        Grant,
        Type,
    )
}

_ENUMS: dict[tuple[str, str], type[Enum]] = {
    ("Table", "model"): containers.Model,
    ("View", "model"): containers.Model,
    ("Sequence", "model"): containers.Model,
    ("EnumType", "model"): containers.Model,
    ("Column", "identity"): containers.Identity,
    ("ForeignKey", "on_delete"): containers.Action,
    ("ForeignKey", "on_update"): containers.Action,
    ("Grant", "privilege"): Privilege,
    ("Type", "kind"): Kind,
}


def encode(described: Container | Role) -> str:
    """Return a container, or a role, as one line of JSON."""
    return json.dumps(_plain(described), ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=DECODED_MAX)
def decode(text: str) -> Container:
    """Return the container that ``encode`` wrote. Raises Unavailable if it cannot be read.

    A change of schema reads the whole catalog again, in which all but one container is known.
    """
    try:
        return cast(Container, _value(json.loads(text)))
    except (ValueError, KeyError, TypeError) as error:
        raise Unavailable(
            f"the catalog holds a description that this version cannot read: {error}",
            "store_corrupt",
            hint="Open the file with the version of fivefold that wrote it.",
        ) from None


def decode_role(text: str) -> Role:
    """Return the role that ``encode`` wrote. Raises Unavailable if it cannot be read."""
    return cast(Role, decode(text))


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        plain: dict[str, object] = {"@": type(value).__name__}
        for each in fields(value):
            item = getattr(value, each.name)
            if each.default is MISSING or item != each.default:
                plain[each.name] = _plain(item)
        return plain
    return value


def _value(plain: Any) -> object:
    if isinstance(plain, list):
        return tuple(_value(item) for item in plain)
    if not isinstance(plain, dict):
        return plain
    name = plain.pop("@")
    arguments = {}
    for key, item in plain.items():
        enum = _ENUMS.get((name, key))
        arguments[key] = _value(item) if enum is None or item is None else enum(item)
    return _CLASSES[name](**arguments)
