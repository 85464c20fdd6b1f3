"""The airports as nodes and the routes between them as relationships, and what only they answer.

The flights all depart from New York, so a route is followed both ways: who flies to an airport
flies back. It keeps how many flights went, who flew them, and how far it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fivefold.cli.demo.flights.questions import Question

if TYPE_CHECKING:
    from fivefold import Database

ROUTES = """\
SELECT origin, dest, array_agg(DISTINCT carrier) AS carriers, count(*) AS flights,
       min(distance) AS miles
FROM flights GROUP BY origin, dest ORDER BY origin, dest"""

KEY = "CREATE CONSTRAINT airport_faa FOR (a:Airport) REQUIRE a.faa IS UNIQUE"

CREATE_AIRPORTS = """\
UNWIND $airports AS airport
CREATE (a:Airport) SET a = airport"""

CREATE_ROUTES = """\
UNWIND $routes AS route
MATCH (origin:Airport {faa: route.origin}), (dest:Airport {faa: route.dest})
CREATE (origin)-[:ROUTE {carriers: route.carriers, flights: route.flights,
                         miles: route.miles}]->(dest)"""

QUESTIONS = (
    Question(
        "Which airports are the hubs?",
        "the degree of a node, whichever way its relationships point",
        """\
MATCH (a:Airport)-[r:ROUTE]-(neighbour)
RETURN a.name AS airport, count(DISTINCT neighbour) AS neighbours,
       sum(r.flights) AS flights
ORDER BY neighbours DESC, flights DESC LIMIT 5""",
        "All flights of the data begin in New York, so no other has more than three neighbours.",
    ),
    Question(
        "What is reached from LaGuardia with one stop, but not without?",
        "two steps, and a pattern that must not be there",
        """\
MATCH (:Airport {faa: 'LGA'})-[:ROUTE]-(stop)-[:ROUTE]-(far)
WHERE NOT (far)-[:ROUTE]-(:Airport {faa: 'LGA'})
RETURN far.name AS airport, count(stop) AS ways,
       min(stop.faa) AS for_example_by
ORDER BY ways DESC, airport LIMIT 8""",
        "From Newark to LaGuardia one flight was planned in that year, and cancelled.",
    ),
    Question(
        "Which airline brings you from LaGuardia to San Francisco?",
        "all trips of at most two stops, a condition on each leg, a sum along the trip",
        """\
MATCH trip = (:Airport {faa: 'LGA'})
             -[legs:ROUTE*1..3]-(:Airport {faa: 'SFO'})
UNWIND legs[0].carriers AS airline
WITH trip, legs, airline
WHERE all(leg IN legs WHERE airline IN leg.carriers)
RETURN airline, [stop IN nodes(trip) | stop.faa] AS trip,
       reduce(miles = 0, leg IN legs | miles + leg.miles) AS miles
ORDER BY miles, airline, trip LIMIT 5""",
        "None without a stop, and none with one.",
    ),
    Question(
        "How do you get from Anchorage, Alaska to Bangor, Maine?",
        "the shortest path, of any length",
        """\
MATCH trip = shortestPath(
    (:Airport {faa: 'ANC'})-[:ROUTE*]-(:Airport {faa: 'BGR'}))
UNWIND nodes(trip) AS stop
RETURN stop.faa AS faa, stop.name AS airport""",
    ),
)


def load(database: Database) -> tuple[int, int]:
    """Make the graph out of the tables; return how many airports and how many routes it has."""
    airports = _maps(database, "SELECT faa, name, lat, lon, alt FROM airports ORDER BY faa")
    routes = _maps(database, ROUTES)
    database.cypher(KEY)
    with database.transaction() as tx:
        tx.cypher(CREATE_AIRPORTS, airports=airports)
        tx.cypher(CREATE_ROUTES, routes=routes)
    return len(airports), len(routes)


def ask(database: Database, question: Question) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Return the columns and the rows of an answer, lists as text."""
    result = database.cypher(question.query)
    rows = [tuple(_shown(value) for value in record) for record in result]
    return list(result.keys()), rows


def _maps(database: Database, sql: str) -> list[dict[str, Any]]:
    result = database.sql(sql)
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result]


def _shown(value: Any) -> Any:
    return " - ".join(value) if isinstance(value, list) else value
