"""Redis clients that write the same keys at the same time, and nobody who waits for them."""

from __future__ import annotations

import threading
from collections.abc import Callable

import redis

import fivefold
from fivefold.api.serving import Serving
from tests.serve.conftest import Connect, Dial

ROUNDS = 25
SECONDS_MAX = 60

COUNTING: dict[str, Callable[[redis.Redis], object]] = {
    "incr": lambda client: client.incr("n"),
    "eval": lambda client: client.eval("return redis.call('INCR', KEYS[1])", 1, "n"),
    "multi": lambda client: client.pipeline().incr("n").rpush("l", 1).execute(),
    "push": lambda client: client.rpush("l", 1),
    "pipeline": lambda client: client.pipeline(transaction=False).incr("n").get("n").execute(),
}


def test_all_count_and_none_is_told_to_try_again(dial: Dial) -> None:
    failed: list[Exception] = []

    def work(count: Callable[[redis.Redis], object]) -> None:
        client = dial()
        try:
            for _ in range(ROUNDS):
                count(client)
        except redis.RedisError as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(count,)) for count in COUNTING.values()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS_MAX)
    assert failed == []
    client = dial()
    assert client.get("n") == b"%d" % (4 * ROUNDS)
    assert client.llen("l") == 2 * ROUNDS


def test_others_are_answered_while_one_waits_for_another_process(
    dial: Dial, store_url: str, server: Serving
) -> None:
    client, waiting = dial(), dial()
    client.set("k", 1)
    answers: list[object] = []
    thread = threading.Thread(target=lambda: answers.append(waiting.incr("k")))
    with fivefold.open(store_url, durability="off") as other:
        with other.transaction() as tx:
            tx.redis.set("k", 5)
            thread.start()
            for _ in range(20):
                assert client.get("k") == b"1"
            assert client.ping()
            assert answers == []
        thread.join(SECONDS_MAX)
    assert answers == [6]


def test_two_keys_filled_at_once_answer_a_wait_once(dial: Dial) -> None:
    waiting, client = dial(), dial()
    for _ in range(10):
        answers: list[object] = []
        thread = threading.Thread(target=lambda: answers.append(waiting.blpop(["a", "b"], 0)))  # noqa: B023
        thread.start()
        while client.info("clients")["blocked_clients"] != 1:
            pass
        with client.pipeline() as pipe:
            pipe.rpush("a", 1).rpush("b", 2).execute()
        thread.join(SECONDS_MAX)
        assert answers == [(b"a", b"1")]
        assert client.lpop("b") == b"2"
        assert waiting.ping()


def test_a_pipeline_is_answered_in_order(dial: Dial) -> None:
    pipe = dial().pipeline(transaction=False)
    wanted: list[object] = []
    for number in range(300):
        pipe.set(f"k{number}", number)
        pipe.get(f"k{number}")
        wanted += [True, b"%d" % number]
    pipe.lpush("k1", 1)
    pipe.dbsize()
    pipe.get("k7")
    *answers, refused, size, last = pipe.execute(raise_on_error=False)
    assert answers == wanted
    assert str(refused).startswith("WRONGTYPE")
    assert (size, last) == (300, b"7")


def test_many_who_wait_for_a_transaction_leave_threads_for_it_and_others(
    connect: Connect, dial: Dial
) -> None:
    holder = connect()
    holder.execute("CREATE TABLE t (a integer PRIMARY KEY, b integer)")
    holder.execute("INSERT INTO t VALUES (1, 0)")
    dial().set("k", 1)
    with holder.transaction():
        holder.execute("UPDATE t SET b = b + 1")
        others = [connect() for _ in range(26)]
        update = "UPDATE t SET b = b + 1"
        threads = [threading.Thread(target=each.execute, args=(update,)) for each in others]
        for thread in threads:
            thread.start()
        assert dial().get("k") == b"1"
        assert holder.execute("SELECT b FROM t").fetchall() == [(1,)]
    for thread in threads:
        thread.join(SECONDS_MAX)
    assert holder.execute("SELECT b FROM t").fetchall() == [(27,)]
