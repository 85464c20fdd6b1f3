"""The commands about the connection itself."""

from __future__ import annotations

from fivefold.errors import Denied, InvalidStatement
from fivefold.languages.redis.arguments import (
    bad_value,
    parse_database,
    parse_int,
    shown,
    syntax_error,
    wrong_count,
)
from fivefold.languages.redis.command import Command, Handler
from fivefold.languages.redis.context import Context
from fivefold.languages.redis.session import Session
from fivefold.values.replies import Reply, Verbatim

REDIS_VERSION = "7.0.15"
"""The redis-server whose behaviour is kept; clients choose what they send by it."""

_PRINTABLE = range(ord("!"), ord("~") + 1)
_CLIENT_TYPES = (b"normal", b"master", b"replica", b"slave", b"pubsub")


def ping(context: Context, args: list[bytes]) -> Reply:
    """Return PONG, or the message given."""
    if len(args) > 2:
        raise wrong_count("ping")
    if context.session.listening and context.session.protocol == 2:
        return [b"pong", args[1] if len(args) == 2 else b""]  # looks like a message
    return "PONG" if len(args) == 1 else args[1]


def echo(context: Context, args: list[bytes]) -> Reply:
    """Return the message given."""
    return args[1]


def select(context: Context, args: list[bytes]) -> Reply:
    """Go to another database."""
    number = parse_database(args[1])
    context.session.database, context.space = number, context.space_of(number)
    return "OK"


def quit_(context: Context, args: list[bytes]) -> Reply:
    """Say goodbye: the connection closes after the answer."""
    context.session.ending = True
    return "OK"


def reset(context: Context, args: list[bytes]) -> Reply:
    """Make the connection as it was when it was new."""
    session = context.session
    session.end_queue()
    context.hub.channels.leave(session)
    session.protocol, session.name = 2, b""
    session.database, context.space = 0, context.space_of(0)
    return "RESET"


def _check_password(user: bytes, password: bytes) -> None:
    """Let in the user ``default``, who has no password; there are no others."""
    if user != b"default":
        raise Denied("invalid username-password pair or user is disabled.", "invalid_password")


def auth(context: Context, args: list[bytes]) -> Reply:
    """Log in."""
    if len(args) > 3:
        raise syntax_error()
    if len(args) == 2:
        raise bad_value(
            "AUTH <password> called without any password configured for the default user."
            " Are you sure your configuration is correct?"
        )
    _check_password(args[1], args[2])
    return "OK"


def hello(context: Context, args: list[bytes]) -> Reply:
    """Choose the protocol's version, log in and name the connection, all if wanted."""
    session = context.session
    protocol = session.protocol
    if len(args) > 1:
        protocol = parse_int(args[1], "Protocol version is not an integer or out of range")
        if protocol not in (2, 3):
            raise bad_value("NOPROTO unsupported protocol version")
    name: bytes | None = None
    at = 2
    while at < len(args):
        left = len(args) - at - 1
        option = args[at].upper()
        if option == b"AUTH" and left >= 2:
            _check_password(args[at + 1], args[at + 2])
            at += 3
        elif option == b"SETNAME" and left >= 1:
            name = _checked_name(args[at + 1])
            at += 2
        else:
            raise bad_value(f"Syntax error in HELLO option '{shown(args[at])}'")
    session.protocol = protocol
    if name is not None:
        session.name = name
    return {
        b"server": b"redis",
        b"version": REDIS_VERSION.encode(),
        b"proto": protocol,
        b"id": session.id,
        b"mode": b"standalone",
        b"role": b"master",
        b"modules": [],
    }


def _checked_name(name: bytes) -> bytes:
    if all(letter in _PRINTABLE for letter in name):
        return name
    raise bad_value("Client names cannot contain spaces, newlines or special characters.")


def client_id(context: Context, args: list[bytes]) -> Reply:
    """Return the connection's number."""
    return context.session.id


def client_getname(context: Context, args: list[bytes]) -> Reply:
    """Return the connection's name."""
    return context.session.name or None


def client_setname(context: Context, args: list[bytes]) -> Reply:
    """Name the connection."""
    context.session.name = _checked_name(args[2])
    return "OK"


def client_setinfo(context: Context, args: list[bytes]) -> Reply:
    """Tell the name or version of the client's library, as Redis 7.2 lets it."""
    option = args[2].upper()
    if option not in (b"LIB-NAME", b"LIB-VER"):
        raise bad_value(f"Unrecognized option '{shown(args[2])}'")
    if not all(letter in _PRINTABLE for letter in args[3]):
        raise bad_value(f"{shown(args[2])} cannot contain spaces, newlines or special characters.")
    if option == b"LIB-NAME":
        context.session.library_name = args[3]
    else:
        context.session.library_version = args[3]
    return "OK"


def client_unblock(context: Context, args: list[bytes]) -> Reply:
    """End the wait of a client that waits for a key, as if its time were up or with an error."""
    reasons = {b"TIMEOUT": False, b"ERROR": True}
    if len(args) > 4:
        raise _wrong_use(args)
    error = reasons.get(args[3].upper()) if len(args) == 4 else False
    if error is None:
        raise bad_value("CLIENT UNBLOCK reason should be TIMEOUT or ERROR")
    wanted = parse_int(args[2])
    for session in _sessions(context):
        if session.id == wanted and session.unblock is not None:
            session.unblock(error)
            return 1
    return 0


def _sessions(context: Context) -> list[Session]:
    """Return the clients of the server, or the one that asks where there is none."""
    return [context.session] if context.server is None else list(context.server.sessions())


def _wrong_use(args: list[bytes]) -> InvalidStatement:
    return InvalidStatement(
        f"unknown subcommand or wrong number of arguments for '{shown(args[1])}'."
        f" Try {shown(args[0]).upper()} HELP.",
        "wrong_argument_count",
    )


def client_no_evict(context: Context, args: list[bytes]) -> Reply:
    """Ask not to be evicted; nobody is."""
    option = args[2].upper()
    if option not in (b"ON", b"OFF"):
        raise syntax_error()
    context.session.no_evict = option == b"ON"
    return "OK"


def client_info(context: Context, args: list[bytes]) -> Reply:
    """Describe this connection."""
    return Verbatim(_describe(context.session, context.now_ms) + b"\n")


def client_list(context: Context, args: list[bytes]) -> Reply:
    """Describe the connections."""
    sessions = _sessions(context)
    option = args[2].upper() if len(args) > 2 else b""
    if option == b"TYPE" and len(args) == 4:
        if args[3].lower() not in _CLIENT_TYPES:
            raise bad_value(f"Unknown client type '{shown(args[3])}'")
        sessions = sessions if args[3].lower() == b"normal" else []
    elif option == b"ID" and len(args) > 3:
        ids = {_parse_client_id(word) for word in args[3:]}
        sessions = [session for session in sessions if session.id in ids]
    elif option:
        raise syntax_error()
    lines = (_describe(session, context.now_ms) for session in sessions)
    return Verbatim(b"".join(line + b"\n" for line in lines))


def _parse_client_id(word: bytes) -> int:
    return parse_int(word, "Invalid client ID", low=1)


def _describe(session: Session, now_ms: int) -> bytes:
    queued = -1 if session.queue is None else len(session.queue)
    fields: dict[str, object] = {
        "id": session.id,
        "addr": session.address,
        "laddr": session.local_address,
        "name": shown(session.name),
        "age": max(now_ms - session.created_ms, 0) // 1000,
        "flags": ("x" if session.queue is not None else "") + ("e" if session.no_evict else "")
        or "N",
        "db": session.database,
        "multi": queued,
        "user": "default",
        "lib-name": shown(session.library_name),
        "lib-ver": shown(session.library_version),
        "resp": session.protocol,
    }
    line = " ".join(f"{name}={value}" for name, value in fields.items())
    return line.encode("utf-8", "surrogateescape")


def client_help(context: Context, args: list[bytes]) -> Reply:
    """Return what CLIENT can do."""
    return [
        "CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        *("GETNAME", "    The name of this connection."),
        *("ID", "    The number of this connection."),
        *("INFO", "    This connection, described."),
        *("LIST [TYPE NORMAL | ID <id> [<id> ...]]", "    Every connection, described."),
        *("NO-EVICT ON|OFF", "    Whether this connection may be evicted; none is."),
        *("SETINFO LIB-NAME|LIB-VER <value>", "    What the client's library is."),
        *("SETNAME <name>", "    Name this connection."),
        *("HELP", "    Print this help."),
    ]


_QUIET = ("noscript", "loading", "stale")
_LOGIN = (*_QUIET, "fast", "no_auth", "allow_busy")


def _on_client(name: str, handler: Handler, arity: int, *flags: str) -> tuple[bytes, Command]:
    return name.encode(), Command(f"client|{name}", handler, arity, flags, storeless=True)


_CLIENT = dict(
    [
        _on_client("getname", client_getname, 2, *_QUIET),
        _on_client("help", client_help, 2, "loading", "stale"),
        _on_client("id", client_id, 2, *_QUIET),
        _on_client("info", client_info, 2, *_QUIET),
        _on_client("list", client_list, -2, "admin", *_QUIET),
        _on_client("no-evict", client_no_evict, 3, "admin", *_QUIET),
        _on_client("setinfo", client_setinfo, 4, *_QUIET),
        _on_client("setname", client_setname, 3, *_QUIET),
        _on_client("unblock", client_unblock, -3, "admin", *_QUIET),
    ]
)

COMMANDS = (
    Command("auth", auth, -2, _LOGIN, storeless=True),
    Command("client", client_help, -2, storeless=True, subcommands=_CLIENT),
    Command("echo", echo, 2, ("loading", "stale", "fast"), storeless=True),
    Command("hello", hello, -1, _LOGIN, storeless=True),
    Command("ping", ping, -1, ("fast",), storeless=True),
    Command("quit", quit_, -1, _LOGIN, storeless=True, immediate=True),
    Command("reset", reset, 1, _LOGIN, immediate=True),
    Command("select", select, 2, ("loading", "stale", "fast")),
)
