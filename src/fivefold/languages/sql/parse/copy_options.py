"""COPY's options: how they are spelled, which go together, and what PostgreSQL says of the rest.

Source: the PostgreSQL manual, "COPY": both the list of options and the form before version 9.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from fivefold.errors import FivefoldError, InvalidStatement, InvalidValue, Unsupported
from fivefold.languages.sql.commands import CopyOptions, Format
from fivefold.languages.sql.parse.stream import Stream
from fivefold.values.records import Record

_TRUE = ("true", "on", "1")
_FALSE = ("false", "off", "0")
_UTF8 = ("UTF8", "UNICODE")
_ENCODINGS = re.compile(
    r"EUC(CN|JIS2004|JP|KR|TW)|ISO8859([1-9]|1[03456])|LATIN([1-9]|10)|KOI8[RU]?|MULEINTERNAL"
    r"|(WIN|WINDOWS)(125[0-8]|866|874|932|936|949|950)|WIN|SQLASCII|S(HIFT)?JIS(2004)?|MSKANJI"
    r"|BIG5|GBK|GB18030|UHC|JOHAB|ALT|ABC|TCVN(5712)?|VSCII"
)
_LETTERS = "\\.abcdefghijklmnopqrstuvwxyz0123456789"

_LISTS = ("force_quote", "force_not_null", "force_null")
_KNOWN = ("format", "freeze", "delimiter", "null", "header", "quote", "escape", "encoding", *_LISTS)
_STAR = ("*",)


class Given(Record):
    """One option as it was written; ``value``: a text, names, or None for none."""

    name: str
    value: str | tuple[str, ...] | None
    at: int


def options(s: Stream, *, binary: bool, incoming: bool) -> CopyOptions:
    """Parse what follows STDIN or STDOUT; raises what COPY refuses."""
    given = [Given("format", "binary", s.at)] if binary else []
    if s.accept("using"):
        if not s.is_word("delimiters"):
            raise s.unexpected()
        _old_option(s, given)
    elif s.is_word("delimiters"):
        _old_option(s, given)
    s.accept("with")
    if s.accept_op("("):
        given.append(_option(s))
        while s.accept_op(","):
            given.append(_option(s))
        s.expect_op(")")
    else:
        while s.kind == "word" and s.value != "where":
            _old_option(s, given)
    return _checked(given, incoming=incoming)


def _option(s: Stream) -> Given:
    at = s.at
    name = s.label()
    if s.is_op(")") or s.is_op(","):
        return Given(name, None, at)
    if s.accept_op("*"):
        return Given(name, _STAR, at)
    if s.is_op("("):
        return Given(name, tuple(column for column, _ in s.names()), at)
    if s.kind not in ("word", "name", "string", "int"):
        raise s.unexpected()
    value = str(s.value)
    s.advance()
    return Given(name, value, at)


def _old_option(s: Stream, given: list[Given]) -> None:
    word, at = s.value, s.at
    if word in ("binary", "csv"):
        s.advance()
        given.append(Given("format", word, at))
    elif word in ("header", "freeze"):
        s.advance()
        given.append(Given(word, None, at))
    elif word in ("delimiter", "delimiters", "null", "quote", "escape", "encoding"):
        s.advance()
        s.accept("as")
        given.append(Given(word.removesuffix("s"), s.string(), at))
    elif word == "force":
        s.advance()
        name = "force_quote"
        if s.accept("not", "null"):
            name = "force_not_null"
        elif s.accept("null"):
            name = "force_null"
        else:
            s.expect("quote")
        columns: tuple[str, ...] = _STAR
        if not (name == "force_quote" and s.accept_op("*")):
            columns = (s.name(),)
            while s.accept_op(","):
                columns = (*columns, s.name())
        given.append(Given(name, columns, at))
    else:
        raise s.unexpected()


def _checked(given: list[Given], *, incoming: bool) -> CopyOptions:
    found: dict[str, Any] = {}
    for one in given:
        if one.name not in _KNOWN:
            raise InvalidStatement(f'option "{one.name}" not recognized', position=one.at + 1)
        if one.name in found:
            raise InvalidStatement("conflicting or redundant options", position=one.at + 1)
        found[one.name] = _READERS[one.name](one, incoming)
    form = found.get("format", Format.TEXT)
    csv = form is Format.CSV
    null = found.get("null", "" if csv else "\\N")
    quote = found.get("quote", '"')
    made = CopyOptions(
        form,
        found.get("delimiter", "," if csv else "\t"),
        null,
        bool(found.get("header", False)),
        found.get("header") == "match",
        quote,
        found.get("escape", quote),
        found.get("force_quote", ()),
        found.get("force_not_null", ()),
        found.get("force_null", ()),
        found.get("freeze", False),
    )
    for wrong, error in _rules(made, found, incoming):
        if wrong:
            raise error
    return made


def _rules(
    made: CopyOptions, given: dict[str, Any], incoming: bool
) -> list[tuple[bool, FivefoldError]]:
    """Return what may be wrong with the options together, in PostgreSQL's order."""
    csv, binary = made.format is Format.CSV, made.format is Format.BINARY
    delimiter, null = made.delimiter, made.null
    rules: list[tuple[bool, FivefoldError]] = [
        (
            binary and name in given,
            InvalidStatement(f"cannot specify {name.upper()} in BINARY mode"),
        )
        for name in ("delimiter", "null")
    ]
    rules += [
        (
            len(delimiter.encode()) != 1,
            Unsupported("COPY delimiter must be a single one-byte character"),
        ),
        (
            delimiter in "\r\n",
            InvalidValue("COPY delimiter cannot be newline or carriage return"),
        ),
        (
            "\r" in null or "\n" in null,
            InvalidValue("COPY null representation cannot use newline or carriage return"),
        ),
        (
            not csv and delimiter in _LETTERS,
            InvalidValue(f'COPY delimiter cannot be "{delimiter}"'),
        ),
        (binary and made.header, Unsupported("cannot specify HEADER in BINARY mode")),
        *_only_csv("quote", made.quote, "quote" in given, csv),
        (
            csv and delimiter == made.quote,
            InvalidValue("COPY delimiter and quote must be different"),
        ),
        *_only_csv("escape", made.escape, "escape" in given, csv),
    ]
    for name in _LISTS:
        words = name.replace("_", " ")
        way = "TO" if name == "force_quote" else "FROM"
        chosen = name in given
        rules += [
            (chosen and not csv, Unsupported(f"COPY {words} available only in CSV mode")),
            (
                chosen and incoming != (way == "FROM"),
                Unsupported(f"COPY {words} only available using COPY {way}"),
            ),
        ]
    rules += [
        (
            not binary and delimiter in null,
            Unsupported("COPY delimiter must not appear in the NULL specification"),
        ),
        (
            csv and made.quote in null,
            Unsupported("CSV quote character must not appear in the NULL specification"),
        ),
    ]
    return rules


def _only_csv(
    name: str, value: str, given: bool, csv: bool
) -> tuple[tuple[bool, FivefoldError], ...]:
    return (
        (given and not csv, Unsupported(f"COPY {name} available only in CSV mode")),
        (
            csv and len(value.encode()) != 1,
            Unsupported(f"COPY {name} must be a single one-byte character"),
        ),
    )


# -- one option ---------------------------------------------------------------------------------


def _text(one: Given, incoming: bool) -> str:
    if one.value is None:
        raise InvalidStatement(f"{one.name} requires a parameter")
    return one.value if isinstance(one.value, str) else ".".join(one.value)


def _format(one: Given, incoming: bool) -> Format:
    name = _text(one, incoming)
    try:
        return Format(name)
    except ValueError:
        raise InvalidValue(f'COPY format "{name}" not recognized', position=one.at + 1) from None


def _boolean(one: Given, incoming: bool) -> bool:
    found = _truth(one)
    if found is None:
        raise InvalidStatement(f"{one.name} requires a Boolean value")
    return found


def _truth(one: Given) -> bool | None:
    if one.value is None:
        return True
    word = str(one.value).lower()
    return True if word in _TRUE else False if word in _FALSE else None


def _header(one: Given, incoming: bool) -> bool | str:
    found = _truth(one)
    if found is not None:
        return found
    if str(one.value).lower() != "match":
        raise InvalidStatement(f'{one.name} requires a Boolean value or "match"')
    if not incoming:
        raise Unsupported(f'cannot use "{one.value}" with HEADER in COPY TO')
    return "match"


def _list(one: Given, incoming: bool) -> tuple[str, ...]:
    if not isinstance(one.value, tuple) or (one.value == _STAR and one.name != "force_quote"):
        raise InvalidValue(
            f'argument to option "{one.name}" must be a list of column names', position=one.at + 1
        )
    return one.value


def _encoding(one: Given, incoming: bool) -> str:
    name = _text(one, incoming)
    plain = "".join(letter for letter in name.upper() if letter.isalnum())
    if plain in _UTF8:
        return name
    if not _ENCODINGS.fullmatch(plain):
        raise InvalidValue(
            'argument to option "encoding" must be a valid encoding name', position=one.at + 1
        )
    raise Unsupported(
        f'COPY in the encoding "{name}" is not supported', hint="Use ENCODING 'UTF8'."
    )


_READERS: dict[str, Callable[[Given, bool], Any]] = {
    "format": _format,
    "freeze": _boolean,
    "header": _header,
    "encoding": _encoding,
    **dict.fromkeys(("delimiter", "null", "quote", "escape"), _text),
    **dict.fromkeys(_LISTS, _list),
}
