"""Texts of declared length, booleans, byte strings and uuids."""

from __future__ import annotations

import re

from fivefold.errors import InvalidValue
from fivefold.values.numbers import BLANKS, syntax_error
from fivefold.values.types import BOOLEAN, BYTEA, UUID, Kind, Type

NAME_BYTES_MAX = 63
"""PostgreSQL cuts identifiers there (NAMEDATALEN - 1)."""

_BOOLEANS: dict[str, int] = {
    word[:length]: truth
    for word, shortest, truth in (
        ("true", 1, 1),
        ("false", 1, 0),
        ("yes", 1, 1),
        ("no", 1, 0),
        ("on", 2, 1),
        ("off", 2, 0),
        ("1", 1, 1),
        ("0", 1, 0),
    )
    for length in range(shortest, len(word) + 1)
}
_UUID = re.compile(
    r"(?:[0-9a-f]{4}-?){7}[0-9a-f]{4}|\{(?:[0-9a-f]{4}-?){7}[0-9a-f]{4}\}", re.IGNORECASE
)
_CHAR_OCTAL = re.compile(r"\\([0-3][0-7]{2})")
_UUID_PLAIN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_NOT_HEX = re.compile(r"(?:[ \n\t\r]|[0-9a-fA-F]{2})*[0-9a-fA-F]?([^0-9a-fA-F])?")
_BYTEA_ESCAPE = re.compile(r"\\(?:(\\)|([0-3][0-7]{2})|)")
_SHOWN_PLAIN = re.compile(rb"[\x20-\x5b\x5d-\x7e]*")


def parse_boolean(text: str) -> int:
    """Return 0 or 1 for any spelling PostgreSQL takes, unique prefixes included."""
    truth = _BOOLEANS.get(text)
    if truth is None:
        truth = _BOOLEANS.get(text.strip(BLANKS).lower())
        if truth is None:
            raise syntax_error(BOOLEAN, text)
    return truth


def fit_text(type_: Type, text: str, *, explicit: bool) -> str:
    """Return the stored form of a varchar, bpchar or name value.

    Too long is an error unless the excess is blanks; an explicit cast cuts instead.
    """
    kind = type_.kind
    if kind is Kind.NAME:
        data = text.encode()
        if len(data) <= NAME_BYTES_MAX:
            return text
        return data[:NAME_BYTES_MAX].decode(errors="ignore")
    length = type_.length
    if length is not None and len(text) > length:
        if not explicit and text[length:].strip(" "):
            raise InvalidValue(f"value too long for type {type_}", "string_data_right_truncation")
        text = text[:length]
    return text.rstrip(" ") if kind is Kind.BPCHAR else text


def parse_char(text: str) -> str:
    r"""Return a value of type "char" as it is shown: one ASCII character, or '\ooo' for a byte
    above them, or nothing for zero.
    """
    found = _CHAR_OCTAL.fullmatch(text)
    if found is not None:
        return char_of_byte(int(found[1], 8))
    return char_of_byte(text.encode()[0]) if text else ""


def char_of_byte(byte: int) -> str:
    """Return the "char" of a byte, 0 to 255."""
    if byte == 0:
        return ""
    return chr(byte) if byte < 0x80 else f"\\{byte:03o}"


def byte_of_char(text: str) -> int:
    """Return the byte, 0 to 255, of a "char" in stored form."""
    if len(text) > 1:
        return int(text[1:], 8)
    return ord(text) if text else 0


def parse_uuid(text: str) -> str:
    """Return the 36 lower-case characters; hyphens after any four digits and braces are read."""
    if _UUID_PLAIN.fullmatch(text):
        return text
    if not _UUID.fullmatch(text):
        raise syntax_error(UUID, text)
    digits = text.strip("{}").replace("-", "").lower()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def parse_bytea(text: str) -> bytes:
    r"""Return the bytes of the hex ('\x0aff') or the escape ('a\\b\001') form."""
    if not text.startswith("\\x"):
        return _parse_bytea_escape(text)
    if "\v" not in text and "\f" not in text:
        # Like PostgreSQL, fromhex skips blanks, though not between the two digits of a byte.
        try:
            return bytes.fromhex(text[2:])
        except ValueError:
            pass
    bad = _NOT_HEX.match(text, 2)
    if bad is not None and bad[1]:
        raise InvalidValue(f'invalid hexadecimal digit: "{bad[1]}"', "invalid_parameter_value")
    raise InvalidValue("invalid hexadecimal data: odd number of digits", "invalid_parameter_value")


def _parse_bytea_escape(text: str) -> bytes:
    if "\\" not in text:
        return text.encode()

    def unescape(found: re.Match[str]) -> str:
        if found[1]:
            return "\\"
        if found[2]:
            # Latin-1 holds a byte as one character, until the whole is encoded below.
            return f"\udc00{found[2]}"
        raise InvalidValue(f"invalid input syntax for type {BYTEA}", "invalid_text_representation")

    parts = _BYTEA_ESCAPE.sub(unescape, text).split("\udc00")
    pieces = [parts[0].encode()]
    for part in parts[1:]:
        pieces.append(bytes([int(part[:3], 8)]))
        pieces.append(part[3:].encode())
    return b"".join(pieces)


def bytea_hex(value: bytes) -> str:
    r"""Return '\x0aff'."""
    return "\\x" + value.hex()


def bytea_escape(value: bytes) -> str:
    r"""Return printable ASCII as it is, a backslash doubled, every other byte as '\ooo'."""
    if _SHOWN_PLAIN.fullmatch(value):
        return value.decode("ascii")
    return "".join(
        "\\\\" if byte == 0x5C else chr(byte) if 0x20 <= byte <= 0x7E else f"\\{byte:03o}"
        for byte in value
    )


_UNICODE = {
    short: re.compile(
        r"(.)(?:(\1)|([0-9a-fA-F]{4})|\+([0-9a-fA-F]{6})"
        + (")" if short else r"|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))"),
        re.DOTALL,
    )
    for short in (True, False)
}


def unescaped(text: str, sign: str, *, long: bool = True) -> str:
    r"""Replace escapes of Unicode: ``\XXXX``, ``\+XXXXXX``; ``\uXXXX``, ``\UXXXXXXXX`` if long.

    ``sign`` stands for the backslash. Raises InvalidValue (invalid_value_syntax).
    """
    pattern = _UNICODE[not long]
    written: list[str] = []
    high, at = 0, 0
    while at < len(text):
        if text[at] != sign:
            if high:
                break
            following = text.find(sign, at)
            following = len(text) if following < 0 else following
            written.append(text[at:following])
            at = following
            continue
        found = pattern.match(text, at)
        if found is None:
            forms = "\\XXXX, \\+XXXXXX, \\uXXXX, or \\UXXXXXXXX" if long else "\\XXXX or \\+XXXXXX"
            raise InvalidValue(
                "invalid Unicode escape",
                "invalid_value_syntax",
                hint=f"Unicode escapes must be {forms}.",
            )
        at = found.end()
        digits = next((one for one in found.groups()[2:] if one is not None), None)
        code = ord(sign) if digits is None else int(digits, 16)
        if high != 0:
            if not 0xDC00 <= code < 0xE000:
                break
            code, high = 0x10000 + ((high & 0x3FF) << 10) + (code & 0x3FF), 0
        elif 0xD800 <= code < 0xDC00:
            high = code
            continue
        elif 0xDC00 <= code < 0xE000:
            high = code
            break
        if not 0 < code <= 0x10FFFF:
            raise InvalidValue("invalid Unicode escape value", "invalid_value_syntax")
        written.append(chr(code))
    if high:
        raise InvalidValue("invalid Unicode surrogate pair", "invalid_value_syntax")
    return "".join(written)
