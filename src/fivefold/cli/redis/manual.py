"""HELP: what there is to know of a command, or of a group of them, as redis-cli shows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fivefold.cli.redis.hints import Described, Reference

NAMES = frozenset({"help", "?"})

_OVERVIEW = """\
help COMMAND      what a command does, and what may follow it
help @GROUP       the commands of a group: {groups}
clear             clear the screen
N COMMAND         run a command N times
quit, Ctrl-D      leave

Tab completes commands. Quoting is redis-cli's: "a b", 'a b', "\\x00".
"""


def manual(reference: Reference, words: Sequence[str]) -> str:
    """Return the text for what follows HELP."""
    if not words:
        groups = sorted({each.group for each in reference.commands.values() if each.group})
        return _OVERVIEW.format(groups=_folded([f"@{group}" for group in groups], 18))
    found = [*_found(reference, [word.lower() for word in words])]
    in_group = words[0].startswith("@")
    return "".join(_entry(each, not in_group) for each in found)


def _found(reference: Reference, words: Sequence[str]) -> Iterator[Described]:
    for each in reference.commands.values():
        if words[0].startswith("@"):
            if each.group == words[0][1:]:
                yield each
        elif each.name.split()[: len(words)] == list(words):
            yield each


def _entry(command: Described, with_group: bool) -> str:
    lines = [
        f"  {command.name.upper()} {command.syntax}".rstrip(),
        f"  summary: {command.summary}",
        f"  since: {command.since}",
        *([f"  group: {command.group}"] if with_group else []),
    ]
    return "\n" + "\n".join(lines) + "\n"


def _folded(words: list[str], indent: int, width: int = 78) -> str:
    lines = [""]
    for word in words:
        if len(lines[-1]) + len(word) + 1 > width - indent:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return ("\n" + " " * indent).join(lines)
