"""PackStream, held against what the driver for Python packs and unpacks."""

from __future__ import annotations

import datetime
import math
from contextlib import suppress
from typing import Any

import neo4j.graph
import neo4j.spatial
import neo4j.time
import pytest
import pytz  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st

from fivefold.errors import FivefoldError, Internal, Limit, ProtocolFault, Unsupported
from fivefold.values.graph.entities import Node, Path, Relationship
from fivefold.values.graph.temporal.durations import Duration
from fivefold.values.graph.temporal.instants import Date, DateTime, LocalDateTime, LocalTime, Time
from fivefold.wire import limits
from fivefold.wire.neo4j.decode import Decoder
from fivefold.wire.neo4j.encode import Encoder
from fivefold.wire.neo4j.structures import LEGACY, UTC_4, VERSION_5, Dialect
from tests.wire.neo4j.drivers import answers, pack, unpack

DIALECTS = {"4": LEGACY, "4 utc": UTC_4, "5": VERSION_5}


def decode(data: bytes, dialect: Dialect = VERSION_5) -> Any:
    return Decoder(dialect.hydrate).value(data)


INTEGERS = [
    *(0, 1, 127, 128, 255, 256, 32767, 32768, 2**31 - 1, 2**31, 2**63 - 1),
    *(-1, -16, -17, -128, -129, -32768, -32769, -(2**31), -(2**31) - 1, -(2**63)),
]
SIZES = [0, 1, 15, 16, 255, 256, 65535, 65536]

PLAIN: list[Any] = [
    *(None, True, False, 0.0, -0.0, 1.5, math.inf, -math.inf, 1e-320),
    *INTEGERS,
    *("a" * size for size in SIZES),
    *("ä" * size for size in (7, 8, 127, 128)),
    *(bytes(size) for size in SIZES),
    *([1] * size for size in SIZES),
    *({f"k{number}": number for number in range(size)} for size in SIZES),
    ["a", ["b", {"c": [None, {"d": 1.5}]}]],
    "\U0001f642\0",
]


@pytest.mark.parametrize("value", PLAIN, ids=lambda value: repr(value)[:20])
def test_plain_values_are_packed_as_the_driver_packs(value: Any) -> None:
    packed = pack(value)
    assert Encoder(VERSION_5).value(value) == packed
    back = decode(packed)
    assert back == value
    assert type(back) is type(value)


def test_not_a_number() -> None:
    assert math.isnan(decode(Encoder(VERSION_5).value(math.nan)))
    assert math.isnan(unpack(Encoder(VERSION_5).value(math.nan)))


def test_half_a_pair_of_surrogates() -> None:
    assert unpack(Encoder(VERSION_5).value("a\ud800b")) == "a?b"


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(max_size=40)
    | st.binary(max_size=40),
    lambda inner: (
        st.lists(inner, max_size=20) | st.dictionaries(st.text(max_size=9), inner, max_size=20)
    ),
    max_leaves=30,
)


@given(VALUES)
@settings(max_examples=300)
def test_any_value_there_and_back(value: Any) -> None:
    packed = Encoder(VERSION_5).value(value)
    assert packed == pack(value)
    assert decode(packed) == value


@given(st.binary(max_size=60))
@settings(max_examples=500)
def test_no_bytes_break_the_decoder(data: bytes) -> None:
    with suppress(FivefoldError):
        decode(data)


@given(VALUES, st.data())
@settings(max_examples=200)
def test_what_ends_early_is_refused(value: Any, data: st.DataObject) -> None:
    packed = pack(value)
    cut = data.draw(st.integers(0, len(packed) - 1))
    with pytest.raises(ProtocolFault):
        decode(packed[:cut])


REFUSED = {
    "an unknown marker": b"\xc4",
    "another": b"\xdf",
    "a string that is no UTF-8": b"\x81\xff",
    "a key that is no string": b"\xa1\x01\x01",
    "a key twice": b"\xa2\x81a\x01\x81a\x02",
    "bytes behind the value": b"\x01\x02",
    "nothing": b"",
    "a list that cannot be so long": b"\xd6\xff\xff\xff\xff\x01",
    "a map that cannot be so large": b"\xda\xff\xff\xff\xff\x81a\x01",
    "a string that cannot be so long": b"\xd2\xff\xff\xff\xffa",
    "an unknown structure": b"\xb1\x01\x01",
    "a date without days": b"\xb0D",
    "a date of a string": b"\xb1D\x81a",
    "a time with too many fields": b"\xb3T\x01\x01\x01",
    "a moment with its zone as a list": b"\xb3I\x01\x01\x90",
    "a moment of floats": b"\xb3I\xc1\0\0\0\0\0\0\0\0\x01\x01",
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_packstream(data: bytes) -> None:
    with pytest.raises(ProtocolFault):
        decode(data)


def test_how_deep_values_may_be() -> None:
    deepest = limits.NEO4J_DEPTH_MAX
    assert decode(b"\x91" * deepest + b"\x01")
    for nested in (b"\x91", b"\xa1\x81a", b"\xb1D"):
        with pytest.raises(ProtocolFault, match="deeper"):
            decode(nested * (deepest + 1) + b"\x01")


def test_deep_results_are_refused_and_not_a_crash() -> None:
    value: list[Any] = []
    for _ in range(10_000):
        value = [value]
    with pytest.raises(Limit):
        Encoder(VERSION_5).records([[value]])


def test_what_no_query_returns() -> None:
    with pytest.raises(Internal):
        Encoder(VERSION_5).value({1, 2})
    with pytest.raises(Internal):
        Encoder(VERSION_5).records([[2**63]])


# Temporal values

NANOS = 1_000_000_000

TEMPORAL: list[tuple[Any, Any]] = [
    (neo4j.time.Date(1970, 1, 1), Date(0)),
    (neo4j.time.Date(1, 1, 1), Date.of(1, 1, 1)),
    (neo4j.time.Date(9999, 12, 31), Date.of(9999, 12, 31)),
    (neo4j.time.Time(12, 34, 56, 789_000_001), LocalTime((45296) * NANOS + 789_000_001)),
    (
        neo4j.time.Time(12, 34, 56, 7, tzinfo=pytz.FixedOffset(90)),
        Time(45296 * NANOS + 7, 5400),
    ),
    (neo4j.time.DateTime(1970, 1, 2, 0, 0, 1, 5), LocalDateTime(86401 * NANOS + 5)),
    (neo4j.time.DateTime(1969, 12, 31, 23, 59, 59, 5), LocalDateTime(-NANOS + 5)),
    (
        neo4j.time.DateTime(1970, 1, 1, 2, 15, 0, 42, tzinfo=pytz.FixedOffset(60)),
        DateTime(4500 * NANOS + 42, 3600),
    ),
    (
        pytz.timezone("Europe/Paris").localize(neo4j.time.DateTime(1970, 1, 1, 2, 15, 0, 42)),
        DateTime(4500 * NANOS + 42, 3600, "Europe/Paris"),
    ),
    (neo4j.time.Duration(1, 2, 3, 4, 5, 6, 7, nanoseconds=8), Duration(14, 25, 18367, 8)),
    (neo4j.time.Duration(months=-1, seconds=-1, nanoseconds=-5), Duration(-1, 0, -1, -5)),
]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(("theirs", "ours"), TEMPORAL, ids=lambda each: repr(each)[:40])
def test_temporal_values(theirs: Any, ours: Any, dialect: str) -> None:
    assert decode(pack(theirs, dialect), DIALECTS[dialect]) == ours
    said = Encoder(DIALECTS[dialect]).value(ours)
    assert decode(said, DIALECTS[dialect]) == ours
    back = unpack(said, dialect)
    assert back == theirs
    if isinstance(theirs, neo4j.time.DateTime) and theirs.tzinfo is not None:
        assert back.utcoffset() == theirs.utcoffset()


BERLIN = pytz.timezone("Europe/Berlin")

PYTHONS: list[tuple[Any, Any]] = [
    (datetime.date(2024, 2, 29), Date.of(2024, 2, 29)),
    (datetime.time(1, 2, 3, 4), LocalTime(3723 * NANOS + 4000)),
    (datetime.timedelta(3, 4, 5), Duration(0, 3, 4, 5000)),
    # Not by zoneinfo: its C code takes the driver's DateTime for a datetime, and reads amiss.
    (
        BERLIN.localize(datetime.datetime(2024, 10, 27, 2, 30), is_dst=False),
        DateTime(1_729_992_600 * NANOS, 3600, "Europe/Berlin"),
    ),
    (
        BERLIN.localize(datetime.datetime(2024, 10, 27, 2, 30), is_dst=True),
        DateTime(1_729_989_000 * NANOS, 7200, "Europe/Berlin"),
    ),
    (datetime.datetime(2024, 7, 1, tzinfo=datetime.UTC), DateTime(1_719_792_000 * NANOS, 0)),
]


@pytest.mark.parametrize(("theirs", "ours"), PYTHONS, ids=lambda each: repr(each)[:40])
def test_pythons_own_temporal_values(theirs: Any, ours: Any) -> None:
    assert decode(pack(theirs)) == ours


def test_years_that_python_does_not_know() -> None:
    for year in (-999_999_999, 999_999_999):
        date = Date.of(year, 6, 7)
        assert decode(Encoder(VERSION_5).value(date)) == date


def test_offsets_of_seconds() -> None:
    for value in (Time(0, -3601), DateTime(NANOS, 53)):
        for dialect in DIALECTS.values():
            assert decode(Encoder(dialect).value(value), dialect) == value


@pytest.mark.parametrize(
    "value",
    [b"\xb3i\x01\x01\x87No/Such", b"\xb1t\xcb" + b"\x7f" + b"\xff" * 7, b"\xb2T\x01\xca\0\xff\0\0"],
    ids=["an unknown zone", "a time of many hours", "an offset of days"],
)
def test_temporal_values_that_there_are_not(value: bytes) -> None:
    with pytest.raises(FivefoldError) as caught:
        decode(value)
    assert not isinstance(caught.value, ProtocolFault)


# What a parameter cannot be

NODE = Node(7, ["B", "A"], {"name": "Ann", "since": Date(3)})
OTHER = Node(8)
KNOWS = Relationship(5, "KNOWS", 7, 8, {"w": 1.5})


@pytest.mark.parametrize("value", [NODE, KNOWS, Path([NODE])], ids=["node", "edge", "path"])
def test_entities_are_no_parameters(value: Any) -> None:
    with pytest.raises(FivefoldError, match="cannot be a parameter") as caught:
        decode(Encoder(VERSION_5).value(value))
    assert caught.value.facts["detail"] == "InvalidArgumentType"


@pytest.mark.parametrize(
    "point", [neo4j.spatial.CartesianPoint((1, 2)), neo4j.spatial.WGS84Point((1, 2, 3))], ids=repr
)
def test_points_are_refused(point: Any) -> None:
    with pytest.raises(Unsupported, match="no points"):
        decode(pack({"deep": [point]}))


# Entities


@pytest.mark.parametrize("dialect", DIALECTS)
def test_nodes_and_relationships(dialect: str) -> None:
    encoder = Encoder(DIALECTS[dialect])
    encoder.graph = "abc"
    node = unpack(encoder.value(NODE), dialect)
    assert isinstance(node, neo4j.graph.Node)
    assert node.labels == {"A", "B"}
    assert dict(node) == {"name": "Ann", "since": neo4j.time.Date(1970, 1, 4)}
    edge = unpack(encoder.value(KNOWS), dialect)
    assert edge.type == "KNOWS"
    assert dict(edge) == {"w": 1.5}
    ids = [each.element_id for each in (node, edge, edge.start_node, edge.end_node)]
    if dialect == "5":
        assert ids == ["4:abc:7", "5:abc:5", "4:abc:7", "4:abc:8"]
    else:
        assert ids == ["7", "5", "7", "8"]


def test_labels_are_said_in_order() -> None:
    assert unpack(Encoder(VERSION_5).value(NODE), None).fields[1] == ["A", "B"]


def ids(*entities: neo4j.graph.Entity) -> list[int]:
    return [int(entity.element_id.split(":")[-1]) for entity in entities]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_paths(dialect: str) -> None:
    third = Node(9)
    back = Relationship(6, "LIKES", 9, 8)
    path = Path([NODE, OTHER, third, OTHER, NODE], [KNOWS, back, back, KNOWS])
    found = unpack(Encoder(DIALECTS[dialect]).value(path), dialect)
    assert ids(*found.nodes) == [7, 8, 9, 8, 7]
    assert ids(*found.relationships) == [5, 6, 6, 5]
    assert ids(*(edge.start_node for edge in found.relationships[:2])) == [7, 9]
    assert dict(found.start_node)["name"] == "Ann"
    raw = unpack(Encoder(DIALECTS[dialect]).value(path), None)
    assert [len(part) for part in raw.fields[:2]] == [3, 2]
    assert raw.fields[2] == [1, 1, -2, 2, 2, 1, -1, 0]
    alone = unpack(Encoder(DIALECTS[dialect]).value(Path([NODE])), dialect)
    assert len(alone) == 0


def test_what_is_left_of_the_deleted() -> None:
    node = Node(7, ["A"], {"n": 1})
    edge = Relationship(5, "KNOWS", 7, 7, {"n": 1})
    node.deleted = edge.deleted = True
    assert unpack(Encoder(VERSION_5).value(node), None).fields[:3] == [7, [], {}]
    assert unpack(Encoder(VERSION_5).value(edge), None).fields[3:5] == ["KNOWS", {}]


# Answers


def test_records() -> None:
    rows: list[list[Any]] = [[1, "a"], [], [None, {"k": [1, 300, "x"]}], [list(range(40))]]
    said = Encoder(VERSION_5).records(rows)
    assert answers(said) == [(0x71, [row]) for row in rows]


def test_large_records_are_chunked() -> None:
    rows: list[list[Any]] = [["x" * size] for size in (65527, 65528, 65529, 65530, 200_000, 1)]
    assert answers(Encoder(VERSION_5).records(rows)) == [(0x71, [row]) for row in rows]


def test_summaries() -> None:
    encoder = Encoder(VERSION_5)
    metadata = {"fields": ["a"], "t_first": 3}
    assert answers(encoder.success(metadata)) == [(0x70, [metadata])]
    assert answers(encoder.failure({"code": "x"})) == [(0x7F, [{"code": "x"}])]
