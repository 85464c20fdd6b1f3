"""``fivefold rekey``: a file gets another key, its first one, or none, and nothing is lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

import fivefold
from fivefold.errors import FivefoldError, InvalidState, InvalidValue, Unavailable, Unsupported
from fivefold.stores.sqlite.rekeying import COPY
from fivefold.upkeep.checking import check
from fivefold.upkeep.rekeying import rekey
from tests.cli.program import run
from tests.stores.sqlite.test_encryption import KEY, SECRET, fill, read, telling
from tests.upkeep.stores import flip, pages_of

NEW = "another pencil"
WAYS = [(None, NEW), (KEY, NEW), (KEY, None), (KEY, KEY)]


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FIVEFOLD_KEY", "FIVEFOLD_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(("old", "new"), WAYS)
def test_every_way(tmp_path: Path, old: str | None, new: str | None) -> None:
    path = tmp_path / "shop.db"
    with fivefold.open(path, key=old) as database:
        fill(database)
        before = read(database)
    start = path.read_bytes()[:16]
    mode = path.stat().st_mode
    rekey(str(path), new, old)
    assert [each.name for each in tmp_path.iterdir()] == ["shop.db"]
    assert telling(tmp_path) == ([] if new else ["shop.db"])
    assert path.stat().st_mode == mode
    assert path.read_bytes()[:16] != start
    with fivefold.open(path, key=new) as database:
        assert read(database) == before
        database.sql(f'INSERT INTO "{SECRET} t" VALUES (%s, 1)', [SECRET])
        assert telling(tmp_path) == ([] if new else ["shop.db", "shop.db-wal"])
    assert check(str(path), new).is_sound
    if old != new:
        with pytest.raises(Unavailable):
            fivefold.open(path, key=old)


def test_there_and_back(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with fivefold.open(path) as database:
        fill(database)
        before = read(database)
    keys = [None, KEY, NEW, None, KEY, None]
    for old, new in pairwise(keys):
        rekey(str(path), new, old)
        assert telling(tmp_path) == ([] if new else ["shop.db"])
    with fivefold.open(path) as database:
        assert read(database) == before


@pytest.mark.parametrize("old", [None, KEY])
def test_not_while_it_is_open(tmp_path: Path, old: str | None) -> None:
    path = tmp_path / "shop.db"
    with fivefold.open(path, key=old) as database:
        database.redis.set("k", "v")
        with pytest.raises(InvalidState, match="is open in another program") as caught:
            rekey(str(path), NEW, old)
        assert caught.value.hint is not None
        assert "server" in caught.value.hint
        database.redis.set("k", "w")
        assert [each for each in tmp_path.iterdir() if COPY in each.name] == []
    rekey(str(path), NEW, old)
    with fivefold.open(path, key=NEW) as database:
        assert database.redis.get("k") == b"w"


def test_not_while_another_process_has_it_open(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    (tmp_path / "new").write_text(NEW)
    with fivefold.open(path) as database:
        database.redis.set("k", "v")
        done = run(tmp_path, "rekey", "shop.db", "--new-key-file", "new")
        assert done.status == 1
        assert "is open in another program" in done.errors
        database.redis.set("k", "w")
    done = run(tmp_path, "rekey", "shop.db", "--new-key-file", "new")
    assert (done.status, done.errors) == (0, "")
    assert done.output == "shop.db is encrypted with the new key\n"
    done = run(tmp_path, "redis", "--key-file", "new", "shop.db", "GET", "k")
    assert done.output == "w\n"


def test_a_second_opening_leaves_the_first_ones_lock(tmp_path: Path) -> None:
    """A process that closes any descriptor of a file loses its locks of it, as POSIX has it."""
    path = tmp_path / "shop.db"
    (tmp_path / "new").write_text(NEW)
    with fivefold.open(path) as database:
        database.redis.set("k", "v")
        fivefold.open(path).close()
        with pytest.raises(Unavailable, match="a key was given"):
            fivefold.open(path, key=KEY)
        done = run(tmp_path, "rekey", "shop.db", "--new-key-file", "new")
        assert done.status == 1
        assert "is open in another program" in done.errors


def test_the_program(tmp_path: Path) -> None:
    (tmp_path / "old").write_text(KEY)
    run(tmp_path, "redis", "--key-file", "old", "shop.db", "SET", "k", "v")
    for arguments, said in (
        ((), "give --new-key-file FILE, or --decrypt"),
        (("--decrypt",), "is encrypted"),
        (("--decrypt", "--new-key-file", "old"), "give --new-key-file"),
        (("--new-key-file", "none"), "cannot read the key file"),
    ):
        done = run(tmp_path, "rekey", "shop.db", *arguments)
        assert done.status == 1
        assert said in done.errors
    done = run(tmp_path, "rekey", "shop.db", "--key-file", "old", "--decrypt")
    assert (done.status, done.output) == (0, "shop.db is not encrypted any more\n")
    assert run(tmp_path, "redis", "shop.db", "GET", "k").output == "v\n"


def test_what_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with pytest.raises(Unavailable, match="there is no"):
        rekey(str(path), NEW)
    fivefold.open(path, key=KEY).close()
    for wrong in ("Pencil", None):
        with pytest.raises(Unavailable, match=r"not the key|is encrypted"):
            rekey(str(path), NEW, wrong)
    with pytest.raises(InvalidValue, match="a key cannot be empty"):
        rekey(str(path), "", KEY)
    with pytest.raises(Unsupported, match="a key is for a file"):
        rekey("postgresql://127.0.0.1:1/none", NEW)
    os.link(path, tmp_path / "other.db")
    with pytest.raises(Unsupported, match="hard link"):
        rekey(str(path), NEW, KEY)
    fivefold.open(path, key=KEY).close()


def test_a_damaged_file_keeps_its_key(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with fivefold.open(path, key=KEY) as database:
        fill(database)
    flip(path, pages_of(path, f"{SECRET} t", KEY)[4])
    with pytest.raises(FivefoldError, match="damaged"):
        rekey(str(path), NEW, KEY)
    assert [each.name for each in tmp_path.iterdir()] == ["shop.db"]
    with fivefold.open(path, key=KEY) as database:
        assert database.redis.get(SECRET) == SECRET.encode()


def test_a_log_that_a_kill_left_is_taken_along(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    text = (
        "import fivefold, os, sys\n"
        f"db = fivefold.open({str(path)!r}, key={KEY!r})\n"
        "for i in range(100): db.redis.rpush('l', i)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    assert subprocess.run([sys.executable, "-c", text], check=False).returncode == -signal.SIGKILL
    assert (tmp_path / "shop.db-wal").stat().st_size > 0
    rekey(str(path), NEW, KEY)
    with fivefold.open(path, key=NEW) as database:
        assert database.redis.llen("l") == 100


def test_who_waits_for_the_lock_writes_nothing_that_is_lost(tmp_path: Path) -> None:
    """A program that opened the file before its copy took its name finds no database there."""
    path = tmp_path / "shop.db"
    with fivefold.open(path) as database:
        database.redis.set("k", "v")
    with path.open("rb") as before:
        rekey(str(path), NEW)
        assert before.read(16) == b"\xff" * 16


@pytest.mark.parametrize(("old", "new"), WAYS[:3])
def test_killed_at_every_line(tmp_path: Path, old: str | None, new: str | None) -> None:
    path = tmp_path / "shop.db"
    text = (
        "import fivefold, os\nfrom fivefold.stores.sqlite import encryption\nencryption.COST = 2\n"
        f"db = fivefold.open({str(path)!r}, key={old!r})\n"
        "db.sql('CREATE TABLE t (a int, b text)')\n"
        f"db.sql('INSERT INTO t SELECT i, %s FROM generate_series(0, 499) i', [{SECRET!r}])\n"
        "os.kill(os.getpid(), 9)\n"  # so that there is a log too
    )
    subprocess.run([sys.executable, "-c", text], check=False)
    assert (tmp_path / "shop.db-wal").exists()
    done = subprocess.run(
        [sys.executable, "-m", "tests.upkeep.kill_points", tmp_path, old or "-", new or "-"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines, with_old, with_new = map(int, done.stdout.split())
    assert lines > 40
    assert with_old > 30
    assert with_new > 3


def test_killed_at_any_time(tmp_path: Path) -> None:
    seed = random.randrange(1 << 32)
    print("seed", seed)
    moments = random.Random(seed)
    path = tmp_path / "shop.db"
    with fivefold.open(path, key=KEY) as database:
        database.sql("CREATE TABLE t (a int, b text)")
        database.sql("INSERT INTO t SELECT i, repeat('x', 900) FROM generate_series(1, 20000) i")
    key, other = KEY, NEW
    for _ in range(6):
        text = (
            "from fivefold.upkeep.rekeying import rekey\nprint(flush=True)\n"
            f"rekey({str(path)!r}, {other!r}, {key!r})\n"
        )
        child = subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(moments.random() * 0.8)  # any moment will do
        child.kill()
        child.wait()
        child.stdout.close()
        try:
            fivefold.open(path, key=other).close()
            key, other = other, key
        except Unavailable:
            pass
        with fivefold.open(path, key=key) as database:
            assert database.sql("SELECT count(*), sum(a) FROM t").fetchall() == [(20000, 200010000)]
