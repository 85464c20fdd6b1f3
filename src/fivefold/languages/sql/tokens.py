"""Cuts SQL text into tokens, as PostgreSQL's scanner does.

Source: the PostgreSQL manual, "Lexical Structure" (4.1), and "String Constants with C-style
Escapes" there for ``E'…'``. A token is a tuple (kind, value, start, end): ``start`` and ``end``
count
characters from 0. Kinds: ``word`` (an unquoted name or keyword, in lower case), ``name`` (quoted),
``string``, ``int``, ``number``, ``bits``, ``parameter``, ``op``, ``end``. Punctuation is an ``op``.
"""

from __future__ import annotations

import re

from fivefold.errors import InvalidStatement, InvalidValue
from fivefold.values.strings import unescaped

Token = tuple[str, str, int, int]

NAME_BYTES_MAX = 63  # PostgreSQL's NAMEDATALEN - 1; longer names are cut

# What a name is made of, [A-Za-z_\x80-\U0010ffff] and so on, is said by what it is not: a set that
# reaches so far takes Python 2 ms to compile.
_TOKEN = re.compile(
    r"""(?P<space>(?:\s+|--[^\n\r]*)+)
    |(?P<comment>/\*)
    |(?P<escape>[eE]'(?:[^'\\]|\\.|'')*'(?:\s*\n\s*'(?:[^'\\]|\\.|'')*')*)
    |(?P<bits>[bBxX]'[^']*')
    |(?P<unicode>[uU]&(?:'(?P<body>(?:[^']|'')*)'|"(?P<named>(?:[^"]|"")*)")
        (?:\s*(?i:uescape)\s*'(?P<sign>[^'])')?)
    |(?P<word>[^\x00-@\[-^`{-\x7f][^\x00-#%-/:-@\[-^`{-\x7f]*)
    |(?P<number>(?:\d+\.\d+|\d+\.(?!\.)|\.\d+|\d+(?=[eE][+-]?\d))(?:[eE][+-]?\d+)?)
    |(?P<int>\d+)
    |(?P<string>'(?:[^']|'')*'(?:\s*\n\s*'(?:[^']|'')*')*)
    |(?P<name>"(?:[^"]|"")*")
    |(?P<parameter>\$\d+)
    |(?P<dollar>\$(?P<tag>(?:[^\x00-@\[-^`{-\x7f][^\x00-/:-@\[-^`{-\x7f]*)?)\$.*?\$(?P=tag)\$)
    |(?P<mark>::|:=|\.\.|[()\[\],;:.])
    |(?P<op>[-+*/<>=~!@\#%^&|`?]+)
    """,
    re.VERBOSE | re.DOTALL,
)
_JUNK = re.compile(r"[^\x00-@\[-^`{-\x7f][^\x00-#%-/:-@\[-^`{-\x7f]*")
_CONTINUED = re.compile(r"'\s*\n\s*'")
_SYMBOLIC = frozenset("~!@#%^&|`?")
_ALIASES = {"!=": "<>"}
_NO_SIGN = frozenset("0123456789abcdefABCDEF+'\" \t\n\r\f")  # no escape characters of U&
_ESCAPE = re.compile(
    r"\\([0-7]{1,3}|x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL
)
_SIMPLE_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def tokenize(text: str) -> list[Token]:
    """Return the tokens of ``text``, an ``end`` token last.

    Raises InvalidStatement (syntax_error) for what is left open or no token at all.
    """
    tokens: list[Token] = []
    append = tokens.append
    match = _TOKEN.match
    at, size = 0, len(text)
    while at < size:
        found = match(text, at)
        if found is None:
            raise _bad_start(text, at)
        kind, end = found.lastgroup, found.end()
        assert kind is not None
        if kind == "space":
            pass
        elif kind == "word":
            append(("word", cut(found[0].lower()), at, end))
        elif kind == "int" or kind == "number":
            junk = _JUNK.match(text, end)
            if junk is not None:
                raise InvalidStatement(
                    f'trailing junk after numeric literal at or near "{text[at : junk.end()]}"',
                    position=at + 1,
                )
            append((kind, found[0], at, end))
        elif kind == "mark":
            append(("op", found[0], at, end))
        elif kind == "op":
            value = operator(found[0])
            if value == "":
                kind = "comment"
            else:
                end = at + len(value)
                append(("op", _ALIASES.get(value, value), at, end))
        elif kind == "parameter":
            junk = _JUNK.match(text, end)
            if junk is not None:
                raise InvalidStatement(
                    f'trailing junk after parameter at or near "{text[at : junk.end()]}"',
                    position=at + 1,
                )
            append((kind, found[0][1:], at, end))
        elif kind == "name":
            value = found[0][1:-1].replace('""', '"')
            if not value:
                raise InvalidStatement(
                    'zero-length delimited identifier at or near """"', position=at + 1
                )
            append((kind, cut(value), at, end))
        elif kind != "comment":
            append((*string_value(kind, found, at), at, end))
        if kind == "comment":
            end = comment_end(text, at)
        at = end
    append(("end", "", size, size))
    return tokens


def operator(found: str) -> str:
    """Return how much of a run of operator characters is one operator; '' if a comment starts."""
    for opening in ("/*", "--"):
        start = found.find(opening)
        if start >= 0:
            found = found[:start]
    if len(found) > 1 and found[-1] in "+-" and not _SYMBOLIC.intersection(found):
        stripped = found.rstrip("+-")
        found = stripped or found[0]
    return found


def comment_end(text: str, at: int) -> int:
    """Return the offset after the (nesting) block comment that starts at ``at``."""
    depth = 0
    for mark in re.finditer(r"/\*|\*/", text[at:]):
        depth += 1 if mark[0] == "/*" else -1
        if depth == 0:
            return at + mark.end()
    raise InvalidStatement(
        f'unterminated /* comment at or near "{text[at:]}"', "syntax_error", position=at + 1
    )


def string_value(kind: str, found: re.Match[str], at: int) -> tuple[str, str]:
    """Return (token kind, value) of a string-like token."""
    text = found[0]
    if kind == "string":
        if "\n" in text:
            text = _CONTINUED.sub("", text)
        return "string", text[1:-1].replace("''", "'")
    if kind == "dollar":
        fence = len(found["tag"]) + 2
        return "string", text[fence:-fence]
    if kind == "escape":
        return "string", unescape(_CONTINUED.sub("", text)[2:-1].replace("''", "'"), at)
    if kind == "bits":
        return "bits", text
    sign = found["sign"] or "\\"
    if sign in _NO_SIGN:
        raise InvalidStatement(
            f"invalid Unicode escape character at or near \"'{sign}'\"",
            position=found.start("sign"),
        )
    try:
        if found["body"] is not None:
            return "string", unescaped(found["body"].replace("''", "'"), sign, long=False)
        return "name", cut(unescaped(found["named"].replace('""', '"'), sign, long=False))
    except InvalidValue as error:
        error.position = at + 1
        raise


def unescape(body: str, at: int) -> str:
    """Return the body of an ``E'…'`` string with its escapes replaced."""

    def replace(found: re.Match[str]) -> str:
        escape = found[1]
        if escape[0] in "01234567":
            return _byte(int(escape, 8) & 0xFF)
        if escape[0] == "x" and len(escape) > 1:
            return _byte(int(escape[1:], 16))
        if escape[0] in "uU" and len(escape) > 1:
            code = int(escape[1:], 16)
            if not 0 < code <= 0x10FFFF or 0xD800 <= code < 0xE000:
                raise InvalidStatement("invalid Unicode escape value", position=at + 1)
            return chr(code)
        if escape in ("u", "U"):
            raise InvalidValue("invalid Unicode escape", "invalid_escape_sequence", position=at + 1)
        return _SIMPLE_ESCAPES.get(escape, escape)

    value = _ESCAPE.sub(replace, body)
    if value.isascii():
        return value
    data = value.encode(errors="surrogateescape")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        lead = data[error.start]
        size = 2 if 0xC0 <= lead < 0xE0 else 3 if 0xE0 <= lead < 0xF0 else 4
        raise _bad_bytes(data[error.start :][: size if 0xC0 <= lead < 0xF8 else 1]) from None


def _byte(code: int) -> str:
    """Return the character of an escaped byte; one of a longer character's as a surrogate."""
    if code == 0:
        raise _bad_bytes(b"\0")
    return chr(code if code < 0x80 else 0xDC00 + code)


def _bad_bytes(data: bytes) -> InvalidValue:
    shown = " ".join(f"0x{byte:02x}" for byte in data)
    return InvalidValue(
        f'invalid byte sequence for encoding "UTF8": {shown}', "character_not_in_repertoire"
    )


def cut(name: str) -> str:
    """Return ``name`` cut to the length that PostgreSQL keeps, in bytes of UTF-8."""
    if len(name) <= NAME_BYTES_MAX // 4:
        return name
    data = name.encode()
    return name if len(data) <= NAME_BYTES_MAX else data[:NAME_BYTES_MAX].decode(errors="ignore")


def _bad_start(text: str, at: int) -> InvalidStatement:
    rest = text[at:]
    if rest[0] == "'" or rest[:2].lower() == "e'":
        return InvalidStatement(f'unterminated quoted string at or near "{rest}"', position=at + 1)
    if rest[0] == '"':
        return InvalidStatement(
            f'unterminated quoted identifier at or near "{rest}"', position=at + 1
        )
    if rest[0] == "$" and re.match(r"\$\w*\$", rest):
        return InvalidStatement(
            f'unterminated dollar-quoted string at or near "{rest}"', position=at + 1
        )
    return InvalidStatement(f'syntax error at or near "{rest[0]}"', position=at + 1)
