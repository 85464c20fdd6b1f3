"""What this store keeps of a prepared statement."""

from __future__ import annotations

from collections.abc import Callable

from fivefold.plan.statement import Prepared


class PostgresPrepared(Prepared):
    """``packed`` is the text in UTF-8; ``converters`` say which parameters (from 0) to convert."""

    packed: bytes = b""
    converters: tuple[tuple[int, Callable[[str], str]], ...] = ()
