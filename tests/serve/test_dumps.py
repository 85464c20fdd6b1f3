"""What PostgreSQL's own pg_dump writes comes back through ``psql -f``: rows, sequences, rules.

The sources lie in a real PostgreSQL: a shop (dumps/shop.sql) that uses what everyday schemas use,
and the tables of pgbench. The same shop in our server is dumped to the same text, which comes back
in both.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

import fivefold
from fivefold.api.serving import Serving
from fivefold.catalog.containers import Table, View
from fivefold.languages.sql import deparse
from fivefold.languages.sql.bind.state import Context
from tests import servers

SHOP = Path(__file__).parent / "dumps/shop.sql"
SECONDS_MAX = 60.0
RELATIONS = (
    "public.customers", "sales.products", "sales.orders", "sales.items", '"Odd Name"."Select"',
    "sales.totals", "public.recent", "public.of_view", "sales.summary", "sales.places",
    "sales.kinds", "sales.moves", "sales.free", "sales.low", "sales.above",
    "sales.sums", "sales.latest",
)  # fmt: skip
SEQUENCES = (
    "public.invoice", "public.customers_id_seq", "sales.orders_id_seq", "sales.products_id_seq",
    "sales.small", "sales.moves_id_seq",
)  # fmt: skip
REFUSED = (
    "INSERT INTO public.customers (email) VALUES ('ann@example.org')",
    "INSERT INTO public.customers (email) VALUES ('nowhere')",
    "INSERT INTO public.customers (email, mood) VALUES ('x@y', 'angry')",
    "INSERT INTO sales.products (code, price) VALUES ('N', -1)",
    "INSERT INTO sales.products (id, code) VALUES (99, 'N')",
    "INSERT INTO sales.products (code, gross) VALUES ('N', 1)",
    "INSERT INTO sales.orders (customer) VALUES (77)",
    "INSERT INTO sales.orders (customer, status) VALUES (1, 'lost')",
    "INSERT INTO sales.items VALUES (100, 1)",
    "INSERT INTO sales.items VALUES (100, 3, 0)",
    "DELETE FROM sales.products",
    "INSERT INTO sales.places VALUES (1, 1, 2, 'x', true)",
    "INSERT INTO sales.places VALUES (3, 1, 2, 'one', true)",
    "INSERT INTO sales.places VALUES (3, 1, 1, 'x', false)",
    "INSERT INTO sales.places VALUES (3, 1, NULL, 'x', false)",
    "INSERT INTO sales.moves (kind, \"Group\") VALUES ('in', 2)",
    "INSERT INTO sales.moves (kind, \"Group\") VALUES ('in', NULL)",
    "INSERT INTO sales.moves (kind, \"Group\", up) VALUES ('in', 1, 9)",
    "INSERT INTO sales.low (place, shelf) VALUES (1, 20)",
    "UPDATE sales.free SET shelf = NULL",
    "INSERT INTO public.customers (email, name) VALUES ('z@y', NULL)",
    "SELECT * FROM sales.empty",
)
MODES = {
    "plain": (),
    "inserts": ("--inserts",),
    "columns": ("--column-inserts", "--rows-per-insert=3"),
    "clean": ("--clean", "--if-exists"),
    "bare": ("--no-owner", "--no-privileges", "--no-comments"),
    "schema": ("-s",),
    "data": ("-a",),
    "tables": ("-t", "sales.*", "-T", "sales.sum*", "--exclude-table-data=sales.items"),
    "schemas": ("--clean", "--if-exists", "-n", "sales"),
}
WHOLE = ("plain", "inserts", "columns", "clean", "bare")


def program(name: str, *words: str) -> str:
    try:
        path = servers.find_program(name)
    except servers.Absent as absence:
        pytest.skip(str(absence))
    ran = subprocess.run(
        [path, *words], capture_output=True, text=True, timeout=SECONDS_MAX, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def restore(url: str, text: str, folder: Path) -> None:
    file = folder / "dump.sql"
    file.write_text(text)
    load(url, file)


def load(url: str, file: Path) -> None:
    program("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(file), url)


@dataclass(frozen=True, slots=True)
class Source:
    """A database of PostgreSQL's: its dumps, and what is in it."""

    url: str
    dumps: dict[str, str]
    archived: list[str]
    contents: dict[str, list[str]]
    refusals: list[str | None]
    definitions: dict[str, str]


@pytest.fixture(scope="module")
def shop(postgres_server: servers.Server, tmp_path_factory: pytest.TempPathFactory) -> Source:
    archive = str(tmp_path_factory.mktemp("shop") / "shop.dump")
    with servers.fresh_database(postgres_server.url) as url:
        load(url, SHOP)
        dumps = {mode: program("pg_dump", *options, url) for mode, options in MODES.items()}
        program("pg_dump", "-Fc", "-f", archive, url)
        found = archived(archive)
        # Asked after the dumps: to ask a sequence is to move it on.
        return Source(url, dumps, found, contents(url), refusals(url), their_definitions(url))


@pytest.fixture
def restored(tmp_path: Path) -> Iterator[Serving]:
    with fivefold.serving(tmp_path / "restored.db", durability="off") as server:
        yield server


def contents(url: str) -> dict[str, list[str]]:
    """Every relation's rows as text, sorted, and what each sequence gives next."""
    found: dict[str, list[str]] = {}
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for relation in RELATIONS:
            result = connection.pgconn.exec_(f"SELECT * FROM {relation}".encode())
            assert result.status == psycopg.pq.ExecStatus.TUPLES_OK, result.error_message
            rows = [
                [result.get_value(row, column) for column in range(result.nfields)]
                for row in range(result.ntuples)
            ]
            found[relation] = sorted(map(repr, rows))
        for sequence in SEQUENCES:
            row = connection.execute(f"SELECT nextval('{sequence}')").fetchone()
            assert row is not None
            found[sequence] = [str(row[0])]
    return found


def refusals(url: str) -> list[str | None]:
    """The SQLSTATE of each statement that a rule of the shop refuses."""
    found: list[str | None] = []
    with psycopg.connect(url, autocommit=True) as connection:
        for text in REFUSED:
            with pytest.raises(psycopg.Error) as caught:
                connection.execute(text)
            found.append(caught.value.sqlstate)
    return found


def definitions(server: Serving) -> dict[str, str]:
    """What views, constraints and indexes are, as we print them."""
    catalog = server.database.engine.snapshot.catalog
    context = Context(catalog, search_path=())
    found: dict[str, str] = {}
    for container in catalog.containers.values():
        if isinstance(container, View) or (isinstance(container, Table) and container.query):
            found[f"{container.namespace}.{container.name}"] = deparse.view_definition(
                context, container
            )
        if isinstance(container, Table):
            for constraint in (*container.keys, *container.foreign_keys, *container.checks):
                name = f"{container.name}.{constraint.name}"
                found[name] = deparse.constraint_definition(context, container, constraint)
            for index in (*container.indexes, *container.keys):
                found[index.name] = deparse.index_definition(context, container, index)
            for column in container.columns:
                default = deparse.column_default(context, container, column)
                if default is not None:
                    found[f"{container.name}.{column.name}"] = default
    return found


QUESTION = """
SELECT nspname || '.' || relname, pg_get_viewdef(c.oid) FROM pg_class c
    JOIN pg_namespace n ON n.oid = relnamespace
    WHERE relkind IN ('v', 'm') AND nspname !~ '^pg_|^information'
UNION ALL SELECT relname || '.' || conname, pg_get_constraintdef(o.oid) FROM pg_constraint o
    JOIN pg_class c ON c.oid = conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE nspname !~ '^pg_|^information'
UNION ALL SELECT relname, pg_get_indexdef(indexrelid) FROM pg_index
    JOIN pg_class c ON c.oid = indexrelid JOIN pg_namespace n ON n.oid = relnamespace
    WHERE nspname !~ '^pg_|^information'
UNION ALL SELECT relname || '.' || attname, pg_get_expr(adbin, adrelid) FROM pg_attrdef d
    JOIN pg_class c ON c.oid = adrelid JOIN pg_attribute a ON attrelid = adrelid AND attnum = adnum
"""


def their_definitions(url: str) -> dict[str, str]:
    with psycopg.connect(url) as connection:
        connection.execute("SET search_path = ''")
        return dict(connection.execute(QUESTION).fetchall())


@pytest.mark.parametrize("mode", WHOLE)
def test_a_shop_comes_back(shop: Source, restored: Serving, tmp_path: Path, mode: str) -> None:
    url = restored.urls["postgres"]
    restore(url, shop.dumps[mode], tmp_path)
    assert contents(url) == shop.contents
    assert refusals(url) == shop.refusals
    assert definitions(restored) == shop.definitions
    if mode == "clean":
        restore(url, shop.dumps[mode], tmp_path)
        assert contents(url) == shop.contents


def test_schema_and_data_apart(shop: Source, restored: Serving, tmp_path: Path) -> None:
    url = restored.urls["postgres"]
    restore(url, shop.dumps["schema"], tmp_path)
    restore(url, shop.dumps["data"], tmp_path)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("REFRESH MATERIALIZED VIEW sales.summary")
    assert contents(url) == shop.contents


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the shop in our server, as the user who owns it in the real PostgreSQL."""
    with fivefold.serving(tmp_path_factory.mktemp("ours") / "ours.db", durability="off") as server:
        url = as_postgres(server.urls["postgres"])
        load(url, SHOP)
        yield url


def as_postgres(url: str) -> str:
    head, _, rest = url.partition("://")
    return f"{head}://postgres@{rest.rpartition('@')[2]}"


OF_THE_RUN = ("-- Dumped from", "\\restrict", "\\unrestrict", "; Archive created")


def plain(dump: str, url: str) -> list[str]:
    """A dump's lines without the database's name and what no two runs have alike."""
    lines = dump.replace(url.rpartition("/")[2], "shop").splitlines()
    return [line for line in lines if not line.lstrip().startswith(OF_THE_RUN)]


def archived(dump: str) -> list[str]:
    """What a custom dump has inside, without oids."""
    lines = program("pg_restore", "-l", dump).splitlines()
    return [line.split(" ", 3)[3] for line in lines if not line.startswith(";")]


@pytest.mark.parametrize("mode", MODES)
def test_our_dump_is_postgresqls(shop: Source, ours: str, mode: str) -> None:
    assert plain(program("pg_dump", *MODES[mode], ours), ours) == plain(shop.dumps[mode], shop.url)


def test_our_custom_dump_comes_back_in_both(
    postgres_server: servers.Server, shop: Source, ours: str, restored: Serving, tmp_path: Path
) -> None:
    archive = str(tmp_path / "shop.dump")
    program("pg_dump", "-Fc", "-f", archive, ours)
    assert archived(archive) == shop.archived
    with servers.fresh_database(postgres_server.url) as theirs:
        program("pg_restore", "--exit-on-error", "-d", theirs, archive)
        assert contents(theirs) == shop.contents
        assert refusals(theirs) == shop.refusals
        assert their_definitions(theirs) == shop.definitions
    url = as_postgres(restored.urls["postgres"])
    program("pg_restore", "--exit-on-error", "-d", url, archive)
    assert contents(url) == shop.contents
    assert refusals(url) == shop.refusals
    assert definitions(restored) == shop.definitions
    program("pg_restore", "--exit-on-error", "--clean", "--if-exists", "-1", "-d", url, archive)
    assert contents(url) == shop.contents


def test_pgbench_comes_back(
    postgres_server: servers.Server, restored: Serving, tmp_path: Path
) -> None:
    url = restored.urls["postgres"]
    with servers.fresh_database(postgres_server.url) as source:
        program("pgbench", "-i", "-q", source)
        restore(url, program("pg_dump", source), tmp_path)
        sums = []
        for one in (source, url):
            with psycopg.connect(one) as connection:
                sums.append(
                    connection.execute(
                        "SELECT count(*), sum(aid), sum(abalance), max(bid) FROM pgbench_accounts"
                    ).fetchone()
                )
    assert sums[0] == sums[1]
    program("pgbench", "-n", "-t", "10", url)
