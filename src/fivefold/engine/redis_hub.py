"""What all Redis clients of one engine share, the server's and embedded ones, on any thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from fivefold.engine import logins
from fivefold.engine.engine import Engine
from fivefold.engine.redis_waiters import Waiters
from fivefold.errors import FivefoldError
from fivefold.languages.redis.channels import Channels, Delivery
from fivefold.languages.redis.command import Command
from fivefold.languages.redis.monitor import monitor_line
from fivefold.languages.redis.scripting.cache import Scripts
from fivefold.languages.redis.session import Session
from fivefold.languages.redis.settings import ALL_EVENTS, Settings
from fivefold.languages.redis.slowlog import SlowLog
from fivefold.languages.redis.statistics import Statistics
from fivefold.values.replies import Reply

_MAY_WRITE = frozenset({"may_replicate", "publish", "spublish", "eval", "evalsha", "fcall"})

LOOP_SLOW_US = 1_000
"""What the server's loop does in one go takes less: only a lower threshold of the slow log has it
take the time of each command."""


class Hub:
    """The hub of one engine; see ``hub_of``.

    ``notified`` has the letters of notify-keyspace-events, none if nobody is told. ``watched`` says
    that more is to be done around each command than to carry it out.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.channels = Channels()
        self.waiters = Waiters()
        self.scripts = Scripts()
        self.statistics = Statistics()
        self.slow_log = SlowLog(0, 0)
        self.settings = Settings(self._apply)
        self.notified = ""
        self.paused_until_ms = 0  # 0: nothing waits
        self._pauses_reads = False
        self._paused: list[Callable[[], None]] = []
        self._monitors: dict[Session, None] = {}
        self.watched = False
        self._apply()

    @property
    def has_users(self) -> bool:
        """See ``Hub`` of languages/redis/context.py."""
        return logins.has_users(self.engine)

    def check_password(self, name: str, password: str) -> None:
        """See ``Hub`` of languages/redis/context.py."""
        logins.check_password(self.engine, name, password)

    def _apply(self) -> None:
        """Do what the settings say."""
        number = self.settings.number
        slower_than = number(b"slowlog-log-slower-than")
        self.slow_log.set_limits(slower_than, number(b"slowlog-max-len"))
        self.scripts.time_ms_max = number(b"busy-reply-threshold")
        events = self.settings[b"notify-keyspace-events"].decode()
        # Without K or E nobody is told of anything.
        told = {"K", "E"} & set(events)
        self.notified = events.replace("A", ALL_EVENTS) if told else ""
        self.note_watched()

    def note_watched(self) -> None:
        """Find out anew whether every command has to be looked at."""
        self.watched = bool(
            self.notified
            or self._monitors
            or self.paused_until_ms
            or 0 <= self.slow_log.threshold < LOOP_SLOW_US
        )

    # What happens around commands

    def note(
        self, session: Session, command: Command, words: list[bytes], microseconds: int
    ) -> None:
        """Take note of a command that was carried out: for MONITOR, the slow log and INFO."""
        self.statistics.time(command.name, microseconds)
        if 0 <= self.slow_log.threshold <= microseconds and "skip_slowlog" not in command.flags:
            at = self.engine.clock.now_ms() // 1000
            self.slow_log.add(words, at, microseconds, session.address, session.name)
        if self._monitors and {"admin", "skip_monitor"}.isdisjoint(command.flags):
            self.show(session, words)

    def show(self, session: Session, words: list[bytes]) -> None:
        """Tell those who monitor of a command."""
        now_ms = self.engine.clock.now_ms()
        line = monitor_line(now_ms, session.database, session.address, words)
        for monitor in list(self._monitors):
            if monitor.deliver is not None:
                monitor.deliver([line])

    def add_monitor(self, session: Session) -> None:
        """Have a session be told of all commands."""
        session.monitoring = True
        session.note_special()
        self._monitors[session] = None
        self.note_watched()

    def leave(self, session: Session) -> None:
        """Have a session listen to nothing."""
        self.channels.leave(session)
        if session.monitoring:
            session.monitoring = False
            session.note_special()
            self._monitors.pop(session, None)
            self.note_watched()

    def pause(self, until_ms: int, everything: bool) -> None:
        """Have commands wait, or only those that write; a longer or wider pause goes on."""
        self._pauses_reads = everything or (self.paused and self._pauses_reads)
        self.paused_until_ms = max(self.paused_until_ms, until_ms)
        self.note_watched()

    def unpause(self) -> None:
        """End a pause."""
        self.paused_until_ms = 0
        self.note_watched()
        resumed, self._paused = self._paused, []
        for resume in resumed:
            resume()

    @property
    def paused(self) -> bool:
        """Say whether commands are to wait; a pause whose time is over ends here."""
        if not self.paused_until_ms:
            return False
        if self.engine.clock.now_ms() < self.paused_until_ms:
            return True
        self.unpause()
        return False

    def pauses(self, session: Session, command: Command) -> bool:
        """Say whether this command is to wait now."""
        if not self.paused:
            return False
        if self._pauses_reads:
            return True
        if command.name == "exec":
            return session.queue_writes
        waits = session.queue is None or command.immediate
        return waits and (
            command.writes or not _MAY_WRITE.isdisjoint({command.name, *command.flags})
        )

    def wait_for_pause(self, resume: Callable[[], None]) -> float:
        """Have ``resume`` called if the pause is ended early; return how long it may last."""
        self._paused.append(resume)
        return max(self.paused_until_ms - self.engine.clock.now_ms(), 0) / 1000

    @property
    def blocked(self) -> int:
        """Return how many clients wait for a key."""
        return len(self.waiters)

    def notices(self, number: int, event: str, key: bytes) -> list[Delivery]:
        """Return who is told that the event happened to a key of database ``number``.

        Source: redis.io, "Redis keyspace notifications".
        """
        name = event.encode()
        found: list[Delivery] = []
        if "K" in self.notified:
            found += self.channels.deliveries(b"__keyspace@%d__:%b" % (number, key), name)
        if "E" in self.notified:
            found += self.channels.deliveries(b"__keyevent@%d__:%b" % (number, name), key)
        return found


def hub_of(engine: Engine) -> Hub:
    """Return the engine's hub, made on first use."""
    hub = engine.prepared.get("redis hub") or engine.prepared.setdefault("redis hub", Hub(engine))
    assert isinstance(hub, Hub)
    return hub


def deliver(deliveries: Iterable[Delivery]) -> None:
    """Send messages whose transaction has committed; each session gets its own together."""
    together: dict[Session, list[Reply]] = {}
    for session, push in deliveries:
        together.setdefault(session, []).append(push)
    for session, pushes in together.items():
        if session.deliver is not None:
            session.deliver(pushes)


def keep(deliveries: Iterable[Delivery]) -> Callable[[FivefoldError | None], None]:
    """Have messages wait for the server's open group; return what to call when it has ended.

    Called on the loop's thread. A session whose next answer comes first takes them before it.
    """
    sessions: dict[Session, None] = {}
    for session, push in deliveries:
        session.pending.append(push)
        sessions[session] = None

    def ended(error: FivefoldError | None) -> None:
        for session in sessions:
            pushes, session.pending = session.pending, []
            if pushes and error is None and session.deliver is not None:
                session.deliver(pushes)

    return ended
