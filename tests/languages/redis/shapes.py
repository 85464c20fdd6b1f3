"""Random commands from shapes: a line such as ``LPUSH K V*`` and the words that K and V may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hypothesis import strategies as st

from tests.languages.redis.rig import Word
from tests.languages.redis.test_beside_redis import Words


def commands(shapes: str, words: Mapping[str, Sequence[Word]]) -> st.SearchStrategy[Words]:
    """Return a strategy for commands; shapes are parted by ``;`` or the line's end.

    A part of a shape that is a key of ``words`` stands for one of them, with a ``*`` for one to
    four of them; any other stands for itself. One command in forty has a word too few or too many.
    """
    parsed = [shape.split() for shape in shapes.replace("\n", ";").split(";") if shape.strip()]

    @st.composite
    def command(draw: st.DrawFn) -> Words:
        name, *parts = draw(st.sampled_from(parsed))
        made: list[Word] = [name]
        for part in parts:
            choices = words.get(part.rstrip("*"))
            if choices is None or part == "*":
                made.append(part)
            else:
                most = 4 if part.endswith("*") else 1
                made += draw(st.lists(st.sampled_from(choices), min_size=1, max_size=most))
        if draw(st.integers(0, 40)) == 0:
            made = made[:-1] if len(made) > 1 and draw(st.booleans()) else [*made, "EX"]
        return tuple(made)

    return command()
