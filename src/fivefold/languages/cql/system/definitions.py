"""The tables of the system keyspaces, as those of Cassandra 5.0.5 are.

``tables.txt`` has each of them: its name and the options in which it differs from its neighbours,
its comment behind #, then its columns by kind. Their rows are made by ``rows``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from hashlib import md5
from importlib.resources import files
from uuid import UUID

from fivefold.catalog.containers import Family, FamilyColumn, Keyspace

LOCAL = ("class", "org.apache.cassandra.locator.LocalStrategy")
SIMPLE = ("class", "org.apache.cassandra.locator.SimpleStrategy")

KEYSPACES: Mapping[str, Keyspace] = {
    "system": Keyspace((LOCAL,)),
    "system_auth": Keyspace((SIMPLE, ("replication_factor", "1"))),
    "system_distributed": Keyspace((SIMPLE, ("replication_factor", "3"))),
    "system_schema": Keyspace((LOCAL,)),
    "system_traces": Keyspace((SIMPLE, ("replication_factor", "2"))),
}
VIRTUAL = ("system_views", "system_virtual_schema")
"""Keyspaces whose tables Cassandra does not store either."""


def system_keyspaces() -> frozenset[str]:
    """Return the names of the system keyspaces."""
    return _NAMES


_NAMES = frozenset((*KEYSPACES, *VIRTUAL))


@cache
def system_tables() -> Mapping[str, Mapping[str, Family]]:
    """Return the tables of each system keyspace by their names."""
    found: dict[str, dict[str, Family]] = {keyspace: {} for keyspace in (*KEYSPACES, *VIRTUAL)}
    text = files(__package__).joinpath("tables.txt").read_text(encoding="utf-8")
    for entry in ("\n" + text.strip("\n")).replace("\n    ", " ").split("\n" + "sys")[1:]:
        head, *lines = ("sys" + entry).split("\n")
        whole, *options = head.split(" ")
        keyspace, name = whole.split(".")
        found[keyspace][name] = _family(keyspace, name, options, lines)
    return found


def _family(keyspace: str, name: str, options: list[str], lines: list[str]) -> Family:
    given = _usual(keyspace)
    for option in options:
        key, value = option.split("=")
        given[key] = _compaction(value) if key == "compaction" else value
    columns: list[FamilyColumn] = []
    for line in lines:
        kind, _, rest = line.strip().partition(": ")
        if kind.startswith("# "):
            given["comment"] = "'" + line.strip()[2:].replace("'", "''") + "'"
        else:
            columns += [_column(one, kind) for one in rest.split("; ")]
    id = UUID(bytes=md5((keyspace + name).encode(), usedforsecurity=False).digest(), version=3)
    return Family(id.hex, tuple(columns), options=tuple(sorted(given.items())))


_KINDS = {"partition": "partition_key", "clustering": "clustering"}


def _column(text: str, kind: str) -> FamilyColumn:
    name, _, type = text.partition(" ")
    plain = type.removesuffix(" desc")
    return FamilyColumn(name.strip('"'), plain, _KINDS.get(kind, "regular"), plain != type)


def _usual(keyspace: str) -> dict[str, str]:
    if keyspace in VIRTUAL:
        return {}
    return {"gc_grace_seconds": "0", "memtable_flush_period_in_ms": "3600000"}


def _compaction(text: str) -> str:
    parts = [part.split(":") for part in text.split(",")]
    package = "org.apache.cassandra.db.compaction."
    shown = [f"'{key}': '{package if key == 'class' else ''}{value}'" for key, value in parts]
    return "{" + ", ".join(sorted(shown)) + "}"
