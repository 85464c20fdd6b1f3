"""ACL, as a server answers that has only the user it began with, who may do everything."""

from __future__ import annotations

from fivefold.languages.redis.arguments import bad_value, shown
from fivefold.languages.redis.command import Command, Handler
from fivefold.languages.redis.context import Context
from fivefold.values.replies import Members, Reply

USER = b"default"

CATEGORIES = (
    *("keyspace", "read", "write", "set", "sortedset", "list", "hash", "string", "bitmap"),
    *("hyperloglog", "geo", "stream", "pubsub", "admin", "fast", "slow", "blocking", "dangerous"),
    *("connection", "transaction", "scripting"),
)
"""The categories of commands, as ACL CAT lists them."""


def acl_whoami(context: Context, args: list[bytes]) -> Reply:
    """Return the user's name."""
    return USER


def acl_list(context: Context, args: list[bytes]) -> Reply:
    """Return what the user may do."""
    return [b"user default on nopass ~* &* +@all"]


def acl_users(context: Context, args: list[bytes]) -> Reply:
    """Return the users' names."""
    return [USER]


def acl_getuser(context: Context, args: list[bytes]) -> Reply:
    """Return what a user may do, by kinds of rules."""
    if args[2] != USER:
        return None
    return {
        b"flags": Members((b"on", b"nopass")),
        b"passwords": [],
        b"commands": b"+@all",
        b"keys": b"~*",
        b"channels": b"&*",
        b"selectors": [],
    }


def acl_cat(context: Context, args: list[bytes]) -> Reply:
    """Return the categories of commands, or the commands of one."""
    if len(args) == 2:
        return [category.encode() for category in CATEGORIES]
    from fivefold.languages.redis.metadata.facts import facts

    category = shown(args[2]).lower()
    if category not in CATEGORIES:
        raise bad_value(f"Unknown category '{shown(args[2])}'")
    return [name.encode() for name, each in facts().items() if category in each.categories]


def acl_help(context: Context, args: list[bytes]) -> Reply:
    """Return what ACL can do."""
    return [
        "ACL <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        *("CAT [<category>]", "    The categories of commands, or the commands of one."),
        *("GETUSER <name>", "    What a user may do."),
        *("LIST", "    What the users may do."),
        *("USERS", "    The users' names."),
        *("WHOAMI", "    The name of this connection's user."),
        *("HELP", "    Print this help."),
    ]


_QUIET = ("noscript", "loading", "stale")
_ADMIN = ("admin", *_QUIET)


def _on_acl(name: str, handler: Handler, arity: int, *flags: str) -> tuple[bytes, Command]:
    return name.encode(), Command(f"acl|{name}", handler, arity, flags, storeless=True)


_ACL = dict(
    [
        _on_acl("cat", acl_cat, -2, *_QUIET),
        _on_acl("getuser", acl_getuser, 3, *_ADMIN),
        _on_acl("help", acl_help, 2, "loading", "stale"),
        _on_acl("list", acl_list, 2, *_ADMIN),
        _on_acl("users", acl_users, 2, *_ADMIN),
        _on_acl("whoami", acl_whoami, 2, *_QUIET),
    ]
)

COMMANDS = (Command("acl", acl_help, -2, storeless=True, subcommands=_ACL),)
