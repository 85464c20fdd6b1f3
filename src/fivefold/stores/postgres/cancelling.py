"""Ending what a connection runs, from another thread."""

from __future__ import annotations

import psycopg

from fivefold.stores.postgres import failures

CANCEL_SECONDS_MAX = 5.0  # to deliver a cancel request, on a line of its own


def cancel(raw: psycopg.Connection) -> None:
    """Have the server end what it runs for this connection. Raises Unavailable."""
    try:
        raw.cancel_safe(timeout=CANCEL_SECONDS_MAX)
    except psycopg.Error as error:
        raise failures.translate(error) from None
