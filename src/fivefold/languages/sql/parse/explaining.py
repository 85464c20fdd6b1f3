"""Parses EXPLAIN.

Source: the PostgreSQL manual, "EXPLAIN".
"""

from __future__ import annotations

from collections.abc import Callable

import fivefold.languages.sql.parse.queries as queries
from fivefold.errors import InvalidStatement, InvalidValue, Unsupported
from fivefold.languages.sql import commands, definitions, tree
from fivefold.languages.sql.parse.stream import Stream
from fivefold.plan.explain import Format, Options

_SWITCHES = ("analyze", "verbose", "costs", "settings", "buffers", "wal", "timing", "summary")
_TRUE = ("true", "on", "1")
_FALSE = ("false", "off", "0")
_EXPLAINED = (
    tree.Query,
    tree.Insert,
    tree.Update,
    tree.Delete,
    commands.Execute,
    definitions.DeclareCursor,
    definitions.CreateTableAs,
)


def _explain(s: Stream) -> definitions.Explain:
    start = at = s.at
    s.advance()
    given: dict[str, bool | Format] = {}
    if s.is_op("(") and not queries.starts_query_in_parentheses(s):
        s.advance()
        while True:
            name, value = _option(s)
            given[name] = value
            if not s.accept_op(","):
                break
        s.expect_op(")")
    else:
        if s.accept("analyze") or s.accept("analyse"):
            given["analyze"] = True
        if s.accept("verbose"):
            given["verbose"] = True
    options = Options(**given)  # type: ignore[arg-type]  # each name has its type
    for name in ("wal", "timing"):
        if getattr(options, name) and not options.analyze:
            raise InvalidValue(f"EXPLAIN option {name.upper()} requires ANALYZE")
    at = s.at
    index = s.index
    from fivefold.languages.sql.parse.statements import statement

    node = statement(s)
    if not isinstance(node, _EXPLAINED):
        s.go_back(index)
        raise s.unexpected()
    return definitions.Explain(node, options, s.text[start:at], at)


def _option(s: Stream) -> tuple[str, bool | Format]:
    at = s.at
    name = s.label()
    name = "analyze" if name == "analyse" else name
    if name != "format" and name not in _SWITCHES:
        raise InvalidStatement(f'unrecognized EXPLAIN option "{name}"', position=at + 1)
    if s.is_op(")") or s.is_op(","):
        if name == "format":
            raise InvalidStatement(f"{name} requires a parameter")
        return name, True
    if s.kind not in ("word", "name", "string", "int"):
        raise s.unexpected()
    value = s.value.lower()
    s.advance()
    if name != "format":
        if value in _TRUE or value in _FALSE:
            return name, value in _TRUE
        raise InvalidStatement(f"{name} requires a Boolean value")
    if value in ("xml", "yaml"):
        raise Unsupported(
            f"EXPLAIN in format {value} is not supported", hint="Use FORMAT TEXT or JSON."
        )
    if value not in ("text", "json"):
        raise InvalidValue(
            f'unrecognized value for EXPLAIN option "format": "{value}"', position=at + 1
        )
    return name, Format(value)


PARSERS: dict[str, Callable[[Stream], definitions.Definition]] = {"explain": _explain}
