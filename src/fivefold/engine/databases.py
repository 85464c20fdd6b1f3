"""PostgreSQL's databases inside one store, and the one place that maps their names.

The schema ``s`` of a database ``d`` beside the main one is the namespace ``d/s``; that ``d`` exists
the namespace ``d/`` says. A session of ``d`` is given the catalog as ``view`` shows it, in which
there are ``d``'s containers only and their namespaces are bare names, so that nothing in a
language knows of databases. What it lowers to goes through ``stored`` before a store sees it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from fivefold.catalog.catalog import DEFAULT_NAMESPACE, SEPARATOR, Catalog, missing_database
from fivefold.catalog.changes import Change, CreateNamespace, DescribeNamespace, DropNamespace
from fivefold.catalog.containers import EnumType, ForeignKey, Sequence, Table, View
from fivefold.catalog.rebuild import rebuilt
from fivefold.engine.results import Result
from fivefold.errors import InvalidState, InvalidStatement, Unsupported
from fivefold.languages.sql import commands as c
from fivefold.plan import nodes as exp
from fivefold.plan.statement import Access
from fivefold.values.records import Record, changed, names_of
from fivefold.values.types import Type

if TYPE_CHECKING:
    from fivefold.engine.sql import SqlSession

_Value = TypeVar("_Value")

SYSTEM = frozenset({"pg_catalog", "information_schema", "pg_toast"})
"""Schemas that every database has and no store keeps under its name."""

_OF_SEQUENCES = frozenset({"nextval", "currval", "setval"})


def view(catalog: Catalog, prefix: str) -> Catalog:
    """Return the catalog as a session of one database sees it."""
    if not prefix and not catalog.databases:
        return catalog
    if prefix and prefix not in catalog.namespaces:
        raise missing_database(prefix[:-1])
    size = len(prefix)

    def inside(namespace: str) -> bool:
        return namespace.startswith(prefix) and SEPARATOR not in namespace[size:]

    def bare(value: Any) -> Any:
        return _renamed(value, lambda name: name[size:])

    containers = {}
    for (namespace, name), container in catalog.containers.items():
        if inside(namespace):
            container = rebuilt(container, bare) if prefix else container
            containers[namespace[size:], name] = container
    return replace(
        catalog,
        namespaces=frozenset(
            name[size:] for name in catalog.namespaces if inside(name) and name != prefix
        ),
        containers=MappingProxyType(containers),
        comments=MappingProxyType(
            {name[size:]: text for name, text in catalog.comments.items() if inside(name)}
        ),
        others=catalog.databases,
    )


def stored(value: _Value, prefix: str) -> _Value:
    """Return a command, or a part of one, with the names that the store knows.

    Trees are changed where they are; what a result shows of its columns keeps its bare names.
    """

    def full(name: str) -> str:
        return name if name in SYSTEM or name.startswith(prefix) else prefix + name

    def through(part: Any) -> Any:
        if isinstance(part, exp.Expr):
            _rename_tree(part, prefix, full)
            return part
        if isinstance(part, tuple):
            return tuple(through(item) for item in part)
        if isinstance(part, Mapping):
            return {key: through(item) for key, item in part.items()}
        if isinstance(part, Access):
            return changed(part, namespace=full(part.namespace))
        if isinstance(part, Record):
            names = [name for name in names_of(part) if name != "outputs"]
            return changed(part, **{name: through(getattr(part, name)) for name in names})
        return rebuilt(part, lambda item: _renamed(_trees(item, through), full))

    found: _Value = through(value)
    return found


def _trees(value: Any, through: Any) -> Any:
    return through(value) if isinstance(value, exp.Expr | Mapping) else value


def _renamed(value: Any, name: Any) -> Any:
    """Return one value with its own namespace renamed."""
    if isinstance(value, Table | View | Sequence | EnumType):
        return replace(value, namespace=name(value.namespace))
    if isinstance(value, ForeignKey):
        return replace(value, target=(name(value.target[0]), value.target[1]))
    if isinstance(value, CreateNamespace | DropNamespace | DescribeNamespace):
        return replace(value, name=name(value.name))
    if isinstance(value, Type) and value.name is not None:
        return replace(value, name=(name(value.name[0]), value.name[1]))
    return value


def _rename_tree(tree: exp.Expr, prefix: str, full: Any) -> None:
    for node in tree.walk():
        if isinstance(node, exp.Table):
            db = node.args.get("db")
            if db is not None:
                node.set("db", exp.Identifier(this=full(db.this), quoted=True))
        type_ = node.meta.get("type")
        if isinstance(type_, Type) and (type_.name or type_.element or type_.fields):
            node.meta["type"] = rebuilt(type_, lambda item: _renamed(item, full))
        if isinstance(node, exp.Anonymous) and node.name in _OF_SEQUENCES:
            literal = node.expressions[0]
            if isinstance(literal, exp.Literal) and not literal.this.startswith(prefix):
                literal.set("this", prefix + literal.this)
        relation = node.meta.get("relation")
        if relation is not None and "qualified" in node.meta:
            parts = [part.replace('"', '""') for part in (full(relation[0]), relation[1])]
            node.meta["qualified"] = '"{}"."{}"'.format(*parts)


# -- CREATE and DROP DATABASE ---------------------------------------------------------------------


def carry_out(session: SqlSession, command: c.Database) -> Result:
    """Make or drop a database. Raises InvalidState inside a transaction."""
    if session.session.open:
        raise InvalidState(
            f"{command.tag} cannot run inside a transaction block", "active_transaction"
        )
    session.check_writable(command.tag)
    catalog = session.session.snapshot.catalog
    name = command.name
    known = name in catalog.databases or name in session.main_names
    if command.kind == "create":
        if known:
            raise InvalidStatement(f'database "{name}" already exists', "duplicate_database")
        if SEPARATOR in name:
            raise Unsupported(f'a slash in the name of a database, as in "{name}",')
        prefix = name + SEPARATOR
        made = (CreateNamespace(prefix), CreateNamespace(prefix + DEFAULT_NAMESPACE))
        session.session.change_schema(made, catalog.version)
        return Result(command.tag)
    if not known:
        if not command.exists:
            raise InvalidStatement(f'database "{name}" does not exist', "undefined_database")
        notice = c.Notice(f'database "{name}" does not exist, skipping')
        return Result(command.tag, notices=(notice,))
    if command.kind == "drop":
        _refuse_drop(session, name, command.force)
        session.session.change_schema(_dropping(session, name + SEPARATOR), catalog.version)
    return Result(command.tag)


def _refuse_drop(session: SqlSession, name: str, force: bool) -> None:
    prefix = name + SEPARATOR
    if name == session.database:
        raise InvalidState("cannot drop the currently open database", "object_in_use")
    if name not in session.session.snapshot.catalog.databases:
        raise Unsupported(
            f'"{name}" is the main database, which cannot be dropped',
            hint="Drop its schemas, or delete the file.",
        )
    users = session.engine.users[prefix]
    if users and not force:
        others = "is 1 other session" if users == 1 else f"are {users} other sessions"
        raise InvalidState(
            f'database "{name}" is being accessed by other users',
            "object_in_use",
            detail=f"There {others} using the database.",
        )


def _dropping(session: SqlSession, prefix: str) -> tuple[Change, ...]:
    from fivefold.languages.sql.bind.state import Context
    from fivefold.languages.sql.schema.drops import drop_containers

    snapshot = session.session.snapshot
    seen = snapshot.view(prefix)
    owned = {
        (one.namespace, one.name)
        for one in seen.containers.values()
        if isinstance(one, Sequence) and one.owner is not None
    }
    going = [one for key, one in seen.containers.items() if key not in owned]
    changes = drop_containers(Context(seen), going, True, [])
    namespaces = sorted(
        (name for name in snapshot.catalog.namespaces if name.startswith(prefix)), reverse=True
    )
    return (*stored(tuple(changes), prefix), *map(DropNamespace, namespaces))
