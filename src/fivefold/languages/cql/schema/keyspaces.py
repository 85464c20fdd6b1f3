"""CREATE, ALTER and DROP KEYSPACE: a keyspace is a namespace with a view that says so.

Source: "CREATE KEYSPACE" and its neighbours below "Data Definition (DDL)" of Cassandra's CQL
reference. There is one copy of everything, whatever the replication says; it is kept and shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from fivefold.catalog.changes import (
    Change,
    CreateContainer,
    CreateNamespace,
    Describe,
    DropContainer,
    DropNamespace,
)
from fivefold.catalog.containers import Keyspace, View
from fivefold.languages.cql import tree
from fivefold.languages.cql.results import Changed, SchemaChange
from fivefold.languages.cql.schema import laying, naming
from fivefold.languages.cql.schema.families import families
from fivefold.languages.cql.schema.typing import keyspace_of, types_of
from fivefold.languages.cql.schema.values import as_boolean, as_map
from fivefold.languages.cql.system.definitions import system_keyspaces
from fivefold.languages.cql.system.node import DATA_CENTER
from fivefold.languages.unit import Altering
from fivefold.models.widecolumn import layout
from fivefold.values.cql.faults import already_exists, configuration, invalid, syntax

_LOCATOR: Final = "org.apache.cassandra.locator."
_SIMPLE, _TOPOLOGY = "SimpleStrategy", "NetworkTopologyStrategy"
NAME_MAX = 48
_FACTOR = "replication_factor"
_NODES = 1


def create_keyspace(
    statement: tree.CreateKeyspace, unit: Altering, keyspace: str | None
) -> Changed:
    """Create a keyspace, in a namespace of other models if there is one of that name."""
    name = statement.name
    if name in system_keyspaces():
        raise invalid(f"System keyspace '{name}' is not user-modifiable", "reserved_name")
    given = _given(statement.options)
    if keyspace_of(unit.catalog, name) is not None:
        if statement.if_not_exists:
            return naming.NOTHING
        raise already_exists(f"Keyspace '{name}' already exists", name)
    if not naming.WORD.fullmatch(name) or len(name) > NAME_MAX:
        raise invalid(
            f"Keyspace name must not be empty, more than {NAME_MAX} characters long, or contain"
            f" non-alphanumeric-underscore characters (got '{name}')"
        )
    if "replication" not in given:
        raise invalid("Missing mandatory option 'replication'")
    made = _altered(name, Keyspace(()), given)
    changes: list[Change] = []
    if name not in unit.catalog.namespaces:
        changes.append(CreateNamespace(name))
    changes.append(CreateContainer(layout.keyspace_view(name, made)))
    unit.change(changes)
    return Changed(SchemaChange("CREATED", "KEYSPACE", name), _warnings(name, made))


def alter_keyspace(statement: tree.AlterKeyspace, unit: Altering, keyspace: str | None) -> Changed:
    """Change a keyspace's options."""
    name = statement.name
    naming.modifiable(name, f"Cannot ALTER <keyspace {name}>")
    given = _given(statement.options)
    old = keyspace_of(unit.catalog, name)
    if old is None:
        if statement.if_exists:
            return naming.NOTHING
        raise invalid(f"Keyspace '{name}' doesn't exist", "undefined_namespace")
    new = _altered(name, old, given)
    describe(unit, name, new)
    return Changed(SchemaChange("UPDATED", "KEYSPACE", name), _warnings(name, new))


def describe(unit: Altering, name: str, new: Keyspace, more: Iterable[Change] = ()) -> None:
    """Have the catalog know a keyspace as it is now."""
    view = unit.catalog.find(name, layout.KEYSPACE_VIEW)
    assert isinstance(view, View), name
    unit.change([Describe(view, replace(view, keyspace=new)), *more])


def drop_keyspace(statement: tree.DropKeyspace, unit: Altering, keyspace: str | None) -> Changed:
    """Drop a keyspace and its tables, unless other models have something there."""
    name, catalog = statement.name, unit.catalog
    naming.modifiable(name, f"Cannot DROP <keyspace {name}>")
    found = keyspace_of(catalog, name)
    if found is None:
        if statement.if_exists:
            return naming.NOTHING
        raise invalid(f"Keyspace '{name}' doesn't exist", "undefined_namespace")
    types = types_of(catalog, name)
    own: list[laying.Laid] = [
        laying.laid(name, table, family, types)
        for table, family in sorted(families(catalog, name), key=lambda each: not each[1].base)
    ]
    ours = {layout.KEYSPACE_VIEW, *(container for each in own for container in each)}
    for namespace, container in catalog.containers:
        if namespace == name and container not in ours:
            raise invalid(
                f"Cannot drop keyspace '{name}': '{container}', of another model, lies in it."
                f' Drop that first, or use DROP SCHEMA "{name}" CASCADE of SQL',
                "dependent_objects_still_exist",
            )
    unit.change(
        [
            *(change for each in own for change in laying.dropped(each)),
            DropContainer(layout.keyspace_view(name, found)),
            DropNamespace(name),
        ]
    )
    return naming.changed("DROPPED", "KEYSPACE", name)


# Options


def _given(options: tree.Options) -> Mapping[str, tree.OptionValue]:
    found = dict(options)
    for name in found:
        if name not in ("replication", "durable_writes"):
            raise syntax(f"Unknown property '{name}'")
    return found


def _altered(name: str, old: Keyspace, given: Mapping[str, tree.OptionValue]) -> Keyspace:
    durable = old.durable_writes
    if "durable_writes" in given:
        durable = as_boolean("durable_writes", given["durable_writes"])
    replication = old.replication
    if "replication" in given:
        read = as_map("replication", given["replication"])
        replication = _replication(name, read, dict(old.replication))
    return replace(old, replication=replication, durable_writes=durable)


def _replication(
    name: str, given: Mapping[str, str], old: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    if "class" not in given:
        raise configuration("Missing replication strategy class")
    options = {key: value for key, value in given.items() if key != "class"}
    whole = given["class"] if "." in given["class"] else f"{_LOCATOR}{given['class']}"
    strategy = whole.removeprefix(_LOCATOR)
    if strategy == "LocalStrategy":
        raise invalid(
            "Unable to use given strategy class: LocalStrategy is reserved for internal use."
        )
    if strategy not in (_SIMPLE, _TOPOLOGY):
        raise configuration(f"Unable to find replication strategy class '{whole}'")
    found = _simple(options) if strategy == _SIMPLE else _topology(options, old)
    known = (_FACTOR,) if strategy == _SIMPLE else (DATA_CENTER,)
    for value in found.values():
        _factor(value)
    if strategy == _TOPOLOGY and found and not any(int(value) for value in found.values()):
        raise configuration("Configuration for at least one datacenter must be present")
    strange = [key for key in found if key not in known]
    if strange:
        raise configuration(
            f"Unrecognized strategy option {{{', '.join(strange)}}} passed to {strategy} for"
            f" keyspace {name}"
        )
    return (("class", whole), *sorted(found.items()))


def _simple(options: Mapping[str, str]) -> Mapping[str, str]:
    return {_FACTOR: "1", **options}


def _topology(options: Mapping[str, str], old: Mapping[str, str]) -> Mapping[str, str]:
    """Return the factors by data center: what was said, what was so before, what all have."""
    found = {key: value for key, value in options.items() if key != _FACTOR}
    before = {key: value for key, value in old.items() if key == DATA_CENTER}
    return {DATA_CENTER: options.get(_FACTOR, "1"), **before, **found}


def _factor(text: str) -> int:
    if "/" in text:
        raise configuration("Transient replication is not enabled on this node")
    try:
        number = int(text)
    except ValueError:
        raise configuration(f'For input string: "{text}"') from None
    if number < 0:
        raise configuration(f"Replication factor must be non-negative, found {number}")
    return number


def _warnings(name: str, keyspace: Keyspace) -> tuple[str, ...]:
    """Return what Cassandra warns of: more copies than there are nodes."""
    factors = dict(keyspace.replication)
    of_center = f" for datacenter {DATA_CENTER}" if DATA_CENTER in factors else ""
    factor = int(factors.get(DATA_CENTER, factors.get(_FACTOR, "1")))
    if factor <= _NODES:
        return ()
    return (
        f"Your replication factor {factor} for keyspace {name} is higher than the number of nodes"
        f" {_NODES}{of_center}",
    )
