"""What SQL costs before and around the store: text to a plan, and a known text beyond SQLite.

Statements of the kind that people and their ORMs send, over a small schema with a few rows, so that
the store's own work is small beside ours.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from bench.harness import Benchmark, Sample, Scale, Sides, Target
from bench.sides import attempt, checksum, folder, open_ours

SCHEMA = """
CREATE TABLE customer (id serial PRIMARY KEY, email varchar(80) UNIQUE NOT NULL, name text NOT NULL,
 born date, active boolean NOT NULL DEFAULT true, created timestamptz NOT NULL DEFAULT now());
CREATE TABLE product (id serial PRIMARY KEY, sku text UNIQUE NOT NULL, title text NOT NULL,
 price numeric(10,2) NOT NULL, stock integer NOT NULL DEFAULT 0, tags text[], details jsonb);
CREATE TABLE orders (id serial PRIMARY KEY, customer_id integer NOT NULL REFERENCES customer,
 placed timestamp NOT NULL, status varchar(12) NOT NULL, total numeric(12,2));
CREATE TABLE line (order_id integer REFERENCES orders, number integer, product_id integer NOT NULL
 REFERENCES product, quantity integer NOT NULL, price numeric(10,2) NOT NULL,
 PRIMARY KEY (order_id, number));
INSERT INTO customer (email, name, born) VALUES ('a@x.org', 'Ann', '1990-02-01'),
 ('b@x.org', 'Bob', '1985-07-12'), ('c@x.org', 'Cat', NULL);
INSERT INTO product (sku, title, price, stock, tags, details) VALUES
 ('P1', 'Pen', 1.50, 100, '{red,ink}', '{"color": "red"}'), ('P2', 'Ink', 7.25, 5, NULL, NULL);
INSERT INTO orders (customer_id, placed, status, total) VALUES
 (1, '2024-01-02 10:00', 'paid', 10.25), (1, '2024-02-03 11:00', 'open', 3.00),
 (2, '2024-02-04 12:30', 'paid', 7.25);
INSERT INTO line VALUES (1, 1, 1, 2, 1.50), (1, 2, 2, 1, 7.25), (2, 1, 1, 2, 1.50),
 (3, 1, 2, 1, 7.25);
"""

Given = tuple[str, Sequence[object]]

STATEMENTS: tuple[Given, ...] = (
    ("SELECT id, email, name, born, active, created FROM customer WHERE id = %s", [1]),
    ("SELECT * FROM product WHERE sku = %s", ["P1"]),
    ("SELECT count(*) FROM orders WHERE status = %s", ["paid"]),
    ("SELECT EXISTS (SELECT 1 FROM customer WHERE email = %s)", ["a@x.org"]),
    ("SELECT id, title FROM product WHERE price BETWEEN %s AND %s ORDER BY price LIMIT 10", [1, 9]),
    ("SELECT id, name FROM customer WHERE name ILIKE %s ORDER BY name, id LIMIT 20", ["%a%"]),
    ("SELECT id FROM product WHERE id IN (%s, %s, %s)", [1, 2, 3]),
    ("SELECT id FROM product WHERE id = ANY (%s)", [[1, 2]]),
    ("SELECT o.id, c.name FROM orders o JOIN customer c ON c.id = o.customer_id WHERE o.id = %s",
     [1]),
    ('SELECT "orders"."id", "orders"."customer_id", "orders"."placed", "orders"."status", '
     '"orders"."total" FROM "orders" INNER JOIN "customer" ON ("orders"."customer_id" = '
     '"customer"."id") WHERE ("customer"."email" = %s AND "orders"."status" = %s) '
     'ORDER BY "orders"."placed" DESC LIMIT 21', ["a@x.org", "paid"]),
    ("SELECT orders_1.id AS orders_1_id, orders_1.placed AS orders_1_placed, orders_1.status AS "
     "orders_1_status, customer.id AS customer_id, customer.email AS customer_email, "
     "customer.name AS customer_name FROM customer LEFT OUTER JOIN orders AS orders_1 ON "
     "customer.id = orders_1.customer_id WHERE customer.id = %s", [1]),
    ("SELECT c.name, count(*) AS orders, sum(l.quantity * l.price) AS spent FROM customer c "
     "JOIN orders o ON o.customer_id = c.id JOIN line l ON l.order_id = o.id "
     "WHERE o.placed >= %s GROUP BY c.id, c.name HAVING count(*) > 0 ORDER BY spent DESC LIMIT 10",
     ["2024-01-01"]),
    ("SELECT p.sku, coalesce(sum(l.quantity), 0) AS sold FROM product p LEFT JOIN line l "
     "ON l.product_id = p.id GROUP BY p.sku ORDER BY sold DESC, p.sku", []),
    ("SELECT date_trunc('month', placed) AS month, count(*), avg(total) FROM orders "
     "GROUP BY date_trunc('month', placed) ORDER BY month", []),
    ("SELECT status, count(*) FILTER (WHERE total > 5) AS big, max(placed) FROM orders "
     "GROUP BY status", []),
    ("SELECT DISTINCT status FROM orders ORDER BY status", []),
    ("SELECT id, CASE WHEN total > 5 THEN 'big' ELSE 'small' END AS size, total::text "
     "FROM orders WHERE customer_id = %s ORDER BY id", [1]),
    ("SELECT id, customer_id, total, rank() OVER (PARTITION BY customer_id ORDER BY total DESC) "
     "FROM orders ORDER BY customer_id, id", []),
    ("SELECT * FROM (SELECT o.*, row_number() OVER (PARTITION BY customer_id ORDER BY placed DESC) "
     "AS n FROM orders o) latest WHERE n = 1 ORDER BY id", []),
    ("WITH spent AS (SELECT customer_id, sum(total) AS total FROM orders GROUP BY customer_id) "
     "SELECT c.name, s.total FROM spent s JOIN customer c ON c.id = s.customer_id "
     "WHERE s.total > %s ORDER BY s.total DESC", [1]),
    ("SELECT name FROM customer c WHERE NOT EXISTS (SELECT 1 FROM orders o "
     "WHERE o.customer_id = c.id AND o.status = %s)", ["open"]),
    ("SELECT name, (SELECT max(placed) FROM orders o WHERE o.customer_id = c.id) AS last "
     "FROM customer c ORDER BY name", []),
    ("SELECT title, details ->> 'color' AS color FROM product WHERE details @> %s::jsonb",
     ['{"color": "red"}']),
    ("SELECT id FROM orders WHERE status = 'paid' UNION ALL SELECT id FROM orders "
     "WHERE total IS NULL ORDER BY id", []),
    ("SELECT extract(year FROM born) AS year, lower(email), length(name) FROM customer "
     "WHERE born IS NOT NULL AND active", []),
    ("INSERT INTO customer (email, name, born) VALUES (%s, %s, %s) ON CONFLICT (email) "
     "DO UPDATE SET name = excluded.name RETURNING id", ["d@x.org", "Dan", "1999-09-09"]),
    ("INSERT INTO orders (customer_id, placed, status, total) SELECT id, now()::timestamp, "
     "'new', 0 FROM customer WHERE email = %s RETURNING status", ["c@x.org"]),
    ("UPDATE product SET stock = stock - %s WHERE id = %s AND stock >= %s RETURNING title",
     [0, 1, 1]),
    ("UPDATE orders SET total = s.sum FROM (SELECT order_id, sum(quantity * price) AS sum "
     "FROM line GROUP BY order_id) s WHERE s.order_id = orders.id AND orders.id = %s", [1]),
    ("DELETE FROM line USING orders o WHERE o.id = line.order_id AND o.status = %s", ["gone"]),
)  # fmt: skip


def _made(database: Any) -> Any:
    for statement in SCHEMA.split(";\n"):
        if statement.strip():
            database.sql(statement)
    return database


def _texts(stack: ExitStack) -> Iterator[tuple[str, list[Any], Callable[[], Any]]]:
    """Yield each statement's text, its values, and what makes its plan from nothing."""
    from fivefold.api.parameters import bind
    from fivefold.engine.plans import make_plan
    from fivefold.languages.sql.bind.state import Context

    at = stack.enter_context(folder())
    database = _made(stack.enter_context(open_ours(at / "ours.db", "normal")))
    engine, session = database.engine, database._thread().sql.session
    snapshot = session.session.snapshot
    for text, values in STATEMENTS:
        converted, _, types = bind(text, list(values))
        context = Context(snapshot.catalog, session.database, parameters=types)

        def make(text: str = converted, context: Context = context) -> Any:
            return make_plan(engine, snapshot.version, text, context, lifting=True)

        yield converted, list(values), make


@contextmanager
def _first(scale: Scale) -> Iterator[Sides]:
    """Milliseconds from text to plan, the median of the statements; their p95 in the note."""
    repeats = scale.size(20)
    with ExitStack() as stack:

        def set_up() -> Callable[[], Sample]:
            makers = list(_texts(stack))
            for _, _, make in makers:
                make()

            def sample() -> Sample:
                times, texts = [], []
                for _, _, make in makers:
                    best = min(_millis(make) for _ in range(repeats))
                    times.append(best)
                    texts.append(make().prepared[0].text)
                p95 = statistics.quantiles(times, n=20)[-1]
                return Sample(statistics.median(times), checksum(texts), f"p95: {p95:.2f} ms")

            return sample

        yield Sides(attempt(set_up), None)


def _millis(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1e3


@contextmanager
def _known(scale: Scale) -> Iterator[Sides]:
    """Microseconds of ``sql()`` beyond SQLite's own for the same text, the statements' median."""
    repeats = scale.size(200)
    with ExitStack() as stack:

        def set_up() -> Callable[[], Sample]:
            at = stack.enter_context(folder())
            database = _made(stack.enter_context(open_ours(at / "ours.db", "normal")))

            def sample() -> Sample:
                beyond, answers = [], []
                with suppress(_Undo), database.transaction() as transaction:
                    for text, values in STATEMENTS:
                        ours, theirs = _pair(transaction, text, list(values))
                        answers.append(ours())
                        theirs()
                        pairs = [(_millis(ours), _millis(theirs)) for _ in range(repeats)]
                        mine, bare = (min(times) for times in zip(*pairs, strict=True))
                        beyond.append((mine - bare) * 1e3)
                    raise _Undo
                p95 = statistics.quantiles(beyond, n=20)[-1]
                return Sample(statistics.median(beyond), checksum(answers), f"p95: {p95:.1f} us")

            return sample

        yield Sides(attempt(set_up), None)


class _Undo(Exception):
    """Ends a transaction whose changes are not to be kept."""


def _pair(
    transaction: Any, text: str, values: list[object]
) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Return one statement through ``sql()``, and its rendered text straight through apsw."""
    from fivefold.api.parameters import bind

    session = transaction._door.session
    converted, stored, types = bind(text, values)
    plan, lifted = session.plan(converted, types)
    given = (*stored, *lifted)
    execute = transaction._session.connection().raw.cursor().execute
    bare = plan.prepared[0].text
    sql = transaction.sql
    return lambda: sql(text, values).fetchall(), lambda: execute(bare, given).fetchall()


BENCHMARKS = (
    Benchmark("understanding.first", "ms", Target("at most", 1.5, of="figure"), _first, rounds=5),
    Benchmark("understanding.known", "us", Target("at most", 20, of="figure"), _known, rounds=5),
)
