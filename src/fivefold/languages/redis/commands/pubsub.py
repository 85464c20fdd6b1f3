"""Publish and subscribe (redis.io, "Redis Pub/Sub").

A message leaves when the transaction of the command that published it has committed; how many
get it is known at once. To subscribe is no part of any transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from fivefold.languages.redis.arguments import bad_value, wrong_use
from fivefold.languages.redis.channels import Family
from fivefold.languages.redis.command import Command, Handler
from fivefold.languages.redis.context import Context
from fivefold.languages.redis.session import Session
from fivefold.values.replies import Frames, Push, Reply


def _subscribe(family: Family, context: Context, args: list[bytes]) -> Reply:
    """Listen to channels or patterns from now on."""
    session, kind = context.session, f"{family.value}subscribe"
    if session.deliver is None:
        raise bad_value(f"{kind.upper()} isn't allowed for a DENY BLOCKING client")
    said: list[Reply] = []
    for name in args[1:]:
        context.hub.channels.add(session, family, name)
        said.append(Push((kind.encode(), name, _count(session, family))))
    return Frames(said)


def _unsubscribe(family: Family, context: Context, args: list[bytes]) -> Reply:
    """Listen no longer to channels or patterns; to none of its family if none is named."""
    session, kind = context.session, f"{family.value}unsubscribe".encode()
    said: list[Reply] = []
    for name in args[1:] or list(session.listens.get(family.value, ())):
        context.hub.channels.remove(session, family, name)
        said.append(Push((kind, name, _count(session, family))))
    return Frames(said or [Push((kind, None, _count(session, family)))])


def _count(session: Session, family: Family) -> int:
    """Return what a confirmation tells: shard channels are counted by themselves."""
    listens = session.listens
    if family is Family.SHARD:
        return len(listens.get("s", ()))
    return len(listens.get("", ())) + len(listens.get("p", ()))


def publish(context: Context, args: list[bytes]) -> Reply:
    """Send a message to those who listen; return how many times it will be received."""
    return context.publish(args[1], args[2])


def spublish(context: Context, args: list[bytes]) -> Reply:
    """Send a message to those who listen to a shard channel; return how many."""
    return context.publish(args[1], args[2], shard=True)


def _names(family: Family, context: Context, args: list[bytes]) -> Reply:
    """Return the channels that somebody listens to."""
    if len(args) > 3:
        raise wrong_use(args)
    return list(context.hub.channels.active(family, args[2] if len(args) == 3 else None))


def _counts(family: Family, context: Context, args: list[bytes]) -> Reply:
    """Return how many listen to each of the channels."""
    reply: list[Reply] = []
    for name in args[2:]:
        reply += (name, context.hub.channels.count(family, name))
    return reply


def pubsub_numpat(context: Context, args: list[bytes]) -> Reply:
    """Return how many patterns somebody listens to."""
    return context.hub.channels.patterns()


def pubsub_help(context: Context, args: list[bytes]) -> Reply:
    """Return what PUBSUB can do."""
    return [
        "PUBSUB <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        *("CHANNELS [<pattern>]", "    The channels that somebody listens to."),
        *("NUMPAT", "    How many patterns somebody listens to."),
        *("NUMSUB [<channel> ...]", "    How many listen to each channel by its name."),
        *("SHARDCHANNELS [<pattern>]", "    The shard channels that somebody listens to."),
        *("SHARDNUMSUB [<shardchannel> ...]", "    How many listen to each shard channel."),
        *("HELP", "    Print this help."),
    ]


def _for(family: Family, handler: Callable[[Family, Context, list[bytes]], Reply]) -> Handler:
    bound = partial(handler, family)
    bound.__doc__ = handler.__doc__
    return bound


def _family(family: Family, first: int = 0) -> tuple[Command, Command]:
    """Return the two commands of a family; a shard channel counts as a key."""
    flags = ("pubsub", "noscript", "loading", "stale")
    last, step = (-1, 1) if first else (0, 0)
    listen = _for(family, _subscribe)
    stop = _for(family, _unsubscribe)
    return (
        Command(f"{family.value}subscribe", listen, -2, flags, first, last, step, storeless=True),
        Command(f"{family.value}unsubscribe", stop, -1, flags, first, last, step, storeless=True),
    )


def _on_pubsub(name: str, handler: Handler, arity: int, *flags: str) -> tuple[bytes, Command]:
    shown_flags = flags or ("pubsub", "loading", "stale")
    return name.encode(), Command(f"pubsub|{name}", handler, arity, shown_flags, storeless=True)


_PUBSUB = dict(
    [
        _on_pubsub("channels", _for(Family.CHANNEL, _names), -2),
        _on_pubsub("help", pubsub_help, 2, "loading", "stale"),
        _on_pubsub("numpat", pubsub_numpat, 2),
        _on_pubsub("numsub", _for(Family.CHANNEL, _counts), -2),
        _on_pubsub("shardchannels", _for(Family.SHARD, _names), -2),
        _on_pubsub("shardnumsub", _for(Family.SHARD, _counts), -2),
    ]
)

_PUBLISH = ("pubsub", "loading", "stale", "fast")

COMMANDS = (
    *_family(Family.CHANNEL),
    *_family(Family.PATTERN),
    *_family(Family.SHARD, first=1),
    Command("publish", publish, 3, _PUBLISH, storeless=True),
    Command("pubsub", pubsub_help, -2, storeless=True, subcommands=_PUBSUB),
    Command("spublish", spublish, 3, _PUBLISH, 1, 1, 1, storeless=True),
)
