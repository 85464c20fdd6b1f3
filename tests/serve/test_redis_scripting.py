"""Scripts on the server: locks, pipelines, many clients, and what ends while others go on."""

from __future__ import annotations

import threading

import pytest
import redis
from redis.exceptions import LockError, NoScriptError, ResponseError

from tests.serve.conftest import Dial

COUNT = "redis.call('incr', KEYS[1]) return redis.call('get', KEYS[1])"


def test_registered_scripts_and_pipelines(dial: Dial) -> None:
    client = dial()
    script = client.register_script(COUNT)
    assert [script(keys=["n"]) for _ in range(20)] == [b"%d" % n for n in range(1, 21)]
    pipe = client.pipeline()
    pipe.set("n", 5)
    script(keys=["n"], client=pipe)
    pipe.get("n")
    assert pipe.execute() == [True, b"6", b"6"]
    client.script_flush()
    script(keys=["n"], client=pipe)
    assert pipe.execute() == [b"7"]
    with pytest.raises(NoScriptError):
        client.evalsha("f" * 40, 0)


def test_redis_py_s_lock(dial: Dial) -> None:
    one, two = dial(), dial()
    lock, other = one.lock("job", timeout=30), two.lock("job", timeout=30, blocking=False)
    assert lock.acquire()
    assert not other.acquire()
    assert lock.reacquire()
    assert lock.extend(60)
    assert 60 < one.pttl("job") / 1000 <= 90
    with pytest.raises(LockError):
        other.release()
    lock.release()
    assert other.acquire()
    other.release()
    assert one.get("job") is None


def test_many_clients_count_together(dial: Dial) -> None:
    clients = [dial() for _ in range(6)]

    def work(client: redis.Redis) -> None:
        script = client.register_script(COUNT)
        for _ in range(100):
            script(keys=["n"])

    threads = [threading.Thread(target=work, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert clients[0].get("n") == b"600"


def test_a_script_that_was_quick_and_is_so_no_longer(dial: Dial) -> None:
    """It is begun on the loop, undone there, and run again on a thread."""
    client = dial()
    script = client.register_script(
        "redis.call('incr', KEYS[1]) local x = 0 for i = 1, ARGV[1] do x = x + i end return x"
    )
    for _ in range(5):
        assert script(keys=["n"], args=[10]) == 55
    assert script(keys=["n"], args=[3_000_000]) == 4_500_001_500_000
    assert client.get("n") == b"6"
    pipe = client.pipeline()
    pipe.incr("n")
    script(keys=["n"], args=[3_000_000], client=pipe)
    assert pipe.execute() == [7, 4_500_001_500_000]
    assert client.get("n") == b"8"


def test_others_read_while_a_script_runs_and_kill_it(dial: Dial) -> None:
    client, other = dial(), dial()
    client.set("a", "1")
    failures: list[ResponseError] = []

    def run() -> None:
        with pytest.raises(ResponseError, match="killed by user") as caught:
            client.eval("redis.call('set', 'a', '2') while true do end", 0)
        failures.append(caught.value)

    thread = threading.Thread(target=run)
    thread.start()
    while not _killed(other):
        assert other.get("a") == b"1"
    thread.join(20)
    assert failures
    assert client.get("a") == b"1"
    assert client.set("a", "3")


def _killed(client: redis.Redis) -> bool:
    try:
        return bool(client.script_kill())
    except ResponseError:  # NOTBUSY
        return False


def test_a_script_makes_a_database_on_its_way(dial: Dial) -> None:
    client = dial()
    source = "redis.call('select', 7) redis.call('set', 'x', 'y') return redis.call('get', 'x')"
    for _ in range(3):
        assert client.eval(source, 0) == b"y"
    assert client.get("x") is None


def test_messages_of_a_script(dial: Dial) -> None:
    client, listener = dial(), dial().pubsub(ignore_subscribe_messages=True)
    listener.subscribe("news")
    assert listener.get_message(timeout=5) is None
    for _ in range(3):
        client.eval("return redis.call('publish', 'news', ARGV[1])", 0, "hello")
    with pytest.raises(ResponseError):
        client.eval("redis.call('publish', 'news', 'kept') error('x')", 0)
    wanted = [b"hello"] * 3 + [b"kept"]
    got = [listener.get_message(timeout=5) for _ in wanted]
    assert [message["data"] for message in got if message] == wanted


def test_who_waits_is_served_by_a_script(dial: Dial) -> None:
    client, waiting = dial(), dial()
    got: list[object] = []
    thread = threading.Thread(target=lambda: got.append(waiting.blpop("queue", timeout=20)))
    thread.start()
    while not client.info("clients")["blocked_clients"]:
        pass
    client.eval("return redis.call('rpush', KEYS[1], 'job')", 1, "queue")
    thread.join(20)
    assert got == [(b"queue", b"job")]
