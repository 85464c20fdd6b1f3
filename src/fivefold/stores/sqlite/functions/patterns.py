"""LIKE, SIMILAR TO and the functions of regular expressions. Positions count from 1."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fivefold.errors import InvalidValue
from fivefold.stores.sqlite.functions import regex
from fivefold.stores.sqlite.functions.table import Entry, strict, stricts
from fivefold.values.arrays import pack
from fivefold.values.types import TEXT


def part_matching(text: str, pattern: str) -> str | None:
    """Return what a regular expression matches: its first group, if it has one."""
    found = regex.cutting(pattern).search(text)
    if found is None:
        return None
    return found[1] if found.re.groups else found[0]


def part_similar(text: str, pattern: str, escape: str) -> str | None:
    """Return the part between two ``escape"`` marks of a SIMILAR TO pattern."""
    found = regex.similar_parts(pattern, escape).match(text)
    if found is None:
        return None
    return found[1] if found.re.groups else found[0]


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


def _matches(pattern: re.Pattern[str], text: str, start: int = 0) -> Iterator[re.Match[str]]:
    """Yield matches as PostgreSQL finds them: after an empty one, a character is passed over."""
    while start <= len(text):
        found = pattern.search(text, start)
        if found is None:
            return
        yield found
        start = found.end() + (found.end() == found.start())


def _one_at_a_time(name: str, flags: str, hint: str | None = None) -> None:
    if "g" in flags:
        raise InvalidValue(
            f'{name}() does not support the "global" option', "invalid_parameter_value", hint=hint
        )


def _check(name: str, value: int, least: int = 1, most: int | None = None) -> None:
    if value < least or (most is not None and value > most):
        raise InvalidValue(
            f'invalid value for parameter "{name}": {value}', "invalid_parameter_value"
        )


def regexp_replace(text: str, pattern: str, new: str, *rest: int | str) -> str:
    """Replace the first match, the n-th, or all (flag g, or n = 0).

    ``rest`` is either flags, or where to start, which match, and flags.
    """
    flags = next((one for one in rest if isinstance(one, str)), "")
    if len(rest) == 1 and flags[:1].isdigit():
        raise InvalidValue(
            f'invalid regular expression option: "{flags[0]}"', "invalid_parameter_value",
            hint="If you meant to use regexp_replace() with a start parameter, cast the fourth "
            "argument to integer explicitly.",
        )  # fmt: skip
    numbers = [one for one in rest if isinstance(one, int)]
    start = numbers[0] if numbers else 1
    _check("start", start)
    number = numbers[1] if len(numbers) > 1 else 0 if "g" in flags else 1
    _check("n", number, 0)
    parts = regex.replacement(new)
    written, at = [], 0
    for count, found in enumerate(_matches(regex.cutting(pattern, flags), text, start - 1), 1):
        if number in (0, count):
            written += [text[at : found.start()], _fill_in(parts, found)]
            at = found.end()
            if number:
                break
    return "".join([*written, text[at:]])


def _fill_in(parts: tuple[str | int, ...], found: re.Match[str]) -> str:
    return "".join(
        [one if isinstance(one, str) else (found[one] if one <= found.re.groups else "") or ""
         for one in parts]
    )  # fmt: skip


def _groups(found: re.Match[str]) -> str:
    return pack(TEXT, list(found.groups()) if found.re.groups else [found[0]])


def regexp_match(text: str, pattern: str, flags: str = "") -> str | None:
    """Return the groups of the first match."""
    _one_at_a_time("regexp_match", flags, "Use the regexp_matches function instead.")
    found = regex.cutting(pattern, flags).search(text)
    return None if found is None else _groups(found)


def regexp_matches(text: str, pattern: str, flags: str = "") -> str:
    """Return the groups of every match (with the flag g) as rows."""
    found = list(_matches(regex.cutting(pattern, flags), text))
    return pack(TEXT, [_groups(one) for one in (found if "g" in flags else found[:1])])


def _split(name: str, text: str, pattern: str, flags: str) -> str:
    _one_at_a_time(name, flags)
    parts, at = [], 0
    for found in _matches(regex.cutting(pattern, flags), text):
        if found.start() < len(text) and found.end() > at:
            parts.append(text[at : found.start()])
            at = found.end()
    return pack(TEXT, [*parts, text[at:]])


def regexp_split_to_array(text: str, pattern: str, flags: str = "") -> str:
    """Cut a text where a regular expression matches."""
    return _split("regexp_split_to_array", text, pattern, flags)


def regexp_split_to_table(text: str, pattern: str, flags: str = "") -> str:
    """Cut a text where a regular expression matches, into rows."""
    return _split("regexp_split_to_table", text, pattern, flags)


def regexp_count(text: str, pattern: str, start: int = 1, flags: str = "") -> int:
    """Count matches."""
    _check("start", start)
    _one_at_a_time("regexp_count", flags)
    return sum(1 for _ in _matches(regex.cutting(pattern, flags), text, start - 1))


def regexp_like(text: str, pattern: str, flags: str = "") -> int:
    """Say whether a regular expression matches."""
    _one_at_a_time("regexp_like", flags)
    return int(regex.compiled(pattern, flags).search(text) is not None)


def _numbered(
    text: str, pattern: str, start: int, number: int, flags: str, group: int
) -> tuple[int, int] | None:
    """Return where the n-th match, or a group in it, begins and ends."""
    found = regex.cutting(pattern, flags)
    for count, one in enumerate(_matches(found, text, start - 1), 1):
        if count == number:
            place = one.span(group) if group <= found.groups else (-1, -1)
            return None if place[0] < 0 else place
    return None


def regexp_substr(
    text: str, pattern: str, start: int = 1, number: int = 1, flags: str = "", group: int = 0
) -> str | None:
    """Return the n-th match from a position on, or a group in it."""
    _check("start", start)
    _check("n", number)
    _check("subexpr", group, 0)
    _one_at_a_time("regexp_substr", flags)
    place = _numbered(text, pattern, start, number, flags, group)
    return None if place is None else text[place[0] : place[1]]


def regexp_instr(
    text: str,
    pattern: str,
    start: int = 1,
    number: int = 1,
    end: int = 0,
    flags: str = "",
    group: int = 0,
) -> int:
    """Return where the n-th match begins (or, with ``end``, what follows it); 0 if nowhere."""
    _check("start", start)
    _check("n", number)
    _check("endoption", end, 0, 1)
    _check("subexpr", group, 0)
    _one_at_a_time("regexp_instr", flags)
    place = _numbered(text, pattern, start, number, flags, group)
    return 0 if place is None else place[end] + 1


FUNCTIONS: tuple[Entry, ...] = (
    *stricts(
        ("ff_substring", part_matching),
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
        ("ff_regexp_split_to_array", regexp_split_to_array),
        ("ff_regexp_split_to_table", regexp_split_to_table),
        ("ff_regexp_count", regexp_count),
        ("ff_regexp_like", regexp_like),
        ("ff_regexp_substr", regexp_substr),
        ("ff_regexp_instr", regexp_instr),
    ),
    Entry("ff_substring", 3, strict(part_similar)),
)
