"""Values as mongosh reads them: {n: {$gt: 5}, 'a.b': /x/i, at: ISODate('2024-01-01'),}.

A number is what JavaScript would send for it: an int of 32 bits if it is whole and fits, else a
double. Source: mongosh's manual, "Data Types".
"""

from __future__ import annotations

import math
from typing import Any

from bson.regex import Regex

from fivefold.cli.mongo.constructors import CONSTANTS, CONSTRUCTORS, MEMBERS, NEEDS_NEW
from fivefold.cli.mongo.tokens import NO_JAVASCRIPT, Token, Tokens, string_of, wrong
from fivefold.errors import InvalidStatement

DEPTH_MAX = 200
"""Brackets inside one another: somewhat more than a document may have levels."""

SAFE_INTEGER_MAX = 2**53 - 1
"""The largest whole number that a double has without gaps below it."""

_WORDS = """
    async await break case catch class const continue debugger delete do else export finally for
    function if import in instanceof let new return super switch this throw try typeof var void
    while with yield
"""
KEYWORDS = frozenset(_WORDS.split())
_FLAGS = {"i": "i", "m": "m", "s": "s", "x": "x", "u": "u"}
_DROPPED_FLAGS = frozenset("dgy")  # they say how JavaScript walks through matches


def value(tokens: Tokens, depth: int = 0) -> Any:
    """Read a value. Raises InvalidStatement, Unfinished at the end of the text."""
    token = tokens.now
    if depth > DEPTH_MAX:
        raise wrong(f"more than {DEPTH_MAX} brackets lie inside one another", token.at)
    match token.kind:
        case "string":
            read: Any = string_of(tokens.take())
        case "number":
            read = number(tokens.take())
        case "regex":
            read = _regex(tokens.take())
        case "name":
            read = _named(tokens, depth)
        case "sign" if token.text == "{":
            read = document(tokens, depth)
        case "sign" if token.text == "[":
            read = array(tokens, depth)
        case "sign" if token.text in "+-":
            read = _signed(tokens, depth)
        case "sign" if token.text == "(":
            raise wrong("functions and terms in brackets are JavaScript", token.at, NO_JAVASCRIPT)
        case _:
            raise tokens.unexpected("a value is due")
    _refuse_operator(tokens)
    return read


def document(tokens: Tokens, depth: int = 0) -> dict[str, Any]:
    """Read a document. Raises InvalidStatement."""
    tokens.expect("{", "a document")
    read: dict[str, Any] = {}
    while not tokens.is_next("}"):
        key = tokens.now
        name = _key(tokens)
        if tokens.is_next("(", ",", "}") and key.kind == "name":
            raise wrong(
                f"{key.text} has no value: variables and functions are JavaScript",
                key.at,
                NO_JAVASCRIPT,
            )
        tokens.expect(":", f"a document, after {key.text}")
        read[name] = value(tokens, depth + 1)
        if not tokens.is_next("}"):
            tokens.expect(",", "a document, or its }")
    tokens.take()
    return read


def array(tokens: Tokens, depth: int = 0) -> list[Any]:
    """Read an array. Raises InvalidStatement."""
    tokens.expect("[", "an array")
    return _items(tokens, "]", "an array", depth)


def arguments(tokens: Tokens, depth: int = 0) -> list[Any]:
    """Read a call's arguments with their brackets. Raises InvalidStatement."""
    tokens.expect("(", "a call")
    return _items(tokens, ")", "a call", depth)


def _items(tokens: Tokens, closing: str, what: str, depth: int) -> list[Any]:
    read: list[Any] = []
    while not tokens.is_next(closing):
        read.append(value(tokens, depth + 1))
        if not tokens.is_next(closing):
            tokens.expect(",", f"{what}, or its {closing}")
    tokens.take()
    return read


def _key(tokens: Tokens) -> str:
    token = tokens.now
    match token.kind:
        case "name":
            return tokens.take().text
        case "string":
            return string_of(tokens.take())
        case "number":
            return shown_number(number(tokens.take()))
    if token.text in ("[", "..."):
        raise wrong("computed keys and ... are JavaScript", token.at, NO_JAVASCRIPT)
    if token.text == "$":
        tokens.take()
        return "$"
    raise tokens.unexpected("a field's name or } is due")


def number(token: Token) -> int | float:
    """Return a number as JavaScript would send it. Raises InvalidStatement."""
    text = token.text.replace("_", "")
    if text.endswith("n"):
        raise wrong("this is a BigInt: write Long('…')", token.at)
    if text[:2].lower() in ("0x", "0o", "0b"):
        return sent(int(text, 0), token.at)
    if text.isdigit():
        return sent(int(text), token.at)
    return sent(float(text), token.at)


def sent(given: float, at: int) -> int | float:
    """Return a number as it is sent: an int of 32 bits or a double. Raises InvalidStatement."""
    if isinstance(given, int) and abs(given) > SAFE_INTEGER_MAX and int(float(given)) != given:
        raise wrong("this number has more digits than a double: write Long('…')", at)
    is_minus_zero = given == 0 and math.copysign(1, given) < 0
    if math.isfinite(given) and given == math.floor(given) and not is_minus_zero:
        return int(given) if -(2**31) <= given < 2**31 else float(given)
    return float(given)


def shown_number(given: float) -> str:
    """Return a number as JavaScript writes it."""
    if isinstance(given, int):
        return str(given)
    if math.isnan(given):
        return "NaN"
    if math.isinf(given):
        return "Infinity" if given > 0 else "-Infinity"
    if given == int(given) and abs(given) < 1e21:
        return "-0" if not given and math.copysign(1, given) < 0 else str(int(given))
    text = repr(given)
    mantissa, _, exponent = text.partition("e")
    if not exponent:
        return text
    power = int(exponent)
    if -7 < power < 0:
        digits = mantissa.lstrip("-").replace(".", "")
        return f"{'-' * (given < 0)}0.{'0' * (-power - 1)}{digits}"
    return f"{mantissa.removesuffix('.0')}e{power:+d}"


def _regex(token: Token) -> Regex[str]:
    """Return a pattern. Raises InvalidStatement."""
    body, _, letters = token.text[1:].rpartition("/")
    for letter in letters:
        if letter not in _FLAGS and letter not in _DROPPED_FLAGS:
            raise wrong(f"{letter} is not a pattern's option; i, m, s and x are", token.at)
    kept = "".join(sorted({letter for letter in letters if letter in _FLAGS}))
    return Regex(body, kept)


def _signed(tokens: Tokens, depth: int) -> Any:
    sign = tokens.take()
    at = tokens.now.at
    given = value(tokens, depth + 1)
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise wrong(f"{sign.text} goes before a number", at)
    if sign.text == "+":
        return given
    return sent(-0.0 if given == 0 else -given, at)


def _named(tokens: Tokens, depth: int) -> Any:
    """Read a constant, or what a constructor makes, as ``new Date()``."""
    token = tokens.take()
    is_new = token.text == "new"
    if is_new:
        token = tokens.now
        if token.kind != "name":
            raise tokens.unexpected("a type is due after new")
        tokens.take()
    if token.text in CONSTANTS and not is_new and not tokens.is_next("("):
        return CONSTANTS[token.text]
    name = token.text
    while tokens.is_next(".") and name in MEMBERS:
        tokens.take()
        name += f".{tokens.take().text}"
    made = CONSTRUCTORS.get(name)
    if made is None:
        raise _unknown(token, name)
    if not tokens.is_next("("):
        raise tokens.unexpected(f"{name} is written {name}(…)")
    given = arguments(tokens, depth)
    if not is_new and name in NEEDS_NEW:
        raise wrong(f"{name} is written new {name}(…)", token.at)
    try:
        return made(*given)
    except InvalidStatement as error:
        raise wrong(error.message, token.at, error.hint) from None
    except TypeError:
        raise wrong(f"{name} does not take these arguments", token.at) from None


def _unknown(token: Token, name: str) -> InvalidStatement:
    what = "is a word of JavaScript" if name in KEYWORDS else "is not a value"
    return wrong(f"{name} {what}; strings stand in quotes", token.at, NO_JAVASCRIPT)


def _refuse_operator(tokens: Tokens) -> None:
    """Raise an error for what would go on with a value: terms and methods of values."""
    token = tokens.now
    if token.kind == "sign" and token.text in "+-*/%<>=!&|?^~.=>" and not token.fresh:
        raise wrong("terms, and methods of values, are JavaScript", token.at, NO_JAVASCRIPT)
