"""The commands about the connection itself."""

from __future__ import annotations

from fivefold.errors import Denied
from fivefold.languages.redis.arguments import (
    bad_value,
    checked_name,
    parse_database,
    parse_int,
    shown,
    syntax_error,
    wrong_count,
)
from fivefold.languages.redis.command import Command
from fivefold.languages.redis.context import Context
from fivefold.languages.redis.session import Replies
from fivefold.security.scram import failed
from fivefold.values.replies import Reply

REDIS_VERSION = "7.0.15"
"""The redis-server whose behaviour is kept; clients choose what they send by it."""


DEFAULT_USER = b"default"
"""Who is meant where a client names nobody."""


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
    context.hub.leave(session)
    session.replies = Replies.ON
    session.stranger = session.kill is not None and context.hub.has_users
    session.note_special()
    session.protocol, session.name = 2, b""
    session.database, context.space = 0, context.space_of(0)
    return "RESET"


def _log_in(context: Context, user: bytes, password: bytes) -> None:
    """Let a user in; while there are none, the user ``default`` with any password."""
    try:
        if context.hub.has_users:
            context.hub.check_password(user.decode(), password.decode())
        elif user != DEFAULT_USER:
            raise failed()
    except (Denied, UnicodeDecodeError):
        raise Denied(
            "invalid username-password pair or user is disabled.", "invalid_password"
        ) from None
    context.session.stranger = False
    context.session.note_special()


def auth(context: Context, args: list[bytes]) -> Reply:
    """Log in."""
    if len(args) > 3:
        raise syntax_error()
    if len(args) == 2 and not context.hub.has_users:
        raise bad_value(
            "AUTH <password> called without any password configured for the default user."
            " Are you sure your configuration is correct?"
        )
    user, password = args[1:] if len(args) == 3 else (DEFAULT_USER, args[1])
    _log_in(context, user, password)
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
    login: tuple[bytes, bytes] | None = None
    at = 2
    while at < len(args):
        left = len(args) - at - 1
        option = args[at].upper()
        if option == b"AUTH" and left >= 2:
            login = args[at + 1], args[at + 2]
            at += 3
        elif option == b"SETNAME" and left >= 1:
            name = checked_name(args[at + 1])
            at += 2
        else:
            raise bad_value(f"Syntax error in HELLO option '{shown(args[at])}'")
    if login is not None:
        _log_in(context, *login)
    elif session.stranger:
        raise Denied(
            "HELLO must be called with the client already authenticated, otherwise the HELLO"
            " <proto> AUTH <user> <pass> option can be used to authenticate the client and select"
            " the RESP protocol version at the same time",
            "invalid_authorization",
        )
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


_QUIET = ("noscript", "loading", "stale")
_LOGIN = (*_QUIET, "fast", "no_auth", "allow_busy")


COMMANDS = (
    Command("auth", auth, -2, _LOGIN, storeless=True),
    Command("echo", echo, 2, ("loading", "stale", "fast"), storeless=True),
    Command("hello", hello, -1, _LOGIN, storeless=True),
    Command("ping", ping, -1, ("fast",), storeless=True),
    Command("quit", quit_, -1, _LOGIN, storeless=True, immediate=True),
    Command("reset", reset, 1, _LOGIN, immediate=True),
    Command("select", select, 2, ("loading", "stale", "fast")),
)
