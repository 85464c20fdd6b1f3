"""COMMAND: the commands, described."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from fivefold.errors import InvalidStatement
from fivefold.languages.redis.arguments import bad_value, syntax_error
from fivefold.languages.redis.command import Command, Handler
from fivefold.languages.redis.context import Context
from fivefold.languages.redis.glob import compile_glob
from fivefold.values.replies import Reply

# ``metadata`` is imported where it is asked for: most programs never do, and its tables are long.

Table = Mapping[bytes, Command]


def _find(table: Table, name: bytes) -> Command | None:
    first, bar, second = name.lower().partition(b"|")
    command = table.get(first)
    return command.subcommands.get(second) if command is not None and bar else command


def command_all(table: Table, context: Context, args: list[bytes]) -> Reply:
    """Describe every command."""
    from fivefold.languages.redis.metadata.describe import information

    return [information(command) for command in table.values()]


def command_count(table: Table, context: Context, args: list[bytes]) -> Reply:
    """Return the number of commands."""
    return len(table)


def command_info(table: Table, context: Context, args: list[bytes]) -> Reply:
    """Describe commands."""
    from fivefold.languages.redis.metadata.describe import information

    if len(args) == 2:
        return command_all(table, context, args)
    found = [_find(table, name) for name in args[2:]]
    return [None if command is None else information(command) for command in found]


def command_docs(table: Table, context: Context, args: list[bytes]) -> Reply:
    """Explain commands and their arguments."""
    from fivefold.languages.redis.metadata.describe import document

    found: Iterable[Command | None] = table.values()
    if len(args) > 2:
        found = [_find(table, name) for name in args[2:]]
    return {command.name.encode(): document(command) for command in found if command is not None}


def command_list(table: Table, context: Context, args: list[bytes]) -> Reply:
    """Return the names of all commands, or of those that a filter lets through."""
    if len(args) == 2:
        return [each.name.encode() for each in _all(table)]
    if len(args) != 5 or args[2].upper() != b"FILTERBY":
        raise syntax_error()
    by, word = args[3].upper(), args[4]
    if by == b"MODULE":
        return []
    if by == b"ACLCAT":
        from fivefold.languages.redis.metadata.describe import facts_of

        category = word.lower().decode("utf-8", "replace")
        return [each.name.encode() for each in _all(table) if category in facts_of(each).categories]
    if by == b"PATTERN":
        matches = compile_glob(word.lower())
        return [name for name in (each.name.encode() for each in _all(table)) if matches(name)]
    raise syntax_error()


def _all(table: Table) -> Iterator[Command]:
    for command in table.values():
        yield command
        yield from command.subcommands.values()


def _keys(table: Table, words: list[bytes]) -> list[tuple[bytes, tuple[str, ...]]]:
    """Return the keys among the words of a command, each with its flags."""
    from fivefold.languages.redis.metadata.describe import facts_of
    from fivefold.languages.redis.metadata.keys import find_keys, has_keys

    command = table.get(words[0].lower())
    if command is not None and command.subcommands and len(words) > 1:
        command = command.subcommands.get(words[1].lower())
    if command is None:
        raise InvalidStatement("Invalid command specified", "unknown_command")
    known = facts_of(command)
    if not has_keys(known):
        raise bad_value("The command has no key arguments")
    if not command.least <= len(words) <= command.most:
        raise InvalidStatement(
            "Invalid number of arguments specified for command", "wrong_argument_count"
        )
    found = find_keys(known, words)
    if not found and "no_mandatory_keys" not in known.flags:
        raise bad_value("Invalid arguments specified for command")
    return [(words[at], flags) for at, flags in found]


def command_getkeys(table: Table, context: Context, args: list[bytes]) -> Reply:
    """Return those words of a command that are keys."""
    return [key for key, _ in _keys(table, args[2:])]


def command_getkeysandflags(table: Table, context: Context, args: list[bytes]) -> Reply:
    """Return those words of a command that are keys, and what it does to them."""
    from fivefold.languages.redis.metadata.describe import words

    return [[key, words(flags)] for key, flags in _keys(table, args[2:])]


def command_help(context: Context, args: list[bytes]) -> Reply:
    """Return what COMMAND can do."""
    return [
        "COMMAND <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        *("(no subcommand)", "    Every command, described."),
        *("COUNT", "    The number of commands."),
        *("DOCS [<name> ...]", "    What commands do, and their arguments."),
        *("GETKEYS <command>", "    The words of a command that are keys."),
        *("GETKEYSANDFLAGS <command>", "    The same, with what is done to each key."),
        *("INFO [<name> ...]", "    Commands, described."),
        *("LIST [FILTERBY ACLCAT|MODULE|PATTERN <word>]", "    The names of commands."),
        *("HELP", "    Print this help."),
    ]


_FLAGS = ("loading", "stale")

_SUBCOMMANDS: tuple[tuple[str, Callable[[Table, Context, list[bytes]], Reply], int], ...] = (
    ("count", command_count, 2),
    ("docs", command_docs, -2),
    ("getkeys", command_getkeys, -4),
    ("getkeysandflags", command_getkeysandflags, -4),
    ("info", command_info, -2),
    ("list", command_list, -2),
)


def describe(table: Table) -> tuple[Command, ...]:
    """Return the command that describes the commands of ``table``, itself among them in the end."""
    subcommands = {
        name.encode(): Command(f"command|{name}", _over(table, handler), arity, _FLAGS)
        for name, handler, arity in _SUBCOMMANDS
    }
    subcommands[b"help"] = Command("command|help", command_help, 2, _FLAGS)
    everything = _over(table, command_all)
    return (Command("command", everything, -1, _FLAGS, subcommands=subcommands),)


def _over(table: Table, handler: Callable[[Table, Context, list[bytes]], Reply]) -> Handler:
    bound = partial(handler, table)
    bound.__doc__ = handler.__doc__
    return bound
