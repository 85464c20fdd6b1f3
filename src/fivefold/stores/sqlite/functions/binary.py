"""Functions of bytes: sums, encodings, single bytes and bits, counted from 0.

hashlib and base64 are imported where they are used: opening a file has no time for them.
"""

from __future__ import annotations

from fivefold.errors import InvalidValue
from fivefold.stores.sqlite.functions.table import Entry, stricts
from fivefold.values.strings import parse_bytea


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


_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")


def decode(text: str, form: str) -> bytes:
    """Read bytes written as hex, base64 or escape."""
    match form.lower():
        case "hex":
            return _from_hex("".join(text.split()))
        case "base64":
            return _from_base64("".join(text.split()))
        case "escape":
            return parse_bytea(text)
    raise InvalidValue(f'unrecognized encoding: "{form}"', "invalid_parameter_value")


def _from_hex(text: str) -> bytes:
    wrong = next((one for one in text if one not in "0123456789abcdefABCDEF"), None)
    if wrong is not None:
        raise InvalidValue(f'invalid hexadecimal digit: "{wrong}"', "invalid_parameter_value")
    if len(text) % 2:
        raise InvalidValue(
            "invalid hexadecimal data: odd number of digits", "invalid_parameter_value"
        )
    return bytes.fromhex(text)


def _from_base64(text: str) -> bytes:
    import base64

    body = text.rstrip("=")
    wrong = next((one for one in body if one not in _BASE64), None)
    if wrong is not None and wrong != "=":
        raise InvalidValue(
            f'invalid symbol "{wrong}" found while decoding base64 sequence',
            "invalid_parameter_value",
        )
    if wrong == "=" or len(text) % 4 or len(text) - len(body) > 2:
        detail = "Input data is missing padding, is truncated, or is otherwise corrupted."
        raise InvalidValue("invalid base64 end sequence", "invalid_parameter_value", hint=detail)
    return base64.b64decode(text)


_ENCODINGS = {
    "utf8": "utf-8", "unicode": "utf-8", "sqlascii": "utf-8", "latin1": "latin-1",
    "iso88591": "latin-1", "latin2": "iso8859-2", "latin5": "iso8859-9", "latin9": "iso8859-15",
    "win1250": "cp1250", "win1251": "cp1251", "win1252": "cp1252", "win1253": "cp1253",
    "win1254": "cp1254", "win1257": "cp1257", "koi8r": "koi8-r", "koi8": "koi8-r",
    "koi8u": "koi8-u", "euckr": "euc-kr", "eucjp": "euc-jp", "sjis": "shift-jis", "big5": "big5",
    "gbk": "gbk", "gb18030": "gb18030", "iso88595": "iso8859-5", "iso88597": "iso8859-7",
}  # fmt: skip


def _encoding(name: str, which: str) -> str:
    found = _ENCODINGS.get("".join([one for one in name.lower() if one.isalnum()]))
    if found is None:
        raise InvalidValue(f'invalid {which}encoding name "{name}"', "invalid_parameter_value")
    return found


def _shown(name: str) -> str:
    plain = "".join([one for one in name.upper() if one.isalnum()])
    return "UTF8" if plain == "UNICODE" else plain


def convert_from(value: bytes, name: str) -> str:
    """Read a text in an encoding."""
    try:
        text = value.decode(_encoding(name, "source "))
        if "\0" in text:
            raise UnicodeDecodeError("", value, at := value.index(0), at + 1, "")
        return text
    except UnicodeDecodeError as error:
        wrong = " ".join([f"0x{one:02x}" for one in value[error.start : error.end]])
        raise InvalidValue(
            f'invalid byte sequence for encoding "{_shown(name)}": {wrong}',
            "character_not_in_repertoire",
        ) from None


def convert_to(text: str, name: str) -> bytes:
    """Write a text in an encoding."""
    try:
        return text.encode(_encoding(name, "destination "))
    except UnicodeEncodeError as error:
        wrong = " ".join([f"0x{one:02x}" for one in text[error.start].encode()])
        raise InvalidValue(
            f'character with byte sequence {wrong} in encoding "UTF8" has no equivalent in '
            f'encoding "{_shown(name)}"',
            "untranslatable_character",
        ) from None


def convert(value: bytes, source: str, target: str) -> bytes:
    """Change the encoding of a text in bytes."""
    _encoding(source, "source ")
    _encoding(target, "destination ")
    return convert_to(convert_from(value, source), target)


def length_in(value: bytes, name: str) -> int:
    """Count the characters of bytes in an encoding."""
    _encoding(name, "")
    return len(convert_from(value, name))


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


def _bit(value: bytes, at: int) -> None:
    if not 0 <= at < len(value) * 8:
        raise InvalidValue(
            f"index {at} out of valid range, 0..{len(value) * 8 - 1}", "array_subscript_error"
        )


def get_bit(value: bytes, at: int) -> int:
    """Return one bit, the lowest of each byte first."""
    _bit(value, at)
    return value[at // 8] >> at % 8 & 1


def set_bit(value: bytes, at: int, new: int) -> bytes:
    """Replace one bit."""
    _bit(value, at)
    if new not in (0, 1):
        raise InvalidValue("new bit must be 0 or 1", "invalid_parameter_value")
    byte = value[at // 8]
    byte = byte | 1 << at % 8 if new else byte & ~(1 << at % 8)
    return set_byte(value, at // 8, byte)


def bit_count(value: bytes) -> int:
    """Count the bits that are set."""
    return int.from_bytes(value).bit_count()


def octet_length(value: str | bytes) -> int:
    """Count bytes."""
    return len(_bytes(value))


def bit_length(value: str | bytes) -> int:
    """Count bits."""
    return len(_bytes(value)) * 8


def trim(value: bytes, what: bytes) -> bytes:
    """Take bytes off at both ends."""
    return value.strip(what)


def trim_start(value: bytes, what: bytes) -> bytes:
    """Take bytes off at the start."""
    return value.lstrip(what)


def trim_end(value: bytes, what: bytes) -> bytes:
    """Take bytes off at the end."""
    return value.rstrip(what)


def join(a: bytes, b: bytes) -> bytes:
    """Join bytes."""
    return a + b


def _sum(name: str) -> Entry:
    def run(value: bytes | None) -> bytes | None:
        import hashlib

        return None if value is None else hashlib.new(name, value).digest()

    return Entry(f"ff_{name}", 1, run)


FUNCTIONS: tuple[Entry, ...] = (
    *stricts(
        ("ff_md5", md5),
        ("ff_encode", encode),
        ("ff_decode", decode),
        ("ff_convert", convert),
        ("ff_convert_from", convert_from),
        ("ff_convert_to", convert_to),
        ("ff_length_bytea_text", length_in),
        ("ff_get_byte", get_byte),
        ("ff_set_byte", set_byte),
        ("ff_get_bit", get_bit),
        ("ff_set_bit", set_bit),
        ("ff_bit_count", bit_count),
        ("ff_octet_length", octet_length),
        ("ff_bit_length", bit_length),
        ("ff_btrim_bytea", trim),
        ("ff_ltrim_bytea", trim_start),
        ("ff_rtrim_bytea", trim_end),
        ("ff_byteacat", join),
    ),
    *[_sum(name) for name in ("sha224", "sha256", "sha384", "sha512")],
)
