"""commands.txt read, and commands drawn from it: most as they should be, some bent.

A line is a sequence of items. Neighbouring [options] come in any order; now and then one comes
twice. One command in eight is bent afterwards: a word is left out, doubled, exchanged or replaced.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.languages.redis.sequences import words as kinds

Words = list[bytes]

_TOKEN = re.compile(r"#?\(|\)[+*]?|[\[\]|]|[^\s\[\]()|#]+|#")
_REPEATS_MAX = 3


@dataclass(frozen=True, slots=True)
class Literal:
    """A word that stands for itself."""

    text: bytes

    def draw(self, chance: Random, into: Words) -> None:
        """Append the word; options may be written small."""
        into.append(self.text.lower() if chance.random() < 0.1 else self.text)


@dataclass(frozen=True, slots=True)
class Kind:
    """A word of a kind."""

    words: Sequence[bytes]

    def draw(self, chance: Random, into: Words) -> None:
        """Append one."""
        into.append(chance.choice(self.words))


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

    def draw(self, chance: Random, into: Words) -> None:
        """Append what it gives, with the count in front if it is counted."""
        times = chance.randint(self.least, self.most)
        if self.counted:
            into.append(b"%d" % times if chance.random() < 0.95 else chance.choice(kinds.NASTY))
        for _ in range(times):
            draw_sequence(chance.choice(self.choices), chance, into)


Item = Literal | Kind | Group


@dataclass(frozen=True, slots=True)
class Shape:
    """One line: a command's words. ``waits`` says that it may wait outside MULTI."""

    name: str
    family: str
    items: tuple[Item, ...]
    waits: bool


def draw_sequence(items: tuple[Item, ...], chance: Random, into: Words) -> None:
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
            _draw_options(options, chance, into)
        else:
            items[at].draw(chance, into)
            at += 1


def _draw_options(options: list[Group], chance: Random, into: Words) -> None:
    parts: list[Words] = []
    for option in options:
        if chance.random() < 0.4:
            parts.append([])
            draw_sequence(chance.choice(option.choices), chance, parts[-1])
    if parts and (fate := chance.random()) < 0.2:
        chance.shuffle(parts)
        parts = parts if fate < 0.15 else [*parts, parts[0]]
    for part in parts:
        into.extend(part)


def draw_command(shape: Shape, chance: Random) -> Words:
    """Return a command of this shape, mostly a right one."""
    made: Words = []
    draw_sequence(shape.items, chance, made)
    if chance.random() < 0.12:
        _bend(made, chance)
    return made


def _bend(made: Words, chance: Random) -> None:
    how = chance.randrange(6)
    at = chance.randrange(len(made))
    if how == 0 and len(made) > 1:
        del made[max(at, 1)]
    elif how == 1:
        made.insert(at + 1, made[max(at, 1)] if len(made) > 1 else b"")
    elif how == 2:
        made.append(chance.choice(kinds.NASTY))
    elif how == 3 and len(made) > 2:
        made[-1], made[max(at, 1)] = made[max(at, 1)], made[-1]
    elif len(made) > 1:
        made[max(at, 1)] = chance.choice(kinds.NASTY)


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
