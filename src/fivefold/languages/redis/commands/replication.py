"""Replication and clusters, as a server answers that stands alone: it is the master of nobody."""

from __future__ import annotations

from fivefold.errors import InvalidState, Unsupported
from fivefold.languages.redis.arguments import bad_value, parse_int, shown, syntax_error
from fivefold.languages.redis.blocking import parse_timeout_ms
from fivefold.languages.redis.command import Command
from fivefold.languages.redis.context import Context
from fivefold.values.replies import Blocked, Reply


def role(context: Context, args: list[bytes]) -> Reply:
    """Return that this is a master, that its log is empty, and that it has no replicas."""
    return [b"master", 0, []]


def wait(context: Context, args: list[bytes]) -> Reply:
    """Wait until so many replicas have the writes of this client, or until the time is up."""
    wanted = parse_int(args[1])
    deadline_ms = parse_timeout_ms(context, args[2])
    if wanted <= 0 or not context.may_block:
        return 0
    return Blocked((), deadline_ms, 0)


def replicaof(context: Context, args: list[bytes]) -> Reply:
    """Follow nobody, as always; to follow somebody is refused."""
    if args[1].upper() == b"NO" and args[2].upper() == b"ONE":
        return "OK"
    parse_int(args[2], "Invalid master port", 0, 65535)
    raise Unsupported("fivefold does not replicate: use PostgreSQL as its store for that")


def replconf(context: Context, args: list[bytes]) -> Reply:
    """Refuse what a replica would tell of itself."""
    if len(args) == 1:
        return "OK"
    if len(args) % 2 == 0:
        raise syntax_error()
    if args[1].lower() in (b"listening-port", b"ip-address", b"capa"):
        raise Unsupported("fivefold does not replicate: use PostgreSQL as its store for that")
    raise bad_value(f"Unrecognized REPLCONF option: {shown(args[1])}")


def sync(context: Context, args: list[bytes]) -> Reply:
    """Refuse a replica."""
    raise Unsupported("fivefold does not replicate: use PostgreSQL as its store for that")


def failover(context: Context, args: list[bytes]) -> Reply:
    """Refuse: there is nobody to fail over to."""
    options = [word.upper() for word in args[1:]]
    if options == [b"ABORT"]:
        raise InvalidState("No failover in progress.", "object_not_in_prerequisite_state")
    if options and options[0] not in (b"TO", b"TIMEOUT", b"FORCE"):
        raise syntax_error()
    raise InvalidState("FAILOVER requires connected replicas.", "object_not_in_prerequisite_state")


def not_clustered(context: Context, args: list[bytes]) -> Reply:
    """Refuse, as redis-server does outside a cluster."""
    raise InvalidState(
        "This instance has cluster support disabled", "object_not_in_prerequisite_state"
    )


def cluster_help(context: Context, args: list[bytes]) -> Reply:
    """Return what CLUSTER can do."""
    return [
        "CLUSTER <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        *("HELP", "    Print this help; all others are refused: this is no cluster."),
    ]


_CHANGES = ("admin", "stale", "no_async_loading")

_CLUSTER: dict[bytes, Command] = {
    name.encode(): Command(f"cluster|{name}", not_clustered, arity, flags, storeless=True)
    for names, arity, flags in (
        ("bumpepoch flushslots saveconfig", 2, _CHANGES),
        ("addslots delslots", -3, _CHANGES),
        ("addslotsrange delslotsrange meet setslot", -4, _CHANGES),
        ("failover", -2, _CHANGES),
        ("reset", -2, ("admin", "noscript", "stale")),
        ("forget replicate set-config-epoch", 3, _CHANGES),
        ("count-failure-reports replicas slaves", 3, ("admin", "stale")),
        ("info links myid nodes shards slots", 2, ("stale",)),
        ("countkeysinslot keyslot", 3, ("stale",)),
        ("getkeysinslot", 4, ("stale",)),
    )
    for name in names.split()
} | {b"help": Command("cluster|help", cluster_help, 2, ("loading", "stale"), storeless=True)}

_FOLLOWS = ("admin", "noscript", "stale", "no_async_loading")
_SYNCS = ("admin", "noscript", "no_async_loading", "no_multi")
_STATELESS = ("loading", "stale", "fast")

COMMANDS = (
    Command("asking", not_clustered, 1, ("fast",), storeless=True),
    Command("cluster", cluster_help, -2, storeless=True, subcommands=_CLUSTER),
    Command("failover", failover, -1, ("admin", "noscript", "stale"), storeless=True),
    Command("psync", sync, -3, _SYNCS, storeless=True),
    Command("readonly", not_clustered, 1, _STATELESS, storeless=True),
    Command("readwrite", not_clustered, 1, _STATELESS, storeless=True),
    Command(
        "replconf",
        replconf,
        -1,
        ("admin", "noscript", "loading", "stale", "allow_busy"),
        storeless=True,
    ),
    Command("replicaof", replicaof, 3, _FOLLOWS, storeless=True),
    Command("role", role, 1, ("noscript", "loading", "stale", "fast"), storeless=True),
    Command("slaveof", replicaof, 3, _FOLLOWS, storeless=True),
    Command("sync", sync, 1, _SYNCS, storeless=True),
    Command("wait", wait, 3, ("noscript",), storeless=True),
)
