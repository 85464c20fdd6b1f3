"""Parses COPY.

Source: the PostgreSQL manual, "COPY": both the list of options and the form before version 9.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import fivefold.languages.sql.parse.changes as changes
import fivefold.languages.sql.parse.queries as queries
from fivefold.errors import InvalidStatement, InvalidValue, Unsupported
from fivefold.languages.sql import definitions, tree
from fivefold.languages.sql.commands import CopyOptions, Format
from fivefold.languages.sql.parse.stream import Stream

_TRUE = ("true", "on", "1")
_FALSE = ("false", "off", "0")


def _copy(s: Stream) -> definitions.Copy:
    at = s.at
    s.advance()
    binary = s.accept("binary")
    table: tuple[str, ...] = ()
    columns = None
    query: tree.Query | tree.Insert | tree.Update | tree.Delete | None = None
    if s.accept_op("("):
        query = _inner(s)
        s.expect_op(")")
    else:
        table = s.qualified()
        if s.is_op("("):
            columns = s.names()
    if s.accept("from"):
        incoming = True
        if query is not None:
            raise s.unexpected()
    else:
        s.expect("to")
        incoming = False
    if s.kind == "string" or s.is_word("program"):
        raise Unsupported(
            "COPY with a file or program of the server is not supported",
            hint="Use COPY with STDIN or STDOUT.",
            position=s.at + 1,
        )
    if not s.is_word("stdin", "stdout"):
        raise s.unexpected()
    s.advance()
    given = _options(s)
    if binary:
        given["format"] = "binary"
    if s.is_word("where"):
        raise s.unsupported("COPY … WHERE")
    return definitions.Copy(table, columns, query, incoming, _checked(given, incoming), at)


def _inner(s: Stream) -> tree.Query | tree.Insert | tree.Update | tree.Delete:
    if s.is_word("insert", "update", "delete"):
        return changes.change(s)
    return queries.query(s)


def _options(s: Stream) -> dict[str, Any]:
    given: dict[str, Any] = {}
    s.accept("with")
    if s.accept_op("("):
        while True:
            name, at = s.label(), s.at
            if name in given:
                raise InvalidStatement("conflicting or redundant options", position=at + 1)
            given[name] = _value(s, name)
            if not s.accept_op(","):
                break
        s.expect_op(")")
        return given
    while s.kind == "word":
        _old_option(s, given)
    return given


def _value(s: Stream, name: str) -> Any:
    if s.is_op(")") or s.is_op(","):
        return True
    if s.is_op("*"):
        s.advance()
        return ("*",)
    if s.is_op("("):
        return tuple(column for column, _ in s.names())
    value = s.value
    if s.kind not in ("word", "name", "string", "int"):
        raise s.unexpected()
    s.advance()
    return value


def _old_option(s: Stream, given: dict[str, Any]) -> None:
    word = s.value
    if word in ("binary", "csv"):
        s.advance()
        given["format"] = word
    elif word in ("header", "freeze"):
        s.advance()
        given[word] = True
    elif word in ("delimiter", "delimiters", "null", "quote", "escape", "encoding"):
        s.advance()
        s.accept("as")
        given[word.removesuffix("s")] = s.string()
    elif word == "force":
        s.advance()
        name = "force_quote"
        if s.accept("not", "null"):
            name = "force_not_null"
        elif s.accept("null"):
            name = "force_null"
        else:
            s.expect("quote")
        if s.accept_op("*"):
            given[name] = ("*",)
        else:
            names = [s.name()]
            while s.accept_op(","):
                names.append(s.name())
            given[name] = tuple(names)
    else:
        raise s.unexpected()


def _boolean(name: str, value: Any) -> bool:
    if value is True or str(value).lower() in _TRUE:
        return True
    if str(value).lower() in _FALSE:
        return False
    raise InvalidStatement(f"{name} requires a Boolean value")


def _check_encoding(name: str) -> None:
    if name.upper().replace("-", "").replace("_", "") not in ("UTF8", "UNICODE"):
        raise Unsupported(
            f'COPY in the encoding "{name}" is not supported', hint="Use ENCODING 'UTF8'."
        )


def _checked(given: dict[str, Any], incoming: bool) -> CopyOptions:
    """Return the options; raises InvalidStatement or InvalidValue for what COPY refuses."""
    name = str(given.pop("format", "text")).lower()
    if name == "binary":
        raise Unsupported("COPY in binary format is not supported; use text or csv")
    if name not in ("text", "csv"):
        raise InvalidValue(f'COPY format "{name}" not recognized')
    csv = name == "csv"
    delimiter = str(given.pop("delimiter", "," if csv else "\t"))
    null = str(given.pop("null", "" if csv else "\\N"))
    header = given.pop("header", False)
    match = str(header).lower() == "match"
    quote = given.pop("quote", None)
    escape = given.pop("escape", None)
    force = {key: given.pop(key, ()) for key in ("force_quote", "force_not_null", "force_null")}
    given.pop("freeze", None)
    encoding = given.pop("encoding", None)
    if encoding is not None:
        _check_encoding(str(encoding))
    if given:
        raise InvalidStatement(f'option "{next(iter(given))}" not recognized')
    if len(delimiter.encode()) != 1:
        raise Unsupported("COPY delimiter must be a single one-byte character")
    if delimiter in "\r\n":
        raise InvalidValue("COPY delimiter cannot be newline or carriage return")
    if "\r" in null or "\n" in null:
        raise InvalidValue("COPY null representation cannot use newline or carriage return")
    if not csv and delimiter in "\\.abcdefghijklmnopqrstuvwxyz0123456789":
        raise InvalidValue(f'COPY delimiter cannot be "{delimiter}"')
    for option, value in (("quote", quote), ("escape", escape)):
        if value is not None and not csv:
            raise Unsupported(f"COPY {option} available only in CSV mode")
        if value is not None and len(str(value).encode()) != 1:
            raise Unsupported(f"COPY {option} must be a single one-byte character")
    for key, value in force.items():
        words = key.replace("_", " ")
        if value and not csv:
            raise Unsupported(f"COPY {words} available only in CSV mode")
        if value and incoming == (key == "force_quote"):
            raise Unsupported(
                f"COPY {words} only available using COPY {'TO' if incoming else 'FROM'}"
            )
    quote = quote or '"'
    if csv and delimiter == quote:
        raise InvalidValue("COPY delimiter and quote must be different")
    if delimiter in null:
        raise Unsupported("COPY delimiter must not appear in the NULL specification")
    if csv and quote in null:
        raise Unsupported("CSV quote character must not appear in the NULL specification")
    return CopyOptions(
        Format(name),
        delimiter,
        null,
        match or _boolean("header", header),
        match,
        quote,
        escape or quote,
        tuple(force["force_quote"]),
        tuple(force["force_not_null"]),
        tuple(force["force_null"]),
        encoding,
    )


PARSERS: dict[str, Callable[[Stream], definitions.Definition]] = {
    "copy": _copy,
}
