"""CLIENT and MONITOR: the connections of the server, seen and governed by one of them."""

from __future__ import annotations

from collections.abc import Callable

from fivefold.errors import InvalidState, Unsupported
from fivefold.languages.redis.arguments import (
    bad_value,
    checked_name,
    is_printable,
    parse_int,
    shown,
    syntax_error,
    wrong_use,
)
from fivefold.languages.redis.blocking import parse_timeout_ms
from fivefold.languages.redis.command import Command, Handler
from fivefold.languages.redis.context import Context
from fivefold.languages.redis.session import Replies, Session
from fivefold.values.replies import Frames, Reply, Verbatim

_NOTHING = Frames(())
_TYPES = (b"normal", b"master", b"replica", b"slave", b"pubsub")


def _sessions(context: Context) -> list[Session]:
    """Return the clients of the server, or the one that asks where there is none."""
    return [context.session] if context.server is None else list(context.server.sessions())


# Itself


def client_id(context: Context, args: list[bytes]) -> Reply:
    """Return the connection's number."""
    return context.session.id


def client_getname(context: Context, args: list[bytes]) -> Reply:
    """Return the connection's name."""
    return context.session.name or None


def client_setname(context: Context, args: list[bytes]) -> Reply:
    """Name the connection."""
    context.session.name = checked_name(args[2])
    return "OK"


def client_setinfo(context: Context, args: list[bytes]) -> Reply:
    """Tell the name or version of the client's library, as Redis 7.2 lets it."""
    option = args[2].upper()
    if option not in (b"LIB-NAME", b"LIB-VER"):
        raise bad_value(f"Unrecognized option '{shown(args[2])}'")
    if not is_printable(args[3]):
        raise bad_value(f"{shown(args[2])} cannot contain spaces, newlines or special characters.")
    if option == b"LIB-NAME":
        context.session.library_name = args[3]
    else:
        context.session.library_version = args[3]
    return "OK"


def client_no_evict(context: Context, args: list[bytes]) -> Reply:
    """Ask not to be evicted; nobody is."""
    option = args[2].upper()
    if option not in (b"ON", b"OFF"):
        raise syntax_error()
    context.session.no_evict = option == b"ON"
    return "OK"


def client_reply(context: Context, args: list[bytes]) -> Reply:
    """Say whether this connection is answered."""
    session, option = context.session, args[2].upper()
    if option == b"ON":
        session.replies = Replies.ON
    elif option == b"OFF":
        session.replies = Replies.OFF
    elif option == b"SKIP":
        if session.replies is Replies.ON:
            session.replies = Replies.SKIP
    else:
        raise syntax_error()
    session.note_special()
    return "OK" if option == b"ON" else _NOTHING


# Tracking, which is not supported


def client_tracking(context: Context, args: list[bytes]) -> Reply:
    """Say that nothing the client caches is to be followed; that it is, is refused."""
    option = args[2].upper()
    if option not in (b"ON", b"OFF") or (option == b"OFF" and len(args) > 3):
        raise syntax_error()
    if option == b"ON":
        raise Unsupported("client-side caching (CLIENT TRACKING ON) is not supported by fivefold")
    return "OK"


def client_trackinginfo(context: Context, args: list[bytes]) -> Reply:
    """Return that nothing is followed."""
    return {b"flags": {b"off"}, b"redirect": -1, b"prefixes": []}


def client_getredir(context: Context, args: list[bytes]) -> Reply:
    """Return that nothing is followed, nor told to another connection."""
    return -1


def client_caching(context: Context, args: list[bytes]) -> Reply:
    """Refuse, as redis-server does where nothing is followed."""
    raise InvalidState(
        "CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT"
        " mode enabled",
        "object_not_in_prerequisite_state",
    )


# Descriptions


def client_info(context: Context, args: list[bytes]) -> Reply:
    """Describe this connection."""
    return Verbatim(_describe(context.session, context.now_ms) + b"\n")


def client_list(context: Context, args: list[bytes]) -> Reply:
    """Describe the connections."""
    sessions = _sessions(context)
    option = args[2].upper() if len(args) > 2 else b""
    if option == b"TYPE" and len(args) == 4:
        kind = _read_type(args[3])
        sessions = [session for session in sessions if _type(session) == kind]
    elif option == b"ID" and len(args) > 3:
        ids = {parse_int(word, "Invalid client ID") for word in args[3:]}
        sessions = [session for session in sessions if session.id in ids]
    elif option:
        raise syntax_error()
    lines = (_describe(session, context.now_ms) for session in sessions)
    return Verbatim(b"".join(line + b"\n" for line in lines))


def _read_type(word: bytes) -> bytes:
    kind = word.lower()
    if kind not in _TYPES:
        raise bad_value(f"Unknown client type '{shown(word)}'")
    return b"replica" if kind == b"slave" else kind


def _type(session: Session) -> bytes:
    return b"pubsub" if session.listening else b"normal"


def _flags(session: Session) -> str:
    flags = {
        "O": session.monitoring,
        "P": session.listening,
        "x": session.queue is not None,
        "b": session.unblock is not None,
        "e": session.no_evict,
    }
    return "".join(flag for flag, is_set in flags.items() if is_set) or "N"


def _describe(session: Session, now_ms: int) -> bytes:
    """Return the line of one client; what is not measured is 0 (redis.io, "CLIENT LIST")."""
    listens = {family: len(names) for family, names in session.listens.items()}
    fields: dict[str, object] = {
        "id": session.id,
        "addr": session.address,
        "laddr": session.local_address,
        "fd": session.descriptor,
        "name": shown(session.name),
        "age": max(now_ms - session.created_ms, 0) // 1000,
        "idle": max(now_ms - max(session.last_ms, session.created_ms), 0) // 1000,
        "flags": _flags(session),
        "db": session.database,
        "sub": listens.get("", 0),
        "psub": listens.get("p", 0),
        "ssub": listens.get("s", 0),
        "multi": -1 if session.queue is None else len(session.queue),
        **dict.fromkeys(("qbuf", "qbuf-free", "argv-mem", "multi-mem", "rbs", "rbp"), 0),
        **dict.fromkeys(("obl", "oll", "omem", "tot-mem"), 0),
        "events": "r",
        "cmd": _last_command(session),
        "user": "default",
        "redir": -1,
        "resp": session.protocol,
        "lib-name": shown(session.library_name),
        "lib-ver": shown(session.library_version),
    }
    line = " ".join(f"{name}={value}" for name, value in fields.items())
    return line.encode("utf-8", "surrogateescape")


_WITH_SUBCOMMANDS = frozenset(
    (
        *("acl", "client", "cluster", "command", "config", "function", "latency", "memory"),
        *("module", "object", "pubsub", "script", "slowlog", "xgroup", "xinfo"),
    )
)


def _last_command(session: Session) -> str:
    words = session.last
    if not words:
        return "NULL"
    name = shown(words[0]).lower()
    if name in _WITH_SUBCOMMANDS and len(words) > 1:
        return f"{name}|{shown(words[1]).lower()}"
    return name


# Others


def client_unblock(context: Context, args: list[bytes]) -> Reply:
    """End the wait of a client that waits for a key, as if its time were up or with an error."""
    reasons = {b"TIMEOUT": False, b"ERROR": True}
    if len(args) > 4:
        raise wrong_use(args)
    error = reasons.get(args[3].upper()) if len(args) == 4 else False
    if error is None:
        raise bad_value("CLIENT UNBLOCK reason should be TIMEOUT or ERROR")
    wanted = parse_int(args[2])
    for session in _sessions(context):
        if session.id == wanted and session.unblock is not None:
            session.unblock(error)
            return 1
    return 0


def client_kill(context: Context, args: list[bytes]) -> Reply:
    """Close connections: that of an address, or all to which every filter applies."""
    if len(args) == 3:
        address = shown(args[2])
        killed = _kill(context, [lambda session: session.address == address], skips_me=False)
        if not killed:
            raise bad_value("No such client")
        return "OK"
    tests: list[Callable[[Session], bool]] = []
    skips_me = True
    for at in range(2, len(args), 2):
        option = args[at].upper()
        if at + 1 == len(args):
            raise syntax_error()
        word = args[at + 1]
        if option == b"SKIPME" and word.lower() in (b"yes", b"no"):
            skips_me = word.lower() == b"yes"
        else:
            tests.append(_read_filter(option, word))
    return _kill(context, tests, skips_me)


def _read_filter(option: bytes, word: bytes) -> Callable[[Session], bool]:
    text = shown(word)
    match option:
        case b"ID":
            number = parse_int(word, "client-id should be greater than 0", low=1)
            return lambda session: session.id == number
        case b"TYPE":
            kind = _read_type(word)
            return lambda session: _type(session) == kind
        case b"USER":
            if word != b"default":
                raise bad_value(f"No such user '{text}'")
            return lambda session: True
        case b"ADDR":
            return lambda session: session.address == text
        case b"LADDR":
            return lambda session: session.local_address == text
    raise syntax_error()


def _kill(context: Context, tests: list[Callable[[Session], bool]], skips_me: bool) -> int:
    killed = 0
    for session in _sessions(context):
        if not all(test(session) for test in tests):
            continue
        if session is not context.session:
            if session.kill is not None:
                session.kill()
        elif skips_me:
            continue
        else:
            session.ending = True
        killed += 1
    return killed


def client_pause(context: Context, args: list[bytes]) -> Reply:
    """Have all clients' commands wait for some milliseconds, or only those that write."""
    if len(args) > 4:
        raise wrong_use(args)
    modes = {b"WRITE": False, b"ALL": True}
    everything = modes.get(args[3].upper()) if len(args) == 4 else True
    if everything is None:
        raise bad_value("CLIENT PAUSE mode must be WRITE or ALL")
    until_ms = parse_timeout_ms(context, args[2])
    context.hub.pause(until_ms or 0, everything)
    return "OK"


def client_unpause(context: Context, args: list[bytes]) -> Reply:
    """End a pause."""
    context.hub.unpause()
    return "OK"


def monitor(context: Context, args: list[bytes]) -> Reply:
    """Be told of every command that any client runs."""
    session = context.session
    if session.deliver is None or not context.may_block:
        raise bad_value("MONITOR isn't allowed for DENY BLOCKING client")
    if session.monitoring:
        return _NOTHING
    context.hub.add_monitor(session)
    return "OK"


def client_help(context: Context, args: list[bytes]) -> Reply:
    """Return what CLIENT can do."""
    return [
        "CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        *("GETNAME", "    The name of this connection."),
        *("ID", "    The number of this connection."),
        *("INFO", "    This connection, described."),
        *("KILL <ip:port>", "    Close a connection."),
        *("KILL <option> <value> [<option> <value> ...]", "    Close those to which all apply:"),
        *("    ADDR|LADDR <ip:port>, ID <id>, TYPE NORMAL|PUBSUB, USER <name>, SKIPME YES|NO",),
        *("LIST [TYPE NORMAL|PUBSUB | ID <id> [<id> ...]]", "    The connections, described."),
        *("NO-EVICT ON|OFF", "    Whether this connection may be evicted; none is."),
        *("PAUSE <milliseconds> [WRITE|ALL]", "    Have clients wait."),
        *("REPLY ON|OFF|SKIP", "    Whether this connection is answered."),
        *("SETINFO LIB-NAME|LIB-VER <value>", "    What the client's library is."),
        *("SETNAME <name>", "    Name this connection."),
        *("UNBLOCK <id> [TIMEOUT|ERROR]", "    End a client's wait for a key."),
        *("UNPAUSE", "    End a pause."),
        *("HELP", "    Print this help."),
    ]


_QUIET = ("noscript", "loading", "stale")
_ADMIN = ("admin", *_QUIET)


def _on_client(name: str, handler: Handler, arity: int, *flags: str) -> tuple[bytes, Command]:
    return name.encode(), Command(f"client|{name}", handler, arity, flags, storeless=True)


_CLIENT = dict(
    [
        _on_client("caching", client_caching, 3, *_QUIET),
        _on_client("getname", client_getname, 2, *_QUIET),
        _on_client("getredir", client_getredir, 2, *_QUIET),
        _on_client("help", client_help, 2, "loading", "stale"),
        _on_client("id", client_id, 2, *_QUIET),
        _on_client("info", client_info, 2, *_QUIET),
        _on_client("kill", client_kill, -3, *_ADMIN),
        _on_client("list", client_list, -2, *_ADMIN),
        _on_client("no-evict", client_no_evict, 3, *_ADMIN),
        _on_client("pause", client_pause, -3, *_ADMIN),
        _on_client("reply", client_reply, 3, *_QUIET),
        _on_client("setinfo", client_setinfo, 4, *_QUIET),
        _on_client("setname", client_setname, 3, *_QUIET),
        _on_client("tracking", client_tracking, -3, *_QUIET),
        _on_client("trackinginfo", client_trackinginfo, 2, *_QUIET),
        _on_client("unblock", client_unblock, -3, *_ADMIN),
        _on_client("unpause", client_unpause, 2, *_ADMIN),
    ]
)

COMMANDS = (
    Command("client", client_help, -2, storeless=True, subcommands=_CLIENT),
    Command("monitor", monitor, 1, _ADMIN, storeless=True),
)
