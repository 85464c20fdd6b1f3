"""PostgreSQL's patterns (regular expressions, LIKE, SIMILAR TO) as compiled ones of Python.

Advanced regular expressions are nearly Python's; what is written otherwise is rewritten here:
character classes, word boundaries (``\\y \\m \\M``), embedded options, newline handling. One
difference stays: where alternatives match different lengths PostgreSQL takes the longest, Python
the first.
"""

from __future__ import annotations

import re
from functools import lru_cache

from fivefold.errors import InvalidValue, Unsupported

PATTERNS_MAX = 512  # compiled patterns kept by a process

_CLASSES = {
    "alpha": "^\\W\\d_",
    "digit": "0-9",
    "alnum": "^\\W_",
    "upper": "A-ZÀ-ÖØ-Þ",
    "lower": "a-zß-öø-ÿ",
    "space": "\\s",
    "blank": " \\t",
    "punct": "!-/:-@\\[-`{-~",
    "xdigit": "0-9A-Fa-f",
    "cntrl": "\\x00-\\x1f\\x7f",
    "graph": "!-~",
    "print": " -~",
    "word": "\\w",
}
_ESCAPES = {
    "y": r"\b",
    "Y": r"\B",
    "m": r"\b(?=\w)",
    "M": r"\b(?<=\w)",
    "A": r"\A",
    "Z": r"\Z",
    "e": "\\x1b",
    "B": "\\\\",
}


def _bad(message: str) -> InvalidValue:
    return InvalidValue(f"invalid regular expression: {message}", "invalid_regular_expression")


def translated(pattern: str) -> str:
    """Return Python's form of an advanced regular expression."""
    if pattern.startswith("***="):
        return re.escape(pattern[4:])
    pattern = pattern.removeprefix("***:")
    parts, at = [], 0
    while at < len(pattern):
        character = pattern[at]
        if character == "\\" and at + 1 < len(pattern):
            parts.append(_ESCAPES.get(pattern[at + 1], pattern[at : at + 2]))
            at += 2
        elif character == "[":
            text, at = _bracket(pattern, at)
            parts.append(text)
        elif character == "$":
            parts.append("$" if pattern[at:] != "$" else r"\Z")
            at += 1
        else:
            parts.append(character)
            at += 1
    return "".join(parts)


def _bracket(pattern: str, at: int) -> tuple[str, int]:
    """Rewrite a bracket expression; a class that Python negates stands apart from it."""
    at += 1
    negated = pattern[at : at + 1] == "^"
    at += negated
    plain: list[str] = []
    apart: list[str] = []
    first = True
    while at < len(pattern):
        character = pattern[at]
        if character == "]" and not first:
            break
        first = False
        if pattern.startswith("[:", at):
            end = pattern.find(":]", at)
            name = _CLASSES.get(pattern[at + 2 : end]) if end > 0 else None
            if name is None:
                raise _bad("invalid character class")
            (apart if name.startswith("^") else plain).append(name)
            at = end + 2
        elif character == "\\" and at + 1 < len(pattern):
            plain.append(pattern[at : at + 2])
            at += 2
        else:
            plain.append("\\" + character if character in "[&~|^" else character)
            at += 1
    else:
        raise _bad("brackets [] not balanced")
    sets = [f"[{one}]" for one in (["".join(plain)] if plain else []) + apart]
    text = sets[0] if len(sets) == 1 else f"(?:{'|'.join(sets)})"
    if negated:
        text = f"(?!{text})[\\s\\S]"
        text = f"(?:{text})"
    return text, at + 1


def _worded(error: re.error) -> str:
    """Return PostgreSQL's words for what is wrong with a pattern."""
    for beginning, words in _WORDS.items():
        if error.msg.startswith(beginning):
            return words
    return error.msg


_WORDS = {
    "missing )": "parentheses () not balanced",
    "unbalanced parenthesis": "parentheses () not balanced",
    "unterminated character set": "brackets [] not balanced",
    "nothing to repeat": "quantifier operand invalid",
    "multiple repeat": "quantifier operand invalid",
    "min repeat greater": "invalid repetition count(s)",
    "bad escape": "invalid escape \\ sequence",
    "invalid group reference": "invalid backreference number",
    "bad character range": "invalid character range",
}


_QUANTIFIER = re.compile(
    r"\\.|\[\^?\]?(?:\[:\w+:\]|\\.|[^\]\\])*\]|\(\?|"
    r"(?P<quantifier>[*+?]|\{\d+,\d*\})(?P<lazy>\??)",
    re.DOTALL,
)


@lru_cache(PATTERNS_MAX)
def cutting(pattern: str, flags: str = "") -> re.Pattern[str]:
    """Compile a regular expression of which is asked what it matches, not only if it does.

    In PostgreSQL the first quantifier decides whether all of them take much or little; so a
    pattern that has both kinds is refused.
    """
    found = [one for one in _QUANTIFIER.finditer(pattern) if one["quantifier"]]
    if "q" not in flags and len({one["lazy"] for one in found}) > 1:
        raise Unsupported(
            "a regular expression with greedy and non-greedy quantifiers is not supported",
            hint="Use one kind of quantifiers in a regular expression.",
        )
    return compiled(pattern, flags)


@lru_cache(PATTERNS_MAX)
def compiled(pattern: str, flags: str = "") -> re.Pattern[str]:
    """Compile a regular expression. Raises InvalidValue (invalid_regular_expression)."""
    options = re.DOTALL
    body = pattern
    found = re.match(r"(?:\*\*\*:)?\(\?([a-z]+)\)", pattern)
    if found is not None:
        flags, body = flags + found[1], pattern[found.end() :]
    for flag in flags:
        match flag:
            case "i":
                options |= re.IGNORECASE
            case "c":
                options &= ~re.IGNORECASE
            case "n" | "m":
                options = (options | re.MULTILINE) & ~re.DOTALL
            case "p":
                options &= ~re.DOTALL
            case "w":
                options |= re.MULTILINE
            case "s" | "g" | "t":
                pass
            case "x":
                options |= re.VERBOSE
            case "b" | "e":
                raise Unsupported(f'the option "{flag}" of regular expressions is not supported')
            case "q":
                body = re.escape(body)
            case _:
                raise InvalidValue(
                    f'invalid regular expression option: "{flag}"', "invalid_parameter_value"
                )
    try:
        return re.compile(body if "q" in flags else translated(body), options)
    except re.error as error:
        raise _bad(_worded(error)) from None


def _check_escape(escape: str) -> None:
    if len(escape) > 1:
        raise InvalidValue(
            "invalid escape string", "invalid_escape_sequence",
            hint="Escape string must be empty or one character.",
        )  # fmt: skip


@lru_cache(PATTERNS_MAX)
def like(pattern: str, escape: str = "\\", *, any_case: bool = False) -> re.Pattern[str]:
    """Compile a LIKE pattern, to be used with ``match``. Raises InvalidValue.

    A pattern that ends in its escape character has a group: PostgreSQL refuses it only where
    a text is long enough to get there.
    """
    _check_escape(escape)
    parts: list[str] = []
    at = 0
    while at < len(pattern):
        character = pattern[at]
        at += 1
        if character == escape:
            if at == len(pattern):
                return re.compile("".join(parts) + "(.)", _options(any_case))
            parts.append(re.escape(pattern[at]))
            at += 1
        else:
            parts.append({"%": ".*", "_": "."}.get(character) or re.escape(character))
    return re.compile("".join(parts) + r"\Z", _options(any_case))


def _options(any_case: bool) -> re.RegexFlag:
    return re.DOTALL | re.IGNORECASE if any_case else re.DOTALL


@lru_cache(PATTERNS_MAX)
def similar_parts(pattern: str, escape: str) -> re.Pattern[str]:
    """Compile a SUBSTRING pattern: ``head#"middle#"tail``, the head as short as can be.

    The result's only group is the middle; without marks it has none. Raises InvalidValue.
    """
    pieces = pattern.split(f'{escape}"') if escape else [pattern]
    if len(pieces) > 3:
        raise InvalidValue(
            "SQL regular expression may not contain more than two escape-double-quote separators",
            "invalid_use_of_escape_character",
        )
    if len(pieces) == 1:
        return similar(pattern, escape)
    head, middle, *tail = [similar(one, escape).pattern.removesuffix(r"\Z") for one in pieces]
    lazy = re.sub(r"(?<!\\)([*+?}])", r"\1?", head.replace("(?:", "\0")).replace("\0", "(?:")
    return re.compile(f"{lazy}({middle}){''.join(tail)}\\Z", re.DOTALL)


@lru_cache(PATTERNS_MAX)
def similar(pattern: str, escape: str = "\\") -> re.Pattern[str]:
    """Compile a SIMILAR TO pattern, to be used with ``match``. Raises InvalidValue."""
    _check_escape(escape)
    parts, at = [], 0
    while at < len(pattern):
        character = pattern[at]
        if character == escape and at + 1 < len(pattern):
            parts.append(re.escape(pattern[at + 1]))
            at += 2
        elif character == "[":
            text, at = _bracket(pattern, at)
            parts.append(text)
        else:
            parts.append({"%": ".*", "_": ".", "(": "(?:"}.get(character) or _kept(character))
            at += 1
    try:
        return re.compile("(?:" + "".join(parts) + r")\Z", re.DOTALL)
    except re.error as error:
        raise _bad(_worded(error)) from None


def _kept(character: str) -> str:
    return character if character in "|*+?{},()" else re.escape(character)


@lru_cache(PATTERNS_MAX)
def replacement(text: str) -> tuple[str | int, ...]:
    """Cut a replacement text into plain parts and the numbers of groups (0 is all of it)."""
    parts: list[str | int] = []
    plain, at = "", 0
    while at < len(text):
        character = text[at]
        if character == "\\" and at + 1 < len(text):
            following = text[at + 1]
            if following in "123456789&":
                parts += [plain, 0 if following == "&" else int(following)]
                plain = ""
            else:
                plain += following if following == "\\" else character + following
            at += 2
        else:
            plain += character
            at += 1
    return (*parts, plain)
