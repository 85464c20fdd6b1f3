"""Bolt's serving over an engine of a few queries: messages, streaming, interruption, time."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack

import pytest

import fivefold
from fivefold.api.serving import Serving
from fivefold.engine.limits import Limits
from fivefold.serve.neo4j import clock, connection
from tests.serve.cypher_standin import World
from tests.serve.raw_neo4j import FAILURE, HELLO, IGNORED, RECORD, SUCCESS, Heard, Talk
from tests.wire.neo4j.drivers import chunked, message

RUN, PULL, DISCARD, RESET = 0x10, 0x3F, 0x2F, 0x0F
BEGIN, COMMIT, ROLLBACK, ROUTE = 0x11, 0x12, 0x13, 0x66

PATIENCE_SECONDS = 10.0

Dial = Callable[..., Talk]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """The engine that clients of this test meet."""
    made = World()
    monkeypatch.setattr(connection, "open_line", made.line)
    return made


@pytest.fixture
def served(world: World, store_url: str) -> Iterator[Serving]:
    with fivefold.serving(store_url, only=["neo4j"], durability="off") as serving:
        yield serving
        world.gate.set()


@pytest.fixture
def dial(served: Serving) -> Iterator[Dial]:
    with ExitStack() as stack:
        yield lambda *version, **options: stack.enter_context(
            Talk(served.ports["neo4j"], *version, **options)
        )


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "in vain"
        time.sleep(0.005)


def code(heard: Heard) -> str:
    tag, (said,) = heard
    assert tag == FAILURE
    return str(said.get("neo4j_code") or said.get("code"))


# Who is who


def test_greetings(dial: Dial) -> None:
    talk = dial(greet=False)
    tag, (said,) = talk.ask(0x01, HELLO)
    assert tag == SUCCESS
    assert said["server"].startswith("Neo4j/5.")
    assert "fivefold" in said["server"]
    assert said["connection_id"].startswith("bolt-")
    assert said["hints"] == {"telemetry.enabled": False}
    assert talk.ask(0x6A, {"scheme": "basic", "principal": "a", "credentials": "b"})[0] == SUCCESS
    assert talk.ask(0x6B)[0] == SUCCESS
    assert talk.ask(0x6A, {"scheme": "none"})[0] == SUCCESS
    talk.say(0x02)
    assert talk.is_closed()


def test_greetings_of_4_4(dial: Dial) -> None:
    talk = dial((4, 4), greet=False)
    tag, (said,) = talk.ask(0x01, {**HELLO, "scheme": "none", "patch_bolt": ["utc", "other"]})
    assert tag == SUCCESS
    assert said["patch_bolt"] == ["utc"]
    plain = dial((4, 4), greet=False)
    assert "patch_bolt" not in plain.ask(0x01, HELLO)[1][0]


@pytest.mark.parametrize("scheme", ["bearer", "kerberos", "custom"])
def test_schemes_that_there_are_not(dial: Dial, scheme: str) -> None:
    talk = dial(greet=False)
    talk.ask(0x01, HELLO)
    heard = talk.ask(0x6A, {"scheme": scheme, "credentials": "x"})
    assert code(heard) == "Neo.ClientError.Security.Unauthorized"
    assert talk.is_closed()


def test_where_there_are_users(served: Serving, dial: Dial) -> None:
    served.database.users.set("ann", "secret")
    for principal, credentials, comes_in in (
        ("ann", "secret", True),
        ("ann", "wrong", False),
        ("bob", "secret", False),
    ):
        talk = dial(greet=False)
        talk.ask(0x01, HELLO)
        said = {"scheme": "basic", "principal": principal, "credentials": credentials}
        heard = talk.ask(0x6A, said)
        assert (heard[0] == SUCCESS) is comes_in
        if not comes_in:
            assert code(heard) == "Neo.ClientError.Security.Unauthorized"
            assert talk.is_closed()
    talk = dial((4, 4), greet=False)
    assert code(talk.ask(0x01, {**HELLO, "scheme": "none"})).endswith("Unauthorized")
    assert talk.is_closed()


def test_other_protocols_are_hung_up_on(served: Serving) -> None:
    with socket.create_connection(("127.0.0.1", served.ports["neo4j"])) as stranger:
        stranger.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert stranger.recv(100) == b""


def test_routes(dial: Dial, served: Serving) -> None:
    talk = dial()
    tag, (said,) = talk.ask(ROUTE, {"address": "db.example:7687"}, [], {})
    assert tag == SUCCESS
    table = said["rt"]
    assert table["db"] == "neo4j"
    assert table["ttl"] > 0
    assert {each["role"] for each in table["servers"]} == {"WRITE", "READ", "ROUTE"}
    assert all(each["addresses"] == ["db.example:7687"] for each in table["servers"])
    _, (said,) = talk.ask(ROUTE, {}, [], {"db": "movies"})
    assert said["rt"]["db"] == "movies"
    assert said["rt"]["servers"][0]["addresses"] == [f"127.0.0.1:{served.ports['neo4j']}"]
    assert (
        code(talk.ask(ROUTE, {}, [], {"db": "no"})) == "Neo.ClientError.Database.DatabaseNotFound"
    )


# Queries


@pytest.mark.parametrize("query", ["NOW x", "ECHO x"])
def test_a_query(dial: Dial, query: str) -> None:
    talk = dial()
    talk.say_bytes(message(RUN, query, {"x": 7}, {}) + message(PULL, {"n": 1000}))
    tag, (said,) = talk.hear()
    assert tag == SUCCESS
    assert said["fields"] == ["x"]
    assert said["t_first"] >= 0
    assert said["db"] == "neo4j"
    assert "qid" not in said
    record, (tag, (said,)) = talk.hear_all()
    assert record == (RECORD, [[7]])
    assert tag == SUCCESS
    assert said["type"] == "r"
    assert said["db"] == "neo4j"
    assert said["bookmark"]
    assert said["t_last"] >= 0
    assert "has_more" not in said


def test_bookmarks_rise(dial: Dial) -> None:
    talk = dial()
    found: list[str] = []
    for _ in range(3):
        talk.say_bytes(message(RUN, "NOW x", {"x": 1}, {"bookmarks": found}))
        talk.hear()
        found.append(talk.ask(DISCARD, {"n": -1})[1][0]["bookmark"])
    numbers = [int(each.rpartition(":")[2]) for each in found]
    assert numbers == sorted(set(numbers))


def test_batches(dial: Dial) -> None:
    talk = dial()
    talk.say_bytes(message(RUN, "ROWS 25", {}, {}))
    assert talk.hear()[0] == SUCCESS
    sizes = []
    while True:
        talk.say(PULL, {"n": 10})
        heard = talk.hear_all()
        sizes.append(len(heard) - 1)
        if not heard[-1][1][0].get("has_more"):
            break
    assert sizes == [10, 10, 5]


def test_the_last_batch_says_that_it_is_the_last(dial: Dial) -> None:
    talk = dial()
    for n in (10, 20, 1000, -1):
        talk.say_bytes(message(RUN, "ROWS 10", {}, {}) + message(PULL, {"n": n}))
        talk.hear()
        heard = talk.hear_all()
        assert len(heard) == 11
        assert "has_more" not in heard[-1][1][0]


@pytest.mark.parametrize("together", [True, False])
def test_a_large_result(dial: Dial, together: bool) -> None:
    talk = dial()
    run, pull = message(RUN, "ROWS 20000", {}, {}), message(PULL, {"n": -1})
    talk.say_bytes(run + pull if together else run)
    assert talk.hear()[0] == SUCCESS
    if not together:
        talk.say_bytes(pull)
    heard = talk.hear_all()
    assert [said[0][0] for tag, said in heard[:-1]] == list(range(20000))


def test_only_what_is_wanted_is_read(dial: Dial, world: World) -> None:
    talk = dial()
    talk.say_bytes(message(RUN, "ROWS 1000000000", {}, {}) + message(PULL, {"n": 10}))
    talk.hear()
    assert talk.hear_all()[-1][1][0] == {"has_more": True}
    assert world.fetched == 11
    tag, (said,) = talk.ask(DISCARD, {"n": -1})
    assert tag == SUCCESS
    assert said["type"] == "r"
    assert world.fetched == 11


def test_a_client_that_reads_slowly_is_waited_for(dial: Dial, world: World) -> None:
    talk = dial()
    talk.say_bytes(message(RUN, "ROWS 1000000000", {}, {}) + message(PULL, {"n": -1}))
    until(lambda: world.fetched > 20_000)
    before = -1
    while world.fetched != before:  # until the buffers are full
        before = world.fetched
        time.sleep(0.3)
    assert world.fetched < 5_000_000


def test_some_records_are_discarded(dial: Dial) -> None:
    talk = dial()
    talk.say_bytes(message(RUN, "ROWS 10", {}, {}) + message(DISCARD, {"n": 4}))
    talk.hear()
    assert talk.hear() == (SUCCESS, [{"has_more": True}])
    talk.say(PULL, {"n": -1})
    assert [said[0][0] for tag, said in talk.hear_all()[:-1]] == [4, 5, 6, 7, 8, 9]


def test_writes_that_nobody_reads_are_done(dial: Dial, world: World) -> None:
    talk = dial()
    talk.say_bytes(message(RUN, "WRITE a", {}, {}) + message(DISCARD, {"n": -1}))
    assert talk.hear()[0] == SUCCESS
    _, (said,) = talk.hear()
    assert said["type"] == "w"
    assert said["stats"] == {"nodes-created": 1, "labels-added": 2, "contains-updates": True}
    assert world.committed == ["a"]


def test_errors(dial: Dial) -> None:
    talk = dial()
    talk.say_bytes(message(RUN, "RETRUN 1", {}, {}) + message(PULL, {"n": -1}))
    tag, (said,) = talk.hear()
    assert tag == FAILURE
    assert said["neo4j_code"] == "Neo.ClientError.Statement.SyntaxError"
    assert said["gql_status"] == "42001"
    assert said["message"].splitlines()[1:] == ['"RETRUN 1"', " ^"]
    assert said["diagnostic_record"]["_detail"] == "UnexpectedSyntax"
    assert talk.hear() == (IGNORED, [])
    assert talk.ask(RUN, "NOW x", {"x": 1}, {}) == (IGNORED, [])
    assert talk.ask(RESET) == (SUCCESS, [{}])
    assert talk.ask(RUN, "NOW x", {"x": 1}, {})[0] == SUCCESS


def test_errors_of_older_versions(dial: Dial) -> None:
    tag, (said,) = dial((5, 4)).ask(RUN, "RETRUN 1", {}, {})
    assert tag == FAILURE
    assert said["code"] == "Neo.ClientError.Statement.SyntaxError"
    assert said["diagnostic_record"]["_detail"] == "UnexpectedSyntax"


@pytest.mark.parametrize("count", [3, 3000])
def test_an_error_after_some_rows(dial: Dial, count: int) -> None:
    talk = dial()
    talk.say_bytes(message(RUN, f"FAIL {count}", {}, {}) + message(PULL, {"n": -1}))
    assert talk.hear()[0] == SUCCESS
    heard = talk.hear_all()
    assert code(heard[-1]) == "Neo.ClientError.Statement.ArithmeticError"
    assert talk.ask(RESET)[0] == SUCCESS


def test_databases(dial: Dial) -> None:
    talk = dial()
    talk.say_bytes(message(RUN, "ECHO x", {"x": 1}, {"db": "movies"}) + message(PULL, {"n": 1}))
    assert talk.hear()[1][0]["db"] == "movies"
    assert talk.hear_all()[-1][1][0]["db"] == "movies"
    assert code(talk.ask(RUN, "ECHO x", {"x": 1}, {"db": "no"})).endswith("DatabaseNotFound")


def test_read_access_refuses_writes(dial: Dial, world: World) -> None:
    talk = dial()
    heard = talk.ask(RUN, "WRITE a", {}, {"mode": "r"})
    assert code(heard) == "Neo.ClientError.Statement.AccessMode"
    talk.ask(RESET)
    talk.ask(BEGIN, {"mode": "r"})
    assert code(talk.ask(RUN, "WRITE a", {}, {})) == "Neo.ClientError.Statement.AccessMode"
    assert world.committed == []


def test_nobody_is_impersonated(dial: Dial) -> None:
    talk = dial()
    assert talk.ask(RUN, "NOW x", {"x": 1}, {"imp_user": "jane"})[0] == FAILURE


def test_notifications(dial: Dial) -> None:
    def heard(version: tuple[int, int], extra: Mapping[str, object]) -> dict[str, object]:
        talk = dial(version)
        talk.say_bytes(message(RUN, "WARN", {}, extra) + message(PULL, {"n": -1}))
        talk.hear()
        said: dict[str, object] = talk.hear_all()[-1][1][0]
        return said

    statuses = heard((5, 8), {})["statuses"]
    assert isinstance(statuses, list)
    assert [each["gql_status"] for each in statuses] == ["01N50", "00000", "03N90"]
    assert statuses[0]["diagnostic_record"]["_position"] == {"offset": 5, "line": 1, "column": 6}
    old = heard((5, 4), {})["notifications"]
    assert isinstance(old, list)
    assert [each["severity"] for each in old] == ["WARNING", "INFORMATION"]
    assert old[0]["position"] == {"offset": 5, "line": 1, "column": 6}
    fewer = heard((5, 4), {"notifications_minimum_severity": "WARNING"})["notifications"]
    assert fewer == old[:1]
    disabled = {"notifications_disabled_categories": ["UNRECOGNIZED"]}
    assert heard((5, 4), disabled)["notifications"] == old[1:]
    assert "notifications" not in heard((5, 4), {"notifications_minimum_severity": "OFF"})


def test_outcomes(dial: Dial) -> None:
    talk = dial()
    for query, outcome in (("ROWS 1", "00000"), ("ROWS 0", "02000"), ("WRITE a", "00001")):
        talk.say_bytes(message(RUN, query, {}, {}) + message(PULL, {"n": -1}))
        talk.hear()
        (status,) = talk.hear_all()[-1][1][0]["statuses"]
        assert status["gql_status"] == outcome


def test_plans(dial: Dial) -> None:
    talk = dial()
    talk.say_bytes(message(RUN, "EXPLAIN", {}, {}) + message(PULL, {"n": -1}))
    talk.hear()
    assert talk.hear_all()[-1][1][0]["plan"]["operatorType"] == "AllNodesScan@neo4j"


# Transactions


def test_a_transaction(dial: Dial, world: World) -> None:
    talk = dial()
    assert talk.ask(BEGIN, {"db": "movies"}) == (SUCCESS, [{"db": "movies"}])
    assert talk.ask(RUN, "WRITE a", {}, {})[1][0]["qid"] == 0
    _, (said,) = talk.ask(PULL, {"n": -1})
    assert "bookmark" not in said
    assert talk.ask(RUN, "WRITE b", {}, {})[1][0]["qid"] == 1
    talk.ask(DISCARD, {"n": -1})
    assert world.committed == []
    tag, (said,) = talk.ask(COMMIT)
    assert tag == SUCCESS
    assert said["bookmark"]
    assert world.committed == ["a", "b"]
    talk.ask(BEGIN, {})
    talk.ask(RUN, "WRITE c", {}, {})
    assert talk.ask(ROLLBACK)[0] == SUCCESS
    assert world.committed == ["a", "b"]


def test_several_results_are_open(dial: Dial) -> None:
    talk = dial()
    talk.ask(BEGIN, {})
    first = talk.ask(RUN, "ROWS 10", {}, {})[1][0]["qid"]
    second = talk.ask(RUN, "ROWS 20", {}, {})[1][0]["qid"]
    for qid, count in ((first, 3), (second, 5), (first, 7), (-1, 15)):
        talk.say(PULL, {"n": count, "qid": qid})
        assert len(talk.hear_all()) == count + 1
    assert talk.ask(COMMIT)[0] == SUCCESS


def test_a_result_that_there_is_not(dial: Dial) -> None:
    talk = dial()
    talk.ask(BEGIN, {})
    talk.ask(RUN, "ROWS 10", {}, {})
    assert talk.ask(PULL, {"n": 1, "qid": 9})[0] == FAILURE


def test_a_failure_rolls_back(dial: Dial, world: World, served: Serving) -> None:
    talk = dial()
    talk.ask(BEGIN, {})
    talk.ask(RUN, "WRITE a", {}, {})
    talk.ask(DISCARD, {"n": -1})
    assert talk.ask(RUN, "NO", {}, {})[0] == FAILURE
    other = dial()
    other.ask(RUN, "WRITE b", {}, {})  # nobody holds the writer's place
    assert other.ask(DISCARD, {"n": -1})[0] == SUCCESS
    assert talk.ask(COMMIT) == (IGNORED, [])
    talk.ask(RESET)
    assert world.committed == ["b"]


def test_conflicts_are_transient(dial: Dial, world: World) -> None:
    world.conflicts = 1
    talk = dial()
    heard = talk.ask(RUN, "WRITE CONFLICT", {}, {})
    assert code(heard).startswith("Neo.TransientError.Transaction.")


# Interruption


def test_a_reset_ends_what_runs(dial: Dial, world: World) -> None:
    talk = dial()
    talk.say_bytes(message(RUN, "SLEEP", {}, {}) + message(PULL, {"n": -1}))
    assert world.running.wait(PATIENCE_SECONDS)
    talk.say(RESET)
    assert [talk.hear() for _ in range(3)] == [(IGNORED, []), (IGNORED, []), (SUCCESS, [{}])]
    assert talk.ask(RUN, "NOW x", {"x": 1}, {})[0] == SUCCESS


def test_a_reset_ends_a_stream(dial: Dial, world: World) -> None:
    talk = dial()
    talk.say_bytes(message(RUN, "WAIT ROWS 1000000000", {}, {}) + message(PULL, {"n": -1}))
    talk.say(RESET)
    world.gate.set()
    heard = [talk.hear()]
    while heard[-1] != (SUCCESS, [{}]):
        heard.append(talk.hear())
    assert (IGNORED, []) in heard
    assert talk.ask(RUN, "NOW x", {"x": 1}, {})[0] == SUCCESS


def test_a_reset_rolls_back(dial: Dial, world: World) -> None:
    talk = dial()
    talk.ask(BEGIN, {})
    talk.ask(RUN, "WRITE a", {}, {})
    assert talk.ask(RESET)[0] == SUCCESS
    assert talk.ask(BEGIN, {})[0] == SUCCESS
    assert talk.ask(COMMIT)[0] == SUCCESS
    assert world.committed == []


@pytest.mark.parametrize("polite", [True, False])
def test_a_client_that_leaves_ends_what_runs(dial: Dial, world: World, polite: bool) -> None:
    talk = dial()
    talk.say(RUN, "SLEEP", {}, {})
    assert world.running.wait(PATIENCE_SECONDS)
    if polite:
        talk.say(0x02)
    else:
        talk.close()
    until(lambda: world.lines[0].closed)


def test_a_transaction_that_takes_too_long(dial: Dial, world: World) -> None:
    talk = dial()
    late = "Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration"
    assert code(talk.ask(RUN, "SLEEP", {}, {"tx_timeout": 50})) == late
    talk.ask(RESET)
    talk.ask(BEGIN, {"tx_timeout": 50})
    assert code(talk.ask(RUN, "SLEEP", {}, {})) == late
    talk.ask(RESET)
    talk.ask(BEGIN, {"tx_timeout": 50})
    talk.ask(RUN, "WRITE a", {}, {})
    until(lambda: not world.lines[0].session.open)
    assert code(talk.ask(COMMIT)) == late
    talk.ask(RESET)
    assert talk.ask(RUN, "NOW x", {"x": 1}, {"tx_timeout": 60_000})[0] == SUCCESS
    assert world.committed == []


def test_a_transaction_that_does_nothing(
    dial: Dial, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "IDLE_TRANSACTION_SECONDS", 0.05)
    talk = dial()
    talk.ask(BEGIN, {})
    talk.ask(RUN, "WRITE a", {}, {})
    until(lambda: not world.lines[0].session.open)
    assert code(talk.ask(COMMIT)) == "Neo.ClientError.Transaction.TransactionTimedOut"
    talk.ask(RESET)
    talk.ask(RUN, "WRITE b", {}, {})
    assert talk.ask(DISCARD, {"n": -1})[0] == SUCCESS
    assert world.committed == ["b"]


def test_a_result_that_nobody_reads(
    dial: Dial, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "IDLE_TRANSACTION_SECONDS", 0.05)
    talk = dial()
    talk.say_bytes(message(RUN, "ROWS 100", {}, {}) + message(PULL, {"n": 1}))
    talk.hear()
    talk.hear_all()
    until(lambda: world.lines[0].closed_results)
    assert code(talk.ask(PULL, {"n": 1})) == "Neo.ClientError.Transaction.TransactionTimedOut"
    talk.ask(RESET)
    assert talk.ask(RUN, "NOW x", {"x": 1}, {})[0] == SUCCESS


# Wrong words


def test_what_has_no_place_ends_the_connection(dial: Dial) -> None:
    for tag, fields in ((COMMIT, ()), (PULL, ({"n": 1},)), (0x01, (HELLO,))):
        talk = dial()
        assert code(talk.ask(tag, *fields)) == "Neo.ClientError.Request.Invalid"
        assert talk.is_closed()


def test_garbage(dial: Dial) -> None:
    talk = dial()
    talk.say_bytes(b"\0\x03abc\0\0" + message(RESET))
    assert code(talk.hear()) == "Neo.ClientError.Request.Invalid"
    assert talk.is_closed()


def test_queries_without_a_login(dial: Dial) -> None:
    talk = dial(greet=False)
    talk.say(RUN, "NOW x", {"x": 1}, {})
    assert code(talk.hear()) == "Neo.ClientError.Request.Invalid"
    assert talk.is_closed()


def test_points_are_refused_and_the_connection_lives(dial: Dial) -> None:
    talk = dial()
    point = b"\xb3X\x01\xc1" + bytes(8) + b"\xc1" + bytes(8)
    talk.say_bytes(chunked(b"\xb3\x10\x85NOW x\xa1\x81x" + point + b"\xa0"))
    assert code(talk.hear()) == "Neo.ClientError.Statement.UnsupportedOperationError"
    talk.ask(RESET)
    assert talk.ask(RUN, "NOW x", {"x": 1}, {})[0] == SUCCESS


def test_everything_at_once(dial: Dial, world: World) -> None:
    talk = dial()
    talk.say_bytes(
        message(BEGIN, {})
        + message(RUN, "WRITE a", {}, {})
        + message(DISCARD, {"n": -1})
        + message(RUN, "ROWS 2", {}, {})
        + message(PULL, {"n": -1})
        + message(COMMIT)
        + message(RUN, "ECHO x", {"x": 1}, {})
        + message(PULL, {"n": -1})
    )
    heard = [talk.hear() for _ in range(11)]
    tags = [tag for tag, _ in heard]
    assert tags.count(RECORD) == 3
    assert tags.count(SUCCESS) == 8
    assert world.committed == ["a"]


def test_too_many_clients_are_told(dial: Dial, served: Serving) -> None:
    dial()
    served.database.engine.limits = Limits(connections=1)
    talk = dial(greet=False)
    assert code(talk.ask(0x01, HELLO)) == "Neo.TransientError.Request.NoThreadsAvailable"
    assert talk.is_closed()
