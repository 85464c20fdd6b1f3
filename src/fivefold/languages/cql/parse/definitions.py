"""Keyspaces, tables, types, indexes, materialized views."""

from __future__ import annotations

from collections.abc import Callable

from fivefold.languages.cql.parse import queries, terms, tokens, types
from fivefold.languages.cql.parse.stream import Stream
from fivefold.languages.cql.tree import (
    AlterKeyspace,
    AlterTable,
    AlterType,
    AlterView,
    ColumnDefinition,
    Constant,
    CreateIndex,
    CreateKeyspace,
    CreateTable,
    CreateType,
    CreateView,
    Definition,
    DropIndex,
    DropKeyspace,
    DropTable,
    DropType,
    DropView,
    MapLiteral,
    Name,
    Options,
    OptionValue,
    SetLiteral,
    TypeName,
)
from fivefold.values.cql.faults import invalid, syntax

KEYSPACES = ("KEYSPACE", "SCHEMA")
TABLES = ("TABLE", "COLUMNFAMILY")

_OPTION_MARKS = frozenset(
    {
        *(tokens.STRING, tokens.INTEGER, tokens.FLOAT, tokens.UUID, tokens.HEX),
        *("TRUE", "FALSE", "-", "{"),
    }
)


def create(s: Stream) -> Definition | None:
    """Read CREATE; None for what is none of these."""
    mark = s.peek()
    if mark in KEYSPACES:
        s.go_to(s.index + 2)
        return _create_keyspace(s)
    if mark in TABLES:
        s.go_to(s.index + 2)
        return _create_table(s)
    if mark == "TYPE":
        s.go_to(s.index + 2)
        return _create_type(s)
    if mark == "INDEX" or (mark == "CUSTOM" and s.peek(2) == "INDEX"):
        s.advance()
        return _create_index(s)
    if mark == "MATERIALIZED":
        s.advance()
        s.expect("MATERIALIZED", "VIEW")
        return _create_view(s)
    return None


def alter(s: Stream) -> Definition | None:
    """Read ALTER; None for what is none of these."""
    mark = s.peek()
    if mark in KEYSPACES:
        s.go_to(s.index + 2)
        exists = s.accept("IF", "EXISTS")
        return AlterKeyspace(s.name(), _with(s), exists)
    if mark in TABLES:
        s.go_to(s.index + 2)
        return _alter_table(s)
    if mark == "TYPE":
        s.go_to(s.index + 2)
        return _alter_type(s)
    if mark == "MATERIALIZED":
        s.advance()
        s.expect("MATERIALIZED", "VIEW")
        exists = s.accept("IF", "EXISTS")
        name = s.qualified()
        return AlterView(name, _with(s) if s.mark == "WITH" else (), exists)
    return None


def drop(s: Stream) -> Definition | None:
    """Read DROP; None for what is none of these."""
    mark = s.peek()
    if mark in KEYSPACES:
        s.go_to(s.index + 2)
        exists = s.accept("IF", "EXISTS")
        return DropKeyspace(s.name(), exists)
    if mark == "MATERIALIZED":
        s.advance()
        s.expect("MATERIALIZED", "VIEW")
        exists = s.accept("IF", "EXISTS")
        return DropView(s.qualified(), exists)
    kinds: dict[str, Callable[[Name, bool], Definition]] = {"TYPE": DropType, "INDEX": DropIndex}
    kinds |= dict.fromkeys(TABLES, DropTable)
    kind = kinds.get(mark)
    if kind is None:
        return None
    s.go_to(s.index + 2)
    exists = s.accept("IF", "EXISTS")
    return kind(s.qualified(), exists)


# Options


def _with(s: Stream) -> Options:
    s.expect("WITH")
    return _options(s, {})


def _options(s: Stream, found: dict[str, OptionValue]) -> Options:
    while True:
        _option(s, found)
        if not s.accept("AND"):
            return tuple(found.items())


def _option(s: Stream, found: dict[str, OptionValue]) -> None:
    at = s.at
    name = s.name()
    s.expect("=")
    if name in found:
        raise syntax(f"Multiple definitions for property '{name}'", at)
    found[name] = _option_value(s)


def _option_value(s: Stream) -> OptionValue:
    if s.mark not in _OPTION_MARKS:
        # A word, reserved or not, stands for itself.
        if not s.mark[:1].isalpha() or s.mark == "bad":
            s.fail()
        return s.advance().text
    value = terms.term(s)
    if not isinstance(value, Constant | MapLiteral | SetLiteral):
        s.fail()
    return value


# Keyspaces


def _absent(s: Stream) -> bool:
    return s.accept("IF", "NOT", "EXISTS")


def _create_keyspace(s: Stream) -> CreateKeyspace:
    absent = _absent(s)
    return CreateKeyspace(s.name(), _with(s), absent)


# Tables


class _Columns:
    """The columns of CREATE TABLE as they are read, and the primary keys among them."""

    def __init__(self) -> None:
        self.columns: list[ColumnDefinition] = []
        self.keys: list[tuple[tuple[str, ...], tuple[str, ...]]] = []


def _create_table(s: Stream) -> CreateTable:
    absent = _absent(s)
    name = s.qualified()
    read = _Columns()
    s.expect("(")
    while True:
        _table_part(s, read)
        if not s.accept(","):
            break
        if s.mark == ")":
            break
    s.expect(")")
    order, compact, options = _table_options(s)
    shown = name[1] if name[0] is None else f"{name[0]}.{name[1]}"
    if len(read.keys) > 1:
        raise invalid(
            f"Multiple PRIMARY KEY specified for table '{shown}' (exactly one required)",
            "invalid_table_definition",
        )
    partition, clustering = read.keys[0] if read.keys else ((), ())
    columns = tuple(read.columns)
    return CreateTable(name, columns, partition, clustering, order, compact, options, absent)


def _table_part(s: Stream, read: _Columns) -> None:
    if s.mark == "PRIMARY":
        s.expect("PRIMARY", "KEY")
        read.keys.append(_primary_key(s))
        return
    column = _column(s)
    masked = s.mark == "MASKED"
    if masked:
        _refuse_mask(s)
    if s.accept("PRIMARY"):
        s.expect("KEY")
        read.keys.append(((column.name,), ()))
        column = ColumnDefinition(column.name, column.type, column.static, True, column.at)
    read.columns.append(column)


def _refuse_mask(s: Stream) -> None:
    raise invalid("Cannot mask columns because dynamic data masking is not enabled")


def _column(s: Stream) -> ColumnDefinition:
    at = s.at
    name = s.name()
    type_ = types.type_name(s)
    return ColumnDefinition(name, type_, s.accept("STATIC"), False, at)


def _primary_key(s: Stream) -> tuple[tuple[str, ...], tuple[str, ...]]:
    s.expect("(")
    if s.accept("("):
        partition = s.names()
        s.expect(")")
    else:
        partition = (s.name(),)
    clustering = s.names() if s.accept(",") else ()
    s.expect(")")
    return partition, clustering


def _table_options(s: Stream) -> tuple[tuple[tuple[str, bool], ...], bool, Options]:
    """Read WITH of a table or view: clustering order, COMPACT STORAGE, options."""
    order: tuple[tuple[str, bool], ...] = ()
    compact = False
    found: dict[str, OptionValue] = {}
    if s.accept("WITH"):
        while True:
            if s.mark == "CLUSTERING":
                s.expect("CLUSTERING", "ORDER", "BY", "(")
                order = (*order, *s.listed(_ordered))
                s.expect(")")
            elif s.mark == "COMPACT":
                s.expect("COMPACT", "STORAGE")
                compact = True
            else:
                _option(s, found)
            if not s.accept("AND"):
                break
    return order, compact, tuple(found.items())


def _ordered(s: Stream) -> tuple[str, bool]:
    name = s.name()
    if s.accept("DESC"):
        return name, True
    s.expect("ASC")
    return name, False


def _alter_table(s: Stream) -> AlterTable:
    exists = s.accept("IF", "EXISTS")
    name = s.qualified()
    if s.accept("ALTER"):
        column = s.name()
        if s.mark in ("MASKED", "DROP"):
            _refuse_mask(s)
        s.expect("TYPE")
        return AlterTable(name, altered=((column, types.type_name(s)),), if_exists=exists)
    if s.accept("ADD"):
        absent = _absent(s)
        if s.accept("("):
            added = s.listed(_column)
            s.expect(")")
        else:
            added = (_column(s),)
        return AlterTable(name, added=added, if_exists=exists, columns_if=absent)
    if s.accept("DROP", "COMPACT", "STORAGE"):
        return AlterTable(name, drops_compact_storage=True, if_exists=exists)
    if s.accept("DROP"):
        present = s.accept("IF", "EXISTS")
        if s.accept("("):
            dropped = s.names()
            s.expect(")")
        else:
            dropped = (s.name(),)
        at = terms.term(s) if s.accept("USING", "TIMESTAMP") else None
        return AlterTable(
            name, dropped=dropped, dropped_timestamp=at, if_exists=exists, columns_if=present
        )
    if s.accept("RENAME"):
        present = s.accept("IF", "EXISTS")
        renamed = [_renamed(s)]
        while s.accept("AND"):
            renamed.append(_renamed(s))
        return AlterTable(name, renamed=tuple(renamed), if_exists=exists, columns_if=present)
    if s.mark != "WITH":
        s.fail()
    _, _, options = _table_options(s)
    return AlterTable(name, options=options, if_exists=exists)


def _renamed(s: Stream) -> tuple[str, str]:
    before = s.name()
    s.expect("TO")
    return before, s.name()


# Types


def _field(s: Stream) -> tuple[str, TypeName]:
    return s.name(), types.type_name(s)


def _create_type(s: Stream) -> CreateType:
    absent = _absent(s)
    name = s.qualified()
    s.expect("(")
    fields = s.listed(_field)
    s.expect(")")
    return CreateType(name, fields, absent)


def _alter_type(s: Stream) -> AlterType:
    exists = s.accept("IF", "EXISTS")
    name = s.qualified()
    if s.accept("ALTER"):
        field = s.name()
        s.expect("TYPE")
        return AlterType(name, altered=((field, types.type_name(s)),), if_exists=exists)
    if s.accept("ADD"):
        absent = _absent(s)
        return AlterType(name, added=(_field(s),), if_exists=exists, fields_if=absent)
    s.expect("RENAME")
    present = s.accept("IF", "EXISTS")
    renamed = [_renamed(s)]
    while s.accept("AND"):
        renamed.append(_renamed(s))
    return AlterType(name, renamed=tuple(renamed), if_exists=exists, fields_if=present)


# Indexes


def _create_index(s: Stream) -> CreateIndex:
    custom = s.accept("CUSTOM")
    s.expect("INDEX")
    absent = _absent(s)
    name = s.name() if s.is_name() else None
    s.expect("ON")
    table = s.qualified()
    s.expect("(")
    target = ""
    if s.peek() == "(":
        if s.mark not in ("VALUES", "KEYS", "ENTRIES", "FULL"):
            s.fail()
        target = s.advance().text
        s.expect("(")
    column = s.name()
    if target:
        s.expect(")")
    s.expect(")")
    using = None
    if s.accept("USING"):
        if s.mark != tokens.STRING:
            s.fail()
        using = s.advance().text
    options = _with(s) if s.mark == "WITH" else ()
    return CreateIndex(table, column, target, name, using, options, custom, absent)


# Materialized views


def _create_view(s: Stream) -> CreateView:
    absent = _absent(s)
    name = s.qualified()
    s.expect("AS")
    select = queries.select(s)
    s.expect("PRIMARY", "KEY")
    partition, clustering = _primary_key(s)
    order, compact, options = _table_options(s)
    if compact:
        raise invalid("Cannot use 'COMPACT STORAGE' when defining a materialized view")
    return CreateView(name, select, partition, clustering, order, options, absent)
