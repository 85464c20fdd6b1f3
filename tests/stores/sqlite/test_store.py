"""What only a file can do: be somebody else's, be damaged, be shared by processes, be killed."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fivefold.catalog.containers import ForeignKey, Index, IndexPart, Key
from fivefold.errors import FivefoldError
from fivefold.plan.statement import Statement, Template
from fivefold.stores.checked import checked
from fivefold.stores.contract import Durability, Store
from fivefold.stores.open import open_store
from fivefold.stores.sqlite.connection import SqliteConnection
from fivefold.stores.sqlite.store import SqliteStore
from fivefold.values.types import BYTEA, FLOAT8, INT8, TEXT, TIMESTAMP
from tests.stores.tools import Talk, column, fails, table

ROOT = Path(__file__).parents[3]
KILL_ROUNDS = 4


@contextmanager
def opened(path: Path | str, durability: Durability = Durability.FULL) -> Iterator[Talk]:
    store: Store = checked(open_store(str(path), durability))
    connection = store.connect()
    try:
        yield Talk(store, connection)
    finally:
        connection.close()
        store.close()


@contextmanager
def program(text: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """Run a Python program beside this one; it is killed at the end if it still runs."""
    process = subprocess.Popen(
        [sys.executable, "-c", text, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_files_that_cannot_be_opened(tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("this is no database, and it is longer than a header")
    short = tmp_path / "short"
    short.write_bytes(b"SQLite")
    cases = {text: "not_a_store", short: "not_a_store", tmp_path: "not_a_store"}
    cases[tmp_path / "missing" / "x.db"] = "not_a_store"
    for path, code in cases.items():
        content = path.read_bytes() if path.is_file() else None
        with fails(code) as caught:
            open_store(str(path))
        assert str(path.name) in caught.value.message or "missing" in caught.value.message
        assert caught.value.hint
        assert content is None or path.read_bytes() == content
    assert not (tmp_path / "missing").exists()


def test_a_header_followed_by_rubbish_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(b"SQLite format 3\0" + bytes(range(256)) * 40)
    with fails("not_a_store"):
        open_store(str(path))


def test_flipped_bytes_are_told_as_damage(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with opened(path) as talk:
        talk.create(table("t", "id int8 not null", "v text", key="id"))
        insert = talk.store.prepare(
            talk.statement("INSERT INTO {t} (id, v) VALUES (?, ?)", INT8, TEXT)
        )
        talk.on.run_many(insert, ((number, "v" * 200) for number in range(2000)))
    data = bytearray(path.read_bytes())
    for page in range(8 * 4096, len(data), 4096):
        data[page : page + 100] = b"\xa5" * 100
    path.write_bytes(data)
    with opened(path) as talk, pytest.raises(FivefoldError) as caught:
        talk.say("SELECT sum(length(v)) FROM {t}")
    assert caught.value.code == "store_corrupt"
    assert caught.value.hint


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_file_that_may_not_be_written(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with opened(path) as talk:
        talk.create(table("t", "id int8"))
    path.chmod(0o444)
    with fails("io_error"), opened(path) as talk:
        talk.say("INSERT INTO {t} (id) VALUES (1)")


def test_durability_is_what_sqlite_syncs(tmp_path: Path) -> None:
    for durability, synchronous in (("full", 2), ("normal", 1), ("off", 0)):
        store = SqliteStore(str(tmp_path / "x.db"), Durability(durability))
        connection = store.connect()
        assert isinstance(connection, SqliteConnection)
        for pragma, expected in (
            ("synchronous", synchronous),
            ("journal_mode", "wal"),
            ("foreign_keys", 1),
        ):
            assert connection.raw.execute(f"PRAGMA {pragma}").get == expected
        connection.close()
        store.close()


def test_memory_leaves_nothing(tmp_path: Path) -> None:
    store = SqliteStore(":memory:")
    folder = store.path.parent
    first, second = store.connect(), store.connect()
    Talk(store, first).create(table("t", "id int8"))
    Talk(store, second).say("INSERT INTO {t} (id) VALUES (1)")
    assert Talk(store, first).rows("t") == [(1,)]
    first.close()
    second.close()
    store.close()
    assert not folder.exists()
    store.close()


def test_a_file_url_is_a_path(tmp_path: Path) -> None:
    with opened(f"file:{tmp_path}/y.db") as talk:
        assert talk.store.name == "y"
    assert (tmp_path / "y.db").exists()


# Files of others


def test_a_foreign_file_opens_as_tables_in_public(tmp_path: Path) -> None:
    path = tmp_path / "foreign.db"
    with sqlite3.connect(path) as foreign:
        foreign.executescript(
            """
            CREATE TABLE author (id INTEGER PRIMARY KEY, name VARCHAR(30) NOT NULL, born DATETIME);
            CREATE TABLE book (
                isbn TEXT, part INT, author INTEGER REFERENCES author ON DELETE CASCADE,
                price REAL, cover BLOB, "odd ""name" CLOB, PRIMARY KEY (isbn, part)
            );
            CREATE UNIQUE INDEX author_name ON author (name);
            INSERT INTO author VALUES (1, 'Ada', '1815-12-10 00:00:00');
            """
        )
    foreign.close()
    with opened(path) as talk:
        author, book = talk.table("author"), talk.table("book")
        assert [(each.name, each.type) for each in author.columns] == [
            ("id", INT8),
            ("name", TEXT),
            ("born", TIMESTAMP),
        ]
        assert author.primary_key == Key("author_pkey", ("id",), primary=True)
        assert author.indexes == (Index("author_name", (IndexPart("name"),), unique=True),)
        assert [each.type for each in book.columns[2:]] == [INT8, FLOAT8, BYTEA, TEXT]
        assert book.primary_key == Key("book_pkey", ("isbn", "part"), primary=True)
        (key,) = book.foreign_keys
        assert isinstance(key, ForeignKey)
        assert (key.target, key.target_columns) == (("public", "author"), ("id",))
        assert talk.on.catalog_version()[1] == 0
        assert talk.rows("author") == [(1, "Ada", "1815-12-10 00:00:00")]
        with fails("unique_violation") as caught:
            talk.say("INSERT INTO {author} (id, name) VALUES (2, 'Ada')")
        assert caught.value.constraint == "author_name"
        with fails("foreign_key_violation"):
            talk.say("INSERT INTO {book} (isbn, part, author) VALUES ('i', 1, 9)")
        talk.create(table("ours", "id int8 not null", key="id"))
        assert {each.name for each in talk.catalog().tables()} == {"author", "book", "ours"}
    with opened(path) as talk:
        assert talk.table("author") == author
        assert talk.table("ours")


FOREIGN = """
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as foreign:
    foreign.execute("ALTER TABLE t ADD COLUMN more INTEGER")
    foreign.execute("CREATE TABLE theirs (a INTEGER)")
foreign.close()
print("done")
"""


def test_a_table_that_somebody_altered_is_described_anew(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with opened(path) as talk:
        talk.create(table("t", "id int8 not null", "v varchar(9)", key="id"))
        talk.on.moved()
        # Two SQLites in one process would not see each other's locks.
        with program(FOREIGN, path) as foreign:
            assert line_of(foreign) == "done"
        assert talk.on.moved()
        assert [each.name for each in talk.table("t").columns] == ["id", "v", "more"]
        assert talk.table("theirs").columns == (column("a int8"),)


def test_a_foreign_table_can_be_altered(tmp_path: Path) -> None:
    path = tmp_path / "foreign.db"
    with sqlite3.connect(path) as foreign:
        foreign.executescript("CREATE TABLE t (a INTEGER, b TEXT); INSERT INTO t VALUES (1, 'x')")
    foreign.close()
    with opened(path) as talk:
        old = talk.table("t")
        talk.alter("t", columns=(*old.columns, column("c int8")), using={"c": "a + 1"})
        assert talk.rows("t") == [(1, "x", 2)]


# Several processes

WRITER = """
import sys
from fivefold.stores.open import open_store
from tests.stores.tools import Talk, table, column
store = open_store(sys.argv[1])
talk = Talk(store, store.connect())
def act(line):
    match line.split():
        case ["begin"]: talk.on.begin(write=True)
        case ["commit"]: talk.on.commit()
        case ["insert", number]: talk.say("INSERT INTO {t} (id) VALUES (" + number + ")")
        case ["alter"]: talk.alter("t", columns=(*talk.table("t").columns, column("more text")))
        case ["create", name]: talk.create(table(name, "id int8"))
print("ready", flush=True)
for line in sys.stdin:
    act(line)
    print("done", flush=True)
"""


def ask(process: subprocess.Popen[str], what: str) -> None:
    assert process.stdin is not None
    process.stdin.write(what + "\n")
    process.stdin.flush()
    assert line_of(process) == "done"


def test_two_processes_on_one_file(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with opened(path) as talk:
        talk.create(table("t", "id int8 not null", key="id"))
        with program(WRITER, path) as other:
            assert line_of(other) == "ready"
            ask(other, "begin")
            ask(other, "insert 1")
            assert talk.rows("t") == []
            with fails("lock_not_available"):
                talk.say("INSERT INTO {t} (id) VALUES (5)")
            for wait_ms in (0, 10):
                with fails("lock_not_available") as caught:
                    talk.on.begin(write=True, wait_ms=wait_ms)
                assert caught.value.retry
                assert not talk.on.in_transaction
            ask(other, "commit")
            assert talk.rows("t") == [(1,)]
            talk.on.moved()
            version = talk.on.catalog_version()
            ask(other, "alter")
            assert talk.on.moved()
            assert talk.on.catalog_version() != version
            assert talk.rows("t") == [(1, None)]
            ask(other, "create u")
            talk.on.begin(write=False)
            assert talk.on.moved()
            assert talk.table("u").columns == (column("id int8"),)
            talk.on.commit()
            ask(other, "insert 2")
            assert talk.rows("t") == [(1, None), (2, None)]


KILLED = """
import sys
from fivefold.stores.open import open_store
from tests.stores.tools import Talk
from fivefold.values.types import INT8
store = open_store(sys.argv[1])
talk = Talk(store, store.connect())
insert = store.prepare(talk.statement("INSERT INTO {t} (id) VALUES (?)", INT8))
number = int(sys.argv[2])
while True:
    talk.on.begin(write=True)
    for each in range(number, number + 3):
        talk.on.run(insert, (each,))
    talk.on.commit()
    number += 3
    print(number, flush=True)
"""


def test_what_was_committed_outlives_a_killed_process(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with opened(path) as talk:
        talk.create(table("t", "id int8 not null", key="id"))
    for round_ in range(KILL_ROUNDS):
        start = round_ * 1_000_000
        with program(KILLED, path, start) as process:
            for _ in range(5 + 7 * round_):
                answered = int(line_of(process))
            process.send_signal(signal.SIGKILL)
            process.wait()
            assert process.stdout is not None
            for line in process.stdout.read().split("\n")[:-1]:
                answered = int(line)
        with opened(path) as talk:
            (count, most) = talk.say(f"SELECT count(*), max(id) FROM {{t}} WHERE id >= {start}")[0]
            assert isinstance(count, int)
            assert isinstance(most, int)
            assert count >= answered - start
            assert count % 3 == 0, "a transaction was kept in part"
            assert most == start + count - 1


def test_streams_leave_nothing_behind(tmp_path: Path) -> None:
    """apsw 3.54 leaks a cursor that is closed outright: 200 bytes for every query of a server."""
    store = SqliteStore(str(tmp_path / "t.db"), Durability.OFF)
    connection = store.connect()
    prepared = store.prepare(Statement(Template("SELECT 1", {})))

    def stream(count: int) -> None:
        for _ in range(count):
            assert list(connection.stream(prepared)) == [(1,)]

    stream(100)
    tracemalloc.start()
    try:
        stream(10)
        before, _ = tracemalloc.get_traced_memory()
        stream(1000)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 20_000
    connection.close()
    store.close()
