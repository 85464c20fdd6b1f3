"""A statement that is watched while it runs; see ``functions/meetings``."""

from __future__ import annotations

from fivefold.plan.statement import Prepared


class Watched(Prepared):
    """An INSERT that must not meet a row twice.

    What the last one touched is forgotten before each run, which gives a row for each that it
    touches, also if the statement has no outputs.
    """
