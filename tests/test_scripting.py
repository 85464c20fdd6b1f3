"""The script runner, driven with a toy language: sessions that push and pop words."""

from __future__ import annotations

from pathlib import Path

import pytest

from fivefold.errors import InvalidState
from tests.scripting import BadScript, check, rewrite


class Toy:
    """`push w` answers with the stack; `pop` fails on an empty one; `lines` puts out three."""

    def __init__(self) -> None:
        self.stacks: dict[str, list[str]] = {}
        self.closed = False

    def run(self, session_name: str, statement: str, tags: frozenset[str]) -> str:
        stack = self.stacks.setdefault(session_name, [])
        verb, *words = statement.split()
        if verb == "pop" and not stack:
            raise InvalidState("nothing to pop", "closed", detail="0 words", hint="push one")
        if verb == "pop":
            stack.pop()
        elif verb == "push":
            stack.extend(words)
        elif verb == "lines":
            return "one\n\nthree"
        return " ".join([f"[{tag}]" for tag in sorted(tags)] + stack)

    def close(self) -> None:
        self.closed = True


WHOLE = """\
# Sessions are apart.
a:> push x
b:[sql, plan]> push y
    z

> push mine
a:!>pop
---
"""


def test_one_block() -> None:
    script = WHOLE.replace("a:!>pop", "a:>pop")
    out = "a: x\nb: [plan] [sql] y z\nmine\na: (empty)\n"
    assert rewrite(script, Toy()) == script + out


def test_many_blocks_share_their_sessions() -> None:
    script = "> push x\n---\nold\n\n# then\n> push y\n---\nold\nold"
    assert rewrite(script, Toy()) == "> push x\n---\nx\n\n# then\n> push y\n---\nx y\n"


def test_errors_are_output() -> None:
    out = "!> pop\n---\nError: closed: nothing to pop\nDETAIL: 0 words\nHINT: push one\n"
    assert rewrite("!> pop", Toy()) == out
    assert rewrite("a:!> pop", Toy()).endswith("\na: HINT: push one\n")


def test_blank_output_lines_do_not_end_the_output() -> None:
    once = rewrite("> lines\n> push x", Toy())
    assert once == "> lines\n> push x\n---\none\n(empty)\nthree\nx\n"
    assert rewrite(once, Toy()) == once


def test_comments_alone_have_no_output() -> None:
    assert rewrite("# nothing\n\n# here\n", Toy()) == "# nothing\n\n# here\n"


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("> push x\n> pop\n> pop", "line 3: failed without `!`\nError: closed"),
        ("!> push x", "line 1: succeeded in spite of `!`"),
        ("> push x\n---\nx\n\n!> push y", "line 5: succeeded"),
        ("push x", "line 1: neither"),
        ("    > push x", "line 1: neither"),
        ("> push x\n# a comment ends it\n  y", "line 3: neither"),
    ],
)
def test_bad_scripts(script: str, says: str) -> None:
    with pytest.raises(BadScript) as caught:
        rewrite(script, Toy())
    assert says in str(caught.value)


def test_check_compares_rewrites_and_closes(tmp_path: Path) -> None:
    path = tmp_path / "case"
    path.write_text("> push x\n---\nwrong\n")
    toy = Toy()
    with pytest.raises(AssertionError, match="--rewrite-scripts"):
        check(path, toy, rewriting=False)
    assert toy.closed
    check(path, Toy(), rewriting=True)
    assert path.read_text() == "> push x\n---\nx\n"
    check(path, Toy(), rewriting=False)
    path.write_text("> pop")
    with pytest.raises(BadScript, match=r"case: line 1: failed"):
        check(path, Toy(), rewriting=True)
    assert path.read_text() == "> pop"
