"""A lock that is a key: redis-py's ``Lock`` by its methods.

It is the same lock as redis-py's: the key's value is the holder's token, so that a program that
is embedded and one behind a server keep each other out.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from types import SimpleNamespace, TracebackType
from typing import TYPE_CHECKING, Self

from fivefold.api.redis.words import encode
from fivefold.errors import Conflict, InvalidState

if TYPE_CHECKING:
    from fivefold.api.redis.client import Redis
    from fivefold.api.redis.pipeline import Pipeline


class Lock:
    """A lock; ``timeout`` seconds after it was taken it is free again, if that is not None."""

    def __init__(
        self,
        redis: Redis,
        name: str,
        timeout: float | None = None,
        sleep: float = 0.1,
        blocking: bool = True,
        blocking_timeout: float | None = None,
        thread_local: bool = True,
        raise_on_release_error: bool = True,
    ) -> None:
        self.redis = redis
        self.name = name
        self.timeout = timeout
        self.sleep = sleep
        self.blocking = blocking
        self.blocking_timeout = blocking_timeout
        self.raise_on_release_error = raise_on_release_error
        self.local = threading.local() if thread_local else SimpleNamespace()
        self.local.token = None

    @property
    def _token(self) -> bytes | None:
        return getattr(self.local, "token", None)

    def __enter__(self) -> Self:
        if not self.acquire():
            raise Conflict("the lock was not free in time", "lock_not_available")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self.release()
        except InvalidState:
            if self.raise_on_release_error:
                raise

    def acquire(
        self,
        sleep: float | None = None,
        blocking: bool | None = None,
        blocking_timeout: float | None = None,
        token: str | bytes | None = None,
    ) -> bool:
        """Take the lock, waiting until it is free; return whether it was taken."""
        sleep = self.sleep if sleep is None else sleep
        blocking = self.blocking if blocking is None else blocking
        limit = self.blocking_timeout if blocking_timeout is None else blocking_timeout
        wanted = encode(uuid.uuid1().hex if token is None else token)
        stop_at = None if limit is None else time.monotonic() + limit
        while not self._take(wanted):
            if not blocking or (stop_at is not None and time.monotonic() + sleep > stop_at):
                return False
            time.sleep(sleep)
        self.local.token = wanted
        return True

    def _take(self, token: bytes) -> bool:
        return bool(self.redis.set(self.name, token, nx=True, px=self._lasts_ms))

    def locked(self) -> bool:
        """Return whether anybody has the lock."""
        return self.redis.get(self.name) is not None

    def owned(self) -> bool:
        """Return whether this one has the lock."""
        return self._token is not None and self.redis.get(self.name) == self._token

    def release(self) -> None:
        """Give the lock back. Raises InvalidState if it is not held, or not any longer."""
        token, self.local.token = self._held("released"), None
        self._change(token, "released", lambda pipeline, _: pipeline.delete(self.name))

    def extend(self, additional_time: float, replace_ttl: bool = False) -> bool:
        """Add seconds to the time that is left, or replace it by them; return True."""
        (token, _), added = self._limited("extended"), int(additional_time * 1000)

        def extend(pipeline: Pipeline, left_ms: int) -> None:
            pipeline.pexpire(self.name, added if replace_ttl else max(left_ms, 0) + added)

        self._change(token, "extended", extend)
        return True

    def reacquire(self) -> bool:
        """Hold the lock for its whole time again; return True."""
        token, lasts = self._limited("taken again")
        self._change(token, "taken again", lambda pipeline, _: pipeline.pexpire(self.name, lasts))
        return True

    @property
    def _lasts_ms(self) -> int | None:
        return None if self.timeout is None else int(self.timeout * 1000)

    def _held(self, done: str) -> bytes:
        token = self._token
        if token is None:
            raise InvalidState(f"a lock that is not held cannot be {done}")
        return token

    def _limited(self, done: str) -> tuple[bytes, int]:
        if self._lasts_ms is None:
            raise InvalidState(f"a lock without a timeout cannot be {done}")
        return self._held(done), self._lasts_ms

    def _change(self, token: bytes, done: str, change: Callable[[Pipeline, int], object]) -> None:
        """Change the key if it is still ours."""
        with self.redis.pipeline() as pipeline:
            pipeline.watch(self.name)
            is_ours, left_ms = pipeline.get(self.name) == token, pipeline.pttl(self.name)
            if is_ours:
                pipeline.multi()
                change(pipeline, left_ms)
                with suppress(Conflict):
                    pipeline.execute()
                    return
        raise InvalidState(f"a lock that is no longer held cannot be {done}")
