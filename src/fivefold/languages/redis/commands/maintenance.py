"""What looks after a Redis: saving, memory, latencies, debugging, stopping.

Every answered write is as durable as the store's own setting says, so that SAVE and its like have
nothing to add and say so. Latencies are not recorded; the memory of a key is an estimate.
"""

from __future__ import annotations

from fivefold.errors import Denied, InvalidState
from fivefold.languages.redis.arguments import bad_value, parse_int, shown, syntax_error
from fivefold.languages.redis.command import Command, Handler
from fivefold.languages.redis.commands.connection import REDIS_VERSION
from fivefold.languages.redis.commands.info import memory_bytes
from fivefold.languages.redis.context import Context
from fivefold.models.keyvalue.layout import STRING
from fivefold.values.replies import Reply, Verbatim

KEY_BYTES = 56
"""What a key costs besides its bytes: its row, and its place in the indexes."""

ELEMENT_BYTES = 64
"""What an element of a key is taken to cost."""


# Saving and stopping


def lastsave(context: Context, args: list[bytes]) -> Reply:
    """Return the present time: what was answered is saved."""
    return context.now_ms // 1000


def save(context: Context, args: list[bytes]) -> Reply:
    """Say that everything is saved."""
    return "OK"


def bgsave(context: Context, args: list[bytes]) -> Reply:
    """Say that saving has begun, for it always has."""
    if len(args) > 2 or (len(args) == 2 and args[1].upper() != b"SCHEDULE"):
        raise syntax_error()
    return "Background saving started"


def bgrewriteaof(context: Context, args: list[bytes]) -> Reply:
    """Say that the log is being shortened, as the store sees to by itself."""
    return "Background append only file rewriting started"


_SHUTDOWN = {b"NOSAVE", b"SAVE", b"NOW", b"FORCE", b"ABORT"}


def shutdown(context: Context, args: list[bytes]) -> Reply:
    """Refuse: the server has clients of other protocols, and its supervisor stops it."""
    options = {word.upper() for word in args[1:]}
    if (
        options - _SHUTDOWN
        or {b"SAVE", b"NOSAVE"} <= options
        or (b"ABORT" in options and len(args) > 2)
    ):
        raise syntax_error()
    if b"ABORT" in options:
        raise InvalidState("No shutdown in progress.", "object_not_in_prerequisite_state")
    raise Denied(
        "ERR SHUTDOWN is refused: end the process of fivefold serve with SIGTERM, which lets what"
        " runs end",
        "insufficient_privilege",
    )


def debug(context: Context, args: list[bytes]) -> Reply:
    """Refuse, as redis-server does unless its configuration says otherwise."""
    raise bad_value(_not_allowed("DEBUG", "debug"))


def _not_allowed(name: str, option: str) -> str:
    return (
        f"{name} command not allowed. If the enable-{option}-command option is set to"
        ' "local", you can run it from a local connection, otherwise you need to set this option in'
        " the configuration file, and then restart the server."
    )


def module_refused(context: Context, args: list[bytes]) -> Reply:
    """Refuse, as redis-server does unless its configuration says otherwise."""
    raise bad_value(_not_allowed("MODULE", "module"))


def lolwut(context: Context, args: list[bytes]) -> Reply:
    """Return the version."""
    return Verbatim(f"Redis ver. {REDIS_VERSION}\n".encode())


# MEMORY


def memory_usage(context: Context, args: list[bytes]) -> Reply:
    """Return about how many bytes a key takes."""
    for at in range(3, len(args), 2):
        if args[at].upper() != b"SAMPLES" or at + 1 == len(args):
            raise syntax_error()
        if parse_int(args[at + 1]) < 0:
            raise syntax_error()
    entry = context.space.find(args[2], context.now_ms)
    if entry is None:
        return None
    size = KEY_BYTES + len(args[2])
    if entry.kind == STRING:
        return size + len(context.space.value(entry))
    return size + entry.count * ELEMENT_BYTES


def memory_doctor(context: Context, args: list[bytes]) -> Reply:
    """Return that there is nothing to see: the data lies on disk."""
    return Verbatim(b"Nothing to tell: keys lie in the store, and not in this process's memory.\n")


def memory_stats(context: Context, args: list[bytes]) -> Reply:
    """Return how much memory the process has."""
    now, peak = memory_bytes()
    return {
        b"peak.allocated": peak,
        b"total.allocated": now,
        b"replication.backlog": 0,
        b"clients.slaves": 0,
        b"aof.buffer": 0,
        b"keys.count": context.space.count(context.now_ms),
        b"peak.percentage": 100.0 * now / max(peak, 1),
    }


def memory_malloc_stats(context: Context, args: list[bytes]) -> Reply:
    """Say, as redis-server does without jemalloc, that there are none."""
    return b"Stats not supported for the current allocator"


def memory_purge(context: Context, args: list[bytes]) -> Reply:
    """Do nothing: memory is given back by itself."""
    return "OK"


def memory_help(context: Context, args: list[bytes]) -> Reply:
    """Return what MEMORY can do."""
    return [
        "MEMORY <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        *("DOCTOR", "    Nothing of interest."),
        *("MALLOC-STATS", "    None."),
        *("PURGE", "    Does nothing here."),
        *("STATS", "    How much memory the process has."),
        *("USAGE <key> [SAMPLES <count>]", "    About how many bytes a key takes."),
        *("HELP", "    Print this help."),
    ]


# LATENCY


def latency_nothing(context: Context, args: list[bytes]) -> Reply:
    """Return that nothing was recorded."""
    return []


def latency_histogram(context: Context, args: list[bytes]) -> Reply:
    """Return that no times were recorded."""
    return {}


def latency_reset(context: Context, args: list[bytes]) -> Reply:
    """Forget what was recorded of no event."""
    return 0


def latency_graph(context: Context, args: list[bytes]) -> Reply:
    """Refuse: there is nothing to draw."""
    raise bad_value(f"No samples available for event '{shown(args[2])}'")


def latency_doctor(context: Context, args: list[bytes]) -> Reply:
    """Return that nothing is recorded."""
    return Verbatim(b"Latencies are not recorded. SLOWLOG has the commands that took long.\n")


def latency_help(context: Context, args: list[bytes]) -> Reply:
    """Return what LATENCY can do."""
    return [
        "LATENCY <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        *("DOCTOR", "    Says that nothing is recorded."),
        *("GRAPH <event>", "    Refused: there is nothing to draw."),
        *("HISTOGRAM [<command> ...]", "    Nothing."),
        *("HISTORY <event>", "    Nothing."),
        *("LATEST", "    Nothing."),
        *("RESET [<event> ...]", "    0."),
        *("HELP", "    Print this help."),
    ]


_QUIET = ("noscript", "loading", "stale")
_ADMIN = ("admin", *_QUIET)
_HELP = ("loading", "stale")
_SAVES = ("admin", "noscript", "no_async_loading")


def _family(name: str, *members: tuple[str, Handler, int, tuple[str, ...]]) -> dict[bytes, Command]:
    return {
        one.encode(): Command(f"{name}|{one}", handler, arity, flags, storeless=True)
        for one, handler, arity, flags in members
    }


_LATENCY = _family(
    "latency",
    ("doctor", latency_doctor, 2, _ADMIN),
    ("graph", latency_graph, 3, _ADMIN),
    ("help", latency_help, 2, _HELP),
    ("histogram", latency_histogram, -2, _ADMIN),
    ("history", latency_nothing, 3, _ADMIN),
    ("latest", latency_nothing, 2, _ADMIN),
    ("reset", latency_reset, -2, _ADMIN),
)

_MEMORY = _family(
    "memory",
    ("doctor", memory_doctor, 2, ()),
    ("help", memory_help, 2, _HELP),
    ("malloc-stats", memory_malloc_stats, 2, ()),
    ("purge", memory_purge, 2, ()),
) | {
    b"stats": Command("memory|stats", memory_stats, 2, scans=True),
    b"usage": Command("memory|usage", memory_usage, -3, ("readonly",), 2, 2, 1),
}


def module_list(context: Context, args: list[bytes]) -> Reply:
    """Return that there are no modules."""
    return []


def module_help(context: Context, args: list[bytes]) -> Reply:
    """Return what MODULE can do."""
    return [
        "MODULE <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        *("LIST", "    None."),
        *("HELP", "    Print this help."),
    ]


_MODULE = _family(
    "module",
    ("help", module_help, 2, _HELP),
    ("list", module_list, 2, ("admin", "noscript")),
    ("load", module_refused, -3, _SAVES),
    ("loadex", module_refused, -3, _SAVES),
    ("unload", module_refused, 3, _SAVES),
)

COMMANDS = (
    Command("bgrewriteaof", bgrewriteaof, 1, _SAVES, storeless=True),
    Command("bgsave", bgsave, -1, _SAVES, storeless=True),
    Command("debug", debug, -2, _ADMIN, storeless=True),
    Command("lastsave", lastsave, 1, ("loading", "stale", "fast"), storeless=True),
    Command("latency", latency_help, -2, storeless=True, subcommands=_LATENCY),
    Command("lolwut", lolwut, -1, ("readonly", "fast"), storeless=True),
    Command("memory", memory_help, -2, storeless=True, subcommands=_MEMORY),
    Command("module", module_help, -2, storeless=True, subcommands=_MODULE),
    Command("save", save, 1, (*_SAVES, "no_multi"), storeless=True),
    Command("shutdown", shutdown, -1, (*_ADMIN, "no_multi", "allow_busy"), storeless=True),
)
