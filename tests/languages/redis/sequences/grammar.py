"""commands.txt read, and commands drawn from it: most as they should be, some bent.

A line is a sequence of items. Neighbouring [options] come in any order; now and then one comes
twice. One command in eight is bent afterwards: a word is left out, doubled, exchanged or replaced.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st

from tests.languages.redis.sequences import words as kinds

Words = list[bytes]

_TOKEN = re.compile(r"#?\(|\)[+*]?|[\[\]|]|[^\s\[\]()|#]+|#")
_REPEATS_MAX = 3

CHANCES = st.integers(0, 99)


@dataclass(frozen=True, slots=True)
class Literal:
    """A word that stands for itself."""

    text: bytes

    def draw(self, draw: st.DrawFn, into: Words) -> None:
        """Append the word; options may be written small."""
        into.append(self.text.lower() if draw(CHANCES) > 90 else self.text)


@dataclass(frozen=True, slots=True)
class Kind:
    """A word of a kind."""

    words: st.SearchStrategy[bytes]

    def draw(self, draw: st.DrawFn, into: Words) -> None:
        """Append one."""
        into.append(draw(self.words))


@dataclass(frozen=True, slots=True)
class Group:
    """Choices of sequences, some times over."""

    choices: tuple[tuple[Item, ...], ...]
    least: int = 1
    most: int = 1
    counted: bool = False

    @property
    def optional(self) -> bool:
        """Say whether it is one of [options]."""
        return self.least == 0 and self.most == 1

    def draw(self, draw: st.DrawFn, into: Words) -> None:
        """Append what it gives, with the count in front if it is counted."""
        times = self.least
        if self.most > self.least:
            times = draw(st.integers(self.least, self.most))
        if self.counted:
            into.append(b"%d" % times if draw(CHANCES) < 95 else draw(kinds.NASTY))
        for _ in range(times):
            which = draw(st.integers(0, len(self.choices) - 1)) if len(self.choices) > 1 else 0
            draw_sequence(self.choices[which], draw, into)


Item = Literal | Kind | Group


@dataclass(frozen=True, slots=True)
class Shape:
    """One line: a command's words. ``waits`` says that it may wait outside MULTI."""

    name: str
    family: str
    items: tuple[Item, ...]
    waits: bool


def draw_sequence(items: tuple[Item, ...], draw: st.DrawFn, into: Words) -> None:
    """Append what the items give; of neighbouring options each with a chance, in some order."""
    at = 0
    while at < len(items):
        options: list[Group] = []
        while at < len(items):
            option = items[at]
            if not (isinstance(option, Group) and option.optional):
                break
            options.append(option)
            at += 1
        if options:
            _draw_options(options, draw, into)
        else:
            items[at].draw(draw, into)
            at += 1


def _draw_options(options: list[Group], draw: st.DrawFn, into: Words) -> None:
    parts: list[Words] = []
    for option in options:
        if draw(CHANCES) < 40:
            parts.append([])
            which = draw(st.integers(0, len(option.choices) - 1))
            draw_sequence(option.choices[which], draw, parts[-1])
    if parts and (fate := draw(CHANCES)) >= 80:
        parts = parts[::-1] if fate < 95 else [*parts, parts[0]]
    for part in parts:
        into.extend(part)


def draw_command(shape: Shape, draw: st.DrawFn) -> Words:
    """Return a command of this shape, mostly a right one."""
    made: Words = []
    draw_sequence(shape.items, draw, made)
    if draw(CHANCES) >= 88:
        _bend(made, draw)
    return made


def _bend(made: Words, draw: st.DrawFn) -> None:
    how = draw(st.integers(0, 5))
    at = draw(st.integers(0, len(made) - 1))
    if how == 0 and len(made) > 1:
        del made[max(at, 1)]
    elif how == 1:
        made.insert(at + 1, made[max(at, 1)] if len(made) > 1 else b"")
    elif how == 2:
        made.append(draw(kinds.NASTY))
    elif how == 3 and len(made) > 2:
        made[-1], made[max(at, 1)] = made[max(at, 1)], made[-1]
    elif len(made) > 1:
        made[max(at, 1)] = draw(kinds.NASTY)


def read(path: Path) -> tuple[Shape, ...]:
    """Return the file's lines, in order."""
    shapes: list[Shape] = []
    family = ""
    for line in path.read_text().splitlines():
        if line.startswith("=="):
            family = line.strip("= ")
        elif line and not line.startswith("#"):
            items = _parse(line.removeprefix("~"))
            name = line.removeprefix("~").split()[0]
            shapes.append(Shape(name, family, items, line.startswith("~")))
    return tuple(shapes)


def _parse(line: str) -> tuple[Item, ...]:
    tokens = _TOKEN.findall(line)
    choices, end = _parse_choices(tokens, 0)
    assert end == len(tokens), line
    assert len(choices) == 1, line
    return choices[0]


def _parse_choices(tokens: list[str], at: int) -> tuple[tuple[tuple[Item, ...], ...], int]:
    choices: list[list[Item]] = [[]]
    while at < len(tokens) and tokens[at][0] not in ")]":
        token = tokens[at]
        at += 1
        if token == "|":
            choices.append([])
        elif token in ("[", "(", "#("):
            inner, at = _parse_choices(tokens, at)
            close = tokens[at]
            at += 1
            least = 0 if close in ("]", ")*") else 1
            most = _REPEATS_MAX if close in (")+", ")*") else 1
            choices[-1].append(Group(inner, least, most, token == "#("))
        elif token in kinds.KINDS:
            choices[-1].append(Kind(kinds.KINDS[token]))
        else:
            choices[-1].append(Literal(token.encode()))
    return tuple(map(tuple, choices)), at
