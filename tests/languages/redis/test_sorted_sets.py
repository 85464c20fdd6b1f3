"""Sorted sets: the scripts beside a redis-server in both protocols, scans, SQL, what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from fivefold.errors import FivefoldError
from fivefold.languages.redis.doubles import parse_bound, parse_double
from tests.languages.redis.beside import Peer, parsed
from tests.languages.redis.rig import Client, Rig
from tests.languages.redis.test_beside_redis import SCRIPTS, Beside, begin
from tests.scripting import rewrite

SHARED = [path for topic in ("sorted_sets", "geo") for path in sorted((SCRIPTS / topic).iterdir())]


@pytest.mark.parametrize("protocol", ["2", "3"])
@pytest.mark.parametrize("path", [pytest.param(path, id=path.name) for path in SHARED])
def test_scripts(shared_rig: Rig, peers: list[Peer], path: Path, protocol: str) -> None:
    begin(shared_rig, peers)
    for side in (shared_rig.clients[0], peers[0]):
        side.answer("HELLO", protocol)
    rewrite(path.read_text(), Beside(shared_rig, peers))


LARGE = 600
"""Members enough for blocks, and for a skip list in redis-server."""

ON_A_LARGE_SET = """
ZCARD k; ZRANK k m300; ZREVRANK k m300; ZRANGE k 298 303 WITHSCORES; ZREVRANGE k 0 2; ZCOUNT k 10 20
ZRANGE k (100 110 BYSCORE; ZREVRANGEBYSCORE k 110 (100 LIMIT 2 5; ZRANGE k -3 -1; ZRANGE k 599 900
ZRANGEBYLEX l [m10 (m12; ZREVRANGEBYLEX l + [m97; ZLEXCOUNT l [m1 [m2; ZREMRANGEBYLEX l [m55 [m56
ZREMRANGEBYRANK k 100 119; ZREMRANGEBYSCORE k (50 55; ZRANK k m300; ZRANGE k 95 104; ZRANGE l 50 55
ZADD k CH 7 m300 1 new 5 m5; ZRANK k m300; ZINCRBY k -1000 m400; ZRANGE k 0 5 WITHSCORES
ZINTERCARD 2 k l; ZDIFF 2 k l WITHSCORES; ZUNIONSTORE u 2 k l WEIGHTS 2 -1; ZCARD u; ZRANK u m77
ZRANGESTORE part k 10 19; ZRANGE part 0 -1 WITHSCORES; ZPOPMAX k 3; ZPOPMIN k; ZMPOP 1 l MAX COUNT 2
ZADD k -0 zero; ZRANGE k 0 3 WITHSCORES; COPY k c; RENAME k r; ZRANK r m300; ZRANK c m300; DEL r
ZREMRANGEBYRANK c 0 -1; EXISTS c r k; ZADD r 1 a; ZRANGE r 0 -1
""".replace("\n", ";").split(";")


def test_a_large_set_is_as_in_redis(shared_rig: Rig, peers: list[Peer]) -> None:
    begin(shared_rig, peers)
    added = [word for number in range(LARGE) for word in (str(number % 97), f"m{number}")]
    even = ["1" if at % 2 == 0 else word for at, word in enumerate(added)]
    commands = [["ZADD", "k", *added], ["ZADD", "l", *even]]
    commands += [line.split() for line in ON_A_LARGE_SET if line.strip()]
    for words in commands:
        ours, theirs = shared_rig.clients[0].answer(*words), peers[0].answer(*words)
        assert ours == theirs, words[:8]


def test_members_whose_scores_differ_are_walked_through(client: Client) -> None:
    client.run("ZADD", "k", *["1", "d", "2", "a", "3", "c", "4", "b"], "5", "m" * 65)
    assert client.run("ZRANGEBYLEX", "k", "[b", "[d") == [b"d", b"a", b"c", b"b"]
    assert client.run("ZREVRANGEBYLEX", "k", "[d", "[b") == [b"b", b"c"]
    assert client.run("ZLEXCOUNT", "k", "[b", "[d") == 4
    assert client.run("ZLEXCOUNT", "k", "[n", "+") == 0


def _fill(client: Client, count: int) -> set[bytes]:
    client.run("ZADD", "k", *[w for n in range(count) for w in (str(n % 7), f"m{n}")])
    return {f"m{number}".encode() for number in range(count)}


def _scan(client: Client, cursor: bytes, *options: str) -> tuple[bytes, list[bytes]]:
    reply = parsed(client.answer("ZSCAN", "k", cursor, *options))
    assert isinstance(reply, list)
    return reply[0], reply[1][::2]


def test_a_scan_misses_nobody_who_stays(client: Client) -> None:
    members = _fill(client, LARGE)
    stay = {member for member in members if not member.endswith(b"5")}
    seen: set[bytes] = set()
    cursor, number = b"0", 0
    while True:
        cursor, found = _scan(client, cursor, "COUNT", "7")
        seen.update(found)
        if cursor == b"0":
            break
        client.run("ZREM", "k", *found[-1:] if found[-1].endswith(b"5") else [f"m{number}5"])
        client.run("ZINCRBY", "k", "3", found[0])
        number += 1
    assert stay <= seen


def test_a_scan_goes_on_after_what_nobody_remembers(client: Client, rig: Rig) -> None:
    from fivefold.languages.redis.commands import sorted_scan

    members = _fill(client, 200)
    cursor, first = _scan(client, b"0")
    sorted_scan.CURSORS.forget()
    cursor, second = _scan(client, cursor)
    assert not set(first) & set(second)  # found by its hash
    client.run("ZREM", "k", second[-1])
    sorted_scan.CURSORS.forget()
    cursor, again = _scan(client, cursor, "COUNT", "500")
    assert set(again) == members - {second[-1]}  # begun anew
    assert cursor == b"0"


def test_members_at_random(client: Client) -> None:
    members = _fill(client, LARGE)
    assert client.run("ZRANDMEMBER", "k") in members
    for count in (5, 300):
        drawn = client.run("ZRANDMEMBER", "k", count)
        assert isinstance(drawn, list)
        assert len(set(map(bytes, drawn))) == count  # type: ignore[arg-type]  # they are bytes
    drawn = client.run("ZRANDMEMBER", "k", -700, "WITHSCORES")
    assert isinstance(drawn, list)
    assert len(drawn) == 1400
    assert set(drawn[::2]) <= members


def test_sql_sees_the_members(client: Client) -> None:
    client.run("ZADD", "k", "1.5", "a", "-inf", "b")
    client.run("ZADD", "gone", "1", "a")
    client.run("PEXPIREAT", "gone", "1")
    query = "SELECT key, member, score FROM redis_0.sorted_sets ORDER BY score"
    from fivefold.api.database import Database

    rows = Database(client.transactions.engine).sql(query).fetchall()
    assert rows == [(b"k", b"b", float("-inf")), (b"k", b"a", 1.5)]


@pytest.mark.parametrize(
    "word", [b"", b" 1", b"1 ", b"nan", b"1_0", b"1e400", b"1e-400", b"0x", b"x"]
)
def test_what_is_no_score(word: bytes) -> None:
    with pytest.raises(FivefoldError, match="value is not a valid float"):
        parse_double(word)


@pytest.mark.parametrize(
    ("word", "value"),
    [(b"-.5", -0.5), (b"5.", 5), (b"0X1p4", 16), (b"+inf", float("inf")), (b"0e9", 0), (b"7", 7)],
)
def test_scores(word: bytes, value: float) -> None:
    assert parse_double(word) == value


@pytest.mark.parametrize(
    ("word", "value"),
    [(b"", 0), (b" \t5", 5), (b"1e400", float("inf")), (b"nan", None), (b"5 ", None), (b"5\0x", 5)],
)
def test_bounds(word: bytes, value: float | None) -> None:
    assert parse_bound(word) == value
