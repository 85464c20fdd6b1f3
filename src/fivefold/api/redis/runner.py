"""How a method's command is run: at once by ``Redis``, later by ``Pipeline``."""

from __future__ import annotations

from typing import Any, Protocol

from fivefold.api.redis.results import Parse
from fivefold.api.redis.words import Word


class Runner(Protocol):
    """What the methods of all families stand on."""

    def _run(self, parse: Parse, *words: Word) -> Any:
        """Run or note the command; ``parse`` makes the method's result of the reply."""
        ...

    def _run_waiting(self, parse: Parse, *words: Word) -> Any:
        """Run or note a command that may wait for a key, where it can."""
        ...
