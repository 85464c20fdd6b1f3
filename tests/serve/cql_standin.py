"""An engine of a few statements, for tests and measurements of the serving alone.

SELECT … FROM system…     what drivers ask for: this node, no others, no schema
PUT ? ?                   keeps a text under a number, in memory
GET ?                     one row, or none
ROWS n                    n rows of a number and a text, in pages
SLOW n                    waits on a thread until ``gate`` is open, then one row of n
NUMBERS ? ?               the markers k (int) and v (text): one row of them, UNSET told as such
FAIL code                 an error; WARN: a row and a warning; USE name
BREAK                     an error that nobody expects
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from fivefold import errors
from fivefold.engine.session import MustWait, Session
from fivefold.errors import FivefoldError
from fivefold.languages.cql.results import ColumnSpec, KeyspaceSet, Options, Result, Rows, Void
from fivefold.serve.connection import canceled
from fivefold.values.cql import faults
from fivefold.values.cql.types import BIGINT, INET, INT, TEXT, UNSET, UUID, CqlType, set_of
from fivefold.values.records import Record

SECONDS_MAX = 30.0

NODE: tuple[tuple[str, CqlType, Any], ...] = (
    ("key", TEXT, "local"),
    ("cluster_name", TEXT, "stand-in"),
    ("data_center", TEXT, "datacenter1"),
    ("rack", TEXT, "rack1"),
    ("host_id", UUID, bytes(15) + b"\x01"),
    ("release_version", TEXT, "5.0.5"),
    ("cql_version", TEXT, "3.4.7"),
    ("partitioner", TEXT, "org.apache.cassandra.dht.Murmur3Partitioner"),
    ("rpc_address", INET, bytes((127, 0, 0, 1))),
    ("broadcast_address", INET, bytes((127, 0, 0, 1))),
    ("listen_address", INET, bytes((127, 0, 0, 1))),
    ("schema_version", UUID, bytes(15) + b"\x02"),
    ("tokens", set_of(TEXT, frozen=True), '["0"]'),
)


def spec(name: str, type: CqlType, table: str = "t") -> ColumnSpec:
    return ColumnSpec("ks", table, name, type)


K, V, N = spec("k", BIGINT), spec("v", TEXT), spec("n", INT)
LOCAL = [ColumnSpec("system", "local", name, type) for name, type, _ in NODE]
NOTHING = [ColumnSpec("system", "peers", "peer", INET)]


class Prepared(Record):
    """See ``serve.cassandra.session.Prepared``."""

    id: bytes
    text: str
    keyspace: str | None
    parameters: tuple[ColumnSpec, ...]
    partition: tuple[int, ...]
    columns: tuple[ColumnSpec, ...] | None


SHAPES: Mapping[str, tuple[tuple[ColumnSpec, ...], tuple[int, ...], tuple[ColumnSpec, ...] | None]]
SHAPES = {
    "PUT": ((K, V), (0,), None),
    "GET": ((K,), (0,), (V,)),
    "NUMBERS": ((N, V), (), (N, V)),
    "ROWS": ((), (), (N, V)),
}


class World:
    """What all lines of one test share."""

    def __init__(self) -> None:
        self.values: dict[int, str] = {}
        self.prepared: dict[bytes, Prepared] = {}
        self.gate = threading.Event()
        self.running = threading.Event()  # set when SLOW has begun
        self.lines: list[StandIn] = []
        self.options: list[Options] = []  # of all that ran
        self.batches: list[tuple[str, list[Any]]] = []
        self.waits = 0  # so often a PUT has to wait for the writer

    def line(self, session: Session) -> StandIn:
        made = StandIn(self, session)
        self.lines.append(made)
        return made


class StandIn:
    """See ``serve.cassandra.session.Line``."""

    def __init__(self, world: World, session: Session) -> None:
        self.world = world
        self.session = session
        self.keyspace: str | None = None
        self.node: Any = None
        self.interrupted = threading.Event()
        self.closed = False

    def prepare(self, text: str, keyspace: str | None = None, *, inline: bool = False) -> Prepared:
        space = keyspace or self.keyspace
        shape = SHAPES.get(text.split()[0], ((), (), None))
        if text.startswith("FAIL"):
            raise self._error(text)
        id = hashlib.md5(f"{space}{text}".encode()).digest()
        return self.world.prepared.setdefault(id, Prepared(id, text, space, *shape))

    def prepared(self, id: bytes) -> Prepared | None:
        return self.world.prepared.get(id)

    def writes(self, statement: Any, keyspace: str | None = None, *, inline: bool = False) -> bool:
        return _text(statement).startswith("PUT")

    def run(
        self,
        statement: Any,
        parameters: Sequence[Any] = (),
        options: Options = Options(),  # noqa: B008
        *,
        keyspace: str | None = None,
        inline: bool = False,
    ) -> Result:
        text = _text(statement)
        word = text.split()[0]
        self.world.options.append(options)
        if word == "GET":
            value = self.world.values.get(parameters[0])
            return Rows(SHAPES["GET"][2] or (), [] if value is None else [(value,)])
        if word == "PUT":
            if inline and self.world.waits:
                self.world.waits -= 1
                raise MustWait(for_writer=True)
            self.world.values[parameters[0]] = parameters[1]
            return Void()
        return self._rare(word, text, parameters, options, inline)

    def _rare(
        self, word: str, text: str, parameters: Sequence[Any], options: Options, inline: bool
    ) -> Result:
        if "system.local" in text:
            return Rows(LOCAL, [[value for _, _, value in NODE]])
        if word == "SELECT":
            return Rows(NOTHING, [])
        if word == "USE":
            self.keyspace = text.split()[1]
            return KeyspaceSet(self.keyspace)
        if word == "WARN":
            return Rows([N], [[1]], warnings=["careful", "é"])
        if word == "NUMBERS":
            told = ["unset" if each is UNSET else each for each in parameters]
            return Rows([V, V], [[None if each is None else str(each) for each in told]])
        if word == "ROWS":
            return _page(int(text.split()[1]), options)
        if word == "SLOW":
            return self._slow(int(text.split()[1]), inline)
        if word == "BREAK":
            raise KeyError("nobody expects this")
        raise self._error(text)

    def _slow(self, number: int, inline: bool) -> Result:
        if inline:
            raise MustWait(for_writer=False)
        self.world.running.set()
        for _ in range(int(SECONDS_MAX * 100)):
            if self.interrupted.is_set():
                raise canceled()
            if self.world.gate.wait(0.01):
                break
        return Rows([N], [[number]])

    def _error(self, text: str) -> FivefoldError:
        word, _, code = text.partition(" ")
        if word != "FAIL":
            return faults.syntax(f"line 1:0 no viable alternative at input '{word}'", 0)
        return errors.CODES[code](f"failed with {code}", code)

    def batch(
        self,
        kind: str,
        statements: Sequence[tuple[Any, Sequence[Any]]],
        options: Options = Options(),  # noqa: B008
        *,
        keyspace: str | None = None,
        inline: bool = False,
    ) -> Result:
        said = [(_text(statement), [*parameters]) for statement, parameters in statements]
        self.world.batches.append((kind, said))
        for statement, parameters in statements:
            self.run(statement, parameters, options)
        return Void()

    def interrupt(self) -> None:
        self.interrupted.set()

    def close(self) -> None:
        self.closed = True
        self.session.close()


def _text(statement: Any) -> str:
    return statement if isinstance(statement, str) else str(statement.text)


def _page(count: int, options: Options) -> Rows:
    start = int(options.paging or b"0")
    end = min(count, start + (options.page_size or count))
    rows: list[list[Any]] = [[number, f"text {number}"] for number in range(start, end)]
    return Rows(SHAPES["ROWS"][2] or (), rows, str(end).encode() if end < count else None)
