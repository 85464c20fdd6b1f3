"""The server explains its plans itself: EXPLAIN goes through, and its words come back."""

from __future__ import annotations

from fivefold.plan.explain import Options


def explaining(text: str, options: Options) -> str:
    """Return the EXPLAIN of a rendered statement, with every option that differs from none."""
    given = {
        "ANALYZE": options.analyze,
        "VERBOSE": options.verbose,
        "COSTS": options.costs,
        "SETTINGS": options.settings,
        "BUFFERS": options.buffers,
        "WAL": options.wal,
        "TIMING": options.timing,
        "SUMMARY": options.summary,
    }
    words = [f"{name} {'ON' if on else 'OFF'}" for name, on in given.items() if on is not None]
    return f"EXPLAIN ({', '.join(words)}, FORMAT {options.format.value.upper()}) {text}"
