"""The commands about the server, and about the commands."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from functools import partial

from fivefold import __version__
from fivefold.errors import InvalidStatement
from fivefold.languages.redis.arguments import STRING_BYTES_MAX, bad_value, syntax_error
from fivefold.languages.redis.command import Command, Handler
from fivefold.languages.redis.commands.connection import REDIS_VERSION
from fivefold.languages.redis.context import Context
from fivefold.languages.redis.glob import compile_glob
from fivefold.models.keyvalue.layout import DATABASES
from fivefold.values.replies import Reply, Verbatim

SETTINGS: dict[bytes, bytes] = {
    b"appendonly": b"yes",
    b"databases": b"%d" % DATABASES,
    b"maxmemory": b"0",
    b"maxmemory-policy": b"noeviction",
    b"notify-keyspace-events": b"",
    b"proto-max-bulk-len": b"%d" % STRING_BYTES_MAX,
    b"save": b"",
    b"timeout": b"0",
}
"""The settings of redis-server that tools ask for, as far as they have a meaning here."""


def time(context: Context, args: list[bytes]) -> Reply:
    """Return the seconds since 1970 and the microseconds of the present second."""
    seconds, milliseconds = divmod(context.now_ms, 1000)
    return [b"%d" % seconds, b"%d" % (milliseconds * 1000)]


def dbsize(context: Context, args: list[bytes]) -> Reply:
    """Return the number of keys of this database."""
    return context.space.count(context.now_ms)


def _check_flush(args: list[bytes]) -> None:
    if len(args) > 2 or (len(args) == 2 and args[1].upper() not in (b"SYNC", b"ASYNC")):
        raise syntax_error()


def flushdb(context: Context, args: list[bytes]) -> Reply:
    """Delete every key of this database."""
    _check_flush(args)
    context.space.clear()
    return "OK"


def flushall(context: Context, args: list[bytes]) -> Reply:
    """Delete every key of every database."""
    _check_flush(args)
    for number in range(DATABASES):
        context.space_of(number).clear()
    return "OK"


# CONFIG


def config_get(context: Context, args: list[bytes]) -> Reply:
    """Return the settings whose names match one of the patterns."""
    settings = dict(SETTINGS)
    if context.server is not None:
        settings[b"port"] = b"%d" % context.server.port
    patterns = [compile_glob(pattern.lower()) for pattern in args[2:]]
    return {
        name: value
        for name, value in sorted(settings.items())
        if any(matches(name) for matches in patterns)
    }


def config_resetstat(context: Context, args: list[bytes]) -> Reply:
    """Do nothing: no statistics are kept that could be reset."""
    return "OK"


def config_help(context: Context, args: list[bytes]) -> Reply:
    """Return what CONFIG can do."""
    return [
        "CONFIG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        *("GET <pattern> [<pattern> ...]", "    The settings whose names match."),
        *("RESETSTAT", "    Does nothing here."),
        *("HELP", "    Print this help."),
    ]


# INFO


def _info_server(context: Context) -> dict[str, object]:
    server = context.server
    facts: dict[str, object] = {
        "redis_version": REDIS_VERSION,
        "redis_mode": "standalone",
        "fivefold_version": __version__,
        "os": f"{platform.system()} {platform.release()} {platform.machine()}",
        "arch_bits": 64,
    }
    if server is not None:
        uptime = max(context.now_ms - server.started_ms, 0) // 1000
        facts |= {
            "run_id": server.run_id,
            "tcp_port": server.port,
            "uptime_in_seconds": uptime,
            "uptime_in_days": uptime // 86400,
        }
    return facts


def _info_clients(context: Context) -> dict[str, object]:
    count = 1 if context.server is None else len(list(context.server.sessions()))
    return {"connected_clients": count, "blocked_clients": 0}


def _info_persistence(context: Context) -> dict[str, object]:
    return {"loading": 0, "aof_enabled": 1, "rdb_bgsave_in_progress": 0}


def _info_replication(context: Context) -> dict[str, object]:
    return {"role": "master", "connected_slaves": 0}


def _info_cluster(context: Context) -> dict[str, object]:
    return {"cluster_enabled": 0}


def _info_keyspace(context: Context) -> dict[str, object]:
    facts: dict[str, object] = {}
    for number in range(DATABASES):
        space = context.space_of(number)
        if count := space.count(context.now_ms):
            expires = space.count_expiring(context.now_ms)
            facts[f"db{number}"] = f"keys={count},expires={expires},avg_ttl=0"
    return facts


_SECTIONS: dict[str, Callable[[Context], dict[str, object]]] = {
    "Server": _info_server,
    "Clients": _info_clients,
    "Persistence": _info_persistence,
    "Replication": _info_replication,
    "Cluster": _info_cluster,
    "Keyspace": _info_keyspace,
}


def info(context: Context, args: list[bytes]) -> Reply:
    """Describe the server, or the sections that are asked for."""
    wanted = {word.lower() for word in args[1:]} or {b"default"}
    everything = wanted & {b"default", b"all", b"everything"}
    parts = []
    for title, section in _SECTIONS.items():
        if everything or title.lower().encode() in wanted:
            lines = [f"{name}:{value}\r\n" for name, value in section(context).items()]
            parts.append(f"# {title}\r\n" + "".join(lines))
    return Verbatim("\r\n".join(parts).encode())


# COMMAND

Table = Mapping[bytes, Command]


def _words(flags: tuple[str, ...]) -> set[Reply]:
    return set(flags)


def _entry(command: Command) -> Reply:
    """Return what COMMAND INFO says of one command (redis.io, "COMMAND")."""
    tail: list[Reply] = [set(), [], []]  # access categories, tips, key specifications
    return [
        command.name.encode(),
        command.arity,
        _words(command.flags),
        *(command.first, command.last, command.step),
        *tail,
        [_entry(subcommand) for subcommand in command.subcommands.values()],
    ]


def _find(table: Table, name: bytes) -> Command | None:
    first, _, second = name.lower().partition(b"|")
    command = table.get(first)
    return command.subcommands.get(second) if command is not None and second else command


def command_all(table: Table, context: Context, args: list[bytes]) -> Reply:
    """Describe every command."""
    return [_entry(command) for command in table.values()]


def command_count(table: Table, context: Context, args: list[bytes]) -> Reply:
    """Return the number of commands."""
    return len(table)


def command_info(table: Table, context: Context, args: list[bytes]) -> Reply:
    """Describe commands."""
    if len(args) == 2:
        return command_all(table, context, args)
    found = [_find(table, name) for name in args[2:]]
    return [None if command is None else _entry(command) for command in found]


def command_docs(table: Table, context: Context, args: list[bytes]) -> Reply:
    """Return a sentence on each command."""
    found = table.values() if len(args) == 2 else [_find(table, name) for name in args[2:]]
    return {command.name.encode(): _document(command) for command in found if command is not None}


def _document(command: Command) -> Reply:
    doc = (command.handler.__doc__ or "").partition("\n")[0]
    document: dict[Reply, Reply] = {b"summary": doc.encode()}
    if command.subcommands:
        document[b"subcommands"] = {
            subcommand.name.encode(): _document(subcommand)
            for subcommand in command.subcommands.values()
        }
    return document


def command_list(table: Table, context: Context, args: list[bytes]) -> Reply:
    """Return the names of all commands, or of those that match a pattern."""
    names = [
        one.name.encode()
        for command in table.values()
        for one in (command, *command.subcommands.values())
    ]
    if len(args) == 2:
        return list(names)
    if len(args) != 5 or args[2].upper() != b"FILTERBY":
        raise syntax_error()
    by = args[3].upper()
    if by == b"PATTERN":
        matches = compile_glob(args[4].lower())
        return [name for name in names if matches(name)]
    if by in (b"MODULE", b"ACLCAT"):
        return []
    raise syntax_error()


def command_getkeys(table: Table, context: Context, args: list[bytes]) -> Reply:
    """Return those words of a command that are keys."""
    command = _find(table, args[2])
    words = args[2:]
    if command is not None and command.subcommands and len(words) > 1:
        command = command.subcommands.get(words[1].lower())
    if command is None:
        raise InvalidStatement("Invalid command specified", "unknown_command")
    if not command.first:
        raise bad_value("The command has no key arguments")
    if not command.least <= len(words) <= command.most:
        raise InvalidStatement(
            "Invalid number of arguments specified for command", "wrong_argument_count"
        )
    end = command.last + 1 if command.last >= 0 else len(words) + command.last + 1
    return list(words[command.first : end : command.step])


def command_help(context: Context, args: list[bytes]) -> Reply:
    """Return what COMMAND can do."""
    return [
        "COMMAND <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        *("(no subcommand)", "    Every command, described."),
        *("COUNT", "    The number of commands."),
        *("DOCS [<name> ...]", "    A sentence on each command."),
        *("GETKEYS <command>", "    The words of a command that are keys."),
        *("INFO [<name> ...]", "    Commands, described."),
        *("LIST [FILTERBY PATTERN <pattern>]", "    The names of commands."),
        *("HELP", "    Print this help."),
    ]


_STATELESS = ("loading", "stale")
_ADMIN = ("admin", "noscript", *_STATELESS)

_CONFIG: dict[bytes, Command] = {
    b"get": Command("config|get", config_get, -3, _ADMIN),
    b"help": Command("config|help", config_help, 2, _STATELESS),
    b"resetstat": Command("config|resetstat", config_resetstat, 2, _ADMIN),
}

COMMANDS = (
    Command("config", config_help, -2, subcommands=_CONFIG),
    Command("dbsize", dbsize, 1, ("readonly", "fast"), scans=True),
    Command("flushall", flushall, -1, ("write",), scans=True),
    Command("flushdb", flushdb, -1, ("write",), scans=True),
    Command("info", info, -1, _STATELESS, scans=True),
    Command("time", time, 1, ("loading", "stale", "fast")),
)

_ON_COMMANDS: tuple[tuple[str, Callable[[Table, Context, list[bytes]], Reply], int], ...] = (
    ("count", command_count, 2),
    ("docs", command_docs, -2),
    ("getkeys", command_getkeys, -4),
    ("info", command_info, -2),
    ("list", command_list, -2),
)


def describe(table: Table) -> tuple[Command, ...]:
    """Return the command that describes the commands of ``table``, itself among them in the end."""
    subcommands = {
        name.encode(): Command(f"command|{name}", _over(table, handler), arity, _STATELESS)
        for name, handler, arity in _ON_COMMANDS
    }
    subcommands[b"help"] = Command("command|help", command_help, 2, _STATELESS)
    everything = _over(table, command_all)
    return (Command("command", everything, -1, _STATELESS, subcommands=subcommands),)


def _over(table: Table, handler: Callable[[Table, Context, list[bytes]], Reply]) -> Handler:
    bound = partial(handler, table)
    bound.__doc__ = handler.__doc__
    return bound
