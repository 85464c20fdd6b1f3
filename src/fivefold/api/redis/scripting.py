"""Scripts: redis-py's ``ScriptCommands`` by its names and results."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha1
from typing import TYPE_CHECKING, Any, Protocol

from fivefold.api.redis.results import booleans, is_ok, plain, text
from fivefold.api.redis.runner import Runner
from fivefold.api.redis.words import Word, encode
from fivefold.errors import InvalidState

if TYPE_CHECKING:
    from fivefold.api.redis.client import Redis


class Scripting(Runner, Protocol):
    """The commands on Lua scripts."""

    def eval(self, script: Word, numkeys: int, *keys_and_args: Word) -> Any:
        """Run a script; the first ``numkeys`` words are its keys."""
        return self._run(plain, b"EVAL", script, numkeys, *keys_and_args)

    def eval_ro(self, script: Word, numkeys: int, *keys_and_args: Word) -> Any:
        """Run a script that only reads."""
        return self._run(plain, b"EVAL_RO", script, numkeys, *keys_and_args)

    def evalsha(self, sha: Word, numkeys: int, *keys_and_args: Word) -> Any:
        """Run a script that is known, by its SHA1."""
        return self._run(plain, b"EVALSHA", sha, numkeys, *keys_and_args)

    def evalsha_ro(self, sha: Word, numkeys: int, *keys_and_args: Word) -> Any:
        """Run a script that is known and only reads, by its SHA1."""
        return self._run(plain, b"EVALSHA_RO", sha, numkeys, *keys_and_args)

    def script_load(self, script: Word) -> Any:
        """Have a script known; return its SHA1."""
        return self._run(text, b"SCRIPT", b"LOAD", script)

    def script_exists(self, *args: Word) -> Any:
        """Return which scripts are known, by their SHA1."""
        return self._run(booleans, b"SCRIPT", b"EXISTS", *args)

    def script_flush(self, sync_type: str | None = None) -> Any:
        """Forget all scripts."""
        words = [] if sync_type is None else [sync_type]
        return self._run(is_ok, b"SCRIPT", b"FLUSH", *words)

    def script_kill(self) -> Any:
        """End the script that is running, if it has not written."""
        return self._run(is_ok, b"SCRIPT", b"KILL")


class Script:
    """A script to be called with its keys and arguments."""

    __slots__ = ("registered_client", "script", "sha")

    def __init__(self, registered_client: Redis, script: Word) -> None:
        self.registered_client = registered_client
        self.script = script
        self.sha = sha1(encode(script), usedforsecurity=False).hexdigest()

    def __call__(
        self,
        keys: Sequence[Word] | None = None,
        args: Sequence[Word] | None = None,
        client: Scripting | None = None,
    ) -> Any:
        """Run the script, in ``client`` if that is given; a pipeline notes it."""
        count, words = len(keys or ()), (*(keys or ()), *(args or ()))
        if client is not None and client is not self.registered_client:
            return client.eval(
                self.script, count, *words
            )  # a pipeline sees too late what is not known
        try:
            return self.registered_client.evalsha(self.sha, count, *words)
        except InvalidState as error:
            if not error.message.startswith("NOSCRIPT"):
                raise
        return self.registered_client.eval(self.script, count, *words)
