"""The commands about the server."""

from __future__ import annotations

import platform
from collections.abc import Callable

from fivefold import __version__
from fivefold.languages.redis.arguments import syntax_error
from fivefold.languages.redis.command import Command
from fivefold.languages.redis.commands.connection import REDIS_VERSION
from fivefold.languages.redis.context import Context
from fivefold.models.keyvalue.layout import DATABASES
from fivefold.values.replies import Reply, Verbatim


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
    return {"connected_clients": count, "blocked_clients": context.hub.blocked}


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


_STATELESS = ("loading", "stale")
_ADMIN = ("admin", "noscript", *_STATELESS)

COMMANDS = (
    Command("dbsize", dbsize, 1, ("readonly", "fast"), scans=True),
    Command("flushall", flushall, -1, ("write",), scans=True),
    Command("flushdb", flushdb, -1, ("write",), scans=True),
    Command("info", info, -1, _STATELESS, scans=True),
    Command("time", time, 1, ("loading", "stale", "fast")),
)
