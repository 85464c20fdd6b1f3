"""Values of every type there and back through cassandra-driver.

What comes back is what the driver reads of the bytes that it wrote itself. With
FIVEFOLD_CASSANDRA_JUDGE=host:port the same goes through a real Cassandra.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest
from cassandra import InvalidRequest
from cassandra.cluster import Session
from cassandra.concurrent import execute_concurrent_with_args
from cassandra.util import Date, Duration, OrderedMap, OrderedMapSerializedKey, SortedSet, Time
from cassandra.util import uuid_from_time as timeuuid
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import fivefold
from tests.conftest import empty_store
from tests.doors.cassandra import JUDGE, judge, session_in
from tests.which import OVER_POSTGRES

NESTED = (
    "list<int>", "set<timeuuid>", "map<text, double>", "map<int, frozen<map<text, int>>>",
    "frozen<list<decimal>>", "list<frozen<tuple<int, text, blob>>>", "set<frozen<list<varint>>>",
    "map<frozen<place>, frozen<set<inet>>>", "tuple<int, frozen<list<text>>, duration>", "place",
    "frozen<place>", "list<frozen<place>>", "frozen<tuple<frozen<place>, boolean>>",
    "frozen<map<date, frozen<map<time, frozen<list<smallint>>>>>>", "set<ascii>", "list<bigint>",
)  # fmt: skip

# U+0000 is no character of PostgreSQL's texts: difference C-88.
_texts = st.text(st.characters(codec="utf-8", min_codepoint=1 if OVER_POSTGRES else 0), max_size=8)
_whole = st.integers


def _plus_zero(value: float) -> float:
    """No negative zero, which SQLite does not keep: difference C-87."""
    return value or 0.0


SCALARS: Mapping[str, st.SearchStrategy[Any]] = {
    "ascii": st.text(st.characters(min_codepoint=1, max_codepoint=127), max_size=8),
    "bigint": _whole(-(2**63), 2**63 - 1),
    "blob": st.binary(max_size=8),
    "boolean": st.booleans(),
    "date": _whole(-(2**31), 2**31 - 1).map(Date),
    "decimal": st.builds(
        lambda digits, scale: Decimal(digits).scaleb(-scale),
        *(_whole(-(10**12), 10**12), _whole(0, 9)),
    ),
    "double": st.floats().map(_plus_zero),
    "duration": st.builds(
        lambda sign, months, days, ns: Duration(sign * months, sign * days, sign * ns),
        *(st.sampled_from((1, -1)), _whole(0, 2**31 - 1), _whole(0, 2**31 - 1), _whole(0, 2**60)),
    ),
    "float": st.floats(width=32).map(_plus_zero),
    # A version 6 address that stands for one of version 4 comes back as that.
    "inet": st.ip_addresses().filter(lambda ip: ip.version == 4 or not ip.ipv4_mapped).map(str),
    "int": _whole(-(2**31), 2**31 - 1),
    "smallint": _whole(-(2**15), 2**15 - 1),
    "text": _texts,
    "time": _whole(0, 86_400_000_000_000 - 1).map(Time),
    "timestamp": _whole(-62_135_596_800_000, 253_402_300_799_999).map(
        lambda ms: dt.datetime(1970, 1, 1) + dt.timedelta(milliseconds=ms)
    ),
    "timeuuid": _whole(0, 2**33).map(lambda at: timeuuid(at, node=at % 251, clock_seq=at % 0x3FFF)),
    "tinyint": _whole(-128, 127),
    "uuid": st.uuids(),
    "varint": _whole(-(2**200), 2**200),
}  # fmt: skip


def parts_of(type: str) -> tuple[str, list[str]]:
    """A type's name, and the types between its < and >."""
    name, _, rest = type.partition("<")
    found, depth, start = [], 0, 0
    for at, character in enumerate(rest):
        depth += {"<": 1, ">": -1}.get(character, 0)
        if depth < 0 or (character == "," and depth == 0):
            found.append(rest[start:at].strip())
            start = at + 1
    return name, found


def values(type: str) -> st.SearchStrategy[Any]:
    """Values of a type, as the driver takes them."""
    if type in SCALARS:
        return SCALARS[type]
    name, parts = parts_of(type)
    if name == "frozen":
        return values(parts[0])
    if name == "place":
        fields = (SCALARS["text"], SCALARS["int"], values("set<text>"))
        return st.tuples(*(st.none() | field for field in fields))
    if name == "tuple":
        return st.tuples(*(st.none() | values(part) for part in parts))
    if name == "vector":
        return st.lists(values(parts[0]), min_size=int(parts[1]), max_size=int(parts[1]))
    if name == "map":
        pairs = st.tuples(values(parts[0]), values(parts[1]))
        return st.lists(pairs, max_size=3, unique_by=lambda pair: repr(pair[0])).map(OrderedMap)
    if name == "set":
        return st.lists(values(parts[0]), max_size=3, unique_by=repr).map(tuple)
    return st.lists(values(parts[0]), max_size=3).map(tuple)


def plain(value: Any) -> Any:
    """A value to compare by: maps and sets without an order, and NaN like itself."""
    if isinstance(value, OrderedMap | OrderedMapSerializedKey):
        return sorted([(plain(key), plain(each)) for key, each in value._items], key=repr)
    if isinstance(value, SortedSet):
        return sorted([plain(each) for each in value], key=repr)
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    return repr(value)


def read_back(type: Any, value: Any, version: int, *, cells: bool) -> Any:
    """What the driver makes of its own bytes; what has ``cells`` and none of them is null."""
    found = plain(type.from_binary(type.to_binary(value, version), version))
    if cells and (found == [] or (isinstance(found, list) and {*map(str, found)} == {"None"})):
        return "None"
    return found


@pytest.fixture(scope="module", params=[4, 5])
def session(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Session]:
    version = request.param
    if JUDGE is not None:
        host, port = judge()
        with session_in("cdoors_typed", port, host, protocol_version=version) as found:
            yield found
        return
    path = tmp_path_factory.mktemp("typed") / "store.db"
    with (
        empty_store(str(path)) as url,
        fivefold.serving(url, only=["cassandra"], durability="off") as server,
        session_in("typed", server.ports["cassandra"], protocol_version=version) as found,
    ):
        yield found


@pytest.fixture(scope="module")
def tables(session: Session) -> Session:
    session.execute("CREATE TYPE place (street text, number int, tags frozen<set<text>>)")
    columns = ", ".join(f"c{at} {type}" for at, type in enumerate([*SCALARS, *NESTED]))
    session.execute(f"CREATE TABLE t (p uuid PRIMARY KEY, {columns})")
    return session


@pytest.mark.parametrize(("at", "type"), [*enumerate([*SCALARS, *NESTED])])
def test_round_trip(tables: Session, at: int, type: str) -> None:
    version = tables.cluster.protocol_version
    insert = tables.prepare(f"INSERT INTO t (p, c{at}) VALUES (?, ?)")
    select = tables.prepare(f"SELECT c{at} FROM t WHERE p = ?")
    known = insert.column_metadata[1].type
    cells = not type.startswith(("frozen", "tuple", "vector")) and type not in SCALARS

    @settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(values(type), min_size=6, max_size=12))
    def check(given_values: list[Any]) -> None:
        rows = [(uuid.uuid4(), value) for value in given_values]
        execute_concurrent_with_args(tables, insert, rows)
        keys = [row[:1] for row in rows]
        for (_, value), found in zip(
            rows, execute_concurrent_with_args(tables, select, keys), strict=True
        ):
            came = plain(found.result_or_exc.one()[0])
            assert came == read_back(known, value, version, cells=cells), value

    check()


@pytest.mark.parametrize(
    "type", ["int", "text", "decimal", "timestamp", "inet", "list<int>", "place"]
)
def test_nulls(tables: Session, type: str) -> None:
    at = [*SCALARS, *NESTED].index(type)
    key = uuid.uuid4()
    insert = tables.prepare(f"INSERT INTO t (p, c{at}) VALUES (?, ?)")
    tables.execute(insert, (key, None))
    assert tables.execute(f"SELECT c{at} FROM t WHERE p = {key}").one() == (None,)


@pytest.mark.parametrize(
    ("type", "data"),
    [("int", b"abc"), ("bigint", b"abc"), ("boolean", b"ab"), ("uuid", b"abc"), ("inet", b"abc"),
     ("date", b"abc"), ("timestamp", b"a"), ("double", b"ab"), ("text", b"\xff\xfe"),
     ("ascii", b"\xff"), ("list<int>", b"\0\0"), ("duration", b""),
     ("list<int>", b"\0\0\0\1\0\0\0\4a"), ("timeuuid", bytes(16)), ("tinyint", b"")],
)  # fmt: skip
def test_bytes_that_are_no_value(tables: Session, type: str, data: bytes) -> None:
    """The client is told so, and goes on; Cassandra takes some that it cannot read."""
    at = [*SCALARS, *NESTED].index(type)
    insert = tables.prepare(f"INSERT INTO t (p, c{at}) VALUES (?, ?)")
    bound = insert.bind((uuid.uuid4(), None))
    bound.values[1] = data
    with pytest.raises(InvalidRequest):
        tables.execute(bound)
    assert tables.execute("SELECT p FROM t LIMIT 1") is not None


def test_minus_zero(tables: Session) -> None:
    at = [*SCALARS].index("double")
    key = uuid.uuid4()
    tables.execute(tables.prepare(f"INSERT INTO t (p, c{at}) VALUES (?, ?)"), (key, -0.0))
    (found,) = tables.execute(f"SELECT c{at} FROM t WHERE p = {key}").one()
    assert repr(found) == ("-0.0" if OVER_POSTGRES or JUDGE else "0.0")


def test_the_character_zero(tables: Session) -> None:
    at = [*SCALARS].index("text")
    key = uuid.uuid4()
    insert = tables.prepare(f"INSERT INTO t (p, c{at}) VALUES (?, ?)")
    if OVER_POSTGRES and not JUDGE:
        with pytest.raises(InvalidRequest, match="NUL"):
            tables.execute(insert, (key, "a\0b"))
        return
    tables.execute(insert, (key, "a\0b"))
    assert tables.execute(f"SELECT c{at} FROM t WHERE p = {key}").one() == ("a\0b",)
