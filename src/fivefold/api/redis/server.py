"""The server, its clients and settings: what redis-py's ``ManagementCommands`` apply to."""

from __future__ import annotations

from typing import Any, Protocol

from fivefold.api.redis.results import (
    client,
    clients,
    commands,
    counts,
    info,
    is_ok,
    moment,
    plain,
    slow,
    text_or_none,
    texts,
    texts_by_name,
    when,
)
from fivefold.api.redis.runner import Runner
from fivefold.api.redis.words import Word, flags, options


class Server(Runner, Protocol):
    """The commands on the server as a whole."""

    def ping(self) -> Any:
        """Return True."""
        return self._run(lambda reply: reply == "PONG", b"PING")

    def echo(self, value: Word) -> Any:
        """Return the value."""
        return self._run(None, b"ECHO", value)

    def select(self, index: int) -> Any:
        """Go to another database."""
        return self._run(is_ok, b"SELECT", index)

    def time(self) -> Any:
        """Return the seconds since 1970 and the microseconds of the present second."""
        return self._run(moment, b"TIME")

    def dbsize(self) -> Any:
        """Return the number of keys."""
        return self._run(None, b"DBSIZE")

    def flushdb(self, asynchronous: bool = False) -> Any:
        """Delete every key of this database."""
        return self._run(is_ok, b"FLUSHDB", *flags(**{"async": asynchronous}))

    def flushall(self, asynchronous: bool = False) -> Any:
        """Delete every key of every database."""
        return self._run(is_ok, b"FLUSHALL", *flags(**{"async": asynchronous}))

    def info(self, section: str | None = None, *args: str) -> Any:
        """Return facts about the server, by name."""
        words = [] if section is None else [section, *args]
        return self._run(info, b"INFO", *words)

    def config_get(self, pattern: Word = "*", *args: Word) -> Any:
        """Return the settings whose names match."""
        return self._run(texts_by_name, b"CONFIG", b"GET", pattern, *args)

    def config_set(self, name: Word, value: Word, *args: Word) -> Any:
        """Change settings, names and values by turns."""
        return self._run(is_ok, b"CONFIG", b"SET", name, value, *args)

    def config_resetstat(self) -> Any:
        """Count anew what INFO counts."""
        return self._run(is_ok, b"CONFIG", b"RESETSTAT")

    def swapdb(self, first: int, second: int) -> Any:
        """Let two databases change places."""
        return self._run(is_ok, b"SWAPDB", first, second)

    def lastsave(self) -> Any:
        """Return when everything was last on disk, as a datetime."""
        return self._run(when, b"LASTSAVE")

    def save(self) -> Any:
        """Return True: what is committed is saved."""
        return self._run(is_ok, b"SAVE")

    def bgsave(self, schedule: bool = True) -> Any:
        """Return True: what is committed is saved."""
        return self._run(_true, b"BGSAVE", *flags(schedule=schedule))

    def bgrewriteaof(self) -> Any:
        """Return True: there is nothing to rewrite."""
        return self._run(_true, b"BGREWRITEAOF")

    def wait(self, num_replicas: int, timeout: int) -> Any:
        """Return how many replicas have what was written: none."""
        return self._run(None, b"WAIT", num_replicas, timeout)

    def role(self) -> Any:
        """Return that this is a master, how far it is, and its replicas."""
        return self._run(plain, b"ROLE")

    def lolwut(self, *version_numbers: Word) -> Any:
        """Return a picture."""
        words = [b"VERSION", *version_numbers] if version_numbers else []
        return self._run(plain, b"LOLWUT", *words)

    def slowlog_get(self, num: int | None = None) -> Any:
        """Return facts about commands that took long."""
        return self._run(slow, b"SLOWLOG", b"GET", *([] if num is None else [num]))

    def slowlog_len(self) -> Any:
        """Return how many commands that took long are remembered."""
        return self._run(None, b"SLOWLOG", b"LEN")

    def slowlog_reset(self) -> Any:
        """Forget which commands took long."""
        return self._run(is_ok, b"SLOWLOG", b"RESET")

    # Commands

    def command(self) -> Any:
        """Return facts about all commands, by name."""
        return self._run(commands, b"COMMAND")

    def command_count(self) -> Any:
        """Return how many commands there are."""
        return self._run(None, b"COMMAND", b"COUNT")

    def command_list(
        self, module: str | None = None, category: str | None = None, pattern: str | None = None
    ) -> Any:
        """Return the names of commands."""
        words = options(module=module, aclcat=category, pattern=pattern)
        return self._run(plain, b"COMMAND", b"LIST", *([b"FILTERBY", *words] if words else []))

    def command_getkeys(self, *args: Word) -> Any:
        """Return which words of a command are keys."""
        return self._run(texts, b"COMMAND", b"GETKEYS", *args)

    def command_getkeysandflags(self, *args: Word) -> Any:
        """Return which words of a command are keys, and what is done to them."""
        return self._run(plain, b"COMMAND", b"GETKEYSANDFLAGS", *args)


class Clients(Runner, Protocol):
    """The commands on clients, and on who listens."""

    def client_id(self) -> Any:
        """Return this session's number."""
        return self._run(None, b"CLIENT", b"ID")

    def client_getname(self) -> Any:
        """Return this session's name, or None."""
        return self._run(text_or_none, b"CLIENT", b"GETNAME")

    def client_setname(self, name: Word) -> Any:
        """Give this session a name."""
        return self._run(is_ok, b"CLIENT", b"SETNAME", name)

    def client_setinfo(self, attr: str, value: Word) -> Any:
        """Say which library is in use."""
        return self._run(is_ok, b"CLIENT", b"SETINFO", attr, value)

    def client_info(self) -> Any:
        """Return facts about this session."""
        return self._run(client, b"CLIENT", b"INFO")

    def client_list(self, _type: str | None = None, client_id: list[Word] = []) -> Any:  # noqa: B006  # redis-py's own
        """Return facts about the sessions of the server, as texts."""
        words = [*options(type=_type), *([b"ID", *client_id] if client_id else [])]
        return self._run(clients, b"CLIENT", b"LIST", *words)

    def client_unblock(self, client_id: int, error: bool = False) -> Any:
        """End another session's wait; return whether it waited."""
        return self._run(bool, b"CLIENT", b"UNBLOCK", client_id, *flags(error=error))

    def client_kill(self, address: str) -> Any:
        """End the session of a client of the server by its address."""
        return self._run(_killed, b"CLIENT", b"KILL", address)

    def client_kill_filter(
        self,
        _id: str | None = None,
        _type: str | None = None,
        addr: str | None = None,
        skipme: bool | None = None,
        laddr: str | None = None,
        user: str | None = None,
        maxage: int | None = None,
    ) -> Any:
        """End the sessions of clients of the server that all tests fit; return how many."""
        skips = None if skipme is None else "YES" if skipme else "NO"
        words = options(
            type=_type, skipme=skips, id=_id, addr=addr, laddr=laddr, user=user, maxage=maxage
        )
        return self._run(_killed, b"CLIENT", b"KILL", *words)

    def client_pause(self, timeout: int, all: bool = True) -> Any:
        """Have the server's clients wait for so many milliseconds, or only those who write."""
        return self._run(is_ok, b"CLIENT", b"PAUSE", timeout, *([] if all else [b"WRITE"]))

    def client_unpause(self) -> Any:
        """Let the server's clients go on; return b"OK"."""
        return self._run(plain, b"CLIENT", b"UNPAUSE")

    def client_no_evict(self, mode: str) -> Any:
        """Say ON or OFF; nothing is evicted either way."""
        return self._run(plain, b"CLIENT", b"NO-EVICT", mode)

    def publish(self, channel: Word, message: Word) -> Any:
        """Send a message to all who listen; return how many they are."""
        return self._run(None, b"PUBLISH", channel, message)

    def spublish(self, shard_channel: Word, message: Word) -> Any:
        """Send a message to all who listen to a shard channel; return how many they are."""
        return self._run(None, b"SPUBLISH", shard_channel, message)

    def pubsub_channels(self, pattern: Word = "*") -> Any:
        """Return the channels that somebody listens to."""
        return self._run(plain, b"PUBSUB", b"CHANNELS", pattern)

    def pubsub_shardchannels(self, pattern: Word = "*") -> Any:
        """Return the shard channels that somebody listens to."""
        return self._run(plain, b"PUBSUB", b"SHARDCHANNELS", pattern)

    def pubsub_numpat(self) -> Any:
        """Return how many patterns somebody listens to."""
        return self._run(None, b"PUBSUB", b"NUMPAT")

    def pubsub_numsub(self, *args: Word) -> Any:
        """Return channels, each with how many listen to it."""
        return self._run(counts, b"PUBSUB", b"NUMSUB", *args)

    def pubsub_shardnumsub(self, *args: Word) -> Any:
        """Return shard channels, each with how many listen to it."""
        return self._run(counts, b"PUBSUB", b"SHARDNUMSUB", *args)


def _killed(reply: Any) -> Any:
    return reply if isinstance(reply, int) else is_ok(reply)


def _true(reply: Any) -> bool:
    return True
