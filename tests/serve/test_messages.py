"""PostgreSQL's messages in the order in which PostgreSQL itself sends them.

Each conversation is held with a real PostgreSQL too, where there is one, and must go alike.
"""

from __future__ import annotations

import pytest

from fivefold.api.serving import Serving
from tests.serve.raw import FLUSH, SYNC, Talk, bind, execute, message, parse
from tests.servers import Server

TABLE = "CREATE TABLE t (a integer PRIMARY KEY, b text)"
ROWS = "INSERT INTO t VALUES (1, 'one'), (2, 'two'), (3, NULL)"
ALL = "SELECT a, b FROM t ORDER BY a"
COPY = "COPY t FROM STDIN"

CONVERSATIONS: dict[str, list[tuple[bytes, ...]]] = {
    "prepared inside a transaction": [
        (message("Q", "BEGIN"),),
        (
            parse("UPDATE t SET b = b || $1 WHERE a = 1", "w"),
            parse("SELECT b FROM t WHERE a = 1", "s"),
            SYNC,
        ),
        (bind("!", statement="w"), execute(), SYNC),
        (bind(statement="s"), execute(), SYNC),
        (execute(), SYNC),
        (bind("?", statement="w"), execute(), SYNC),
        (execute(), SYNC),
        (bind(statement="s"), execute(), SYNC),
        (message("Q", "ROLLBACK"),),
        (execute(), SYNC),
        (bind(statement="s"), execute(), SYNC),
    ],
    "simple": [
        (message("Q", "SELECT 1 AS x"),),
        (message("Q", ""),),
        (message("Q", "-- nothing"),),
        (message("Q", " ; ; "),),
        (message("Q", "SELEC"),),
        (message("Q", "SELECT $1"),),
        (message("Q", "SELECT 1; INSERT INTO t VALUES ($2)"),),
        (message("Q", "SELECT $1 IS NULL"),),
        (message("Q", "INSERT INTO t VALUES (4, 'four') RETURNING b"),),
        (message("Q", "UPDATE t SET b = 'x' WHERE a > 2"),),
        (message("Q", "DELETE FROM t WHERE a > 100"),),
        (message("Q", "SHOW DateStyle; SET TimeZone = 'UTC'"),),
    ],
    "several statements are one transaction": [
        (message("Q", "INSERT INTO t VALUES (10, ''); SELECT 1 / 0; SELECT 2"),),
        (message("Q", ALL),),
        (message("Q", "INSERT INTO t VALUES (11, ''); ROLLBACK; INSERT INTO t VALUES (12, '')"),),
        (message("Q", ALL),),
        (message("Q", "INSERT INTO t VALUES (13, ''); COMMIT; SELECT 1 / 0"),),
        (message("Q", ALL),),
        (message("Q", "INSERT INTO t VALUES (14, ''); BEGIN; INSERT INTO t VALUES (15, '')"),),
        (message("Q", "ROLLBACK"),),
        (message("Q", "BEGIN; INSERT INTO t VALUES (16, ''); COMMIT; SELEC"),),
        (message("Q", "SAVEPOINT s; SELECT 1"),),
        (message("Q", ALL),),
    ],
    "failed transaction": [
        (message("Q", "BEGIN"),),
        (message("Q", "SELECT 1 / 0"),),
        (message("Q", "SELECT 1"),),
        (message("Q", "COPY t TO STDOUT"),),
        (message("Q", COPY),),
        (parse("SELECT 1"), bind(), execute(), SYNC),
        (message("Q", "COMMIT"),),
        (message("Q", "COMMIT"),),
    ],
    "extended": [
        (parse("SELECT $1::integer + 1"), message("D", b"S", ""), SYNC),
        (bind("41"), message("D", b"P", ""), execute(), SYNC),
        (parse("INSERT INTO t VALUES ($1, $2)"), message("D", b"S", ""), SYNC),
        (bind("20", None), message("D", b"P", ""), execute(), SYNC),
        (parse(""), bind(), message("D", b"P", ""), execute(), SYNC),
        (parse("SELECT 1; SELECT 2"), SYNC),
        (parse("SELECT 1", "named"), parse("SELECT 2", "named"), SYNC),
        (bind(statement="named"), execute(), SYNC),
        (message("C", b"S", "named"), message("C", b"S", "named"), SYNC),
        (bind(statement="named"), execute(), SYNC),
        (message("D", b"P", "nothing"), SYNC),
        (execute(portal="nothing"), SYNC),
        (parse("SELECT $1::integer"), bind("abc"), execute(), SYNC),
        (message("Q", "SELECT 1"),),
        (bind(), execute(), SYNC),
    ],
    "an error skips to the Sync and undoes what came before": [
        (
            *(parse("INSERT INTO t VALUES (30, '')"), bind(), execute()),
            *(parse("SELECT 1 / (a - a) FROM t"), bind(), execute()),
            *(parse("INSERT INTO t VALUES (31, '')"), bind(), execute()),
            SYNC,
        ),
        (message("Q", ALL),),
        (
            *(parse("INSERT INTO t VALUES (32, '')"), bind(), execute()),
            SYNC,
            *(parse("SELECT 1 / (a - a) FROM t"), bind(), execute()),
        ),
        (SYNC,),
        (message("Q", ALL),),
    ],
    "transactions inside a pipeline": [
        (
            *(parse("INSERT INTO t VALUES (40, '')"), bind(), execute()),
            *(parse("COMMIT"), bind(), execute()),
            *(parse("SELECT 1 / (a - a) FROM t"), bind(), execute()),
            SYNC,
        ),
        (message("Q", ALL),),
        (
            *(parse("BEGIN"), bind(), execute()),
            *(parse("INSERT INTO t VALUES (41, '')"), bind(), execute()),
            SYNC,
        ),
        (parse("ROLLBACK"), bind(), execute(), SYNC),
        (message("Q", ALL),),
    ],
    "rows in parts": [
        (parse(ALL), bind(), execute(2), SYNC),
        (execute(2), SYNC),
        (message("Q", "BEGIN"),),
        (parse(ALL), bind(portal="p"), execute(2, "p"), SYNC),
        (execute(1, "p"), SYNC),
        (execute(1, "p"), SYNC),
        (execute(1, "p"), SYNC),
        (parse(ALL), bind(portal="p"), SYNC),
        (message("Q", "ROLLBACK"),),
        (execute(1, "p"), SYNC),
        (message("Q", "BEGIN"),),
        (parse(ALL), bind(portal="q"), execute(0, "q"), execute(0, "q"), SYNC),
        (message("C", b"P", "q"), SYNC),
        (parse("INSERT INTO t VALUES (50, '')"), bind(portal="i"), execute(0, "i"), SYNC),
        (execute(0, "i"), SYNC),
        (message("Q", "COMMIT"),),
        (message("Q", "SELECT count(*) FROM t"),),
    ],
    "copy": [
        (message("Q", "COPY t TO STDOUT"),),
        (message("Q", "COPY (SELECT 1 WHERE false) TO STDOUT"),),
        (message("Q", COPY), message("d", b"60\tsixty\n6"), message("d", b"1\t\\N\n"),
         message("c")),
        (message("Q", COPY), message("d", b"62\tx\n"), message("f", "changed my mind")),
        (message("Q", COPY), message("d", b"63\n"), message("d", b"64\tx\n"), message("c")),
        (message("Q", f"SELECT 5; {COPY}; SELECT 6"), message("d", b"65\tx\n"), message("c")),
        (message("Q", f"INSERT INTO t VALUES (66, ''); {COPY}"), message("d", b"66\tx\n"),
         message("c")),
        (message("Q", "COPY none FROM STDIN"),),
        (message("Q", "BEGIN READ ONLY"),),
        (message("Q", COPY),),
        (message("Q", "ROLLBACK"),),
        (message("Q", ALL),),
    ],
    "copy in the extended protocol": [
        (parse(COPY), bind(), execute(), SYNC, message("d", b"70\tx\n"), message("c"), SYNC),
        (parse(COPY), bind(), execute(), SYNC, message("d", b"70\tx\n"), message("c"), SYNC),
        (parse("COPY t TO STDOUT"), bind(), execute(), SYNC),
        (message("Q", ALL),),
    ],
}  # fmt: skip


def hold(port: int, user: str, database: str, said: list[tuple[bytes, ...]]) -> list[list[str]]:
    with Talk(port, user, database=database) as talk:
        talk.query(f"DROP TABLE IF EXISTS t; {TABLE}; {ROWS}")
        heard = []
        for messages in said:
            heard.append(talk.say(*messages))
        return heard


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_conversation(name: str, server: Serving, postgres_server: Server) -> None:
    said = CONVERSATIONS[name]
    ours = hold(server.ports["postgres"], "ada", "fivefold", said)
    theirs = hold(postgres_server.port, "postgres", "postgres", said)
    for messages, mine, wanted in zip(said, ours, theirs, strict=True):
        assert mine == wanted, messages


def test_flush_answers_before_the_sync(server: Serving) -> None:
    with Talk(server.ports["postgres"]) as talk:
        talk.query(f"{TABLE}; {ROWS}")
        talk.socket.sendall(parse(ALL) + bind() + execute() + FLUSH)
        assert talk.until("C") == ["1", "2", "D:1|one", "D:2|two", "D:3|NULL", "C:SELECT 3"]
        talk.socket.sendall(parse("INSERT INTO t VALUES (9, '')") + bind() + execute() + FLUSH)
        assert talk.until("C") == ["1", "2", "C:INSERT 0 1"]
        with Talk(server.ports["postgres"]) as other:
            assert other.query("SELECT count(*) FROM t")[1] == "D:3"
        assert talk.say(SYNC) == ["Z:I"]
        assert talk.query("SELECT count(*) FROM t")[1] == "D:4"


def test_an_execute_waits_for_what_follows_it(server: Serving) -> None:
    with Talk(server.ports["postgres"]) as talk:
        talk.socket.sendall(parse("SELECT 7") + bind() + FLUSH)
        assert talk.until("2") == ["1", "2"]
        for byte in execute() + SYNC:
            talk.socket.sendall(bytes((byte,)))
        assert talk.until("Z") == ["D:7", "C:SELECT 1", "Z:I"]


def test_where_the_codes_differ(server: Serving) -> None:
    with Talk(server.ports["postgres"]) as talk:
        function_call = message("F", 1, b"\0\0\0\0\0\0")
        assert talk.say(function_call) == ["E:0A000", "Z:I"]
        wrong_count = talk.say(parse("SELECT $1::integer"), bind("1", "2"), SYNC)
        assert wrong_count == ["1", "E:08P01", "Z:I"]
        assert talk.query("SELECT 1") == ["T", "D:1", "C:SELECT 1", "Z:I"]


@pytest.mark.parametrize(
    "text", ["SELECT * FROM t", "SELECT * FROM t WHERE a = 1", "DELETE FROM t RETURNING *"]
)
def test_columns_that_changed_after_they_were_described(server: Serving, text: str) -> None:
    with Talk(server.ports["postgres"]) as talk, Talk(server.ports["postgres"]) as other:
        talk.query(f"{TABLE}; {ROWS}")
        talk.socket.sendall(parse(text) + bind() + message("D", b"P", "") + FLUSH)
        assert talk.until("T") == ["1", "2", "T"]
        other.query("ALTER TABLE t ADD COLUMN c integer")
        assert talk.say(execute(), SYNC) == ["E:0A000", "Z:I"]
        assert talk.say(parse(text), bind(), message("D", b"P", ""), execute(), SYNC)[2] == "T"
