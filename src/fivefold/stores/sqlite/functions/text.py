"""Functions of texts and bytes. Positions and lengths count characters, of bytea bytes.

hashlib and base64 are imported where they are used: opening a file has no time for them.
"""

from __future__ import annotations

import re

from fivefold.errors import InvalidValue, Limit
from fivefold.stores.sqlite.functions import regex
from fivefold.stores.sqlite.functions.table import Entry, strict, stricts
from fivefold.values.arrays import pack
from fivefold.values.strings import parse_bytea
from fivefold.values.types import TEXT

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


def part_matching(text: str, pattern: str) -> str | None:
    """Return what a regular expression matches: its first group, if it has one."""
    found = regex.compiled(pattern).search(text)
    if found is None:
        return None
    return found[1] if found.re.groups else found[0]


def part_similar(text: str, pattern: str, escape: str) -> str | None:
    """Return the part between two ``escape"`` marks of a SIMILAR TO pattern."""
    pieces = pattern.split(f'{escape}"')
    if len(pieces) != 3:
        found = regex.similar(pattern, escape).match(text)
        return None if found is None else found[0]
    bodies = [regex.similar(piece, escape).pattern.removesuffix(r"\Z") for piece in pieces]
    found = re.compile(f"{bodies[0]}?({bodies[1]}){bodies[2]}\\Z", re.DOTALL).match(text)
    return None if found is None else found[1]


def left(text: str, count: int) -> str:
    """Return the first characters; a negative count leaves so many off at the end."""
    return text[:count]


def right(text: str, count: int) -> str:
    """Return the last characters; a negative count leaves so many off at the start."""
    return text[max(len(text) - count, 0) :] if count >= 0 else text[-count:]


def overlay(text: str, other: str, start: int, length: int | None = None) -> str:
    """Replace a part of a text."""
    if start <= 0:
        raise InvalidValue("negative substring length not allowed", "substring_error")
    size = len(other) if length is None else length
    return text[: start - 1] + other + text[max(start - 1 + size, 0) :]


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
    if code < 0 or code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise Limit(
            "character number must be positive"
            if code < 0
            else f"requested character {'too large' if code > 0x10FFFF else 'not valid'} "
            f"for encoding: {code}",
            "program_limit_exceeded",
        )
    return chr(code)


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


def md5(value: str | bytes) -> str:
    """Return the MD5 sum in hexadecimal."""
    import hashlib

    return hashlib.md5(_bytes(value), usedforsecurity=False).hexdigest()


def encode(value: bytes, form: str) -> str:
    """Write bytes as hex, base64 or escape."""
    import base64

    match form.lower():
        case "hex":
            return value.hex()
        case "base64":
            text = base64.b64encode(value).decode()
            return "\n".join([text[at : at + 76] for at in range(0, len(text), 76)])
        case "escape":
            return "".join(
                ["\\\\" if one == 92 else chr(one) if 0 < one < 128 else f"\\{one:03o}"
                 for one in value]
            )  # fmt: skip
    raise InvalidValue(f'unrecognized encoding: "{form}"', "invalid_parameter_value")


def decode(text: str, form: str) -> bytes:
    """Read bytes written as hex, base64 or escape."""
    import base64

    try:
        match form.lower():
            case "hex":
                return bytes.fromhex("".join(text.split()))
            case "base64":
                return base64.b64decode("".join(text.split()), validate=True)
            case "escape":
                return parse_bytea(text)
    except ValueError:
        what = "hexadecimal data" if form.lower() == "hex" else "base64 sequence"
        raise InvalidValue(f"invalid {what}", "invalid_parameter_value") from None
    raise InvalidValue(f'unrecognized encoding: "{form}"', "invalid_parameter_value")


_ENCODINGS = {"utf8": "utf-8", "latin1": "latin-1", "sqlascii": "utf-8", "unicode": "utf-8"}


def _encoding(name: str) -> str:
    plain = name.lower().replace("-", "").replace("_", "")
    found = _ENCODINGS.get(plain) or {"win1252": "cp1252", "win1251": "cp1251"}.get(plain)
    if found is None:
        raise InvalidValue(f'invalid encoding name "{name}"', "invalid_parameter_value")
    return found


def convert_from(value: bytes, name: str) -> str:
    """Read a text in an encoding."""
    try:
        return value.decode(_encoding(name))
    except UnicodeDecodeError as error:
        wrong = " ".join([f"0x{one:02x}" for one in value[error.start : error.end]])
        raise InvalidValue(
            f'invalid byte sequence for encoding "{name.upper()}": {wrong}',
            "character_not_in_repertoire",
        ) from None


def convert_to(text: str, name: str) -> bytes:
    """Write a text in an encoding."""
    try:
        return text.encode(_encoding(name))
    except UnicodeEncodeError:
        raise InvalidValue(
            f'character has no equivalent in encoding "{name.upper()}"', "untranslatable_character"
        ) from None


def _check_index(value: bytes, at: int) -> None:
    if not 0 <= at < len(value):
        raise InvalidValue(
            f"index {at} out of valid range, 0..{len(value) - 1}", "array_subscript_error"
        )


def get_byte(value: bytes, at: int) -> int:
    """Return one byte, counted from 0."""
    _check_index(value, at)
    return value[at]


def set_byte(value: bytes, at: int, new: int) -> bytes:
    """Replace one byte, counted from 0."""
    _check_index(value, at)
    return value[:at] + bytes([new & 255]) + value[at + 1 :]


def to_hex_int4(value: int) -> str:
    """Write 32 bits."""
    return f"{value & 0xFFFFFFFF:x}"


def to_hex_int8(value: int) -> str:
    """Write 64 bits."""
    return f"{value & 0xFFFFFFFFFFFFFFFF:x}"


_PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_$]*\Z", re.ASCII)
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


# Patterns


def like(text: str, pattern: str, escape: str = "\\") -> int:
    """Match a LIKE pattern."""
    return _matched(regex.like(pattern, escape), text)


def ilike(text: str, pattern: str, escape: str = "\\") -> int:
    """Match a LIKE pattern in any case."""
    return _matched(regex.like(pattern, escape, any_case=True), text)


def _matched(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.match(text)
    if found is not None and pattern.groups:
        raise InvalidValue(
            "LIKE pattern must not end with escape character", "invalid_escape_sequence"
        )
    return int(found is not None)


def similar(text: str, pattern: str, escape: str = "\\") -> int:
    """Match a SIMILAR TO pattern."""
    return int(regex.similar(pattern, escape).match(text) is not None)


def matches(text: str, pattern: str) -> int:
    """Match a regular expression anywhere."""
    return int(regex.compiled(pattern).search(text) is not None)


def matches_not(text: str, pattern: str) -> int:
    """Match nowhere."""
    return int(regex.compiled(pattern).search(text) is None)


def matches_any_case(text: str, pattern: str) -> int:
    """Match in any case."""
    return int(regex.compiled(pattern, "i").search(text) is not None)


def matches_not_any_case(text: str, pattern: str) -> int:
    """Match nowhere in any case."""
    return int(regex.compiled(pattern, "i").search(text) is None)


def _fill_in(parts: tuple[str | int, ...], found: re.Match[str]) -> str:
    return "".join(
        [one if isinstance(one, str) else (found[one] if one <= found.re.groups else "") or ""
         for one in parts]
    )  # fmt: skip


def regexp_replace(text: str, pattern: str, new: str, flags: str = "") -> str:
    """Replace the first match, or all with the flag g."""
    parts = regex.replacement(new)
    count = 0 if "g" in flags else 1
    return regex.compiled(pattern, flags).sub(lambda found: _fill_in(parts, found), text, count)


def _groups(found: re.Match[str]) -> str:
    return pack(TEXT, list(found.groups()) if found.re.groups else [found[0]])


def regexp_match(text: str, pattern: str, flags: str = "") -> str | None:
    """Return the groups of the first match."""
    if "g" in flags:
        raise InvalidValue(
            'regexp_match() does not support the "global" option', "invalid_parameter_value",
            hint="Use the regexp_matches function instead.",
        )  # fmt: skip
    found = regex.compiled(pattern, flags).search(text)
    return None if found is None else _groups(found)


def regexp_matches(text: str, pattern: str, flags: str = "") -> str:
    """Return the groups of every match (with the flag g) as rows."""
    found = list(regex.compiled(pattern, flags).finditer(text))
    return pack(TEXT, [_groups(one) for one in (found if "g" in flags else found[:1])])


def regexp_split(text: str, pattern: str, flags: str = "") -> str:
    """Cut a text where a regular expression matches."""
    parts, at = [], 0
    for found in regex.compiled(pattern, flags).finditer(text):
        if found.end() == found.start() and found.start() in (at, len(text)):
            continue
        parts.append(text[at : found.start()])
        at = found.end()
    return pack(TEXT, [*parts, text[at:]])


def regexp_count(text: str, pattern: str, start: int = 1, flags: str = "") -> int:
    """Count matches."""
    _check_start(start)
    return len(list(regex.compiled(pattern, flags).finditer(text, start - 1)))


def _check_start(start: int) -> None:
    if start <= 0:
        raise InvalidValue(
            f'invalid value for parameter "start": {start}', "invalid_parameter_value"
        )


def regexp_like(text: str, pattern: str, flags: str = "") -> int:
    """Say whether a regular expression matches."""
    return int(regex.compiled(pattern, flags).search(text) is not None)


def regexp_substr(text: str, pattern: str, start: int = 1) -> str | None:
    """Return the first match from a position on."""
    _check_start(start)
    found = regex.compiled(pattern).search(text, start - 1)
    return None if found is None else found[0]


def regexp_instr(text: str, pattern: str) -> int:
    """Return where the first match begins, from 1; 0 if there is none."""
    found = regex.compiled(pattern).search(text)
    return 0 if found is None else found.start() + 1


def string_to_array(text: str | None, delimiter: str | None, null: str | None = None) -> str | None:
    """Cut a text at a delimiter; without one, into characters."""
    if text is None:
        return None
    if not text:
        return "[]"
    fields = list(text) if delimiter is None else text.split(delimiter) if delimiter else [text]
    return pack(TEXT, [None if one == null else one for one in fields])


def octet_length(value: str | bytes) -> int:
    """Count bytes."""
    return len(_bytes(value))


def bit_length(value: str | bytes) -> int:
    """Count bits."""
    return len(_bytes(value)) * 8


def trim_bytes(value: bytes, what: bytes) -> bytes:
    """Take bytes off at both ends."""
    return value.strip(what)


def join_bytes(a: bytes, b: bytes) -> bytes:
    """Join bytes."""
    return a + b


def _sum(name: str) -> Entry:
    def run(value: bytes | None) -> bytes | None:
        import hashlib

        return None if value is None else hashlib.new(name, value).digest()

    return Entry(f"ff_{name}", 1, run)


FUNCTIONS: tuple[Entry, ...] = (
    *stricts(
        ("ff_lower", lower),
        ("ff_upper", upper),
        ("ff_initcap", initcap),
        ("ff_substr", part),
        ("ff_substring_text_int4", part),
        ("ff_substring_bytea", part),
        ("ff_substring", part_matching),
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
        ("ff_md5", md5),
        ("ff_encode", encode),
        ("ff_decode", decode),
        ("ff_convert_from", convert_from),
        ("ff_convert_to", convert_to),
        ("ff_get_byte", get_byte),
        ("ff_set_byte", set_byte),
        ("ff_to_hex_int4", to_hex_int4),
        ("ff_to_hex_int8", to_hex_int8),
        ("ff_quote_ident", quote_ident),
        ("ff_quote_literal", quote_literal),
        ("ff_like", like),
        ("ff_ilike", ilike),
        ("ff_similar", similar),
        ("ff_textregexeq", matches),
        ("ff_textregexne", matches_not),
        ("ff_texticregexeq", matches_any_case),
        ("ff_texticregexne", matches_not_any_case),
        ("ff_regexp_replace", regexp_replace),
        ("ff_regexp_match", regexp_match),
        ("ff_regexp_matches", regexp_matches),
        ("ff_regexp_split_to_array", regexp_split),
        ("ff_regexp_split_to_table", regexp_split),
        ("ff_regexp_count", regexp_count),
        ("ff_regexp_like", regexp_like),
        ("ff_regexp_substr", regexp_substr),
        ("ff_regexp_instr", regexp_instr),
        ("ff_octet_length", octet_length),
        ("ff_bit_length", bit_length),
        ("ff_btrim_bytea", trim_bytes),
        ("ff_byteacat", join_bytes),
    ),
    Entry("ff_substring", 3, strict(part_similar)),
    *[_sum(name) for name in ("sha224", "sha256", "sha384", "sha512")],
    Entry("ff_quote_nullable", 1, quote_nullable),
    Entry("ff_format", -1, format_text),
    Entry("ff_string_to_array", -1, string_to_array),
    Entry("ff_string_to_table", -1, string_to_array),
)
