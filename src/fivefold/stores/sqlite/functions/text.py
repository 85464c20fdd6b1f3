"""Functions of texts. Positions and lengths count characters, of bytea bytes."""

from __future__ import annotations

import re
from typing import Literal

from fivefold.errors import InvalidValue, Limit
from fivefold.stores.sqlite.functions.table import Entry, stricts
from fivefold.values.arrays import pack
from fivefold.values.strings import unescaped
from fivefold.values.types import INTEGER_RANGE, TEXT, Kind, Stored

TEXT_BYTES_MAX = 1_073_741_823


def lower(text: str) -> str:
    """Lower case, a character for a character."""
    if text.isascii():
        return text.lower()
    return "".join([one.lower() if len(one.lower()) == 1 else one for one in text])


def upper(text: str) -> str:
    """Upper case, a character for a character."""
    if text.isascii():
        return text.upper()
    return "".join([one.upper() if len(one.upper()) == 1 else one for one in text])


def initcap(text: str) -> str:
    """Upper case for the first character of each word, lower for the others."""
    parts, inside = [], False
    for character in text:
        parts.append(lower(character) if inside else upper(character))
        inside = character.isalnum()
    return "".join(parts)


def part(text: str | bytes, start: int, length: int | None = None) -> str | bytes:
    """Return the characters from ``start``, counted from 1; positions before 1 count too."""
    if length is None:
        return text[max(start - 1, 0) :]
    if length < 0:
        raise InvalidValue("negative substring length not allowed", "substring_error")
    return text[max(start - 1, 0) : max(start - 1 + length, 0)]


def left(text: str, count: int) -> str:
    """Return the first characters; a negative count leaves so many off at the end."""
    return text[:count]


def right(text: str, count: int) -> str:
    """Return the last characters; a negative count leaves so many off at the start."""
    if count >= 0:
        return text[max(len(text) - count, 0) :]
    return text if count == -(2**31) else text[-count:]


def _check_sum(start: int, size: int) -> None:
    if not INTEGER_RANGE[Kind.INT4][0] <= start + size <= INTEGER_RANGE[Kind.INT4][1]:
        raise InvalidValue("integer out of range", "numeric_value_out_of_range")


def overlay(text: str, other: str, start: int, length: int | None = None) -> str:
    """Replace a part of a text."""
    if start <= 0:
        raise InvalidValue("negative substring length not allowed", "substring_error")
    size = len(other) if length is None else length
    _check_sum(start, size)
    return text[: start - 1] + other + text[max(start - 1 + size, 0) :]


def overlay_bytes(value: bytes, other: bytes, start: int, length: int | None = None) -> bytes:
    """Replace a part of bytes."""
    if start <= 0:
        raise InvalidValue("negative substring length not allowed", "substring_error")
    size = len(other) if length is None else length
    _check_sum(start, size)
    return value[: start - 1] + other + value[max(start - 1 + size, 0) :]


def _fill(count: int, fill: str) -> str:
    return (fill * (count // len(fill) + 1))[:count]


def lpad(text: str, length: int, fill: str = " ") -> str:
    """Fill up at the left; longer texts are cut at the right."""
    _check_size(length)
    missing = length - len(text)
    if missing <= 0 or not fill:
        return text[: max(length, 0)]
    return _fill(missing, fill) + text


def rpad(text: str, length: int, fill: str = " ") -> str:
    """Fill up at the right; longer texts are cut."""
    _check_size(length)
    missing = length - len(text)
    if missing <= 0 or not fill:
        return text[: max(length, 0)]
    return text + _fill(missing, fill)


def _check_size(count: int) -> None:
    if count > TEXT_BYTES_MAX:
        raise Limit("requested length too large", "program_limit_exceeded")


def repeat(text: str, count: int) -> str:
    """Return a text so many times."""
    _check_size(len(text) * max(count, 0))
    return text * count


def reverse(text: str) -> str:
    """Turn a text round."""
    return text[::-1]


def split_part(text: str, delimiter: str, number: int) -> str:
    """Return one field, counted from 1 or, negative, from the end."""
    if number == 0:
        raise InvalidValue("field position must not be zero", "invalid_parameter_value")
    fields = text.split(delimiter) if delimiter else [text]
    at = number - 1 if number > 0 else len(fields) + number
    return fields[at] if 0 <= at < len(fields) else ""


def translate(text: str, source: str, target: str) -> str:
    """Replace characters by those at the same place; those without one go."""
    table: dict[int, str | None] = {}
    for at, character in enumerate(source):
        table.setdefault(ord(character), target[at] if at < len(target) else None)
    return text.translate(table)


def starts_with(text: str, prefix: str) -> int:
    """Say whether a text begins so."""
    return int(text.startswith(prefix))


def ascii_code(text: str) -> int:
    """Return the first character's code point."""
    return ord(text[0]) if text else 0


def character(code: int) -> str:
    """Return the character of a code point."""
    if code == 0:
        raise Limit("null character not permitted", "program_limit_exceeded")
    if code < 0:
        raise InvalidValue("character number must be positive", "invalid_parameter_value")
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        fault = "too large" if code > 0x10FFFF else "not valid"
        raise Limit(f"requested character {fault} for encoding: {code}", "program_limit_exceeded")
    return chr(code)


def to_hex_int4(value: int) -> str:
    """Write 32 bits."""
    return f"{value & 0xFFFFFFFF:x}"


def to_hex_int8(value: int) -> str:
    """Write 64 bits."""
    return f"{value & 0xFFFFFFFFFFFFFFFF:x}"


_PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_]*\Z", re.ASCII)
_RESERVED_WORDS = """
all analyse analyze and any array as asc asymmetric authorization between bigint binary bit
boolean both case cast char character check coalesce collate collation column concurrently
constraint create cross current_catalog current_date current_role current_schema current_time
current_timestamp current_user dec decimal default deferrable desc distinct do else end except
exists extract false fetch float for foreign freeze from full grant greatest group grouping
having ilike in initially inner inout int integer intersect interval into is isnull join lateral
leading least left like limit localtime localtimestamp national natural nchar none normalize not
notnull null nullif numeric offset on only or order out outer overlaps overlay placing position
precision primary real references returning right row select session_user setof similar smallint
some substring symmetric table tablesample then time timestamp to trailing treat trim true union
unique user using values varchar variadic verbose when where window with xmlattributes xmlconcat
xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable
"""
_RESERVED = frozenset(_RESERVED_WORDS.split())


def quote_ident(text: str) -> str:
    """Quote a name if it needs it."""
    if _PLAIN_NAME.match(text) and text not in _RESERVED:
        return text
    return '"' + text.replace('"', '""') + '"'


def quote_literal(text: str) -> str:
    """Write a text as a literal."""
    quoted = "'" + text.replace("'", "''").replace("\\", "\\\\") + "'"
    return f"E{quoted}" if "\\" in text else quoted


def quote_nullable(text: str | None) -> str:
    """Write a text, or NULL, as a literal."""
    return "NULL" if text is None else quote_literal(text)


_SPECIFIER = re.compile(r"%(?:(\d+)\$)?(-)?(\d+|\*(?:\d+\$)?)?(.)", re.DOTALL)


def format_text(pattern: str | None, *arguments: str | None) -> str | None:
    """Fill a format: %s, %I, %L with positions and widths."""
    if pattern is None:
        return None
    parts, at, following = [], 0, 0
    while at < len(pattern):
        mark = pattern.find("%", at)
        if mark < 0:
            break
        parts.append(pattern[at:mark])
        found = _SPECIFIER.match(pattern, mark)
        if found is None:
            raise InvalidValue("unterminated format() type specifier", "invalid_parameter_value",
                               hint='For a single "%" use "%%".')  # fmt: skip
        at = found.end()
        position, minus, width, letter = found.groups()
        if letter == "%":
            parts.append("%")
            continue
        if letter == "$":
            raise InvalidValue("unterminated format() type specifier", "invalid_parameter_value",
                               hint='For a single "%" use "%%".')  # fmt: skip
        if letter not in "sIL":
            raise InvalidValue(
                f'unrecognized format() type specifier "{letter}"', "invalid_parameter_value",
                hint='For a single "%" use "%%".',
            )  # fmt: skip
        if width is not None and width.startswith("*"):
            following = int(width[1:-1]) if len(width) > 1 else following + 1
            width = _argument(arguments, following) or "0"
            minus = minus or ("-" if int(width) < 0 else None)
            width = str(abs(int(width)))
        if position == "0":
            raise InvalidValue(
                "format specifies argument 0, but arguments are numbered from 1",
                "invalid_parameter_value",
            )
        following = int(position) if position else following + 1
        text = _shown(letter, _argument(arguments, following))
        size = int(width or 0)
        parts.append(text.ljust(size) if minus else text.rjust(size))
    parts.append(pattern[at:])
    return "".join(parts)


def _argument(arguments: tuple[str | None, ...], number: int) -> str | None:
    if number > len(arguments):
        raise InvalidValue("too few arguments for format()", "invalid_parameter_value")
    return arguments[number - 1]


def _shown(letter: str, value: str | None) -> str:
    if letter == "L":
        return quote_nullable(value)
    if letter == "I":
        if value is None:
            raise InvalidValue(
                "null values cannot be formatted as an SQL identifier", "null_value_not_allowed"
            )
        return quote_ident(value)
    return value or ""


def string_to_array(text: str | None, delimiter: str | None, null: str | None = None) -> str | None:
    """Cut a text at a delimiter; without one, into characters."""
    if text is None:
        return None
    if not text:
        return "[]"
    fields = list(text) if delimiter is None else text.split(delimiter) if delimiter else [text]
    return pack(TEXT, [None if one == null else one for one in fields])


def unistr(text: str) -> str:
    r"""Replace escapes of Unicode (``\XXXX``, ``\+XXXXXX``, ``\uXXXX``, ``\UXXXXXXXX``)."""
    return unescaped(text, "\\")


def normalize(text: str, form: str = "NFC") -> str:
    """Bring a text into a normal form of Unicode."""
    import unicodedata

    return unicodedata.normalize(_form(form), text)


def is_normalized(text: str, form: str = "NFC") -> int:
    """Say whether a text is in a normal form of Unicode."""
    import unicodedata

    return int(unicodedata.is_normalized(_form(form), text))


def _form(name: str) -> Literal["NFC", "NFD", "NFKC", "NFKD"]:
    match name.upper():
        case "NFC" | "NFD" | "NFKC" | "NFKD" as found:
            return found
    raise InvalidValue(f"invalid normalization form: {name}", "invalid_parameter_value")


def parse_ident(text: str, strict: int = 1) -> str:
    """Cut a qualified name into its parts, as SQL reads them."""
    parts: list[Stored] = []
    at = 0

    def wrong(detail: str | None) -> InvalidValue:
        return InvalidValue(
            f'string is not a valid identifier: "{text}"', "invalid_parameter_value", detail=detail
        )

    while True:
        at += len(text) - at - len(text[at:].lstrip())
        found = _NAME_PART.match(text, at)
        if found is None:
            if text[at : at + 1] == '"':
                raise wrong("String has unclosed double quotes.")
            if text[at : at + 1] == ".":
                raise wrong('No valid identifier before ".".')
            raise wrong('No valid identifier after ".".' if parts else None)
        if found[0] == '""':
            raise wrong("Quoted identifier must not be empty.")
        quoted = found[0].startswith('"')
        parts.append(found[0][1:-1].replace('""', '"') if quoted else found[0].lower())
        at = found.end()
        at += len(text) - at - len(text[at:].lstrip())
        if text[at : at + 1] == ".":
            at += 1
        elif at == len(text) or not strict:
            return pack(TEXT, parts)
        else:
            raise wrong(None)


_NAME_PART = re.compile(r'"(?:[^"]|"")*"|[A-Za-z_\x80-\U0010ffff][\w$\x80-\U0010ffff]*')


FUNCTIONS: tuple[Entry, ...] = (
    *stricts(
        ("ff_lower", lower),
        ("ff_upper", upper),
        ("ff_initcap", initcap),
        ("ff_substr", part),
        ("ff_substring_text_int4", part),
        ("ff_substring_bytea", part),
        ("ff_left", left),
        ("ff_right", right),
        ("ff_overlay", overlay),
        ("ff_lpad", lpad),
        ("ff_rpad", rpad),
        ("ff_repeat", repeat),
        ("ff_reverse", reverse),
        ("ff_split_part", split_part),
        ("ff_translate", translate),
        ("ff_starts_with", starts_with),
        ("ff_ascii", ascii_code),
        ("ff_chr", character),
        ("ff_to_hex_int4", to_hex_int4),
        ("ff_to_hex_int8", to_hex_int8),
        ("ff_unistr", unistr),
        ("ff_normalize", normalize),
        ("ff_is_normalized", is_normalized),
        ("ff_parse_ident", parse_ident),
        ("ff_overlay_bytea", overlay_bytes),
        ("ff_quote_ident", quote_ident),
        ("ff_quote_literal", quote_literal),
    ),
    Entry("ff_quote_nullable", 1, quote_nullable),
    Entry("ff_format", -1, format_text),
    Entry("ff_string_to_array", -1, string_to_array),
    Entry("ff_string_to_table", -1, string_to_array),
)
