"""Completion of command names, and the hint of what may follow, at the redis prompt."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import FormattedText

from fivefold.cli.redis.hints import Reference
from fivefold.cli.redis.manual import NAMES


class CommandCompleter(Completer):
    """Offers the names of commands, of subcommands after their command's name, and of groups."""

    def __init__(self, reference: Reference) -> None:
        self._reference = reference

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        """Yield the names that begin with the words typed so far."""
        typed = " ".join(document.text_before_cursor.split(" ")).lstrip()
        first, _, rest = typed.partition(" ")
        if rest != typed and first.lower() in NAMES and typed != first:
            yield from self._names(rest, with_groups=True)
        else:
            yield from self._names(typed, with_groups=False)

    def _names(self, typed: str, with_groups: bool) -> Iterable[Completion]:
        commands = self._reference.commands
        offered = {name: command.syntax for name, command in commands.items()}
        if " " not in typed:
            whole = {name.partition(" ")[0]: "…" for name in offered if " " in name}
            offered = {name: syntax for name, syntax in offered.items() if " " not in name} | whole
        if with_groups:
            offered |= {f"@{each.group}": "a group" for each in commands.values()}
        for name in sorted(offered):
            if name.startswith(typed.lower()):
                last = name.rpartition(" ")[2] if " " in typed else name
                yield Completion(
                    last.upper() if typed.isupper() else last,
                    start_position=typed.rfind(" ") + 1 - len(typed),
                    display_meta=offered[name],
                )


def hints_of(reference: Reference) -> Callable[[str], FormattedText]:
    """Return what says what is shown, but not typed, behind the line."""
    return lambda text: FormattedText([("class:more", reference.hint(text))])
