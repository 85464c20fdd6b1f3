"""json and jsonb: checking, and PostgreSQL's way of printing jsonb.

jsonb keeps the last of equal keys, orders keys by their length in bytes and then their bytes,
keeps a number's digits as numeric does, and prints one space after ':' and ','.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from fivefold.errors import InvalidValue, Limit
from fivefold.values.numbers import EXACT, numeric_text
from fivefold.values.types import JSON, JSONB, Type


class _Number(str):
    """A number's own digits, so that none is lost between reading and printing."""

    __slots__ = ()


class _Inexact(Exception):
    """A number met that a Python float would not keep digit by digit."""


def _refuse(token: str) -> NoReturn:
    raise ValueError(token)


def _inexact(token: str) -> NoReturn:
    raise _Inexact


def _ordered(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < 2:
        return value
    return {key: value[key] for key in sorted(value, key=_key_order)}


def _key_order(key: str) -> tuple[int, bytes]:
    data = key.encode("utf-8", "surrogatepass")
    return len(data), data


_CHECK = json.JSONDecoder(parse_constant=_refuse, parse_int=_Number, parse_float=_Number)
_QUICK = json.JSONDecoder(parse_constant=_refuse, parse_float=_inexact, object_pairs_hook=_ordered)
_DIGITS = json.JSONDecoder(
    parse_constant=_refuse, parse_float=_Number, parse_int=_Number, object_pairs_hook=_ordered
)
_PRINT = json.JSONEncoder(ensure_ascii=False, check_circular=False)
_LONG_INTEGER = re.compile(r"[0-9]{1000}")


def _invalid(type_: Type, detail: str) -> InvalidValue:
    return InvalidValue(
        f"invalid input syntax for type {JSON}", "invalid_text_representation", detail=detail
    )


def _too_deep() -> Limit:
    return Limit("stack depth limit exceeded", "statement_too_complex")


def _describe(text: str, error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        rest = text[error.pos :].lstrip()
        token = re.match(r'[\w.+-]+|"[^"]*"?|.', rest, re.DOTALL)
        if token is None:
            return "The input string ended unexpectedly."
        return f'Token "{token[0]}" is invalid.'
    return f'Token "{error}" is invalid.'


def parse_json(text: str) -> str:
    """Return ``text`` as it is, if it is JSON."""
    try:
        _CHECK.decode(text)
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        raise _invalid(JSON, _describe(text, error)) from None
    return text


def parse_jsonb(text: str) -> str:
    """Return the normalized form of a JSON text."""
    try:
        if _LONG_INTEGER.search(text):
            raise _Inexact
        value = _QUICK.decode(text)
        quick = True
    except _Inexact:
        value, quick = _decode_digits(text), False
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        raise _invalid(JSONB, _describe(text, error)) from None
    if "\\u" in text:
        _check_characters(value)
    return _PRINT.encode(value) if quick else _print(value)


def _decode_digits(text: str) -> Any:
    try:
        return _DIGITS.decode(text)
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        raise _invalid(JSONB, _describe(text, error)) from None


def _check_characters(value: object) -> None:
    """Refuse what no PostgreSQL text can hold: the character 0 and halves of surrogates."""
    if isinstance(value, str):
        if "\0" in value:
            raise InvalidValue(
                "unsupported Unicode escape sequence",
                "untranslatable_character",
                detail="\\u0000 cannot be converted to text.",
            )
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise _invalid(JSONB, "Unicode low surrogate must follow a high surrogate.")
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_characters(key)
            _check_characters(item)
    elif isinstance(value, list):
        for item in value:
            _check_characters(item)


def _print(value: object) -> str:
    if isinstance(value, _Number):
        return numeric_text(EXACT.create_decimal(value))
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_PRINT.encode(k)}: {_print(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_print, value)) + "]"
    return _PRINT.encode(value)
