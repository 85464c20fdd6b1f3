"""A file with a key: nothing of it can be read without the key, and nothing is lost by it."""

from __future__ import annotations

import multiprocessing
import sqlite3
import tempfile
from pathlib import Path

import pytest

import fivefold
from fivefold.errors import FivefoldError, InvalidValue, Unavailable, Unsupported
from fivefold.stores.sqlite import encryption

SECRET = "correct horse battery staple"
KEY = "pencil"


def fill(database: fivefold.Database) -> None:
    """Put a known text into every model, its names and its indexes, and have it sorted."""
    database.sql(f'CREATE TABLE "{SECRET} t" (a text PRIMARY KEY, n int)')
    database.sql(
        f'INSERT INTO "{SECRET} t" SELECT %s || i, i FROM generate_series(1, 3000) i', [SECRET]
    )
    database.sql(f'CREATE INDEX ON "{SECRET} t" (a, n)')
    database.sql(f'CREATE TEMPORARY TABLE kept AS SELECT * FROM "{SECRET} t"')
    database.sql(f'SELECT a FROM "{SECRET} t" ORDER BY a || n DESC').fetchall()
    database.redis.set(SECRET, SECRET)
    database.redis.hset("h", SECRET, SECRET)
    orders = database.collection("shop", "orders")
    orders.create_index("what")
    orders.insert_one({"_id": SECRET, "what": SECRET})
    database.cypher("CREATE (:Secret {what: $what})", what=SECRET)
    database.cql("CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy'}")
    database.cql("CREATE TABLE ks.t (a text PRIMARY KEY, b text)")
    database.cql("INSERT INTO ks.t (a, b) VALUES (?, ?)", [SECRET, SECRET])
    database.users.set("ada", SECRET)


def read(database: fivefold.Database) -> list[object]:
    return [
        database.sql(f'SELECT count(*) FROM "{SECRET} t"').fetchall(),
        database.redis.get(SECRET),
        database.collection("shop", "orders").find_one({"what": SECRET}),
        database.cypher("MATCH (n:Secret) RETURN n.what").single()[0],
        [tuple(row) for row in database.cql("SELECT b FROM ks.t")],
    ]


def telling(folder: Path) -> list[str]:
    """The names of files that hold the secret, in any of the ways texts are stored."""
    forms = [SECRET.encode(), SECRET.encode("utf-16-le"), SECRET.encode("utf-16-be"), b"SQLite"]
    return [
        each.name
        for each in sorted(folder.rglob("*"))
        if each.is_file() and any(form in each.read_bytes() for form in forms)
    ]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that has the temporary files too."""
    for name in ("TMPDIR", "SQLITE_TMPDIR"):
        monkeypatch.setenv(name, str(tmp_path))
    for name in ("FIVEFOLD_KEY", "FIVEFOLD_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def test_a_plain_file_is_searched_with_success(folder: Path) -> None:
    with fivefold.open(folder / "shop.db") as database:
        fill(database)
        assert telling(folder) == ["shop.db", "shop.db-wal"]
    assert telling(folder) == ["shop.db"]


def test_nothing_is_found_in_an_encrypted_one(folder: Path) -> None:
    path = folder / "shop.db"
    with fivefold.open(path, key=KEY) as database:
        fill(database)
        assert telling(folder) == []
        assert {each.name for each in folder.iterdir()} >= {"shop.db", "shop.db-wal"}
        before = read(database)
    assert telling(folder) == []
    with fivefold.open(path, key=KEY) as database:
        assert read(database) == before
        database.sql(f'DROP TABLE "{SECRET} t"')
        database.redis.delete(SECRET)
        assert telling(folder) == []
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(path).execute("SELECT * FROM sqlite_schema")


@pytest.mark.parametrize("key", ["pencil ", "Pencil", b"\0", "x" * 1000])
def test_another_key(folder: Path, key: str | bytes) -> None:
    path = folder / "shop.db"
    with fivefold.open(path, key=KEY) as database:
        database.redis.set("k", "v")
    with pytest.raises(Unavailable, match="this is not the key of"):
        fivefold.open(path, key=key)
    with pytest.raises(Unavailable, match="is encrypted") as caught:
        fivefold.open(path)
    assert caught.value.hint is not None
    assert "FIVEFOLD_KEY_FILE" in caught.value.hint
    with fivefold.open(path, key=KEY.encode()) as database:
        assert database.redis.get("k") == b"v"


def test_keys_of_all_kinds(folder: Path) -> None:
    for number, key in enumerate(["'", '"; x', "\u0416\u4e2d", b"\0\xff'", bytes(32)]):
        path = folder / f"{number}.db"
        for _ in range(2):
            with fivefold.open(path, key=key) as database:
                assert database.redis.incr("n")
        with fivefold.open(path, key=key) as database:
            assert database.redis.get("n") == b"2"
    with pytest.raises(InvalidValue, match="a key cannot be empty"):
        fivefold.open(folder / "other.db", key="")


def test_a_key_for_a_plain_file(folder: Path) -> None:
    path = folder / "shop.db"
    fivefold.open(path).close()
    with pytest.raises(Unavailable, match="is not encrypted, and a key was given"):
        fivefold.open(path, key=KEY)
    with pytest.raises(Unsupported, match="a key is for a file"):
        fivefold.open("postgresql://127.0.0.1:1/none", key=KEY)


def test_a_file_of_something_else(folder: Path) -> None:
    path = folder / "shop.db"
    path.write_bytes(b"PK\x03\x04" * 100)
    for key in (None, KEY):
        with pytest.raises(Unavailable, match="is not a fivefold or SQLite database"):
            fivefold.open(path, key=key)


def test_two_files_with_one_key_are_not_alike(folder: Path) -> None:
    starts = set()
    for name in ("a.db", "b.db"):
        fivefold.open(folder / name, key=KEY).close()
        starts.add((folder / name).read_bytes()[:16])
    assert len(starts) == 2


def test_the_environment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / "shop.db"
    (folder / "key").write_bytes(KEY.encode() + b"\n")
    monkeypatch.setenv("FIVEFOLD_KEY_FILE", str(folder / "key"))
    monkeypatch.setenv("FIVEFOLD_KEY", "another one, which is not looked at")
    fivefold.open(path).close()
    monkeypatch.delenv("FIVEFOLD_KEY_FILE")
    with pytest.raises(Unavailable, match="this is not the key"):
        fivefold.open(path)
    monkeypatch.setenv("FIVEFOLD_KEY", KEY)
    fivefold.open(path).close()
    for text, told in ((b"", "is empty"), (None, "cannot read the key file")):
        (folder / "key").unlink()
        if text is not None:
            (folder / "key").write_bytes(text)
        else:
            (folder / "key").mkdir()
        monkeypatch.setenv("FIVEFOLD_KEY_FILE", str(folder / "key"))
        with pytest.raises(Unavailable, match=told):
            fivefold.open(path)


def test_a_changed_page_is_an_error(folder: Path) -> None:
    """Each page has a tag: what somebody put there without the key is not taken for data."""
    path = folder / "shop.db"
    with fivefold.open(path, key=KEY) as database:
        fill(database)
    data = bytearray(path.read_bytes())
    for page in range(1, len(data) // 4096):
        data[page * 4096 + 100] ^= 1
    path.write_bytes(data)
    with pytest.raises(FivefoldError), fivefold.open(path, key=KEY) as database:
        read(database)


def _count(path: Path, times: int) -> None:
    with fivefold.open(path, key=KEY) as database:
        for _ in range(times):
            database.redis.incr("n")


def test_processes_that_make_it_at_once(folder: Path) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_count, args=(folder / "shop.db", 20)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    with fivefold.open(folder / "shop.db", key=KEY) as database:
        assert database.redis.get("n") == b"80"


def test_served(folder: Path) -> None:
    import psycopg

    with (
        fivefold.serving(folder / "shop.db", key=KEY) as served,
        psycopg.connect(served.urls["postgres"], autocommit=True) as connection,
    ):
        connection.execute("CREATE TABLE t (a text)")
        with connection.cursor().copy("COPY t FROM STDIN") as copy:
            for _ in range(20_000):
                copy.write_row([SECRET])
        assert telling(folder) == []
    with fivefold.open(folder / "shop.db", key=KEY) as database:
        assert database.sql("SELECT count(*) FROM t").fetchall() == [(20_000,)]
    assert telling(folder) == []


def test_memory_is_encrypted_too(folder: Path) -> None:
    with fivefold.open(":memory:", key=KEY) as database:
        fill(database)
        assert telling(folder) == []
        assert any(each.name == "memory.db" for each in folder.rglob("*"))


def test_what_begins_as_ours() -> None:
    assert not encryption.is_encrypted(b"")
    assert not encryption.is_encrypted(b"SQLite format 3\0" + bytes(4) + b"\x40\x40\x20\x20")
    assert encryption.is_encrypted(bytes(20) + b"\x40\x40\x20\x20")
