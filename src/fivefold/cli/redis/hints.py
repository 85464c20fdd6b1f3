"""What may follow a command's name: shown dimmed while it is typed, and by HELP.

All of it comes from COMMAND DOCS, in the notation of redis-cli: ``[a]`` may be left out, ``a|b`` is
one of them, ``[a ...]`` may come again.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Ask = Callable[..., Any]
"""Runs a command, given as its words, and returns its reply."""


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a command (redis.io, "COMMAND DOCS").

    ``token`` is a word that stands before it, or all of it. ``repeats_token`` says that the token
    comes again with each further value.
    """

    name: str
    kind: str
    token: str | None
    optional: bool
    multiple: bool
    repeats_token: bool
    parts: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class Described:
    """One command, or a subcommand as ``config get``, in lower case."""

    name: str
    summary: str
    since: str
    group: str
    arguments: tuple[Argument, ...]

    @property
    def syntax(self) -> str:
        """Return what follows the name."""
        return " ".join(map(shown, self.arguments))


class Reference:
    """All commands by name, asked for when first needed."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._known: dict[str, Described] | None = None

    @property
    def commands(self) -> dict[str, Described]:
        """Return the commands, and the subcommands of those that have some, by name."""
        if self._known is None:
            documents = _pairs(self._ask("COMMAND", "DOCS"))
            self._known = {each.name: each for each in _read_all(documents)}
        return self._known

    def find(self, words: Sequence[str]) -> Described | None:
        """Return the command that a line begins with."""
        for count in (2, 1):
            found = self.commands.get(" ".join(words[:count]).lower())
            if found is not None and len(words) >= count:
                return found
        return None

    def hint(self, line: str) -> str:
        """Return what may still follow the line, empty if nothing is known."""
        words = line.split()
        command = self.find(words)
        if command is None:
            return ""
        typed = words[command.name.count(" ") + 1 :]
        _, rest = _sequence(command.arguments, typed)
        return rest if line.endswith(" ") or not rest else f" {rest}"


# Reading COMMAND DOCS, whose maps are flat lists in RESP2


def _pairs(reply: Any) -> dict[str, Any]:
    if isinstance(reply, dict):
        return {_text(name): value for name, value in reply.items()}
    words = iter(reply)
    return {_text(name): value for name, value in zip(words, words, strict=True)}


def _text(word: Any) -> str:
    return word.decode() if isinstance(word, bytes) else str(word)


def _read_all(documents: dict[str, Any]) -> Iterator[Described]:
    for name, reply in documents.items():
        facts = _pairs(reply)
        subcommands = _pairs(facts.get("subcommands", {}))
        if subcommands:
            yield from _read_all(subcommands)
        else:
            yield Described(
                name.replace("|", " "),
                _text(facts.get("summary", "")),
                _text(facts.get("since", "")),
                _text(facts.get("group", "")),
                tuple(map(_argument, facts.get("arguments", ()))),
            )


def _argument(reply: Any) -> Argument:
    facts = _pairs(reply)
    flags = {_text(flag) for flag in facts.get("flags", ())}
    return Argument(
        _text(facts.get("display_text", facts["name"])),
        _text(facts["type"]),
        _text(facts["token"]) or '""' if "token" in facts else None,
        "optional" in flags,
        "multiple" in flags,
        "multiple_token" in flags,
        tuple(map(_argument, facts.get("arguments", ()))),
    )


# Showing it


def shown(argument: Argument) -> str:
    """Return an argument in the notation of redis-cli."""
    whole = _once(argument)
    if argument.multiple:
        whole += f" {_again(argument)}"
    return f"[{whole}]" if argument.optional else whole


def _value(argument: Argument) -> str:
    if argument.kind == "oneof":
        return "|".join(map(shown, argument.parts))
    if argument.kind == "block":
        return " ".join(map(shown, argument.parts))
    return argument.name


def _once(argument: Argument) -> str:
    if argument.token is None:
        return _value(argument)
    return (
        argument.token if argument.kind == "pure-token" else f"{argument.token} {_value(argument)}"
    )


def _again(argument: Argument) -> str:
    return f"[{_once(argument) if argument.repeats_token else _value(argument)} ...]"


# Following what is typed. Each function returns how many words it took, none if they are not
# of this argument, and what is still to come of it.

Taken = tuple[int, str]


def _sequence(arguments: Sequence[Argument], words: Sequence[str]) -> Taken:
    taken, rest, at = 0, "", 0
    while at < len(arguments):
        if arguments[at].optional:
            end = at
            while end < len(arguments) and arguments[end].optional:
                end += 1
            count, more = _options(arguments[at:end], words[taken:])
            rest = more if count else " ".join(filter(None, (rest, more)))
            at = end
        else:
            stops = {each.token.upper() for each in arguments[at:] if each.token}
            count, more = _several(arguments[at], words[taken:], stops)
            if not count:  # not what may stand here, or nothing typed: all of it is to come
                return taken, " ".join([*([rest] if rest else []), *map(shown, arguments[at:])])
            rest = more  # what was left out before it is too late now
            at += 1
        taken += count
    return taken, rest


def _options(options: Sequence[Argument], words: Sequence[str]) -> Taken:
    """Follow what may be left out, and come in any order."""
    left, taken, begun = list(options), 0, ""
    while taken < len(words) and not begun:
        for option in sorted(left, key=_is_free):
            count, begun = _several(option, words[taken:])
            if count:
                taken += count
                left.remove(option)
                break
        else:
            break
    return taken, " ".join([*([begun] if begun else []), *map(shown, left)])


def _is_free(argument: Argument) -> bool:
    """Say whether any word fits: those with a word of their own are tried first."""
    if argument.token is not None:
        return False
    parts = argument.parts[:1] if argument.kind == "block" else argument.parts
    return not parts or any(map(_is_free, parts))


def _several(argument: Argument, words: Sequence[str], stops: Container[str] = ()) -> Taken:
    taken, rest = _one(argument, words)
    if not argument.multiple or not taken:
        return taken, rest
    while not rest and taken < len(words) and words[taken].upper() not in stops:
        count, rest = _one(argument, words[taken:], argument.repeats_token)
        if not count:
            break
        taken += count
    return taken, f"{rest} {_again(argument)}".lstrip()


def _one(argument: Argument, words: Sequence[str], with_token: bool = True) -> Taken:
    taken = 0
    if argument.token is not None and with_token:
        if not words or words[0].upper() != argument.token.upper():
            return 0, ""
        if argument.kind == "pure-token":
            return 1, ""
        taken = 1
    if len(words) == taken:
        return taken, _value(argument)
    if argument.kind == "block":
        count, rest = _sequence(argument.parts, words[taken:])
        return (taken + count, rest) if taken or count else (0, "")
    if argument.kind != "oneof":
        return taken + 1, ""
    for part in sorted(argument.parts, key=_is_free):
        count, rest = _several(part, words[taken:])
        if count:
            return taken + count, rest
    return taken, _value(argument)
