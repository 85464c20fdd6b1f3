"""Statements: words as ``show dbs``, chains as ``db.orders.find({…}).limit(5)``, and values.

A statement ends with a semicolon, or with its line once all brackets are closed; a line that begins
with a dot goes on with the chain before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fivefold.cli.mongo import literals
from fivefold.cli.mongo.tokens import NO_JAVASCRIPT, Tokens, Unfinished, string_of, wrong
from fivefold.errors import InvalidStatement


@dataclass(frozen=True, slots=True)
class Words:
    """A line of words: a command of the shell's own."""

    words: tuple[str, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Step:
    """A name after a dot, or in brackets; ``arguments`` is None unless it is called."""

    name: str
    arguments: tuple[Any, ...] | None
    at: int


@dataclass(frozen=True, slots=True)
class Chain:
    """``db`` and what follows it."""

    steps: tuple[Step, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Value:
    """A value by itself, which is shown."""

    value: Any
    at: int


Statement = Words | Chain | Value

_WORDS = re.compile(
    r"(?P<first>show|use|it|help|exit|quit|cls)\b(?![ \t]*[.=\[])"
    r"(?P<call>[ \t]*\([ \t]*(?P<given>[^()\n]*)\))?(?P<rest>[^;\n]*)"
)
_COMMENT = re.compile(r"//.*|/\*.*?\*/")


def read(text: str) -> Iterator[Statement]:
    """Yield the statements of a text. Raises InvalidStatement, Unfinished at the text's end."""
    tokens = Tokens(text)
    while tokens.now.kind != "end":
        if tokens.is_next(";"):
            tokens.take()
            continue
        yield _statement(tokens)
        if tokens.now.kind != "end" and not tokens.is_next(";") and not tokens.now.fresh:
            raise _what_follows(tokens)


def is_complete(text: str) -> bool:
    """Say whether Enter runs the text: no bracket, string or comment in it is open."""
    try:
        for _ in read(text):
            pass
    except Unfinished:
        return text.endswith("\n\n")  # an empty line ends it all the same, to see the error
    except InvalidStatement:
        return True
    return True


def _statement(tokens: Tokens) -> Statement:
    token = tokens.now
    if token.kind == "name":
        if words := _WORDS.match(tokens.text, token.at):
            tokens.skip_to(words.end())
            given = (words["given"] or "").strip("'\"` ") if words["call"] else ""
            rest = _COMMENT.sub("", words["rest"]).split()
            return Words((words["first"], *([given] if given else []), *rest), token.at)
        if token.text == "db":
            tokens.take()
            return Chain(tuple(_steps(tokens)), token.at)
        if token.text in literals.KEYWORDS - {"new"}:
            raise wrong(f"{token.text} is a word of JavaScript", token.at, NO_JAVASCRIPT)
    return Value(literals.value(tokens), token.at)


def _steps(tokens: Tokens) -> Iterator[Step]:
    while tokens.is_next(".", "["):
        sign = tokens.now
        if sign.text == "[" and sign.fresh:
            return  # an array by itself, on a line of its own
        tokens.take()
        at = tokens.now.at
        if sign.text == "[":
            name = _in_brackets(tokens)
        elif tokens.now.kind == "name":
            name = tokens.take().text
        else:
            raise tokens.unexpected("a name is due after the dot")
        called = tokens.is_next("(") and not tokens.now.fresh
        yield Step(name, tuple(literals.arguments(tokens)) if called else None, at)


def _in_brackets(tokens: Tokens) -> str:
    if tokens.now.kind != "string":
        raise tokens.unexpected("in brackets a collection's name is due, as in db['orders']")
    name = string_of(tokens.take())
    tokens.expect("]", "db['…']")
    return name


def _what_follows(tokens: Tokens) -> InvalidStatement:
    token = tokens.now
    if token.text in ("=", "=>", "+", "-", "*", "?", "<", ">", "!", "&", "|"):
        return wrong(f"{token.text}: terms and variables are JavaScript", token.at, NO_JAVASCRIPT)
    return wrong(f"unexpected {token.text[:40]}: the statement ended before it", token.at)
