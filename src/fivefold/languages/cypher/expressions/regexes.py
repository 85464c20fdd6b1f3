"""Regular expressions of ``=~``: Java's syntax, run by Python's ``re``."""

from __future__ import annotations

import functools
import re

from fivefold.values.graph.faults import fault

CACHED_REGEXES_MAX = 512


@functools.lru_cache(maxsize=CACHED_REGEXES_MAX)
def compile_regex(regex: str) -> re.Pattern[str]:
    """Return the pattern; raises fault InvalidArgumentValue if it is none."""
    try:
        return re.compile(regex, re.ASCII)
    except re.error as error:
        raise fault("InvalidArgumentValue", f"Invalid Regex: {error.msg}") from None
