"""Completion of command names, and the hint of what may follow, at the redis prompt."""

from __future__ import annotations

from collections.abc import Iterable

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import FormattedText

from fivefold.cli.redis.hints import SYNTAX, hint


class CommandCompleter(Completer):
    """Offers the names of commands, and of subcommands after their command's name."""

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        """Yield the names that begin with the words typed so far."""
        typed = " ".join(document.text_before_cursor.lower().split(" "))
        for name, syntax in SYNTAX.items():
            if name.startswith(typed) and (" " not in name or " " in typed):
                rest = name.rpartition(" ")[2] if " " in typed else name
                shown = rest.upper() if _is_upper(document.text_before_cursor) else rest
                yield Completion(
                    shown,
                    start_position=typed.rfind(" ") + 1 - len(typed),
                    display_meta=syntax,
                )
        if " " not in typed:
            groups = {name.partition(" ")[0] for name in SYNTAX if " " in name}
            for name in sorted(groups):
                if name.startswith(typed):
                    shown = name.upper() if _is_upper(typed) else name
                    yield Completion(shown, start_position=-len(typed), display_meta="…")


def shown_after_input(text: str) -> FormattedText:
    """Return what is shown, but not typed, behind the line."""
    return FormattedText([("class:more", hint(text))])


def _is_upper(text: str) -> bool:
    return text.isupper()
