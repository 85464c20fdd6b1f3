"""Parses what concerns the session: transactions, settings, prepared statements.

Source: the PostgreSQL manual, "BEGIN", "SET", "SHOW", "PREPARE" and their neighbours.
"""

from __future__ import annotations

from collections.abc import Callable

from fivefold.errors import InvalidValue
from fivefold.languages.sql import commands, definitions
from fivefold.languages.sql.parse.stream import Stream
from fivefold.languages.sql.parse.types import type_name
from fivefold.values.types import INTERVAL

_LEVELS = ("serializable", "repeatable read", "read committed", "read uncommitted")


def _modes(s: Stream) -> tuple[str | None, bool | None, bool | None]:
    """Parse transaction modes: (isolation, read only, deferrable)."""
    isolation: str | None = None
    read_only: bool | None = None
    deferrable: bool | None = None
    while True:
        if s.accept("isolation", "level"):
            for level in _LEVELS:
                if s.accept(*level.split()):
                    isolation = level
                    break
            else:
                raise s.unexpected()
        elif s.accept("read", "only"):
            read_only = True
        elif s.accept("read", "write"):
            read_only = False
        elif s.accept("deferrable"):
            deferrable = True
        elif s.accept("not", "deferrable"):
            deferrable = False
        else:
            return isolation, read_only, deferrable
        s.accept_op(",")


def _begin(s: Stream) -> commands.Begin:
    s.advance()
    if not s.accept("work"):
        s.accept("transaction")
    return commands.Begin(*_modes(s))


def _start(s: Stream) -> commands.Begin:
    s.expect("start", "transaction")
    return commands.Begin(*_modes(s), tag="START TRANSACTION")


def _chain(s: Stream) -> bool:
    if not s.accept("work"):
        s.accept("transaction")
    if s.accept("and", "chain"):
        return True
    s.accept("and", "no", "chain")
    return False


def _commit(s: Stream) -> commands.Commit:
    s.advance()
    if s.is_word("prepared"):
        raise s.unsupported("COMMIT PREPARED")
    return commands.Commit(_chain(s))


def _rollback(s: Stream) -> commands.Rollback | commands.RollbackTo:
    s.advance()
    if s.is_word("prepared"):
        raise s.unsupported("ROLLBACK PREPARED")
    chain = _chain(s)
    if not s.accept("to"):
        return commands.Rollback(chain)
    s.accept("savepoint")
    return commands.RollbackTo(s.name())


def _savepoint(s: Stream) -> commands.Savepoint:
    s.advance()
    return commands.Savepoint(s.name())


def _release(s: Stream) -> commands.Release:
    s.advance()
    s.accept("savepoint")
    return commands.Release(s.name())


# -- settings -------------------------------------------------------------------------------------


def _set(s: Stream) -> commands.Command:
    s.advance()
    if s.accept("constraints"):
        return _constraints(s)
    local = s.accept("local")
    session = not local and s.accept("session")
    if session and s.accept("characteristics", "as", "transaction"):
        return commands.SetTransaction(*_modes(s), session=True)
    if s.accept("transaction"):
        if s.is_word("snapshot"):
            raise s.unsupported("SET TRANSACTION SNAPSHOT")
        return commands.SetTransaction(*_modes(s))
    if s.accept("time", "zone"):
        return _time_zone(s, local)
    if s.accept("names"):
        value = s.string() if s.kind == "string" else None
        if value is None and s.accept("default"):
            pass
        return commands.Set("client_encoding", value, (value,) if value else (), local)
    if s.accept("schema"):
        value = s.string()
        return commands.Set("search_path", _quoted(value), (value,), local)
    if s.accept("session", "authorization") or (session and s.accept("authorization")):
        return commands.Set("session_authorization", *_word(s), local)
    if s.accept("role"):
        return commands.Set("role", *_word(s), local)
    name = _setting(s)
    if not s.accept("to"):
        s.expect_op("=")
    if s.accept("default"):
        return commands.Set(name, None, (), local)
    return commands.Set(name, *_values(s, name), local)


def _word(s: Stream) -> tuple[str | None, tuple[str, ...]]:
    if s.accept("default"):
        return None, ()
    value = s.string() if s.kind == "string" else s.label()
    return value, (value,)


def _setting(s: Stream) -> str:
    name = s.name()
    while s.accept_op("."):
        name += "." + s.label()
    return name.lower()


def _quoted(part: str) -> str:
    plain = part.replace("_", "a").isalnum() and part == part.lower() and not part[0].isdigit()
    return part if plain else '"' + part.replace('"', '""') + '"'


_LISTS = frozenset({"search_path", "datestyle", "temp_tablespaces", "session_preload_libraries"})


def _values(s: Stream, name: str) -> tuple[str, tuple[str, ...]]:
    parts = [_value(s)]
    while s.accept_op(","):
        parts.append(_value(s))
    if name in _LISTS and name == "search_path":
        return ", ".join(_quoted(part) if part else '""' for part in parts), tuple(parts)
    return ", ".join(parts), tuple(parts)


def _value(s: Stream) -> str:
    if s.kind == "string":
        return s.string()
    sign = ""
    if s.is_op("-") or s.is_op("+"):
        sign = "-" if s.value == "-" else ""
        s.advance()
    if s.kind == "int" or s.kind == "number":
        value = s.value
        s.advance()
        return sign + value
    return s.label()


def _time_zone(s: Stream, local: bool) -> commands.Command:
    if s.accept("local") or s.accept("default"):
        return commands.Set("timezone", None, (), local)
    if s.accept("interval"):
        value = _zone_of_interval(s.string())
        if s.accept("hour"):
            s.accept("to", "minute")
        return commands.Set("timezone", value, (value,), local)
    value = _value(s)
    return commands.Set("timezone", value, (value,), local)


def _zone_of_interval(text: str) -> str:
    """Return the name of the zone that is an interval east of Greenwich."""
    from fivefold.values.intervals import stored_interval
    from fivefold.values.text import parse
    from fivefold.values.zones import fixed_name

    found = stored_interval(str(parse(INTERVAL, text)))
    if found.months or found.days:
        what = "month" if found.months else "day"
        raise InvalidValue(
            f'invalid value for parameter "TimeZone": "{text}"',
            "invalid_parameter_value",
            detail=f"Cannot specify {what}s in time zone interval.",
        )
    return fixed_name(int(found.micros / 1_000_000))


def _constraints(s: Stream) -> commands.SetConstraints:
    names: tuple[str, ...] | None = None
    if not s.accept("all"):
        found = [s.qualified()[-1]]
        while s.accept_op(","):
            found.append(s.qualified()[-1])
        names = tuple(found)
    if s.accept("deferred"):
        return commands.SetConstraints(names, True)
    s.expect("immediate")
    return commands.SetConstraints(names, False)


def _show(s: Stream) -> commands.Show:
    s.advance()
    return commands.Show(_shown(s))


def _shown(s: Stream) -> str:
    if s.accept("time", "zone"):
        return "timezone"
    if s.accept("transaction", "isolation", "level"):
        return "transaction_isolation"
    if s.accept("session", "authorization"):
        return "session_authorization"
    if s.accept("all"):
        return "all"
    return _setting(s)


def _reset(s: Stream) -> commands.Reset:
    s.advance()
    return commands.Reset(_shown(s))


def _discard(s: Stream) -> commands.Discard:
    s.advance()
    if not s.is_word("all", "plans", "sequences", "temp", "temporary"):
        raise s.unexpected()
    what = "temp" if s.value == "temporary" else s.value
    s.advance()
    return commands.Discard(what, f"DISCARD {what.upper()}")


# -- prepared statements --------------------------------------------------------------------------


def _prepare(s: Stream) -> definitions.Prepare:
    s.advance()
    if s.is_word("transaction"):
        raise s.unsupported("PREPARE TRANSACTION")
    name = s.name()
    types = []
    if s.accept_op("("):
        types.append(type_name(s))
        while s.accept_op(","):
            types.append(type_name(s))
        s.expect_op(")")
    s.expect("as")
    start = s.at
    from fivefold.languages.sql.parse.statements import statement

    if not s.is_word(
        "select", "insert", "update", "delete", "values", "with", "table"
    ) and not s.is_op("("):
        raise s.unexpected()
    statement(s)
    return definitions.Prepare(name, tuple(types), s.text[start : s.previous_end()])


def _execute(s: Stream) -> commands.Execute:
    s.advance()
    name = s.name()
    arguments = []
    if s.accept_op("("):
        from fivefold.languages.sql.parse.expressions import expression

        while True:
            start = s.at
            expression(s)
            arguments.append(s.text[start : s.previous_end()])
            if not s.accept_op(","):
                break
        s.expect_op(")")
    return commands.Execute(name, tuple(arguments))


def _deallocate(s: Stream) -> commands.Deallocate:
    s.advance()
    s.accept("prepare")
    if s.accept("all"):
        return commands.Deallocate(None, "DEALLOCATE ALL")
    return commands.Deallocate(s.name())


def _unlisten(s: Stream) -> commands.Nothing:
    """Parse UNLISTEN, which poolers send: nobody listens."""
    s.advance()
    if not s.accept_op("*"):
        s.name()
    return commands.Nothing("UNLISTEN")


PARSERS: dict[str, Callable[[Stream], commands.Command | definitions.Prepare]] = {
    "begin": _begin,
    "start": _start,
    "commit": _commit,
    "end": _commit,
    "rollback": _rollback,
    "abort": _rollback,
    "savepoint": _savepoint,
    "release": _release,
    "set": _set,
    "show": _show,
    "reset": _reset,
    "discard": _discard,
    "prepare": _prepare,
    "execute": _execute,
    "deallocate": _deallocate,
    "unlisten": _unlisten,
}
