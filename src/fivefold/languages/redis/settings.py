"""The settings of CONFIG, by redis-server's names and in its spelling.

Some can be changed and mean what they do in redis-server. The others are facts about fivefold,
told because tools ask for them: they can be set to what they are, and to nothing else.
Source: redis.conf of Redis 7.0; the refusals are those of its CONFIG SET.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from fivefold.errors import InvalidValue
from fivefold.languages.redis.arguments import INT64_MAX, STRING_BYTES_MAX, parse_int
from fivefold.models.keyvalue.layout import DATABASES

IMMUTABLE = "can't set immutable config"

ALL_EVENTS = "g$lshzxetd"
_EVENTS = "KEm"


class Refusal(Exception):
    """Why a value cannot be set, in redis-server's words."""


def read_events(value: bytes) -> bytes:
    """Return the classes of keyspace events as redis-server writes them: ``KEA`` is ``AKE``."""
    letters = set(value.decode("latin-1"))
    if "n" in letters:
        raise Refusal("fivefold does not notify of new keys (n): use the events of the commands")
    if letters - {*ALL_EVENTS, *_EVENTS, "A"}:
        raise Refusal("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.")
    if "A" in letters or letters.issuperset(ALL_EVENTS):
        shown = "A"
    else:
        shown = "".join(letter for letter in ALL_EVENTS if letter in letters)
    return (shown + "".join(letter for letter in _EVENTS if letter in letters)).encode()


def _read_integer(low: int, high: int, value: bytes) -> bytes:
    try:
        number = parse_int(value)
    except InvalidValue:
        raise Refusal("argument couldn't be parsed into an integer") from None
    if not low <= number <= high:
        raise Refusal(f"argument must be between {low} and {high} inclusive")
    return b"%d" % number


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting: what it is at first, and how a new value is read; None: it stays."""

    value: bytes
    read: Callable[[bytes], bytes] | None = None


def _facts(lines: str) -> dict[bytes, Setting]:
    pairs = (line.partition(" ") for line in lines.strip().splitlines())
    return {name.encode(): Setting(value.strip().encode()) for name, _, value in pairs}


_whole = partial(_read_integer, 0, INT64_MAX)

SETTINGS: Mapping[bytes, Setting] = _facts(
    f"""
activerehashing no
appendfsync always
appendonly yes
bind 127.0.0.1
client-output-buffer-limit normal 0 0 0 slave 0 0 0 pubsub 33554432 0 0
client-query-buffer-limit 1073741824
cluster-enabled no
daemonize no
databases {DATABASES}
dir .
enable-debug-command no
enable-module-command no
enable-protected-configs no
hash-max-listpack-entries 512
hash-max-listpack-value 64
hash-max-ziplist-entries 512
hash-max-ziplist-value 64
hll-sparse-max-bytes 3000
hz 10
io-threads 1
latency-monitor-threshold 0
latency-tracking no
lfu-decay-time 1
lfu-log-factor 10
list-compress-depth 0
list-max-listpack-size -2
list-max-ziplist-size -2
logfile
loglevel notice
masterauth
maxclients 1000
maxmemory 0
maxmemory-clients 0
maxmemory-policy noeviction
maxmemory-samples 5
min-replicas-to-write 0
min-slaves-to-write 0
port 0
protected-mode yes
proto-max-bulk-len {STRING_BYTES_MAX}
replicaof
requirepass
save
set-max-intset-entries 512
slaveof
stream-node-max-bytes 4096
stream-node-max-entries 100
tcp-backlog 1024
tcp-keepalive 300
timeout 0
tls-port 0
unixsocket
zset-max-listpack-entries 128
zset-max-listpack-value 64
zset-max-ziplist-entries 128
zset-max-ziplist-value 64
"""
) | {
    b"busy-reply-threshold": Setting(b"5000", _whole),
    b"lua-time-limit": Setting(b"5000", _whole),
    b"notify-keyspace-events": Setting(b"", read_events),
    b"slowlog-log-slower-than": Setting(b"10000", partial(_read_integer, -1, INT64_MAX)),
    b"slowlog-max-len": Setting(b"128", _whole),
}

_SAME = {
    b"busy-reply-threshold": b"lua-time-limit",
    b"lua-time-limit": b"busy-reply-threshold",
}
"""Two names of one setting."""


class Settings:
    """The settings of one engine as they stand; ``changed`` is called after a change."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._values = {name: setting.value for name, setting in SETTINGS.items()}
        self._changed = changed

    def __getitem__(self, name: bytes) -> bytes:
        return self._values[name]

    def number(self, name: bytes) -> int:
        """Return a setting that is a number."""
        return int(self._values[name])

    def all(self) -> dict[bytes, bytes]:
        """Return every setting."""
        return dict(self._values)

    def read(self, name: bytes, value: bytes) -> bytes:
        """Return the value as it would be kept. Raises Refusal."""
        reader = SETTINGS[name].read
        if reader is not None:
            return reader(value)
        if value.lower() != self._values[name].lower():
            raise Refusal(IMMUTABLE)
        return self._values[name]

    def set(self, values: Mapping[bytes, bytes]) -> None:
        """Set what ``read`` has returned."""
        for name, value in values.items():
            self._values[name] = value
            if name in _SAME:
                self._values[_SAME[name]] = value
        self._changed()
