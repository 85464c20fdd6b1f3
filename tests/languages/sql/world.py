"""The small schema that the tests of SQL's binding share: as DDL, and as the catalog it makes."""

from __future__ import annotations

from dataclasses import replace

from fivefold.catalog.catalog import Catalog
from fivefold.catalog.changes import (
    AlterTable,
    CreateContainer,
    CreateIndex,
    CreateNamespace,
    DropContainer,
)
from fivefold.languages.sql.bind.state import Context
from fivefold.languages.sql.commands import Schema
from fivefold.languages.sql.lower import lower

DDL = (
    "CREATE SCHEMA other",
    "CREATE TABLE t (id integer PRIMARY KEY, name varchar(10), n bigint, price numeric(10,2),"
    " d date, ok boolean, tags text[], j jsonb, ts timestamptz, k integer DEFAULT 7, s smallint,"
    " u uuid, b bytea, js json, tm timestamp, c char(3), iv interval, r real)",
    "CREATE TABLE u (id serial PRIMARY KEY, t_id bigint, v text UNIQUE, f double precision)",
    "CREATE TABLE g (id integer GENERATED ALWAYS AS IDENTITY, a integer NOT NULL,"
    " twice integer GENERATED ALWAYS AS (a * 2) STORED)",
    "CREATE TABLE other.t (id integer, t_id integer REFERENCES t)",
    "CREATE VIEW w AS SELECT id, name FROM t WHERE ok",
)


def apply(catalog: Catalog, schema: Schema) -> Catalog:
    """Return the catalog after a change, as a store would record it."""
    for change in schema.changes:
        match change:
            case CreateNamespace(name):
                catalog = catalog.with_namespaces(catalog.namespaces | {name})
            case CreateContainer(container):
                key = (container.namespace, container.name)
                catalog = catalog.with_containers({key: container})
            case CreateIndex(table, index):
                key = (table.namespace, table.name)
                catalog = catalog.with_containers(
                    {key: replace(table, indexes=(*table.indexes, index))}
                )
            case DropContainer(container):
                catalog = catalog.with_containers({(container.namespace, container.name): None})
            case AlterTable(old, new):
                catalog = catalog.with_containers({(old.namespace, old.name): None})
                catalog = catalog.with_containers({(new.namespace, new.name): new})
    return catalog


def make_catalog() -> Catalog:
    catalog = Catalog()
    for text in DDL:
        command = lower(text, Context(catalog))
        assert isinstance(command, Schema)
        catalog = apply(catalog, command)
    return catalog


CATALOG = make_catalog()
CONTEXT = Context(CATALOG)
