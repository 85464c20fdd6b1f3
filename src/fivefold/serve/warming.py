"""What the first statements would wait for: modules and tables that SQL makes on first use.

A server says that it is ready before it has them, so that it starts as fast as it can; they are
made right after, on a thread beside the loop, by a few statements in a database that is thrown
away. A program that serves for itself has other things to do: only what its own clients are going
to ask for is imported meanwhile.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from importlib import import_module

from fivefold.engine.engine import Engine
from fivefold.engine.session import Session
from fivefold.engine.sql import SqlSession
from fivefold.errors import FivefoldError
from fivefold.stores.sqlite.store import SqliteStore

STATEMENTS = (
    "SELECT 1 AS one",
    "CREATE TABLE t (id serial PRIMARY KEY, a text DEFAULT 'x', b numeric(8, 2), d timestamptz"
    " DEFAULT now(), CHECK (b > 0))",
    "CREATE INDEX ON t (a)",
    "INSERT INTO t (b) VALUES (1.5) RETURNING id",
    "SELECT a, count(*), sum(b) OVER (ORDER BY a) FROM t WHERE d > now() - interval '1 day'"
    " GROUP BY a, b ORDER BY 2 LIMIT 10",
    "UPDATE t SET a = upper(a) WHERE id = 1",
    "SELECT relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
    " WHERE c.relname = 't' AND pg_table_is_visible(c.oid)",
    "SHOW search_path",
)


IMPORTED = {
    "mongodb": "fivefold.serve.mongodb",
    "neo4j": "fivefold.serve.neo4j",
    "cassandra": "fivefold.serve.cassandra",
}
"""What is imported for the first client of a protocol."""

CLIENTS = {"mongodb": "pymongo", "neo4j": "neo4j", "cassandra": "cassandra"}


def begin(protocols: Iterable[str]) -> threading.Thread:
    """Make them on a thread of their own, those of the protocols that are served."""
    thread = threading.Thread(
        target=_warm, args=(frozenset(protocols),), name="fivefold-warming", daemon=True
    )
    thread.start()
    return thread


def expected(protocols: Iterable[str]) -> frozenset[str]:
    """Return those protocols whose client is in this program, and that are not ready."""
    return frozenset(
        protocol
        for protocol in protocols
        if protocol in IMPORTED
        and CLIENTS[protocol] in sys.modules
        and IMPORTED[protocol] not in sys.modules
    )


def _warm(protocols: frozenset[str]) -> None:
    for protocol in IMPORTED.keys() & protocols:
        # The first client's connection imports it again, and tells what is wrong. SystemError comes
        # of Python before 3.11.8 and 3.12.2 where two threads parse at once (its issue 106905).
        with suppress(ImportError, SystemError):
            import_module(IMPORTED[protocol])
    if "postgres" in protocols:
        _warm_sql()


def _warm_sql() -> None:
    engine = Engine(SqliteStore(":memory:"))
    try:
        sql = SqlSession(Session(engine))
        for text in STATEMENTS:
            sql.execute(text)
        sql.close()
    except FivefoldError:  # whoever says it next is told why
        return
    finally:
        engine.close()
