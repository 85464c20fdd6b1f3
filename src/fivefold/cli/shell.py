"""What the shells share: where history is kept, how the prompt edits and completes."""

from __future__ import annotations

from collections.abc import Callable

from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app
from prompt_toolkit.completion import Completer
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.layout.processors import AfterInput
from prompt_toolkit.styles import Style

from fivefold.cli.state import state_folder

STYLE = Style.from_dict({"prompt": "bold ansicyan", "more": "ansibrightblack"})


def history(verb: str) -> History:
    """Return the verb's history, one in memory where its file cannot be written."""
    path = state_folder() / f"{verb}_history"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError:
        return InMemoryHistory()
    return FileHistory(path)


def prompt_session(
    verb: str,
    completer: Completer,
    is_complete: Callable[[str], bool],
    hint: Callable[[str], FormattedText] | None = None,
) -> PromptSession[str]:
    """Return a prompt on which Enter ends the input only where ``is_complete`` says so.

    ``hint`` returns what is shown behind the input typed so far.
    """

    @Condition
    def goes_on() -> bool:
        return not is_complete(session.default_buffer.text)

    def behind() -> FormattedText:
        if hint is None or get_app().is_done:  # what was only shown must not stay on the screen
            return FormattedText()
        return hint(session.default_buffer.text)

    session: PromptSession[str] = PromptSession(
        history=history(verb),
        completer=completer,
        complete_while_typing=False,
        input_processors=[AfterInput(behind)],
        multiline=goes_on,
        prompt_continuation=_continuation,
        enable_open_in_editor=True,
        style=STYLE,
    )
    return session


def _continuation(width: int, line: int, wraps: int) -> FormattedText:
    """Return what stands before a further line, so that the lines begin below one another."""
    return FormattedText([("class:more", "".rjust(width) if wraps else "-> ".rjust(width))])


def prompt_text(name: str, mark: str) -> FormattedText:
    """Return the prompt: ``demo=> ``."""
    return FormattedText([("class:prompt", f"{name}{mark} ")])
