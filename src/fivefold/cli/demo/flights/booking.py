"""What needs one database: a seat booked in a table and a counter moved among the keys, or neither.

Both are done through the embedded API on the database that is being served; what became of
them is read by psycopg and redis-py, which know nothing of one another.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from fivefold.cli.demo.flights import schema
from fivefold.errors import Violation

if TYPE_CHECKING:
    import psycopg
    from redis import Redis

    from fivefold import Database

DEPARTURE = datetime(2013, 1, 1, 10, tzinfo=UTC)
CARRIER = "UA"
FLIGHT = 1545
NO_FLIGHT = 9999
SEATS_KEY = f"seats:{CARRIER}{FLIGHT}"

INSERT = "INSERT INTO bookings VALUES (%s, %s, %s, %s, %s)"

_STATEMENT = '"INSERT INTO bookings VALUES (…)"'

BOOKED = f"""\
with db.transaction() as tx:
    tx.sql({_STATEMENT},
           [departure, "{CARRIER}", {FLIGHT}, "12A", "Ada"])
    tx.redis.decr("{SEATS_KEY}")"""

FAILED = f"""\
with db.transaction() as tx:
    tx.redis.decr("{SEATS_KEY}")
    tx.sql({_STATEMENT},
           [departure, "{CARRIER}", {NO_FLIGHT}, "12B", "Bob"])"""


@dataclass(frozen=True, slots=True)
class State:
    """What other clients see."""

    bookings: int
    seats_left: int


def prepare(connection: psycopg.Connection[Any], redis: Redis) -> str:
    """Make the table and the counter; return the tail number of the aircraft."""
    connection.execute(schema.create("bookings", schema.BOOKINGS).encode())
    row = connection.execute(
        "SELECT p.tailnum, p.seats FROM flights f JOIN planes p ON p.tailnum = f.tailnum "
        "WHERE f.time_hour = %s AND f.carrier = %s AND f.flight = %s",
        [DEPARTURE, CARRIER, FLIGHT],
    ).fetchone()
    assert row is not None
    redis.set(SEATS_KEY, row[1])
    return str(row[0])


def look(connection: psycopg.Connection[Any], redis: Redis) -> State:
    """Return what psycopg and redis-py read."""
    row = connection.execute("SELECT count(*) FROM bookings").fetchone()
    assert row is not None
    return State(row[0], int(redis.get(SEATS_KEY) or 0))


def book(database: Database) -> None:
    """Book a seat and move the counter, in one transaction."""
    with database.transaction() as tx:
        tx.sql(INSERT, [DEPARTURE, CARRIER, FLIGHT, "12A", "Ada"])
        tx.redis.decr(SEATS_KEY)


def book_and_fail(database: Database) -> tuple[int, Violation]:
    """Move the counter, then book on a flight that does not exist.

    Returns the counter as it stood inside the transaction, and the error that ended it.
    """
    moved = -1
    try:
        with database.transaction() as tx:
            moved = tx.redis.decr(SEATS_KEY)
            tx.sql(INSERT, [DEPARTURE, CARRIER, NO_FLIGHT, "12B", "Bob"])
    except Violation as error:
        return moved, error
    raise AssertionError("the foreign key let a booking pass for a flight that does not exist")
