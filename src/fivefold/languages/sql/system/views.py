"""Rows of pg_catalog's smaller relations and of its views."""

from __future__ import annotations

import json
from collections.abc import Iterator

from fivefold.catalog.catalog import DEFAULT_NAMESPACE
from fivefold.catalog.containers import Sequence, Table, View
from fivefold.catalog.oids import OWNER_OID, Of, Oids, oid_of
from fivefold.languages.sql import operators
from fivefold.languages.sql.signatures import Operator
from fivefold.languages.sql.system import definitions, texts
from fivefold.languages.sql.system.catalog import Maker, System, row
from fivefold.languages.sql.system.constraints import PLPGSQL
from fivefold.languages.sql.system.functions import argument_oid
from fivefold.values.oids import type_oid
from fivefold.values.types import Row

UTF8 = 6  # PostgreSQL's number of the encoding
COLLATION = "C"
_DEFAULT_TABLESPACE = 1663
_CATALOG = 11
_PUBLIC_OWNER, _PUBLIC_OWNER_OID = "pg_database_owner", 6171


def namespaces(system: System) -> Iterator[Row]:
    """Yield pg_namespace."""
    for name, oid in system.objects.namespaces.items():
        if name == DEFAULT_NAMESPACE:
            acl = json.dumps([f"{_PUBLIC_OWNER}=UC/{_PUBLIC_OWNER}", f"=U/{_PUBLIC_OWNER}"])
            yield row("pg_namespace", oid=oid, nspname=name, nspowner=_PUBLIC_OWNER_OID, nspacl=acl)
        else:
            yield row("pg_namespace", oid=oid, nspname=name, nspowner=OWNER_OID)


def databases(system: System) -> Iterator[Row]:
    """Yield pg_database."""
    for name in system.databases:
        yield row(
            "pg_database",
            oid=oid_of(Of.DATABASE, name),
            datname=name,
            datdba=OWNER_OID,
            encoding=UTF8,
            datlocprovider="c",
            datallowconn=1,
            datconnlimit=-1,
            dattablespace=_DEFAULT_TABLESPACE,
            datcollate=COLLATION,
            datctype=COLLATION,
        )


def owner(system: System) -> Iterator[Row]:
    """Yield the row of pg_authid that is not PostgreSQL's own: who owns everything."""
    yield row(
        "pg_authid",
        oid=OWNER_OID,
        rolname=system.user,
        rolsuper=1,
        rolinherit=1,
        rolcreaterole=1,
        rolcreatedb=1,
        rolcanlogin=1,
        rolreplication=1,
        rolbypassrls=1,
        rolconnlimit=-1,
    )


def roles(system: System) -> Iterator[Row]:
    """Yield pg_roles."""
    for (
        oid,
        name,
        superuser,
        inherit,
        role,
        database,
        login,
        replication,
        row_level,
        limit,
        *_,
    ) in system.rows("pg_authid"):
        yield row(
            "pg_roles",
            rolname=name,
            rolsuper=superuser,
            rolinherit=inherit,
            rolcreaterole=role,
            rolcreatedb=database,
            rolcanlogin=login,
            rolreplication=replication,
            rolconnlimit=limit,
            rolpassword="********",
            rolbypassrls=row_level,
            oid=oid,
        )


def _users(key: str) -> Maker:
    def make(system: System) -> Iterator[Row]:
        yield row(
            key,
            usename=system.user,
            usesysid=OWNER_OID,
            usecreatedb=1,
            usesuper=1,
            userepl=1,
            usebypassrls=1,
            passwd="********" if key == "pg_user" else None,
        )

    return make


users, shadow = _users("pg_user"), _users("pg_shadow")


def groups(system: System) -> Iterator[Row]:
    """Yield pg_group: the roles that nobody logs in as."""
    for oid, name, *rest in system.rows("pg_authid"):
        if not rest[4]:
            yield row("pg_group", groname=name, grosysid=oid, grolist="[]")


# -- extensions -----------------------------------------------------------------------------------

_ABOUT_PLPGSQL = "PL/pgSQL procedural language"


def extensions(system: System) -> Iterator[Row]:
    """Yield pg_extension: the one that every database of PostgreSQL has, in name."""
    yield row(
        "pg_extension",
        oid=PLPGSQL,
        extname="plpgsql",
        extowner=OWNER_OID,
        extnamespace=_CATALOG,
        extversion="1.0",
    )


def available_extensions(system: System) -> Iterator[Row]:
    """Yield pg_available_extensions."""
    yield row(
        "pg_available_extensions",
        name="plpgsql",
        default_version="1.0",
        installed_version="1.0",
        comment=_ABOUT_PLPGSQL,
    )


def extension_versions(system: System) -> Iterator[Row]:
    """Yield pg_available_extension_versions."""
    yield row(
        "pg_available_extension_versions",
        name="plpgsql",
        version="1.0",
        installed=1,
        superuser=1,
        trusted=1,
        relocatable=0,
        schema="pg_catalog",
        comment=_ABOUT_PLPGSQL,
    )


# -- operators ------------------------------------------------------------------------------------


def operator_rows(system: System) -> Iterator[Row]:
    """Yield pg_operator: those that SQL can apply."""
    oids = Oids(Of.OPERATOR)
    for each in operators.OPERATORS:
        left = 0 if each.left is None else argument_oid(each.left)
        yield row(
            "pg_operator",
            oid=oids.add("pg_catalog", operator_signature(each)),
            oprname=each.symbol,
            oprnamespace=_CATALOG,
            oprowner=OWNER_OID,
            oprkind="l" if each.left is None else "b",
            oprleft=left,
            oprright=argument_oid(each.right),
            oprresult=argument_oid(each.result),
        )


def operator_signature(each: Operator) -> str:
    """Return an operator with its operands' types, as regoperator shows it."""
    return f"{each.symbol}({'NONE' if each.left is None else each.left},{each.right})"


# -- views over relations -------------------------------------------------------------------------


def tables(system: System) -> Iterator[Row]:
    """Yield pg_tables."""
    for each in definitions.relations().values():
        if each.kind == "r":
            yield row(
                "pg_tables",
                schemaname=each.table.namespace,
                tablename=each.table.name,
                tableowner=system.user,
                hasindexes=0,
                hasrules=0,
                hastriggers=0,
                rowsecurity=0,
            )
    targets = {key.target for table in system.catalog.tables() for key in table.foreign_keys}
    for table in _tables(system, "r"):
        referenced = (table.namespace, table.name) in targets
        yield row(
            "pg_tables",
            schemaname=table.namespace,
            tablename=table.name,
            tableowner=system.user,
            hasindexes=int(bool(table.keys or table.indexes)),
            hasrules=0,
            hastriggers=int(bool(table.foreign_keys) or referenced),
            rowsecurity=0,
        )


def _tables(system: System, kind: str) -> Iterator[Table]:
    for relation in system.objects.own(kind):
        assert isinstance(relation.container, Table)
        yield relation.container


def views(system: System) -> Iterator[Row]:
    """Yield pg_views: the database's own."""
    for relation in system.objects.own("v"):
        view = relation.container
        assert isinstance(view, View)
        yield row(
            "pg_views",
            schemaname=view.namespace,
            viewname=view.name,
            viewowner=system.user,
            definition=texts.view(system, texts.PUBLIC, view),
        )


def materialized(system: System) -> Iterator[Row]:
    """Yield pg_matviews."""
    for table in _tables(system, "m"):
        yield row(
            "pg_matviews",
            schemaname=table.namespace,
            matviewname=table.name,
            matviewowner=system.user,
            hasindexes=int(bool(table.keys or table.indexes)),
            ispopulated=int(table.populated),
            definition=texts.view(system, texts.PUBLIC, table),
        )


def indexes(system: System) -> Iterator[Row]:
    """Yield pg_indexes."""
    for relation in system.objects.own("i"):
        assert isinstance(relation.container, Table)
        assert relation.index is not None
        yield row(
            "pg_indexes",
            schemaname=relation.namespace,
            tablename=relation.container.name,
            indexname=relation.name,
            indexdef=texts.index(
                system, texts.PUBLIC, relation.container, relation.key or relation.index
            ),
        )


def sequences(system: System) -> Iterator[Row]:
    """Yield pg_sequences. What a sequence last gave is data, not catalog: it stays null."""
    for relation in system.objects.own("S"):
        each = relation.container
        assert isinstance(each, Sequence)
        yield row(
            "pg_sequences",
            schemaname=each.namespace,
            sequencename=each.name,
            sequenceowner=system.user,
            data_type=type_oid(each.type),
            start_value=each.start,
            min_value=each.minimum,
            max_value=each.maximum,
            increment_by=each.increment,
            cycle=int(each.cycle),
            cache_size=each.cache,
        )


_COUNTS = (
    *("seq_scan", "seq_tup_read", "n_tup_ins", "n_tup_upd", "n_tup_del", "n_tup_hot_upd"),
    *("n_live_tup", "n_dead_tup", "n_mod_since_analyze", "n_ins_since_vacuum"),
    *("vacuum_count", "autovacuum_count", "analyze_count", "autoanalyze_count"),
)


def table_statistics(system: System) -> Iterator[Row]:
    """Yield pg_stat_user_tables; nothing is counted."""
    for relation in system.objects.own("r", "m"):
        yield row(
            "pg_stat_user_tables",
            relid=relation.oid,
            schemaname=relation.namespace,
            relname=relation.name,
            **dict.fromkeys(_COUNTS, 0),
        )


def index_statistics(system: System) -> Iterator[Row]:
    """Yield pg_stat_user_indexes; nothing is counted."""
    for relation in system.objects.own("i"):
        table = relation.container
        yield row(
            "pg_stat_user_indexes",
            relid=system.objects.relations[table.namespace, table.name].oid,
            indexrelid=relation.oid,
            schemaname=relation.namespace,
            relname=table.name,
            indexrelname=relation.name,
            idx_scan=0,
            idx_tup_read=0,
            idx_tup_fetch=0,
        )
