"""Five questions to the flights, in SQL; and the references that the data does not keep."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, what of the language it shows, and how."""

    title: str
    shows: str
    query: str
    remark: str = ""


QUESTIONS = (
    Question(
        "Whose flights arrive late?",
        "a join, aggregates, FILTER, HAVING",
        """\
SELECT a.name AS airline,
       count(*) AS flights,
       count(*) FILTER (WHERE f.dep_time IS NULL) AS cancelled,
       round(avg(f.arr_delay), 1) AS minutes_late
FROM flights f JOIN airlines a ON a.carrier = f.carrier
GROUP BY a.name
HAVING count(*) >= 10000
ORDER BY minutes_late DESC""",
    ),
    Question(
        "Which airlines name aircraft that the table planes does not know?",
        "a correlated subquery",
        """\
SELECT f.carrier,
       count(*) AS flights,
       count(DISTINCT f.tailnum) AS aircraft
FROM flights f
WHERE f.tailnum IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM planes p WHERE p.tailnum = f.tailnum)
GROUP BY f.carrier
ORDER BY flights DESC
LIMIT 5""",
        "Envoy (MQ) and American (AA) report fleet numbers of their own in place of tail numbers.",
    ),
    Question(
        "What was the busiest day of each month?",
        "a window function over aggregates",
        """\
SELECT month, day, flights
FROM (SELECT month, day, count(*) AS flights,
             row_number() OVER (PARTITION BY month
                                ORDER BY count(*) DESC, day) AS place
      FROM flights
      GROUP BY month, day) AS days
WHERE place = 1
ORDER BY month""",
    ),
    Question(
        "How long do flights wait in bad weather?",
        "a common table expression, CASE, USING",
        """\
WITH sky AS (
    SELECT origin, time_hour,
           CASE WHEN visib < 2 THEN 'fog'
                WHEN precip > 0 THEN 'rain or snow'
                WHEN wind_speed >= 25 THEN 'wind'
                ELSE 'fair' END AS weather
    FROM weather)
SELECT weather,
       count(*) AS flights,
       round(avg(dep_delay), 1) AS minutes_late
FROM flights JOIN sky USING (origin, time_hour)
GROUP BY weather
ORDER BY minutes_late DESC""",
    ),
    Question(
        "Which routes are the longest, and how fast are they flown?",
        "one table joined twice, arithmetic, a cast",
        """\
SELECT o.name AS origin, d.name AS destination,
       f.distance AS miles,
       count(*) AS flights,
       round(avg(f.distance * 60 / f.air_time::float8)) AS mph
FROM flights f
JOIN airports o ON o.faa = f.origin
JOIN airports d ON d.faa = f.dest
GROUP BY o.name, d.name, f.distance
ORDER BY miles DESC
LIMIT 5""",
    ),
)

BROKEN = {
    "flights.tailnum to planes": """\
SELECT count(*) FROM flights f WHERE f.tailnum IS NOT NULL
AND NOT EXISTS (SELECT 1 FROM planes p WHERE p.tailnum = f.tailnum)""",
    "flights (origin, time_hour) to weather": """\
SELECT count(*) FROM flights f WHERE NOT EXISTS (SELECT 1 FROM weather w
WHERE w.origin = f.origin AND w.time_hour = f.time_hour)""",
}
"""A reference that could be thought of -> how many flights break it."""
