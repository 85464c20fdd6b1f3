"""INFO, with the sections and fields of redis-server 7.0 that mean something here."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from pathlib import Path

from fivefold import __version__
from fivefold.languages.redis.channels import Family
from fivefold.languages.redis.command import Command
from fivefold.languages.redis.commands.connection import REDIS_VERSION
from fivefold.languages.redis.context import Context
from fivefold.models.keyvalue.layout import DATABASES
from fivefold.values.replies import Reply, Verbatim

Facts = dict[str, object]


def _server(context: Context) -> Facts:
    server = context.server
    facts: Facts = {
        "redis_version": REDIS_VERSION,
        "redis_git_sha1": "00000000",
        "redis_git_dirty": 0,
        "redis_mode": "standalone",
        "fivefold_version": __version__,
        "os": f"{platform.system()} {platform.release()} {platform.machine()}",
        "arch_bits": 64,
        "multiplexing_api": "asyncio",
        "process_id": os.getpid(),
        "server_time_usec": context.now_ms * 1000,
    }
    if server is not None:
        uptime = max(context.now_ms - server.started_ms, 0) // 1000
        facts |= {
            "run_id": server.run_id,
            "tcp_port": server.port,
            "uptime_in_seconds": uptime,
            "uptime_in_days": uptime // 86400,
        }
    return facts | {"hz": 10, "configured_hz": 10, "executable": "", "config_file": ""}


def _clients(context: Context) -> Facts:
    count = 1 if context.server is None else len(list(context.server.sessions()))
    return {
        "connected_clients": count,
        "cluster_connections": 0,
        "maxclients": int(context.hub.settings[b"maxclients"]),
        "blocked_clients": context.hub.blocked,
        "tracking_clients": 0,
    }


def memory_bytes() -> tuple[int, int]:
    """Return how much memory this process has now, and how much it had at most; 0: unknown."""
    try:
        import resource
    except ImportError:
        return 0, 0  # Windows does not tell this way
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    try:
        now = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:  # only Linux tells
        now = peak
    return now, max(now, peak)


def human(count: int) -> str:
    """Return a number of bytes as redis-server shows it to people."""
    if count < 1024:
        return f"{count}B"
    size, units = count / 1024, iter("KMGT")
    unit = next(units)
    while size >= 1024 and unit != "T":
        size, unit = size / 1024, next(units)
    return f"{size:.2f}{unit}"


def _memory(context: Context) -> Facts:
    now, peak = memory_bytes()
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if now else 0
    return {
        "used_memory": now,
        "used_memory_human": human(now),
        "used_memory_rss": now,
        "used_memory_rss_human": human(now),
        "used_memory_peak": peak,
        "used_memory_peak_human": human(peak),
        "used_memory_peak_perc": f"{100 * now / max(peak, 1):.2f}%",
        "total_system_memory": total,
        "total_system_memory_human": human(total),
        "maxmemory": 0,
        "maxmemory_human": "0B",
        "maxmemory_policy": "noeviction",
        "mem_fragmentation_ratio": "1.00",
        "mem_allocator": "python",
        "active_defrag_running": 0,
        "lazyfree_pending_objects": 0,
    }


def _persistence(context: Context) -> Facts:
    return {
        "loading": 0,
        "async_loading": 0,
        "rdb_changes_since_last_save": 0,
        "rdb_bgsave_in_progress": 0,
        "rdb_last_save_time": context.now_ms // 1000,
        "rdb_last_bgsave_status": "ok",
        "rdb_last_bgsave_time_sec": -1,
        "rdb_current_bgsave_time_sec": -1,
        "aof_enabled": 1,
        "aof_rewrite_in_progress": 0,
        "aof_rewrite_scheduled": 0,
        "aof_last_rewrite_time_sec": -1,
        "aof_current_rewrite_time_sec": -1,
        "aof_last_bgrewrite_status": "ok",
        "aof_last_write_status": "ok",
    }


def _stats(context: Context) -> Facts:
    statistics, channels = context.hub.statistics, context.hub.channels
    commands = statistics.total()
    return {
        "total_connections_received": statistics.connections,
        "total_commands_processed": commands,
        "instantaneous_ops_per_sec": statistics.rate(commands, context.now_ms),
        "rejected_connections": statistics.rejected,
        "sync_full": 0,
        "sync_partial_ok": 0,
        "sync_partial_err": 0,
        "expired_keys": statistics.expired,
        "evicted_keys": 0,
        "evicted_clients": 0,
        "keyspace_hits": statistics.looked.hits,
        "keyspace_misses": statistics.looked.misses,
        "pubsub_channels": channels.total(Family.CHANNEL),
        "pubsub_patterns": channels.total(Family.PATTERN),
        "pubsubshard_channels": channels.total(Family.SHARD),
        "latest_fork_usec": 0,
        "total_forks": 0,
        "migrate_cached_sockets": 0,
        "slave_expires_tracked_keys": 0,
        "tracking_total_keys": 0,
        "total_error_replies": sum(statistics.errors.values()),
    }


def _replication(context: Context) -> Facts:
    return {
        "role": "master",
        "connected_slaves": 0,
        "master_failover_state": "no-failover",
        "master_replid": context.server.run_id if context.server is not None else "0" * 40,
        "master_replid2": "0" * 40,
        "master_repl_offset": 0,
        "second_repl_offset": -1,
        "repl_backlog_active": 0,
        "repl_backlog_size": 1048576,
        "repl_backlog_first_byte_offset": 0,
        "repl_backlog_histlen": 0,
    }


def _cpu(context: Context) -> Facts:
    times = os.times()
    return {
        "used_cpu_sys": f"{times.system:.6f}",
        "used_cpu_user": f"{times.user:.6f}",
        "used_cpu_sys_children": f"{times.children_system:.6f}",
        "used_cpu_user_children": f"{times.children_user:.6f}",
    }


def _modules(context: Context) -> Facts:
    return {}


def _commandstats(context: Context) -> Facts:
    statistics = context.hub.statistics
    statistics.fold()
    facts: Facts = {}
    for name, calls in sorted(statistics.commands.items()):
        each = calls.microseconds / calls.timed if calls.timed else 0.0
        facts[f"cmdstat_{name}"] = (
            f"calls={calls.calls},usec={round(each * calls.calls)},usec_per_call={each:.2f},"
            f"rejected_calls={calls.rejected},failed_calls={calls.failed}"
        )
    return facts


def _errorstats(context: Context) -> Facts:
    errors = context.hub.statistics.errors
    return {f"errorstat_{name}": f"count={count}" for name, count in sorted(errors.items())}


def _cluster(context: Context) -> Facts:
    return {"cluster_enabled": 0}


def _keyspace(context: Context) -> Facts:
    facts: Facts = {}
    for number in range(DATABASES):
        space = context.space_of(number)
        if count := space.count(context.now_ms):
            expires = space.count_expiring(context.now_ms)
            facts[f"db{number}"] = f"keys={count},expires={expires},avg_ttl=0"
    return facts


_SECTIONS: dict[str, Callable[[Context], Facts]] = {
    "Server": _server,
    "Clients": _clients,
    "Memory": _memory,
    "Persistence": _persistence,
    "Stats": _stats,
    "Replication": _replication,
    "CPU": _cpu,
    "Modules": _modules,
    "Commandstats": _commandstats,
    "Errorstats": _errorstats,
    "Cluster": _cluster,
    "Keyspace": _keyspace,
}

_NOT_BY_DEFAULT = frozenset({"Commandstats"})


def info(context: Context, args: list[bytes]) -> Reply:
    """Describe the server, or the sections that are asked for."""
    wanted = {word.lower() for word in args[1:]} or {b"default"}
    parts = []
    for title, section in _SECTIONS.items():
        if (
            title.lower().encode() in wanted
            or wanted & {b"all", b"everything"}
            or (b"default" in wanted and title not in _NOT_BY_DEFAULT)
        ):
            lines = [f"{name}:{value}\r\n" for name, value in section(context).items()]
            parts.append(f"# {title}\r\n" + "".join(lines))
    return Verbatim("\r\n".join(parts).encode())


COMMANDS = (Command("info", info, -1, ("loading", "stale"), scans=True),)
