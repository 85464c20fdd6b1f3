"""Makes a sequence that fails as short as it can be: fewer turns, fewer steps, fewer words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from tests.languages.redis.sequences.steps import Say, Turn

TRIES_MAX = 600

Fails = Callable[[list[Turn]], bool]
_Item = TypeVar("_Item")


def shorten(turns: list[Turn], fails: Fails) -> list[Turn]:
    """Return a part of ``turns`` that fails still, found in a bounded number of tries."""
    tries = iter(range(TRIES_MAX))

    def still(candidate: list[Turn]) -> bool:
        return next(tries, None) is not None and fails(candidate)

    before = None
    while before != turns:
        before = turns
        turns = _without(turns, still)
        for at in range(len(turns)):
            turns = _within(turns, at, still)
    return turns


def _without(items: list[_Item], still: Callable[[list[_Item]], bool]) -> list[_Item]:
    """Leave out runs of items, long ones first, wherever it fails without them."""
    size = max(1, len(items) // 2)
    while True:
        at = 0
        while at < len(items):
            shorter = items[:at] + items[at + size :]
            if still(shorter):
                items = shorter
            else:
                at += size
        if size == 1:
            return items
        size //= 2


def _within(turns: list[Turn], at: int, still: Fails) -> list[Turn]:
    """Leave out steps of one turn, and words of its commands."""

    def put(turn: Turn) -> list[Turn]:
        return [*turns[:at], turn, *turns[at + 1 :]]

    steps = _without(list(turns[at]), lambda fewer: bool(fewer) and still(put(tuple(fewer))))
    turns = put(tuple(steps))
    for candidate in _shorter_words(tuple(steps)):
        if still(put(candidate)):
            return _within(put(candidate), at, still)
    return turns


def _shorter_words(turn: Turn) -> Iterator[Turn]:
    for at, step in enumerate(turn):
        if isinstance(step, Say):
            for word in range(1, len(step.words)):
                words = step.words[:word] + step.words[word + 1 :]
                yield (*turn[:at], replace(step, words=words), *turn[at + 1 :])
